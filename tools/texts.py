"""What people read, extracted from the code into catalogues: ``python tools/texts.py [--check]``.

Each room of the grader and each assignment has ``locale/<language>.po`` beside its modules: ``en.po`` for texts that
stand in Spanish in the code (students'), ``es.po`` for those that stand in English (instructors'). A part that is
filled in at run time is a named placeholder. New texts come in without a translation, those that nobody says go.
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
SPEAKING = {"Finding", "LeftOut", "Problem", "flag", "new_flag", "say", "tell", "warn"}
"""Functions whose texts are instructors', besides errors."""
ERRORS = re.compile(r"(Usage|Collect|Autograder|Data)Error|\w+Unavailable")
_ALONE = {"columna", "fila", "más", "menos"}
"""Words that fill in a template and have no other to be told by."""
_TRANSPARENT = {
    *("counted", "describe", "join", "list", "number", "percent", "plain_line", "shown", "sorted", "str", "written"),
}
_HELP = {"help", "description", "title"}
_NAMED = {
    "SUMMARY",
    "GROUPS",
    "ARGPARSE",
    "HEADS",
    "HINT",
    "UNEXPLAINED",
    "_WORDS",
    "message",
    "_FIRST",
    "_MESSAGE",
    "_CHANGED",
    "_GRADER_FLAG",
}
_STUDENTS = re.compile(
    r"[áéíóúñ¿¡«»]|\b(el|la|los|las|del|que|un|una|es|se|con|por|tu|tus|para|falta|son|solo|entre|sin|de|en|tiene|da"
    r"|clase|imagen|devuelve|valores|pesos|filas|canales|fila|columna|menos|y)\b",
    re.IGNORECASE,
)
_INSTRUCTORS = re.compile(r"\b(the|of|is|are|and|to|which|expected|that|what|for|by|with|an|it|in)\b")
_SENTENCE = re.compile(r"[^<>$\\=%]*\b[a-z]{2,} [^<>$\\=%]*\b[a-z]{2,}\b[^<>$\\=%]*")
_ENGLISH = re.compile(
    r"^(?!import )(.*\b(the|of|is|are|and|to|that|an?|it|its|not|no|only|with|from|other|until|in|by|perhaps|or)\b)"
)
TALKATIVE = {
    "collect",
    *("doctor.py", "equal_models.py", "lint.py", "memorised.py", "own.py", "people.py", "prove.py", "search.py"),
}
_LIBRARY = {"__init__.py", "__main__.py", "draw_samples.py", "pickled.py"}
STUDENT_ROOMS = {"", "checking", "github", "grading", "intake", "judging", "models", "sandbox", "worker"}
"""Rooms that make students' texts, which a report holds; the empty one is the grader's own folder."""


def instructors_texts(path: Path) -> set[str]:
    """Return the English texts of a module that instructors read."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else ""
            if isinstance(node.func, ast.Attribute) and node.func.attr == "_notice":
                name = "tell"
            if name == "counted":
                one, *many = [text.value for text in node.args[1:] if isinstance(text, ast.Constant)]
                found |= {f"1 {one}", f"{{count}} {many[0] if many else one + 's'}"}
            elif name in SPEAKING or ERRORS.fullmatch(name) or _notes(node, path):
                found |= {text for argument in node.args for text in _texts(argument, single=name == "say")}
            for keyword in node.keywords if path.parent.name == "commands" or path.name == "cli.py" else ():
                if keyword.arg in _HELP:
                    found |= set(_texts(keyword.value, single=True))
        elif isinstance(node, ast.Yield) and path.parent.name == "history" and node.value is not None:
            found |= set(_texts(node.value, single=True))
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = {target.id for target in targets if isinstance(target, ast.Name)}
            if names & _NAMED and isinstance(node.value, ast.Dict):
                parts = node.value.keys if "GROUPS" in names else node.value.values
                found |= {text for part in parts if part is not None for text in _texts(part, single=True)}
            elif names & _NAMED and isinstance(node.value, ast.Tuple):
                found |= {text for part in node.value.elts for text in _texts(part, single=True)}
            elif names & _NAMED and node.value is not None:
                found |= set(_texts(node.value, single=True))
    if path.parent.name in TALKATIVE or path.name in TALKATIVE:
        # Parts of what they say are put together far from where it is said.
        found |= {text for text in _sentences(path) if _SENTENCE.fullmatch(text) and _ENGLISH.search(text)}
    return {text for text in found if re.search("[a-zA-Z]{2}", _own(text)) and not _is_spanish(text)}


def _notes(node: ast.Call, path: Path) -> bool:
    """Tell whether a call adds to the notes of what was collected."""
    adds = isinstance(node.func, ast.Attribute) and node.func.attr in ("append", "insert")
    return adds and path.parent.name == "collect"


def students_texts(path: Path, *, checks: bool = False) -> set[str]:
    """Return the Spanish texts of a module: titles of checks, and whatever has more than one word."""
    return {text for text in _sentences(path, titles=checks) if _is_spanish(_own(text))}


def _sentences(path: Path, *, titles: bool = False) -> set[str]:
    """Return whatever in a module has more than one word and is no docstring; and the titles of checks."""
    found: set[str] = set()

    def walk(node: ast.AST) -> None:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_") and titles:
            found.add(" ".join((ast.get_docstring(node) or "").split()))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            return
        texts = list(_texts(node)) if isinstance(node, (ast.Constant, ast.JoinedStr, ast.BinOp)) else []
        found.update(texts)
        if not texts or not isinstance(node, ast.BinOp):
            for child in ast.iter_child_nodes(node):
                if not isinstance(node, ast.JoinedStr):
                    walk(child)
        for part in ast.walk(node) if texts else ():
            if isinstance(part, ast.FormattedValue):
                walk(part.value)

    walk(ast.parse(path.read_text(encoding="utf-8")))
    return found - {""}


def _is_spanish(text: str) -> bool:
    return bool(_STUDENTS.search(text)) and not _INSTRUCTORS.search(text)


def _own(text: str) -> str:
    return re.sub(r"\{\w+\}", "", text)


def _texts(node: ast.AST, *, single: bool = False) -> Iterator[str]:
    """Yield the texts that an expression may be, as templates."""
    if isinstance(node, ast.IfExp):
        yield from (*_texts(node.body, single=single), *_texts(node.orelse, single=single))
        return
    names: dict[str, int] = {}
    template = _template(node, lambda name: _numbered(name, names))
    if template is None or not (single or " " in template.strip() or template in _ALONE):
        return
    text = re.sub(r"\{(\w+)[^}]*\}", r"{\1}", template.replace("{}", "{value}")).strip()
    if text:
        yield text
    for part in ast.walk(node):
        if isinstance(part, ast.FormattedValue):
            for inner in ast.walk(part.value):
                if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
                    yield from _texts(inner)


def _template(node: ast.AST, name_of: Callable[[str], str]) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        parts = [
            part.value if isinstance(part, ast.Constant) else f"{{{name_of(_name(part.value))}}}"  # type: ignore[attr-defined]
            for part in node.values
        ]
        return "".join(map(str, parts))
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _template(node.left, name_of), _template(node.right, name_of)
        if left is None and right is None:
            return None
        left = f"{{{name_of(_name(node.left))}}}" if left is None else left
        return left + (f"{{{name_of(_name(node.right))}}}" if right is None else right)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
        return _template(node.func.value, name_of)
    return None


def _name(node: ast.AST) -> str:
    """Return a name for what an expression fills in."""
    if isinstance(node, ast.Name):
        return node.id.strip("_").lower() or "part"
    if isinstance(node, ast.Attribute):
        return node.attr.strip("_").lower()
    if isinstance(node, ast.Call):
        called = _name(node.func)
        if called in _TRANSPARENT:
            return _name(node.args[0]) if node.args else called
        return "count" if called == "len" else called
    if isinstance(node, (ast.Subscript, ast.Starred, ast.FormattedValue)):
        return _name(node.value)
    if isinstance(node, (ast.BinOp, ast.BoolOp)):
        return _name(node.left if isinstance(node, ast.BinOp) else node.values[0])
    if isinstance(node, (ast.GeneratorExp, ast.ListComp)):
        return _name(node.generators[0].iter)
    return "part"


def _numbered(name: str, names: dict[str, int]) -> str:
    names[name] = names.get(name, 0) + 1
    return name if names[name] == 1 else f"{name}_{names[name]}"


def marked(folder: Path) -> set[str]:
    """Return the Spanish texts that a room's modules mark by ``_``."""
    found = set()
    for path in folder.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_" and node.args:
                # A name stands for one of the constants below.
                found |= {node.args[0].value} if isinstance(node.args[0], ast.Constant) else set()
    return found


def wanted() -> dict[Path, set[str]]:
    """Return the texts that each catalogue must hold, by its file."""
    from autograder.render.flags import MEANINGS
    from autograder.render.text import NO_ASSIGNMENT, NO_GRADE, NO_NAME, NOT_HANDED_IN, STATUSES

    constants = {*STATUSES.values(), *MEANINGS.values(), NO_GRADE, NOT_HANDED_IN, NO_NAME, NO_ASSIGNMENT}
    texts: dict[Path, set[str]] = {}
    grader = ROOT / "autograder"
    for folder in [grader, *sorted(path for path in grader.iterdir() if (path / "__init__.py").is_file())]:
        room = "" if folder == grader else folder.name
        modules = sorted(folder.glob("*.py"))
        spanish = marked(folder) | (constants if room == "render" else set())
        if room in STUDENT_ROOMS:
            # Of the grader's own folder only one module speaks to students.
            speaking = [path for path in modules if room or path.name == "errors.py"]
            spanish |= {text for path in speaking for text in students_texts(path)}
        texts[folder / "locale" / "en.po"] = spanish
        texts[folder / "locale" / "es.po"] = {text for path in modules for text in instructors_texts(path)} - spanish
    for folder in sorted(path for path in (ROOT / "tests" / "checks").iterdir() if any(path.glob("test_*.py"))):
        modules = sorted(folder.glob("*.py"))
        texts[folder / "locale" / "en.po"] = {text for path in modules for text in students_texts(path, checks=True)}
    # What the grader tells of the data sets; they are a library, whose own command line speaks English.
    modules = [path for path in sorted((ROOT / "data").glob("*.py")) if path.name not in _LIBRARY]
    texts[ROOT / "data" / "locale" / "es.po"] = {
        text for path in modules for text in _sentences(path) if _ENGLISH.search(text) and _SENTENCE.fullmatch(text)
    }
    return {path: found for path, found in texts.items() if found}


def read(path: Path) -> dict[str, str]:
    """Return what a catalogue translates, texts without a translation included."""
    if not path.is_file():
        return {}
    with path.open("rb") as file:
        return {str(message.id): str(message.string) for message in read_po(file) if message.id}


def write(path: Path, texts: set[str]) -> None:
    """Write a catalogue that holds just these texts, with the translations that it had."""
    known = read(path)
    catalogue = Catalog(locale=path.stem, charset="utf-8")
    for text in sorted(texts, key=lambda text: (text.casefold(), text)):
        catalogue.add(text, known.get(text, ""))
    path.parent.mkdir(exist_ok=True)
    with path.open("wb") as file:
        head = f"Language: {path.stem}", "Content-Type: text/plain; charset=utf-8"
        lines = [f'"{line}\\n"\n' for line in head]
        file.write("".join(['msgid ""\nmsgstr ""\n', *lines, "\n"]).encode())
        write_po(file, catalogue, width=120, omit_header=True, ignore_obsolete=True)


def main() -> int:
    """Bring the catalogues up to date, or with ``--check`` only say what is wrong."""
    parser = argparse.ArgumentParser(description="Extract what people read into catalogues.")
    parser.add_argument("--check", action="store_true", help="change nothing; fail if something lacks a translation")
    check = parser.parse_args().check
    lacking = 0
    for path, texts in wanted().items():
        if not check:
            write(path, texts)
        left = sorted(text for text in texts if not read(path).get(text))
        lacking += len(left)
        for text in left:
            print(f"{path.relative_to(ROOT)}: {text}")
    return 1 if lacking else 0


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main())

"""The floor plan: a room imports only what stands below it, and nothing runs in a circle."""

from __future__ import annotations

import ast
from pathlib import Path

from autograder.course.assignments import ROOT

EVERYBODYS = {
    "autograder",
    "errors",
    "report",
    "settings",
    "exit_status",
    "quick_start",
    "worker",
    "language",
    "phrases",
    "suggest",
}
"""The words that every room speaks; of the worker only what is on the wire and what limits it (see below)."""
LOWER = {
    "data": set(),
    "worker": set(),
    "course": {"data"},
    "records": {"data"},
    "models": set(),
    "render": {"course"},
    "intake": {"course", "render"},
    "collect": {"course", "render"},
    "export": {"course", "render"},
    "checking": {"models", "course", "data"},
    "sandbox": {"records", "checking", "intake"},
    "judging": {"checking", "models", "data"},
    "similarity": {"grading", "sandbox", "judging", "intake", "course", "render", "data"},
    "audit": {"grading", "sandbox", "judging", "checking", "intake", "course", "data"},
    "proving": {"judging", "checking", "course"},
    "grading": {"records", "sandbox", "judging", "checking", "intake", "course", "data"},
    "doctor": {"sandbox", "judging", "checking", "intake", "course", "render", "data"},
    "history": {"grading", "intake", "course", "render"},
    "cluster": {"grading", "sandbox", "intake", "course", "data"},
    "feedback": {"grading", "intake", "course", "render"},
    "gradescope": {"grading", "intake", "course", "render"},
    "github": {"collect", "sandbox", "intake", "course", "render", "data"},
    "nbgrader": {"history", "feedback", "export", "grading", "checking", "intake", "course", "render"},
}
"""Which rooms each room may import."""
ABOVE_ALL = {"commands", "cli", "__main__"}
OF_THE_WORKER = {"frames", "text", "wire", "isolation", "service", "model_file"}


def imports() -> list[tuple[str, str, str]]:
    """Return ``(file, its room, imported name)`` for each import of ours in the grader and in ``data``."""
    found = []
    for path in [*sorted((ROOT / "autograder").rglob("*.py")), *sorted((ROOT / "data").rglob("*.py"))]:
        parts = path.relative_to(ROOT).with_suffix("").parts
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names = [f"{node.module}.{alias.name}" for alias in node.names]
            ours = [name for name in names if name.split(".")[0] in ("autograder", "data")]
            found += [(path.relative_to(ROOT).as_posix(), _room(".".join(parts)), name) for name in ours]
    return found


def _room(module: str) -> str:
    top, *inner = module.split(".")
    return "data" if top == "data" else inner[0] if inner and not inner[0].startswith("__v") else "autograder"


def test_a_room_imports_only_rooms_below_it() -> None:
    """Every import stands in the table; nobody imports the commands but the command line."""
    wrong = [
        f"{file} imports {module}"
        for file, room, module in imports()
        if room not in ABOVE_ALL and _room(module) not in {room, *LOWER.get(room, set()), *EVERYBODYS}
    ]
    assert wrong == []


def test_the_worker_and_the_data_import_nothing_of_the_grader() -> None:
    """One is mounted alone, the other is a library; and of the worker others take what both sides must agree on."""
    outside = [
        f"{file} imports {module}"
        for file, room, module in imports()
        if (room in ("data", "worker") and _room(module) != room)
        or (_room(module) == "worker" and room != "worker" and module.split(".")[2:3][0] not in OF_THE_WORKER)
    ]
    assert outside == []


def test_no_files_import_each_other_in_a_circle() -> None:
    """Imports inside functions count, too."""
    modules = {module: file for file in {entry[0] for entry in imports()} for module in [_module(file)]}
    graph: dict[str, set[str]] = {name: set() for name in modules}
    for file, _, module in imports():
        target = next((name for name in (module, module.rpartition(".")[0]) if name in modules), None)
        if target and target != _module(file):
            graph[_module(file)].add(target)
    left = dict(graph)
    while free := [name for name, targets in left.items() if not targets & set(left)]:
        for name in free:
            del left[name]
    assert sorted(left) == []


def _module(file: str) -> str:
    return ".".join(Path(file).with_suffix("").parts).removesuffix(".__init__")


def test_few_modules_lie_loose() -> None:
    """Whoever opens the folder sees rooms."""
    loose = [path.name for path in (ROOT / "autograder").glob("*.py")]
    assert len(loose) <= 10, sorted(loose)

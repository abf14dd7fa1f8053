"""The README and the pages in docs/ lead somewhere, and name commands that exist."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from autograder.cli import build_parser
from autograder.commands import VERBS
from autograder.course.assignments import ROOT, find_assignments

READMES = [ROOT / "README.md", ROOT / "README.es.md"]
FILES = [ROOT / name for name in ("data/README.md", "CONTRIBUTING.md", "SECURITY.md", "NOTICE.md", "CHANGELOG.md")]
DOCS = sorted((ROOT / "docs").glob("**/*.md"))
TRANSLATED = sorted((ROOT / "docs/es").glob("*.md"))
PAGES = [*READMES, *FILES, *DOCS]


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    """To files of the repository, and to headings in them."""
    for target, anchor in re.findall(r"\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]+))?\)", page.read_text("utf-8")):
        path = (page.parent / target).resolve() if target else page
        assert path.exists(), f"{page.name} leads to {target}"
        if anchor and path.suffix == ".md":
            assert anchor in anchors(path), f"{page.name} leads to {target}#{anchor}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_named_tests_exist(page: Path) -> None:
    """A claim that names the test behind it leads to one: in ``tests/``, or in ``tests/autograder/``."""
    for name in re.findall(r"((?:\w+/)*test_\w+\.py)", page.read_text(encoding="utf-8")):
        places = (ROOT / name, ROOT / "tests" / name, ROOT / "tests/autograder" / name)
        example = page.name == "writing-checks.md"
        assert example or any(place.is_file() for place in places), f"{page.name} names {name}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_exist(page: Path) -> None:
    """Every ``python -m autograder VERB``."""
    verbs = re.findall(r"python -m autograder ([a-z]\w*)", page.read_text(encoding="utf-8"))
    assert set(verbs) <= set(VERBS)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_are_understood(page: Path) -> None:
    """Each line of a shell block: the grader's own by its parser, with every option, those of make by its targets."""
    blocks = re.findall(r"^ *```(?:sh|console)\n(.*?)```", page.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    targets = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for line in "".join(blocks).replace("\\\n", " ").splitlines():
        words = shlex.split(line.strip().removeprefix("$ "), comments=True)
        if words[:1] == ["make"]:
            assert {word for word in words[1:] if "=" not in word} <= targets, line
        if words[:3] == ["python", "-m", "autograder"]:
            build_parser().parse_args(words[3:])


@pytest.mark.parametrize("readme", READMES, ids=lambda page: page.name)
def test_the_readme_names_every_assignment_and_page(readme: Path) -> None:
    """What is there can be found from the first page."""
    text = readme.read_text(encoding="utf-8")
    missing = [name for name in find_assignments() if f"`{name}`" not in text]
    missing += [page.name for page in (*FILES, *DOCS) if f"]({page.relative_to(ROOT)})" not in text]
    assert missing == []


def test_both_readmes_say_the_same() -> None:
    """In two languages: the same headings, rows and items, the same links and names, the same commands and session."""
    english, spanish = (skeleton(page.read_text(encoding="utf-8")) for page in READMES)
    for part, said in english.items():
        assert spanish[part] == said, part


@pytest.mark.parametrize("page", TRANSLATED, ids=lambda page: page.name)
def test_a_page_in_spanish_says_what_the_english_one_says(page: Path) -> None:
    """The same shape, links, commands and code, so that what runs those of one runs those of the other."""
    other = ROOT / "docs" / page.name
    spanish, english = page.read_text(encoding="utf-8"), other.read_text(encoding="utf-8")
    for part in ("shape", "commands"):
        assert skeleton(spanish)[part] == skeleton(english)[part], part
    assert code(spanish) == code(english)
    assert leads(page, spanish) == leads(other, english)


def test_the_pages_that_an_instructor_works_with_are_there_in_both_languages() -> None:
    """nbgrader, collecting, exporting, writing checks, feedback."""
    wanted = {"nbgrader.md", "collect.md", "export.md", "writing-checks.md", "feedback.md"}
    assert {page.name for page in TRANSLATED} >= wanted


def code(text: str) -> list[str]:
    """Return the blocks of code of a page."""
    return re.findall(r"^```(?:python|json)\n.*?```", text, re.DOTALL | re.MULTILINE)


def leads(page: Path, text: str) -> list[str]:
    """Return where a page leads, a page in Spanish counting as the English one; anchors are in its language."""
    targets = []
    for target, _ in re.findall(r"\]\(([^)#\s]*)(#[^)\s]+)?\)", text):
        path = (page.parent / target).resolve() if target and "//" not in target else target
        targets.append(path.name if isinstance(path, Path) else path)
    return targets


def skeleton(text: str) -> dict[str, list[str]]:
    """Return what does not depend on the language: the shape of the page, where it leads, what it names and runs."""
    blocks = re.findall(r"^```(?:sh|console)\n(.*?)```", text, re.DOTALL | re.MULTILINE)
    # What a command prints is in the language of the page where no prompt stands before it.
    blocks = [block for block in blocks if not block.startswith(" ")]
    prose = re.sub(r"^```.*?```", "", text, flags=re.DOTALL | re.MULTILINE)
    return {
        "shape": re.findall(r"^(#+ |\| |- |    \w+/)", prose, re.MULTILINE),
        "links": [
            link.replace("docs/es/", "docs/").partition("#")[0]
            for link in re.findall(r"\]\(([^)]+)\)", prose)
            if not link.startswith("README")
        ],
        "names": re.findall(r"`([^`\n]+)`", prose),
        "commands": [re.sub(r" +#.*", "", block) for block in blocks],
    }

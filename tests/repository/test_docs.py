"""The README and the pages in docs/ lead somewhere, and name commands that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from autograder.commands import VERBS
from autograder.course.assignments import ROOT, find_assignments

PAGES = [ROOT / "README.md", ROOT / "data/README.md", *sorted((ROOT / "docs").glob("*.md"))]


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
def test_commands_exist(page: Path) -> None:
    """Every ``python -m autograder VERB``."""
    verbs = re.findall(r"python -m autograder ([a-z]\w*)", page.read_text(encoding="utf-8"))
    assert set(verbs) <= set(VERBS)


def test_the_readme_names_every_assignment_and_page() -> None:
    """What is there can be found from the first page."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    missing = [name for name in find_assignments() if f"`{name}`" not in text]
    missing += [page.name for page in PAGES[2:] if f"docs/{page.name}" not in text]
    assert missing == []

"""Reports as web pages: a page for the class, one for each submission, and a table of the class as CSV."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from html import escape
from pathlib import Path

from autograder.language import texts_of
from autograder.render.class_page import class_page, numbers
from autograder.render.known import NOTHING_KNOWN, Known
from autograder.render.page import document
from autograder.render.said import said_all
from autograder.render.sheet import class_sheet
from autograder.render.submission_page import submission_page
from autograder.render.text import assignment_name
from autograder.report import Report

__all__ = ["page_names", "write_html"]

_ = texts_of(__name__)

INDEX = "index.html"


def write_html(reports: Sequence[Report], folder: Path, known: Known = NOTHING_KNOWN) -> Path:
    """Write the pages of a class and return the path of its index.

    The index of one assignment is its class page; of several it leads to the class page of each. Beside each class page
    lies what it shows as CSV.

    Parameters
    ----------
    reports : sequence of Report
    folder : Path
        Made if need be. Pages of the same names are overwritten, other files stay.
    known : Known
        Names, titles and links.
    """
    folder.mkdir(parents=True, exist_ok=True)
    reports = said_all(reports)
    assignments: dict[str, list[tuple[Report, str]]] = {}
    names = page_names(reports)
    for name, report in zip(names, reports):
        assignments.setdefault(report.assignment, []).append((report, name))
    classes = _class_names(list(assignments), names)
    pages = {}
    for assignment, entries in assignments.items():
        page, sheet = classes[assignment]
        home = "" if page == INDEX else INDEX
        pages[page] = class_page(assignment, entries, known, sheet=sheet, home=home)
        pages[sheet] = class_sheet([report for report, _name in entries], known)
        for report, name in entries:
            pages[name] = submission_page(report, known, home=page)
    if INDEX not in pages:
        pages[INDEX] = _contents(assignments, {name: page for name, (page, _sheet) in classes.items()}, known)
    for name, text in pages.items():
        # A byte order mark tells a spreadsheet the encoding.
        encoding = "utf-8-sig" if name.endswith(".csv") else "utf-8"
        (folder / name).write_text(text, encoding=encoding, errors="replace", newline="\n")
    return folder / INDEX


def page_names(reports: Sequence[Report]) -> list[str]:
    """Return a file name for each report: safe on every system, whatever the submission is called, and unique."""
    taken = {INDEX}
    return [
        _free(f"{_slug(report.assignment) or 'tarea'}-{_slug(report.submission) or 'entrega'}", "html", taken)
        for report in reports
    ]


def _class_names(assignments: Sequence[str], others: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Return the names of the class page of each assignment, and of its CSV."""
    taken = {INDEX, *others}
    names = {}
    for assignment in assignments:
        slug = _slug(assignment) or "tarea"
        page = INDEX if len(assignments) == 1 else _free(slug, "html", taken)
        names[assignment] = (page, _free(slug, "csv", taken))
    return names


def _free(stem: str, kind: str, taken: set[str]) -> str:
    name, count = f"{stem}.{kind}", 2
    while name in taken:
        name, count = f"{stem}-{count}.{kind}", count + 1
    taken.add(name)
    return name


def _slug(text: str) -> str:
    """Reduce a name to lower-case letters, digits and hyphens: some file systems do not tell cases apart."""
    letters = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub("[^a-z0-9]+", "-", letters).strip("-")[:60].strip("-")


def _contents(assignments: dict[str, list[tuple[Report, str]]], classes: dict[str, str], known: Known) -> str:
    """Return the index of several assignments."""
    blocks = [f"<header><h1>{_('Resultados')}</h1></header>", "<main>"]
    for assignment, entries in assignments.items():
        reports = [report for report, _name in entries]
        name = escape(assignment_name(reports[0]))
        blocks.append(f'<h2><a href="{classes[assignment]}">{name}</a></h2>{numbers(reports, known)}')
    if not assignments:
        blocks.append(f'<p class="card">{_("No hay entregas.")}</p>')
    return document(_("Resultados"), "\n".join([*blocks, "</main>"]))

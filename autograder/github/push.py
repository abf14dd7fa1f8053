"""What a student's repository runs on every push: the public checks, told as GitHub shows things.

A template repository holds a copy of this module and of what it imports, with the notebook as it was released (see
`autograder.github.template`). It needs no token and nothing that a student must not see.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import autograder.quick_start  # noqa: F401  (before anything that imports jsonschema)
from autograder.course.assignments import Assignment, released_assignment
from autograder.course.notebooks import cell_id, grade_cells, grade_ids, is_answer, is_grade_cell, read_notebook
from autograder.errors import AutograderError, IntakeError
from autograder.exit_status import DONE, FOUND, NO_GRADE
from autograder.github.actions import annotate, say, set_output, write_summary
from autograder.github.cell_lines import source_lines
from autograder.github.classroom import encode_result, notices, to_result
from autograder.github.datasets import fetch_datasets
from autograder.github.public import check_publicly
from autograder.github.summary import to_summary
from autograder.intake.notebook import read_submission
from autograder.intake.own import MISSING, own_notebook
from autograder.intake.submissions import Submission
from autograder.language import Language, language_called, speaking, texts_of
from autograder.render.said import said
from autograder.render.text import MARKS, score
from autograder.report import Report
from autograder.settings import Settings

_ = texts_of(__name__)

__all__ = ["LANGUAGE", "RELEASED", "check", "find_notebook", "language_of", "main"]

RELEASED = "released"
"""The folder beside the program that holds the notebook as students got it."""
LANGUAGE = "language"
"""The file beside the program that says in which language it speaks; without it the course's."""
MAX_ANNOTATIONS = 10
"""GitHub shows no more errors of one step."""

_NOT_YOUR_FAULT = "No se pudo comprobar tu entrega por una falla del corrector; no es culpa tuya."


def main(program: Path, arguments: Sequence[str] | None = None) -> int:
    """Check the notebook of this repository and tell what came out.

    Parameters
    ----------
    program : path
        The folder of the program, with the released notebook in `RELEASED`.
    arguments : sequence of str, optional
        Of the command line.

    Returns
    -------
    int
        0: every check passed; 1: something is to be done; 3: the checks could not be run, which is nobody's grade.
    """
    with speaking(language_of(program)):
        return _main(program, arguments)


def language_of(program: Path) -> Language:
    """Return the language in which a program was written to speak."""
    file = program / LANGUAGE
    return language_called(file.read_text(encoding="utf-8").strip() if file.is_file() else "")


def _main(program: Path, arguments: Sequence[str] | None) -> int:
    parser = argparse.ArgumentParser(
        prog="python .github/grader", description=_("Ejecuta las comprobaciones públicas.")
    )
    parser.add_argument(
        "--sandbox", choices=("bwrap", "none"), default="bwrap", help=_("none: sin aislar, para tu propio código")
    )
    options = parser.parse_args(arguments)
    submission, assignment = find_notebook(program)
    try:
        report = check(submission, assignment, Settings(sandbox=options.sandbox))
    except AutograderError as error:
        say(str(error))
        _tell(_ungraded(submission, assignment, "grader", _NOT_YOUR_FAULT), submission, assignment)
        return NO_GRADE
    return _tell(report, submission, assignment)


def find_notebook(program: Path) -> tuple[Submission, Assignment]:
    """Return the notebook of the repository in which this runs, and the assignment that the program is for."""
    folder = _repository()
    assignment = released_assignment(next((program / RELEASED).glob("*.ipynb")))
    name = os.environ.get("GITHUB_REPOSITORY", "").rpartition("/")[2] or folder.resolve().name
    own = own_notebook(folder, assignment.name, keys=lambda: grade_ids(assignment.released))
    # A student may have moved everything into a folder.
    place = own.notebook.parent if own.notebook is not None else folder
    return Submission(name, own.notebook, place, assignment.name, own.reason), assignment


def _repository() -> Path:
    return Path(os.environ.get("GITHUB_WORKSPACE") or Path.cwd())


def check(submission: Submission, assignment: Assignment, settings: Settings) -> Report:
    """Run the public checks, data sets fetched before; a notebook that cannot be read gets a report without a grade.

    Raises
    ------
    AutograderError
        The machine's fault, not the student's.
    """
    try:
        if submission.notebook is None:
            raise IntakeError("missing", submission.reason or MISSING)
        data = fetch_datasets(assignment.datasets)
        return check_publicly(submission, assignment, settings, data)
    except IntakeError as error:
        return _ungraded(submission, assignment, error.kind, str(error))


def _tell(report: Report, submission: Submission, assignment: Assignment) -> int:
    """Print the report, annotate the notebook, write the job's summary and the step's output."""
    report = said(report)
    file = submission.notebook.relative_to(_repository()).as_posix() if submission.notebook is not None else ""
    lines, cells = _lines(submission, assignment)
    for check in report.checks:
        say(f"{MARKS[check.status]} {score(check.score, check.max_score):>9}  {check.grade_id}  ({check.title})")
        if check.message:
            say(f"             {check.message}")
    # What is wrong in one place is told in one annotation.
    errors: dict[tuple[int, str], list[str]] = {}
    for flag in report.flags:
        errors.setdefault((cells.get(flag.get("cell"), 1), _("Tu cuaderno")), []).append(str(flag["message"]))
    for check in report.checks:
        if check.status != "passed":
            place = lines.get(check.grade_id, 1), check.title
            errors.setdefault(place, []).append(f"{check.grade_id}: {check.message}")
    for (line, title), messages in list(errors.items())[:MAX_ANNOTATIONS]:
        annotate("error", "\n".join(messages), title=title, file=file, line=line if file else 0)
    for title, text in notices(report):
        annotate("notice", text, title=title)
    write_summary(to_summary(report))
    set_output("result", encode_result(to_result(report, lines, file)))
    return DONE if report.graded and not errors else FOUND


def _lines(submission: Submission, assignment: Assignment) -> tuple[dict[str, int], dict[Any, int]]:
    """Return the line to look at for each grade cell, and that of each cell by its place in the notebook.

    What is to be mended when a grade cell fails is the solution cell before it.
    """
    if submission.notebook is None:
        return {}, {}
    try:
        cells, _ = read_submission(submission.notebook)
    except IntakeError:
        return {}, {}
    found = dict(enumerate(source_lines(submission.notebook.read_text(encoding="utf-8", errors="replace"))))
    by_key: dict[str, int] = {}
    for cell in cells:
        by_key.setdefault(cell.key, found.get(cell.index, 1))
    lines, solution = {}, ""
    for cell in read_notebook(assignment.released).cells:
        if is_answer(cell):
            solution = cell_id(cell)
        elif is_grade_cell(cell):
            lines[cell_id(cell)] = by_key.get(solution, by_key.get(cell_id(cell), 1))
    return lines, found


def _ungraded(submission: Submission, assignment: Assignment, kind: str, message: str) -> Report:
    maximum = sum(grade_cells(read_notebook(assignment.released)).values())
    return Report(assignment.name, submission.name, None, maximum, flags=[{"kind": kind, "message": message}])

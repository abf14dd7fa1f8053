"""Tells nbgrader which notebook of a student's it grades, by the rule that holds everywhere (`own_notebook`).

nbgrader knows a notebook by its name alone: it passes over ``02_convolucion (1).ipynb``, and who has none
with that name gets zeros where there was a grade. Here every folder of the assignment gets its turn, and what lies
elsewhere is named.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator, Sequence
from glob import escape, glob
from pathlib import Path
from typing import Any

from autograder.course.assignments import find_assignments
from autograder.course.notebooks import grade_ids
from autograder.errors import AutograderError, UsageError
from autograder.intake.files import MAX_BYTES, MAX_FILES
from autograder.intake.opening import is_link
from autograder.intake.own import Own, own_notebook
from autograder.intake.submissions import look_for_submissions

__all__ = ["NoGrade", "give_a_turn", "linked_folder", "notebook_of", "own", "require_notebook", "take_all"]


class NoGrade(AutograderError):
    """A submission that got no grade: nbgrader goes on with the next one, and an earlier grade stays."""


def notebook_of(folder: Path) -> Path:
    """Return the notebook as nbgrader calls it: with the assignment's name."""
    return folder / f"{folder.name}.ipynb"


def linked_folder(folder: Path) -> Path | None:
    """Return which of the folders of a submission, the student's and the assignment's, is a link."""
    return next((place for place in (folder.parent, folder) if is_link(place)), None)


def own(folder: Path) -> Own:
    """Return which notebook in ``submitted/<student>/<assignment>`` is the student's, whatever it is called."""
    assignments = find_assignments()
    known = assignments.get(folder.name)
    keys = (lambda: grade_ids(known.source)) if known is not None else None
    return own_notebook(folder, folder.name, others=assignments, keys=keys)


def require_notebook(folder: Path) -> Path:
    """Return the student's notebook in ``submitted/<student>/<assignment>``.

    Raises
    ------
    NoGrade
        There is none, or it may be a neighbour's; the message says which.
    """
    if (link := linked_folder(folder)) is not None:
        raise NoGrade(f"{link} is a link, maybe to a neighbour's work. Put the folder itself there.")
    found = own(folder)
    if found.notebook is None:
        raise NoGrade(f"{folder.parent.name} handed in no {notebook_of(folder).name}. {found.reason}")
    return found.notebook


def take_all(converter: Any) -> None:
    """Let a converter of ``nbgrader autograde`` go through every folder of its assignment, and name what it does not.

    Parameters
    ----------
    converter : nbgrader.converters.Autograde
        That has looked for notebooks and has not converted any yet.
    """
    course = converter.coursedir
    if course.notebook_id != "*":
        return
    for place in glob(converter._format_source(course.assignment_id, course.student_id)):
        folder = Path(place)
        if folder.is_dir() and folder.name in find_assignments():
            converter.assignments[place] = [str(notebook_of(folder))]
            for item in own(folder).left_out if linked_folder(folder) is None else ():
                converter.log.warning("Not taken: %s: %s.", item.path, item.reason)
    if course.student_id == "*":
        _name_what_lies_elsewhere(converter)
    give_a_turn(converter)


def give_a_turn(converter: Any) -> None:
    """Let a converter note that something was handed in, and give no zeros, where the notebook has another name."""
    init = converter.init_assignment

    def init_assignment(assignment: str, student: str) -> None:
        folder = Path(converter._format_source(assignment, student))
        with _standing_in(notebook_of(folder)), _without(_no_files(folder), converter.coursedir):
            init(assignment, student)

    converter.init_assignment = init_assignment


def has_a_turn(folder: Path) -> bool:
    """Tell whether nbgrader will ask for a notebook of this folder, whether there is one or not."""
    path = notebook_of(folder)
    return path.exists() or not os.path.lexists(path)


@contextlib.contextmanager
def _standing_in(path: Path) -> Iterator[None]:
    """Put something where nbgrader looks for a notebook: it gives zeros where nothing is."""
    if not os.path.lexists(path):
        try:
            path.symlink_to(os.curdir)
        except OSError as error:
            raise NoGrade(f"{path} is not there, and nothing can be put there ({error.strerror}).") from error
        try:
            yield
        finally:
            path.unlink()
    elif path.exists():
        yield
    else:
        raise NoGrade(f"{path} is a link that leads nowhere. Put the notebook itself there.")


@contextlib.contextmanager
def _without(names: Sequence[str], course: Any) -> Iterator[None]:
    """Keep nbgrader from copying what is called so."""
    before = course.ignore
    course.ignore = [*before, *names]
    try:
        yield
    finally:
        course.ignore = before


def _no_files(folder: Path) -> list[str]:
    """Return patterns for what nbgrader must not copy from a student's folder: it follows links, waits for pipes, and
    takes hours over many thousand files."""
    found: list[str] = []
    count = 0
    for root, _, names in os.walk(folder):
        count += len(names)
        if count > MAX_FILES:
            return ["*"]
        for name in names:
            try:
                about = Path(root, name).lstat()
            except OSError:
                continue
            if not stat.S_ISREG(about.st_mode) or about.st_size > MAX_BYTES:
                found.append(escape(name))
    return found


def _name_what_lies_elsewhere(converter: Any) -> None:
    """Log what is probably handed in and lies where nbgrader does not look."""
    course = converter.coursedir
    assignment = course.assignment_id
    submitted = Path(course.root, course.submitted_directory)
    if assignment not in find_assignments() or not submitted.is_dir():
        return
    known = {Path(folder) for folder in converter.assignments}
    inside = {folder.resolve() for folder in known}
    try:
        found = look_for_submissions([submitted], find_assignments(), assignment)
    except UsageError:
        return
    elsewhere = f"it does not lie in <student>/{assignment}/, where nbgrader looks"
    told = {item.path: item.reason for item in found.left_out}
    for item in found.submissions:
        if item.notebook is not None and not inside & {item.notebook.parent, *item.notebook.parents}:
            told[item.notebook] = elsewhere
    for path, reason in sorted(told.items()):
        if not inside & {path, *path.parents}:
            converter.log.error("Not taken: %s: %s.", path, reason)

"""Walks through the folders that an instructor points at and tells whose notebooks lie there.

The student's name comes from the tree. What lies there and is not taken is told, with the reason.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from autograder.course.assignments import Assignment
from autograder.course.notebooks import grade_ids
from autograder.errors import IntakeError
from autograder.intake.belonging import defined_assignment
from autograder.intake.found import Found, Submission
from autograder.intake.notebook import read_submission
from autograder.intake.opening import is_link
from autograder.intake.own import (
    LeftOut,
    is_junk,
    is_notebook,
    like_a_notebook,
    named_assignment,
    own_notebook,
    plain_stem,
    walk,
)

__all__ = ["Search"]


class Search:
    """The search in a course's places; ``wanted`` is the only assignment that is asked for, if there is one."""

    def __init__(self, assignments: Mapping[str, Assignment], wanted: str | None) -> None:
        self._assignments = assignments
        self._wanted = wanted
        self._by_name = {name.casefold(): name for name in assignments}

    def at(self, path: Path) -> Found:
        """Look at a place that was given."""
        if not path.is_dir():
            return _linked(path) if is_link(path) else Found([self._of_file(path, path.parent)])
        if is_link(path):
            # A disk elsewhere may be linked as a whole, a single submission may be another student's.
            target = self.at(path.resolve())
            return target if len(target.submissions) > 1 else _linked(path)
        if self._assignment_of(path) and any(named_assignment(n.stem, [path.name]) for n in _notebooks(path)):
            # One student's folder in nbgrader's layout, whatever else lies in it.
            return self._of_folder(path, path.parent.name)
        folders = _subfolders(path)
        inside = [folder for folder in folders if self._assignment_of(folder)]
        if inside and not any(_notebooks(folder) for folder in inside) and self._is_class(inside[0]):
            # <assignment>/<student>/, as some platforms have it.
            return self._by_assignment(inside)
        if inside:
            return self._of_student(path) if inside == folders else self._of_class(path)
        return self._of_class(path) if self._is_class(path) else self._of_notebooks(path)

    def student_folder(self, path: Path) -> Found:
        """Take one student's folder of an assignment, ``<student>/<assignment>/``, whatever lies in it."""
        return _linked(path) if is_link(path) else self._of_folder(path, path.parent.name)

    def _by_assignment(self, folders: Sequence[Path]) -> Found:
        found = Found()
        for folder in folders:
            name = self._assignment_of(folder)
            if self._wanted in (None, name):
                found += Search(self._assignments, name)._of_class(folder)
                found.submissions = [
                    item if item.assignment else replace(item, assignment=name) for item in found.submissions
                ]
        return found

    def _is_class(self, path: Path) -> bool:
        """Tell whether a folder's subfolders are students': then notebooks beside them are nobody's."""
        folders = _subfolders(path)
        if any(self._assignment_of(inside) for folder in folders for inside in _subfolders(folder)):
            return True
        with_notebooks = [folder for folder in folders if _notebooks(folder)]
        loose = _notebooks(path)
        named = [n for n in loose if named_assignment(n.stem, [*self._assignments, path.name])]
        return not loose or len(with_notebooks) > 1 or (len(with_notebooks) == 1 and not named)

    def _of_class(self, path: Path) -> Found:
        """Look at a folder with a folder for each student."""
        found = Found()
        for entry in _entries(path):
            if is_link(entry) and (entry.is_dir() or is_notebook(entry)):
                found += _linked(entry)
            elif _is_hidden(entry):
                found.left_out.append(LeftOut(entry, "its name begins with a dot"))
            elif entry.is_dir() and not is_junk(entry.name):
                found += self._of_folder(entry, path.name) if self._assignment_of(entry) else self._of_student(entry)
            elif is_notebook(entry):
                found.left_out.append(LeftOut(entry, "it lies beside the students' folders, so whose it is is unknown"))
            elif like_a_notebook(entry):
                found.left_out.append(LeftOut(entry, "its name does not end in .ipynb"))
        found.submissions.sort(key=lambda item: (item.assignment, item.name))
        return found

    def _of_student(self, folder: Path) -> Found:
        """Look at one student's folder: a folder for each assignment, or notebooks."""
        found = Found()
        entries = _entries(folder)
        inside = [place for place in entries if self._assignment_of(place) and place.is_dir()]
        for place in inside:
            found += self._of_folder(place, folder.name)
        found.left_out += [LeftOut(path, "its name begins with a dot") for path in entries if _is_hidden(path)]
        loose = [path for path in entries if _is_hand_in(path)]
        if loose:
            found += self._of_loose(folder, loose, [self._assignment_of(place) for place in inside])
        elif not inside:
            deep = [path for path in walk(folder) if _is_hand_in(path)]
            reason = "it lies deeper than <student>/<assignment>/, so whose it is is unknown: grade the folder above it"
            found.left_out += [LeftOut(path, reason) for path in deep]
            if not deep:
                found.left_out.append(LeftOut(folder, "there is no notebook in it"))
        return found

    def _of_loose(self, folder: Path, loose: list[Path], filed: Sequence[str]) -> Found:
        """Take the notebooks that lie in a student's folder, one for each assignment that has no folder there."""
        groups: dict[str, list[Path]] = {}
        for path in loose:
            groups.setdefault(self._answered(path, len(loose)), []).append(path)
        if self._wanted is not None:
            groups = {self._wanted: loose}
        found = Found()
        for name in sorted(groups):
            if name in filed or (name == "" and (filed or len(groups) > 1)):
                reason = "it lies beside the folders of the assignments" if filed else "it answers no assignment"
                found.left_out += [LeftOut(path, reason) for path in groups[name]]
            else:
                found += self._taken(folder, folder.name, name, groups[name])
        return found

    def _answered(self, notebook: Path, together: int) -> str:
        """Return the assignment that a notebook is called after or, among several of any name, defines."""
        named = named_assignment(notebook.stem, self._assignments)
        if named or together == 1 or self._wanted is not None:
            return named
        try:
            return defined_assignment(read_submission(notebook)[0], self._assignments)
        except IntakeError:
            return ""

    def _of_folder(self, folder: Path, student: str) -> Found:
        """Take a student's folder of one assignment."""
        assignment = self._assignment_of(folder)
        if self._wanted not in (None, assignment):
            return Found()
        return self._taken(folder, student, assignment)

    def _taken(self, folder: Path, student: str, assignment: str, among: Sequence[Path] | None = None) -> Found:
        known = self._assignments.get(assignment)
        keys = (lambda: grade_ids(known.source)) if known is not None else None
        own = own_notebook(folder, assignment, others=self._assignments, keys=keys, among=among)
        place = own.notebook.parent if own.notebook is not None else None if is_link(folder) else folder
        return Found([Submission(student, own.notebook, place, assignment, own.reason)], list(own.left_out))

    def _of_notebooks(self, path: Path) -> Found:
        """Take notebooks that lie together: a student's one, or each somebody's."""
        notebooks = _notebooks(path)
        named = [n for n in notebooks if n.stem == path.name or n.stem in self._assignments]
        others = [path for path in walk(path) if _is_hand_in(path) and path not in notebooks]
        found = Found(left_out=[LeftOut(other, "it is not beside the notebooks that were taken") for other in others])
        if len(notebooks) > 1 and len(named) == 1:
            found.left_out += [LeftOut(n, f"{named[0].name} is the notebook") for n in notebooks if n not in named]
            notebooks = named
        for notebook in notebooks:
            found += _linked(notebook) if is_link(notebook) else Found([self._of_file(notebook, path, notebooks)])
        return found

    def _of_file(self, notebook: Path, folder: Path, together: Sequence[Path] | None = None) -> Submission:
        """Take a notebook by itself; its folder is the student's if it is the only one there."""
        alone = len(together if together is not None else _notebooks(folder)) == 1
        named = named_assignment(notebook.stem, self._assignments)
        by_folder = self._assignment_of(folder)
        # A copy's name, "02_convolucion (1)", is nobody's.
        is_own_name = (
            bool(named) and (alone or notebook.stem in self._assignments) and _only_names(notebook.stem, named)
        )
        if by_folder:
            name = folder.parent.name if is_own_name or alone else notebook.stem
        else:
            name = folder.name if is_own_name else notebook.stem
        return Submission(name or notebook.stem, notebook, folder if alone else None, by_folder or named)

    def _assignment_of(self, folder: Path) -> str:
        """Return the assignment that a folder is called like, whatever the case of its letters."""
        return self._by_name.get(folder.name.casefold(), "")


def _only_names(stem: str, assignment: str) -> bool:
    return plain_stem(stem).casefold() == assignment.casefold()


def _linked(path: Path) -> Found:
    return Found(left_out=[LeftOut(path, f"it is a link to {path.resolve()}")])


def _is_hand_in(path: Path) -> bool:
    return is_notebook(path) or like_a_notebook(path)


def _is_hidden(path: Path) -> bool:
    """Tell whether a folder is hidden and holds what looks like a hand-in."""
    hidden = path.name.startswith(".") and not is_junk(path.name) and path.is_dir() and not is_link(path)
    return hidden and any(_is_hand_in(inside) for inside in walk(path))


def _entries(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


def _notebooks(folder: Path) -> list[Path]:
    return [path for path in _entries(folder) if is_notebook(path) and (not path.is_dir() or is_link(path))]


def _subfolders(folder: Path) -> list[Path]:
    """Return the folders in a folder that may be somebody's, links left out."""
    with os.scandir(folder) as entries:
        names = [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
    return [folder / name for name in sorted(names) if not name.startswith(".") and not is_junk(name)]

"""Looks before ``nbgrader generate_assignment`` deletes the released folder to make it again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nbconvert.exporters import NotebookExporter
from nbgrader.api import Gradebook
from nbgrader.converters.base import NbGraderException

from autograder.course.notebooks import read_notebook
from autograder.nbgrader.cells import refuse_other_cells
from autograder.nbgrader.database import GradebookUnavailable, require_gradebook

__all__ = ["ReleaseExporter"]


class ReleaseExporter(NotebookExporter):
    """The exporter of ``nbgrader generate_assignment``: nbgrader makes it before it touches a file.

    Raises
    ------
    NbGraderException
        nbgrader would refuse the new cells after the folder was gone, or the gradebook cannot be written.
    """

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)  # type: ignore[no-untyped-call]
        converter: Any = self.parent
        if converter is None or converter.no_database:
            return
        course = converter.coursedir
        try:
            require_gradebook(course.db_url)
        except GradebookUnavailable as error:
            converter.log.error(str(error))
            raise NbGraderException(str(error)) from error
        for folder, notebooks in converter.assignments.items():
            for path in map(Path, notebooks):
                if path.stem == Path(folder).name:
                    with Gradebook(course.db_url, course.course_id) as gradebook:
                        refused = refuse_other_cells(gradebook, path.stem, read_notebook(path))
                    if refused:
                        converter.log.error(refused)
                        raise NbGraderException(refused)

"""``nbgrader export`` with what is ungraded empty: nbgrader's own writes a 0, like a real one."""

from __future__ import annotations

from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.plugins import ExportPlugin
from traitlets import Enum

from autograder.export.formats import FORMATS, export
from autograder.export.gradebook import table_of

__all__ = ["GradeExport"]


class GradeExport(ExportPlugin):  # type: ignore[misc]
    """The plugin of ``nbgrader export``: ``c.ExportApp.plugin_class``; its options are nbgrader's."""

    form = Enum(FORMATS, "csv", help="What the file is for.").tag(config=True)

    def export(self, gradebook: Gradebook) -> None:
        """Write the grades to ``--to``, or to grades.csv."""
        table = table_of(gradebook)
        if self.assignment:
            table = table.only(map(str, self.assignment))
        if self.student:
            table = table.of(map(str, self.student))
        text, problems = export(table, self.form)
        path = Path(self.to or "grades.csv")
        path.write_text(text, encoding="utf-8", errors="replace", newline="\n")
        for problem in problems:
            self.log.warning(problem)
        self.log.info("Grades exported to %s", path)

"""What a class page shows as a table for spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from autograder.language import texts_of
from autograder.render.known import Known
from autograder.render.text import cell_points, plain_line
from autograder.report import Report

__all__ = ["class_sheet"]

_ = texts_of(__name__)


def class_sheet(reports: Sequence[Report], known: Known) -> str:
    """Return the table of a class as CSV: a row per submission, a column per grade cell.

    Numbers are written as programs read them. What a spreadsheet would take for a formula begins with an apostrophe.
    """
    grade_ids = list(dict.fromkeys(grade_id for report in reports for grade_id in report.by_grade_cell()))
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    head = [_("Entrega"), _("Nombre"), _("Sección"), _("Correo"), _("Nota"), _("De"), _("Por corregir"), _("Tarde")]
    writer.writerow(map(_harmless, [*head, _("Avisos"), *grade_ids]))
    for report in reports:
        person, cells = known.person(report), report.by_grade_cell()
        row: list[object] = [report.submission, person.name, person.section, person.email]
        row += [report.score, report.max_score, known.waiting(report)]
        row.append(known.late.get((report.assignment, report.submission), ""))
        row.append(" ".join(dict.fromkeys(str(flag.get("kind", "")) for flag in report.flags)))
        for grade_id in grade_ids:
            earned, highest = cell_points(cells.get(grade_id, []))
            row.append(round(earned, 6) if report.graded and highest > 0 else None)
        writer.writerow([_harmless(part) if isinstance(part, str) else part for part in row])
    return stream.getvalue()


def _harmless(text: str) -> str:
    line = plain_line(text) if text else ""
    return f"'{line}" if line[:1] in ("=", "+", "-", "@", "\t", "\r") else line

"""What the formgrader says of a student: names, and at the top of the notebook flags and what changed the grade."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell
from nbgrader.api import Gradebook, MissingEntry

from autograder.course.roster import Roster
from autograder.feedback.display import storable
from autograder.language import texts_of
from autograder.render.flags import meaning
from autograder.render.text import figures, plain_line

__all__ = ["FLAGS", "flags_cell", "name_students", "without_flags"]

_ = texts_of(__name__)

FLAGS = "autograder-flags"
"""The id of the cell that holds flags and history; students do not get it."""


def name_students(gradebook: Gradebook, roster: Roster, submissions: Iterable[str]) -> list[str]:
    """Write names and e-mail addresses of a roster into the gradebook; return whose changed.

    Parameters
    ----------
    gradebook : Gradebook
    roster : Roster
    submissions : iterable of str
        The students' ids in the gradebook. One that is a team's, or nobody's of the roster, stays as it is; so does a
        field that the roster leaves empty.
    """
    changed = []
    for name in submissions:
        owners = roster.owners(name)
        if len(owners) != 1:
            continue
        told = {field: getattr(owners[0], field) for field in ("first_name", "last_name", "email")}
        told = {field: value for field, value in told.items() if value}
        try:
            known = gradebook.find_student(name)
        except MissingEntry:
            continue
        if any(getattr(known, field) != value for field, value in told.items()):
            gradebook.update_or_create_student(name, **told)
            changed.append(name)
    return changed


def flags_cell(flags: Iterable[Mapping[str, Any]], changes: Sequence[tuple[str, str, str]] = ()) -> NotebookNode | None:
    """Return what the formgrader shows at the top of a submission; None if there is nothing to say.

    Parameters
    ----------
    flags : iterable of mapping
        The report's.
    changes : sequence of (when, change, why)
        Of the grade, the newest first, as `autograder.history.shown.dated` tells them; a first grade alone is none.
    """
    lines = []
    for flag in flags:
        kind, told = plain_line(flag.get("kind", ""), 40), figures(dict(flag))
        said = meaning(kind) or str(flag.get("message", ""))
        parts = [f"**{_code(kind)}**", _code(said) if not meaning(kind) else said, _code(told) if told else ""]
        lines.append(f"- {' · '.join(filter(None, parts))}")
    text = [_("**Avisos del corrector** (solo para quien corrige; la nota no cambia)"), "", *lines] if lines else []
    if len(changes) > 1:
        text += ["", _("**Historia de la nota** (solo para quien corrige)"), ""]
        text += [f"- {when} · {_code(change)} · {_code(why)}" for when, change, why in changes]
    if not text:
        return None
    cell: NotebookNode = new_markdown_cell(storable("\n".join(text).strip()), id=FLAGS)
    return cell


def without_flags(notebook: NotebookNode) -> NotebookNode:
    """Take the cell with the flags from a notebook that a student gets."""
    notebook.cells = [cell for cell in notebook.cells if cell.get("id") != FLAGS]
    return notebook


def _code(text: str) -> str:
    """Return text of whomever as code, in which Markdown reads nothing."""
    return f"`` {plain_line(text, 400).replace('`', chr(39))} ``"

"""The public checks: the asserts that students can read in their notebook, run in the sandbox, one result a grade cell.

They need nothing that a student must not see, so this is what a student's own repository can run. Their points are
feedback, never the grade: that comes from the hidden checks.
"""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from autograder.course.assignments import Assignment
from autograder.course.notebooks import cell_about, cell_id, grade_cells, read_notebook
from autograder.intake.belonging import choose_assignment
from autograder.intake.files import support_files
from autograder.intake.notebook import read_submission
from autograder.intake.restore import Step, answering, restore
from autograder.intake.submissions import Submission
from autograder.report import Check, CheckStatus, Report
from autograder.sandbox.box import Sandbox
from autograder.sandbox.client import CellRun
from autograder.sandbox.launch import pack
from autograder.sandbox.remote import RemoteStudent
from autograder.settings import Settings

__all__ = ["check_publicly", "exercise_of"]

_EXERCISE = re.compile(r"^#+\s*(Ejercicio\b.*)$", re.MULTILINE)
_POINTS = re.compile(r"\s*\([^()]*puntos?\)")
_SILENT_ASSERT = "Una comprobación de esta celda no se cumple. Ejecútala en tu cuaderno para ver cuál."
_NOT_WRITTEN = "Todavía no está escrito: sigue lanzando NotImplementedError."
_NOT_RUN = "No se ejecutó, porque el cuaderno terminó antes."


def check_publicly(
    submission: Submission, assignment: Assignment, settings: Settings, data: Path | None = None
) -> Report:
    """Run a notebook with the public asserts of its grade cells.

    Parameters
    ----------
    submission : Submission
        Whose ``notebook`` is there.
    assignment : Assignment
        Only ``released`` is read: the notebook as students get it.
    settings : Settings
    data : path, optional
        The folder that the notebook may read as ``$CNN_DATA``.

    Returns
    -------
    Report
        One check a grade cell, with its points. Cells of the student's that raise are flags of kind ``cell-error``,
        with the cell's place in the notebook as ``cell``.

    Raises
    ------
    IntakeError
        The notebook cannot be read.
    SandboxUnavailable, WorkerFault
        The machine's fault, not the student's.
    """
    started = time.perf_counter()
    if submission.notebook is None:
        raise ValueError("expected a submission with a notebook. Received: none")
    with contextlib.ExitStack() as stack:
        # It starts while the notebooks are read.
        box = stack.enter_context(Sandbox(tensorflow=assignment.needs_tensorflow, kind=settings.sandbox, data=data))
        released = read_notebook(assignment.released)
        everything, _ = read_submission(submission.notebook)
        choose_assignment(assignment.name, everything, {assignment.name: assignment})
        cells = answering(everything, released)
        files, _ = support_files(submission, assignment)
        steps = restore(cells, released, public=True)
        box.wait_until_ready()
        archive = stack.enter_context(contextlib.closing(pack(files)))
        limits = settings.limits(assignment.needs_tensorflow, assignment.memory)
        student = RemoteStudent(box.address, archive, steps, settings, limits, models=False)
        stack.callback(student.close)
        student.run()
        runs = student.runs
    points = grade_cells(released)
    checks = _checks(steps, runs, points, exercise_of(released))
    return Report(
        assignment=assignment.name,
        submission=submission.name,
        score=sum(check.score for check in checks),
        max_score=sum(points.values()),
        checks=checks,
        flags=_broken_cells(steps, runs, points),
        seconds=round(time.perf_counter() - started, 3),
    )


def exercise_of(released: Any) -> dict[str, str]:
    """Return the heading of each grade cell's exercise by its ``grade_id``: ``"Ejercicio 3: `conv2d`"``."""
    headings, last = {}, ""
    for cell in released.cells:
        if cell.cell_type == "markdown":
            for found in _EXERCISE.findall(cell.source):
                last = _POINTS.sub("", found).strip()
        elif cell_about(cell).get("grade"):
            headings[cell_id(cell)] = last or cell_id(cell)
    return headings


def _checks(
    steps: Sequence[Step], runs: Mapping[int, CellRun], points: Mapping[str, float], exercises: Mapping[str, str]
) -> list[Check]:
    ended = {step.key: runs.get(number) for number, step in enumerate(steps) if step.key in points}
    checks = []
    for grade_id, value in points.items():
        run = ended.get(grade_id)
        status: CheckStatus = "skipped" if run is None else "passed" if run.status == "ok" else "failed"
        checks.append(
            Check(
                id=f"{grade_id}::public",
                grade_id=grade_id,
                title=exercises.get(grade_id, grade_id),
                status=status,
                score=value if status == "passed" else 0.0,
                max_score=value,
                message=_explain(run),
                seconds=round(run.seconds, 3) if run is not None else 0.0,
            )
        )
    return checks


def _broken_cells(
    steps: Sequence[Step], runs: Mapping[int, CellRun], points: Mapping[str, float]
) -> list[dict[str, Any]]:
    """Return a flag for each cell that raises, grade cells aside: those have a check."""
    flags = []
    for number, step in enumerate(steps):
        run = runs.get(number)
        unwritten = run is not None and run.error_name == "NotImplementedError"
        if run is None or run.status == "ok" or step.key in points or unwritten:
            continue
        place = f" ({step.index + 1}.ª del cuaderno)" if step.index is not None else ""
        name = f" `{step.key}`" if step.key else ""
        flags.append(
            {
                "kind": "cell-error",
                "message": f"La celda{name}{place} no terminó bien. {_explain(run)}",
                "cell": step.index,
            }
        )
    return flags


def _explain(run: CellRun | None) -> str:
    """Say in Spanish how a cell ended; empty if it ended well."""
    if run is None:
        return _NOT_RUN
    if run.status == "ok":
        return ""
    if run.status == "timeout":
        return f"No terminó en {run.seconds:.0f} s. Busca un bucle que no acaba o un cálculo que se repite de más."
    if run.status == "flood":
        return "Imprimió más de lo que se guarda. Quita los `print` que sobran."
    if run.status == "died":
        return f"El proceso que ejecutaba tu cuaderno terminó de golpe: {run.error_text}"
    if run.error_name == "AssertionError":
        return run.error_text or _SILENT_ASSERT
    if run.error_name == "NotImplementedError" and not run.error_text:
        return _NOT_WRITTEN
    return (
        f"Python se detuvo con {run.error_name}: {run.error_text}"
        if run.error_text
        else f"Python se detuvo con {run.error_name}."
    )

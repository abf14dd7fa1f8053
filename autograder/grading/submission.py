"""Grades one submission: reads it, runs it in a worker, asks the checks, adds up the points."""

from __future__ import annotations

import contextlib
import functools
import importlib.metadata
import platform
import time
from collections.abc import Callable, Mapping
from typing import Any

from autograder import __version__
from autograder.checking.results import Settled
from autograder.checking.run import run_checks
from autograder.course.assignments import Assignment
from autograder.course.notebooks import grade_cells, read_notebook
from autograder.course.versions import course_notebooks
from autograder.grading.equal_models import with_seeds
from autograder.grading.outputs import Outputs, cell_outputs
from autograder.grading.points import rounded, score
from autograder.intake.files import support_files
from autograder.intake.job import Job
from autograder.intake.restore import changed_grade_cells, restore, turned_cells
from autograder.intake.submissions import Submission
from autograder.records.record import Record
from autograder.report import Check, FlagKind, Report, new_flag
from autograder.sandbox.launch import pack
from autograder.sandbox.remote import RemoteStudent
from autograder.settings import Settings

__all__ = ["grade", "refuse"]


def grade(
    job: Job,
    settings: Settings,
    address: str,
    on_progress: Callable[[str], None] | None = None,
    on_outputs: Callable[[Outputs], None] | None = None,
    record: Record | None = None,
    settled: dict[str, Settled] | None = None,
) -> Report:
    """Grade one submission.

    Parameters
    ----------
    job : Job
    settings : Settings
    address : str
        The zygote's socket.
    on_progress : callable, optional
        Called with what training cells print.
    on_outputs : callable, optional
        Called with what the student's cells showed, once they have run.
    record : Record, optional
        Keeps the questions and answers, and may answer in the worker's place.
    settled : dict of str to Settled, optional
        See `autograder.checking.run.run_checks`.

    Returns
    -------
    Report
        Without a score if the grader itself failed; then the checks concerned are ``error``.
    """
    started = time.perf_counter()
    settings = settings.for_cells_of(job.assignment.cell_seconds)
    source, released = course_notebooks(job.assignment)
    files, dropped = support_files(job.submission, job.assignment)
    steps = restore(job.cells, released)
    flags: list[dict[str, Any]] = []
    if dropped.excess:
        message = f"{dropped.excess} files beside the notebook were too many or too large."
        flags.append(new_flag("files-dropped", message))
    if dropped.links:
        message = f"{dropped.links} links beside the notebook lead elsewhere and were not followed."
        flags.append(new_flag("links-ignored", message))
    changed = changed_grade_cells(job.cells, released)
    if changed:
        message = f"The student changed these grade cells, which never run: {', '.join(changed)}."
        flags.append(new_flag("grade-cells-changed", message))
    turned = turned_cells(steps)
    if turned:
        message = (
            f"These cells were Markdown or raw text in the student's notebook, and ran as code: {', '.join(turned)}."
        )
        flags.append(new_flag("cells-turned", message))
    with contextlib.closing(pack(files)) as archive:
        limits = settings.limits(job.assignment.needs_tensorflow, job.assignment.memory)
        models = job.assignment.needs_tensorflow
        student = RemoteStudent(address, archive, steps, settings, limits, on_progress, models=models, record=record)
        try:
            student.run()
            seconds = settings.submission_seconds - (time.perf_counter() - started)
            results, found = run_checks(job.assignment, student, job.fingerprint, seconds=seconds, settled=settled)
            if settled is not None and student.timed_out:
                settled.clear()
            if on_outputs is not None:
                on_outputs(cell_outputs(steps, student.runs))
        finally:
            student.close()
    if settings.train:
        flags.append(new_flag("trained", "Training cells ran (--train); what they trained was graded."))
    if student.timed_out and not any(flag["kind"] == "timeout" for flag in found):
        flags.append(new_flag("timeout", "Some of the student's code did not finish in time."))
    broken = [result for result in results if result.status == "error"]
    if broken:
        message = f"Not the student's fault: {', '.join(result.id for result in broken)} broke. See the reason."
        flags.append(new_flag("grader-error", message[:1000], reason=broken[0].details[-4000:]))
    points = grade_cells(source)
    checks, total = score(results, points)
    return Report(
        assignment=job.assignment.name,
        submission=job.submission.name,
        score=total,
        max_score=rounded(sum(points.get(grade_id, 0) for grade_id in {one.grade_id for one in results if one.weight})),
        checks=checks,
        flags=flags + with_seeds(found, (cell.source for cell in job.cells)),
        seconds=round(time.perf_counter() - started, 3),
        versions=versions(job.assignment.needs_tensorflow),
    )


def refuse(submission: Submission, assignment: Assignment | None, kind: FlagKind, message: str) -> Report:
    """Return the report of a submission that got no grade."""
    points = grade_cells(read_notebook(assignment.source)) if assignment is not None else {}
    checks = [
        Check(f"{grade_id}::{kind}", grade_id, grade_id, "error", 0.0, value, message)
        for grade_id, value in points.items()
    ]
    return Report(
        assignment=assignment.name if assignment is not None else submission.assignment,
        submission=submission.name,
        score=None,
        max_score=rounded(sum(points.values())),
        checks=checks,
        flags=[new_flag(kind, message)],
        versions=versions(False),
    )


def versions(tensorflow: bool) -> dict[str, str]:
    """Return what grades, for the report."""
    return dict(_versions(tensorflow))


@functools.cache
def _versions(tensorflow: bool) -> Mapping[str, str]:
    found = {"autograder": __version__, "python": platform.python_version()}
    for package in ("numpy", "keras", "tensorflow") if tensorflow else ("numpy",):
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            found[package] = importlib.metadata.version(package)
    return found

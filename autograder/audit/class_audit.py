"""Audits a share of a class, after it was graded: what was audited and has not changed is not audited again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from autograder.audit.child import audit_in_child, model_files
from autograder.audit.share import chosen
from autograder.course.assignments import Assignment
from autograder.grading import kept
from autograder.grading.executor import Event, Plan
from autograder.grading.kept import Graded
from autograder.intake.submissions import Submission
from autograder.report import Report, new_flag
from autograder.settings import Settings

__all__ = ["Wanted", "audit_class", "audited", "with_file_flags"]

_FAILED = "The audit failed, which is not the student's fault. See the reason."


@dataclass(frozen=True)
class Wanted:
    """What an audit is to do.

    Parameters
    ----------
    share : float
        The part of the class, of each assignment.
    budget : float
        Seconds that the trainings of one submission may take together.
    trainings : int
        How often each notebook trains, if the time allows.
    seed : str
        Another one chooses others.
    """

    share: float
    budget: float = 1800.0
    trainings: int = 3
    seed: str = ""

    def settings(self, settings: Settings) -> Settings:
        """Return the settings under which submissions are audited."""
        changed: dict[str, Any] = {"train": True, "train_budget": self.budget, "audit": self.trainings}
        return replace(settings, render=False, records=False, replay=False, **changed)


def audited(
    reports: Sequence[Report], submissions: Sequence[Submission], assignments: Mapping[str, Assignment], wanted: Wanted
) -> list[int]:
    """Return the places of the submissions that an audit looks at: a share of those who handed in models."""
    able = {
        (report.assignment, report.submission): place
        for place, (report, submission) in enumerate(zip(reports, submissions))
        if report.graded and report.assignment in assignments
        if assignments[report.assignment].needs_tensorflow
        if model_files(submission, assignments[report.assignment])
    }
    return sorted(able[name] for name in chosen(able, wanted.share, wanted.seed))


def audit_class(
    results: Sequence[Graded],
    places: Sequence[int],
    assignments: Mapping[str, Assignment],
    settings: Settings,
    on_event: Callable[[Event], None] = lambda event: None,
    data: Path | None = None,
) -> list[Graded]:
    """Audit submissions, and return the results of the class with what was found as flags.

    Parameters
    ----------
    results : sequence of Graded
        Of the whole class.
    places : sequence of int
        Which of them, as `audited` chose.
    assignments : mapping
    settings : Settings
        As `Wanted.settings` returns them.
    on_event : callable
        Told what happens; ``index`` counts within ``places``.
    data : path, optional
        The folder that workers may read as ``$CNN_DATA``.

    Raises
    ------
    SandboxUnavailable
        This machine cannot lock student code up.
    """
    found: dict[int, list[dict[str, Any]]] = {}
    waiting: dict[int, Submission] = {}
    for number, place in enumerate(places):
        report = results[place].report
        submission = replace(results[place].submission, assignment=report.assignment)
        earlier = kept.find(submission, assignments[report.assignment], settings)
        if earlier is None:
            waiting[number] = submission
        else:
            found[number] = earlier.report.flags
            on_event(Event("finished", number, report=report, kept=True))
    if waiting:
        from autograder.grading.local import Local

        done = Local(audit_in_child).grade(Plan(waiting, assignments, settings, on_event, data))
        found |= {number: _flags(one.report) for number, one in done.items()}
    flags = {place: found[number] for number, place in enumerate(places)}
    return [_with(result, flags.get(place, ())) for place, result in enumerate(results)]


def with_file_flags(
    results: Sequence[Graded], assignments: Mapping[str, Assignment], settings: Settings
) -> list[Graded]:
    """Return the results of a class with flags about when, and by which Keras, model files were written.

    Raises
    ------
    SandboxUnavailable
        This machine cannot lock hostile files up.
    """
    from autograder.audit.files import file_flags, read_files

    able = [
        replace(result.submission, assignment=result.report.assignment, name=result.report.submission)
        for result in results
        if result.report.assignment in assignments and assignments[result.report.assignment].needs_tensorflow
    ]
    opens = {name: assignment.opens for name, assignment in assignments.items()}
    told = file_flags(read_files(able, assignments, settings), opens)
    return [_with(result, told.get((result.report.assignment, result.report.submission), ())) for result in results]


def _with(result: Graded, flags: Sequence[dict[str, Any]]) -> Graded:
    return replace(result, report=replace(result.report, flags=[*result.report.flags, *flags])) if flags else result


def _flags(report: Report) -> list[dict[str, Any]]:
    """Return what an audit tells; a fault of ours is no fault of the grading."""
    return [
        new_flag("audited", _FAILED, reason=flag.get("reason", "")) if flag["kind"] == "grader-error" else flag
        for flag in report.flags
    ]

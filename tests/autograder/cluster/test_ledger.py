"""Every submission of a run is finished once, however often it is tried."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.cluster.ledger import Ledger
from autograder.course.assignments import find_assignments
from autograder.grading.executor import Event, Plan
from autograder.intake.submissions import Submission
from autograder.settings import Settings
from tests.helpers.fake_cluster import ASSIGNMENT


@pytest.fixture
def events() -> list[Event]:
    return []


@pytest.fixture
def ledger(tmp_path: Path, events: list[Event]) -> Ledger:
    assignments = {ASSIGNMENT: find_assignments()[ASSIGNMENT]}
    waiting = {0: Submission("ana", tmp_path / "a.ipynb", None, ASSIGNMENT)}
    return Ledger(Plan(waiting, assignments, Settings(), events.append))


@pytest.mark.parametrize(("what", "tries"), [("fault", 2), ("nonsense", 3), ("death", 20)])
def test_a_submission_is_tried_again_but_not_for_ever(
    ledger: Ledger, events: list[Event], what: str, tries: int
) -> None:
    """Two faults, nonsense of three machines, twenty dead machines; then no grade, once, with the reason."""
    for _ in range(tries):
        assert list(ledger.waiting) == [0]
        ledger.waiting.popleft()
        ledger.death(0) if what == "death" else getattr(ledger, what)(0, "the reason")
    assert list(ledger.waiting) == []
    [event] = events
    assert event.report is not None
    assert event.report.score is None
    reason = "20 machines ended" if what == "death" else "the reason"
    assert reason in event.report.flags[0]["reason"]
    assert ledger.finished[0].report == event.report

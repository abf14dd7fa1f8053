"""Takes hand-ins one by one: fetches, stages and places each, and says how it ended."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from autograder.collect.git import stop_git
from autograder.collect.handin import Delivery, Handin
from autograder.collect.matching import Match
from autograder.collect.outcome import Outcome
from autograder.collect.placing import Places, arrange, digest_of, place
from autograder.collect.staging import Limits, Stage
from autograder.collect.timing import is_late
from autograder.course.roster import Roster, fold_name
from autograder.errors import CollectError

__all__ = ["Taking"]

_FETCHES = 4


class Taking:
    """The hand-ins of one run.

    Parameters
    ----------
    places : Places
    roster : Roster or None
        Whose teams share a hand-in, and who has more time.
    deadline : datetime or None
        Of the class.
    limits : Limits
    work : Path
        An empty folder on the file system of the submissions.

    Attributes
    ----------
    notebooks : dict of str to str
        A digest of the notebook of each student from whom one was taken.
    """

    def __init__(
        self, places: Places, roster: Roster | None, deadline: datetime | None, limits: Limits, work: Path
    ) -> None:
        self._places = places
        self._students = {student.id: student for student in roster or ()}
        self._deadline = deadline
        self._limits = limits
        self._work = work
        self.notebooks: dict[str, str] = {}
        self._released = digest_of(places.released) if places.released and places.released.is_file() else ""

    def collect(
        self, handins: Sequence[Handin], matches: Sequence[Match], on_done: Callable[[str], None]
    ) -> list[Outcome]:
        """Return the outcome of each hand-in, in their order."""
        executor = ThreadPoolExecutor(_FETCHES, "fetch")
        try:
            outcomes = self._all(executor, handins, matches, on_done)
            shared, undecided = self._shared(handins, matches, outcomes)
            outcomes += self._all(executor, [handin for handin, _ in shared], [found for _, found in shared])
            return [*outcomes, *undecided]
        except BaseException:
            stop_git()
            raise
        finally:
            executor.shutdown(wait=True, cancel_futures=True)

    def _all(
        self,
        executor: ThreadPoolExecutor,
        handins: Sequence[Handin],
        matches: Sequence[Match],
        on_done: Callable[[str], None] = lambda label: None,
    ) -> list[Outcome]:
        fetches = [
            executor.submit(
                handin.fetch, self._places.originals / "git" / f"{found.student}.git", self._own(found.student)
            )
            if found.student
            else None
            for handin, found in zip(handins, matches)
        ]
        outcomes = []
        for number, (handin, found, fetch) in enumerate(zip(handins, matches, fetches)):
            outcomes.append(self._one(handin, found, fetch, self._work / str(number)))
            on_done(handin.clues.label)
        return outcomes

    def _own(self, student: str) -> datetime | None:
        """Return a student's own deadline, as far as the roster knows."""
        if self._deadline is None or student not in self._students:
            return self._deadline
        return self._students[student].deadline(self._places.assignment, self._deadline)

    def _shared(
        self, handins: Sequence[Handin], matches: Sequence[Match], outcomes: Sequence[Outcome]
    ) -> tuple[list[tuple[Handin, Match]], list[Outcome]]:
        """Return what the team handed in for each student who did not, and the students whose team is not at one.

        It is taken once more for each, for each may have another deadline.
        """
        there = {found.student or found.claimed for found in matches}
        shared: list[tuple[Handin, Match]] = []
        undecided = []
        for student in self._students.values():
            of_team = [
                (handin, found, outcome)
                for handin, found, outcome in zip(handins, matches, outcomes)
                if student.team and found.student and fold_name(found.team) == fold_name(student.team)
            ]
            of_team = [item for item in of_team if item[1].of_team] or of_team
            if student.id in there or not of_team:
                continue
            works = {self.notebooks[found.student] for _, found, outcome in of_team if outcome.collected}
            names = ", ".join(found.student for _, found, _ in of_team)
            if len(works) > 1:
                note = f"{names} of the team {student.team} handed in different work: none of it was taken"
                undecided.append(Outcome(student.id, "conflict", notes=(note,), team=student.team))
                continue
            handin, found, _ = next((item for item in of_team if item[2].collected), of_team[0])
            shared.append((copy.copy(handin), Match(student.id, team=student.team, shared_by=found.student)))
        return shared, undecided

    def _one(self, handin: Handin, found: Match, fetch: Future[None] | None, work: Path) -> Outcome:
        if fetch is None:
            if found.claimed:
                return Outcome(found.claimed, "conflict", notes=(f"{handin.clues.label}: {found.problem}",))
            return Outcome(handin.clues.label, "unmatched", notes=(found.problem,))
        stage = Stage(work / "files", self._limits)
        try:
            fetch.result()
            return self._place(handin, found, stage)
        except CollectError as error:
            status = {"nothing-on-time": "not on time", "unreachable": "unreachable"}.get(error.kind, "refused")
            return Outcome(found.student, status, notes=(str(error), *stage.notes), team=found.team)
        except OSError as error:
            notes = (f"it could not be written: {error}", *stage.notes)
            return Outcome(found.student, "refused", notes=notes, team=found.team)
        finally:
            shutil.rmtree(work, ignore_errors=True)

    def _place(self, handin: Handin, found: Match, stage: Stage) -> Outcome:
        student = found.student
        delivery = handin.stage(stage)
        deadline = self._own(student)
        if deadline is not None and delivery.extension is not None:
            deadline = max(deadline, delivery.extension)
        own = deadline if deadline != self._deadline else None
        delivery = _with_time(delivery, deadline, own)
        files, notes = arrange(stage, self._places.assignment, self._places.names)
        digest = digest_of(files[f"{self._places.assignment}.ipynb"])
        destination = self._places.folder(student)
        status, earlier_place = place(files, destination, delivery.time, self._places.originals / "replaced" / student)
        self.notebooks[student] = digest
        late = delivery.late if delivery.late is not None else is_late(delivery.time, deadline)
        all_notes = [*delivery.notes, *stage.notes, *notes]
        if self.notebooks[student] == self._released:
            all_notes.insert(0, "the notebook is the released one, untouched")
        if own is not None and self._deadline is not None:
            all_notes.insert(0, f"extension until {own.astimezone(self._deadline.tzinfo):%Y-%m-%d %H:%M}")
        if found.shared_by:
            all_notes.insert(0, f"handed in by {found.shared_by}, team {found.team}")
        if earlier_place:
            all_notes.insert(0, f"the earlier one is in {earlier_place}")
        return Outcome(
            student,
            status,
            delivery.time,
            delivery.clock,
            late,
            delivery.origin,
            tuple(all_notes),
            "" if found.shared_by else handin.clues.moodle_id,
            own,
            found.team,
        )


def _with_time(delivery: Delivery, deadline: datetime | None, own: datetime | None) -> Delivery:
    """Return the delivery with the time that nbgrader needs to see that it is late, where only that is known.

    What is late for the class may be in time for who has a deadline of their own.
    """
    if delivery.late and delivery.time is None and own is not None:
        note = "the platform says late, and whether also for who has an extension is not known: not counted as late"
        return replace(delivery, late=None, notes=(note, *delivery.notes))
    if delivery.late and delivery.time is None and deadline is not None:
        note = "late, how late is not known: counted as one second"
        return replace(
            delivery, time=deadline + timedelta(seconds=1), clock="marked LATE", notes=(note, *delivery.notes)
        )
    return delivery

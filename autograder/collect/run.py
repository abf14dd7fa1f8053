"""One collecting run: match, fetch, stage, place, and say how each hand-in ended."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from autograder.collect.git import stop_git
from autograder.collect.handin import Delivery, Handin, Source
from autograder.collect.matching import Match, match
from autograder.collect.outcome import Outcome
from autograder.collect.placing import arrange, place
from autograder.collect.staging import Limits, Stage
from autograder.collect.timing import is_late
from autograder.course.roster import Roster
from autograder.errors import CollectError, UsageError

__all__ = ["Places", "collect"]

_FETCHES = 4


@dataclass(frozen=True)
class Places:
    """Where a run reads and writes.

    Parameters
    ----------
    assignment : str
    submitted : Path
        Gets ``<student>/<assignment>/``.
    downloaded : Path
        Gets ``<assignment>/``: the originals, what was replaced, and the record of the runs.
    released : Path or None
        The notebook as students get it, to tell an untouched one.
    names : tuple of str
        What the assignment asks for (see `autograder.course.assignments.Assignment`).
    """

    assignment: str
    submitted: Path
    downloaded: Path
    released: Path | None = None
    names: tuple[str, ...] = ()

    def folder(self, student: str) -> Path:
        """Return the folder of a student's submission."""
        return self.submitted / student / self.assignment

    @property
    def originals(self) -> Path:
        """The folder of the assignment's originals."""
        return self.downloaded / self.assignment

    @property
    def record(self) -> Path:
        """The record of the runs."""
        return self.originals / "collected.json"


def collect(
    source: Source,
    places: Places,
    roster: Roster | None,
    deadline: datetime | None,
    limits: Limits | None = None,
    on_done: Callable[[str], None] = lambda label: None,
) -> list[Outcome]:
    """Collect what a source holds.

    Parameters
    ----------
    source : Source
    places : Places
    roster : Roster or None
        Who may hand in. Without one, every hand-in is somebody's.
    deadline : datetime or None
    limits : Limits, optional
        How much one student may hand in.
    on_done : callable
        Told the label of each hand-in that is done with.

    Returns
    -------
    list of Outcome
        In the order of the roster; what is nobody's comes last.

    Raises
    ------
    UsageError
        Another run is at work in the same folder, or something is in the way.
    """
    with _locked(places.originals), _locked(places.submitted), _workplace(places.submitted) as work:
        if source.original is not None:
            _keep_copy(source.original, places.originals / "archive")
        matches = match([handin.clues for handin in source.handins], roster)
        run = _Run(places, deadline, limits or Limits(), work)
        outcomes = run.collect(source.handins, matches, on_done)
    ordered = _in_order(outcomes, roster)
    return [_with_earlier_noted(item, places) for item in _with_copies_noted(ordered, run.notebooks)]


class _Run:
    def __init__(self, places: Places, deadline: datetime | None, limits: Limits, work: Path) -> None:
        self._places = places
        self._deadline = deadline
        self._limits = limits
        self._work = work
        self.notebooks: dict[str, str] = {}
        self._released = _digest(places.released) if places.released and places.released.is_file() else ""

    def collect(
        self, handins: Sequence[Handin], matches: Sequence[Match], on_done: Callable[[str], None]
    ) -> list[Outcome]:
        """Return the outcome of each hand-in, in their order."""
        executor = ThreadPoolExecutor(_FETCHES, "fetch")
        try:
            fetches = [
                executor.submit(handin.fetch, self._places.originals / "git" / f"{found.student}.git")
                if found.student
                else None
                for handin, found in zip(handins, matches)
            ]
            outcomes = []
            for number, (handin, found, fetch) in enumerate(zip(handins, matches, fetches)):
                outcomes.append(self._one(handin, found, fetch, self._work / str(number)))
                on_done(handin.clues.label)
            return outcomes
        except BaseException:
            stop_git()
            raise
        finally:
            executor.shutdown(wait=True, cancel_futures=True)

    def _one(self, handin: Handin, found: Match, fetch: Future[None] | None, work: Path) -> Outcome:
        if fetch is None:
            if found.claimed:
                return Outcome(found.claimed, "conflict", notes=(f"{handin.clues.label}: {found.problem}",))
            return Outcome(handin.clues.label, "unmatched", notes=(found.problem,))
        stage = Stage(work / "files", self._limits)
        try:
            fetch.result()
            return self._place(handin, found.student, stage)
        except CollectError as error:
            status = {"nothing-on-time": "not on time", "unreachable": "unreachable"}.get(error.kind, "refused")
            return Outcome(found.student, status, notes=(str(error), *stage.notes))
        except OSError as error:
            return Outcome(found.student, "refused", notes=(f"it could not be written: {error}", *stage.notes))
        finally:
            shutil.rmtree(work, ignore_errors=True)

    def _place(self, handin: Handin, student: str, stage: Stage) -> Outcome:
        delivery = _with_time(handin.stage(stage), self._deadline)
        files, notes = arrange(stage, self._places.assignment, self._places.names)
        digest = _digest(files[f"{self._places.assignment}.ipynb"])
        destination = self._places.folder(student)
        status, earlier_place = place(files, destination, delivery.time, self._places.originals / "replaced" / student)
        self.notebooks[student] = digest
        late = delivery.late if delivery.late is not None else is_late(delivery.time, self._deadline)
        all_notes = [*delivery.notes, *stage.notes, *notes]
        if self.notebooks[student] == self._released:
            all_notes.insert(0, "the notebook is the released one, untouched")
        if earlier_place:
            all_notes.insert(0, f"the earlier one is in {earlier_place}")
        clues = handin.clues
        return Outcome(
            student, status, delivery.time, delivery.clock, late, delivery.origin, tuple(all_notes), clues.moodle_id
        )


def _with_time(delivery: Delivery, deadline: datetime | None) -> Delivery:
    """Return the delivery with the time that nbgrader needs to see that it is late, where only that is known."""
    if delivery.late and delivery.time is None and deadline is not None:
        note = "late, how late is not known: counted as one second"
        return replace(
            delivery, time=deadline + timedelta(seconds=1), clock="marked LATE", notes=(note, *delivery.notes)
        )
    return delivery


def _in_order(outcomes: Sequence[Outcome], roster: Roster | None) -> list[Outcome]:
    """Return one outcome a student, in the order of the roster and with those of whom nothing came; then the others."""
    by_student: dict[str, Outcome] = {}
    for outcome in outcomes:
        if outcome.status != "unmatched":
            notes = by_student[outcome.student].notes if outcome.student in by_student else ()
            by_student[outcome.student] = replace(outcome, notes=(*notes, *outcome.notes))
    unmatched = [outcome for outcome in outcomes if outcome.status == "unmatched"]
    if roster is None:
        return sorted(by_student.values(), key=lambda outcome: outcome.student) + unmatched
    return [by_student.get(student.id) or Outcome(student.id, "missing") for student in roster] + unmatched


def _with_earlier_noted(outcome: Outcome, places: Places) -> Outcome:
    """Return the outcome with a note where nothing new came, but something is there."""
    if outcome.collected or outcome.status == "unmatched" or not places.folder(outcome.student).is_dir():
        return outcome
    return replace(outcome, notes=(*outcome.notes, "what was collected earlier stays"))


def _with_copies_noted(outcomes: list[Outcome], notebooks: dict[str, str]) -> list[Outcome]:
    """Return the outcomes with a note where two students handed in the very same notebook."""
    owners: dict[str, list[str]] = {}
    for student, digest in notebooks.items():
        owners.setdefault(digest, []).append(student)
    noted = []
    for outcome in outcomes:
        others = [name for name in owners.get(notebooks.get(outcome.student, ""), []) if name != outcome.student]
        untouched = any("untouched" in note for note in outcome.notes)
        if outcome.collected and others and not untouched:
            note = f"the very same notebook as {', '.join(others[:5])}"
            outcome = replace(outcome, notes=(note, *outcome.notes))
        noted.append(outcome)
    return noted


def _keep_copy(original: Path, folder: Path) -> None:
    """Copy a file into a folder, unless it is there; one of the same name and other content is kept as well."""
    digest = _digest(original)
    target = folder / original.name
    if target.is_file() and _digest(target) != digest:
        target = folder / f"{original.stem}-{digest[:12]}{original.suffix}"
    if target.is_file():
        return
    folder.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.part")
    shutil.copyfile(original, part)
    part.rename(target)


def _digest(path: Path) -> str:
    total = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            total.update(chunk)
    return total.hexdigest()


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Keep other runs out of a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".collecting.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise UsageError(
                f"expected to be alone in {folder}. Received: another collect is at work there."
            ) from error
        yield


@contextlib.contextmanager
def _workplace(submitted: Path) -> Iterator[Path]:
    """Yield an empty folder on the file system of the submissions; what a killed run left there is cleared away."""
    work = submitted / ".collecting"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)

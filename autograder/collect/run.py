"""One collecting run: match, fetch, stage, place, and say how each hand-in ended."""

from __future__ import annotations

import contextlib
import fcntl
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from autograder.collect.handin import Source
from autograder.collect.matching import match
from autograder.collect.outcome import Outcome
from autograder.collect.placing import Places, digest_of
from autograder.collect.staging import Limits
from autograder.collect.taking import Taking
from autograder.course.roster import Roster, fold_name
from autograder.errors import UsageError
from autograder.render.text import plain_line

__all__ = ["collect"]


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
        taking = Taking(places, roster, deadline, limits or Limits(), work)
        outcomes = taking.collect(source.handins, matches, on_done)
    ordered = _in_order(outcomes, roster)
    return [_with_earlier_noted(item, places) for item in _with_copies_noted(ordered, taking.notebooks)]


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
    """Return the outcomes with a note where two students handed in the very same notebook; teams do."""
    teams = {outcome.student: fold_name(outcome.team) for outcome in outcomes}
    owners: dict[str, list[str]] = {}
    for student, digest in notebooks.items():
        owners.setdefault(digest, []).append(student)
    noted = []
    for outcome in outcomes:
        others = [name for name in owners.get(notebooks.get(outcome.student, ""), []) if name != outcome.student]
        untouched = any("untouched" in note for note in outcome.notes)
        team = [name for name in others if outcome.team and teams.get(name) == fold_name(outcome.team)]
        others = [name for name in others if name not in team]
        if outcome.collected and team and not any("handed in by" in note for note in outcome.notes):
            together = f"with {', '.join(team[:5])}, team {plain_line(outcome.team, 60)}"
            outcome = replace(outcome, notes=(together, *outcome.notes))
        if outcome.collected and others and not untouched:
            note = f"the very same notebook as {', '.join(others[:5])}"
            outcome = replace(outcome, notes=(note, *outcome.notes))
        noted.append(outcome)
    return noted


def _keep_copy(original: Path, folder: Path) -> None:
    """Copy a file into a folder, unless it is there; one of the same name and other content is kept as well."""
    digest = digest_of(original)
    target = folder / original.name
    if target.is_file() and digest_of(target) != digest:
        target = folder / f"{original.stem}-{digest[:12]}{original.suffix}"
    if target.is_file():
        return
    folder.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.part")
    shutil.copyfile(original, part)
    part.rename(target)


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

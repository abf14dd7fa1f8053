"""Which commit of a student's repository is the submission, and when it was handed in.

The server's time of the push decides where it is known. A commit's own date comes from the student's machine: it
decides only where nothing else is known, and the summary says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from autograder.collect.git import Access
from autograder.collect.handin import Clues, Delivery
from autograder.collect.mirror import Commit, Mirror
from autograder.collect.staging import Stage
from autograder.errors import CollectError

__all__ = ["Choice", "Push", "RepositoryHandin", "by_commits", "by_pushes", "by_tags"]

_NOBODY = "0" * 40


@dataclass(frozen=True)
class Push:
    """A change of a branch as the server saw it.

    Parameters
    ----------
    time : datetime
        The server's.
    before, after : str
        What the branch pointed to; zeros for nothing.
    """

    time: datetime
    before: str
    after: str


@dataclass(frozen=True)
class Choice:
    """The commit that counts.

    Parameters
    ----------
    commit : str
    time : datetime or None
        When it was handed in; None: when its commit says.
    clock : str
        As in `Delivery`.
    later : int
        How many pushes, tags or commits came after the deadline.
    notes : tuple of str
    """

    commit: str
    time: datetime | None
    clock: str
    later: int = 0
    notes: tuple[str, ...] = ()


def by_pushes(pushes: Sequence[Push], deadline: datetime | None, accept_late: bool) -> Choice | None:
    """Choose what the branch pointed to at the deadline; None if the server does not tell.

    Parameters
    ----------
    pushes : sequence of Push
        Newest first.
    deadline : datetime or None
    accept_late : bool
        Take the newest push although it came after the deadline.

    Raises
    ------
    CollectError
        Of kind ``nothing-on-time``.
    """
    if not pushes:
        return None
    late = [push for push in pushes if deadline is not None and push.time > deadline]
    on_time = [push for push in pushes if push not in late]
    if accept_late and pushes[0].after != _NOBODY:
        return Choice(pushes[0].after, pushes[0].time, "push", len(late))
    if on_time and on_time[0].after != _NOBODY:
        return Choice(on_time[0].after, on_time[0].time, "push", len(late))
    if not on_time and late and late[-1].before != _NOBODY:
        # The server's memory begins after the deadline, but it knows where the first late push started from.
        return Choice(late[-1].before, None, "commit", len(late))
    raise _nothing_on_time(len(late), "push", "pushes")


def by_tags(tags: Mapping[str, tuple[str, datetime]], deadline: datetime | None, accept_late: bool) -> Choice | None:
    """Choose the commit of the last submission tag before the deadline; None if there is no such tag at all.

    Parameters
    ----------
    tags : mapping
        Commit and time by the tag's name.
    deadline, accept_late
        As in `by_pushes`.

    Raises
    ------
    CollectError
        Of kind ``nothing-on-time``.
    """
    if not tags:
        return None
    ordered = sorted(tags.values(), key=lambda tag: tag[1])
    on_time = [tag for tag in ordered if deadline is None or tag[1] <= deadline]
    later = len(ordered) - len(on_time)
    if accept_late:
        on_time = ordered
    if not on_time:
        raise _nothing_on_time(later, "submission", "submissions")
    return Choice(on_time[-1][0], on_time[-1][1], "tag", later)


def by_commits(history: Sequence[Commit], deadline: datetime | None, accept_late: bool) -> Choice:
    """Choose the last commit whose own date is not after the deadline.

    Parameters
    ----------
    history : sequence of Commit
        First parents, newest first, as they lie on the branch.
    deadline, accept_late
        As in `by_pushes`.

    Raises
    ------
    CollectError
        Of kind ``nothing-on-time``.
    """
    place = next(
        (number for number, commit in enumerate(history) if deadline is None or commit.time <= deadline), len(history)
    )
    if accept_late:
        later, place = place, 0
    else:
        later = place
    if place == len(history):
        raise _nothing_on_time(later, "commit", "commits")
    chosen = history[place]
    forged = any(
        older.time > newer.time
        for newer, older in zip(history[place:], history[place + 1 :])
        if deadline is not None and older.time > deadline
    )
    notes = ("a commit before it is dated after the deadline: its own date may be forged",) if forged else ()
    return Choice(chosen.id, chosen.time, "commit", later, notes)


class RepositoryHandin:
    """A student's repository.

    Parameters
    ----------
    clues : Clues
    url : str
    access : Access
    accept_late : bool
        Take the newest commit although it came after the deadline.
    branch : str
        The default one if empty.
    pushes : callable, optional
        Asks the server for the pushes to a branch, newest first.
    tags : callable, optional
        Returns the submission tags of a mirror, for `by_tags`.
    """

    def __init__(
        self,
        clues: Clues,
        url: str,
        access: Access,
        accept_late: bool,
        branch: str = "",
        pushes: Callable[[str], Sequence[Push]] | None = None,
        tags: Callable[[Mirror], Mapping[str, tuple[str, datetime]]] | None = None,
    ) -> None:
        self._clues = clues
        self._url = url
        self._access = access
        self._deadline: datetime | None = None
        self._accept_late = accept_late
        self._branch = branch
        self._pushes = pushes
        self._tags = tags
        self._mirror: Mirror | None = None
        self._choice: Choice | None = None

    @property
    def clues(self) -> Clues:
        """Whose it might be."""
        return self._clues

    def fetch(self, folder: Path, deadline: datetime | None) -> None:
        """Bring the mirror in ``folder`` up to date, choose the commit of the deadline and keep it for good.

        Raises
        ------
        CollectError
        """
        self._deadline = deadline
        mirror = Mirror(folder)
        branch = mirror.fetch(self._url, self._access, self._branch)
        choice = None
        if self._pushes is not None:
            choice = by_pushes(self._pushes(branch), self._deadline, self._accept_late)
            if choice is not None and choice.time is None:
                choice = self._dated_in_time(mirror, choice)
        if choice is None and self._tags is not None:
            choice = by_tags(self._tags(mirror), self._deadline, self._accept_late)
        if choice is None:
            choice = by_commits(mirror.history(), self._deadline, self._accept_late)
        mirror.fetch_commit(self._url, self._access, choice.commit)
        mirror.keep(choice.commit)
        self._mirror, self._choice = mirror, choice

    def _dated_in_time(self, mirror: Mirror, choice: Choice) -> Choice:
        """Return the commit that the server only implies, or the last one before it that is not dated too late.

        The server's memory may be shorter than the time since the deadline.
        """
        mirror.fetch_commit(self._url, self._access, choice.commit)
        found = by_commits(mirror.history(choice.commit), self._deadline, False)
        return replace(found, later=choice.later + found.later)

    def stage(self, stage: Stage) -> Delivery:
        """Write the files of the chosen commit.

        Raises
        ------
        CollectError
        """
        mirror, choice = self._mirror, self._choice
        if mirror is None or choice is None:
            raise RuntimeError("a repository is fetched before it is staged")
        mirror.stage(choice.commit, stage)
        time = choice.time or mirror.commit(choice.commit).time
        notes = list(choice.notes)
        if choice.later:
            many = choice.later > 1
            what = {"push": ("push", "pushes"), "tag": ("submission", "submissions")}.get(
                choice.clock, ("commit", "commits")
            )
            taken = "the newest taken" if self._accept_late else "not taken"
            notes.append(f"{choice.later} {what[many]} after the deadline, {taken}")
        return Delivery(time, choice.clock, None, choice.commit, tuple(notes))


def _nothing_on_time(later: int, one: str, many: str) -> CollectError:
    return CollectError(
        "nothing-on-time",
        f"nothing was handed in before the deadline; {later} {one if later == 1 else many} after it "
        "(--late takes the newest).",
    )

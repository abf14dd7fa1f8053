"""Which commit counts: what the server saw, what tags say, what commits claim."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from autograder.collect.mirror import Commit
from autograder.collect.repositories import Choice, Push, by_commits, by_pushes, by_tags
from autograder.errors import CollectError

DEADLINE = datetime(2026, 11, 24, 23, 0, tzinfo=timezone.utc)
ZEROS = "0" * 40


def at(minutes: int) -> datetime:
    """Return a time, by its distance from the deadline."""
    return DEADLINE + timedelta(minutes=minutes)


def test_the_last_push_before_the_deadline_counts() -> None:
    """To the second, and with the number of those that came later."""
    pushes = [Push(at(9), "c", "d"), Push(at(1), "b", "c"), Push(at(0), "a", "b"), Push(at(-5), ZEROS, "a")]
    assert by_pushes(pushes, DEADLINE, False) == Choice("b", at(0), "push", 2)
    assert by_pushes(pushes, DEADLINE, True) == Choice("d", at(9), "push", 2)
    assert by_pushes(pushes, None, False) == Choice("d", at(9), "push", 0)


def test_without_pushes_the_server_says_nothing() -> None:
    """Then commits have to."""
    assert by_pushes([], DEADLINE, False) is None


def test_the_state_before_the_first_late_push_was_there_in_time() -> None:
    """The server forgot the earlier pushes, but not where the first late one started."""
    pushes = [Push(at(9), "c", "d"), Push(at(1), "b", "c")]
    assert by_pushes(pushes, DEADLINE, False) == Choice("b", None, "commit", 2)


@pytest.mark.parametrize(
    "pushes",
    [
        [Push(at(1), ZEROS, "a")],
        [Push(at(-1), "a", ZEROS), Push(at(-2), ZEROS, "a")],
        [Push(at(1), ZEROS, "b"), Push(at(-1), "a", ZEROS), Push(at(-2), ZEROS, "a")],
    ],
)
def test_a_branch_that_was_not_there_at_the_deadline_is_nothing_on_time(pushes: list[Push]) -> None:
    """Not yet, or not any more."""
    with pytest.raises(CollectError, match="before the deadline") as caught:
        by_pushes(pushes, DEADLINE, False)
    assert caught.value.kind == "nothing-on-time"


def test_the_last_tag_before_the_deadline_counts() -> None:
    """In the order of their times, whatever their names."""
    tags = {"submit/b": ("2", at(-1)), "submit/a": ("1", at(-2)), "submit/c": ("3", at(1))}
    assert by_tags(tags, DEADLINE, False) == Choice("2", at(-1), "tag", 1)
    assert by_tags(tags, DEADLINE, True) == Choice("3", at(1), "tag", 1)
    assert by_tags({}, DEADLINE, False) is None
    with pytest.raises(CollectError, match=r"1 submission after it \(--late takes the newest\)"):
        by_tags({"submit/c": ("3", at(1))}, DEADLINE, False)


def test_the_last_commit_before_the_deadline_counts() -> None:
    """By its own date, where nothing else is known."""
    history = [Commit("d", at(2)), Commit("c", at(1)), Commit("b", at(-1)), Commit("a", at(-2))]
    assert by_commits(history, DEADLINE, False) == Choice("b", at(-1), "commit", 2)
    assert by_commits(history, DEADLINE, True) == Choice("d", at(2), "commit", 2)
    assert by_commits(history, None, False) == Choice("d", at(2), "commit", 0)
    with pytest.raises(CollectError, match="2 commits after it"):
        by_commits(history[:2], DEADLINE, False)
    with pytest.raises(CollectError, match="nothing was handed in"):
        by_commits([], DEADLINE, False)


def test_dates_that_run_backwards_are_noted() -> None:
    """A commit on top of a late one, dated before the deadline."""
    history = [Commit("c", at(-1)), Commit("b", at(30)), Commit("a", at(-9))]
    choice = by_commits(history, DEADLINE, False)
    assert choice.commit == "c"
    assert choice.notes == ("a commit before it is dated after the deadline: its own date may be forged",)

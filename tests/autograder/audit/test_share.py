"""Whom an audit looks at: a share that stays the same and that nobody foresees."""

from __future__ import annotations

import pytest

from autograder.audit.share import chosen, parse_share
from autograder.errors import UsageError

CLASS = [("04_mnist", f"student-{number}") for number in range(41)]


@pytest.mark.parametrize("text", ["", "10", "0%", "101%", "0", "1.5", "ten", "-5%", "10%%", "nan"])
def test_what_is_no_share_is_refused(text: str) -> None:
    """Ten may be a number of students, and is not taken for a share."""
    with pytest.raises(UsageError, match=r"expected a share of the class.* Received: "):
        parse_share(text)


def test_the_share_is_rounded_up_and_the_same_each_time() -> None:
    """Of 41 students 10 % are five; of another assignment as many again."""
    first = chosen(CLASS, 0.1)
    assert len(first) == 5
    assert first == chosen(reversed(CLASS), 0.1)
    assert len(chosen(CLASS[:40], 0.1)) == 4
    assert chosen(CLASS, 1.0) == set(CLASS)
    assert len(chosen([*CLASS, ("05_cifar10", "student-1")], 0.1)) == 6


def test_another_seed_or_another_secret_chooses_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody can tell from the names alone."""
    monkeypatch.setenv("CNN_SECRET", "one")
    first, other_seed = chosen(CLASS, 0.1), chosen(CLASS, 0.1, "2")
    monkeypatch.setenv("CNN_SECRET", "two")
    assert len({frozenset(one) for one in (first, other_seed, chosen(CLASS, 0.1))}) == 3


def test_who_hands_in_later_leaves_the_others_chosen() -> None:
    """A larger share contains the smaller one."""
    assert chosen(CLASS, 0.1) < chosen(CLASS, 0.2)

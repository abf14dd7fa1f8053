"""The images that models are compared on: made once, drawn from a secret."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import data
from data import benchmark as module
from data.benchmark import Benchmark, benchmark


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Benchmark]:
    """A benchmark of 100 images each."""
    monkeypatch.setenv("CNN_DATA", str(tmp_path))
    monkeypatch.setenv("CNN_SECRET", "one")
    monkeypatch.setattr(module, "SAMPLE", 100)
    benchmark.cache_clear()
    yield benchmark("mnist")
    benchmark.cache_clear()


def test_variations_belong_to_their_images(small: Benchmark) -> None:
    """Made once per process: two slight ones of each test image, a strong one of every second."""
    assert benchmark("mnist") is small
    originals = small.test[0][small.sample].astype(int)
    slight = [np.abs(part - originals).mean() for part in small.slight]
    strong = np.abs(small.varied_test - originals[:50]).mean()
    assert len(small.varied_test) == len(small.varied_train) == 50
    assert 0 < max(slight) < 0.6 * strong
    assert not np.array_equal(*small.slight)


def test_variations_are_made_once_and_kept_for_this_user(
    small: Benchmark, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What is damaged, or followed from another secret, is made again and leaves nothing old behind."""
    [kept] = (tmp_path / "derived").iterdir()
    assert kept.stat().st_mode & 0o777 == 0o600
    made: list[str] = []
    monkeypatch.setattr(module, "_made", lambda *given, real=module._made: made.append(given[0]) or real(*given))
    benchmark.cache_clear()
    again = benchmark("mnist")
    assert made == []
    for one, other in ((small.train, again.train), (small.slight, again.slight)):
        assert all(map(np.array_equal, one, other))
    for part in ("sample", "varied_test", "varied_train"):
        assert np.array_equal(getattr(small, part), getattr(again, part))
    for damage in (kept.read_bytes()[:-500], b"", b"PK"):
        kept.write_bytes(damage)
        benchmark.cache_clear()
        assert np.array_equal(benchmark("mnist").varied_test, small.varied_test)
    assert made == ["mnist"] * 3
    monkeypatch.setenv("CNN_SECRET", "two")
    benchmark.cache_clear()
    benchmark("mnist")
    assert len(made) == 4
    assert [path.name for path in (tmp_path / "derived").iterdir()] != [kept.name]
    assert len(list((tmp_path / "derived").iterdir())) == 1


def test_each_submission_is_compared_on_images_of_its_own(small: Benchmark) -> None:
    """Four fifths of what is there; the same again for the same submission."""
    first, again, other = small.draw(1), small.draw(1), small.draw(2)
    assert len(first.test) == len(first.train) == 80
    assert np.array_equal(first.test, again.test)
    assert not np.array_equal(first.test, other.test)
    assert np.array_equal(first.varied_test, first.test[first.test < 50])


def test_another_secret_draws_other_images(small: Benchmark, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody without it knows which test images are varied, how, and which training images are asked about."""
    drawn = small.draw(1).test
    monkeypatch.setenv("CNN_SECRET", "two")
    benchmark.cache_clear()
    other = benchmark("mnist")
    assert not np.array_equal(small.sample, other.sample)
    assert not np.array_equal(small.train[1], other.train[1])
    assert not np.array_equal(drawn, other.draw(1).test)
    assert data.load("mnist")[1][0] is other.test[0]

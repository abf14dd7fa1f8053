"""The benchmark against other graders: what it measures, how it prints it, and that it runs."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from benchmarks.__main__ import main, table
from benchmarks.curve import picture
from benchmarks.measuring import measured, spread
from benchmarks.rivals import as_doctest


def test_ratios_are_of_the_same_run() -> None:
    """Two runs on a machine that was twice as slow in the second one, for everybody."""
    spent = {
        "autograder": [{"wall": 2.0, "cpu": 4.0}, {"wall": 4.0, "cpu": 8.0}],
        "nbgrader": [{"wall": 20.0, "cpu": 20.0}, {"wall": 40.0, "cpu": 40.0}],
    }
    printed = table({"machine": {"cores": 2}, "copies": 4, "runs": 2, "classes": {"02_convolucion": spent}})
    assert printed.splitlines()[-2:] == [
        "| 02_convolucion | autograder | 0.75 (0.50–1.00) | 1.50 (1.00–2.00) | 1.00 (1.00–1.00) | 1.00 (1.00–1.00) | "
        "0.75 (0.50–1.00) |",
        "| 02_convolucion | nbgrader | 7.50 (5.00–10.00) | 7.50 (5.00–10.00) | 10.00 (10.00–10.00) | "
        "5.00 (5.00–5.00) | 0.15 (0.10–0.20) |",
    ]


def test_one_value_has_no_spread() -> None:
    """Several have their median, the least and the most."""
    assert (spread([1.25]), spread([3.0, 1.0, 2.0])) == ("1.25", "2.00 (1.00–3.00)")


def test_processor_time_counts_what_a_command_starts(tmp_path: Path) -> None:
    """Also what outlives its parent."""
    child = "import time; end = time.process_time() + 0.2\nwhile time.process_time() < end: pass"
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    spent = measured([sys.executable, "-c", code], tmp_path, os.environ)
    assert spent.cpu > 0.2
    assert spent.wall > 0


def test_statements_become_doctests() -> None:
    """As otter-grader reads them: one prompt a statement."""
    assert as_doctest("# a comment\nx = 1\n\nif x:\n    x = 2\nassert x") == (
        ">>> x = 1\n>>> if x:\n...     x = 2\n>>> assert x"
    )


def test_the_curve_shows_every_class() -> None:
    """Its size and its values."""
    rows = [
        {"submissions": size, "cpu": cpu, "command_mb": 70, "largest_mb": 120}
        for size, cpu in ((20, 0.4), (10_000, 0.41))
    ]
    drawn = picture(rows)
    assert drawn.count("<polyline") == 3
    for text in (">20<", ">10,000<", ">0.4<", ">0.41<", ">70<", ">120<"):
        assert text in drawn


@pytest.mark.slow
def test_a_small_benchmark_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One notebook, once, with this grader and with nbgrader."""
    options = ["--copies", "1", "--runs", "1", "--graders", "autograder", "nbgrader", "--json", str(tmp_path / "f")]
    assert main(options) == 0
    found = json.loads((tmp_path / "f").read_text(encoding="utf-8"))
    assert table(found) in capsys.readouterr().out
    spent = found["classes"]["02_convolucion"]
    assert list(spent) == ["autograder", "nbgrader"]
    assert all(one["wall"] > 0 and one["cpu"] > 0 for runs in spent.values() for one in runs)

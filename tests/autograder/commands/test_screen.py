"""Printing on screens and into pipes that cannot take it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.course.assignments import ROOT

PROGRAM = """
import sys
from autograder.commands.screen import make_lasting
make_lasting()
for number in range(3):
    print("✓ Ñandú «café» – 3·4 █ 日本 \\ud800" * (20_000 if "much" in sys.argv else 1), flush="much" in sys.argv)
open(sys.argv[1], "w").write("written")
sys.exit(7)
"""


def run(result: Path, *arguments: str, **options: object) -> subprocess.CompletedProcess[bytes]:
    """Run the program, which prints, then writes ``result`` and ends with status 7."""
    command = [sys.executable, "-c", PROGRAM, str(result), *arguments]
    return subprocess.run(command, cwd=ROOT, stderr=subprocess.PIPE, check=False, **options)  # type: ignore[call-overload,no-any-return]


@pytest.mark.parametrize(
    ("encoding", "said"),
    [
        ("utf-8", "✓ Ñandú «café» – 3·4 █ 日本 ?"),
        ("latin-1", "+ Ñandú «café» - 3·4 # ?? ?"),
        ("ascii", '+ Nandu "cafe" - 3-4 # ?? ?'),
    ],
)
def test_what_a_screen_lacks_is_replaced_by_something_alike(tmp_path: Path, encoding: str, said: str) -> None:
    """And the command goes on."""
    done = run(tmp_path / "r", stdout=subprocess.PIPE, env={**os.environ, "PYTHONIOENCODING": encoding})
    assert done.stdout.decode(encoding).splitlines()[0] == said
    assert (done.returncode, done.stderr, (tmp_path / "r").read_text()) == (7, b"", "written")


def test_a_full_disk_behind_the_output_costs_nothing(tmp_path: Path) -> None:
    """Nor its exit status."""
    with open("/dev/full", "wb") as full:
        done = run(tmp_path / "r", stdout=full)
    assert (done.returncode, done.stderr, (tmp_path / "r").read_text()) == (7, b"", "written")


def test_a_reader_that_has_gone_costs_nothing(tmp_path: Path) -> None:
    """As with ``| head -1``."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = run(tmp_path / "r", "much", stdout=writer)
    finally:
        os.close(writer)
    assert (done.returncode, done.stderr, (tmp_path / "r").read_text()) == (7, b"", "written")

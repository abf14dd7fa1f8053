"""The instructor's notebook with some cells written otherwise, graded in this process."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

from autograder.checking.local import LocalStudent
from autograder.checking.results import CheckResult
from autograder.checking.run import run_checks
from autograder.course.assignments import find_assignments
from autograder.course.notebooks import read_notebook
from autograder.proving.cells import working_cells
from autograder.proving.judge import run_cells


def checked(assignment: str, home: Path, *, only: str = "", **cells: str) -> list[CheckResult]:
    """Run the checks of an assignment against its solutions with some cells replaced; ``only`` names one grade cell."""
    found = find_assignments()[assignment]
    sources = working_cells(read_notebook(found.source))
    for name, source in cells.items():
        assert name.replace("_", "-") in sources
        sources[name.replace("_", "-")] = textwrap.dedent(source)
    namespace = run_cells(sources, lambda call: call())
    results, _ = run_checks(found, LocalStudent(namespace, home), "seed", only or None)
    return results


def edited(assignment: str, home: Path, cell: str, old: str, new: str, only: str = "") -> list[CheckResult]:
    """Run the checks with one piece of a solution replaced, which has to be there."""
    found = find_assignments()[assignment]
    source = working_cells(read_notebook(found.source))[cell]
    assert old in source
    return checked(assignment, home, only=only, **{cell.replace("-", "_"): source.replace(old, new)})


def costs(results: list[CheckResult]) -> set[str]:
    """Return the grade cells that lose points."""
    assert [result.details for result in results if result.status == "error"] == []
    return {result.grade_id for result in results if result.credit < 1 and result.weight}


def messages(results: list[CheckResult]) -> str:
    """Return what the checks that failed say."""
    return "\n".join(result.message for result in results if result.status == "failed")


def pasted_lines(text: str) -> list[str]:
    """Return the calls that messages offer to paste."""
    return re.findall(r"^Pruébalo en tu cuaderno: `(.*?)` (?:devuelve|se detiene)", text, re.MULTILINE)

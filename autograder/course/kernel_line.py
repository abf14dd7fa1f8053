"""The line by which a grade cell of a source notebook asks for its checks where there is no sandbox.

It stands in a region that students do not get, at the end of the cell (see `autograder.nbgrader.kernel`).
"""

from __future__ import annotations

import re

__all__ = ["has_kernel_line", "with_kernel_line", "without_kernel_line"]

_BEGIN, _END = "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"
_REGION = re.compile(rf"\n?{_BEGIN}\n.*?{_END}\s*\Z", re.DOTALL)


def has_kernel_line(source: str, assignment: str, grade_id: str) -> bool:
    """Tell whether a grade cell ends with its line."""
    return source.endswith(_region(assignment, grade_id))


def with_kernel_line(source: str, assignment: str, grade_id: str) -> str:
    """Return a grade cell with its line at the end, in place of another one."""
    kept = without_kernel_line(source)
    return f"{kept}\n{_region(assignment, grade_id)}" if kept else _region(assignment, grade_id)


def without_kernel_line(source: str) -> str:
    """Return a grade cell as students get it."""
    return _REGION.sub("", source)


def _region(assignment: str, grade_id: str) -> str:
    line = f'from autograder.nbgrader.kernel import check; check("{assignment}", "{grade_id}")'
    return f"{_BEGIN}\n{line}\n{_END}"

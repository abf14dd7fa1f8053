"""The hidden line of a grade cell."""

from __future__ import annotations

import pytest

from autograder.course.kernel_line import has_kernel_line, with_kernel_line, without_kernel_line

ASSERT = 'assert pad2d, "Define pad2d."'
LINE = 'from autograder.nbgrader.kernel import check; check("02_convolucion", "pad2d")'


@pytest.mark.parametrize("source", [ASSERT, ""])
def test_the_line_stands_in_a_region_at_the_end_and_can_be_taken_away(source: str) -> None:
    """The released cell is the same with it and without it, also where there are no public asserts."""
    asked = with_kernel_line(source, "02_convolucion", "pad2d")
    assert asked.splitlines()[-3:] == ["### BEGIN HIDDEN TESTS", LINE, "### END HIDDEN TESTS"]
    assert without_kernel_line(asked) == source
    assert has_kernel_line(asked, "02_convolucion", "pad2d")


def test_another_line_is_replaced() -> None:
    """A cell that was renamed asks for its new name."""
    renamed = with_kernel_line(with_kernel_line(ASSERT, "01_imagen", "old"), "02_convolucion", "pad2d")
    assert renamed == with_kernel_line(ASSERT, "02_convolucion", "pad2d")
    assert not has_kernel_line(renamed, "02_convolucion", "old")

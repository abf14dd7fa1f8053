"""How long and how much: the settings of a run, and what an assignment changes in them."""

from __future__ import annotations

from autograder.settings import Settings


def test_an_assignment_whose_cells_take_longer_gets_more_for_all_of_them() -> None:
    """In the same proportion; nothing else changes, and without a limit of its own nothing at all."""
    settings = Settings(cell_seconds=30, total_seconds=180)
    longer = settings.for_cells_of(60)
    assert (longer.cell_seconds, longer.total_seconds) == (60, 360)
    assert longer.call_seconds == settings.call_seconds
    assert settings.for_cells_of(None) is settings


def test_memory_is_the_assignments_or_the_graders_own() -> None:
    """TensorFlow reserves address space generously."""
    settings = Settings()
    assert settings.limits(False).memory == 4 << 30
    assert settings.limits(True).memory == 8 << 30
    assert settings.limits(True, 3 << 30).memory == 3 << 30

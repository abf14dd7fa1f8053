"""Gradescope: the archive to upload there, and what runs in it."""

from __future__ import annotations

__all__ = ["VISIBILITIES"]

VISIBILITIES = ("visible", "after_due_date", "after_published", "hidden")
"""When Gradescope shows a test to its student."""

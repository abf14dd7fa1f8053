"""Give a student's work back as a web page that is safe to open, whatever the notebook holds."""

from __future__ import annotations

from autograder.feedback.check_output import check_output, read_checks
from autograder.feedback.page import CellFeedback, Feedback, feedback_page

__all__ = ["CellFeedback", "Feedback", "check_output", "feedback_page", "read_checks"]

"""Show reports: in the terminal, as JUnit XML, as Markdown and as web pages."""

from __future__ import annotations

from autograder.render.html import write_html
from autograder.render.junit import to_junit
from autograder.render.markdown import to_markdown
from autograder.render.terminal import class_table, report_view

__all__ = ["class_table", "report_view", "to_junit", "to_markdown", "write_html"]

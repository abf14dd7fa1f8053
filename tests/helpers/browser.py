"""A Chromium that tests drive, and axe-core in it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)


@contextmanager
def browser() -> Iterator[Any]:
    """Start one browser for all pages of a test."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as player:
        started = player.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        try:
            yield started
        finally:
            started.close()


def violations(started: Any, page: Path, scheme: str, width: int = 1200) -> list[str]:
    """Return what axe-core finds against WCAG 2.2 AA in a page, in a colour scheme."""
    from axe_playwright_python.sync_playwright import Axe

    rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    # The page's policy keeps axe out, too; what is looked at is the same.
    opened = started.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True)
    try:
        opened.goto(page.as_uri())
        found = Axe().run(opened, options={"runOnly": {"type": "tag", "values": rules}})
        return [
            f"{one['id']}: {node['html'][:200]} {node.get('failureSummary', '')[:300]}"
            for one in found.response["violations"]
            for node in one["nodes"]
        ]
    finally:
        opened.close()

"""Feedback pages in a real browser: nothing of a student's runs, and no request leaves the page."""

from __future__ import annotations

import http.server
import shutil
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.feedback import CellFeedback, Feedback, feedback_page
from autograder.render.html import page_names, write_html
from autograder.render.known import Known, Person
from autograder.report import Check, Report
from tests.helpers.hostile_notebook import MARK, attacks, hostile_notebook, raw_page

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")


class Listener(http.server.BaseHTTPRequestHandler):
    """Notes whoever calls home."""

    heard: list[str]

    def do_GET(self) -> None:
        self.heard.append(self.path)
        self.send_response(204)
        self.end_headers()

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def home() -> Iterator[tuple[str, list[str]]]:
    """The address of a server, and the paths that it was asked for."""
    heard: list[str] = []
    handler = type("Handler", (Listener,), {"heard": heard})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/", heard
        server.shutdown()
        thread.join()


def attacked(page: Path) -> bool:
    """Open a page and tell whether anything in it ran."""
    command = [str(CHROMIUM), "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run"]
    command += [f"--user-data-dir={page.with_suffix('.profile')}", "--virtual-time-budget=2000", "--dump-dom"]
    done = subprocess.run([*command, page.as_uri()], capture_output=True, text=True, timeout=120, check=True)
    assert "</html>" in done.stdout
    return MARK in done.stdout[: done.stdout.index("<head")]


def hostile_page(address: str) -> str:
    texts = attacks(address)
    checks = tuple(Check(text, text, text, text, 0, 1, text) for text in texts)
    cells = {text: CellFeedback(0, 1, text, checks) for text in texts}
    # The first of the cells with this id is a solution, the others are copies of it.
    cells["\n".join(texts)] = CellFeedback(None, 1, texts[0])
    return feedback_page(hostile_notebook(address), Feedback(texts[4], texts[0], 1, 2, 0.5, cells))


def test_the_attacks_work_where_nothing_stops_them(home: tuple[str, list[str]], tmp_path: Path) -> None:
    """Else the tests below would prove nothing."""
    address, heard = home
    page = tmp_path / "raw.html"
    page.write_text(raw_page(address), encoding="utf-8")
    assert attacked(page)
    assert {"/js", "/img.png", "/frame", "/style.css", "/srcset.png", "/inline.png"} <= set(heard)


@pytest.mark.parametrize("policy", [True, False], ids=["with-policy", "sanitised-only"])
def test_nothing_of_a_students_notebook_runs_or_calls_home(
    home: tuple[str, list[str]], tmp_path: Path, policy: bool
) -> None:
    """Neither behind the page's policy nor where a mail program or an old browser ignores it."""
    address, heard = home
    text = hostile_page(address)
    if not policy:
        head, found, rest = text.partition('<meta http-equiv="Content-Security-Policy"')
        assert found
        text = head + rest.partition(">")[2]
    page = tmp_path / "feedback.html"
    page.write_text(text, encoding="utf-8")
    assert not attacked(page)
    assert heard == []


def test_nothing_of_a_report_runs_or_calls_home(
    home: tuple[str, list[str]], tmp_path: Path, reports: list[Report]
) -> None:
    """The pages of `grade --html`, with attacks in every text."""
    address, heard = home
    everything = "\n".join(attacks(address))
    check = Check(everything, everything, everything, everything, 0, 1, everything)
    flags = [{"kind": everything, "message": everything, everything: everything}]
    report = Report(everything, everything, 0, 1, [check], flags, 1.0, {everything: everything})
    group = [report, replace(report, submission="x")]
    person = Person(everything, everything, everything)
    known = Known(people={everything: person}, late={(everything, everything): everything}, when=everything)
    # The class page has a script of ours, and the words of everybody.
    index = write_html(group, tmp_path / "pages", known)
    several = write_html([*group, *reports], tmp_path / "several", known)
    for page in (index, index.parent / page_names(group)[0], several):
        assert not attacked(page)
    assert heard == []

"""Reports that become issues of students' repositories."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from autograder.collect.github import Server
from autograder.course.roster import Roster, Student
from autograder.errors import CollectError, UsageError
from autograder.github.feedback import MAX_BODY, Message, messages, post, to_feedback
from autograder.github.schedule import Task
from autograder.report import Report

TASKS = [Task("02_convolucion", "curso/conv", datetime.now(timezone.utc), "now")]
ROSTER = Roster([Student("ana", github="ana-gh"), Student("beto", github="beto-gh"), Student("eva")])


class Issues:
    """A stand-in for GitHub's pages about issues."""

    def __init__(self) -> None:
        self.user = "teacher"
        self.issues: list[dict[str, Any]] = []
        self.status = 200
        self.changes: list[tuple[str, str]] = []

    def answer(self, method: str, path: str, body: dict[str, Any]) -> Any:
        """Return what GitHub would."""
        path = path.partition("?")[0]
        if path == "/api/user":
            return {"login": self.user}
        if method == "POST":
            self.changes.append((method, path))
            number = len(self.issues) + 1
            issue = {"number": number, "user": {"login": self.user}, "html_url": f"https://github.example/i/{number}"}
            self.issues.append({**issue, "url": f"{self.url}{path}/{number}", **body})
            return self.issues[-1]
        if method == "PATCH":
            self.changes.append((method, path))
            return {**self.issues[int(path.rpartition("/")[2]) - 1], **body}
        return self.issues

    url = ""


@pytest.fixture
def github() -> Iterator[Issues]:
    state = Issues()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *arguments: object) -> None:
            """Say nothing."""

        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            content = json.loads(self.rfile.read(length) or b"{}")
            answer = state.answer(self.command, self.path, content) if state.status == 200 else {"message": "no"}
            data = json.dumps(answer).encode()
            self.send_response(state.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_POST = do_PATCH = do_GET

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    state.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield state
    server.shutdown()
    thread.join()
    server.server_close()


def server_of(github: Issues) -> Server:
    return Server(api_url=f"{github.url}/api", web_url=github.url, token="t")


def test_each_graded_student_with_a_repository_gets_a_message(reports: list[Report]) -> None:
    """Nobody without a grade, and nobody who is not on the roster."""
    [message] = messages(reports, ROSTER, TASKS)
    assert (message.repository, message.title) == ("curso/conv-ana-gh", "Corrección de 02_convolucion")
    assert "7,5/10" in message.body
    assert list(messages(reports, Roster([Student("ana")]), TASKS)) == []
    assert list(messages(reports, ROSTER, [])) == []


def test_repositories_of_a_roster_cannot_be_posted_to(reports: list[Report]) -> None:
    """Their addresses are what students typed."""
    with pytest.raises(UsageError, match="expected ORG/PREFIX"):
        list(messages(reports, ROSTER, [replace(TASKS[0], repositories="class/r.csv")]))


def test_a_student_reads_no_flag(reports: list[Report]) -> None:
    """Flags are for the instructor, and one of them names whose work is alike."""
    report = replace(reports[0], flags=[{"kind": "similar", "message": "Se parece mucho.", "with": "beto"}])
    assert "beto" not in to_feedback(report)
    assert "similar" not in to_feedback(report)


def test_a_message_is_no_longer_than_github_takes(reports: list[Report]) -> None:
    """It says that it was cut."""
    long = replace(reports[0], checks=[replace(reports[0].checks[1], message="ñ " * 2000)] * 40)
    [message] = messages([long], ROSTER, TASKS)
    assert len(message.body) == MAX_BODY
    assert message.body.endswith("(cortado: es demasiado largo)\n")


def test_an_issue_is_written_once_and_then_kept_up_to_date(github: Issues) -> None:
    """A nightly run must not write a new one every night, nor change one without need."""
    message = Message("curso/conv-ana-gh", "Corrección de 02_convolucion", "7/10")
    assert post(message, server_of(github)) == "https://github.example/i/1"
    assert post(message, server_of(github)) == "https://github.example/i/1"
    assert github.changes == [("POST", "/api/repos/curso/conv-ana-gh/issues")]
    post(replace(message, body="8/10"), server_of(github))
    assert github.changes[1:] == [("PATCH", "/api/repos/curso/conv-ana-gh/issues/1")]


def test_an_issue_of_the_same_title_by_a_student_is_left_alone(github: Issues) -> None:
    """A student must not decide where the report goes."""
    message = Message("curso/conv-ana-gh", "Corrección de 02_convolucion", "7/10")
    post(message, server_of(github))
    github.issues[0]["user"] = {"login": "ana-gh"}
    assert post(message, server_of(github)) == "https://github.example/i/2"


@pytest.mark.parametrize("status", [401, 404])
def test_a_refusal_names_the_repository(github: Issues, status: int) -> None:
    """The other students get theirs all the same."""
    github.status = status
    with pytest.raises(CollectError, match="cannot post to curso/conv-ana-gh"):
        post(Message("curso/conv-ana-gh", "t", "b"), server_of(github))

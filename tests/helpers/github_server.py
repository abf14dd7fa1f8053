"""A stand-in for GitHub: the few pages of its API that are asked for, and repositories through git's own backend."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

__all__ = ["FakeGitHub", "serve"]

TOKEN = "ghp_of_the_instructor"


@dataclass
class FakeGitHub:
    """What the server holds and has been asked.

    Parameters
    ----------
    root : Path
        Holds ``<owner>/<name>.git``.
    private : bool
        Whether only the token opens anything.
    per_page : int
        Size of a page, whatever is asked for.
    activity : dict
        Pushes by repository, newest first.
    answers : dict
        Status, headers and content that a path gets instead of what it would; a list of contents is given one by one.
    requests : list of (str, str)
        Path and ``Authorization`` of each request.
    """

    root: Path
    private: bool = False
    per_page: int = 2
    activity: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    answers: dict[str, tuple[int, dict[str, str], Any]] = field(default_factory=dict)
    requests: list[tuple[str, str]] = field(default_factory=list)
    url: str = ""

    def push(self, repository: str, time: str, before: str, after: str, branch: str = "main") -> None:
        """Note a push as GitHub's activity list does."""
        entry = {"ref": f"refs/heads/{branch}", "before": before, "after": after, "timestamp": time}
        self.activity.setdefault(repository, []).insert(0, {**entry, "activity_type": "push"})


@contextmanager
def serve(github: FakeGitHub) -> Iterator[FakeGitHub]:
    """Run the server; its addresses are below ``github.url``."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *arguments: object) -> None:
            """Say nothing."""

        def do_GET(self) -> None:
            self.answer(b"")

        def do_POST(self) -> None:
            if self.headers.get("Transfer-Encoding") == "chunked":
                body = b""
                while size := int(self.rfile.readline(), 16):
                    body += self.rfile.read(size)
                    self.rfile.readline()
                self.rfile.readline()
            else:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.answer(body)

        def answer(self, body: bytes) -> None:
            parts = urlsplit(self.path)
            credential = self.headers.get("Authorization", "")
            github.requests.append((parts.path, credential))
            if parts.path in github.answers:
                status, headers, content = github.answers[parts.path]
                self.send(status, headers, content.pop(0) if isinstance(content, list) else content)
            elif parts.path.startswith("/api/"):
                self.api(parts.path.removeprefix("/api/"), parse_qs(parts.query), credential)
            elif github.private and not credential:
                self.send(401, {"WWW-Authenticate": 'Basic realm="git"'}, "")
            else:
                self.git(parts.path, parts.query, body)

        def api(self, path: str, query: dict[str, list[str]], credential: str) -> None:
            first, *rest = path.split("/")
            if credential and TOKEN not in credential:
                self.send(401, {}, {"message": "Bad credentials"})
            elif first == "orgs" and (github.root / rest[0]).is_dir():
                organisation = {"login": rest[0], "url": f"{github.url}/api/orgs/{rest[0]}"}
                names = sorted(folder.stem for folder in (github.root / rest[0]).iterdir())
                self.page(path, query, [self.repository(rest[0], name) for name in names]) if rest[1:] else self.send(
                    200, {}, organisation
                )
            elif first == "repos" and rest[2:] == ["activity"] and rest[1] in github.activity:
                wanted = query.get("ref", ["main"])[0]
                pushes = [push for push in github.activity[rest[1]] if push["ref"].endswith(f"/{wanted}")]
                self.page(path, query, pushes)
            else:
                self.send(404, {}, {"message": "Not Found"})

        def repository(self, owner: str, name: str) -> dict[str, str]:
            head = (github.root / owner / f"{name}.git" / "HEAD").read_text().strip().rpartition("/")[2]
            return {"name": name, "full_name": f"{owner}/{name}", "default_branch": head}

        def page(self, path: str, query: dict[str, list[str]], items: list[Any]) -> None:
            number = int(query.get("page", ["1"])[0])
            start = (number - 1) * github.per_page
            others = "&".join(f"{key}={values[0]}" for key, values in query.items() if key != "page")
            headers = {}
            if start + github.per_page < len(items):
                headers["Link"] = f'<{github.url}/api/{path}?{others}&page={number + 1}>; rel="next"'
            self.send(200, headers, items[start : start + github.per_page])

        def git(self, path: str, query: str, body: bytes) -> None:
            environment = {
                "PATH": os.environ["PATH"],
                "GIT_PROJECT_ROOT": str(github.root),
                "GIT_HTTP_EXPORT_ALL": "1",
                "PATH_INFO": path,
                "QUERY_STRING": query,
                "REQUEST_METHOD": self.command,
                "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                "CONTENT_LENGTH": str(len(body)),
                "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
                "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            }
            done = subprocess.run(["git", "http-backend"], env=environment, input=body, capture_output=True)
            head, _, content = done.stdout.partition(b"\r\n\r\n")
            headers = dict(line.split(": ", 1) for line in head.decode().splitlines() if ": " in line)
            self.send(int(headers.pop("Status", "200").split()[0]), headers, content)

        def send(self, status: int, headers: dict[str, str], content: Any) -> None:
            data = content if isinstance(content, bytes) else json.dumps(content).encode()
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    github.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield github
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

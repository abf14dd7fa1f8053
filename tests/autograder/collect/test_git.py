"""What git is allowed to do with addresses and repositories of students: very little."""

from __future__ import annotations

import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.collect import git
from autograder.collect.git import Access, check_url, git_environment, run_git
from autograder.errors import CollectError

HTTPS = Access()
LOCAL = Access(("https", "file"))


@pytest.mark.parametrize(
    "url",
    [
        "ext::sh -c 'touch /tmp/evil'",
        "--upload-pack=touch /tmp/evil",
        "ssh://git@github.com/a/b.git",
        "git@github.com:a/b.git",
        "git://github.com/a/b.git",
        "http://github.com/a/b.git",
        "file:///srv/git/instructor.git",
        "/srv/git/instructor.git",
        "../instructor.git",
        "https://ana:secret@github.com/a/b.git",
        "https://github.com@evil.example/a/b.git",
        "https://github.com/a b",
        "https://github.com\\@evil.example/a",
        "https://github.com/a\nb",
        "https://[::1/a",
        "https://",
        "",
    ],
)
def test_only_plain_https_addresses_are_fetched(url: str) -> None:
    """No command, no other protocol, no credentials, no file of this machine."""
    with pytest.raises(CollectError) as caught:
        check_url(url, HTTPS)
    assert caught.value.kind == "not-allowed"
    assert "secret" not in str(caught.value) or "secret" in url


def test_folders_are_fetched_where_the_caller_trusts_the_address(tmp_path: Path) -> None:
    """As an absolute path: a name with a colon would be a host."""
    (tmp_path / "a:b").mkdir()
    assert check_url(str(tmp_path / "a:b"), LOCAL) == str(tmp_path / "a:b")
    assert check_url("https://github.com/a/b.git", HTTPS) == "https://github.com/a/b.git"


def test_git_sees_nothing_of_the_instructor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No token, no configuration, no agent, no helper, no variable of git's."""
    hostile = {
        "GITHUB_TOKEN": "ghp_secret",
        "SSH_AUTH_SOCK": "/run/agent",
        "GIT_DIR": "/srv/instructor.git",
        "GIT_SSH_COMMAND": "touch evil",
        "GIT_PROXY_COMMAND": "touch evil",
        "GIT_CONFIG_PARAMETERS": "'alias.x=!touch evil'",
        "GIT_EXEC_PATH": "/evil",
        "HOME": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path),
    }
    for name, value in hostile.items():
        monkeypatch.setenv(name, value)
    (tmp_path / ".gitconfig").write_text("[user]\n\tname = Instructor\n[credential]\n\thelper = store\n")
    seen = git_environment(None)
    assert not set(hostile.values()) & set(seen.values())
    settings = run_git(["config", "--list"]).decode()
    assert "Instructor" not in settings
    assert "credential.helper=\n" in settings
    assert "helper=store" not in settings


def test_a_token_is_for_its_own_addresses_and_on_no_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """git compares the address itself, and a process list shows commands to everybody."""
    commands: list[list[str]] = []
    real = subprocess.Popen

    def watched(command: list[str], **options: object) -> object:
        commands.append(command)
        return real(command, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(subprocess, "Popen", watched)
    access = Access(("https",), "ghp_secret", "https://github.com/org/")

    def header(url: str) -> str:
        command = ["config", "--get-urlmatch", "http.extraHeader", url]
        try:
            return run_git(command, access=access).decode()
        except CollectError:
            return ""

    assert header("https://github.com/org/a.git").startswith("Authorization: Basic ")
    for url in ("https://github.com/other/a.git", "https://evil.example/org/a.git", "http://github.com/org/a.git"):
        assert header(url) == ""
    assert "secret" not in str(commands)


@pytest.fixture
def silent_server() -> Iterator[int]:
    """A server that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        taken: list[socket.socket] = []

        def accept() -> None:
            try:
                while True:
                    taken.append(server.accept()[0])
            except OSError:
                return

        thread = threading.Thread(target=accept)
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
        thread.join()
        for connection in taken:
            connection.close()


def test_a_server_that_never_answers_is_given_up(silent_server: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """With everything that git has started."""
    monkeypatch.setattr(git, "SECONDS", 0.5)
    began = time.monotonic()
    with pytest.raises(CollectError, match="Received: none; try again") as caught:
        run_git(["ls-remote", f"http://127.0.0.1:{silent_server}/a.git"], access=Access(("http",)))
    assert caught.value.kind == "unreachable"
    assert time.monotonic() - began < 10


def test_an_interrupted_run_ends_its_git(silent_server: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """In whatever thread it waits."""
    stopped = threading.Event()
    monkeypatch.setattr(git, "_stopped", stopped)
    timer = threading.Timer(0.3, git.stop_git)
    timer.start()
    with pytest.raises(CollectError, match="interrupted"):
        run_git(["ls-remote", f"http://127.0.0.1:{silent_server}/a.git"], access=Access(("http",)))
    timer.join()


def test_git_may_use_so_much_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of what it starts, too; and where there is no git it is said so."""
    assert int(run_git(["-c", "alias.limit=!ulimit -v", "limit"])) == git.MAX_MEMORY >> 10
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(CollectError, match="expected git on this machine"):
        run_git(["--version"])


def test_protocols_that_were_not_asked_for_do_not_work(tmp_path: Path) -> None:
    """Even if an address got past our own check."""
    for command in (["ls-remote", f"file://{tmp_path}"], ["ls-remote", "ext::sh -c true"]):
        with pytest.raises(CollectError, match=r"transport '(file|ext)' not allowed"):
            run_git(command, access=HTTPS, where="x")
    with pytest.raises(CollectError, match="not allowed"):
        run_git(["ls-remote", "https://127.0.0.1:1/a.git"])

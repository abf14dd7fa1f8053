"""Finds students' repositories at GitHub, or a server that speaks its API, and asks when they were pushed to."""

from __future__ import annotations

import contextlib
import os
import re
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any
from urllib.parse import quote, urlsplit

from autograder.collect.git import Access
from autograder.collect.handin import Clues, Source
from autograder.collect.repositories import Push, RepositoryHandin
from autograder.course.roster import Roster
from autograder.course.times import parse_time
from autograder.errors import CollectError, UsageError
from autograder.render.text import plain_line

__all__ = ["GitHub", "Server", "find_repositories", "roster_repositories"]

MAX_PUSHES = 1_000
_SECONDS = 30
_NAME = re.compile(r"[A-Za-z0-9._-]{1,100}")


@dataclass(frozen=True)
class Server:
    """A GitHub server.

    Parameters
    ----------
    api_url, web_url : str
        Without a slash at the end.
    token : str
        Empty for anonymous use, which sees public repositories only.
    """

    api_url: str = "https://api.github.com"
    web_url: str = "https://github.com"
    token: str = ""

    @classmethod
    def from_environment(cls) -> Server:
        """Return the server of ``GITHUB_API_URL`` and ``GITHUB_SERVER_URL``, with ``GITHUB_TOKEN`` or ``GH_TOKEN``.

        Raises
        ------
        UsageError
            An address is not HTTPS: a token would cross the network in the open.
        """
        api_url = os.environ.get("GITHUB_API_URL", cls.api_url).rstrip("/")
        web_url = os.environ.get("GITHUB_SERVER_URL", cls.web_url).rstrip("/")
        for url in (api_url, web_url):
            parts = urlsplit(url)
            local = parts.scheme == "http" and parts.hostname in ("127.0.0.1", "::1", "localhost")
            if not (parts.scheme == "https" or local) or not parts.hostname or "@" in parts.netloc:
                raise UsageError(
                    f"expected an address https://… in GITHUB_API_URL and GITHUB_SERVER_URL. Received: {url}"
                )
        return cls(api_url, web_url, os.environ.get("GITHUB_TOKEN") or os.environ.get("GH_TOKEN") or "")

    def access(self, owner: str) -> Access:
        """Return what git may use for the repositories of one owner: the token goes nowhere else."""
        protocols = ("https", "http") if self.web_url.startswith("http:") else ("https",)
        return Access(protocols, self.token, f"{self.web_url}/{owner}/" if self.token else "")


class GitHub:
    """The API of a server; every error it answers with becomes a `CollectError` that says what to do.

    Parameters
    ----------
    server : Server
    """

    def __init__(self, server: Server) -> None:
        from github import Auth, Github
        from urllib3.util import Retry

        self._server = server
        self._lock = threading.Lock()
        # PyGithub's own retries sleep until a rate limit ends, an hour without a word.
        retry = Retry(total=3, status_forcelist=[502, 503, 504], backoff_factor=0.3, respect_retry_after_header=False)
        self._api = Github(
            auth=Auth.Token(server.token) if server.token else None,
            base_url=server.api_url,
            timeout=_SECONDS,
            retry=retry,
            per_page=100,
            seconds_between_requests=None,
        )

    def repositories(self, owner: str) -> list[tuple[str, str]]:
        """Return name and default branch of every repository of an organisation.

        Raises
        ------
        CollectError
            Of kind ``unreachable``.
        """
        with self._lock, _explained(f"organisation {owner}", self._server):
            found = self._api.get_organization(owner).get_repos(sort="full_name", direction="asc")
            return [(repository.name, repository.default_branch or "") for repository in found]

    def pushes(self, owner: str, name: str, branch: str) -> list[Push]:
        """Return the pushes to a branch, newest first; empty if the server does not tell.

        Raises
        ------
        CollectError
            Of kind ``unreachable``: the rate limit is used up, the token is refused, or nobody answers.
        """
        address: str | None = f"/repos/{quote(owner)}/{quote(name)}/activity?per_page=100&ref={quote(branch, safe='')}"
        pushes: list[Push] = []
        while address is not None:
            if len(pushes) >= MAX_PUSHES:
                # The rest would tell what was there at the deadline: whoever pushes often enough must not hide it.
                raise CollectError(
                    "unreachable",
                    f"expected fewer than {MAX_PUSHES} pushes to {owner}/{name}. Received: more; look at it yourself.",
                )
            with self._lock, _explained(f"pushes to {owner}/{name}", self._server):
                try:
                    headers, answer = self._api.requester.requestJsonAndCheck("GET", address)
                except _not_found():
                    return []
            pushes += [push for item in answer if (push := _push(item, branch))]
            address = _next_page(headers)
        return sorted(pushes, key=lambda push: push.time, reverse=True)


def find_repositories(owner: str, prefix: str, server: Server, accept_late: bool, roster: Roster | None) -> Source:
    """Return the repositories ``PREFIX-LOGIN`` of an organisation, as GitHub Classroom and its successors name them.

    Where teams hand in, it is ``PREFIX-TEAM``.

    Raises
    ------
    CollectError
        Of kind ``unreachable``.
    UsageError
        No repository begins with the prefix.
    """
    api = GitHub(server)
    start = f"{prefix.casefold()}-"
    handins = []
    names = api.repositories(owner)
    for name, branch in names:
        login = name[len(start) :]
        if not name.casefold().startswith(start) or not login or not _NAME.fullmatch(name):
            continue
        # Classroom adds a number where a name is taken.
        shorter = re.sub(r"-\d+$", "", login)
        if roster is not None and not _is_known(login, roster) and _is_known(shorter, roster):
            login = shorter
        handins.append(_handin(api, server, owner, name, branch, Clues(name, github=login), accept_late))
    if not handins:
        raise UsageError(
            f"expected repositories called {prefix}-LOGIN in {owner}. Received: none among {len(names)} that "
            f"{'this token' if server.token else 'the public'} can see."
        )
    return Source(f"{owner}/{prefix}", tuple(handins))


def roster_repositories(roster: Roster, owner: str, server: Server, accept_late: bool, local: bool) -> Source:
    """Return the repositories that a roster names in its column ``repository``.

    Parameters
    ----------
    roster : Roster
    owner : str
        The organisation to whose repositories the token may be sent; empty for none. A roster may hold what students
        typed: any other address is fetched anonymously.
    server : Server
    accept_late : bool
    local : bool
        Whether addresses may be folders of this machine.

    Raises
    ------
    UsageError
        The roster names no repository.
    """
    api = GitHub(server) if owner else None
    handins = []
    for student in roster:
        if not student.repository:
            continue
        clues = Clues(student.repository, id=student.id)
        ours = re.fullmatch(rf"{re.escape(server.web_url)}/([^/]+)/([^/]+?)(\.git)?/?", student.repository)
        if api and ours and ours[1].casefold() == owner.casefold() and _NAME.fullmatch(ours[2]):
            handins.append(_handin(api, server, owner, ours[2], "", clues, accept_late))
            continue
        access = Access(("https", "file") if local else ("https",))
        handins.append(RepositoryHandin(clues, student.repository, access, accept_late))
    if not handins:
        raise UsageError("expected a roster with a column repository, or ORG/PREFIX. Received: none.")
    return Source("the roster's repositories", tuple(handins))


def _handin(
    api: GitHub,
    server: Server,
    owner: str,
    name: str,
    branch: str,
    clues: Clues,
    accept_late: bool,
) -> RepositoryHandin:
    def pushes(branch: str) -> Sequence[Push]:
        return api.pushes(owner, name, branch)

    url = f"{server.web_url}/{owner}/{name}.git"
    return RepositoryHandin(clues, url, server.access(owner), accept_late, branch, pushes)


def _is_known(login: str, roster: Roster) -> bool:
    return roster.find("github", login) is not None or bool(roster.members(login))


def _push(item: Any, branch: str) -> Push | None:
    if not isinstance(item, dict) or item.get("ref") != f"refs/heads/{branch}":
        return None
    time = parse_time(str(item.get("timestamp")))
    before, after = str(item.get("before")), str(item.get("after"))
    return Push(time, before, after) if time else None


def _next_page(headers: dict[str, Any]) -> str | None:
    found = re.search(r'<([^>]+)>;\s*rel="next"', str(headers.get("link", "")))
    return found[1] if found else None


def _not_found() -> type[Exception]:
    from github import UnknownObjectException

    return UnknownObjectException


@contextlib.contextmanager
def _explained(what: str, server: Server) -> Iterator[None]:
    """Turn an error of the library into one that says what to do."""
    import github
    import requests

    token = "The token" if server.token else "Without a token (GITHUB_TOKEN) the public"
    try:
        yield
    except github.RateLimitExceededException as error:
        reset = str((error.headers or {}).get("x-ratelimit-reset", ""))
        when = f" until {datetime.fromtimestamp(int(reset), timezone.utc):%H:%M} UTC" if reset.isdigit() else ""
        raise CollectError(
            "unreachable",
            f"expected an answer about {what}. Received: the rate limit is used up{when}. What was fetched is kept: "
            f"run the same command again then{'' if server.token else ', or set GITHUB_TOKEN, which allows more'}.",
        ) from error
    except github.BadCredentialsException as error:
        raise CollectError(
            "unreachable",
            f"expected an answer about {what}. Received: the token in GITHUB_TOKEN or GH_TOKEN is refused (it may have "
            "expired). Make one that may read contents and metadata of the organisation's repositories.",
        ) from error
    except github.UnknownObjectException as error:
        raise CollectError(
            "unreachable", f"expected the {what}. Received: not found. {token} may not see it, or its name differs."
        ) from error
    except github.GithubException as error:
        said = error.data.get("message", "") if isinstance(error.data, dict) else ""
        raise CollectError(
            "unreachable", f"expected the {what}. Received: status {error.status}, {plain_line(said, 160)}"
        ) from error
    except requests.RequestException as error:
        raise CollectError(
            "unreachable", f"expected an answer from {server.api_url}. Received: {type(error).__name__}; try again."
        ) from error

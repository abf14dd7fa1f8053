"""Gives each student a report as an issue of the student's own repository."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from autograder.course.roster import Roster
from autograder.errors import CollectError, UsageError
from autograder.github.schedule import Task
from autograder.render.markdown import to_markdown
from autograder.report import Report

if TYPE_CHECKING:
    from autograder.collect.github import Server

__all__ = ["Message", "messages", "post", "to_feedback"]

MAX_BODY = 65_000
"""GitHub takes 65,536 characters."""
_CUT = "\n\n… (cortado: es demasiado largo)\n"


@dataclass(frozen=True)
class Message:
    """One issue to write.

    Parameters
    ----------
    repository : str
        ``OWNER/NAME``.
    title, body : str
    """

    repository: str
    title: str
    body: str


def to_feedback(report: Report) -> str:
    """Return what a student may read of a report, as Markdown: without flags, which may name other students."""
    return to_markdown([replace(report, flags=[])])


def messages(reports: Sequence[Report], roster: Roster, tasks: Sequence[Task]) -> Iterator[Message]:
    """Yield a message for each graded report whose student has a repository.

    Raises
    ------
    UsageError
        The repositories of an assignment come from a roster, not from ``ORG/PREFIX``.
    """
    places = {task.assignment: task.repositories for task in tasks}
    for report in reports:
        student = roster.find("id", report.submission)
        place = places.get(report.assignment, "")
        if not report.graded or student is None or not student.github or not place:
            continue
        if place.endswith(".csv"):
            raise UsageError(f"expected ORG/PREFIX for {report.assignment}, to know where to post. Received: {place}")
        body = to_feedback(report)
        body = body if len(body) <= MAX_BODY else body[: MAX_BODY - len(_CUT)] + _CUT
        yield Message(f"{place}-{student.github}", f"Corrección de {report.assignment}", body)


def post(message: Message, server: Server) -> str:
    """Write an issue, or bring the one of an earlier run up to date, and return its address.

    Parameters
    ----------
    message : Message
    server : Server
        With a token that may write issues.

    Raises
    ------
    CollectError
        The server refuses or does not answer.
    """
    from github import Auth, Github, GithubException

    api = Github(auth=Auth.Token(server.token), base_url=server.api_url, timeout=30, retry=3, lazy=True)
    try:
        repository = api.get_repo(message.repository)
        own = api.get_user().login
        for issue in repository.get_issues(state="all"):
            # A student may have opened one of the same title.
            if issue.title == message.title and issue.user.login == own:
                if issue.body != message.body:
                    issue.edit(body=message.body)
                return issue.html_url
        return repository.create_issue(message.title, message.body).html_url
    except (GithubException, OSError) as error:
        reason = getattr(error, "data", None) or error
        raise CollectError("unreachable", f"cannot post to {message.repository}: {reason}") from error
    finally:
        api.close()

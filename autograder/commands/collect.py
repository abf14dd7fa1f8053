"""``collect``: bring submissions into nbgrader's submitted/ tree."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.course.suggest import near_path, unknown
from autograder.errors import UsageError
from autograder.exit_status import DONE, NO_GRADE
from autograder.render.phrases import say

if TYPE_CHECKING:
    from autograder.collect import Places, Source
    from autograder.course.roster import Roster

SUMMARY = "collect submissions from GitHub, Moodle, Canvas or Classroom 50"
EXAMPLE = "collect moodle 02_convolucion.zip --roster roster.csv"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the verb."""
    sources = parser.add_subparsers(title="sources", dest="source", metavar="SOURCE", required=True)
    github = sources.add_parser(
        "github", help="repositories ORG/PREFIX-LOGIN, or those of a roster's column repository"
    )
    github.add_argument("where", metavar="ORG/PREFIX|ROSTER.CSV")
    github.add_argument(
        "--org", default="", help="with a roster: send GITHUB_TOKEN to this organisation's repositories"
    )
    github.add_argument("--local", action="store_true", help="with a roster: addresses may be folders of this machine")
    moodle = sources.add_parser("moodle", help="the archive of Download all submissions, or the folder out of it")
    moodle.add_argument("where", type=Path, metavar="ZIP|DIR")
    moodle.add_argument(
        "--worksheet", type=Path, metavar="CSV", help="Moodle's grading worksheet: who is who, and when each handed in"
    )
    canvas = sources.add_parser("canvas", help="the archive of Download Submissions, or the folder out of it")
    canvas.add_argument("where", type=Path, metavar="ZIP|DIR")
    classroom50 = sources.add_parser("classroom50", help="the folder that gh teacher download made")
    classroom50.add_argument("where", type=Path, metavar="DIR")
    for source in (github, moodle, canvas, classroom50):
        source.add_argument("--assignment", metavar="A", help="default: the one that the source's name holds")
        source.add_argument("--roster", type=Path, metavar="CSV", help="who may hand in; the others are reported")
        source.add_argument("--deadline", metavar="TIME", help="ISO 8601 with a zone: 2026-11-24T23:59:00-03:00")
        source.add_argument("--into", type=Path, default=Path("submitted"), metavar="DIR", help="default: submitted")
        source.add_argument(
            "--originals", type=Path, default=Path("downloaded"), metavar="DIR", help="default: downloaded"
        )
    for source in (github, classroom50):
        source.add_argument("--late", action="store_true", help="take the newest commit although it is late")


def run(options: argparse.Namespace) -> int:
    """Collect, print the table and say what to do next."""
    from autograder.collect import Places, parse_deadline
    from autograder.course.assignments import find_assignments
    from autograder.course.roster_file import read_roster

    if options.source != "github" and not options.where.exists():
        raise UsageError(
            f"expected what `collect {options.source}` reads. Received: {options.where}: no such file or folder."
            + near_path(options.where)
        )
    assignments = find_assignments()
    assignment = assignments[_assignment(options, list(assignments))]
    deadline = parse_deadline(options.deadline) if options.deadline else None
    from_roster = options.source == "github" and options.where.endswith(".csv")
    roster_path = options.roster or (Path(options.where) if from_roster else None)
    roster = read_roster(roster_path) if roster_path else None
    places = Places(assignment.name, options.into, options.originals, assignment.released, assignment.names)
    complete = collect_all(_source(options, roster, deadline), places, roster, deadline)
    return DONE if complete else NO_GRADE


def collect_all(
    opened: AbstractContextManager[Source], places: Places, roster: Roster | None, deadline: datetime | None
) -> bool:
    """Collect what a source holds, print the table and say what to do next.

    Parameters
    ----------
    opened : context manager
        Yields the source: an archive is open as long.
    places : Places
        Which assignment it is, and where everything goes.
    roster : Roster, optional
        Who may hand in.
    deadline : datetime, optional

    Returns
    -------
    bool
        Whether nothing failed.
    """
    from rich.console import Console

    from autograder.collect import FAILURES, collect, record, summary_table

    with opened as source, _progress(len(source.handins)) as advance:
        outcomes = collect(source, places, roster, deadline, on_done=advance)
    record(outcomes, places.record, source.title, deadline)
    console = Console()
    console.print(summary_table(outcomes, deadline.tzinfo if deadline else None))
    for note in [*source.notes, *(roster.notes if roster is not None else ())]:
        console.print(f" {say(note)}", markup=False)
    console.print(say(f" Record: {places.record}"), markup=False, soft_wrap=True)
    if any(outcome.collected for outcome in outcomes):
        console.print(
            say(f" Next: python -m autograder grade {places.submitted} --assignment {places.assignment}"),
            markup=False,
            soft_wrap=True,
        )
    return not any(outcome.status in FAILURES for outcome in outcomes)


@contextmanager
def github_source(
    where: str,
    roster: Roster | None,
    *,
    late: bool = False,
    organisation: str = "",
    local: bool = False,
) -> Iterator[Source]:
    """Yield the repositories ``ORG/PREFIX-LOGIN``, or those that a roster (``.csv``) names in a column.

    Raises
    ------
    UsageError
        ``where`` is neither.
    """
    from autograder.collect.github import Server, find_repositories, roster_repositories
    from autograder.course.roster_file import read_roster

    server = Server.from_environment()
    if where.endswith(".csv"):
        yield roster_repositories(read_roster(Path(where)), organisation, server, late, local)
        return
    owner, slash, prefix = where.partition("/")
    if not slash or not owner or not prefix or "/" in prefix:
        raise UsageError(f"expected ORG/PREFIX or a roster (.csv). Received: {where}")
    yield find_repositories(owner, prefix, server, late, roster)


def _assignment(options: argparse.Namespace, known: list[str]) -> str:
    if options.assignment is not None:
        if options.assignment not in known:
            raise unknown(options.assignment, known)
        return str(options.assignment)
    name = str(options.where) if options.source == "github" else options.where.resolve().name
    named = [assignment for assignment in known if assignment in name]
    if len(named) != 1:
        raise UsageError(
            f"expected --assignment with one of {', '.join(known)}. Received: none, and {name} names none."
        )
    return named[0]


@contextmanager
def _source(options: argparse.Namespace, roster: Roster | None, deadline: datetime | None) -> Iterator[Source]:
    """Yield what is to be collected; an archive is open as long."""
    from autograder.collect import canvas, moodle
    from autograder.collect.classroom50 import find_clones
    from autograder.collect.lms import open_download
    from autograder.collect.worksheet import read_worksheet

    if options.source == "moodle":
        zone = deadline.tzinfo if deadline and deadline.tzinfo else timezone.utc
        if options.worksheet and deadline is None:
            raise UsageError("expected --deadline with --worksheet: its zone is that of the worksheet's times.")
        worksheet = read_worksheet(options.worksheet, zone) if options.worksheet else None
        with open_download(options.where) as archive:
            yield moodle.find_submissions(archive, worksheet, roster)
    elif options.source == "canvas":
        with open_download(options.where) as archive:
            yield canvas.find_submissions(archive)
    elif options.source == "classroom50":
        yield find_clones(options.where, options.late, roster)
    else:
        chosen = {"late": options.late, "organisation": options.org, "local": options.local}
        with github_source(options.where, roster, **chosen) as source:
            yield source


@contextmanager
def _progress(total: int) -> Iterator[Callable[[str], None]]:
    """Show a bar, and yield what moves it on."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from autograder.render.text import plain_line

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task(say("Collecting"), total=total)
        yield lambda label: progress.update(bar, advance=1, description=plain_line(label, 40))

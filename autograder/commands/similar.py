"""``similar``: whose work is it, in code and in trained networks."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.commands.running import known_assignments
from autograder.commands.targets import require_writable, write_whole
from autograder.commands.telling import tell, warn
from autograder.course.assignments import find_assignments
from autograder.errors import UsageError
from autograder.exit_status import DONE
from autograder.language import counted, number
from autograder.render.phrases import say
from autograder.render.text import plain_line

if TYPE_CHECKING:
    from autograder.similarity.pairs import Pair

SUMMARY = "find work that is alike: copied code, disguised networks"
EXAMPLE = "similar submitted/ --html alike/"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the verb."""
    parser.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="as for `grade`")
    parser.add_argument("--assignment", metavar="A", help="only this assignment")
    parser.add_argument(
        "--against",
        action="append",
        default=[],
        type=Path,
        metavar="DIR",
        help="hand-ins of another year to compare with",
    )
    parser.add_argument("--json", type=Path, metavar="F", help="write the flagged pairs and the ten nearest others")
    parser.add_argument("--html", type=Path, metavar="DIR", help="write a page with a graph and the code side by side")
    parser.add_argument(
        "--dismiss", nargs=2, metavar=("A", "B"), help="never flag these two again; needs --by and --why, and no PATH"
    )
    parser.add_argument(
        "--sandbox",
        choices=("bwrap", "none"),
        default="bwrap",
        help="where model files are read; none: with your rights, only for files that you trust",
    )
    parser.add_argument("--by", default="", metavar="WHO", help="who dismisses")
    parser.add_argument("--why", default="", metavar="TEXT", help="the reason")


def run(options: argparse.Namespace) -> int:
    """Compare what lies at the places, and print the pairs; or keep that a pair is dismissed."""
    from autograder.similarity.classes import by_assignment, compare_works
    from autograder.similarity.dismissed import DECISIONS, dismiss, read_dismissals
    from autograder.similarity.models import compare_models, read_models
    from autograder.similarity.page import write_page
    from autograder.similarity.pairs import chosen, to_json

    assignments = known_assignments(options)
    if options.dismiss:
        if options.paths:
            raise UsageError("expected --dismiss without places to compare. Received: both.")
        made = dismiss(tuple(options.dismiss), options.assignment or "", options.by, options.why)
        what = made.assignment or "any assignment"
        tell(f"{' and '.join(made.submissions)} will not be flagged for {what} again; kept in {DECISIONS.name}.")
        return DONE
    if not options.paths:
        raise UsageError("expected at least one place with submissions. Received: none.")
    require_writable((options.json,), (options.html,))
    works = _read(options.paths, options.assignment)
    references = _read(options.against, options.assignment, ignored=True) if options.against else []
    dismissals = read_dismissals()
    others = by_assignment(references)
    compared = {
        name: compare_works(members, assignments[name], others.get(name, []), dismissals)
        for name, members in by_assignment(works).items()
    }
    pairs = [pair for one in compared.values() for pair in one.pairs]
    models, problems = read_models([*works, *references], assignments, options.sandbox)
    for problem in problems:
        warn(f"not compared: {plain_line(problem, 200)}")
    mine = {work.name for work in works}
    for name, members in models.items():
        alike = compare_models(name, members, dismissals)
        pairs += [pair for pair in alike if mine & set(pair.submissions)]
    if options.json is not None:
        write_whole(options.json, to_json(chosen(pairs)) + "\n")
        warn(f"wrote {options.json}")
    if options.html is not None:
        warn(f"wrote {write_page(pairs, compared, options.html)}")
    _show(chosen(pairs))
    return DONE


def _read(paths: list[Path], assignment: str | None, ignored: bool = False) -> list:  # type: ignore[type-arg]
    """Return the works at the places, and tell what could not be read."""
    from dataclasses import replace

    from autograder.intake.submissions import look_for_submissions
    from autograder.similarity.works import read_works

    assignments = find_assignments()
    works, unread = read_works(look_for_submissions(paths, assignments, assignment).submissions, assignments)
    for submission, reason in unread:
        if not ignored:
            warn(f"not compared: {plain_line(submission.name)}: {plain_line(reason, 200)}")
    where = paths[0].resolve().name
    return [replace(work, name=f"{where}/{work.name}") for work in works] if ignored else works


HEADS = ("kind", "assignment", "submissions", "score", "where")
"""Of the table of pairs; the first column says what is flagged or dismissed."""


def _show(pairs: list[Pair]) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    table = Table(title=say(f"{counted(sum(pair.flagged for pair in pairs), 'flagged pair')}, and the nearest others"))
    for head in ("", *HEADS):
        table.add_column(say(head) if head else "", justify="right" if head == "score" else "left")
    for pair in pairs:
        mark = say("flag") if pair.flagged else say("dismissed") if pair.dismissed else ""
        names = " · ".join(plain_line(name, 40) for name in pair.submissions)
        where = plain_line(", ".join(pair.where), 60)
        table.add_row(mark, say(pair.kind), pair.assignment, names, number(pair.score, 2), where)
    console.print(table, markup=False)

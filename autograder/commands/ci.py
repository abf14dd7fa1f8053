"""``ci``: the steps of ``.github/workflows/class.yml``, which grades a class with the hidden checks."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.commands.telling import tell
from autograder.course.assignments import find_assignments
from autograder.errors import AutograderError, UsageError
from autograder.exit_status import DONE, FOUND, NO_GRADE, USAGE_ERROR
from autograder.language import counted, number

if TYPE_CHECKING:
    from autograder.collect import Source
    from autograder.course.roster import Roster

SUMMARY = "run a step of the workflow that grades a class"
EXAMPLE = "ci collect class/ --days 7"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the steps and their arguments."""
    steps = parser.add_subparsers(title="steps", metavar="STEP", required=True)
    collect = steps.add_parser("collect", help="bring what is due to a submitted/ tree")
    collect.add_argument("folder", type=Path, metavar="CLASS", help="holds roster.csv and deadlines.csv")
    collect.add_argument("--assignment", default="", metavar="A", help="this one, whenever it is or was due")
    collect.add_argument(
        "--days", type=float, default=2, metavar="N", help="due for no longer than this; default: 2 days"
    )
    collect.add_argument("--into", type=Path, default=Path("submitted"), metavar="DIR", help="default: submitted")
    collect.set_defaults(step=_collect)
    plan = steps.add_parser("plan", help="split a submitted/ tree among machines")
    plan.add_argument("submitted", type=Path, metavar="SUBMITTED")
    plan.add_argument("parts", type=Path, metavar="PARTS")
    plan.set_defaults(step=_plan)
    grade = steps.add_parser("grade", help="grade one part, after deleting the others")
    grade.add_argument("parts", type=Path, metavar="PARTS")
    grade.add_argument("part", metavar="PART")
    grade.add_argument("reports", type=Path, metavar="REPORTS")
    grade.set_defaults(step=_grade)
    merge = steps.add_parser("merge", help="merge the parts' reports, believing none of them; $PLAN is the plan")
    merge.add_argument("reports", type=Path, metavar="REPORTS")
    merge.add_argument("destination", type=Path, metavar="DIR")
    merge.set_defaults(step=_merge)
    post = steps.add_parser("post", help="give each student the report as an issue; needs $GITHUB_TOKEN")
    post.add_argument("reports", type=Path, metavar="REPORTS.json")
    post.add_argument("folder", type=Path, metavar="CLASS")
    post.set_defaults(step=_post)


def run(options: argparse.Namespace) -> int:
    """Run the step."""
    status: int = options.step(options)
    return status


def _collect(options: argparse.Namespace) -> int:
    from autograder.collect import Places
    from autograder.commands.collect import collect_all, github_source
    from autograder.course.roster import Roster
    from autograder.course.roster_file import read_roster
    from autograder.github.actions import annotate
    from autograder.github.schedule import choose, read_schedule, waiting

    now = datetime.now(timezone.utc)
    tasks = read_schedule(options.folder / "deadlines.csv", list(find_assignments()))
    roster = read_roster(options.folder / "roster.csv")
    chosen = choose(tasks, now, options.days, options.assignment, roster)
    options.into.mkdir(parents=True, exist_ok=True)
    if not chosen:
        tell("Nothing is due.")
    assignments, status = find_assignments(), DONE
    with tempfile.TemporaryDirectory() as originals:
        for task in chosen:
            assignment = assignments[task.assignment]
            places = Places(assignment.name, options.into, Path(originals), assignment.released, assignment.names)
            try:
                later = waiting(task, roster, now)
                due = Roster([student for student in roster if student not in later.students], roster.notes)
                source = _without(github_source(task.repositories, roster), later)
                collect_all(source, places, due, task.deadline)
                for student in later:
                    own = student.deadline(task.assignment, task.deadline)
                    tell(f"Not due yet: {task.assignment} of {student.id}, until {own:%Y-%m-%d %H:%M %z}")
            except AutograderError as error:
                annotate("error", str(error), title=f"Not collected: {task.assignment}")
                status = USAGE_ERROR if isinstance(error, UsageError) else status
    # A repository that could not be collected is in the tables above; the others are graded all the same.
    return status


@contextmanager
def _without(opened: AbstractContextManager[Source], students: Roster) -> Iterator[Source]:
    """Yield a source without what is these students', or their team's."""
    with opened as source:
        kept = [item for item in source.handins if not students.owners(item.clues.id or item.clues.github)]
        yield replace(source, handins=tuple(kept))


def _plan(options: argparse.Namespace) -> int:
    from autograder.github.actions import set_output
    from autograder.github.parts import plan_parts

    plan = plan_parts(options.submitted, options.parts)
    set_output("parts", json.dumps(list(plan)))
    set_output("plan", json.dumps(plan))
    tell(f"Split: {counted(sum(map(len, plan.values())), 'submission')} in {counted(len(plan), 'part')}.")
    return DONE


def _grade(options: argparse.Namespace) -> int:
    from autograder.commands.session import grade_paths, show_left_out, show_reports
    from autograder.github.actions import write_summary
    from autograder.github.parts import take_part
    from autograder.render.markdown import to_markdown
    from autograder.settings import Settings

    with tempfile.TemporaryDirectory() as submitted:
        take_part(options.parts, options.part, Path(submitted))
        names = {path.name for path in Path(submitted).glob("*/*")}
        _install_packages(names)
        _fetch_data(names)
        run = grade_paths([Path(submitted)], None, Settings())
    reports = run.reports
    options.reports.mkdir(parents=True, exist_ok=True)
    text = json.dumps([report.as_dict() for report in reports], ensure_ascii=True)
    (options.reports / f"{options.part}.json").write_text(text, encoding="utf-8")
    write_summary(to_markdown(reports))
    show_reports(reports)
    show_left_out(run.left_out)
    return DONE


def _install_packages(names: set[str]) -> None:
    """Install what assignments allow beyond the course's packages, on this machine of one job."""
    from autograder.course.requirements import missing_packages

    assignments = find_assignments()
    allowed = [package for name in sorted(names & set(assignments)) for package in assignments[name].packages]
    missing = missing_packages(allowed)
    if missing:
        subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", *missing], check=False)


def _fetch_data(names: set[str]) -> None:
    """Fetch the data sets that assignments need; what cannot be had costs nobody a point and is told."""
    from autograder.github.actions import annotate
    from data.fetch import fetch_all

    assignments = find_assignments()
    wanted = {dataset for name in names if name in assignments for dataset in assignments[name].datasets}
    fetch_all(sorted(wanted), lambda name, reason: annotate("warning", reason, title=f"No data set {name}"))


def _merge(options: argparse.Namespace) -> int:
    from autograder.github.actions import annotate, write_summary
    from autograder.github.feedback import to_feedback
    from autograder.github.merge import merge_reports
    from autograder.github.parts import read_plan
    from autograder.render.markdown import to_markdown
    from autograder.report import to_json

    plan = read_plan(os.environ.get("PLAN", ""))
    reports, problems = merge_reports(plan, options.reports, find_assignments())
    for problem in problems:
        annotate("warning", problem, title="No report")
    options.destination.mkdir(parents=True, exist_ok=True)
    (options.destination / "reports.json").write_text(to_json(reports), encoding="utf-8")
    for report in reports:
        path = options.destination / "feedback" / report.assignment / f"{report.submission}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(to_feedback(report), encoding="utf-8", errors="replace")
    if reports:
        write_summary(to_markdown(reports))
    tell(f"{counted(len(reports), 'report')}, {number(len(problems))} missing or refused.")
    return FOUND if problems else DONE


def _post(options: argparse.Namespace) -> int:
    from autograder.collect.github import Server
    from autograder.course.roster_file import read_roster
    from autograder.github.actions import annotate
    from autograder.github.feedback import messages, post
    from autograder.github.schedule import read_schedule
    from autograder.report import Report

    server = Server.from_environment()
    if not server.token:
        raise UsageError("expected a token that may write issues in GITHUB_TOKEN. Received: none")
    data = json.loads(options.reports.read_text(encoding="utf-8"))
    reports = [Report.from_dict(item) for item in (data if isinstance(data, list) else [data])]
    tasks = read_schedule(options.folder / "deadlines.csv", list(find_assignments()))
    failed = 0
    for message in messages(reports, read_roster(options.folder / "roster.csv"), tasks):
        try:
            tell(post(message, server))
        except AutograderError as error:
            failed += 1
            annotate("warning", str(error), title="Not posted")
    return NO_GRADE if failed else DONE

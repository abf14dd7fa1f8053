"""``grade``: grade submissions and write their reports."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.commands.running import (
    add_keep_better,
    add_running_options,
    chosen_settings,
    known_assignments,
    positive,
)
from autograder.commands.targets import require_writable
from autograder.commands.telling import warn
from autograder.course.missing import strangers
from autograder.course.roster_file import read_roster
from autograder.errors import AutograderError, UsageError
from autograder.exit_status import DONE, NO_GRADE
from autograder.render.text import plain_line

if TYPE_CHECKING:
    from autograder.audit.class_audit import Wanted

SUMMARY = "grade submissions"
EXAMPLE = "grade submitted/ --roster roster.csv --html pages/"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the verb."""
    parser.add_argument(
        "paths",
        nargs="+",
        type=Path,
        metavar="PATH",
        help="a notebook, a folder with one, or an nbgrader submitted/ tree",
    )
    parser.add_argument(
        "--assignment", metavar="A", help="only this assignment; what notebooks are whose place is silent"
    )
    parser.add_argument(
        "--student-folders",
        action="store_true",
        help="each PATH is one student's folder of the assignment, <student>/<assignment>/, whatever lies in it",
    )
    parser.add_argument(
        "--roster",
        type=Path,
        metavar="CSV",
        help="also report who of these students handed in nothing, and give who has more time nbgrader's extension",
    )
    parser.add_argument(
        "--deadline",
        metavar="TIME",
        help="show as late what timestamp.txt says came after this (ISO 8601 with a zone); default: as `collect` noted",
    )
    parser.add_argument("--json", type=Path, metavar="F", help="write the reports as JSON")
    parser.add_argument("--junit", type=Path, metavar="F", help="write the reports as JUnit XML")
    parser.add_argument("--markdown", type=Path, metavar="F", help="write the reports as Markdown")
    parser.add_argument("--html", type=Path, metavar="DIR", help="write the reports as web pages")
    parser.add_argument(
        "--gradebook",
        action="store_true",
        help="write what changed into nbgrader's gradebook.db and autograded/; PATH lies in submitted/",
    )
    parser.add_argument(
        "--outputs",
        type=Path,
        metavar="F",
        help="also run cells that only show things; list where outputs are kept",
    )
    parser.add_argument(
        "--audit",
        metavar="SHARE",
        help="train again for a random share, 10%%, of those who handed in models; flag what notebooks do not train",
    )
    parser.add_argument(
        "--audit-budget",
        type=positive,
        metavar="S",
        help="seconds for all trainings of one audited submission; default: 1800",
    )
    parser.add_argument("--audit-seed", metavar="TEXT", help="another text chooses others; the same one, the same")
    add_keep_better(parser)
    parser.add_argument(
        "--cluster",
        metavar="ADDRESS",
        help="grade on the machines of this scheduler, tcp://host:8786 (see `worker`); --jobs then limits all of them",
    )
    parser.add_argument("--tls", type=Path, metavar="FILE", help="the cluster's certificate and key, for tls://…")
    add_running_options(parser)


def run(options: argparse.Namespace) -> int:
    """Grade, print the result and write what was asked for."""
    from autograder.commands.known import known_of
    from autograder.commands.session import (
        add_people,
        grade_paths,
        note_changes,
        show_changes,
        show_left_out,
        show_reports,
        write_outputs,
        write_reports,
    )

    assignments = known_assignments(options)
    deadline = None
    if options.deadline:
        from autograder.collect import parse_deadline

        deadline = parse_deadline(options.deadline)
    require_writable((options.json, options.junit, options.markdown, options.outputs), (options.html,))
    settings = replace(chosen_settings(options), render=bool(options.outputs) or options.gradebook)
    course = None
    if options.gradebook:
        from autograder.nbgrader.gradebook import Course

        course = Course()
        course.require_place(options.paths)
        course.require_gradebook()
        course.require_points(options.paths, options.assignment)
    executor = None
    if options.cluster is not None:
        from autograder.cluster.client import Cluster

        executor = Cluster(options.cluster, options.tls, options.jobs)
    elif options.tls is not None:
        raise UsageError("expected --cluster tls://… with --tls. Received: --tls alone.")
    audit = _audit(options)
    roster = read_roster(options.roster) if options.roster is not None else None
    run, noted = note_changes(
        grade_paths(
            options.paths,
            options.assignment,
            settings,
            roster,
            executor,
            student_folders=options.student_folders,
            audit=audit,
        ),
        settings,
        "grade",
        options.keep_better,
    )
    reports = run.reports
    forms = {"json": options.json, "junit": options.junit, "markdown": options.markdown, "html": options.html}
    known = known_of(run.results, assignments, roster, options.html, deadline=deadline)
    problems = write_reports(reports, **forms, known=known)
    if options.outputs:
        problems += write_outputs(run.results, options.outputs, noted.changed)
    if course is not None:
        try:
            failed = course.write(run.results, settings, roster)
        except AutograderError as error:
            problems.append(str(error))
        else:
            problems += [f"not in the gradebook, see above: {', '.join(failed)}"] if failed else []
            noted = add_people(noted, course.note_people)
    # Nothing that is printed from here on, nor a screen that cannot take it, changes what was written.
    show_reports(reports, known)
    show_left_out(run.left_out)
    if roster is not None:
        for note in (
            *roster.notes,
            *(f"{plain_line(name)} is not in the roster" for name in strangers(reports, roster)),
        ):
            warn(note)
    for problem in problems:
        warn(problem)
    show_changes(noted)
    return DONE if not problems and all(report.graded or not report.handed_in for report in reports) else NO_GRADE


def _audit(options: argparse.Namespace) -> Wanted | None:
    """Return what an audit is to do, or None."""
    if options.audit is None:
        if options.audit_budget is not None or options.audit_seed is not None:
            raise UsageError("expected --audit SHARE with --audit-budget or --audit-seed. Received: no --audit.")
        return None
    if options.cluster is not None or options.train:
        raise UsageError(
            "expected --audit on this machine and of handed-in models. Received: --cluster or --train beside it. Grade "
            "there first; then the same command with --audit and without it grades nothing again."
        )
    from autograder.audit.class_audit import Wanted
    from autograder.audit.share import parse_share

    wanted = Wanted(parse_share(options.audit), seed=options.audit_seed or "")
    return replace(wanted, budget=float(options.audit_budget)) if options.audit_budget is not None else wanted

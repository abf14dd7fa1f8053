"""The command line: ``python -m autograder VERB``.

Exit status 0: done; 1: a check of the repository found something; 2: wrong usage; 3: some submission got no grade.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console

from autograder import __version__
from autograder.assignments import ROOT, find_assignments
from autograder.errors import AutograderError, SandboxUnavailable, UsageError
from autograder.settings import Settings

__all__ = ["build_parser", "main"]

USAGE_ERROR, NO_GRADE, INTERRUPTED = 2, 3, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    options = build_parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = options.command
    problems = Console(stderr=True)
    try:
        return command(options)
    except UsageError as error:
        problems.print(f"autograder: {error}", style="red", markup=False, soft_wrap=True)
        return USAGE_ERROR
    except SandboxUnavailable as error:
        problems.print(str(error), style="red", markup=False, soft_wrap=True)
        return NO_GRADE
    except AutograderError as error:
        problems.print(f"autograder: {error}", style="red", markup=False, soft_wrap=True)
        return NO_GRADE
    except KeyboardInterrupt:
        problems.print("\nInterrupted. What was finished is kept: the same command goes on from here.", style="yellow")
        return INTERRUPTED


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    parser = argparse.ArgumentParser(prog="python -m autograder", description="Grade the notebooks of the course.")
    parser.add_argument("--version", action="version", version=__version__)
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)

    demo = verbs.add_parser("demo", help="grade the embedded sample class", description="Grade the sample class.")
    demo.add_argument("--reports", type=Path, default=Path("reports/demo"), metavar="DIR", help="default: reports/demo")
    _add_running_options(demo)
    demo.set_defaults(command=_demo)

    release = verbs.add_parser(
        "release", help="build assignments/ from source/", description="Build assignments/ from source/."
    )
    release.add_argument("assignments", nargs="*", metavar="ASSIGNMENT", help="default: all")
    release.add_argument("--check", action="store_true", help="change nothing; fail if they differ")
    release.set_defaults(command=_release)

    grade = verbs.add_parser("grade", help="grade submissions", description="Grade submissions.")
    grade.add_argument(
        "paths",
        nargs="+",
        type=Path,
        metavar="PATH",
        help="a notebook, a folder with one, or an nbgrader submitted/ tree",
    )
    grade.add_argument(
        "--assignment", metavar="A", help="only this assignment; what notebooks are whose place is silent"
    )
    grade.add_argument("--json", type=Path, metavar="F", help="write the reports as JSON")
    grade.add_argument("--junit", type=Path, metavar="F", help="write the reports as JUnit XML")
    grade.add_argument("--markdown", type=Path, metavar="F", help="write the reports as Markdown")
    grade.add_argument("--html", type=Path, metavar="DIR", help="write the reports as web pages")
    _add_running_options(grade)
    grade.set_defaults(command=_grade)

    lint = verbs.add_parser(
        "lint", help="check the notebooks and the checks", description="Check source notebooks against their checks."
    )
    lint.add_argument("--fix", action="store_true", help="clear outputs, execution counts and stray metadata")
    lint.set_defaults(command=_lint)

    doctor = verbs.add_parser("doctor", help="say what this machine has", description="Say what this machine has.")
    doctor.set_defaults(command=_doctor)
    return parser


def _add_running_options(parser: argparse.ArgumentParser) -> None:
    defaults = Settings()
    parser.add_argument("--jobs", type=_positive, default=defaults.jobs, metavar="N", help="default: the cores")
    parser.add_argument("--train", action="store_true", help="run training cells and grade what they train")
    parser.add_argument(
        "--train-budget",
        type=_positive,
        default=int(defaults.train_budget),
        metavar="S",
        help=f"seconds for the training cells of one submission; default: {defaults.train_budget:.0f}",
    )
    parser.add_argument(
        "--sandbox",
        choices=("bwrap", "none"),
        default="bwrap",
        help="none runs student code with your rights: only for code that you trust",
    )
    parser.add_argument("--fresh", action="store_true", help="grade again even what has not changed")


def _positive(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1 on. Received: {text}")
    return number


def _settings(options: argparse.Namespace) -> Settings:
    return Settings(
        sandbox=options.sandbox,
        jobs=options.jobs,
        train=options.train,
        train_budget=options.train_budget,
        fresh=options.fresh,
    )


def _demo(options: argparse.Namespace) -> int:
    from autograder.demo import demo

    return demo(options.reports, _settings(options))


def _grade(options: argparse.Namespace) -> int:
    from autograder.session import grade_paths, write_reports

    assignments = find_assignments()
    if options.assignment is not None and options.assignment not in assignments:
        raise UsageError(f"expected one of {', '.join(assignments)}. Received: {options.assignment}")
    for path in (options.json, options.junit, options.markdown):
        if path is not None and path.is_dir():
            raise UsageError(f"expected a file to write to. Received: {path}, which is a folder.")
    reports = grade_paths(options.paths, options.assignment, _settings(options))
    write_reports(reports, json=options.json, junit=options.junit, markdown=options.markdown, html=options.html)
    return 0 if all(report.graded for report in reports) else NO_GRADE


def _release(options: argparse.Namespace) -> int:
    from autograder.release import release

    changes = release(options.assignments, check=options.check)
    for change in changes:
        print(f"{change.kind:8} {change.path}")
    if not changes:
        print("assignments/ is up to date with source/.")
    elif options.check:
        print("assignments/ differs from source/. Run: python -m autograder release", file=sys.stderr)
        return 1
    return 0


def _lint(options: argparse.Namespace) -> int:
    from autograder.lint import lint

    problems = lint(ROOT, fix=options.fix)
    for problem in problems:
        print(problem)
    print(f"{len(problems)} problems." if problems else "source/ and tests/checks/ agree.")
    return 1 if problems else 0


def _doctor(options: argparse.Namespace) -> int:
    from autograder.doctor import diagnose, show

    show(diagnose())
    return 0

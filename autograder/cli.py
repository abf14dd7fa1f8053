"""The command line: ``python -m autograder VERB``.

Exit status 0: done; 1: a check of the repository found something; 2: wrong usage; 3: some submission got no grade.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence

from rich.console import Console

from autograder import __version__
from autograder.commands import VERBS
from autograder.errors import AutograderError, SandboxUnavailable, UsageError
from autograder.exit_status import INTERRUPTED, NO_GRADE, USAGE_ERROR
from autograder.language import LANGUAGES, set_language

__all__ = ["build_parser", "main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    options = build_parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = options.command
    # Verbs that show nothing to students have no such option.
    set_language(getattr(options, "lang", LANGUAGES[0]))
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
    for name, verb in VERBS.items():
        verb_parser = verbs.add_parser(name, help=verb.SUMMARY, description=f"{verb.SUMMARY.capitalize()}.")
        verb.configure(verb_parser)
        verb_parser.set_defaults(command=verb.run)
    return parser

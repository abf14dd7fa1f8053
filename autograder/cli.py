"""The command line: ``python -m autograder VERB``.

Exit status 0: done; 1: a check of the repository found something; 2: wrong usage; 3: some submission got no grade.
"""

from __future__ import annotations

import argparse
import functools
import sys
from collections.abc import Callable, Sequence

from rich.console import Console

from autograder import __version__
from autograder.commands import GROUPS, VERBS, verb_called
from autograder.commands.parser import PROGRAM, CourseParser, asked_language, front_page, verb_page
from autograder.errors import AutograderError, SandboxUnavailable, UsageError
from autograder.exit_status import INTERRUPTED, NO_GRADE, USAGE_ERROR
from autograder.language import set_language
from autograder.render.phrases import say

__all__ = ["build_parser", "main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    asked = asked_language(words)
    # Help and what is wrong are said while the words are read.
    set_language(asked)
    options, left = build_parser().parse_known_args(words)
    if left:
        options.verb.error(f"unrecognized arguments: {' '.join(left)}")
    set_language(getattr(options, "lang", asked))
    command: Callable[[argparse.Namespace], int] = options.command
    problems = Console(stderr=True)

    def complain(text: str, style: str = "red") -> None:
        problems.print(text, style=style, markup=False, soft_wrap=True)

    try:
        return command(options)
    except UsageError as error:
        complain(f"autograder: {say(str(error))}")
        return USAGE_ERROR
    except SandboxUnavailable as error:
        complain(say(str(error)))
        return NO_GRADE
    except AutograderError as error:
        complain(f"autograder: {say(str(error))}")
        return NO_GRADE
    except KeyboardInterrupt:
        complain("\n" + say("Interrupted. What was finished is kept: the same command goes on from here."), "yellow")
        return INTERRUPTED


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    parser = CourseParser(lambda: (say("Grade the notebooks of the course."), front_page(GROUPS)), prog=PROGRAM)
    parser.add_argument("--version", action="version", version=__version__)
    # Without a help of its own no verb stands in argparse's list: the groups below name them.
    verbs = parser.add_subparsers(metavar="VERB", required=True, help="one of those below")
    for name in VERBS:
        verbs.add_parser(name, told=functools.partial(verb_page, name), fill=functools.partial(_fill, name))
    return parser


def _fill(name: str, parser: argparse.ArgumentParser) -> None:
    """Add what a verb understands to its parser."""
    verb = verb_called(name)
    verb.configure(parser)
    parser.set_defaults(command=verb.run, verb=parser)

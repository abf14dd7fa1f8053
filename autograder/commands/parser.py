"""How the command line explains itself: help in the reader's language, and what a mistyped word may have been."""

from __future__ import annotations

import argparse
import os
import re
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NoReturn

from autograder.commands import verb_called
from autograder.course.suggest import near
from autograder.exit_status import USAGE_ERROR
from autograder.language import LANGUAGES, Language, language_called
from autograder.render.phrases import say

__all__ = ["ARGPARSE", "PROGRAM", "CourseParser", "asked_language", "front_page", "verb_page"]

PROGRAM = "python -m autograder"
ARGPARSE = (
    "usage: ",
    "positional arguments",
    "options",
    "show this help message and exit",
    "show program's version number and exit",
    "the following arguments are required: {names}",
    "argument {name}: expected one argument",
    "argument {name}: expected at least one argument",
    "argument {name}: expected {count} arguments",
    "argument {name}: invalid {kind} value: {value}",
    "argument {name}: {problem}",
    "ambiguous option: {name} could match {names}",
)
"""What Python's argparse says itself, as templates."""
_CHOICE = re.compile(r"argument (?P<name>.+?): invalid choice: '?(?P<received>.*?)'? \(choose from (?P<known>.*)\)")
_UNKNOWN = "unrecognized arguments: "
_WIDTH = 78
_NAMES = 14


class CourseParser(argparse.ArgumentParser):
    """A parser that speaks the reader's language, and says what a mistyped word may have been.

    Parameters
    ----------
    told : callable, optional
        Returns what stands above and below its options; asked when the help is shown, for most commands show none.
    fill : callable, optional
        Adds its arguments when they are first needed: of all verbs, a command needs those of one.
    """

    def __init__(
        self,
        told: Callable[[], tuple[str, str]] | None = None,
        fill: Callable[[argparse.ArgumentParser], None] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(**{"formatter_class": _Formatter, **options})
        self._told = told
        self._fill = fill
        self.add_argument(
            "--lang",
            choices=LANGUAGES,
            default=argparse.SUPPRESS,
            help="the language of everything that is shown; default: $CNN_LANG, or es. Points and --json do not change",
        )

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse what is understood, and return it with what is not."""
        self.fill()
        return super().parse_known_args(args, namespace)

    def fill(self) -> None:
        """Add its arguments, if that has not been done."""
        fill, self._fill = self._fill, None
        if fill is not None:
            fill(self)

    def format_help(self) -> str:
        """Return the help."""
        if self._told is not None:
            self.description, self.epilog = self._told()
        return super().format_help()

    def error(self, message: str) -> NoReturn:
        """Print how the command is used and what is wrong, and end with the status of wrong usage."""
        self.print_usage(sys.stderr)
        if found := _CHOICE.fullmatch(message):
            known = [name.strip().strip("'") for name in found["known"].split(",")]
            received, name = found["received"], found["name"]
            hint = near(received, known)
            text = say(f"expected for {name} one of {', '.join(known)}. Received: {received}.{hint}")
        elif message.startswith(_UNKNOWN):
            names = message.removeprefix(_UNKNOWN)
            first = names.split()[0].partition("=")[0]
            hint = near(first, _options(self)) if first.startswith("-") else ""
            text = say(f"expected only what the help names. Received: {names}.{hint}")
        else:
            text = say(message)
        self.exit(USAGE_ERROR, f"{self.prog}: {text}\n{say(f'What there is: {self.prog} --help')}\n")


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """Help whose own words, headings and sentences are said in the reader's language."""

    def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: str | None = None) -> None:
        super().add_usage(usage, actions, groups, say("usage: ") if prefix is None else prefix)

    def start_section(self, heading: str | None) -> None:
        super().start_section(say(heading) if heading else heading)

    def add_text(self, text: str | None) -> None:
        super().add_text(say(text) if text and text != argparse.SUPPRESS else text)

    def _get_help_string(self, action: argparse.Action) -> str | None:
        return say(action.help) if action.help else action.help


def asked_language(arguments: Sequence[str]) -> Language:
    """Return the language that a command line asks for, before it is parsed: its help needs it.

    ``--lang`` decides; without it ``$CNN_LANG``; without both it is the course's.
    """
    asked = [os.environ.get("CNN_LANG", "")]
    for word, following in zip(arguments, [*arguments[1:], ""]):
        if word.startswith("--lang"):
            asked.append(following if word == "--lang" else word.removeprefix("--lang="))
    return language_called(asked[-1])


def front_page(groups: Mapping[str, Sequence[str]]) -> str:
    """Return the list of verbs by what one does, each with an example."""
    lines = []
    for title, verbs in groups.items():
        lines += ["", say(title)]
        for name in verbs:
            verb = verb_called(name)
            summary = textwrap.wrap(say(verb.SUMMARY), _WIDTH - _NAMES)
            lines += [f"  {name:{_NAMES - 2}}{summary[0]}", *(" " * _NAMES + line for line in summary[1:])]
            lines.append(f"    $ {PROGRAM} {verb.EXAMPLE}")
    told = say(f"Every verb explains its options: {PROGRAM} grade --help")
    return "\n".join([*lines[1:], "", told])


def verb_page(name: str) -> tuple[str, str]:
    """Return what a verb does, and an example."""
    verb = verb_called(name)
    summary = say(verb.SUMMARY)
    return f"{summary[:1].upper()}{summary[1:]}.", f"{say('Example:')}\n  {PROGRAM} {verb.EXAMPLE}"


def _options(parser: argparse.ArgumentParser) -> Iterator[str]:
    """Yield the options of a parser and of those below it."""
    if isinstance(parser, CourseParser):
        parser.fill()
    for action in parser._actions:
        yield from (option for option in action.option_strings if option.startswith("--"))
        for below in dict.values(action.choices) if isinstance(action.choices, dict) else ():
            yield from _options(below)

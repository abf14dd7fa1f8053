"""Runs the checks of an assignment against a student, with pytest."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, cast

import pytest

from autograder.checking.plugin import ChecksPlugin, plain_fixtures, takes_from_pytest
from autograder.checking.results import CheckResult, Settled
from autograder.checking.silence import without_stderr
from autograder.checking.source import check_digests
from autograder.checking.student import Student
from autograder.course.assignments import Assignment
from autograder.course.notebooks import grade_ids
from autograder.errors import WorkerFault
from autograder.report import new_flag

__all__ = ["collect_checks", "run_checks", "run_plugin"]


_PYTEST = [
    "-p",
    "no:terminal",
    "-p",
    "no:cacheprovider",
    "-p",
    "no:faulthandler",
    "-p",
    "no:unraisableexception",
    "-p",
    "no:threadexception",
    *(word for name in ("capture", "logging", "doctest", "unittest") for word in ("-p", f"no:{name}")),
    *(word for name in ("junitxml", "pastebin", "stepwise", "setuponly") for word in ("-p", f"no:{name}")),
    "-p",
    "autograder.checking.plugin",
    "--noconftest",  # the one beside the checks is for people who start pytest themselves
    "--assert=plain",
    "--import-mode=importlib",
]


def run_checks(
    assignment: Assignment,
    student: Student,
    seed: str,
    grade_id: str | None = None,
    seconds: float | None = None,
    settled: dict[str, Settled] | None = None,
) -> tuple[list[CheckResult], list[dict[str, Any]]]:
    """Run the checks of an assignment against a student.

    Parameters
    ----------
    assignment : Assignment
    student : Student
    seed : str
        What the random inputs follow from.
    grade_id : str, optional
        Only the checks of this grade cell, and those that they need.
    seconds : float, optional
        Wall time after which the remaining checks fail because it is up; what was earned before is kept.
    settled : dict of str to Settled, optional
        Results of an earlier grading, by check: those that hold are not run where the checks were collected before
        (see `collect_checks`). Afterwards it has what this grading settled.

    Returns
    -------
    list of CheckResult
        In the order of the notebook, module by module.
    list of dict
        The flags that the checks raised.

    Raises
    ------
    WorkerFault
        The checks could not be collected.
    """
    collected = _COLLECTED.pop(assignment.require_checks(), None)
    plugin = ChecksPlugin(student, seed, grade_id, seconds, _cells(assignment))
    silence = ""
    if collected is not None and collected.stamp != _stamp(assignment):
        collected.forget(assignment.require_checks())
        collected = None
    if collected is not None:
        plugin = collected.plugin
        plugin.begin(student, seed, grade_id, seconds)
        plugin.settle(settled or {})
        collected.run()
    else:
        silence = run_plugin(assignment, plugin)
    if not plugin.results:
        raise WorkerFault(f"The checks in {assignment.checks} could not be run. {silence}")
    if plugin.timed_out:
        plugin.flags.append(new_flag("timeout", "The grading took longer than a submission may take."))
    if settled is not None:
        settled.clear()
        settled.update(plugin.settled())
    return plugin.outcome()


def collect_checks(assignment: Assignment) -> None:
    """Read the checks of an assignment into this process, so that they are there in every process that it forks.

    Each process uses them once; checks that have changed since are read again, and so are those that take fixtures of
    pytest's own (``tmp_path``), which live as long as the reading. Nothing is raised: what is wrong with checks is
    reported where they run.
    """
    plugin = _Collector(None, cells=_cells(assignment))
    with contextlib.suppress(Exception):
        stamp = _stamp(assignment)
        check_digests(assignment.require_checks())
        run_plugin(assignment, plugin)
        if plugin.items and not any(map(takes_from_pytest, plugin.items)):
            plain = {item: names for item in plugin.items if (names := plain_fixtures(item)) is not None}
            _COLLECTED[assignment.require_checks()] = _Collected(stamp, plugin, plain)


class _Collector(ChecksPlugin):
    """Keeps the checks that were found instead of running them."""

    items: Sequence[pytest.Item] = ()

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run nothing."""
        if not session.testsfailed:
            self.items = session.items
        return True


class _Collected(NamedTuple):
    """Checks that are ready to run."""

    stamp: list[tuple[str, int, int]]
    plugin: _Collector
    plain: Mapping[pytest.Item, Sequence[str]]

    def forget(self, checks: Path) -> None:
        """Let pytest import the files again, which takes what has been imported as it is."""
        for name, module in list(sys.modules.items()):
            if checks in Path(getattr(module, "__file__", None) or "").parents:
                del sys.modules[name]

    def run(self) -> None:
        """Run them in their order, as pytest's own loop does."""
        items = list(self.plugin.items)
        self.plugin.pytest_collection_modifyitems(items)
        with _silence():
            for number, item in enumerate(items):
                if self.plugin.take_over(item):
                    continue
                if item in self.plain:
                    self.plugin.run_plain(cast(pytest.Function, item), self.plain[item])
                    continue
                # Who is next follows from how this one ends, unless all of them run.
                behind = [] if self.plugin.has_settled else items[number + 1 :]
                following = next((one for one in behind if one not in self.plain), None)
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)


_COLLECTED: dict[Path, _Collected] = {}


def _cells(assignment: Assignment) -> Sequence[str]:
    """Return the grade cells in the order of the notebook, if it is here."""
    return grade_ids(assignment.source) if assignment.source.is_file() else ()


def _stamp(assignment: Assignment) -> list[tuple[str, int, int]]:
    """Return what changes with the files of the checks."""
    found = [(path, path.stat()) for path in sorted(assignment.require_checks().rglob("*.py"))]
    return [(str(path), status.st_mtime_ns, status.st_size) for path, status in found]


def run_plugin(assignment: Assignment, plugin: ChecksPlugin) -> str:
    """Let a plugin run the checks of an assignment; return the end of what pytest and the checks printed.

    Raises
    ------
    WorkerFault
        The checks could not be collected.
    """
    checks = assignment.require_checks()
    with _silence() as silence, _quiet_environment():
        # Modules are named by their path below the root: those of two assignments may have the same file name.
        arguments = [*_PYTEST, "-c", os.devnull, f"--rootdir={checks.parent}", str(checks)]
        code = pytest.main(arguments, plugins=[plugin])
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        raise WorkerFault(f"The checks in {checks} could not be run (pytest: {code}). {silence.getvalue()[-500:]}")
    return silence.getvalue()[-500:]


@contextlib.contextmanager
def _silence() -> Iterator[io.StringIO]:
    """Keep what checks, pytest and C++ code print off the screen; yield what came from Python."""
    silence = io.StringIO()
    with contextlib.redirect_stdout(silence), contextlib.redirect_stderr(silence), without_stderr():
        yield silence


@contextlib.contextmanager
def _quiet_environment() -> Any:
    """Keep plugins that happen to be installed away from the checks."""
    before = os.environ.get("PYTEST_DISABLE_PLUGIN_AUTOLOAD")
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"]
        else:
            os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = before

"""pytest as a door to the checks: ``pytest tests/checks/02_convolucion --submission PATH``.

``tests/checks/conftest.py`` imports what stands here. Every check runs once for each submission, in the sandbox, under
the options that pytest users know; the last lines say how many points each submission earned, as `grade` does. Without
``--submission`` the checks run against the course's own solution.
"""

from __future__ import annotations

import contextlib
import functools
import json
import time
from collections.abc import Generator, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.checking.asked import AskedStudent
from autograder.checking.plugin import register_markers, seeded
from autograder.checking.results import CheckResult, check_result, give_part, needs
from autograder.checking.results import skip_without as skip_unless_passed
from autograder.checking.student import Student
from autograder.course.assignments import Assignment, find_assignments
from autograder.course.check_index import index_checks
from autograder.course.notebooks import grade_cells
from autograder.course.versions import course_notebooks
from autograder.errors import IntakeError, ModelRejected, UsageError
from autograder.grading.datasets import prepare_datasets
from autograder.grading.points import rounded, score
from autograder.intake.files import support_files
from autograder.intake.job import Job, prepare
from autograder.intake.restore import restore
from autograder.intake.submissions import Submission, find_submissions
from autograder.sandbox.box import Sandbox
from autograder.sandbox.launch import pack
from autograder.sandbox.remote import RemoteStudent
from autograder.settings import Settings
from data.errors import DataMissing

__all__ = [
    "flag",
    "partial",
    "pytest_addoption",
    "pytest_collection_modifyitems",
    "pytest_configure",
    "pytest_generate_tests",
    "pytest_runtest_call",
    "pytest_runtest_makereport",
    "pytest_runtest_setup",
    "pytest_terminal_summary",
    "pytest_unconfigure",
    "rng",
    "student",
]

SOLUTION = "solution"
"""What the course's own notebook is called where no submission is given."""

_RESULT = "autograder"
_session = pytest.StashKey["_Session"]()


@dataclass(frozen=True)
class _Case:
    """A submission of the assignment whose checks are to run."""

    assignment: Assignment
    submission: Submission

    @property
    def label(self) -> str:
        return self.submission.name


class _Session:
    """What one run of pytest has in common: the sandboxes, and how each check ended."""

    def __init__(self, paths: list[Path]) -> None:
        self.assignments = find_assignments()
        self.settings = Settings()
        self.results: dict[tuple[str, str, str], CheckResult] = {}
        self._paths = paths
        self._jobs: dict[tuple[str, str], Job] = {}
        self._boxes: dict[tuple[bool, tuple[str, ...]], Sandbox] = {}
        self._stack = contextlib.ExitStack()

    def cases(self, assignment: Assignment) -> list[_Case]:
        """Return the submissions of an assignment: those that were given, or the course's solution."""
        if not self._paths:
            return [_Case(assignment, Submission(SOLUTION, assignment.source, None, assignment.name))]
        found = find_submissions(self._paths, self.assignments, assignment.name)
        return [_Case(assignment, submission) for submission in found]

    def job(self, case: _Case) -> Job:
        """Return a submission that was read.

        Raises
        ------
        IntakeError
            It cannot be.
        """
        if _place(case) not in self._jobs:
            self._jobs[_place(case)] = prepare(case.submission, self.assignments)
        return self._jobs[_place(case)]

    def box(self, assignment: Assignment) -> Sandbox:
        """Return the running sandbox for an assignment; one serves all of its submissions."""
        key = (assignment.needs_tensorflow, assignment.datasets)
        if key not in self._boxes:
            data = prepare_datasets([assignment.name], self.assignments)
            box = Sandbox(tensorflow=assignment.needs_tensorflow, kind=self.settings.sandbox, data=data)
            self._boxes[key] = self._stack.enter_context(box)
            box.wait_until_ready()
        return self._boxes[key]

    def close(self) -> None:
        """End the sandboxes."""
        self._stack.close()


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """Add ``--submission``, and let pytest load no further ``conftest.py``: one that lies beside it is a student's."""
    pluginmanager._noconftest = True
    parser.getgroup("checks of the course").addoption(
        "--submission",
        action="append",
        type=Path,
        default=[],
        metavar="PATH",
        help="a notebook, a folder or a submitted/ tree to check, in the sandbox; default: the course's own solution",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers, and keep the checks of a submission in one process where there are several (``-n``)."""
    register_markers(config)
    if getattr(config.option, "dist", "") == "load":
        config.option.dist = "loadgroup"
    paths: list[Path] = config.getoption("--submission")
    for path in paths:
        if not path.exists():
            raise pytest.UsageError(f"expected a notebook or a folder. Received: {path}, which does not exist.")
    config.stash[_session] = _Session(paths)


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the sandboxes."""
    if _session in config.stash:
        config.stash[_session].close()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each check once for each submission."""
    if "student" not in metafunc.fixturenames:
        return
    session = metafunc.config.stash[_session]
    name = metafunc.definition.path.parent.name
    if name not in session.assignments:
        raise pytest.UsageError(f"expected the folder of an assignment. Received: {metafunc.definition.path.parent}")
    try:
        cases = session.cases(session.assignments[name])
    except UsageError as error:
        raise pytest.UsageError(str(error)) from error
    metafunc.parametrize("student", cases, ids=[case.label for case in cases], indirect=True, scope="session")


@pytest.hookimpl(tryfirst=True)  # before xdist looks for the groups
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Take the checks as the grader does: warnings of libraries are nobody's failure."""
    for item in items:
        item.add_marker(pytest.mark.filterwarnings("ignore"), append=False)
        case = _case(item)
        if case is not None and config.pluginmanager.hasplugin("xdist"):
            item.add_marker(pytest.mark.xdist_group(f"{case.assignment.name}-{case.label}"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    """Skip a check that depends on one that did not pass."""
    item.stash[_started] = time.perf_counter()
    results, case = item.config.stash[_session].results, _case(item)
    for name in needs(item):
        skip_unless_passed(results.get((*_place(case), name)) if case is not None else None)
    with _skipping(case):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Skip a check whose data set is not on this machine, or that asks the solution for a model it has not trained."""
    if (student := _asked(item)) is not None:
        student.forget()
    with _skipping(_case(item)):
        return (yield)


@contextlib.contextmanager
def _skipping(case: _Case | None) -> Iterator[None]:
    try:
        yield
    except DataMissing as error:
        skipped = pytest.skip.Exception(str(error))
        skipped.__cause__ = error
        raise skipped from error
    except ModelRejected as error:
        if case is None or case.submission.name != SOLUTION or error.kind != "missing":
            raise
        raise pytest.skip.Exception("The solution's models are not trained here: give --submission.") from error


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    """Note how the check ended, also in the report, which crosses to the main process where there are several."""
    report: Any = yield
    case = _case(item)
    if case is not None and (call.when == "call" or (call.when == "setup" and call.excinfo is not None)):
        raised = call.excinfo
        if raised is not None and isinstance(raised.value.__cause__, (DataMissing, ModelRejected)):
            raised = pytest.ExceptionInfo.from_exception(_uncounted(raised.value))
        seconds = time.perf_counter() - item.stash[_started]
        result = check_result(item, raised, seconds, _asked(item))
        if result.status == "failed":
            report.sections.append(("what the student reads", result.message))
        item.config.stash[_session].results[(*_place(case), result.name)] = result
        report.user_properties.append((_RESULT, json.dumps([*_place(case), asdict(result)])))
    return report


def _uncounted(skipped: BaseException) -> BaseException:
    cause = skipped.__cause__
    return cause if isinstance(cause, DataMissing) else DataMissing("models", Path("models"), str(skipped))


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Say how many points each submission earned, as `grade` does."""
    results: dict[tuple[str, str], dict[str, CheckResult]] = {}
    for reports in terminalreporter.stats.values():
        for report in reports:
            for name, value in getattr(report, "user_properties", ()):
                if name == _RESULT:
                    assignment, submission, fields = json.loads(value)
                    results.setdefault((assignment, submission), {})[fields["name"]] = CheckResult(**fields)
    if results:
        terminalreporter.section("points")
    assignments = config.stash[_session].assignments
    for (name, submission), found in sorted(results.items()):
        terminalreporter.write_line(f"{submission} · {name} · {_points(assignments[name], list(found.values()))}")


def _points(assignment: Assignment, results: list[CheckResult]) -> str:
    everything = len(index_checks(assignment.require_checks()))
    if len(results) < everything:
        return f"{len(results)} of {everything} checks ran: no points"
    points = grade_cells(course_notebooks(assignment)[0])
    total = score(results, points)[1]
    most = rounded(sum(points.get(one, 0.0) for one in {result.grade_id for result in results if result.weight}))
    return f"{total:g}/{most:g}" if total is not None else f"no grade, at most {most:g}: the grader failed"


@pytest.fixture(scope="session")
def student(request: pytest.FixtureRequest) -> Iterator[Student]:
    """The submission that is being checked."""
    case: _Case = request.param
    session = request.config.stash[_session]
    settings = session.settings.for_cells_of(case.assignment.cell_seconds)
    try:
        job = session.job(case)
    except IntakeError as error:
        pytest.fail(str(error), pytrace=False)
    steps = restore(job.cells, course_notebooks(case.assignment)[1])
    models = case.assignment.needs_tensorflow
    limits = settings.limits(models, case.assignment.memory)
    with contextlib.closing(pack(support_files(case.submission, case.assignment)[0])) as archive:
        remote = RemoteStudent(session.box(case.assignment).address, archive, steps, settings, limits, models=models)
        try:
            remote.run()
            yield AskedStudent(remote)
        finally:
            remote.close()


@pytest.fixture
def rng(request: pytest.FixtureRequest, student: Student) -> np.random.Generator:
    """Random numbers that are new for each submission and check, and the same when it is checked again."""
    case = _case(request.node)
    assert case is not None
    return seeded(request.config.stash[_session].job(case).fingerprint, request.node.originalname)


@pytest.fixture
def partial(request: pytest.FixtureRequest) -> Any:
    """Call ``partial(credit, message)`` to fail a check that still earns a part (0 to 1) of its points."""
    return functools.partial(give_part, request.node)


@pytest.fixture
def flag(request: pytest.FixtureRequest) -> Any:
    """Call ``flag(kind, message, **figures)`` to tell the instructor something: a line of the check's report."""

    def add(kind: str, message: str, **figures: Any) -> None:
        request.node.add_report_section("call", "flag", f"{kind}: {message} {figures}")

    return add


_started = pytest.StashKey[float]()


def _case(item: pytest.Item) -> _Case | None:
    call = getattr(item, "callspec", None)
    return call.params.get("student") if call is not None else None


def _asked(item: pytest.Item) -> AskedStudent | None:
    student = getattr(item, "funcargs", {}).get("student")
    return student if isinstance(student, AskedStudent) else None


def _place(case: _Case) -> tuple[str, str]:
    return case.assignment.name, case.label

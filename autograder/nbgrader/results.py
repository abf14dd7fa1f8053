"""Where nbgrader's steps get results from: one run of this grader for all that nbgrader is about to grade.

The run is a process of its own, so that neither ``nbgrader autograde`` nor the formgrader's server loads TensorFlow,
checks or anything of a student's, and it grades in parallel. What it found is kept (see `autograder.grading.kept`), so
the steps find the cells' outputs there, and what has not changed is not graded again.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from autograder.course.assignments import ROOT, find_assignments
from autograder.errors import AutograderError
from autograder.grading import kept
from autograder.grading.outputs import Outputs
from autograder.intake.submissions import Submission
from autograder.report import Report
from autograder.settings import Settings

__all__ = ["NoGrade", "Result", "Results", "notebook_of"]


class NoGrade(AutograderError):
    """A submission that got no grade: nbgrader goes on with the next one, and an earlier grade stays."""


@dataclass(frozen=True)
class Result:
    """What became of one submission.

    Parameters
    ----------
    report : Report
        With a score.
    outputs : dict
        What the cells showed.
    fingerprint : str
        SHA-256 of everything that the result follows from.
    """

    report: Report
    outputs: Outputs
    fingerprint: str


@dataclass
class Results:
    """The results of a class, by the folder of the submission.

    Parameters
    ----------
    settings : Settings
        How to grade what is missing.
    reports : dict of Path to Report
        What is known already.
    """

    settings: Settings
    reports: dict[Path, Report] = field(default_factory=dict)

    def grade(self, folders: Iterable[Path]) -> None:
        """Grade those of the folders that have no report yet.

        Raises
        ------
        NoGrade
            The run as a whole failed: there is no sandbox, for example.
        """
        missing = [folder for folder in folders if folder not in self.reports and notebook_of(folder).exists()]
        for assignment in sorted({folder.name for folder in missing}):
            chosen = [folder for folder in missing if folder.name == assignment]
            found = {report.submission: report for report in _run(chosen, assignment, self.settings)}
            self.reports |= {folder: found[folder.parent.name] for folder in chosen}

    def result(self, folder: Path) -> Result:
        """Return the result of a submission.

        Parameters
        ----------
        folder : Path
            ``submitted/<student>/<assignment>``.

        Raises
        ------
        NoGrade
            It got none; the message says why.
        """
        report = self.reports.get(folder)
        if report is None:
            raise NoGrade(f"{folder.parent.name} handed in no {notebook_of(folder).name}.")
        if not report.graded:
            broken = [f"{check.id}: {check.message}" for check in report.checks if check.status == "error"]
            reasons = [str(flag.get("reason") or flag.get("message")) for flag in report.flags] or broken
            raise NoGrade(f"{report.submission} got no grade for {report.assignment}. {' '.join(reasons)}")
        submission = Submission(report.submission, notebook_of(folder), folder, folder.name)
        key = kept.fingerprint(submission, find_assignments()[folder.name], self.settings)
        return Result(report, kept.load_outputs(key) or {}, key)


def notebook_of(folder: Path) -> Path:
    """Return the notebook that nbgrader grades of a submission: the one with the assignment's name."""
    return folder / f"{folder.name}.ipynb"


def _run(folders: list[Path], assignment: str, settings: Settings) -> list[Report]:
    with tempfile.TemporaryDirectory(prefix="autograder-") as place:
        file = Path(place) / "reports.json"
        command = [sys.executable, "-m", "autograder", "grade", *map(str, folders)]
        command += ["--assignment", assignment, "--outputs", "--json", str(file)]
        command += ["--jobs", str(settings.jobs), "--sandbox", settings.sandbox]
        command += ["--train", "--train-budget", str(int(settings.train_budget))] if settings.train else []
        shown = None if sys.stderr.isatty() else subprocess.PIPE
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=shown, text=True)
        if not file.exists():
            raise NoGrade(f"The grader could not start (exit status {done.returncode}). {done.stderr or ''}".strip())
        content = json.loads(file.read_text(encoding="utf-8"))
    return [Report.from_dict(entry) for entry in (content if isinstance(content, list) else [content])]

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

from autograder.course.assignments import ROOT
from autograder.grading.kept import Graded
from autograder.intake.submissions import Submission
from autograder.nbgrader.hand_ins import NoGrade, linked_folder, notebook_of, own, require_notebook
from autograder.report import Report
from autograder.settings import Settings

__all__ = ["Results"]


@dataclass
class Results:
    """The results of a class, by the folder of the submission.

    Parameters
    ----------
    settings : Settings
        How to grade what is missing.
    known : dict of Path to Graded
        What is known already.
    keep_better : bool
        Let an earlier grade stand where it was better.
    changes : list of str
        The grades that changed, ``"ana 6.46 → 6.71"``.
    """

    settings: Settings
    known: dict[Path, Graded] = field(default_factory=dict)
    keep_better: bool = False
    changes: list[str] = field(default_factory=list)

    def grade(self, folders: Iterable[Path]) -> None:
        """Grade those of the folders that have no report yet.

        Raises
        ------
        NoGrade
            The run as a whole failed: there is no sandbox, for example.
        """
        missing = [folder for folder in folders if folder not in self.known and _is_handed_in(folder)]
        for assignment in sorted({folder.name for folder in missing}):
            chosen = [folder for folder in missing if folder.name == assignment]
            results, changes = _run(chosen, assignment, self.settings, self.keep_better)
            self.changes += changes
            found = {result.submission.name: result for result in results}
            # What is missing all the same is one student's matter: `result` says so.
            self.known |= {folder: found[folder.parent.name] for folder in chosen if folder.parent.name in found}

    def result(self, folder: Path) -> Graded:
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
        result = self.known.get(folder)
        if result is None:
            raise NoGrade(f"{require_notebook(folder)} got no report: run the same command again.")
        report = result.report
        if not report.graded:
            broken = [f"{check.id}: {check.message}" for check in report.checks if check.status == "error"]
            reasons = [str(flag.get("reason") or flag.get("message")) for flag in report.flags] or broken
            raise NoGrade(f"{report.submission} got no grade for {report.assignment}. {' '.join(reasons)}")
        return result


def _is_handed_in(folder: Path) -> bool:
    """Tell whether there is a notebook to grade, and the folder is the student's."""
    return linked_folder(folder) is None and own(folder).notebook is not None


def _run(folders: list[Path], assignment: str, settings: Settings, keep_better: bool) -> tuple[list[Graded], list[str]]:
    with tempfile.TemporaryDirectory(prefix="autograder-") as place:
        file, shown = Path(place) / "reports.json", Path(place) / "outputs.json"
        command = [sys.executable, "-m", "autograder", "grade", "--student-folders", *map(str, folders)]
        command += ["--assignment", assignment, "--outputs", str(shown), "--json", str(file)]
        command += ["--jobs", str(settings.jobs), "--sandbox", settings.sandbox]
        command += ["--train", "--train-budget", str(int(settings.train_budget))] if settings.train else []
        command += ["--keep-better"] if keep_better else []
        told = None if sys.stderr.isatty() else subprocess.PIPE
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=told, text=True)
        if not file.exists():
            raise NoGrade(f"The grader could not start (exit status {done.returncode}). {done.stderr or ''}".strip())
        content = json.loads(file.read_text(encoding="utf-8"))
        reports = [Report.from_dict(entry) for entry in (content if isinstance(content, list) else [content])]
        entries = json.loads(shown.read_text(encoding="utf-8"))
    by_student = {folder.parent.name: folder for folder in folders}
    results = [
        Graded(Submission(report.submission, notebook_of(folder), folder, folder.name), report, entry["fingerprint"])
        for report, entry in zip(reports, entries)
        if (folder := by_student.get(report.submission)) is not None
    ]
    return results, [f"{entry['submission']} {entry['change']}" for entry in entries if "change" in entry]

"""Makes this repository an nbgrader course: see docs/nbgrader.md."""

import os
import shutil
import sys
from pathlib import Path

c = get_config()  # noqa: F821  nbgrader defines it

course = Path(__file__).resolve().parent
# JupyterLab's formgrader starts elsewhere, and must find the grader, too.
if str(course) not in sys.path:
    sys.path.insert(0, str(course))
# nbgrader asks the program `alembic` for the version of a new gradebook.
if shutil.which("alembic") is None:
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
# Kernels that instructors start run the hidden tests of source notebooks; the sandbox sees no variable of this process.
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(course), os.environ.get("PYTHONPATH"))))

c.CourseDirectory.root = str(course)
c.CourseDirectory.course_id = "cnn"
c.CourseDirectory.release_directory = "assignments"

# What students get is what `python -m autograder release` makes. assignments/ is always there: replace it.
c.GenerateAssignment.preprocessors = [
    "nbgrader.preprocessors.LockCells",
    "autograder.course.release.ClearSolutions",
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.CheckCellMetadata",
    "nbgrader.preprocessors.ComputeChecksums",
    "nbgrader.preprocessors.SaveCells",
    "nbgrader.preprocessors.ClearHiddenTests",
    "nbgrader.preprocessors.ClearMarkScheme",
    "nbgrader.preprocessors.ComputeChecksums",
    "nbgrader.preprocessors.CheckCellMetadata",
]
c.GenerateAssignment.force = True
c.GenerateAssignment.exporter_class = "autograder.nbgrader.release_exporter.ReleaseExporter"
c.GenerateAssignment.post_convert_hook = "autograder.nbgrader.hooks.remove_unreleased"

# What Moodle calls the folder of a submission in the archive of an assignment.
c.FileNameCollectorPlugin.named_regexp = (
    r".*/(?P<student_id>[^/]+?)(?:_\d+_assignsubmission_file_?)?/(?P<file_id>[^/]+)$"
)

# Feedback is a page without scripts: see docs/feedback.md.
c.GenerateFeedback.exporter_class = "autograder.nbgrader.feedback_exporter.FeedbackExporter"
c.GenerateFeedback.preprocessors = ["autograder.nbgrader.feedback_exporter.ReadGrades"]
c.ExchangeFactory.release_feedback = "autograder.nbgrader.release_feedback.ReleaseFeedback"
# generate_feedback copies what a student handed in beside the page, and release_feedback releases every page there.
c.CourseDirectory.ignore = [
    *(".ipynb_checkpoints", "*.pyc", "__pycache__", ".pytest_cache"),
    *("*.[hH][tT][mM]*", "*.[xXsS]?[tT][mM]*", "*.[sS][vV][gG]*", "*.[xX][mM][lL]", "*.[mM][hH][tT]*", "*.[jJ][sS]"),
]

# `nbgrader autograde` grades with this repository's checks, in its sandbox, in parallel.
c.Autograde.exporter_class = "autograder.nbgrader.exporter.SubmissionExporter"
c.Autograde.sanitize_preprocessors = ["autograder.nbgrader.preprocessors.ShowSubmission"]
c.Autograde.autograde_preprocessors = [
    "autograder.nbgrader.preprocessors.SaveGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]

# The formgrader shows students' texts inside JupyterLab: without what could run there.
c.HTMLExporter.filters = {"markdown2html": "autograder.feedback.display.harmless_markdown"}

# In `nbgrader export` no grade is empty, not 0: see docs/export.md.
c.ExportApp.plugin_class = "autograder.nbgrader.grade_export.GradeExport"

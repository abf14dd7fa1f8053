"""The checks in the student's own kernel, for an nbgrader server that cannot use the sandbox: **no protection**.

The last line of a grade cell of the source notebook asks for them, in a region that students do not get::

    ### BEGIN HIDDEN TESTS
    from autograder.nbgrader.kernel import check; check("02_convolucion", "conv2d-stride")
    ### END HIDDEN TESTS

nbgrader takes the number that a grade cell ends with for its points. ``docs/security.md`` says what is lost.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

from IPython.core.getipython import get_ipython

from autograder.checking.local import LocalStudent
from autograder.checking.run import run_checks
from autograder.checking.silence import without_stderr
from autograder.course.assignments import find_assignments
from autograder.course.notebooks import grade_cells, read_notebook
from autograder.errors import UsageError, WorkerFault
from autograder.feedback.check_output import check_output
from autograder.grading.points import score
from autograder.render.text import cell_points

__all__ = ["check"]


def check(assignment: str, grade_id: str) -> float:
    """Run the checks of a grade cell against the variables of this kernel and print what they say.

    Parameters
    ----------
    assignment : str
    grade_id : str

    Returns
    -------
    float
        The points that the cell earned.

    Raises
    ------
    UsageError
        This is no notebook, or there is no such cell.
    WorkerFault
        The checks failed for a reason that is not the student's.
    """
    shell = get_ipython()
    found = find_assignments().get(assignment)
    points = grade_cells(read_notebook(found.source)) if found is not None else {}
    if shell is None or found is None or grade_id not in points:
        raise UsageError(f"expected a grade cell of a notebook of this course. Received: {assignment}, {grade_id}")
    seed = hashlib.sha256("\0".join(shell.user_ns.get("In", [])).encode(errors="replace")).hexdigest()
    # The checks draw with another backend and back; one that was never loaded would then not know this notebook.
    if (pyplot := sys.modules.get("matplotlib.pyplot")) is not None:
        pyplot.switch_backend(pyplot.get_backend())
    # To nbgrader, anything on stderr is a failed test.
    student = LocalStudent(shell.user_ns, Path.cwd())
    with without_stderr():
        try:
            results, _ = run_checks(found, student, seed, grade_id)
        finally:
            student.clean()
    checks, total = score([result for result in results if result.grade_id == grade_id], points)
    print(check_output(checks).data["text/plain"])
    if total is None:
        raise WorkerFault("The grader failed, not the student: give the points of this cell by hand.")
    return round(cell_points(checks)[0], 6)

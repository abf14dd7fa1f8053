"""Hold the instructor's notebooks and the hidden checks against each other and against the rules of this repository.

The rules are those of ``docs/writing-checks.md``. Nothing is run: notebooks are read as data, checks as text.
"""

from __future__ import annotations

import ast
import re
import textwrap
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from nbformat import NotebookNode

from autograder.course.assignments import ABOUT, ROOT, Assignment, find_assignments
from autograder.course.check_index import index_checks
from autograder.course.kernel_line import has_kernel_line, with_kernel_line
from autograder.course.notebooks import cell_about, cell_id, grade_cells, notebook_text, read_notebook, write_notebook
from autograder.course.release import INSTRUCTOR, student_version
from data.registry import DATASETS

__all__ = ["Problem", "lint"]

LONGEST_CELL = 30
TAGS = {"instructor", "plot", "train"}
HIDDEN = {"source_hidden": True}
"""The one thing that a cell's metadata may tell Jupyter: to fold long code that only draws."""
NOTEBOOK_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
_KINDS = {
    (False, True, False): "solution cell",
    (True, False, True): "grade cell",
    (True, True, False): "manual cell",
    (False, False, True): "locked cell",
}
_REGION = re.compile(r"^[^\n]*BEGIN SOLUTION[^\n]*\n(.*?)^[^\n]*END SOLUTION", re.DOTALL | re.MULTILINE)
# A shorter solution, such as `return total`, may well stand elsewhere for a good reason.
_SHORTEST_LEAK = 30
_METADATA = {"nbgrader", "tags"}
_FOLDED = ("jupyter", HIDDEN)
_MESSAGE = (
    "{place}: expected {expected}. Received: {received}.",
    "{place}: expected {expected}. Received: {received}. {todo}",
)
_FIX = "Run: python -m autograder lint --fix"


@dataclass(frozen=True)
class Problem:
    """A rule that something breaks.

    Parameters
    ----------
    file : str
        Relative to the repository, with the line where there is one.
    cell : str
        The cell's ``grade_id`` or id; empty for the file as a whole.
    expected, received : str
    todo : str
        What to do about it.
    """

    file: str
    cell: str
    expected: str
    received: str
    todo: str = ""

    def __str__(self) -> str:
        place = f"{self.file}, cell {self.cell}" if self.cell else self.file
        return _MESSAGE[bool(self.todo)].format(
            place=place, expected=self.expected, received=self.received, todo=self.todo
        )


def lint(root: Path = ROOT, *, fix: bool = False) -> list[Problem]:
    """Return every problem of the source notebooks and their checks.

    Parameters
    ----------
    root : Path
        The repository.
    fix : bool
        First clear outputs, execution counts and metadata that do not belong there, name cells by their ``grade_id``
        and write each notebook in its one form. Nothing else is touched.
    """
    problems: list[Problem] = []
    for assignment in find_assignments(root).values():
        file = assignment.source.relative_to(root).as_posix()
        try:
            notebook = read_notebook(assignment.source)
        except ValueError as error:
            problems.append(Problem(file, "", "a notebook", f"{type(error).__name__}: {error}"))
            continue
        if fix:
            write_notebook(_fixed(notebook, assignment.name), assignment.source)
            notebook = read_notebook(assignment.source)
        if assignment.source.read_text(encoding="utf-8") != notebook_text(notebook):
            expected = "keys sorted, indentation 1, no escaped letters"
            problems.append(Problem(file, "", expected, "another form of JSON", _FIX))
        problems += _notebook_problems(file, assignment, notebook)
        for cell in notebook.cells:
            problems += [
                Problem(file, cell_id(cell), *told)
                for told in (*_form_problems(cell), *_nbgrader_problems(cell), *_code_problems(cell))
            ]
        problems += _kernel_problems(file, assignment, notebook)
        problems += _release_problems(file, notebook)
        problems += _contract_problems(file, assignment, notebook)
        problems += _check_problems(root, file, assignment, notebook)
    return problems


def _fixed(notebook: NotebookNode, assignment: str) -> NotebookNode:
    notebook.metadata = NotebookNode(NOTEBOOK_METADATA)
    notebook.nbformat_minor = 5
    for cell in notebook.cells:
        for key in _extra_metadata(cell):
            del cell.metadata[key]
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        grade_id = cell_about(cell).get("grade_id")
        if grade_id and grade_id not in {other.get("id") for other in notebook.cells}:
            cell["id"] = grade_id
        if grade_id in grade_cells(notebook):
            cell.source = with_kernel_line(cell.source, assignment, grade_id)
    return notebook


def _extra_metadata(cell: NotebookNode) -> list[str]:
    """Return the keys of a cell's metadata that do not belong into a committed notebook."""
    return sorted(key for key, value in cell.metadata.items() if key not in _METADATA and (key, value) != _FOLDED)


def _notebook_problems(file: str, assignment: Assignment, notebook: NotebookNode) -> Iterator[Problem]:
    if (notebook.nbformat, notebook.nbformat_minor) != (4, 5):
        yield Problem(file, "", "nbformat 4.5", f"{notebook.nbformat}.{notebook.nbformat_minor}", _FIX)
    if notebook.metadata != NOTEBOOK_METADATA:
        expected = "only the kernelspec python3 and the language in the notebook's metadata"
        yield Problem(file, "", expected, ", ".join(sorted(notebook.metadata)) or "nothing", _FIX)
    for name, times in Counter(cell_id(cell) for cell in notebook.cells).items():
        if times > 1:
            yield Problem(
                file, name, "an id of its own for each cell", f"{times} cells", "Give one of them another id."
            )
    total = sum(float(cell_about(cell).get("points") or 0) for cell in notebook.cells if cell_about(cell).get("grade"))
    if total != assignment.points:
        todo = f"Change the points of some grade cells, or those in {ABOUT}."
        yield Problem(file, "", f"{assignment.points:g} points in all", f"{total:g}", todo)


def _form_problems(cell: NotebookNode) -> Iterator[tuple[str, ...]]:
    """Tell what does not belong into a committed notebook."""
    if extra := _extra_metadata(cell):
        yield "only nbgrader, tags and a folded source in a cell's metadata", ", ".join(extra), _FIX
    if extra := sorted(set(cell.metadata.get("tags", [])) - TAGS):
        yield f"only the tags {' and '.join(sorted(TAGS))}", ", ".join(extra), "Remove the tag or correct its spelling."
    grade_id = cell_about(cell).get("grade_id")
    if grade_id and cell.get("id") != grade_id:
        yield "a cell id equal to the grade_id", str(cell.get("id")), _FIX
    if cell.cell_type != "code":
        return
    if cell.outputs:
        yield "no outputs", f"{len(cell.outputs)} outputs", _FIX
    if cell.execution_count is not None:
        yield "no execution count", str(cell.execution_count), _FIX


def _nbgrader_problems(cell: NotebookNode) -> Iterator[tuple[str, ...]]:
    about = cell_about(cell)
    if not about:
        return
    kind = _KINDS.get((about.get("grade", False), about.get("solution", False), about.get("locked", False)))
    if kind is None or about.get("task"):
        flags = ", ".join(name for name in ("grade", "solution", "locked", "task") if about.get(name)) or "none of them"
        expected = "a solution cell, a grade cell (grade, locked), a manual cell (grade, solution) or a locked cell"
        yield expected, flags, "See docs/writing-checks.md."
    if about.get("schema_version") != 3:
        yield "schema_version 3", str(about.get("schema_version")), "Run `nbgrader update` on the notebook."
    if not about.get("grade_id"):
        yield "a grade_id", "none", "Name the cell after what it judges or holds."
    points = about.get("points")
    if kind in ("grade cell", "manual cell") and not (isinstance(points, (int, float)) and points > 0):
        yield f"points above zero in a {kind}", str(points), "State the points of the exercise."
    if kind == "solution cell" and "BEGIN SOLUTION" not in cell.source:
        todo = "Mark the solution by ### BEGIN SOLUTION and ### END SOLUTION."
        yield "a solution region in a solution cell", "none", todo
    if kind not in ("solution cell", "manual cell") and re.search("(BEGIN|END) SOLUTION", cell.source):
        yield "solution regions in solution cells only", f"one in a {kind}", "Mark the cell as a solution cell."


def _code_problems(cell: NotebookNode) -> Iterator[tuple[str, ...]]:
    if cell.cell_type != "code":
        return
    tree = _parse(cell.source)
    if isinstance(tree, SyntaxError):
        yield "Python", f"{tree.msg}, line {tree.lineno}", "Correct the cell."
    elif cell_about(cell).get("grade"):
        asserts = [node for node in ast.walk(tree) if isinstance(node, ast.Assert)]
        silent = [node.lineno for node in asserts if node.msg is None]
        if silent:
            lines = ", ".join(map(str, silent))
            yield "a message in each assert", f"none in line {lines}", "Say in Spanish what to look at."


def _kernel_problems(file: str, assignment: Assignment, notebook: NotebookNode) -> Iterator[Problem]:
    """Tell which grade cells do not ask for their checks where there is no sandbox."""
    for cell in notebook.cells:
        name = cell_id(cell)
        if name in grade_cells(notebook) and not has_kernel_line(cell.source, assignment.name, name):
            yield Problem(file, name, "its hidden line at the end (docs/nbgrader.md)", "none, or another one", _FIX)


def _release_problems(file: str, notebook: NotebookNode) -> Iterator[Problem]:
    """Tell what would be wrong with the student's notebook."""
    try:
        student = student_version(notebook)
    except Exception as error:  # nbgrader raises what it likes; whatever it is, the notebook cannot be released
        yield Problem(file, "", "a notebook that can be released", str(error), "Correct the cell's solution regions.")
        return
    sources = [textwrap.dedent(cell.source) for cell in student.cells]
    kept = [cell for cell in notebook.cells if INSTRUCTOR not in cell.metadata.get("tags", [])]
    for cell, released in zip(kept, student.cells):
        if released.cell_type != "code":
            continue
        if (lines := released.source.count("\n") + 1) > LONGEST_CELL:
            expected = f"at most {LONGEST_CELL} lines for the student to read"
            yield Problem(file, cell_id(cell), expected, f"{lines} lines", "One idea per cell: make two of it.")
        tree = _parse(released.source)
        if isinstance(tree, SyntaxError) and not isinstance(_parse(cell.source), SyntaxError):
            received = f"{tree.msg}, line {tree.lineno}"
            yield Problem(file, cell_id(cell), "Python after the solution is removed", received, "Move the region.")
        for found in _REGION.finditer(cell.source):
            solution = textwrap.dedent(found[1]).strip()
            if len(solution) >= _SHORTEST_LEAK and any(solution in source for source in sources):
                yield Problem(
                    file,
                    cell_id(cell),
                    "a solution that students do not get",
                    f"it stands in another cell, too: {solution.splitlines()[0]!r}",
                    "Put that into a solution region as well.",
                )


def _contract_problems(file: str, assignment: Assignment, notebook: NotebookNode) -> Iterator[Problem]:
    names = assignment.names
    if not names:
        about = f"{PurePosixPath(file).parent}/{ABOUT}"
        todo = 'Write {"names": […]}: what the student defines or saves.'
        yield Problem(about, "", "the names that the assignment asks for", "none", todo)
        return
    for dataset in assignment.datasets:
        if dataset not in DATASETS:
            about = f"{PurePosixPath(file).parent}/{ABOUT}"
            yield Problem(about, "", f"one of {', '.join(DATASETS)}", dataset, "Add it to data/registry.py.")
    prefixes = [name.lower().replace("_", "-") for name in names]
    for grade_id in grade_cells(notebook):
        if not any(grade_id == prefix or grade_id.startswith(prefix + "-") for prefix in prefixes):
            yield Problem(file, grade_id, "a grade_id that begins with a name of the contract", grade_id, "Rename it.")
    solutions = "\n".join(cell.source for cell in notebook.cells if cell_about(cell).get("solution"))
    everything = "\n".join(cell.source for cell in notebook.cells)
    for name in names:
        defined = re.search(rf"^(def {name}\(|{name}\b.*=)", solutions, re.MULTILINE)
        if not defined and f"models/{name}.keras" not in everything:
            yield Problem(file, "", f"a solution cell that defines {name}", "none", "The contract promises it.")


def _check_problems(root: Path, file: str, assignment: Assignment, notebook: NotebookNode) -> Iterator[Problem]:
    """Hold the grade cells against the checks."""
    folder = assignment.require_checks()
    try:
        checks = index_checks(folder)
    except SyntaxError as error:
        place = Path(error.filename or folder).relative_to(root).as_posix()
        yield Problem(place, "", "Python", f"{error.msg}, line {error.lineno}")
        return
    cells = grade_cells(notebook)
    decided = {check.grade_id for check in checks}
    for grade_id in cells:
        if grade_id not in decided:
            todo = f"Write one in {folder.relative_to(root).as_posix()}/."
            yield Problem(file, grade_id, "at least one check", "none", todo)
    before: set[str] = set()
    for check in checks:
        place = f"{check.file.relative_to(root).as_posix()}:{check.line}"
        if check.grade_id is None:
            yield Problem(place, "", "@pytest.mark.grade with a plain text", "none", "Say which grade cell it decides.")
        elif check.grade_id not in cells:
            todo = "Correct the mark or add the cell."
            yield Problem(place, "", f"a grade cell of {assignment.name}", repr(check.grade_id), todo)
        if not check.title:
            yield Problem(place, "", "a docstring: the check's public title, in Spanish", "none", "Write one.")
        if check.name in before:
            yield Problem(place, "", "a name that no other check has", check.name, "Rename one of them.")
        for needed in check.needs:
            if needed not in before:
                received = f"{needed}, which does not"
                yield Problem(place, "", "needed checks that run before", received, "Correct the name or the order.")
        before.add(check.name)


def _parse(source: str) -> ast.Module | SyntaxError:
    """Parse a cell without its magics."""
    try:
        return ast.parse(re.sub(r"^(\s*)[%!].*$", r"\1pass", source, flags=re.MULTILINE))
    except SyntaxError as error:
        return error

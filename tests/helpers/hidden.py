"""What students must never read: for tests that look for it."""

from __future__ import annotations

import ast

from autograder.course.assignments import find_assignments
from autograder.course.notebooks import read_notebook


def hidden_lines(name: str) -> set[str]:
    """Return the telling lines of the solutions, and the telling expressions of the checks."""
    assignment = find_assignments()[name]
    lines: set[str] = set()
    for cell in read_notebook(assignment.source).cells:
        _, _, rest = cell.source.partition("### BEGIN SOLUTION\n")
        lines |= {line.strip() for line in rest.partition("### END SOLUTION")[0].split("\n")}
    for path in assignment.require_checks().glob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        lines |= {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, (ast.Call, ast.Compare, ast.Assign))}
    return {line for line in lines if len(line) > 20 and "\n" not in line}

"""Which cells of a notebook show what stood in for something: the official test set, or training that did not run.

The sandbox holds no test images but stand-ins, and training cells are skipped. What a cell shows that read either of
them says nothing about the student's work, and would contradict the grade on the same page. Which cells read them is
told from their code, without running it: names are followed from where they come in through assignments, loops,
functions and methods that change an object. When in doubt a cell counts as one that did.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

__all__ = ["Code", "Reason", "borrowed"]

Reason = Literal["test", "train"]
"""What a cell depends on: the official test set, or a training cell that did not run."""

_TEST = re.compile(r"(?:^|[^a-z])(?:test|t10k)(?:[^a-z]|$)", re.IGNORECASE)
_LOADER = "load_data"


class Code(NamedTuple):
    """A code cell.

    Parameters
    ----------
    source : str
    ran : bool
        Whether it ran; a training cell may not have.
    """

    source: str
    ran: bool = True


def borrowed(cells: Sequence[Code]) -> list[Reason | None]:
    """Return for each cell, in the order in which they ran, what its outputs depend on that was not really there.

    Examples
    --------
    >>> borrowed([Code("(a, b), (c, d) = mnist.load_data()"), Code("print(a.shape)"), Code("print(score(c, d))")])
    [None, None, 'test']
    """
    reader = _Reader()
    return [reader.read(cell) for cell in cells]


@dataclass
class _Reader:
    """Follows names through the cells of a notebook."""

    reasons: dict[str, set[Reason]] = field(default_factory=dict)
    reads: dict[str, set[str]] = field(default_factory=dict)
    pairs: set[str] = field(default_factory=set)
    modules: set[str] = field(default_factory=set)
    touched: set[Reason] = field(default_factory=set)

    def read(self, cell: Code) -> Reason | None:
        try:
            # A line for the shell or a magic is no Python; the rest of the cell is.
            lines = ["" if line.lstrip().startswith(("%", "!")) else line for line in cell.source.split("\n")]
            tree = ast.parse("\n".join(lines))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return "test" if _TEST.search(cell.source) else None
        if not cell.ran:
            for name in _changed(tree):
                self.reasons.setdefault(name, set()).add("train")
                self.reads.pop(name, None)
            return "train"
        self.touched = set()
        self._block(tree.body, sure=True)
        return next((reason for reason in ("test", "train") if reason in self.touched), None)

    def _block(self, body: Sequence[ast.stmt], sure: bool) -> None:
        for statement in body:
            self._statement(statement, sure)

    def _statement(self, statement: ast.stmt, sure: bool) -> None:
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            self._define(statement)
        elif isinstance(statement, (ast.Import, ast.ImportFrom)):
            self.modules |= {alias.asname or alias.name.partition(".")[0] for alias in statement.names}
        elif isinstance(statement, ast.Expr):
            self._change(statement.value)
        elif isinstance(statement, ast.Assign):
            for target in statement.targets:
                self._assign(target, statement.value, sure)
        elif isinstance(statement, (ast.AnnAssign, ast.AugAssign)):
            if statement.value is not None:
                self._assign(statement.target, statement.value, sure and isinstance(statement, ast.AnnAssign))
        elif isinstance(statement, (ast.For, ast.AsyncFor)):
            self._assign(statement.target, statement.iter, sure=True)
            self._block([*statement.body, *statement.orelse], sure)
        elif isinstance(statement, (ast.With, ast.AsyncWith)):
            for item in statement.items:
                if item.optional_vars is not None:
                    self._assign(item.optional_vars, item.context_expr, sure=True)
                else:
                    self._of(item.context_expr)
            self._block(statement.body, sure)
        else:
            for child in ast.iter_child_nodes(statement):
                if isinstance(child, ast.stmt):
                    # Of two ways one was taken: what a name held before may still be there.
                    self._statement(child, sure=False)
                elif isinstance(child, (ast.ExceptHandler, ast.match_case)):
                    self._block(child.body, sure=False)
                elif isinstance(child, ast.expr):
                    self._of(child)

    def _define(self, definition: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> None:
        """Remember what a function reads: its names may come to hold something else before it is called."""
        own = {node.arg for node in ast.walk(definition) if isinstance(node, ast.arg)}
        body = definition.body[1:] if ast.get_docstring(definition, clean=False) is not None else definition.body
        nodes = [node for statement in body for node in ast.walk(statement)]
        self.reads[definition.name] = {
            node.id for node in nodes if isinstance(node, ast.Name) and node.id not in own and not _TEST.search(node.id)
        } | {node.id for node in nodes if isinstance(node, ast.Name) and _is_test(node) and node.id not in own}
        self.reasons.pop(definition.name, None)
        self.pairs.discard(definition.name)
        if any(_is_test(node) or (isinstance(node, ast.Attribute) and node.attr == _LOADER) for node in nodes):
            # Its result may hold both sets: the second part of it is the test set.
            self.pairs.add(definition.name)

    def _assign(self, target: ast.expr, value: ast.expr, sure: bool) -> None:
        several = (ast.Tuple, ast.List)
        if isinstance(target, several) and isinstance(value, several) and len(target.elts) == len(value.elts):
            for part, held in zip(target.elts, value.elts):
                self._assign(part, held, sure)
            return
        found = self._of(value)
        pair = self._is_pair(value)
        if pair and isinstance(target, several) and len(target.elts) == 2:
            self._hold(target.elts[0], found, sure)
            self._hold(target.elts[1], found | {"test"}, sure)
            return
        self._hold(target, found, sure)
        if isinstance(target, ast.Name):
            (self.pairs.add if pair else self.pairs.discard)(target.id)

    def _hold(self, target: ast.expr, reasons: set[Reason], sure: bool) -> None:
        for name in _stored(target):
            self.reads.pop(name, None)
            self.reasons[name] = set(reasons) if sure else self.reasons.get(name, set()) | reasons
        for name in _bases(target):
            self.reasons[name] = self.reasons.get(name, set()) | reasons

    def _of(self, expression: ast.expr) -> set[Reason]:
        """Return what the value of an expression depends on, and note that the cell touched it."""
        found: set[Reason] = set()
        for node in ast.walk(expression):
            if isinstance(node, ast.Name):
                found |= self._held(node.id, set())
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in self.reasons:
                # globals()["name"]
                found |= self._held(node.value, set())
            elif isinstance(node, ast.Subscript) and self._is_pair(node.value) and _is_second(node.slice):
                found.add("test")
            if _is_test(node):
                found.add("test")
        self.touched |= found
        return found

    def _change(self, expression: ast.expr) -> None:
        """Let an object hold what one of its methods was given: ``results.append(…)``."""
        found = self._of(expression)
        if isinstance(expression, ast.Call) and isinstance(expression.func, ast.Attribute):
            for name in set(_bases(expression.func)) - self.modules:
                self.reasons[name] = self.reasons.get(name, set()) | found

    def _held(self, name: str, seen: set[str]) -> set[Reason]:
        if name in seen:
            return set()
        seen.add(name)
        found = set(self.reasons.get(name, set()))
        if _TEST.search(name) and name not in self.reads:
            found.add("test")
        for read in self.reads.get(name, set()):
            found |= self._held(read, seen)
        return found

    def _is_pair(self, expression: ast.expr) -> bool:
        if isinstance(expression, ast.Name):
            return expression.id in self.pairs and expression.id not in self.reads
        if not isinstance(expression, ast.Call):
            return False
        if isinstance(expression.func, ast.Name):
            return expression.func.id == _LOADER or expression.func.id in self.pairs & set(self.reads)
        return isinstance(expression.func, ast.Attribute) and expression.func.attr == _LOADER


def _is_test(node: ast.AST) -> bool:
    """Tell whether a name, an attribute or a text of the code names the test set."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str) and len(node.value) < 200 and _TEST.search(node.value) is not None
    text = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
    return _TEST.search(text) is not None


def _is_second(index: ast.expr) -> bool:
    return not (isinstance(index, ast.Constant) and index.value == 0)


def _stored(target: ast.expr) -> Iterator[str]:
    """Yield the names that an assignment gives a new value."""
    if isinstance(target, ast.Name):
        yield target.id
    elif isinstance(target, (ast.Tuple, ast.List)):
        for part in target.elts:
            yield from _stored(part)
    elif isinstance(target, ast.Starred):
        yield from _stored(target.value)


def _bases(target: ast.expr) -> Iterator[str]:
    """Yield the names of the objects that an assignment to a part of them, or a method, changes."""
    if isinstance(target, (ast.Subscript, ast.Attribute)):
        inner: ast.expr = target
        while isinstance(inner, (ast.Subscript, ast.Attribute)):
            inner = inner.value
        if isinstance(inner, ast.Name):
            yield inner.id
    elif isinstance(target, (ast.Tuple, ast.List)):
        for part in target.elts:
            yield from _bases(part)


def _changed(tree: ast.Module) -> set[str]:
    """Return the names that a cell would have given another value, had it run."""
    names: set[str] = set()
    for node in ast.walk(tree):
        targets = node.targets if isinstance(node, ast.Assign) else []
        if isinstance(node, (ast.AnnAssign, ast.AugAssign, ast.For)):
            targets = [node.target]
        for target in targets:
            names |= {*_stored(target), *_bases(target)}
        if isinstance(node, ast.Global):
            names |= set(node.names)
    return names

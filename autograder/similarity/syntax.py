"""A cell's code as what stays when it is disguised: statements and expressions without names, literals and layout.

What means the same is written in one way: a ``while`` that counts, a ``for`` and a comprehension; ``a += b`` and
``a = a + b``; ``np.sum(a)`` and ``a.sum()``; ``a > b`` and ``b < a``; the operands of a sum or a product in any order.
Names of libraries and built-in functions stay; names that the student chose become ``v``.
"""

from __future__ import annotations

import ast
import builtins
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["MAX_SOURCE", "Statement", "statements"]

MAX_SOURCE = 30_000
"""Characters of a cell that are looked at; nobody writes more, and what is hostile may."""

LONGEST = 80
"""Tokens of the longest expression that counts as one."""

_BUILTIN = frozenset(dir(builtins))
_MAGIC = re.compile(r"^(\s*)[%!?].*$", re.MULTILINE)
_WORD = re.compile(r"[^\W\d]\w*|\d[\w.]*|\"[^\"\n]*\"|'[^'\n]*'|#[^\n]*|[^\w\s]")


@dataclass(frozen=True)
class Statement:
    """One statement, or one part of a compound one.

    Parameters
    ----------
    tokens : tuple of str
        Its shape: ``("sum", "Mult", "v", "v")``.
    parts : tuple of tuple of str
        The shapes of the expressions in it that have one of their own.
    line : int
        Of the cell, from 1.
    last : int
        Its last line.
    block : int
        Which function of the cell it belongs to; 0 outside of all.
    """

    tokens: tuple[str, ...]
    parts: tuple[tuple[str, ...], ...]
    line: int
    last: int
    block: int = 0


def statements(source: str) -> list[Statement]:
    """Return the statements of a cell.

    Parameters
    ----------
    source : str
        Code, of any kind: it is parsed and never run. What does not parse is cut into words line by line.
    """
    source = source[:MAX_SOURCE]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a student's escapes and comparisons
            tree = ast.parse(_MAGIC.sub(r"\1pass", source))
        return list(_Reader(tree).read())
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return list(_words(source))


def _words(source: str) -> Iterator[Statement]:
    for number, line in enumerate(source.splitlines(), start=1):
        words = [word for word in _WORD.findall(line) if word[0] not in "#(),:;"]
        tokens = tuple(
            "c" if word[0] in "\"'" or word[0].isdigit() else word if word in _BUILTIN or not word[0].isalpha() else "v"
            for word in words
        )
        if tokens:
            yield Statement(tokens, (), number, number)


class _Reader:
    """Walks through one cell."""

    def __init__(self, tree: ast.Module) -> None:
        self._tree = tree
        self._blocks = 0
        self._modules: set[str] = set()
        self._imported: dict[str, str] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                self._modules |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                self._imported |= {alias.asname or alias.name: alias.name for alias in node.names}
        self._modules |= {"np", "numpy", "plt", "keras", "layers", "signal", "ndimage", "scipy", "io", "tf", "math"}

    def read(self) -> Iterator[Statement]:
        yield from self._body(self._tree.body, 0)

    def _body(self, body: list[ast.stmt], block: int) -> Iterator[Statement]:
        for node in body:
            yield from self._statement(node, block)

    def _statement(self, node: ast.stmt, block: int) -> Iterator[Statement]:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            self._blocks += 1
            inner = self._blocks
            for default in [*node.args.defaults, *(one for one in node.args.kw_defaults if one is not None)]:
                yield from self._parts(inner, node.lineno, node.lineno, default)
            yield from self._body(node.body, inner)
        elif isinstance(node, ast.ClassDef):
            yield from self._body(node.body, block)
        elif isinstance(node, (ast.For, ast.AsyncFor)):
            yield from self._unit(block, node.lineno, node.iter.end_lineno, "loop", *self._iterated(node.iter))
            yield from self._body([*node.body, *node.orelse], block)
        elif isinstance(node, ast.While):
            yield from self._unit(block, node.lineno, node.test.end_lineno, "loop", *self._counted(node.test))
            yield from self._body([*node.body, *node.orelse], block)
        elif isinstance(node, ast.If):
            yield from self._unit(block, node.lineno, node.test.end_lineno, "if", node.test)
            yield from self._body([*node.body, *node.orelse], block)
        elif isinstance(node, (ast.With, ast.AsyncWith)):
            for item in node.items:
                yield from self._parts(block, node.lineno, item.context_expr.end_lineno, item.context_expr)
            yield from self._body(node.body, block)
        elif isinstance(node, ast.Try):
            handlers = [part for handler in node.handlers for part in handler.body]
            yield from self._body([*node.body, *handlers, *node.orelse, *node.finalbody], block)
        else:
            yield from self._simple(node, block)

    def _simple(self, node: ast.stmt, block: int) -> Iterator[Statement]:
        line, last = node.lineno, node.end_lineno
        if isinstance(node, ast.Assign):
            stored = [self._stored(target) for target in node.targets]
            yield from self._unit(block, line, last, *(word for words in stored for word in words), node.value)
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            yield from self._unit(block, line, last, *self._stored(node.target), node.value)
        elif isinstance(node, ast.AugAssign):
            whole = ast.BinOp(left=node.target, op=node.op, right=node.value)
            yield from self._unit(block, line, last, *self._stored(node.target), whole)
        elif isinstance(node, ast.Return) and node.value is not None:
            yield from self._unit(block, line, last, node.value)
        elif isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant):
            call = node.value
            appends = isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "append"
            element = call.args[0] if isinstance(call, ast.Call) and appends and len(call.args) == 1 else None
            yield from self._unit(block, line, last, *(("element", element) if element is not None else (call,)))
        elif isinstance(node, (ast.Raise, ast.Assert)):
            inner = node.exc if isinstance(node, ast.Raise) else node.test
            if inner is not None:
                yield from self._unit(block, line, last, "stop", inner)

    def _unit(self, block: int, line: int, last: int | None, *words: str | ast.expr) -> Iterator[Statement]:
        """Yield one statement and, before it, what comprehensions and conditions in it are as statements."""
        tokens: list[str] = []
        parts: list[tuple[str, ...]] = []
        for word in words:
            if isinstance(word, str):
                tokens.append(word)
                continue
            yield from self._hoisted(word, block)
            found, inner = self._shape(word)
            tokens += found
            parts += inner
        yield Statement(tuple(tokens), tuple(parts), line, last or line, block)

    def _parts(self, block: int, line: int, last: int | None, node: ast.expr) -> Iterator[Statement]:
        if not isinstance(node, ast.Constant):
            yield from self._unit(block, line, last, node)

    def _hoisted(self, node: ast.expr, block: int) -> Iterator[Statement]:
        for part in _outermost(node):
            line, last = part.lineno, part.end_lineno
            if isinstance(part, ast.IfExp):
                yield from self._unit(block, line, last, "if", part.test)
                yield from self._unit(block, line, last, part.body)
                yield from self._unit(block, line, last, part.orelse)
            elif isinstance(part, ast.DictComp):
                yield from self._loops(part.generators, block)
                yield from self._unit(block, line, last, "store", part.key, part.value)
            elif isinstance(part, (ast.ListComp, ast.GeneratorExp, ast.SetComp)):
                yield from self._loops(part.generators, block)
                yield from self._unit(block, part.elt.lineno, part.elt.end_lineno, "element", part.elt)

    def _loops(self, generators: list[ast.comprehension], block: int) -> Iterator[Statement]:
        for loop in generators:
            yield from self._unit(block, loop.iter.lineno, loop.iter.end_lineno, "loop", *self._iterated(loop.iter))
            for test in loop.ifs:
                yield from self._unit(block, test.lineno, test.end_lineno, "if", test)

    def _iterated(self, node: ast.expr) -> list[str | ast.expr]:
        """Return what a loop goes over; of a range its end, which a ``while`` has, too."""
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "range" and node.args:
            return [node.args[1] if len(node.args) > 1 else node.args[0]]
        return ["over", node]

    def _counted(self, test: ast.expr) -> list[str | ast.expr]:
        if isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], (ast.Lt, ast.Gt)):
            return [test.comparators[0] if isinstance(test.ops[0], ast.Lt) else test.left]
        return ["over", test]

    def _stored(self, target: ast.expr) -> list[str | ast.expr]:
        """Return what is stored to; a plain name counts for nothing."""
        if isinstance(target, (ast.Tuple, ast.List)):
            return [word for part in target.elts for word in self._stored(part)]
        return [] if isinstance(target, (ast.Name, ast.Starred)) else ["store", target]

    def _shape(self, node: ast.AST) -> tuple[list[str], list[tuple[str, ...]]]:
        """Return the tokens of an expression, and the shapes of it and of what is in it."""
        own, children, commutes = self._head(node)
        shapes = [self._shape(child) for child in children]
        inner = [part for _, parts in shapes for part in parts]
        if commutes:
            shapes.sort(key=lambda shape: (len(shape[0]), [_nameless(word) for word in shape[0]]))
        tokens = [*own, *(word for words, _ in shapes for word in words)]
        return tokens, [*inner, tuple(tokens)] if children and len(tokens) <= LONGEST else inner

    def _head(self, node: ast.AST) -> tuple[list[str], list[ast.AST], bool]:
        """Return an expression's own tokens, its children, and whether their order says nothing."""
        if isinstance(node, ast.Name):
            return [self._name(node.id)], [], False
        if isinstance(node, ast.Constant):
            return [str(node.value) if node.value is None or isinstance(node.value, bool) else "c"], [], False
        if isinstance(node, ast.Attribute):
            return ["." + node.attr], [] if self._is_module(node.value) else [node.value], False
        if isinstance(node, ast.Call):
            return self._call(node)
        if isinstance(node, ast.BinOp):
            commutes = isinstance(node.op, (ast.Add, ast.Mult, ast.BitAnd, ast.BitOr))
            return [type(node.op).__name__], [node.left, node.right], commutes
        if isinstance(node, ast.BoolOp):
            return [type(node.op).__name__], list(node.values), True
        if isinstance(node, ast.UnaryOp):
            return [type(node.op).__name__], [node.operand], False
        if isinstance(node, ast.Compare):
            turned = len(node.ops) == 1 and isinstance(node.ops[0], (ast.Gt, ast.GtE))
            sides: list[ast.AST] = [node.left, *node.comparators]
            names = [type(op).__name__.replace("Gt", "Lt") if turned else type(op).__name__ for op in node.ops]
            return names, list(sides[::-1] if turned else sides), names in (["Eq"], ["NotEq"])
        if isinstance(node, (ast.ListComp, ast.GeneratorExp, ast.SetComp, ast.DictComp)):
            return ["v"], [], False  # what is in it stands before, as statements
        if isinstance(node, ast.IfExp):
            return ["v"], [], False
        if isinstance(node, ast.keyword):
            return [f"{node.arg}="], [node.value], False
        if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
            return [f"[{len(node.elts)}"], list(node.elts), False
        children = [child for child in ast.iter_child_nodes(node) if not isinstance(child, ast.expr_context)]
        return [type(node).__name__], children, False

    def _call(self, node: ast.Call) -> tuple[list[str], list[ast.AST], bool]:
        arguments: list[ast.AST] = [*node.args, *sorted(node.keywords, key=lambda one: one.arg or "")]
        if isinstance(node.func, ast.Attribute):
            inside = [] if self._is_module(node.func.value) else [node.func.value]
            return [node.func.attr + "("], [*inside, *arguments], False
        if isinstance(node.func, ast.Name):
            return [self._name(node.func.id) + "("], arguments, False
        return ["("], [node.func, *arguments], False

    def _name(self, name: str) -> str:
        return self._imported.get(name, name if name in _BUILTIN else f"v:{name}")

    def _is_module(self, node: ast.expr) -> bool:
        while isinstance(node, ast.Attribute):
            node = node.value
        return isinstance(node, ast.Name) and node.id in self._modules


def _outermost(node: ast.AST) -> Iterator[ast.expr]:
    """Yield the comprehensions and conditions in an expression that lie in no other of them."""
    if isinstance(node, (ast.ListComp, ast.GeneratorExp, ast.SetComp, ast.DictComp, ast.IfExp)):
        yield node
        return
    for child in ast.iter_child_nodes(node):
        yield from _outermost(child)


def _nameless(word: str) -> str:
    return "v" if word.startswith("v:") else word

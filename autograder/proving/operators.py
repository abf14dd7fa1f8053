"""The small changes of which `autograder.proving.mutate` makes mutants, by the kind of node that they change."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

__all__ = ["changes"]

Change = tuple[str, Any]
_Parents = tuple[ast.AST, ...]

_ARITHMETIC: dict[type, tuple[type, ...]] = {
    ast.Add: (ast.Sub, ast.Mult),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Add, ast.Div),
    ast.Div: (ast.Mult, ast.FloorDiv),
    ast.FloorDiv: (ast.Div, ast.Mult),
    ast.Mod: (ast.FloorDiv,),
    ast.Pow: (ast.Mult,),
}
_COMPARISONS: dict[type, tuple[type, ...]] = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_NAMES = {
    "sum": ("mean",),
    "mean": ("sum",),
    "max": ("min", "mean", "sum"),
    "min": ("max",),
    "zeros": ("ones",),
    "floor": ("ceil", "round"),
    "ceil": ("floor",),
    "float": ("int",),
    "float32": ("uint8",),
    "float64": ("int64",),
    "uint8": ("float32", "int8"),
    "glob": ("rglob",),
    "prod": ("sum",),
    "stem": ("name",),
    "name": ("stem",),
    "MaxPooling2D": ("AveragePooling2D", "GlobalMaxPooling2D"),
    "Flatten": ("GlobalAveragePooling2D",),
    "Conv2D": ("DepthwiseConv2D",),
    "argmax": ("argmin",),
    "correlate2d": ("convolve2d",),
    "convolve2d": ("correlate2d",),
    "full": ("zeros",),
    "empty": ("ones",),
}
_WORDS = {
    "relu": ("linear", "sigmoid"),
    "tanh": ("relu", "sigmoid", "linear"),
    "softmax": ("linear", "sigmoid", "relu"),
    "same": ("valid",),
    "valid": ("same", "full"),
    "float32": ("uint8", "int32"),
    "float64": ("int64",),
    "RGB": ("BGR", "RBG"),
    "R": ("B",),
    "G": ("R",),
    "B": ("G",),
    "*.png": ("*", "*.jpg"),
    ".png": ("",),
    "Reds": ("Greens", "Reds_r", "gray"),
    "Greens": ("Blues", "Greens_r"),
    "Blues": ("Reds", "Blues_r"),
    "block5": ("block4", "block"),
    "block": ("block5",),
    "edge": ("constant",),
}
_LOST_METHODS = ("copy", "astype", "reshape", "ravel", "flatten", "round", "transpose", "tolist")
_LOST_CALLS = ("asarray", "array", "int", "float", "sorted", "list", "tuple", "abs", "reversed", "np", "str")


def changes(node: ast.AST, parents: _Parents) -> Iterator[Change]:
    """Yield ``(kind of change, replacement)`` for one node."""
    for kind, makers in _MAKERS.items():
        if isinstance(node, kind):
            for make in makers:
                yield from make(node, parents)


def _with(node: Any, **fields: Any) -> Any:
    """Return a copy of a node with other fields."""
    result = copy.copy(node)
    for field, value in fields.items():
        setattr(result, field, value)
    return result


def _arithmetic(node: Any, parents: _Parents) -> Iterator[Change]:
    for other in _ARITHMETIC.get(type(node.op), ()):
        yield "arithmetic", _with(node, op=other())
    if isinstance(node, ast.BinOp):
        yield "operand lost", node.left
        yield "operand lost", node.right
    if isinstance(node.op, ast.FloorDiv) and isinstance(node, ast.BinOp):
        divided = _with(node, op=ast.Div())
        yield "rounded up", ast.UnaryOp(ast.USub(), _with(node, left=ast.UnaryOp(ast.USub(), node.left)))
        yield "rounded", ast.Call(ast.Name("round", ast.Load()), [divided], [])
    if isinstance(node.op, ast.Sub) and isinstance(node, ast.BinOp):
        yield "operands swapped", _with(node, left=node.right, right=node.left)


def _constant(node: Any, parents: _Parents) -> Iterator[Change]:
    value = node.value
    if isinstance(value, bool):
        yield "constant", ast.Constant(not value)
    elif isinstance(value, int):
        for other in (value + 1, value - 1):
            yield "off by one", ast.Constant(other)
        if value:
            yield "sign", ast.Constant(-value)
    elif isinstance(value, float):
        for number in (value * 1.1 + 0.01, -value, 0.0, 1.0):
            yield "constant", ast.Constant(number)
    elif isinstance(value, str):
        for word in _WORDS.get(value, ()):
            yield "word", ast.Constant(word)
        if len(value) == 1:
            yield "word", ast.Constant(value.lower() if value.isupper() else value.upper())


def _name(node: Any, parents: _Parents) -> Iterator[Change]:
    if not isinstance(node.ctx, ast.Load):
        return
    for other in _NAMES.get(node.id, ()):
        if node.id != "name":
            yield "another function", ast.Name(other, ast.Load())
    for other in _siblings(node.id, parents):
        yield "names swapped", ast.Name(other, ast.Load())


def _attribute(node: Any, parents: _Parents) -> Iterator[Change]:
    for other in _NAMES.get(node.attr, ()):
        yield "another function", _with(node, attr=other)


def _siblings(name: str, parents: _Parents) -> list[str]:
    """Return the names beside ``name`` among the arguments, or where several are assigned at once."""
    function = next((node for node in reversed(parents) if isinstance(node, ast.FunctionDef)), None)
    scope = function or parents[0]
    groups = [[argument.arg for argument in function.args.args]] if function is not None else []
    groups.append([node.id for node in ast.walk(scope) if isinstance(node, ast.Name) and _is_counter(node, scope)])
    for node in ast.walk(scope):
        if isinstance(node, ast.Tuple) and isinstance(node.ctx, ast.Store):
            groups.append([part.id for part in node.elts if isinstance(part, ast.Name)])
    single = [
        node.targets[0].id
        for node in ast.walk(scope)
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name)
    ]
    groups.append(single)
    found = [pair for group in groups for one, other in pairwise(group) for pair in ((one, other), (other, one))]
    return list(dict.fromkeys(other for one, other in found if one == name and other != name and other != "_"))


def _is_counter(node: ast.Name, scope: ast.AST) -> bool:
    """Tell whether a loop counts with this name."""
    loops = [loop for loop in ast.walk(scope) if isinstance(loop, (ast.For, ast.comprehension))]
    return any(loop.target is node for loop in loops)


def _call(node: Any, parents: _Parents) -> Iterator[Change]:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    for number in range(len(node.keywords)):
        yield "argument lost", _with(node, keywords=node.keywords[:number] + node.keywords[number + 1 :])
    plain = [argument for argument in node.args if not isinstance(argument, ast.Starred)]
    if len(plain) == len(node.args):
        for number in range(len(node.args) - 1):
            swapped = list(node.args)
            swapped[number : number + 2] = swapped[number : number + 2][::-1]
            yield "arguments swapped", _with(node, args=swapped)
        if len(node.args) > 1:
            yield "argument lost", _with(node, args=node.args[:-1])
    if isinstance(node.func, ast.Attribute) and name in _LOST_METHODS:
        yield f"{name} lost", node.func.value
    if name in _LOST_CALLS and node.args and not isinstance(node.args[0], ast.Starred):
        yield f"{name} lost", node.args[0]
    if name == "range":
        stop = node.args[min(1, len(node.args) - 1)]
        for step in (ast.Add(), ast.Sub()):
            longer = ast.BinOp(stop, step, ast.Constant(1))
            args = [longer] if len(node.args) == 1 else [node.args[0], longer, *node.args[2:]]
            yield "off by one", _with(node, args=args)


def _subscript(node: Any, parents: _Parents) -> Iterator[Change]:
    if isinstance(node.slice, ast.Tuple) and len(node.slice.elts) > 1:
        parts = node.slice.elts
        for number in range(len(parts) - 1):
            swapped = list(parts)
            swapped[number : number + 2] = swapped[number : number + 2][::-1]
            yield "axes swapped", _with(node, slice=_with(node.slice, elts=swapped))
    if isinstance(node.ctx, ast.Load):
        yield "subscript lost", node.value


def _slice(node: Any, parents: _Parents) -> Iterator[Change]:
    for field in ("lower", "upper", "step"):
        if getattr(node, field) is not None:
            yield "slice", _with(node, **{field: None})
    for field in ("lower", "upper"):
        part = getattr(node, field)
        if part is not None:
            yield "off by one", _with(node, **{field: ast.BinOp(part, ast.Add(), ast.Constant(1))})
            yield "off by one", _with(node, **{field: ast.BinOp(part, ast.Sub(), ast.Constant(1))})
    if node.lower is None and node.upper is None and node.step is None:
        yield "slice", _with(node, lower=ast.Constant(1))


def _tuple(node: Any, parents: _Parents) -> Iterator[Change]:
    if isinstance(node.ctx, ast.Load) and not isinstance(parents[-1], ast.Subscript):
        for number in range(len(node.elts) - 1):
            swapped = list(node.elts)
            swapped[number : number + 2] = swapped[number : number + 2][::-1]
            yield "order", _with(node, elts=swapped)
    if isinstance(node, ast.List):
        for number in range(len(node.elts)):
            yield "element lost", _with(node, elts=node.elts[:number] + node.elts[number + 1 :])


def _compare(node: Any, parents: _Parents) -> Iterator[Change]:
    for other in _COMPARISONS.get(type(node.ops[0]), ()):
        yield "comparison", _with(node, ops=[other(), *node.ops[1:]])


def _condition(node: Any, parents: _Parents) -> Iterator[Change]:
    yield "condition", _with(node, test=ast.UnaryOp(ast.Not(), node.test))
    if isinstance(node, ast.IfExp):
        yield "condition", node.body
        yield "condition", node.orelse


def _bool_op(node: Any, parents: _Parents) -> Iterator[Change]:
    yield "condition", _with(node, op=ast.And() if isinstance(node.op, ast.Or) else ast.Or())
    for value in node.values:
        yield "condition", value


def _unary(node: Any, parents: _Parents) -> Iterator[Change]:
    yield "sign", node.operand


def _return(node: Any, parents: _Parents) -> Iterator[Change]:
    yield "return lost", ast.Expr(node.value) if node.value is not None else ast.Pass()


def _statement(node: Any, parents: _Parents) -> Iterator[Change]:
    yield "statement lost", ast.Pass()


def _defaults(node: Any, parents: _Parents) -> Iterator[Change]:
    for number, default in enumerate(node.defaults):
        value = getattr(default, "value", None)
        others = [2] if value is None else [value + 1, value - 1] if isinstance(value, int) else []
        for other in others:
            parts = [*node.defaults[:number], ast.Constant(other), *node.defaults[number + 1 :]]
            yield "default", _with(node, defaults=parts)


_MAKERS: dict[Any, tuple[Callable[[Any, _Parents], Iterator[Change]], ...]] = {
    (ast.BinOp, ast.AugAssign): (_arithmetic,),
    ast.Constant: (_constant,),
    ast.Name: (_name,),
    ast.Attribute: (_attribute,),
    ast.Call: (_call,),
    ast.Subscript: (_subscript,),
    ast.Slice: (_slice,),
    (ast.Tuple, ast.List): (_tuple,),
    ast.Compare: (_compare,),
    (ast.If, ast.IfExp, ast.While): (_condition,),
    ast.BoolOp: (_bool_op,),
    ast.UnaryOp: (_unary,),
    ast.Return: (_return,),
    (ast.Assign, ast.AugAssign, ast.Expr): (_statement,),
    ast.arguments: (_defaults,),
}

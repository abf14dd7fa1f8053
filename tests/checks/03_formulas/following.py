"""What follows from the student's own functions: whoever goes on from a wrong one and does it right is charged once."""

from __future__ import annotations

from typing import Any

from autograder.checking import StudentFault, as_array, as_number

BLOCKS = [(64, 64), (128, 128), (256, 256, 256), (512, 512, 512), (512, 512, 512)]


def ask(student: Any, name: str, *arguments: Any, **keywords: Any) -> Any:
    """Return what the student's function gives, a number or a tuple of numbers."""
    value = as_array(getattr(student, name)(*arguments, **keywords))
    return as_number(value) if value.ndim == 0 else tuple(value.ravel().tolist())


COMPUTING = {
    "output_size": (((20, 3), {"padding": 1, "stride": 2}), ((29, 4), {"padding": 0, "stride": 1})),
    "conv_params": (((2, 3, 4), {}), ((5, 2, 7), {})),
    "dense_params": (((3, 2), {}), ((20, 7), {})),
    "flatten_size": ((((2, 3, 4),), {}), (((5, 6, 7),), {})),
    "pool_output_shape": ((((8, 6, 3),), {}), (((20, 12, 5),), {})),
    "conv_output_shape": ((((8, 9, 3), 5, 3), {}), (((20, 12, 5), 7, 4), {})),
}
"""By function two calls with different answers: a function that gives the same to both computes nothing."""


def computes(student: Any, name: str) -> bool:
    """Tell whether a function depends on its arguments at all."""
    answers = [ask(student, name, *arguments, **keywords) for arguments, keywords in COMPUTING[name]]
    return bool(answers[0] != answers[1])


def own_output_shape(
    student: Any, input_shape: tuple[int, int, int], filters: int, kernel_size: int, padding: int, stride: int
) -> tuple[float, ...] | None:
    """Return the shape that follows from the student's own output_size, or None."""
    last = student.last
    try:
        if not computes(student, "output_size"):
            return None
        t, u = (
            ask(student, "output_size", size, kernel_size, padding=padding, stride=stride) for size in input_shape[:2]
        )
        return (t, u, filters)
    except StudentFault:
        return None
    finally:
        student.last = last


def own_answer(student: Any, key: str) -> float | None:
    """Return the answer that follows from the student's own functions, or None if they do not give one."""
    last = student.last
    try:
        if not all(computes(student, name) for name in COMPUTING):
            return None
        return float(_ANSWERS[key](student))
    except (StudentFault, IndexError, TypeError, ValueError, KeyError):
        return None
    finally:
        student.last = last


def _maps(student: Any) -> Any:
    return ask(student, "conv_output_shape", (28, 28, 1), 64, 3)


def _pooled(student: Any) -> Any:
    return ask(student, "pool_output_shape", _whole(_maps(student)))


def _whole(shape: Any) -> Any:
    return tuple(int(size) if size == int(size) else size for size in shape)


def _flat(student: Any, shape: Any) -> Any:
    return ask(student, "flatten_size", _whole(shape))


def _dense(student: Any, size: Any, units: int) -> Any:
    return ask(student, "dense_params", int(size) if size == int(size) else size, units)


def _conv(student: Any) -> Any:
    return ask(student, "conv_params", 64, 3, 1)


def _vgg16(student: Any) -> Any:
    shape, total = (224, 224, 3), 0
    for block in BLOCKS:
        for filters in block:
            total += ask(student, "conv_params", filters, 3, shape[2])
            shape = _whole(ask(student, "conv_output_shape", shape, filters, 3, padding=1))
        shape = _whole(ask(student, "pool_output_shape", shape, pool_size=2))
    inputs = _flat(student, shape)
    for units in (4096, 4096, 1000):
        total += _dense(student, inputs, units)
        inputs = units
    return total


_ANSWERS = {
    "conv_output": lambda s: _maps(s)[0],
    "conv_params": _conv,
    "flatten": lambda s: _flat(s, _maps(s)),
    "softmax_params": lambda s: _dense(s, _flat(s, _maps(s)), 10),
    "conv_net_total": lambda s: _conv(s) + _dense(s, _flat(s, _maps(s)), 10),
    "hidden_params": lambda s: _dense(s, _flat(s, _maps(s)), 15),
    "output_params": lambda s: _dense(s, 15, 10),
    "hidden_net_total": lambda s: _conv(s) + _dense(s, _flat(s, _maps(s)), 15) + _dense(s, 15, 10),
    "pool_output": lambda s: _pooled(s)[0],
    "pool_flatten": lambda s: _flat(s, _pooled(s)),
    "pool_hidden_params": lambda s: _dense(s, _flat(s, _pooled(s)), 15),
    "pool_net_total": lambda s: _conv(s) + _dense(s, _flat(s, _pooled(s)), 15) + _dense(s, 15, 10),
    "reduction_percent": lambda s: 100 * (1 - _flat(s, _pooled(s)) / _flat(s, _maps(s))),
    "vgg16_total": _vgg16,
}

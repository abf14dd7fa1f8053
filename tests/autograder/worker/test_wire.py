"""What crosses the trust boundary: honest values unchanged, hostile replies refused with `WireError`."""

from __future__ import annotations

import contextlib
import gc
import io
import json
import math
import weakref
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from autograder.checking.replies import open_reply
from autograder.errors import BadReply, MissingName, ModelRejected, StudentException
from autograder.worker import wire
from autograder.worker.wire import Figure, Image, ModelParts, Opaque, WireError, decode, encode


def npy(header: str, content: bytes = b"", version: bytes = b"\x01\x00") -> bytes:
    """Return an npy file with whatever header."""
    text = header.encode("latin1")
    text += b" " * (-(10 + len(text) + 1) % 64) + b"\n"
    return b"\x93NUMPY" + version + len(text).to_bytes(2, "little") + text + content


def saved(array: np.ndarray) -> bytes:
    """Return an honest npy file, pickled if the array holds objects."""
    stream = io.BytesIO()
    np.save(stream, array, allow_pickle=True)
    return stream.getvalue()


class Bomb:
    """Unpickling it would be noticed."""

    def __reduce__(self) -> Any:
        return (pytest.fail, ("a pickle was opened",))


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        3,
        -(2**200),
        0.1,
        "ñandú",
        [1, [2, "x"], None],
        (1, (2, 3)),
        {"a": 1, 2: [3], (4, 5): None},
        [[1, 2], [3, 4]],
        list(range(20)),
        [],
        [[], []],
        math.inf,
    ],
    ids=repr,
)
def test_plain_values_cross_unchanged(value: Any) -> None:
    """Through JSON, as between the processes, with their types."""
    tree, buffers = encode(value)
    back = decode(json.loads(json.dumps(tree)), buffers)
    assert back == value
    assert type(back) is type(value)


@pytest.mark.parametrize("dtype", ["uint8", "int64", "float16", "float32", "float64", "bool", "complex64", "U3"])
@pytest.mark.parametrize("shape", [(), (3,), (2, 0, 4), (2, 3, 1)])
def test_arrays_cross_unchanged(dtype: str, shape: tuple[int, ...]) -> None:
    """Dtype, shape and values, in whatever order they lie in memory."""
    array = np.arange(math.prod(shape)).reshape(shape).astype(dtype)
    for form in (array, array.copy(order="F")):
        back = decode(*encode(form))
        assert back.dtype == array.dtype
        assert back.shape == array.shape
        assert np.array_equal(back, array)
        assert back.flags.writeable


def test_scalars_figures_models_and_strangers_cross_as_data() -> None:
    """What has no plain form is named, and never rebuilt."""
    scalar = decode(*encode(np.float32(0.5)))
    assert (scalar, scalar.dtype) == (0.5, np.float32)
    assert math.isnan(decode(*encode(math.nan)))
    figure = decode(*encode(Figure([Image(np.ones((2, 2)), "gray")], ["título"])))
    assert (figure.images[0].cmap, figure.titles) == ("gray", ["título"])
    model = decode(*encode(ModelParts("{}", {"dense": [np.zeros((2, 3))]})))
    assert model.weights["dense"][0].shape == (2, 3)
    stranger = decode(*encode(Bomb()))
    assert isinstance(stranger, Opaque)
    assert stranger.type_name.endswith("Bomb")


LYING = {
    "more than came": npy("{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000,), }", b"\0" * 8),
    "less than came": npy("{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }", b"\0" * 800),
    "overflowing product": npy(f"{{'descr': '|u1', 'fortran_order': False, 'shape': ({2**32}, {2**32}), }}"),
    "negative": npy("{'descr': '|u1', 'fortran_order': False, 'shape': (-1, -1), }", b"\0"),
    "not a number": npy("{'descr': '|u1', 'fortran_order': False, 'shape': ('a',), }", b"\0"),
    "a truth value as a size": npy("{'descr': '|u1', 'fortran_order': False, 'shape': (True, 3), }", b"\0" * 3),
    "items that hold nothing": npy(f"{{'descr': '|u1', 'fortran_order': False, 'shape': ({2**30}, 0), }}"),
    "forty dimensions": npy(f"{{'descr': '|u1', 'fortran_order': False, 'shape': {(1,) * 40}, }}", b"\0"),
    "fortran order": npy("{'descr': '|u1', 'fortran_order': True, 'shape': (1,), }", b"\0"),
    "code": npy("{'descr': __import__('os').abort(), 'fortran_order': False, 'shape': (1,), }", b"\0"),
    "deep header": npy("(" * 5000 + ")" * 5000),
    "version 2": npy("{'descr': '|u1', 'fortran_order': False, 'shape': (1,), }", b"\0", b"\x02\x00"),
    "header longer than the file": b"\x93NUMPY\x01\x00\xff\xff{",
    "not npy": b"PK\x03\x04",
    "empty": b"",
    "objects": saved(np.array([Bomb()], dtype=object)),
    "objects inside a structure": npy("{'descr': [('a', '|O')], 'fortran_order': False, 'shape': (1,), }", b"\0" * 8),
    "a structure": saved(np.zeros(2, dtype=[("a", "<i4")])),
    "dates": saved(np.array(["2024-01-01"], dtype="M8[D]")),
    "raw bytes": saved(np.array([b"abc"])),
    "huge items": npy("{'descr': '<U4000000', 'fortran_order': False, 'shape': (0,), }"),
}


@pytest.mark.parametrize("case", LYING)
@pytest.mark.parametrize("node", ["npy", "scalar", "nested"])
def test_lying_npy_headers_are_refused(case: str, node: str) -> None:
    """Before anything of the announced size is allocated."""
    with pytest.raises(WireError):
        decode({node: 0}, [LYING[case]])


def deep(levels: int, kind: str = "list") -> Any:
    """Return a tree of that many levels."""
    tree: Any = 0
    for _ in range(levels):
        tree = {kind: [tree]}
    return tree


TREES: dict[str, Any] = {
    "unknown node": {"pickle": "gASV"},
    "two nodes in one": {"list": [], "tuple": []},
    "empty node": {},
    "bare list": [1, 2],
    "bytes": b"abc",
    "a set": {1, 2},
    "a number as a name": {1: 2},
    "list of nothing": {"list": None},
    "list of text": {"list": "abc"},
    "dict without pairs": {"dict": [1]},
    "dict with triples": {"dict": [[1, 2, 3]]},
    "dict with unhashable keys": {"dict": [[{"list": []}, 1]]},
    "dict with unhashable keys inside": {"dict": [[{"tuple": [{"list": []}]}, 1]]},
    "buffer that did not come": {"npy": 7},
    "negative buffer": {"npy": -1},
    "buffer by name": {"npy": "0"},
    "buffer true": {"npy": True},
    "float from text": {"float": "1e5"},
    "int from text": {"int": "__import__('os')"},
    "int from a number": {"int": 5},
    "int without digits": {"int": "-"},
    "int of two signs": {"int": "--5"},
    "int of other digits": {"int": "²"},
    "huge int": {"int": "9" * 1_000_000},
    "endless text": "x" * (wire.MAX_TEXT + 1),
    "opaque without text": {"opaque": ["x"]},
    "opaque with a value": {"opaque": ["x", {"list": []}]},
    "figure of nothing": {"figure": {}},
    "figure with a bad image": {"figure": {"images": [{"data": 0}], "titles": []}},
    "figure titled by numbers": {"figure": {"images": [], "titles": [1]}},
    "model of nothing": {"model": {}},
    "model with bad weights": {"model": {"config": "{}", "weights": {"a": 1}}},
    "model with bad rows": {"model": {"config": "{}", "weights": [["a", [0]]]}},
    "deep": deep(wire.MAX_DEPTH + 1),
    "very deep": deep(50_000),
    "deep tuples": deep(50_000, "tuple"),
    "too many parts": {"list": [0] * (wire.MAX_NODES + 1)},
    "too many parts in few": {"list": [{"list": [0] * 1000}] * 1000},
}


@pytest.mark.parametrize("case", TREES)
def test_trees_that_no_honest_worker_sends_are_refused(case: str) -> None:
    """Unknown nodes, wrong types, trees too deep, too large or with numbers too long."""
    with pytest.raises(WireError):
        decode(TREES[case], [])


@pytest.mark.parametrize("case", TREES)
def test_a_refused_reply_is_a_message_for_the_student(case: str) -> None:
    """The grader goes on: `BadReply`, in Spanish, whatever came."""
    with pytest.raises(BadReply, match="`f` devolvió algo que no se puede corregir"):
        open_reply("f", {"status": "ok", "value": TREES[case]}, [])


def test_too_many_bytes_are_refused_by_the_sender() -> None:
    """All arrays of a value count together; the receiver counts the message as it comes (`sandbox/test_channel.py`)."""
    encode([np.zeros(60), np.zeros(60)], most=1000)
    with pytest.raises(WireError):
        encode([np.zeros(60), np.zeros(70)], most=1000)


def test_a_buffer_is_named_once() -> None:
    """Four thousand references to one array would be four thousand arrays."""
    tree, buffers = encode([np.zeros(3), np.ones(3)])
    assert [array.sum() for array in decode(tree, buffers)] == [0, 3]
    with pytest.raises(WireError):
        decode({"list": [{"npy": 0}, {"npy": 0}]}, buffers)


def test_arrays_lie_in_the_buffers_that_came() -> None:
    """Nothing is copied that can be written where it is."""
    _, [buffer] = encode(np.arange(3.0))
    came = bytearray(buffer)
    array = decode({"npy": 0}, [came])
    array[0] = 7
    assert came[-24:] == array.tobytes()
    assert not np.shares_memory(decode({"npy": 0}, [buffer]), np.frombuffer(buffer, np.uint8))


def test_nothing_large_waits_for_the_garbage_collector() -> None:
    """What came is gone with the value, or with the refusal."""
    gc.disable()
    try:
        for tree in ({"npy": 0}, {"list": [{"npy": 0}, {"unknown": 0}]}, {"nested": 0}):
            buffer = np.frombuffer(saved(np.zeros(wire.MAX_NUMBERS + 1)), np.uint8).copy()
            alive = weakref.ref(buffer)
            with contextlib.suppress(WireError):
                decode(tree, [buffer])
            del buffer
            assert alive() is None
    finally:
        gc.enable()


def test_nested_lists_are_bounded_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """A number of a list takes many times the bytes that came."""
    monkeypatch.setattr(wire, "MAX_NUMBERS", 100)
    tree = {"list": [{"nested": 0}, {"nested": 1}]}
    assert decode(tree, [saved(np.zeros(50)), saved(np.zeros(50))]) == [[0.0] * 50] * 2
    with pytest.raises(WireError):
        decode(tree, [saved(np.zeros(50)), saved(np.zeros(51))])
    with pytest.raises(WireError):
        decode({"nested": 0}, [saved(np.array(["x"] * 3))])


@pytest.mark.parametrize("value", ["\ud83d", "caf\u00e9 \udc00!", "\ud83d\ude00", "\ud83d\U0001f600"])
def test_halves_of_surrogate_pairs_are_cleaned_on_both_sides(value: str) -> None:
    """A pair that was torn is joined; a half alone is replaced. Both can be encoded then."""
    whole = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    assert whole.encode()
    assert encode({value: value})[0] == {"dict": [[whole, whole]]}
    assert decode({"dict": [[value, value]]}, []) == {whole: whole}
    assert decode({"opaque": [value, value]}, []) == Opaque(whole, whole)


def test_keys_that_all_have_one_hash_are_refused() -> None:
    """A dictionary of them is quadratic."""
    same = [[{"int": str((2**61 - 1) * number)}, 0] for number in range(2, 5)]
    with pytest.raises(WireError):
        decode({"dict": same}, [])


@pytest.mark.parametrize("value", [np.zeros(1, "datetime64[s]"), 1 << 10_000], ids=["dates", "huge int"])
def test_what_cannot_cross_is_refused_by_the_sender(value: Any) -> None:
    """Arrays of dates and numbers with thousands of digits."""
    with pytest.raises(WireError):
        encode(value)


def test_arrays_of_objects_cross_as_lists() -> None:
    """Ragged arrays of numbers are right answers; what is in them and has no plain form is opaque."""
    value = np.array([1, [2.5, 3], Bomb()], dtype=object)
    number, pair, bomb = decode(*encode(value))
    assert (number, pair) == (1, [2.5, 3])
    assert isinstance(bomb, Opaque)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Fraction(26), 26),
        (Fraction(3, 4), 0.75),
        (Decimal("75"), 75),
        (Decimal("7.5"), 7.5),
        (Decimal("1e400"), math.inf),
        (Fraction(10**400), math.inf),
        ([Fraction(1, 2)], [0.5]),
    ],
)
def test_fractions_and_decimals_cross_as_numbers(value: Any, expected: Any) -> None:
    """An answer worked out exactly is a number; a whole one stays whole."""
    found = decode(*encode(value))
    assert found == expected
    assert type(found) is type(expected)


def test_values_without_an_end_are_refused_by_the_sender() -> None:
    """A list that contains itself, one that doubles sixty times, an iterator that never stops."""
    loop: list[Any] = []
    loop.append(loop)
    wide: list[Any] = [1.0] * 16
    for _ in range(60):
        wide = [wide, wide]
    for value in (loop, wide, iter(int, 1)):
        with pytest.raises(WireError):
            encode(value)


@pytest.mark.parametrize("reply", [None, [], "ok", {}, {"status": None}, {"status": ["ok"]}, {"status": "passed"}])
def test_replies_with_an_unknown_status_are_refused(reply: Any) -> None:
    """There is no status that means points."""
    with pytest.raises(BadReply):
        open_reply("f", reply, [])


def test_texts_in_replies_are_bounded_and_typed() -> None:
    """A reply's texts are cut; what is not text becomes empty."""
    with pytest.raises(StudentException) as raised:
        open_reply("f", {"status": "raised", "kind": ["x"], "text": "y" * 10**6, "traceback": None}, [])
    assert (raised.value.kind, len(raised.value.text), raised.value.traceback) == ("", 4000, "")
    with pytest.raises(MissingName):
        open_reply("f", {"status": "missing", "found": {"a": 1}}, [])
    with pytest.raises(ModelRejected):
        open_reply("f", {"status": "rejected", "kind": 1, "message": None}, [])

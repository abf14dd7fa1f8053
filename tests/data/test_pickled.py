"""Batches of CIFAR-10 are read without unpickling: what else a pickle may ask for is refused."""

from __future__ import annotations

import os
import pickle
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from data import pickled
from data.errors import DataCorrupt
from data.pickled import read_pickled

ROWS = np.arange(2 * 3072, dtype=np.uint32).astype(np.uint8).reshape(2, 3072)
BATCH = {b"batch_label": b"training batch 1 of 5", b"labels": [6, 9], b"data": ROWS, b"filenames": [b"a.png", b"b.png"]}


def python_2_batch() -> bytes:
    """Return a batch as Python 2 wrote the official ones: protocol 2, texts of bytes, numpy's old module names."""

    def text(value: bytes) -> bytes:
        return b"U" + bytes([len(value)]) + value

    array = b"cnumpy.core.multiarray\n_reconstruct\nq\x02cnumpy\nndarray\nq\x03K\x00\x85" + text(b"b") + b"\x87R"
    dtype = (
        b"cnumpy\ndtype\n"
        + text(b"u1")
        + b"K\x00K\x01\x87R(K\x03"
        + text(b"|")
        + b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"
    )
    state = b"(K\x01K\x02M\x00\x0c\x86" + dtype + b"\x89T" + struct.pack("<i", ROWS.size) + ROWS.tobytes() + b"tb"
    labels = b"]q\x01(K\x06K\x09e"
    items = text(b"data") + array + state + text(b"labels") + labels
    return b"\x80\x02}(" + items + b"u."


def write(folder: Path, content: bytes) -> Path:
    path = folder / "data_batch_1"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    "content",
    [python_2_batch(), *(pickle.dumps(BATCH, protocol=protocol) for protocol in (2, 3, 4))],
    ids=["python 2", "protocol 2", "protocol 3", "protocol 4"],
)
def test_a_batch_is_read_whoever_wrote_it(tmp_path: Path, content: bytes) -> None:
    """Keys become text, the pixels an array, and the real unpickler agrees."""
    batch = read_pickled(write(tmp_path, content))
    assert np.array_equal(batch["data"], ROWS)
    assert batch["data"].dtype == np.uint8
    assert batch["labels"] == [6, 9]


def test_an_array_in_columns_keeps_its_order(tmp_path: Path) -> None:
    """numpy writes such an array as it lies in memory."""
    content = pickle.dumps({b"data": np.asfortranarray(ROWS)}, protocol=4)
    assert np.array_equal(read_pickled(write(tmp_path, content))["data"], ROWS)


class Runs:
    """Calls a function when it is unpickled."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self.call = function, arguments

    def __reduce__(self) -> Any:
        return self.call


HOSTILE = {
    "a command": Runs(os.system, "touch ran"),
    "a builtin": Runs(eval, "open('ran', 'w')"),
    "an import": Runs(__import__, "antigravity"),
    "an attribute of numpy": Runs(np.load, "ran"),
    "a method": Runs(getattr, "text", "upper"),
    "an array of objects": np.array([{}, []], dtype=object),
    "an array of floats": np.ones(3),
    "an array with fields": np.zeros(2, dtype=[("a", "u1")]),
    "a class": Path,
    "an object": Path("a"),
    "a set": {1},
    "a large number": 1 << 80,
    "a float": 1.5,
}


@pytest.mark.parametrize("protocol", [0, 1, 2, 3, 4, 5])
@pytest.mark.parametrize("name", HOSTILE)
def test_nothing_but_a_batch_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, protocol: int) -> None:
    """Calls, classes, objects and other arrays are refused in every protocol, and nothing ran."""
    monkeypatch.chdir(tmp_path)
    path = write(tmp_path, pickle.dumps({b"data": HOSTILE[name]}, protocol=protocol))
    with pytest.raises(DataCorrupt, match="data_batch_1 is damaged or is another file"):
        read_pickled(path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["data_batch_1"]


ARRAY = b"cnumpy.core.multiarray\n_reconstruct\n)R"
DTYPE = b"cnumpy\ndtype\nU\x02u1\x85R"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\x80\x02cos\nsystem\nU\x04true\x85R.", "the name os.system"),
        (b"\x80\x02cnumpy.core.multiarray\n_reconstruct\n}b.", "an object"),
        (b"\x80\x02ccopy_reg\n_reconstructor\n.", "the name copy_reg._reconstructor"),
        (b"\x80\x02i__main__\nA\n.", "the instruction INST"),
        (b"\x80\x02U\x01aQ.", "the instruction BINPERSID"),
        (b"\x80\x02\x82\x01.", "the instruction EXT1"),
        (b"\x80\x02cnumpy\ndtype\n)\x81.", "the instruction NEWOBJ"),
        (b"\x80\x02cnumpy\ndtype\nU\x01O\x85R.", "a call of numpy.dtype"),
        (b"\x80\x02c_codecs\nencode\nX\x01\x00\x00\x00aX\x05\x00\x00\x00rot13\x86R.", "a call of _codecs.encode"),
        (b"\x80\x02" + ARRAY + b"(K\x01K\x09\x85" + DTYPE + b"\x89U\x01atb.", r"an array of shape \(9,\) with 1 bytes"),
        (b"\x80\x02" + ARRAY + b"(K\x01J\xff\xff\xff\xff\x85" + DTYPE + b"\x89U\x01atb.", "an array of shape"),
        (b"\x80\x02" + ARRAY + b"(K\x01K\x01\x85U\x01O\x89U\x01atb.", "does not consist of unsigned bytes"),
        (b"\x80\x02]q\x01h\x01a.", "Received: list"),
        (b"\x80\x02}h\x07.", "expected the pickle"),
        (b"\x80\x02a.", "too few values"),
        (b"\x80\x02K\x01K\x02a.", "values for a list that is none"),
        (b"\x80\x02}}}.", "expected the pickle"),
        (b"\x80\x02U\xffab", "expected the pickle"),
        (b"", "expected the pickle"),
        (b"PK\x03\x04 not a pickle", "expected the pickle"),
    ],
)
def test_a_crafted_file_is_refused_with_the_reason(tmp_path: Path, content: bytes, reason: str) -> None:
    """One instruction after the other that the official files do not hold."""
    with pytest.raises(DataCorrupt, match=reason):
        read_pickled(write(tmp_path, content))


def test_a_short_file_cannot_ask_for_much_memory(tmp_path: Path) -> None:
    """One text, turned into bytes again and again."""
    text = b"X" + struct.pack("<I", 1000) + b"a" * 1000 + b"q\x01"
    again = b"c_codecs\nencode\nh\x01X\x06\x00\x00\x00latin1\x86R"
    with pytest.raises(DataCorrupt, match="more bytes than it is long"):
        read_pickled(write(tmp_path, b"\x80\x02(" + text + again * 100 + b"t."))


def test_a_cut_off_batch_is_refused(tmp_path: Path) -> None:
    """Wherever it ends."""
    content = python_2_batch()
    for length in (1, 2, 10, 50, 200, len(content) - 1):
        with pytest.raises(DataCorrupt):
            read_pickled(write(tmp_path, content[:length]))


def test_a_huge_file_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything of it is interpreted."""
    monkeypatch.setattr(pickled, "MAX_BYTES", 100)
    with pytest.raises(DataCorrupt, match="expected at most 100 bytes"):
        read_pickled(write(tmp_path, b"\x80\x02" + b"N" * 200))

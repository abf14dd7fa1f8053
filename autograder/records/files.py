"""Records as files: compressed, and signed with a key of this grader's folder.

``records/<key>`` lies beside the kept reports; the key is a SHA-256 of everything that the answers follow from. The
signature says that this grader wrote it, under this name, and that nobody changed it since: not what a student's code
said, which is believed as little as ever.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import zlib
from typing import Any

from autograder.errors import AutograderError
from autograder.records.place import folder
from autograder.records.record import MOST_RECORD, Answer, Record
from autograder.settings import keep_file
from data.secret import secret_number

__all__ = ["RecordChanged", "load", "save"]

_MAGIC = b"cnn-course record 1\n"
_MOST_INDEX = 16 << 20
_SIGNATURE = hashlib.sha256().digest_size


class RecordChanged(AutograderError):
    """A record is not as this grader wrote it."""


def save(key: str, record: Record) -> None:
    """Write a record whole, or not at all where the disk does not take it."""
    index: dict[str, Any] = {"runs": record.runs, "checks": record.checks, "answers": [], "figures": []}
    parts: list[bytes] = []
    for question, answers in record.answers():
        rows = []
        for answer in answers:
            row = {"died": answer.died, "refused": answer.refused, "sizes": [len(part) for part in answer.parts]}
            rows.append({**row, "reply": len(answer.reply)})
            parts += [answer.reply, *answer.parts]
        index["answers"].append([question, rows])
    for name, tree, buffers in record.figures():
        index["figures"].append([name, tree, [len(part) for part in buffers]])
        parts += buffers
    head = json.dumps(index).encode()
    # Fast and a quarter of the size: most of a record is round numbers.
    packed = zlib.compress(b"".join([len(head).to_bytes(4, "little"), head, *parts]), 1)
    keep_file(folder() / key, _MAGIC + _signature(key, packed) + packed)


def load(key: str) -> Record | None:
    """Return a record; None if there is none.

    Raises
    ------
    RecordChanged
        It is not as this grader wrote it.
    """
    path = folder() / key
    try:
        content = path.read_bytes() if path.stat().st_size <= 2 * MOST_RECORD else b""
    except OSError:
        return None
    start = len(_MAGIC) + _SIGNATURE
    signature, packed = content[len(_MAGIC) : start], content[start:]
    if not content.startswith(_MAGIC) or not hmac.compare_digest(signature, _signature(key, packed)):
        raise RecordChanged(f"expected the record {path} as it was written. Received: other bytes, or another key.")
    unpacking = zlib.decompressobj()
    body = memoryview(unpacking.decompress(packed, 2 * MOST_RECORD + _MOST_INDEX))
    length = int.from_bytes(body[:4], "little")
    index = json.loads(bytes(body[4 : 4 + length]))
    place = 4 + length

    def take(size: int) -> bytes:
        nonlocal place
        place += size
        return bytes(body[place - size : place])

    answers = {}
    for question, rows in index["answers"]:
        answers[question] = [
            Answer(
                take(row["reply"]),
                [take(size) for size in row["sizes"]],
                tuple(row["died"]) if row["died"] else None,
                row["refused"],
            )
            for row in rows
        ]
    figures = {name: (tree, [take(size) for size in sizes]) for name, tree, sizes in index["figures"]}
    return Record(answers, figures, index["runs"], index["checks"], replays=True)


def _signature(key: str, packed: bytes) -> bytes:
    secret = hashlib.sha256(b"records" + secret_number().to_bytes(32, "little")).digest()
    return hmac.new(secret, key.encode() + b"\0" + packed, hashlib.sha256).digest()

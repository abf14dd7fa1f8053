"""The questions that were put to a submission, and its answers.

An answer is the student's word, from a record as much as from a worker: it is kept as the bytes that came, and whoever
reads it goes through the same parser and the same bounds.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from autograder.errors import BadReply, WorkerDied
from autograder.worker.wire import WireError, decode, encode

__all__ = ["MOST_ANSWER", "MOST_RECORD", "Answer", "Record", "question_of"]

MOST_ANSWER = 16 << 20
"""Bytes of an answer that is kept; a larger one is asked for again."""
MOST_RECORD = 64 << 20
"""Bytes of all answers of a submission that are kept."""
MOST_JSON = 8 << 20


class Answer(NamedTuple):
    """What came of one question.

    Parameters
    ----------
    reply : bytes
        The worker's answer as JSON; empty if none came.
    parts : sequence of bytes
        Its buffers.
    died : (name, reason) or None
        The worker ended instead.
    refused : str
        What came was no answer: why, for the student.
    """

    reply: bytes = b""
    parts: Sequence[Any] = ()
    died: tuple[str, str] | None = None
    refused: str = ""

    @property
    def size(self) -> int:
        """Bytes that it takes."""
        return len(self.reply) + sum(map(len, self.parts)) + 200

    def open(self) -> tuple[Any, list[Any]]:
        """Return the reply and its buffers as a worker's client does, parsed and not yet believed.

        Raises
        ------
        WorkerDied, BadReply
            As they were when it was asked.
        """
        if self.died is not None:
            raise WorkerDied(*self.died)
        if self.refused:
            raise BadReply(self.refused)
        try:
            reply = json.loads(self.reply) if len(self.reply) <= MOST_JSON else None
        except (ValueError, RecursionError):
            reply = None
        # What is decoded lies in the buffers, and a check may write into it.
        return reply, [bytearray(part) for part in self.parts]


class Record:
    """The answers of one submission by question, in the order in which they came.

    A function may answer the same question differently the next time; the second time that it is asked, the second
    answer counts. Where it has always answered the same, so it does again.

    Parameters
    ----------
    answers : mapping of str to list of Answer
        Those of an earlier grading.
    figures : mapping of str to value
        What the grader itself computed from them (see `Record.figure`).
    runs : list of dict, optional
        How the cells of the notebook ended; None: nobody knows.
    checks : dict of str to list
        How the checks ended, as the grader notes it; nothing of it is the student's word.
    replays : bool
        Whether it answers; else it only listens, and every question is for a worker.
    """

    def __init__(
        self,
        answers: Mapping[str, list[Answer]] | None = None,
        figures: Mapping[str, tuple[Any, list[bytes]]] | None = None,
        runs: list[dict[str, Any]] | None = None,
        checks: dict[str, Any] | None = None,
        replays: bool = False,
    ) -> None:
        self.runs = runs
        self.checks = checks or {}
        self.replays = replays
        self.changed = False
        self.asked = False
        self._answers = {question: list(found) for question, found in (answers or {}).items()}
        self._figures = dict(figures or {})
        self._asked: dict[str, int] = {}
        self._size = sum(answer.size for found in self._answers.values() for answer in found)

    def find(self, question: str, most: int) -> Answer | None:
        """Return the answer to a question that is asked once more; None if nobody knows it.

        Parameters
        ----------
        question : str
            See `question_of`.
        most : int
            Bytes that its buffers may have.
        """
        if not self.replays:
            return None
        known = self._answers.get(question, [])
        number = self._asked.get(question, 0)
        answer = known[number] if number < len(known) else known[-1] if known and _alike(known) else None
        if answer is None or sum(map(len, answer.parts)) > most:
            return None
        self._asked[question] = number + 1
        return answer

    def asking(self, question: str, ask: Callable[[], tuple[Any, list[Any]]]) -> tuple[Any, list[Any]]:
        """Ask a worker, keep what comes and return it.

        Raises
        ------
        StudentFault
            As ``ask``. What took too long is not kept: it may end otherwise on another day.
        """
        self.asked = True
        try:
            reply, parts = ask()
        except WorkerDied as death:
            self._keep(question, Answer(died=(death.name, death.reason)))
            raise
        except BadReply as refusal:
            self._keep(question, Answer(refused=str(refusal)))
            raise
        # What is too large to be kept is not even copied.
        fits = sum(map(len, parts)) <= MOST_ANSWER
        self._keep(question, Answer(json.dumps(reply).encode(), [bytes(part) for part in parts]) if fits else None)
        return reply, parts

    def figure(self, key: str, compute: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Return what the grader computed from a submission, predictions for example; once known, it is not done again.

        Parameters
        ----------
        key : str
            Everything that it follows from.
        compute : callable
            Returns plain values and arrays by name.
        """
        if self.replays and key in self._figures:
            try:
                tree, parts = self._figures[key]
                found = decode(tree, [bytearray(part) for part in parts])
            except WireError:
                found = None
            if isinstance(found, dict):
                return found
        computed = compute()
        tree, parts = encode(computed)
        size = sum(map(len, parts))
        if size <= MOST_ANSWER and self._size + size <= MOST_RECORD:
            self._size += size
            self._figures[key] = tree, parts
            self.changed = True
        return computed

    def answers(self) -> Iterator[tuple[str, list[Answer]]]:
        """Yield each question with its answers."""
        yield from self._answers.items()

    def figures(self) -> Iterator[tuple[str, Any, list[bytes]]]:
        """Yield what the grader computed: key, tree and buffers (see `autograder.worker.wire`)."""
        for key, (tree, parts) in self._figures.items():
            yield key, tree, parts

    def _keep(self, question: str, answer: Answer | None) -> None:
        self._asked[question] = self._asked.get(question, 0) + 1
        if answer is None or answer.size > MOST_ANSWER or self._size + answer.size > MOST_RECORD:
            return
        known = self._answers.setdefault(question, [])
        if self._asked[question] == len(known) + 1:
            self._size += answer.size
            known.append(answer)
            self.changed = True


def question_of(request: Mapping[str, Any], buffers: Sequence[bytes], files: Mapping[str, tuple[str, bytes]]) -> str:
    """Return a SHA-256 of what is asked: the request, its arrays, and the files that it names.

    Parameters
    ----------
    request : mapping
        JSON, as it goes to a worker.
    buffers : sequence of bytes
    files : mapping of str to (str, bytes)
        What checks have put into the worker's folder: the path there and the content, by name.
    """
    total = hashlib.sha256(json.dumps(request, sort_keys=True).encode())
    for buffer in buffers:
        total.update(len(buffer).to_bytes(8, "little"))
        total.update(buffer)
    said = list(_texts(request)) if files else []
    for name, (path, content) in sorted(files.items()):
        if any(part and (path.startswith(part) or part.startswith(path)) for part in said):
            total.update(f"{name}:{path}:".encode(errors="surrogatepass"))
            total.update(hashlib.sha256(content).digest())
    return total.hexdigest()


def _texts(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, Mapping):
        for part in node.values():
            yield from _texts(part)
    elif isinstance(node, (list, tuple)):
        for part in node:
            yield from _texts(part)


def _alike(known: list[Answer]) -> bool:
    """Tell whether a question was answered at least twice, always in the same way, or asked only once."""
    return all(answer == known[0] for answer in known[1:])

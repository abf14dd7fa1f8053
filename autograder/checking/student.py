"""The student's notebook as a check sees it: functions to call, values to read, models to examine."""

from __future__ import annotations

import contextlib
import io
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from autograder.errors import BadReply, PartAsked, StudentFault
from autograder.worker.wire import MAX_BYTES, Figure, ModelParts, encode

if TYPE_CHECKING:
    import keras

Parts = Mapping[str, Callable[..., Any]]
"""The grader's own functions by the names of the student's."""

MOST_ASKED = 64
"""Calls of the grader's functions within one call of the student's."""
MOST_VALUES, MOST_PLAIN, MOST_LETTERS = 1 << 12, 16, 256
"""How many values an array may have there, how large a number may be, and how long a text."""

WEIGHTS_BESIDES = 1 << 20
"""Bytes that the answer with a model's weights may have besides them."""
_UNREADABLE = "El proceso del cuaderno dio una respuesta que el corrector no puede leer."


@dataclass(frozen=True)
class Outcome:
    """What one call of a student's function left behind.

    Parameters
    ----------
    value : object
        What it returned, as plain numpy arrays, numbers, text, lists, tuples, dicts, `Figure` or a rebuilt Keras model.
    arguments : tuple
        The positional arguments as they are after the call; compare them with what was sent to see a mutation. They are
        the student's word, as everything here: what came back may be of any kind.
    figures : list of Figure
        The matplotlib figures that were open after the call.
    """

    value: Any
    arguments: tuple[Any, ...] = ()
    figures: list[Figure] = field(default_factory=list)


class Student(ABC):
    """A submission that has been run and can be asked.

    ``student.conv2d(image, kernel)`` calls the student's function and returns its value; ``student.KERNELS``, a name in
    capitals, returns the value itself. Whatever the student's code does wrong is raised as a `StudentFault`, which
    fails the check with a Spanish message, so a check only says what it expects.
    """

    _models = True
    """Whether models in an answer are rebuilt."""

    def call(self, name: str, *arguments: Any, **keywords: Any) -> Outcome:
        """Call the student's function ``name`` and return everything that the call left behind.

        Arguments may be numbers, text, None, numpy arrays, lists, tuples, dicts and Keras models.
        """
        return self._call(name, arguments, keywords)

    def call_with(self, parts: Parts, name: str, *arguments: Any, **keywords: Any) -> Outcome:
        """Call the student's function ``name`` where the grader's own functions stand for others of the student's.

        So a function that builds on another one, which is wrong and has lost its points, is judged by itself. The
        grader's functions stay here: where the student's code calls one of them, it learns the answer to that call and
        no more.

        Parameters
        ----------
        parts : mapping of str to callable
            The grader's functions by the names of the student's.
        name : str
        *arguments, **keywords : object
            As for `call`.

        Raises
        ------
        StudentFault
            As for `call`; also where the grader's functions are called too often or with more than small plain values.
        """
        answers: list[Any] = []
        for _ in range(MOST_ASKED):
            try:
                return self._call(name, arguments, keywords, sorted(parts), answers)
            except PartAsked as asked:
                answers.append(part_answer(parts, asked))
        raise BadReply(f"`{name}` llama demasiadas veces a otras funciones.")

    def _call(
        self,
        name: str,
        arguments: Sequence[Any],
        keywords: Mapping[str, Any],
        parts: Sequence[str] = (),
        answers: Sequence[Any] = (),
    ) -> Outcome:
        """Make one call in which these ``parts`` have these answers, in order, and another one raises `PartAsked`."""
        payload, buffers = encode([list(arguments), dict(keywords), *answers], special)
        request: dict[str, Any] = {"verb": "call", "name": name, "payload": payload}
        if parts:
            request["parts"] = list(parts)
        return outcome_of(self._request(name, request, buffers), arguments, models=self._models)

    def _request(self, name: str, request: dict[str, Any], buffers: list[bytes], most: int = MAX_BYTES) -> Any:
        """Put a question to the student's `Service` and return the value that it answers."""
        raise BadReply(_UNREADABLE)

    def figure(self, key: str, compute: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Return what the grader computes from the submission, or computed when it was graded before.

        Parameters
        ----------
        key : str
            Everything that it follows from.
        compute : callable
            Returns numbers, texts and arrays by name.
        """
        return compute()

    @abstractmethod
    def value(self, name: str) -> Any:
        """Return the value of the student's variable ``name``."""

    @abstractmethod
    def put(self, name: str, content: bytes) -> str:
        """Write a file where the student's code can read it and return its path there."""

    @abstractmethod
    def saved_model(self, path: str) -> keras.Model:
        """Return the model that the submission saved at ``path`` (``"models/cnn.keras"``), rebuilt from its parts."""

    last: Any = None
    """The last call, where somebody remembers it."""

    def note(self, text: str) -> None:
        """Tell the student something beside a check that passes: which part of his own it forgave, for example."""
        return None

    def put_png(self, name: str, image: np.ndarray) -> str:
        """Write ``image`` (uint8, (H, W) or (H, W, 3)) as a PNG file for the student's code and return its path."""
        from PIL import Image

        stream = io.BytesIO()
        Image.fromarray(np.ascontiguousarray(image)).save(stream, format="PNG")
        return self.put(name, stream.getvalue())

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if name.isupper():
            return self.value(name)

        def function(*arguments: Any, **keywords: Any) -> Any:
            return self.call(name, *arguments, **keywords).value

        function.__name__ = name
        return function


def part_answer(parts: Parts, asked: PartAsked) -> Any:
    """Return what the grader's function gives where the student's code calls it, for small inputs.

    Raises
    ------
    BadReply
        There is no such function, or it cannot be called so.
    """
    if asked.part in parts and all(map(_is_small, (*asked.arguments, *asked.keywords.values()))):
        with contextlib.suppress(Exception):
            return parts[asked.part](*asked.arguments, **asked.keywords)
    raise BadReply(f"`{asked.part}` no se puede llamar así.")


def _is_small(value: Any) -> bool:
    if isinstance(value, np.ndarray):
        return value.dtype.kind in "buif" and value.size <= MOST_VALUES
    plain = value.item() if isinstance(value, np.generic) else value
    if isinstance(plain, str):
        return len(plain) <= MOST_LETTERS
    return isinstance(plain, (bool, int, float)) and abs(plain) <= MOST_PLAIN


def outcome_of(reply: Any, sent: Sequence[Any], *, models: bool = True) -> Outcome:
    """Return what a call left behind, from the decoded reply, which a student may have forged.

    A model is rebuilt where a check may ask for one: as the value itself, and in place of a model that was sent. Models
    within lists and dictionaries stay data.

    Parameters
    ----------
    reply : object
        ``[value, arguments after the call, figures]``; None for arguments that are as they were sent.
    sent : sequence
        The positional arguments of the call.
    models : bool
        Whether models are rebuilt at all: where no assignment asks for one, Keras need not be imported.

    Raises
    ------
    StudentFault
        The reply holds something else.
    ModelRejected
        A model is not made of built-in layers.
    """
    if not (isinstance(reply, list) and len(reply) == 3):
        raise StudentFault(_UNREADABLE)
    value, after, figures = reply
    if after is None:
        after = tuple(sent)
    if not isinstance(after, tuple) or len(after) != len(sent) or not isinstance(figures, list):
        raise StudentFault(_UNREADABLE)
    if not models:
        return Outcome(value, after, figures)
    arguments = tuple(
        rebuilt(now) if special(before) is not None else now for before, now in zip(sent, after, strict=True)
    )
    return Outcome(rebuilt(value), arguments, figures)


def rebuilt(value: Any) -> Any:
    """Return the Keras model that `ModelParts` describe, as its structure alone; any other value as it is."""
    if not isinstance(value, ModelParts):
        return value
    from autograder.models.rebuild import rebuild

    return rebuild(ModelParts(value.config))


def saved_model(ask: Callable[[str, int], Any], path: str) -> keras.Model:
    """Return the model saved at ``path``: its structure first, then no more weights than that needs.

    Parameters
    ----------
    ask : callable
        Called with a verb of the service and the bytes that the answer may have; returns the decoded answer.
    path : str

    Raises
    ------
    StudentFault
        The answer is no model.
    ModelRejected
        The model is not made of built-in layers, or its weights do not fit it.
    """
    from autograder.models.rebuild import fill, rebuild, weight_bytes

    structure = ask("model", 0)
    if not isinstance(structure, ModelParts):
        raise StudentFault(f"No pude leer el modelo `{path}`.")
    model = rebuild(ModelParts(structure.config))
    # Weights may be saved with twice the precision.
    parts = ask("weights", 2 * weight_bytes(model) + WEIGHTS_BESIDES)
    if not isinstance(parts, ModelParts):
        raise StudentFault(f"No pude leer los pesos del modelo `{path}`.")
    fill(model, parts.weights or {})
    return model


def special(value: Any) -> Any:
    """Take a Keras model among the arguments of a call apart; None for any other value without a plain form."""
    keras = sys.modules.get("keras")
    if keras is None or not isinstance(value, keras.Model):
        return None
    from autograder.worker.service import model_parts

    return model_parts(value)

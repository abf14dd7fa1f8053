"""The student's notebook as a check sees it: functions to call, values to read, models to examine."""

from __future__ import annotations

import io
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from autograder.errors import StudentFault
from autograder.worker.wire import Figure, ModelParts

if TYPE_CHECKING:
    import keras

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

    @abstractmethod
    def call(self, name: str, *arguments: Any, **keywords: Any) -> Outcome:
        """Call the student's function ``name`` and return everything that the call left behind.

        Arguments may be numbers, text, None, numpy arrays, lists, tuples, dicts and Keras models.
        """

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


def outcome_of(reply: Any, sent: Sequence[Any], *, models: bool = True) -> Outcome:
    """Return what a call left behind, from the decoded reply, which a student may have forged.

    A model is rebuilt where a check may ask for one: as the value itself, and in place of a model that was sent. Models
    within lists and dictionaries stay data.

    Parameters
    ----------
    reply : object
        ``[value, arguments after the call, figures]``.
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

"""The student's notebook as a check sees it: functions to call, values to read, models to examine."""

from __future__ import annotations

import io
import sys
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from autograder.errors import StudentFault
from autograder.worker.wire import Figure, ModelParts

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class Outcome:
    """What one call of a student's function left behind.

    Parameters
    ----------
    value : object
        What it returned, as plain numpy arrays, numbers, text, lists, tuples, dicts, `Figure` or a rebuilt Keras model.
    arguments : tuple
        The positional arguments as they are after the call; compare them with what was sent to see a mutation.
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

    @abstractmethod
    def value(self, name: str) -> Any:
        """Return the value of the student's variable ``name``."""

    @abstractmethod
    def put(self, name: str, content: bytes) -> str:
        """Write a file where the student's code can read it and return its path there."""

    @abstractmethod
    def saved_model(self, path: str) -> keras.Model:
        """Return the model that the submission saved at ``path`` (``"models/cnn.keras"``), rebuilt from its parts."""

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


def rebuild_models(value: Any) -> Any:
    """Replace every `ModelParts` in a decoded value by the Keras model rebuilt from it."""
    if isinstance(value, ModelParts):
        from autograder.models.rebuild import rebuild

        return rebuild(value)
    if isinstance(value, (list, tuple)):
        return type(value)(rebuild_models(part) for part in value)
    if isinstance(value, dict):
        return {key: rebuild_models(part) for key, part in value.items()}
    return value


def special(value: Any) -> Any:
    """Take a Keras model among the arguments of a call apart; None for any other value without a plain form."""
    keras = sys.modules.get("keras")
    if keras is None or not isinstance(value, keras.Model):
        return None
    from autograder.worker.service import model_parts

    return model_parts(value)


def three_parts(value: Any) -> tuple[Any, tuple[Any, ...], list[Figure]]:
    """Return what a call left behind: its value, the arguments after it, and the figures.

    Raises
    ------
    StudentFault
        The reply, which a student may have forged, holds something else.
    """
    if isinstance(value, list) and len(value) == 3 and isinstance(value[1], tuple) and isinstance(value[2], list):
        return value[0], value[1], value[2]
    raise StudentFault("El proceso del cuaderno dio una respuesta que el corrector no puede leer.")

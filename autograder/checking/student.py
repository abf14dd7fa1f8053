"""The student's notebook as a check sees it: functions to call, values to read, models to examine."""

from __future__ import annotations

import io
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

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


def rebuild_models(value: Any, rebuild: Callable[[ModelParts], Any] | None = None) -> Any:
    """Replace every `ModelParts` in a decoded value by the Keras model rebuilt from it."""
    if isinstance(value, ModelParts):
        if rebuild is None:
            from autograder.models.rebuild import rebuild as rebuild_model

            return rebuild_model(value)
        return rebuild(value)
    if isinstance(value, (list, tuple)):
        return type(value)(rebuild_models(part, rebuild) for part in value)
    if isinstance(value, dict):
        return {key: rebuild_models(part, rebuild) for key, part in value.items()}
    return value

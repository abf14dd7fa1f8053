"""The wall-clock time that one submission may take in the worker."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

__all__ = ["TimeBudget"]


class TimeBudget:
    """A number of seconds, spent while somebody waits for the worker.

    Parameters
    ----------
    seconds : float
        How many there are.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._spent = 0.0
        self._since: float | None = None

    @property
    def left(self) -> float:
        """The seconds that are left; 0 or less when all are spent."""
        running = 0.0 if self._since is None else time.monotonic() - self._since
        return self.seconds - self._spent - running

    def give_back(self, left: float) -> None:
        """Let as many seconds be left as there were when ``left`` was read."""
        self._spent += self.left - left

    @contextlib.contextmanager
    def spending(self) -> Iterator[None]:
        """Count the time until the end of the block, once even if blocks lie within each other."""
        if self._since is not None:
            yield
            return
        self._since = time.monotonic()
        try:
            yield
        finally:
            self._spent += time.monotonic() - self._since
            self._since = None

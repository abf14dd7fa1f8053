"""dask's scheduler as a run uses it: hands out submissions and fetches answers, each by itself.

dask gathers what many machines answered in one message, in which one answer that is no plain bytes spoils all others.
Here every answer is asked for alone, so that the one machine that gave it is known by what the scheduler says.
"""

from __future__ import annotations

import asyncio
import contextlib
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from autograder.cluster.connection import security
from autograder.cluster.machine import TOPIC, Question
from autograder.cluster.versions import SANDBOX

__all__ = ["Engine", "Undelivered"]

_PAUSES = (0.1, 0.3, 1.0, 2.0, 4.0)
"""Seconds between the tries to fetch an answer that a machine says it has."""
_SECONDS = 10.0
"""So long the scheduler may take to say where something is."""


class Undelivered(Exception):
    """A machine says that it has an answer, and what it hands over is none.

    Parameters
    ----------
    address : str
        Of the machine; ``""`` if the scheduler does not know any more.
    reason : str
    """

    def __init__(self, address: str, reason: str) -> None:
        super().__init__(reason)
        self.address = address


class Engine:
    """A connection to a scheduler; `reach` makes one.

    Parameters
    ----------
    client : distributed.Client
    """

    def __init__(self, client: Any) -> None:
        self._client = client

    @classmethod
    async def reach(cls, address: str, tls: Path | None, seconds: float, hear: Callable[[Any], None]) -> Engine:
        """Connect to the scheduler at ``address``.

        Parameters
        ----------
        address : str
        tls : path or None
            The cluster's certificate and key.
        seconds : float
            For reaching it.
        hear : callable
            Told what machines tell while they grade.

        Raises
        ------
        OSError, asyncio.TimeoutError
            Nobody is there.
        """
        from distributed import Client

        with warnings.catch_warnings():
            # What differs between the engines is found by the machines' own versions.
            warnings.simplefilter("ignore")
            client = await Client(
                address,
                security=security(tls),
                asynchronous=True,
                timeout=seconds,
                set_as_default=False,
                # What comes back is bytes in msgpack: nothing that a machine says of a submission is unpickled.
                serializers=["msgpack"],
                deserializers=["msgpack", "error"],
            )
        client.subscribe_topic(TOPIC, hear)
        return cls(client)

    @property
    def is_connected(self) -> bool:
        """Whether the scheduler is there."""
        return bool(self._client.status == "running")

    async def close(self) -> None:
        """Hang up."""
        with contextlib.suppress(Exception):
            await self._client.close(2)

    async def identity(self) -> Mapping[str, Any]:
        """Return what the scheduler says of itself and of its workers."""
        return dict(await asyncio.wait_for(self._client.scheduler.identity(n_workers=-1), 30))

    def hand_out(self, question: Question, parcel: bytes, key: str, addresses: Sequence[str] | None) -> Any:
        """Hand out a submission.

        Parameters
        ----------
        question : Question
        parcel : bytes
        key : str
            Its name for the scheduler, used once.
        addresses : sequence of str or None
            Of the machines that may have it; None: of all with its seal.

        Returns
        -------
        distributed.Future
            For `fetch`.
        """
        return self._client.submit(
            _task(),
            question.to_json(),
            parcel,
            key=key,
            resources={SANDBOX: 1, question.seal: 1},
            workers=addresses,
            pure=False,
        )

    async def fetch(self, future: Any) -> Any:
        """Wait for an answer, and fetch it alone.

        Returns
        -------
        object
            Whatever the machine answered, as msgpack knows it.

        Raises
        ------
        Undelivered
            The machine's answer is no plain bytes, or it keeps it for itself.
        asyncio.CancelledError
            The scheduler knows nothing of it any more.
        OSError
            The scheduler is gone.
        Exception
            Whatever ended the task instead of an answer.
        """
        key = future.key
        for pause in _PAUSES:
            # A machine that goes takes its answer with it: the scheduler has it made again, and this waits for that.
            error = await future.exception()
            if error is not None:
                raise error
            if future.cancelled():
                raise asyncio.CancelledError
            try:
                response = await self._client.scheduler.gather(keys=[key])
            except OSError:
                raise
            except Exception as error:
                # What came was no plain bytes, and was not unpickled.
                raise Undelivered(await self.holder(key), str(error).partition("\n")[0]) from None
            if response.get("status") == "OK":
                return response["data"][key]
            await asyncio.sleep(pause)
        raise Undelivered(await self.holder(key), "it does not hand it over")

    async def holder(self, key: str) -> str:
        """Return the address of the machine that has answered, ``""`` if there is none."""
        with contextlib.suppress(OSError, asyncio.TimeoutError):
            found = await asyncio.wait_for(self._client.scheduler.who_has(keys=[key]), _SECONDS)
            return next((str(address) for address in found.get(key) or ()), "")
        return ""

    async def occupied(self, key: str) -> str:
        """Return the address of the machine that has a submission and has not answered, ``""`` if there is none."""
        with contextlib.suppress(OSError, asyncio.TimeoutError):
            processing = await asyncio.wait_for(self._client.scheduler.processing(workers=None), _SECONDS)
            return next((str(address) for address, keys in processing.items() if key in keys), "")
        return ""


def _task() -> Callable[[str, bytes], bytes]:
    """Return what a machine runs: a function that is sent by its few words, so that the scheduler needs no grader."""

    def grade(question: str, parcel: bytes) -> bytes:
        from autograder.cluster.machine import answer

        return answer(question, parcel)

    return grade

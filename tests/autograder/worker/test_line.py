"""The line for requests: each is answered with its number, and an interrupt leaves no half of a message."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from autograder.sandbox.channel import Channel, ChannelClosed, Frames
from autograder.worker.line import Line

Ends = tuple[Channel, Callable[[Any], Line]]


@pytest.fixture
def ends() -> Iterator[Ends]:
    """The grader's channel, and what makes the worker's end from a function that answers."""
    ours, theirs = socket.socketpair()
    channel = Channel(ours, 1 << 24)
    lines: list[Line] = []

    def line(answer: Any) -> Line:
        lines.append(Line(theirs.detach(), answer))
        return lines[0]

    yield channel, line
    channel.close()
    lines[0].close()


@pytest.fixture(autouse=True)
def interrupt_as_before() -> Iterator[None]:
    """A worker ignores interrupts between requests; this process does not."""
    before = signal.getsignal(signal.SIGINT)
    yield
    signal.signal(signal.SIGINT, before)


def next_answer(channel: Channel) -> Frames:
    """Wait for one message."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        if messages := channel.receive():
            return messages[0]
        time.sleep(0.001)
    raise TimeoutError


@pytest.mark.parametrize("sizes", [[], [0, 1, 255, 256], [65_535, 65_536, 700_000, 3]])
def test_a_request_comes_back_with_its_number(ends: Ends, sizes: list[int]) -> None:
    """Frames of every length of head, in both directions."""
    channel, open_line = ends
    buffers = [bytes([65 + place]) * size for place, size in enumerate(sizes)]
    line = open_line(lambda request, parts: ({"asked": request}, [bytes(part) for part in parts]))
    sender = threading.Thread(
        target=channel.send, args=([b"12345678", b'{"verb": "x"}', *buffers], time.monotonic() + 5)
    )
    sender.start()
    server = threading.Thread(target=_serve_without_signals, args=(line,))
    server.start()
    answer = next_answer(channel)
    sender.join()
    server.join()
    assert answer.parts == [b"12345678", b'{"asked": {"verb": "x"}}', *buffers]


def test_what_was_asked_together_is_answered_in_turn(ends: Ends) -> None:
    """No descriptor tells of a request that has been read already."""
    channel, open_line = ends
    line = open_line(lambda request, parts: (request, []))
    for number in (b"00000001", b"00000002"):
        channel.send([number, b"{}"], time.monotonic() + 5)
    line.serve()
    assert [message.parts for message in channel.receive()] == [[b"00000001", b"{}"], [b"00000002", b"{}"]]


def test_an_interrupt_ends_the_answer_and_no_message(ends: Ends) -> None:
    """Whatever was being answered; between requests an interrupt does nothing."""

    def answer(request: Any, parts: Any) -> Any:
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(5)

    channel, open_line = ends
    line = open_line(answer)
    channel.send([b"00000001", b"{}"], time.monotonic() + 5)
    line.serve()
    assert next_answer(channel).parts == [b"00000001", b'{"status": "unsendable"}']
    os.kill(os.getpid(), signal.SIGINT)


def test_what_json_lacks_is_unsendable(ends: Ends) -> None:
    """The student's code may have changed what answers."""
    channel, open_line = ends
    line = open_line(lambda request, parts: ({"value": object()}, []))
    channel.send([b"00000001", b"{}"], time.monotonic() + 5)
    line.serve()
    assert next_answer(channel).parts == [b"00000001", b'{"status": "unsendable"}']


def test_what_has_more_parts_than_anybody_takes_is_unsendable(ends: Ends) -> None:
    """A list of very many arrays."""
    channel, open_line = ends
    line = open_line(lambda request, parts: ({}, [b""] * 9_001))
    channel.send([b"00000001", b"{}"], time.monotonic() + 5)
    line.serve()
    assert next_answer(channel).parts == [b"00000001", b'{"status": "unsendable"}']


def test_both_ends_notice_that_the_other_hangs_up(ends: Ends) -> None:
    """Half a message is none."""
    channel, open_line = ends
    line = open_line(lambda request, parts: (request, []))
    with socket.socket(fileno=os.dup(channel.fileno())) as raw:
        raw.send(b"\x01\x08")
        raw.shutdown(socket.SHUT_WR)
    with pytest.raises(EOFError):
        line.serve()
    line.close()
    with pytest.raises(ChannelClosed):
        channel.receive()


def _serve_without_signals(line: Line) -> None:
    """Serve in a thread, where no handler of signals can be set."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(signal, "signal", lambda *_: None)
        line.serve()


def test_cells_show_and_end_and_interrupts_leave_messages_whole(ends: Ends) -> None:
    """A cell that shows a lot, interrupted wherever that happens; then one that waits for the loop."""
    channel, open_line = ends
    loop = asyncio.new_event_loop()

    async def run_cell(code: str) -> Any:
        if code == "wait":
            await asyncio.sleep(0.01)
            return {"status": "ok"}, []
        try:
            while True:
                lines[0].show("stream", b"x" * 100_000)
        except KeyboardInterrupt:
            return {"status": "error", "ename": "KeyboardInterrupt"}, []

    first = open_line(lambda request, parts: (request, []))
    lines = [Line(os.dup(first._socket.fileno()), lambda request, parts: (request, []), run_cell)]
    lines[0].listen(loop)
    channel.limit = 1 << 18
    heard: list[Frames] = []

    def ask() -> None:
        for number, code in ((b"00000001", b"show"), (b"00000002", b"wait"), (b"00000003", b"")):
            channel.send([number, b'{"verb": "cell"}' if code else b"{}", code], time.monotonic() + 5)
            while not any(message.parts[0] == number and len(message.parts) == 2 for message in heard):
                heard.extend(channel.receive())
                if len(heard) > 30 and number == b"00000001":
                    os.kill(os.getpid(), signal.SIGINT)
                    time.sleep(0.001)
        loop.call_soon_threadsafe(loop.stop)

    asking = threading.Thread(target=ask)
    asking.start()
    loop.run_forever()
    asking.join()
    loop.close()
    lines[0].close()
    lines[0].show("stream", b"nobody runs")
    *shown, ended, waited, answered = heard
    assert {tuple(map(bytes, message.parts)) for message in shown} == {(b"00000001", b"stream", b"x" * 100_000)}
    assert ended.parts[1] == b'{"status": "error", "ename": "KeyboardInterrupt"}'
    assert [waited.parts[1], answered.parts[1]] == [b'{"status": "ok"}', b"{}"]

"""The grader's end of the line: what is sent arrives, and what is too much is counted and forgotten."""

from __future__ import annotations

import socket
import threading
import time
import tracemalloc
from collections.abc import Iterator

import pytest

from autograder.sandbox import channel
from autograder.sandbox.channel import Channel, ChannelClosed, Frames
from autograder.sandbox.messages import Message, parsed, read
from autograder.worker.frames import pieces

Ends = tuple[Channel, socket.socket]


@pytest.fixture
def ends() -> Iterator[Ends]:
    """The grader's channel, and a hostile worker's socket."""
    ours, theirs = socket.socketpair()
    yield Channel(ours, 1000), theirs
    ours.close()
    theirs.close()


def framed(*frames: bytes) -> bytes:
    """Return a message as it crosses."""
    return b"".join(bytes(piece) for piece in pieces(frames, 1 << 16))


def heard(ours: Channel, count: int = 1) -> list[Frames]:
    """Return the next messages."""
    messages: list[Frames] = []
    deadline = time.monotonic() + 5
    while len(messages) < count and time.monotonic() < deadline:
        messages += ours.receive()
        time.sleep(0.001)
    return messages


def test_messages_cross_in_both_directions(ends: Ends) -> None:
    """Frames of every length of head, empty ones included."""
    ours, theirs = ends
    ours.limit = 1 << 22
    frames = [b"", b"a", b"b" * 255, b"c" * 256, b"d" * 700_000, b""]
    sender = threading.Thread(target=ours.send, args=(frames, time.monotonic() + 5))
    sender.start()
    expected, got = framed(*frames), b""
    while len(got) < len(expected):
        got += theirs.recv(1 << 16)
    sender.join()
    assert got == expected
    sender = threading.Thread(target=theirs.sendall, args=(expected * 3,))
    sender.start()
    messages = heard(ours, 3)
    sender.join()
    assert [message.parts for message in messages] == [frames] * 3
    assert all(message.whole for message in messages)


def test_a_message_is_counted_as_a_whole(ends: Ends, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its head stays, the rest is forgotten, and the next message is whole again."""
    monkeypatch.setattr(channel, "MAX_HEAD", 1000)
    ours, theirs = ends
    ours.limit = 10_000
    said = [framed(b"head", *[bytes(4000)] * 2000), framed(*[b"x"] * (channel.MAX_FRAMES + 5)), framed(b"end")]
    sender = threading.Thread(target=theirs.sendall, args=(b"".join(said),))
    tracemalloc.start()
    sender.start()
    large, many, end = heard(ours, 3)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    sender.join()
    assert (large.whole, large.parts, large.size) == (False, [b"head", b"", b""], 8_000_004 + 2001 * 100)
    assert not many.whole
    assert (end.whole, end.parts) == (True, [b"end"])
    assert peak < 2 << 20


def test_a_frame_that_is_announced_takes_nothing_before_it_comes(ends: Ends) -> None:
    """A length is a claim."""
    ours, theirs = ends
    ours.limit = 1 << 40
    tracemalloc.start()
    theirs.sendall(b"\x02" + (1 << 39).to_bytes(8, "big") + b"only this")
    assert ours.receive() == []
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1 << 20
    theirs.close()
    with pytest.raises(ChannelClosed):
        ours.receive()


def test_another_protocol_is_hung_up_on(ends: Ends) -> None:
    """Nothing is guessed."""
    ours, theirs = ends
    theirs.sendall(b"GET / HTTP/1.1\r\n")
    with pytest.raises(ChannelClosed):
        heard(ours)


def test_a_message_without_end_is_hung_up_on(ends: Ends) -> None:
    """Reading a million empty frames for every call would take minutes."""
    ours, theirs = ends
    ours.limit = 1 << 30
    for _ in range(channel.ENDLESS // 2000):
        theirs.sendall(b"\x01\x00" * 2000)
        assert ours.receive() == []
    theirs.sendall(b"\x00\x00")
    with pytest.raises(ChannelClosed, match="without end"):
        ours.receive()


def test_who_takes_nothing_is_not_waited_for(ends: Ends) -> None:
    """A worker may stop reading in the middle of a message."""
    ours, _ = ends
    started = time.monotonic()
    with pytest.raises(TimeoutError):
        ours.send([bytes(50 << 20)], started + 0.3)
    assert time.monotonic() - started < 2


def test_what_a_cell_shows_and_what_answers_it_are_told_apart(ends: Ends) -> None:
    """By the frame behind the number; what is none of both is nothing, and what was too large has no content."""
    ours, theirs = ends
    theirs.sendall(
        framed(b"00000001", b"stream", b'{"text": "hola"}')
        + framed(b"00000001", b'{"status": "ok"}', b"buffer")
        + framed(b"short", b"stream")
        + framed(b"00000002", b"display_data", bytes(2000))
        + framed(b"00000003", "señal".encode(), b"{}")
    )
    shown, answer, nothing, large, odd = (read(frames) for frames in heard(ours, 5))
    assert isinstance(shown, Message)
    assert (shown.kind, parsed(shown)) == ("stream", {"text": "hola"})
    assert isinstance(answer, Message)
    assert (answer.kind, answer.buffers) == ("answer", [b"buffer"])
    assert nothing is None
    assert isinstance(large, Message)
    assert (large.kind, large.content, large.size) == ("display_data", None, 2320)
    assert isinstance(odd, Message)
    assert (odd.kind, parsed(odd)) == ("answer", {})

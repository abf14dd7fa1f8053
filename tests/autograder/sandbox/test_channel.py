"""A channel to a kernel: what ZeroMQ sends arrives, and what is too much is counted and forgotten."""

from __future__ import annotations

import socket
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
import zmq

from autograder.sandbox import channel
from autograder.sandbox.channel import Channel, ChannelClosed, Frames

GREETING = b"\xff" + bytes(8) + b"\x7f\x03\x00" + b"NULL".ljust(20, b"\0") + bytes(32)
READY = b"\x04\x19\x05READY\x0bSocket-Type\x00\x00\x00\x03PUB"


@pytest.fixture
def router(tmp_path: Path) -> Iterator[zmq.Socket]:
    """ZeroMQ's own socket, as a kernel has it."""
    with zmq.Context() as context, context.socket(zmq.ROUTER) as router:
        router.setsockopt(zmq.LINGER, 0)
        router.setsockopt(zmq.RCVTIMEO, 5000)
        router.bind(f"ipc://{tmp_path}/k")
        yield router


@pytest.fixture
def raw(tmp_path: Path) -> Iterator[socket.socket]:
    """The listening end of a hostile kernel."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "k"))
        listener.listen()
        yield listener


def heard(channel: Channel, count: int = 1) -> list[Frames]:
    """Return the next messages."""
    messages: list[Frames] = []
    deadline = time.monotonic() + 5
    while len(messages) < count and time.monotonic() < deadline:
        messages += channel.receive()
        time.sleep(0.001)
    return messages


def test_messages_cross_in_both_directions(router: zmq.Socket, tmp_path: Path) -> None:
    """Frames of every length of head, empty ones included; what is sent early waits for the other end."""
    ours = Channel(f"{tmp_path}/k", "DEALER", 1 << 22)
    frames = [b"", b"a", b"b" * 255, b"c" * 256, b"d" * 700_000, b""]
    ours.send(frames, time.monotonic() + 5)
    deadline = time.monotonic() + 5
    while not router.poll(1) and time.monotonic() < deadline:
        assert ours.receive() == []
    identity, *got = router.recv_multipart()
    assert got == frames
    for _ in range(3):
        router.send_multipart([identity, *frames])
    messages = heard(ours, 3)
    assert [message.parts for message in messages] == [frames] * 3
    assert all(message.whole for message in messages)
    ours.close()


def test_what_is_published_is_heard(tmp_path: Path) -> None:
    """After the subscription has arrived."""
    with zmq.Context() as context, context.socket(zmq.XPUB) as publisher:
        publisher.setsockopt(zmq.LINGER, 0)
        publisher.bind(f"ipc://{tmp_path}/k")
        ours = Channel(f"{tmp_path}/k", "SUB", 1000)
        deadline = time.monotonic() + 5
        while not publisher.poll(1) and time.monotonic() < deadline:
            assert ours.receive() == []
        assert publisher.recv() == b"\x01"
        publisher.send_multipart([b"topic", b"news"])
        assert [message.parts for message in heard(ours)] == [[b"topic", b"news"]]
        ours.close()


def test_a_message_is_counted_as_a_whole(router: zmq.Socket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its head stays, the rest is forgotten, and the next message is whole again."""
    monkeypatch.setattr(channel, "MAX_HEAD", 1000)
    ours = Channel(f"{tmp_path}/k", "DEALER", 10_000)
    ours.send([b"hello"], time.monotonic() + 5)
    while not router.poll(1):
        ours.receive()
    identity, _ = router.recv_multipart()
    block = bytes(4000)
    tracemalloc.start()
    router.send_multipart([identity, b"head", *[block] * 2000])
    router.send_multipart([identity, *[b"x"] * (channel.MAX_FRAMES + 5)])
    router.send_multipart([identity, b"end"])
    large, many, end = heard(ours, 3)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (large.whole, large.parts, large.size) == (False, [b"head", b"", b""], 8_000_004 + 2001 * 100)
    assert not many.whole
    assert (end.whole, end.parts) == (True, [b"end"])
    assert peak < 2 << 20
    ours.close()


def test_a_frame_that_is_announced_takes_nothing_before_it_comes(raw: socket.socket, tmp_path: Path) -> None:
    """A length is a claim."""
    ours = Channel(f"{tmp_path}/k", "SUB", 1 << 40)
    theirs, _ = raw.accept()
    tracemalloc.start()
    theirs.sendall(GREETING + READY + b"\x02" + (1 << 39).to_bytes(8, "big") + b"only this")
    assert ours.receive() == []
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1 << 20
    theirs.close()
    with pytest.raises(ChannelClosed):
        ours.receive()
    ours.close()


@pytest.mark.parametrize("said", [b"GET / HTTP/1.1\r\n" * 8, GREETING + b"\xf8\x00"], ids=["greeting", "flags"])
def test_another_protocol_is_hung_up_on(raw: socket.socket, tmp_path: Path, said: bytes) -> None:
    """Nothing is guessed."""
    ours = Channel(f"{tmp_path}/k", "DEALER", 1000)
    theirs, _ = raw.accept()
    theirs.sendall(said)
    with pytest.raises(ChannelClosed):
        heard(ours)
    theirs.close()
    ours.close()


def test_a_message_without_end_is_hung_up_on(raw: socket.socket, tmp_path: Path) -> None:
    """Reading a million empty frames for every call would take minutes."""
    ours = Channel(f"{tmp_path}/k", "SUB", 1 << 30)
    theirs, _ = raw.accept()
    theirs.sendall(GREETING + READY)
    ours.receive()
    for _ in range(channel.ENDLESS // 2000):
        theirs.sendall(b"\x01\x00" * 2000)
        assert ours.receive() == []
    theirs.sendall(b"\x00\x00")
    with pytest.raises(ChannelClosed, match="without end"):
        ours.receive()
    theirs.close()
    ours.close()


def test_who_takes_nothing_is_not_waited_for(raw: socket.socket, tmp_path: Path) -> None:
    """A worker may stop reading in the middle of a message."""
    ours = Channel(f"{tmp_path}/k", "DEALER", 1000)
    theirs, _ = raw.accept()
    theirs.sendall(GREETING + READY)
    assert ours.receive() == []
    started = time.monotonic()
    with pytest.raises(TimeoutError):
        ours.send([bytes(50 << 20)], started + 0.3)
    assert time.monotonic() - started < 2
    theirs.close()
    ours.close()

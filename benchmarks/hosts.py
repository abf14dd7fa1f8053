"""Machines that are none: network namespaces with a cable each to one switch, which can be cut, mended and slowed down.

They share this machine's cores and files, so what is real about them is the network. Making them needs root, and
``ip``; slowing cables down needs ``tc`` with a kernel that has netem or tbf.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

__all__ = ["Hosts", "why_no_hosts"]

_NETWORK = "10.213.47"


def why_no_hosts() -> str:
    """Return why there can be no hosts on this machine; empty if there can."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    if shutil.which("ip") is None:
        return "network namespaces need the program `ip`"
    name = f"cnn{os.getpid()}probe"
    for command in (["netns", "add", name], ["netns", "del", name]):
        ran = subprocess.run(["ip", *command], capture_output=True, text=True, check=False)
        if ran.returncode != 0:
            return f"this machine makes no network namespaces: {ran.stderr.strip()}"
    return ""


class Hosts:
    """Some hosts and the switch that they hang on. Use it as a context manager.

    This process is a host, too, with the address `here`.

    Parameters
    ----------
    names : sequence of str
        At most 200.
    """

    here = f"{_NETWORK}.1"

    def __init__(self, names: Sequence[str]) -> None:
        self.addresses = {name: f"{_NETWORK}.{number}" for number, name in enumerate(names, start=10)}
        self._prefix = f"c{os.getpid() % 100_000}"
        self._switch = f"{self._prefix}sw"

    def __enter__(self) -> Hosts:
        try:
            self._build()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _build(self) -> None:
        _ip("link", "add", self._switch, "type", "bridge")
        _ip("addr", "add", f"{self.here}/24", "dev", self._switch)
        _ip("link", "set", self._switch, "up")
        for name, address in self.addresses.items():
            space, cable = self._space(name), self._cable(name)
            _ip("netns", "add", space)
            _ip("link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", space)
            _ip("link", "set", cable, "master", self._switch, "up")
            _ip("-n", space, "addr", "add", f"{address}/24", "dev", "eth0")
            _ip("-n", space, "link", "set", "eth0", "up")
            _ip("-n", space, "link", "set", "lo", "up")

    def __exit__(self, *_: object) -> None:
        for name in self.addresses:
            with contextlib.suppress(subprocess.CalledProcessError):
                _ip("netns", "del", self._space(name))
        with contextlib.suppress(subprocess.CalledProcessError):
            _ip("link", "del", self._switch)

    def start(
        self, name: str, command: Sequence[str], log: Path, folder: Path, environment: Mapping[str, str]
    ) -> subprocess.Popen[Any]:
        """Start a program on a host; ``ip`` becomes the program, so its process is the program's."""
        with log.open("ab") as stream:
            return subprocess.Popen(
                ["ip", "netns", "exec", self._space(name), *command],
                cwd=folder,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
            )

    def cut(self, name: str) -> None:
        """Pull a host's cable: nobody is told, packets are lost."""
        _ip("link", "set", self._cable(name), "down")

    def mend(self, name: str) -> None:
        """Put the cable in again."""
        _ip("link", "set", self._cable(name), "up")

    def slow(self, name: str) -> str:
        """Let everything that goes to a host take its time.

        Returns
        -------
        str
            How: with netem 80 ms and 4 Mbit/s, without it 1 Mbit/s; empty if this machine can do neither.
        """
        if shutil.which("tc") is None:
            return ""
        for how in ("netem delay 80ms rate 4mbit", "tbf rate 1mbit burst 16k latency 400ms"):
            command = ["tc", "qdisc", "add", "dev", self._cable(name), "root", *how.split()]
            if subprocess.run(command, capture_output=True, check=False).returncode == 0:
                return how
        return ""

    def _space(self, name: str) -> str:
        return f"{self._prefix}-{name}"

    def _cable(self, name: str) -> str:
        return f"{self._prefix}{name}"


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True)

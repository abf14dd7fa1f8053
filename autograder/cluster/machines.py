"""The machines of a cluster as a run sees them: who is there, who may grade what, who is refused and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from autograder.cluster.versions import SANDBOX, Versions
from autograder.language import counted

__all__ = ["ABOUT", "Machines"]

ABOUT = "autograder"
"""Under this name a machine tells the scheduler its name and its `Versions`."""


@dataclass(frozen=True)
class _Machine:
    name: str
    slots: int
    seals: frozenset[str]


class Machines:
    """What a run knows of the machines.

    Parameters
    ----------
    ours : Versions
        What the machine with the class grades with: who differs is refused.
    notice : callable
        Told, in a line, what an instructor should know.
    """

    def __init__(self, ours: Versions, notice: Callable[[str], None]) -> None:
        self.ours = ours
        self.avoided: set[str] = set()
        self.met = False
        self._notice = notice
        self._there: dict[str, _Machine] = {}
        self._names: dict[str, str] = {}
        self._refused: dict[str, str] = {}
        self._others = 0
        self._liars: set[str] = set()

    def look(self, identity: Mapping[str, Any]) -> None:
        """Take in what the scheduler says of its workers."""
        found = {}
        others = 0
        for address, about in identity.get("workers", {}).items():
            resources = about.get("resources") or {}
            if not resources.get(SANDBOX):
                others += 1
                continue
            said = about.get(ABOUT)
            name = str(said.get("machine") if isinstance(said, dict) else address)[:80]
            self._names[address] = name
            usable = frozenset(resources) & {self.ours.seal(one) for one in (*self.ours.assignments, "")}
            if usable and address not in self.avoided and about.get("status") != "closing":
                found[address] = _Machine(name, int(resources[SANDBOX]), usable)
            if address not in self._refused:
                self._examine(address, name, said)
        for address in self._there.keys() - found.keys() - self.avoided:
            self._notice(f"machine {self._there[address].name} is gone; what it was grading goes to the others")
        for address in found.keys() - self._there.keys():
            self._notice(f"machine {found[address].name}: {counted(found[address].slots, 'slot')}")
        self.met = self.met or bool(found)
        self._there, self._others = found, others

    def _examine(self, address: str, name: str, said: Any) -> None:
        """Refuse a machine that differs, once, and name both versions."""
        try:
            differences = self.ours.differences(Versions.from_json(said.get("versions") if said else None))
        except ValueError as error:
            differences = [str(error)]
        self._refused[address] = "; ".join(differences)
        if differences:
            self._notice(f"machine {name} is refused: {self._refused[address]}")

    @property
    def slots(self) -> int:
        """How many submissions all machines together grade at the same time."""
        return sum(machine.slots for machine in self._there.values())

    def that_grade(self, seal: str) -> list[str]:
        """Return the addresses of the machines that grade what asks for ``seal``."""
        return [address for address, machine in self._there.items() if seal in machine.seals]

    def name_of(self, address: str) -> str:
        """Return the name of a machine, its address where it told none."""
        return self._names.get(address, address[:80])

    def avoid(self, address: str, reason: str) -> None:
        """Give a machine nothing more in this run."""
        if address not in self.avoided:
            self.avoided.add(address)
            self._there.pop(address, None)
            self._notice(f"machine {self.name_of(address)} gets nothing more: {reason}")

    def lies(self, name: str) -> None:
        """Say, once, that a machine's time is impossible."""
        if name not in self._liars:
            self._liars.add(name)
            self._notice(f"machine {name} tells an impossible time; reports have the time that was measured here")

    def why_none(self, address: str, names: list[str], count: int) -> str:
        """Return why nobody grades the ``count`` submissions that wait."""
        refused = [f"{self.name_of(one)} ({why})" for one, why in self._refused.items() if why]
        found = [f"refused: {', '.join(refused)}"] if refused else []
        found += [f"no longer asked: {', '.join(map(self.name_of, sorted(self.avoided)))}"] if self.avoided else []
        found += [f"{self._others} without the resource `{SANDBOX}`"] if self._others else []
        found += [f"{len(self._there)} that grade other assignments"] if self._there else []
        return (
            f"expected at {address} a machine that grades {', '.join(filter(None, names)) or 'any assignment'}. "
            f"Received: {'; '.join(found) or 'none at all'}. Start one, with this version of the course: "
            f"python -m autograder worker {address}. {count} submissions wait; the same command goes on with them."
        )

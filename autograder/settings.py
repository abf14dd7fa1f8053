"""How a grading run behaves, and where what it keeps for the next one lies."""

from __future__ import annotations

import contextlib
import os
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from autograder.worker.isolation import Limits

__all__ = ["CELLS_SHARE", "SandboxKind", "Settings", "keep_file", "kept_folder"]

SandboxKind = Literal["bwrap", "user", "none"]
"""Bubblewrap; another user of this machine, where a container allows no namespaces; or nothing at all."""

CELLS_SHARE = 0.6
"""The part of a submission's time that its cells may take."""
_GIGABYTE = 1 << 30


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True)
class Settings:
    """How a grading run behaves.

    Parameters
    ----------
    sandbox : SandboxKind
        How student code is locked up (see `Sandbox`); all but ``bwrap`` must be asked for.
    jobs : int
        Submissions graded at the same time.
    train : bool
        Whether training cells run; by default the saved models are graded.
    train_budget : float
        Seconds that the training cells of one submission may take together.
    cell_seconds : float
        Seconds that one cell may take, training cells aside.
    total_seconds : float
        Seconds of wall-clock time that the worker of one submission may take for everything together: cells, second
        chances, calls, starts; training cells aside. Cells get at most `CELLS_SHARE` of it, so that checks can ask.
    call_seconds : float
        Seconds that one call of a student's function may take.
    restarts : int
        How often a worker that the student's code ended is started again, so that one crash costs one exercise.
    render : bool
        Whether the outputs of the student's cells are kept, with their figures drawn.
    fresh : bool
        Grade again even what has not changed since an earlier run.
    records : bool
        Whether questions and answers are kept (`autograder.records`).
    replay : bool
        Whether kept answers are used: a worker is asked only what was never asked.
    audit : int
        0 to grade; else how often an audit trains a submission (`autograder.audit`), all within ``train_budget``.
    """

    sandbox: SandboxKind = "bwrap"
    jobs: int = field(default_factory=_cores)
    train: bool = False
    train_budget: float = 900.0
    cell_seconds: float = 30.0
    total_seconds: float = 300.0
    call_seconds: float = 20.0
    restarts: int = 4
    render: bool = False
    fresh: bool = False
    records: bool = True
    replay: bool = False
    audit: int = 0

    def for_cells_of(self, seconds: float | None) -> Settings:
        """Return the settings of an assignment whose cells may take ``seconds`` each, and all of them accordingly."""
        if seconds is None:
            return self
        return replace(self, cell_seconds=seconds, total_seconds=self.total_seconds * seconds / self.cell_seconds)

    def limits(self, tensorflow: bool, memory: int | None = None) -> Limits:
        """Return what a worker may use, ``memory`` bytes if given; TensorFlow reserves address space generously."""
        return Limits(
            memory=memory or (8 if tensorflow else 4) * _GIGABYTE,
            processes=512 if tensorflow else 256,
            cpu_seconds=int(self.worker_seconds) * 4 + 600,
        )

    def grader_memory(self, tensorflow: bool) -> int:
        """Return the bytes of data that the process that grades one submission may have, whatever a worker sends."""
        return 9 << 28 if tensorflow else 900 << 20

    @property
    def submission_seconds(self) -> float:
        """Wall time after which no further check of a submission is made, what the grader itself takes included."""
        return self.worker_seconds + 600.0

    @property
    def worker_seconds(self) -> float:
        """Wall time that a submission may take in its worker, or an audit in its workers, training included."""
        return (1 + self.audit) * self.total_seconds + (self.train_budget if self.train else 0)


def kept_folder(name: str) -> Path:
    """Return where things of one kind are kept between runs: ``$XDG_CACHE_HOME/cnn-course/<name>``.

    Parameters
    ----------
    name : str
        ``"reports"``, ``"records"``, …: all of it can be made again, and may be deleted.
    """
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base).expanduser() if base else Path.home() / ".cache") / "cnn-course" / name


def keep_file(path: Path, content: bytes) -> None:
    """Write a file below a `kept_folder` whole, or not at all where the disk does not take it."""
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, part = tempfile.mkstemp(dir=path.parent, suffix=".part")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
            os.replace(part, path)
        except BaseException:
            os.unlink(part)
            raise

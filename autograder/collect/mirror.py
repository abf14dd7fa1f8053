"""Keeps bare mirrors of students' repositories and reads files from them; nothing is ever checked out.

Without a working tree nothing that a repository holds is ever run or followed: no hook, filter, LFS smudge, submodule,
link or attribute. Files are read as plain objects and named by `autograder.collect.staging`.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from autograder.collect.git import Access, check_url, git_command, git_environment, run_git
from autograder.collect.staging import Stage
from autograder.errors import CollectError
from autograder.render.text import plain_line

__all__ = ["Commit", "Mirror"]

DEPTH = 1_000
_CHUNK = 1 << 16
_OBJECT = re.compile(r"[0-9a-f]{40}")
_LFS = b"version https://git-lfs.github.com/spec/"


@dataclass(frozen=True)
class Commit:
    """A commit of the fetched branch.

    Parameters
    ----------
    id : str
    time : datetime
        When its committer says that it was made: whoever makes a commit can say anything.
    """

    id: str
    time: datetime


class Mirror:
    """A bare repository of ours that holds what a student pushed.

    Parameters
    ----------
    folder : Path
        Made if it is missing. It is kept: fetching again brings only what is new, and what was collected stays. Nobody
        else may be at work in it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        if not (folder / "HEAD").is_file():
            shutil.rmtree(folder, ignore_errors=True)
            folder.parent.mkdir(parents=True, exist_ok=True)
            # Whole or not there: a run may end at any moment. No template: it may bring hooks.
            made = Path(tempfile.mkdtemp(prefix=".making-", dir=folder.parent))
            run_git(["init", "--quiet", "--bare", "--template=", str(made)])
            os.replace(made, folder)
        for lock in folder.rglob("*.lock"):
            # Of a git that was killed; it would be in the way for ever.
            lock.unlink()

    def fetch(self, url: str, access: Access, branch: str = "") -> str:
        """Fetch a branch, the default one unless named, and the tags of submissions; return the branch's name.

        Raises
        ------
        CollectError
            Of kind ``unreachable``, ``too-large`` or ``not-allowed``.
        """
        address = check_url(url, access)
        branch = branch or self._default_branch(address, access)
        self._git(["check-ref-format", f"refs/heads/{branch}"])
        specs = [f"+refs/heads/{branch}:refs/collected/branch", "+refs/tags/submit/*:refs/tags/submit/*"]
        self._fetch(address, access, specs)
        return branch

    def fetch_commit(self, url: str, access: Access, commit: str) -> None:
        """Make sure that a commit is here: one that a later force push took out of its branch is asked for by its id.

        Raises
        ------
        CollectError
            Of kind ``unreachable``: neither the mirror nor the server has it.
        """
        if not self.has(commit):
            self._fetch(check_url(url, access), access, [f"{_checked(commit)}:refs/collected/{commit}"])

    def keep(self, commit: str) -> None:
        """Keep a commit for good, whatever the student does to the branch later."""
        self._git(["update-ref", f"refs/collected/{_checked(commit)}", commit])

    def has(self, commit: str) -> bool:
        """Tell whether the mirror holds a commit."""
        with contextlib.suppress(CollectError):
            self._git(["cat-file", "-e", f"{_checked(commit)}^{{commit}}"])
            return True
        return False

    def history(self, commit: str = "") -> list[Commit]:
        """Return a commit, that of the fetched branch unless given, and those before it: the first parents."""
        start = _checked(commit) if commit else "refs/collected/branch"
        return self._commits(["log", "--first-parent", f"--max-count={DEPTH}", start])

    def commit(self, commit: str) -> Commit:
        """Return one commit."""
        [found] = self._commits(["log", "--max-count=1", _checked(commit)])
        return found

    def tags(self) -> dict[str, str]:
        """Return the commit of each fetched tag by the tag's name."""
        lines = self._git(["for-each-ref", "--format=%(refname:strip=2) %(objectname) %(*objectname)", "refs/tags"])
        tags = {}
        for line in lines.decode("utf-8", "replace").splitlines():
            name, *objects = line.split()
            tags[name] = objects[-1]
        return {name: commit for name, commit in tags.items() if self.has(commit)}

    def stage(self, commit: str, stage: Stage) -> None:
        """Write the files of a commit to a stage.

        Links, submodules and pointers to large files that are elsewhere (Git LFS) are noted and left out.

        Raises
        ------
        CollectError
            Of kind ``too-large``.
        """
        with _Reader(self.folder) as reader:
            for entry in self._tree(commit):
                name = entry.name.decode("utf-8", "replace")
                if entry.kind == "commit":
                    stage.leave_out(name, "it is a submodule")
                elif entry.mode == "120000":
                    stage.leave_out(name, "it is a link")
                elif name.encode() != entry.name:
                    stage.leave_out(name, "its name is not UTF-8")
                else:
                    _stage_file(reader, stage, name, entry)

    def _tree(self, commit: str) -> Iterator[_Entry]:
        """Yield every file; what a small tree can list is bounded, for it may name itself many times over."""
        listing = self._git(["ls-tree", "-r", "-z", "-l", _checked(commit)])
        for line in listing.split(b"\0")[:-1]:
            about, _, name = line.partition(b"\t")
            mode, kind, identity, size = about.decode().split()
            yield _Entry(mode, kind, identity, name, int(size) if size.isdigit() else 0)

    def _default_branch(self, address: str, access: Access) -> str:
        heads = self._git(["ls-remote", "--symref", "--", address, "HEAD"], access=access, where=address)
        found = re.search(r"^ref: refs/heads/(\S+)\tHEAD$", heads.decode("utf-8", "replace"), re.MULTILINE)
        if not found:
            raise CollectError("unreachable", "expected a default branch with a commit. Received: an empty repository.")
        return found[1]

    def _fetch(self, address: str, access: Access, specs: Sequence[str]) -> None:
        options = ["--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head", f"--depth={DEPTH}"]
        self._git(["fetch", *options, "--", address, *specs], access=access, where=address)

    def _commits(self, command: Sequence[str]) -> list[Commit]:
        lines = self._git([*command, "--format=%H %ct", "--"]).decode().splitlines()
        found = [line.split() for line in lines]
        return [Commit(name, _moment(int(seconds))) for name, seconds in found]

    def _git(self, arguments: Sequence[str], access: Access | None = None, where: str = "") -> bytes:
        return run_git(arguments, self.folder, access, where)


@dataclass(frozen=True)
class _Entry:
    mode: str
    kind: str
    id: str
    name: bytes
    size: int


class _Reader:
    """``git cat-file --batch``: the content of objects, one after the other."""

    def __init__(self, folder: Path) -> None:
        self._process = subprocess.Popen(
            git_command("--git-dir", str(folder), "cat-file", "--batch"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=git_environment(None),
        )

    def __enter__(self) -> _Reader:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def read(self, identity: str) -> Iterator[bytes]:
        """Yield the content of an object, which must be read to its end before another is asked for."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(identity.encode() + b"\n")
        self._process.stdin.flush()
        header = self._process.stdout.readline().split()
        if len(header) != 3 or header[1] != b"blob":
            raise CollectError("damaged", "expected a file in the repository. Received: an object that is missing.")
        left = int(header[2])
        while left:
            chunk = self._process.stdout.read(min(left, _CHUNK))
            if not chunk:
                raise CollectError("damaged", "expected the whole of a file. Received: the end of git's answer.")
            left -= len(chunk)
            yield chunk
        self._process.stdout.read(1)


def _stage_file(reader: _Reader, stage: Stage, name: str, entry: _Entry) -> None:
    if entry.size > stage.limits.file_bytes:
        raise CollectError(
            "too-large",
            f"expected files of at most {stage.limits.file_bytes >> 20} MB. Received: {plain_line(name, 80)}, "
            f"{entry.size >> 20} MB.",
        )
    content = reader.read(entry.id)
    first = next(content, b"")
    if first.startswith(_LFS):
        stage.leave_out(name, "it is kept in Git LFS, which is not fetched; the file itself must be committed")
    else:
        stage.add(name, itertools.chain([first], content))
    for _ in content:
        pass


def _checked(commit: str) -> str:
    if not _OBJECT.fullmatch(commit):
        raise CollectError("unreachable", f"expected the id of a commit. Received: {plain_line(commit, 80)}.")
    return commit


def _moment(seconds: int) -> datetime:
    """Return a time, also for the impossible ones that a commit can claim: from 1970 to 9998."""
    return datetime.fromtimestamp(min(max(seconds, 0), 253_370_764_799), timezone.utc)

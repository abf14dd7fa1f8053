"""What the tests of `autograder.collect` share: archives, and real repositories, as students make them."""

from __future__ import annotations

import os
import subprocess
import zipfile
from collections.abc import Mapping
from pathlib import Path

NOTEBOOK = '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}\n'
DEADLINE = "2026-11-24T20:00:00-03:00"
BEFORE, AFTER = "2026-11-24T22:00:00Z", "2026-11-24T23:30:00Z"


def make_zip(path: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write an archive; a name may be anything."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return path


class _Named(zipfile.ZipInfo):
    """A member whose name is these very bytes, without the flag that says UTF-8."""

    raw = b""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:
        return self.raw, self.flag_bits & ~0x800


def make_unflagged_zip(path: Path, files: Mapping[bytes, str | bytes], extra: bytes = b"") -> Path:
    """Write an archive as Windows and macOS do; a name is bytes in any encoding."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            info = _Named(str(len(archive.filelist)))
            info.raw, info.extra = name, extra
            archive.writestr(info, content, zipfile.ZIP_DEFLATED)
    return path


def git(folder: Path, *arguments: str, date: str = BEFORE, text: str | bytes | None = None) -> str:
    """Run git as a student does, with all the dates that a student can set."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "Ana",
        "GIT_AUTHOR_EMAIL": "ana@u.example",
        "GIT_COMMITTER_NAME": "Ana",
        "GIT_COMMITTER_EMAIL": "ana@u.example",
        "GIT_AUTHOR_DATE": date,
        "GIT_COMMITTER_DATE": date,
    }
    given = text.encode() if isinstance(text, str) else text
    done = subprocess.run(["git", *arguments], cwd=folder, env=environment, input=given, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode().strip()


def make_repository(folder: Path) -> Path:
    """Make an empty bare repository, as a server keeps it."""
    folder.mkdir(parents=True)
    git(folder, "init", "--quiet", "--bare", "--initial-branch=main", "--template=")
    with (folder / "config").open("a") as settings:
        settings.write("[uploadpack]\n\tallowAnySHA1InWant = true\n")
    return folder


def tree_of(repository: Path, entries: Mapping[str, tuple[str, str, str]]) -> str:
    """Write a tree of (mode, kind, object) by name, also one that no client would make."""
    lines = "".join(f"{mode} {kind} {identity}\t{name}\0" for name, (mode, kind, identity) in entries.items())
    return git(repository, "mktree", "-z", "--missing", text=lines)


def commit(
    repository: Path, files: Mapping[str, str | bytes], *, date: str = BEFORE, branch: str = "main", parent: str = ""
) -> str:
    """Commit files, with folders, to a bare repository; the parent is the branch, where it exists."""

    def write(files: Mapping[str, str | bytes]) -> str:
        entries: dict[str, tuple[str, str, str]] = {}
        folders: dict[str, dict[str, str | bytes]] = {}
        for name, content in files.items():
            first, slash, rest = name.partition("/")
            if slash:
                folders.setdefault(first, {})[rest] = content
            else:
                entries[first] = ("100644", "blob", git(repository, "hash-object", "-w", "--stdin", text=content))
        for name, inside in folders.items():
            entries[name] = ("040000", "tree", write(inside))
        return tree_of(repository, entries)

    return commit_tree(repository, write(files), date=date, branch=branch, parent=parent)


def commit_tree(repository: Path, tree: str, *, date: str = BEFORE, branch: str = "main", parent: str = "") -> str:
    """Commit a tree that exists."""
    heads = git(repository, "for-each-ref", "--format=%(objectname)", f"refs/heads/{branch}")
    parents = ["-p", parent or heads] if parent or heads else []
    identity = git(repository, "commit-tree", tree, *parents, "-m", "entrega", date=date)
    git(repository, "update-ref", f"refs/heads/{branch}", identity)
    return identity

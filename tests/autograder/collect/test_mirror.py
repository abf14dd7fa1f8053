"""Repositories of students, fetched from real bare repositories: nothing in them runs, and nothing gets lost."""

from __future__ import annotations

import hashlib
import os
import resource
import struct
import time
import zlib
from datetime import datetime, timezone
from pathlib import Path

import pytest

from autograder.collect import git as git_module
from autograder.collect.git import Access
from autograder.collect.mirror import Commit, Mirror
from autograder.collect.staging import Limits, Stage
from autograder.errors import CollectError
from tests.helpers.collecting import AFTER, BEFORE, NOTEBOOK, commit, commit_tree, git, make_repository, tree_of
from tests.helpers.github_server import FakeGitHub, serve

LOCAL = Access(("file",))


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "server/ana.git")


@pytest.fixture
def mirror(tmp_path: Path) -> Mirror:
    return Mirror(tmp_path / "downloaded/ana.git")


def fetched(mirror: Mirror, repository: Path, limits: Limits | None = None) -> Stage:
    """Stage the newest commit."""
    mirror.fetch(str(repository), LOCAL)
    stage = Stage(mirror.folder.parent / f"stage-{time.monotonic_ns()}", limits)
    mirror.stage(mirror.history()[0].id, stage)
    return stage


def test_the_files_of_a_commit_are_staged(repository: Path, mirror: Mirror) -> None:
    """Binary ones as they are, empty ones too."""
    commit(repository, {"02_convolucion.ipynb": NOTEBOOK, "models/cnn.keras": b"\0\xff" * 100_000, "ñ 1.txt": ""})
    stage = fetched(mirror, repository)
    assert {name: path.read_bytes() for name, path in stage.files.items()} == {
        "02_convolucion.ipynb": NOTEBOOK.encode(),
        "models/cnn.keras": b"\0\xff" * 100_000,
        "ñ 1.txt": b"",
    }
    assert stage.notes == []


def test_a_branch_of_another_name_is_the_default_one(repository: Path, mirror: Mirror) -> None:
    """Whatever the server's HEAD says."""
    commit(repository, {"a": "1"}, branch="main")
    commit(repository, {"a": "2"}, branch="entrega")
    git(repository, "symbolic-ref", "HEAD", "refs/heads/entrega")
    assert mirror.fetch(str(repository), LOCAL) == "entrega"
    assert mirror.fetch(str(repository), LOCAL, "main") == "main"


def test_an_empty_repository_is_said_so(repository: Path, mirror: Mirror) -> None:
    """And one that does not exist, and a branch that is none."""
    with pytest.raises(CollectError, match="an empty repository"):
        mirror.fetch(str(repository), LOCAL)
    with pytest.raises(CollectError) as caught:
        mirror.fetch("/nowhere/ana.git", LOCAL)
    assert caught.value.kind == "not-allowed"
    commit(repository, {"a": "1"})
    for branch in ("nothing", "a:b", "..", "--upload-pack=touch"):
        with pytest.raises(CollectError) as caught:
            mirror.fetch(str(repository), LOCAL, branch)
        assert caught.value.kind == "unreachable"


def test_what_only_git_understands_is_left_out(repository: Path, mirror: Mirror, tmp_path: Path) -> None:
    """Links, submodules, large files that are elsewhere, names that are not text: each with its reason."""
    blob = git(repository, "hash-object", "-w", "--stdin", text="../../../instructor/gradebook.db")
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12345\n"
    lfs = git(repository, "hash-object", "-w", "--stdin", text=pointer)
    tree = tree_of(
        repository,
        {
            "cnn.keras": ("100644", "blob", lfs),
            "gradebook.db": ("120000", "blob", blob),
            "run.sh": ("100755", "blob", blob),
            "submodule": ("160000", "commit", "1" * 40),
        },
    )
    commit_tree(repository, tree)
    stage = fetched(mirror, repository)
    assert list(stage.files) == ["run.sh"]
    assert not os.access(stage.files["run.sh"], os.X_OK)
    assert sorted(stage.notes) == [
        "left out cnn.keras: it is kept in Git LFS, which is not fetched; the file itself must be committed",
        "left out gradebook.db: it is a link",
        "left out submodule: it is a submodule",
    ]


def test_a_tree_that_no_client_would_make_harms_nothing(repository: Path, mirror: Mirror, tmp_path: Path) -> None:
    """Git's own objects can name anything: `..`, `.git`, a slash, one name twice."""
    blob = git(repository, "hash-object", "-w", "--stdin", text="touch evil")
    inner = tree_of(repository, {"post-checkout": ("100755", "blob", blob)})
    entries = b"".join(
        mode + b" " + name + b"\0" + bytes.fromhex(identity)
        for mode, name, identity in [
            (b"40000", b"..", inner),
            (b"40000", b".git", inner),
            (b"100644", b"../../evil", blob),
            (b"100644", b"/etc/evil", blob),
            (b"100644", b"A", blob),
            (b"100644", b"a", blob),
            (b"100644", b"a", blob),
            (b"100644", b"\xff\xfe", blob),
            (b"100644", b"line\nbreak", blob),
        ]
    )
    tree = git(repository, "hash-object", "-w", "-t", "tree", "--literally", "--stdin", text=entries)
    commit_tree(repository, tree)
    stage = fetched(mirror, repository)
    assert list(stage.files) == ["A"]
    assert len(stage.notes) == 7
    assert not list(tmp_path.rglob("*evil*"))
    assert not list(tmp_path.rglob("post-checkout"))


def test_nothing_of_a_repository_runs(repository: Path, mirror: Mirror, tmp_path: Path) -> None:
    """Filters, drivers and hooks are only files here; the mirror has no hooks and no working tree."""
    evil = tmp_path / "ran"
    commit(
        repository,
        {
            ".gitattributes": "* filter=evil diff=evil merge=evil text eol=crlf ident export-subst\n",
            ".gitconfig": f'[filter "evil"]\n\tsmudge = touch {evil}\n',
            ".gitmodules": f'[submodule "a"]\n\tpath = a\n\turl = ext::touch {evil}\n',
            "hooks/post-update": f"#!/bin/sh\ntouch {evil}\n",
            "a.txt": "one\n$Id$\n",
        },
    )
    for hook in ("post-checkout", "post-merge", "post-update", "reference-transaction", "update"):
        path = repository / "hooks" / hook
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\ntouch {evil}\n")
        path.chmod(0o755)
    stage = fetched(mirror, repository)
    assert stage.files["a.txt"].read_bytes() == b"one\n$Id$\n"
    assert not evil.exists()
    assert not (mirror.folder / "hooks").exists()
    assert (mirror.folder / "config").read_text().count("bare = true") == 1


def test_a_template_of_the_instructor_brings_no_hooks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`GIT_TEMPLATE_DIR` is one of the ways in."""
    (tmp_path / "template/hooks").mkdir(parents=True)
    monkeypatch.setenv("GIT_TEMPLATE_DIR", str(tmp_path / "template"))
    assert not (Mirror(tmp_path / "a.git").folder / "hooks").exists()


def test_a_small_repository_may_not_unfold_to_a_large_one(repository: Path, mirror: Mirror) -> None:
    """Ten levels of a tree that holds itself ten times name ten thousand million files."""
    blob = git(repository, "hash-object", "-w", "--stdin", text="x")
    tree = tree_of(repository, {f"{number}": ("100644", "blob", blob) for number in range(10)})
    for _ in range(9):
        tree = tree_of(repository, {f"{number}": ("040000", "tree", tree) for number in range(10)})
    commit_tree(repository, tree)
    began = time.monotonic()
    with pytest.raises(CollectError, match="far too many") as caught:
        fetched(mirror, repository)
    assert caught.value.kind == "too-large"
    assert time.monotonic() - began < 60


def pack_entry(kind: int, size: int, data: bytes, base: bytes = b"") -> bytes:
    """Return an object as a pack holds it: its kind, the size that it claims, and its content."""
    first, size = (kind << 4) | (size & 15), size >> 4
    head = b""
    while size:
        head += bytes([first | 0x80])
        first, size = size & 0x7F, size >> 7
    return head + bytes([first]) + base + zlib.compress(data)


@pytest.mark.parametrize(("copies", "said"), [(5, "did not send all necessary objects"), (16_000, "index-pack")])
def test_a_pack_of_a_few_bytes_cannot_fill_the_memory(mirror: Mirror, tmp_path: Path, copies: int, said: str) -> None:
    """A difference that copies 1 MB sixteen thousand times: 16 GB, before anybody could see that they are not needed.

    Five times are read, and then it shows that the pack lacks what was asked for.
    """
    zeros = bytes(1 << 20)
    base = hashlib.sha1(b"blob %d\0" % len(zeros) + zeros).digest()

    def varint(number: int) -> bytes:
        parts = [(number >> shift) & 0x7F for shift in range(0, number.bit_length(), 7)]
        return bytes([part | 0x80 for part in parts[:-1]] + parts[-1:])

    delta = varint(len(zeros)) + varint(copies * len(zeros)) + b"\xc0\x10" * copies
    entries = pack_entry(3, len(zeros), zeros) + pack_entry(7, len(delta), delta, base)
    pack = b"PACK" + struct.pack(">LL", 2, 2) + entries
    pack += hashlib.sha1(pack).digest()

    def line(text: str) -> bytes:
        return f"{len(text) + 4:04x}{text}".encode()

    head = "1" * 40
    offer = f"{head} HEAD\0shallow symref=HEAD:refs/heads/main\n"
    refs = line("# service=git-upload-pack\n") + b"0000" + line(offer) + line(f"{head} refs/heads/main\n") + b"0000"
    answers = [b"0000", b"0000" + line("NAK\n") + pack]
    with serve(FakeGitHub(tmp_path)) as server:
        for path, kind, content in (("info/refs", "advertisement", refs), ("git-upload-pack", "result", answers)):
            content_type = f"application/x-git-upload-pack-{kind}"
            server.answers[f"/a.git/{path}"] = (200, {"Content-Type": content_type}, content)
        with pytest.raises(CollectError, match=said):
            mirror.fetch(f"{server.url}/a.git", Access(("http",)))
    assert len(pack) < 40_000
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 3 << 20


def test_files_that_are_too_large_or_too_many_are_refused(repository: Path, mirror: Mirror) -> None:
    """The whole submission, with the file's name."""
    commit(repository, {"models/cnn.keras": bytes(3 << 20)})
    with pytest.raises(CollectError, match=r"at most 2 MB\. Received: models/cnn\.keras, 3 MB"):
        fetched(mirror, repository, Limits(file_bytes=2 << 20))
    commit(repository, {str(number): "" for number in range(4)})
    with pytest.raises(CollectError, match="at most 3 files"):
        fetched(mirror, repository, Limits(files=3))


def test_a_repository_beyond_the_limit_is_given_up(
    repository: Path, mirror: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While it arrives or at its end."""
    monkeypatch.setattr(git_module, "MAX_BYTES", 1 << 20)
    commit(repository, {"random": os.urandom(2 << 20)})
    with pytest.raises(CollectError, match="a repository below 1 MB") as caught:
        mirror.fetch(str(repository), LOCAL)
    assert caught.value.kind == "too-large"


def test_history_follows_the_branch(repository: Path, mirror: Mirror) -> None:
    """First parents, newest first, with the dates that the commits claim; impossible ones as the nearest possible."""
    first = commit(repository, {"a": "1"})
    second = commit(repository, {"a": "2"}, date=AFTER)
    third = commit(repository, {"a": "3"}, date="@99999999999 +0000")
    mirror.fetch(str(repository), LOCAL)
    history = mirror.history()
    assert [item.id for item in history] == [third, second, first]
    assert history[1:] == [
        Commit(second, datetime(2026, 11, 24, 23, 30, tzinfo=timezone.utc)),
        Commit(first, datetime(2026, 11, 24, 22, 0, tzinfo=timezone.utc)),
    ]
    assert history[0].time.year > 2026
    assert mirror.commit(second) == history[1]


def test_what_was_collected_survives_a_force_push(repository: Path, mirror: Mirror) -> None:
    """And a commit that was never fetched is asked for by its id."""
    commit(repository, {"a": "1"})
    kept = commit(repository, {"a": "2"})
    mirror.fetch(str(repository), LOCAL)
    mirror.keep(kept)
    unseen = commit(repository, {"a": "3"})
    git(repository, "update-ref", "-d", "refs/heads/main")
    commit(repository, {"a": "4"})
    mirror.fetch(str(repository), LOCAL)
    git(mirror.folder, "-c", "gc.pruneExpire=now", "gc", "--quiet")
    assert mirror.has(kept)
    assert not mirror.has(unseen)
    mirror.fetch_commit(str(repository), LOCAL, unseen)
    assert mirror.has(unseen)
    with pytest.raises(CollectError, match="expected a repository that can be read"):
        mirror.fetch_commit(str(repository), LOCAL, "1" * 40)
    with pytest.raises(CollectError, match="expected the id of a commit"):
        mirror.fetch_commit(str(repository), LOCAL, "--output=/tmp/evil")


def test_a_replaced_object_is_not_believed(repository: Path, mirror: Mirror) -> None:
    """`refs/replace` would show another file under the same id; it is neither fetched nor used."""
    commit(repository, {"a": "true"})
    blob = git(repository, "rev-parse", "main:a")
    other = git(repository, "hash-object", "-w", "--stdin", text="false")
    git(repository, "replace", blob, other)
    assert fetched(mirror, repository).files["a"].read_text() == "true"


def test_the_locks_of_a_killed_git_are_in_nobodys_way(tmp_path: Path, repository: Path, mirror: Mirror) -> None:
    """It had no time to remove them."""
    commit(repository, {"a": "1"})
    fetched(mirror, repository)
    for name in ("shallow.lock", "packed-refs.lock", "refs/collected/branch.lock"):
        (mirror.folder / name).touch()
    commit(repository, {"a": "2"})
    assert fetched(Mirror(mirror.folder), repository).files["a"].read_text() == "2"


def test_a_mirror_that_was_cut_short_is_made_again(tmp_path: Path, repository: Path) -> None:
    """A run may end at any moment."""
    folder = tmp_path / "downloaded/ana.git"
    (folder / "objects").mkdir(parents=True)
    commit(repository, {"a": "1"}, date=BEFORE)
    assert list(fetched(Mirror(folder), repository).files) == ["a"]

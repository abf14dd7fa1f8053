"""What the sandbox shows of this machine, for root and for ordinary users, however Python's packages were installed."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from autograder.course.assignments import ROOT
from autograder.course.sample import build_class
from autograder.sandbox.box import Sandbox
from autograder.sandbox.bubblewrap import package_paths
from autograder.sandbox.client import KernelClient
from autograder.sandbox.launch import launch, pack
from autograder.settings import Settings


def test_packages_outside_of_the_environment_can_be_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As those of `pip install --user`, whose folder Python does not find by itself inside."""
    folder = tmp_path / "lib/python3/site-packages"
    folder.mkdir(parents=True)
    (folder / "only_for_me.py").write_text("WORD = 'here'\n", encoding="utf-8")
    monkeypatch.syspath_prepend(folder)
    assert package_paths() == [str(folder)]
    with Sandbox() as box, pack([]) as archive:
        box.wait_until_ready()
        client = KernelClient(launch(box.address, archive.fileno(), Settings().limits(tensorflow=False)))
        try:
            client.wait_until_ready()
            run = client.run_cell("import only_for_me; print(only_for_me.WORD)", 20)
        finally:
            client.close()
    assert [output["text"] for output in run.outputs] == ["here\n"]


def as_ordinary_user(command: list[str], folder: Path) -> list[str]:
    """Return the command that runs another as user 65534, who can read this project and Python, for tests run by root.

    Folders that only root may enter (Python may lie below /root) are covered, in a mount namespace of its own, by
    empty ones in which only what is needed is there.
    """
    needed = [path for path in (Path(sys.base_prefix), Path(sys.prefix), ROOT) if _closed(path) is not None]
    script = [f"mkdir -p {folder}/keep"]
    for number, path in enumerate(needed):
        script += [f"mkdir {folder}/keep/{number}", f"mount --bind {path} {folder}/keep/{number}"]
    script += [f"mount -t tmpfs -o mode=755 tmpfs {closed}" for closed in {_closed(path) for path in needed}]
    for number, path in enumerate(needed):
        script += [f"mkdir -p {path}", f"mount --bind {folder}/keep/{number} {path}"]
    script.append(f"exec setpriv --reuid=65534 --regid=65534 --clear-groups {shlex.join(command)}")
    return ["unshare", "--mount", "sh", "-e", "-c", "\n".join(script)]


def _closed(path: Path) -> Path | None:
    """Return the first folder on the way to ``path`` that others may not enter."""
    return next((parent for parent in reversed(path.parents) if not parent.stat().st_mode & 0o001), None)


def test_an_ordinary_user_grades_as_root_does() -> None:
    """The namespaces come from a user namespace then; the grade is the same."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        build_class(ROOT / "tests/submissions", folder / "submitted", only=["01_imagen_digital"])
        folder.chmod(0o777)
        command = [sys.executable, "-m", "autograder", "grade", f"{folder}/submitted/mistakes/01_imagen_digital"]
        if os.geteuid() == 0:
            command = as_ordinary_user(command, folder)
        environment = {**os.environ, "HOME": name, "XDG_CACHE_HOME": f"{name}/cache"}
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "4,25/10" in done.stdout

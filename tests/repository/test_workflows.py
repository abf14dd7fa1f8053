"""Every workflow of this repository and of the template: valid, safe by zizmor, pinned, with least permissions."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from autograder.course.assignments import ROOT
from tests.helpers.workflow_runner import read_workflow

STUDENT = ROOT / "autograder/github/student/grade.yml"
CLASS = ROOT / ".github/workflows/class.yml"
WORKFLOWS = [*sorted((ROOT / ".github/workflows").glob("*.yml")), STUDENT]
ACTIONS = sorted((ROOT / ".github/actions").glob("*/action.yml"))
PINNED = re.compile(r"uses: ([\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+|\$/\.github/actions/\w+)")
BIN = Path(sys.executable).parent


def steps(path: Path) -> list[dict[str, Any]]:
    content = read_workflow(path)
    jobs = content["jobs"].values() if "jobs" in content else [content["runs"]]
    return [step for job in jobs for step in job["steps"]]


def tool(name: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    program = shutil.which(name, path=str(BIN))
    assert program is not None, f"{name} is in requirements.txt"
    return subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, check=False)


def test_the_workflows_follow_githubs_schema() -> None:
    """The schemas that check-jsonschema ships."""
    for kind, paths in (("workflows", WORKFLOWS), ("actions", ACTIONS)):
        assert paths
        done = tool("check-jsonschema", "--builtin-schema", f"vendor.github-{kind}", *paths)
        assert done.returncode == 0, done.stdout + done.stderr


def test_zizmor_finds_nothing(tmp_path: Path) -> None:
    """Not even as an auditor, its strictest persona, offline."""
    shutil.copytree(ROOT / ".github", tmp_path / ".github")
    shutil.copy(STUDENT, tmp_path / ".github/workflows")
    done = tool("zizmor", "--offline", "--no-config", "--persona=auditor", "--format=plain", tmp_path / ".github")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "No findings to report" in done.stdout + done.stderr


def test_zizmor_would_find_something(tmp_path: Path) -> None:
    """The same command on a workflow that runs a student's words."""
    path = tmp_path / ".github/workflows/bad.yml"
    path.parent.mkdir(parents=True)
    path.write_text(
        "on: pull_request_target\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n"
        "      - run: echo ${{ github.event.pull_request.title }}\n"
    )
    done = tool("zizmor", "--offline", "--no-config", "--persona=auditor", "--format=plain", path.parent)
    assert done.returncode != 0
    assert "template-injection" in done.stdout


@pytest.mark.parametrize("path", [*WORKFLOWS, *ACTIONS], ids=lambda path: path.name)
def test_actions_are_pinned_by_commit(path: Path) -> None:
    """With the version as a comment, which update tools read and write."""
    used = [
        line.strip().removeprefix("- ") for line in path.read_text(encoding="utf-8").splitlines() if "uses:" in line
    ]
    assert used
    for line in used:
        assert PINNED.fullmatch(line), line


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_permissions_are_named_and_least(path: Path) -> None:
    """Nothing by default, reading by job; every checkout forgets its token."""
    workflow = read_workflow(path)
    assert workflow["permissions"] == {}
    for job in workflow["jobs"].values():
        assert set(job["permissions"]) <= {"contents", "actions"}
        assert set(job["permissions"].values()) <= {"read"}
        assert job["timeout-minutes"] <= 90
    for step in steps(path):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


@pytest.mark.parametrize("path", [*WORKFLOWS, *ACTIONS], ids=lambda path: path.name)
def test_the_shell_of_every_step_is_clean(path: Path, tmp_path: Path) -> None:
    """By shellcheck; and no expression is pasted into a script."""
    for number, step in enumerate(steps(path)):
        if "run" in step:
            assert "${{" not in step["run"], step["name"]
            script = tmp_path / f"{number}.sh"
            script.write_text("#!/bin/bash -e\n" + step["run"], encoding="utf-8")
            done = tool("shellcheck", script)
            assert done.returncode == 0, done.stdout


def test_the_students_workflow_holds_no_secret() -> None:
    """It grades code that nobody has read."""
    text = STUDENT.read_text(encoding="utf-8")
    assert "secrets." not in text
    assert "github.token" not in text


def test_what_runs_students_code_for_a_grade_holds_no_secret() -> None:
    """The job has no token, no environment with secrets, and of earlier jobs only which part is its own."""
    job = read_workflow(CLASS)["jobs"]["grade"]
    assert "secrets." not in json.dumps(job)
    assert "github.token" not in json.dumps(job)
    assert "environment" not in job
    assert "env" not in job
    assert [step["env"] for step in job["steps"] if "env" in step] == [{"PART": "${{ matrix.part }}"}]


def test_a_secret_is_seen_by_one_step_of_one_job() -> None:
    """One token reads repositories, another one writes issues; neither is where the other is."""
    found = {}
    for name, job in read_workflow(CLASS)["jobs"].items():
        for step in job["steps"]:
            for secret in re.findall(r"secrets\.(\w+)", json.dumps(step)):
                found.setdefault(secret, []).append((name, step["name"]))
    assert found == {
        "CLASS_READ_TOKEN": [("collect", "Collect each repository at its deadline")],
        "CLASS_WRITE_TOKEN": [("publish", "Give each student the report")],
    }
    assert "secrets" not in json.dumps(read_workflow(CLASS)["on"])


def test_what_students_code_may_have_cached_is_not_run_beside_a_secret() -> None:
    """Jobs of one repository share its cache: one with a secret installs its libraries anew."""
    setups = {
        name: [step.get("with", {}).get("cache") for step in job["steps"] if "setup" in step.get("uses", "")]
        for name, job in read_workflow(CLASS)["jobs"].items()
    }
    assert setups == {"collect": [None], "grade": ["true"], "publish": [None]}
    [action] = ACTIONS
    assert read_workflow(action)["inputs"]["cache"]["default"] == "false"
    [cache] = [step for step in steps(action) if "actions/cache@" in step.get("uses", "")]
    assert cache["if"] == "inputs.cache == 'true'"
    with_secrets = [job for job in read_workflow(CLASS)["jobs"].values() if "secrets." in json.dumps(job)]
    assert not [step for job in with_secrets for step in job["steps"] if "actions/cache@" in step.get("uses", "")]

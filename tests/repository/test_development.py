"""What keeps development pleasant says the same everywhere: `make`, pre-commit, continuous integration."""

from __future__ import annotations

import re
import subprocess
import sys

import yaml

from autograder.course.assignments import ROOT
from tests.helpers.workflow_runner import read_workflow

MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
CI = ROOT / ".github/workflows/ci.yml"


def recipe(target: str) -> list[str]:
    """Return what a target runs, without the interpreter."""
    found = re.search(rf"^{target}:.*\n((?:\t.*\n)+)", MAKEFILE, re.MULTILINE)
    assert found is not None
    return [line.removeprefix("\t@$(RUN) -m ").replace(" $(ARGS)", "") for line in found[1].splitlines()]


def test_pre_commit_runs_what_make_lint_runs() -> None:
    """Hook by hook, on the files that changed where a program takes files."""
    path = ROOT / ".pre-commit-config.yaml"
    done = subprocess.run([sys.executable, "-m", "pre_commit", "validate-config", str(path)], capture_output=True)
    assert done.returncode == 0, done.stdout
    hooks = yaml.safe_load(path.read_text(encoding="utf-8"))["repos"][0]["hooks"]
    ran = [hook["entry"].removeprefix(".venv/bin/python -m ").replace(" --force-exclude", "") for hook in hooks]
    assert ran == [command.removesuffix(" .") for command in recipe("lint")]


def test_ci_tests_every_python_that_the_pins_are_made_for() -> None:
    """From the oldest that pyproject.toml allows to the newest that requirements.in names; each with a cache."""
    job = read_workflow(CI)["jobs"]["test"]
    tested = job["strategy"]["matrix"]["python"]
    first, last = re.findall(r"Python (3\.\d+) to (3\.\d+)", (ROOT / "requirements.in").read_text(encoding="utf-8"))[0]
    assert tested == [f"3.{minor}" for minor in range(int(first[2:]), int(last[2:]) + 1)]
    assert f'requires-python = ">={first}"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    setup = next(step for step in job["steps"] if step["name"] == "Set up")
    assert setup["with"] == {"python": "${{ matrix.python }}", "cache": "true"}


def test_the_script_of_ci_runs_the_commands_of_the_makefile() -> None:
    """Lint, everyday tests, of the longer proofs what fits, a sample of mutants, ways and attacks."""
    text = (ROOT / ".ci/run").read_text(encoding="utf-8").replace("\\\n", "")
    commands = re.findall(r"^make .*$", text, re.MULTILINE)
    assert [command.partition(" ARGS")[0] for command in commands] == [
        *("make lint", "make test", "make test-slow", "make prove", "make same", "make test"),
    ]
    named = [word for command in commands for word in re.findall(r"tests/[\w/.]+", command)]
    assert len(named) >= 9
    assert all((ROOT / name).exists() for name in named)
    assert recipe("test") == ["pytest -n logical --dist loadfile --no-loadscope-reorder"]
    assert recipe("test-slow") == ["pytest -m slow"]


def test_the_pins_say_how_they_are_made() -> None:
    """So that people and Dependabot make them in the same way."""
    second = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()[1]
    assert second.removeprefix("#    ") == (
        "uv pip compile requirements.in --universal --python-version 3.10 --no-emit-index-url --no-annotate "
        "--generate-hashes -o requirements.txt"
    )

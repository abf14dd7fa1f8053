"""Runs the shell commands of a GitHub workflow's job on this machine, with GitHub's variables and files."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

_EXPRESSION = re.compile(r"\$\{\{\s*(.+?)\s*\}\}")


@dataclass
class Job:
    """What a job said.

    Parameters
    ----------
    status : int
        Exit status of the step that failed, or 0.
    printed : str
        What all steps printed.
    summary : str
        The job's summary, Markdown.
    outputs : dict
        Output by ``"<step id>.<name>"``.
    """

    status: int = 0
    printed: str = ""
    summary: str = ""
    outputs: dict[str, str] = field(default_factory=dict)


def read_workflow(path: Path) -> dict[str, Any]:
    """Return a workflow; the key ``on`` is there as text, which YAML 1.1 takes for a truth value."""
    workflow: dict[Any, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {"on" if key is True else key: value for key, value in workflow.items()}


def run_job(
    workflow: Path,
    job: str,
    folder: Path,
    home: Path,
    *,
    values: Mapping[str, str] | None = None,
    skip: tuple[str, ...] = (),
    environment: Mapping[str, str] | None = None,
) -> Job:
    """Run the commands of one job in ``folder``, as a runner would, until one fails.

    Parameters
    ----------
    workflow : path
    job : str
        Its id.
    folder : path
        The checkout, ``$GITHUB_WORKSPACE``.
    home : path
        The runner's home folder.
    values : mapping, optional
        The value of each expression ``${{ … }}`` in the steps' variables; any other one is an error.
    skip : tuple of str
        Names of steps that are left out.
    environment : mapping, optional
        More variables.
    """
    result = Job()
    files = {name: home / f".{name.lower()}" for name in ("GITHUB_STEP_SUMMARY", "GITHUB_ENV", "GITHUB_PATH")}
    for path in files.values():
        path.touch()
    base = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "CI": "true",
        "GITHUB_ACTIONS": "true",
        "GITHUB_WORKSPACE": str(folder),
        "GITHUB_REPOSITORY": "curso/convolucion-ana",
        "GITHUB_REF": "refs/heads/main",
        "GITHUB_EVENT_NAME": "push",
        "RUNNER_OS": "Linux",
        "RUNNER_TEMP": str(home),
        **{name: str(path) for name, path in files.items()},
        **(environment or {}),
    }
    for number, step in enumerate(read_workflow(workflow)["jobs"][job]["steps"]):
        if "run" not in step or step.get("name") in skip:
            continue
        output = home / f".github_output-{number}"
        output.touch()
        script = home / f".step-{number}.sh"
        script.write_text(step["run"], encoding="utf-8")
        variables = {name: _fill(str(value), values or {}) for name, value in step.get("env", {}).items()}
        done = subprocess.run(
            ["bash", "-e", str(script)],
            cwd=folder,
            env={**base, **variables, "GITHUB_OUTPUT": str(output)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        result.printed += done.stdout
        for line in output.read_text(encoding="utf-8").splitlines():
            name, _, value = line.partition("=")
            result.outputs[f"{step.get('id', '')}.{name}"] = value
        if done.returncode:
            result.status = done.returncode
            break
    result.summary = files["GITHUB_STEP_SUMMARY"].read_text(encoding="utf-8")
    return result


def _fill(text: str, values: Mapping[str, str]) -> str:
    return _EXPRESSION.sub(lambda found: values[found[1]], text)

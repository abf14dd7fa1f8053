"""The layout of Gradescope's containers, and what it runs in them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

__all__ = ["METADATA", "lay_out", "run_autograder"]

METADATA = {
    "id": 123456,
    "created_at": "2026-11-24T10:41:19.318375-03:00",
    "assignment": {"due_date": "2026-11-30T23:59:00.000000-03:00", "title": "Convolución", "total_points": "10.0"},
    "users": [{"email": "ana@example.org", "id": 1234, "name": "Ana Muñoz"}],
    "previous_submissions": [],
}
"""What Gradescope's harness writes beside the submission, reduced to what its documentation calls stable."""


def lay_out(folder: Path, archive: Path, files: Mapping[str, bytes]) -> Path:
    """Lay out ``/autograder`` below ``folder`` as Gradescope does, with what a student uploaded, and return it."""
    root = folder / "autograder"
    with zipfile.ZipFile(archive) as file:
        file.extractall(root / "source")
    for name in ("results", "submission"):
        (root / name).mkdir()
    shutil.copy(root / "source/run_autograder", root / "run_autograder")
    (root / "run_autograder").chmod(0o755)
    (root / "submission_metadata.json").write_text(json.dumps(METADATA), encoding="utf-8")
    for name, content in files.items():
        (root / "submission" / name).parent.mkdir(parents=True, exist_ok=True)
        (root / "submission" / name).write_bytes(content)
    return root


def run_autograder(
    root: Path, python: str = sys.executable, **variables: str
) -> tuple[subprocess.CompletedProcess[str], dict[str, Any] | None]:
    """Run what Gradescope runs, from the folder from which it does; return its results, too."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(root),
        "AUTOGRADER_ROOT": str(root),
        "AUTOGRADER_PYTHON": python,
        **variables,
    }
    done = subprocess.run(
        [root / "run_autograder"], cwd=root, env=environment, capture_output=True, text=True, check=False
    )
    results = root / "results/results.json"
    return done, json.loads(results.read_text(encoding="utf-8")) if results.exists() else None

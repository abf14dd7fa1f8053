"""A grading run on the screen."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any, NoReturn

import pytest

from autograder.commands import session
from autograder.course.assignments import ROOT
from autograder.errors import UsageError
from autograder.grading.executor import Event
from autograder.settings import Settings


def test_what_a_training_cell_prints_is_no_markup(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A bar of a student's own, such as `[/]`, ends no run."""

    def run(submissions: Any, assignments: Any, settings: Any, show: Any, *others: Any) -> NoReturn:
        show(Event("progress", 0, text="epoch [/] [bold]"))
        raise UsageError("far enough")

    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setattr(session, "run_class", run)
    folder = tmp_path / "ana/02_convolucion"
    folder.mkdir(parents=True)
    shutil.copy(ROOT / "assignments/02_convolucion/02_convolucion.ipynb", folder)
    with pytest.raises(UsageError, match="far enough"):
        session.grade_paths([tmp_path / "ana"], None, Settings())
    assert "epoch [/] [bold]" in capsys.readouterr().err

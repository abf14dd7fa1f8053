"""``grade --audit``: what it takes, and what it does not go with."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from autograder.audit.class_audit import Wanted
from autograder.cli import main
from autograder.commands import grade

pytestmark = pytest.mark.usefixtures("in_english")


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--audit", "10"], "expected a share of the class"),
        (["--audit-budget", "60"], "Received: no --audit."),
        (["--audit-seed", "b"], "Received: no --audit."),
        (["--audit", "10%", "--train"], "Received: --cluster or --train beside it."),
        (["--audit", "10%", "--cluster", "tcp://nobody:8786"], "Received: --cluster or --train beside it."),
    ],
)
def test_what_an_audit_does_not_go_with_is_refused(
    options: list[str], expected: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before anything is graded."""
    assert main(["grade", str(tmp_path), *options]) == 2
    assert expected in capsys.readouterr().err


def test_options_become_what_is_wanted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The budget has a default that the documentation names."""
    found: list[object] = []
    monkeypatch.setattr(grade, "read_roster", lambda path: found.append(path))
    from autograder.commands import session

    def stop(*arguments: object, audit: Wanted | None, **keywords: object) -> None:
        found.append(audit)
        raise KeyboardInterrupt

    monkeypatch.setattr(session, "grade_paths", stop)
    for options in ([], ["--audit", "10%"], ["--audit", "0.2", "--audit-budget", "60", "--audit-seed", "b"]):
        with contextlib.suppress(KeyboardInterrupt):
            main(["grade", str(tmp_path), *options])
    assert found == [None, Wanted(0.1, 1800.0, 3, ""), Wanted(0.2, 60.0, 3, "b")]

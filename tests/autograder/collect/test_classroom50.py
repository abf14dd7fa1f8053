"""The clones that Classroom 50's download leaves."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from autograder.collect import Outcome, Places, collect, parse_deadline
from autograder.collect.classroom50 import find_clones
from autograder.course.roster import Roster, Student
from autograder.errors import UsageError
from tests.helpers.collecting import AFTER, DEADLINE, NOTEBOOK, commit, git, make_repository

NAME = "02_convolucion"
ROSTER = Roster([Student("ana", github="ana-maria-gh"), Student("beto", github="Beto"), Student("luz", github="luz")])


@pytest.fixture
def clones(tmp_path: Path) -> Path:
    """Two clones: one with submission tags and a later commit, one without tags; a table and a folder beside them."""
    folder = tmp_path / f"cnn-{NAME}_submissions"
    folder.mkdir()
    first = make_repository(tmp_path / "server/ana.git")
    tagged = commit(first, {f"{NAME}.ipynb": "tagged"})
    git(first, "update-ref", "refs/tags/submit/2026-11-24T22-30-00Z-a1b2c3d", tagged)
    late = commit(first, {f"{NAME}.ipynb": "late"})
    git(first, "update-ref", "refs/tags/submit/20261124T231500Z", late)
    commit(first, {f"{NAME}.ipynb": "after the tags"})
    for name in ("milestone", "submit/next", "submit/2026-99-24T22-30-00Z"):
        git(first, "update-ref", f"refs/tags/{name}", late)
    second = make_repository(tmp_path / "server/beto.git")
    commit(second, {f"{NAME}.ipynb": NOTEBOOK})
    commit(second, {f"{NAME}.ipynb": "late"}, date=AFTER)
    for login, repository in (("ana-maria-gh", first), ("beto", second)):
        git(tmp_path, "clone", "--quiet", str(repository), str(folder / f"cnn-{NAME}-{login}"))
    (folder / "scores.csv").write_text("username\n")
    (folder / "notes").mkdir()
    return folder


def collected(clones: Path, tmp_path: Path, late: bool = False, roster: Roster | None = ROSTER) -> dict[str, Outcome]:
    deadline = parse_deadline(DEADLINE)
    source = find_clones(clones, late, roster)
    places = Places(NAME, tmp_path / "submitted", tmp_path / "downloaded")
    return {outcome.student: outcome for outcome in collect(source, places, roster, deadline)}


def handed_in(tmp_path: Path, student: str) -> str:
    return (tmp_path / f"submitted/{student}/{NAME}/{NAME}.ipynb").read_text()


def test_the_last_tag_before_the_deadline_is_the_submission(clones: Path, tmp_path: Path) -> None:
    """Where there is none, commits say it; logins may hold hyphens."""
    outcomes = collected(clones, tmp_path)
    assert [outcome.status for outcome in outcomes.values()] == ["new", "new", "missing"]
    assert (handed_in(tmp_path, "ana"), handed_in(tmp_path, "beto")) == ("tagged", NOTEBOOK)
    assert [outcomes[name].clock for name in ("ana", "beto")] == ["tag", "commit"]
    assert outcomes["ana"].notes == ("1 submission after the deadline, not taken",)
    time = tmp_path / f"submitted/ana/{NAME}/timestamp.txt"
    assert time.read_text() == "2026-11-24 22:30:00.000000 UTC\n"
    assert collected(clones, tmp_path, late=True)["ana"].late
    assert handed_in(tmp_path, "ana") == "late"


def test_without_a_roster_logins_are_what_differs(clones: Path, tmp_path: Path) -> None:
    """The classroom's and the assignment's names are what all begin with."""
    assert set(collected(clones, tmp_path, roster=None)) == {"ana-maria-gh", "beto"}


def test_each_of_a_team_gets_what_was_there_at_their_own_deadline(clones: Path, tmp_path: Path) -> None:
    """From the one repository that bears the team's name."""
    longer = (("", timedelta(hours=1)),)
    roster = Roster([Student("ana", team="Beto"), Student("luz", team="Beto", extensions=longer)])
    outcomes = collected(clones, tmp_path, roster=roster)
    assert {name: (outcomes[name].status, outcomes[name].late) for name in ("ana", "luz")} == {
        "ana": ("new", False),
        "luz": ("new", False),
    }
    assert (handed_in(tmp_path, "ana"), handed_in(tmp_path, "luz")) == (NOTEBOOK, "late")
    assert outcomes["luz"].notes[:2] == ("handed in by ana, team Beto", "extension until 2026-11-24 21:00")


def test_a_working_tree_is_never_read(clones: Path, tmp_path: Path) -> None:
    """Whatever a student or a program left there."""
    tree = clones / f"cnn-{NAME}-ana-maria-gh"
    (tree / f"{NAME}.ipynb").unlink()
    (tree / f"{NAME}.ipynb").symlink_to("/etc/passwd")
    collected(clones, tmp_path)
    assert handed_in(tmp_path, "ana") == "tagged"


def test_a_link_is_no_clone(clones: Path, tmp_path: Path) -> None:
    """Nor one whose repository is elsewhere: the instructor's, for example."""
    secret = tmp_path / "instructor"
    git(tmp_path, "clone", "--quiet", str(tmp_path / "server/beto.git"), str(secret))
    (clones / f"cnn-{NAME}-luz").mkdir()
    (clones / f"cnn-{NAME}-luz/.git").symlink_to(secret / ".git")
    (clones / f"cnn-{NAME}-zoe").symlink_to(secret)
    assert collected(clones, tmp_path)["luz"].status == "missing"


def test_a_folder_without_clones_is_wrong_usage(tmp_path: Path) -> None:
    """So is one that does not exist."""
    for folder in (tmp_path, tmp_path / "nothing"):
        with pytest.raises(UsageError, match="gh teacher download"):
            find_clones(folder, False, None)

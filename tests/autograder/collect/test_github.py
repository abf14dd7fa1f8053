"""GitHub's API and repositories, from a stand-in that speaks both: pages, pushes, errors, and where the token goes."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.collect import Outcome, Places, Source, collect, parse_deadline
from autograder.collect.git import Access
from autograder.collect.github import GitHub, Server, find_repositories, roster_repositories
from autograder.collect.mirror import Mirror
from autograder.course.roster import Roster, Student
from autograder.errors import CollectError, UsageError
from tests.helpers.collecting import AFTER, BEFORE, DEADLINE, NOTEBOOK, commit, git, make_repository
from tests.helpers.github_server import TOKEN, FakeGitHub, serve

PREFIX = "02_convolucion"
ZEROS = "0" * 40
ROSTER = Roster([Student("ana", github="ana-gh"), Student("beto", github="Beto"), Student("luz", github="luz-1")])


@pytest.fixture(scope="module")
def organisation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Repositories of three students, of a template and of another assignment."""
    root = tmp_path_factory.mktemp("github")
    for name in ("ana-gh", "beto", "zoe"):
        commit(make_repository(root / f"curso/{PREFIX}-{name}.git"), {f"{PREFIX}.ipynb": NOTEBOOK + name})
    commit(make_repository(root / f"curso/{PREFIX}.git"), {"a": "the template"})
    commit(make_repository(root / "curso/01_imagen_digital-ana-gh.git"), {"a": "another assignment"})
    return root


@pytest.fixture
def github(tmp_path: Path, organisation: Path) -> Iterator[FakeGitHub]:
    with serve(FakeGitHub(shutil.copytree(organisation, tmp_path / "server"))) as server:
        yield server


def server_of(github: FakeGitHub, token: str = TOKEN) -> Server:
    return Server(f"{github.url}/api", github.url, token)


def collected(github: FakeGitHub, tmp_path: Path, late: bool = False, token: str = TOKEN) -> dict[str, Outcome]:
    deadline = parse_deadline(DEADLINE)
    source = find_repositories("curso", PREFIX, server_of(github, token), late, ROSTER)
    places = Places(PREFIX, tmp_path / "submitted", tmp_path / "downloaded")
    return {outcome.student: outcome for outcome in collect(source, places, ROSTER, deadline)}


def handed_in(tmp_path: Path, student: str) -> str:
    return (tmp_path / f"submitted/{student}/{PREFIX}/{PREFIX}.ipynb").read_text()


def test_every_page_of_an_organisation_is_read(github: FakeGitHub, tmp_path: Path) -> None:
    """Repositories of the prefix only, matched to the roster by their login; of the others nothing is fetched."""
    outcomes = collected(github, tmp_path)
    assert {name: outcome.status for name, outcome in outcomes.items()} == {
        "ana": "new",
        "beto": "new",
        "luz": "missing",
        f"{PREFIX}-zoe": "unmatched",
    }
    assert handed_in(tmp_path, "ana") == NOTEBOOK + "ana-gh"
    assert not [path for path, _ in github.requests if path.startswith(f"/curso/{PREFIX}-zoe")]
    assert {outcome.status for outcome in collected(github, tmp_path).values()} == {
        "unchanged",
        "missing",
        "unmatched",
    }


def test_a_repository_may_be_a_teams(github: FakeGitHub, tmp_path: Path) -> None:
    """Also where Classroom put a number behind the team's name; each member gets it."""
    roster = Roster([Student("eva", team="Ana GH"), Student("zoe", team="ana-gh")])
    source = find_repositories("curso", PREFIX, server_of(github), False, roster)
    places = Places(PREFIX, tmp_path / "submitted", tmp_path / "downloaded")
    outcomes = collect(source, places, roster, parse_deadline(DEADLINE))
    assert [(outcome.student, outcome.status) for outcome in outcomes[:2]] == [("eva", "new"), ("zoe", "new")]
    assert handed_in(tmp_path, "eva") == handed_in(tmp_path, "zoe") == NOTEBOOK + "ana-gh"


def test_the_time_of_the_push_decides(github: FakeGitHub, tmp_path: Path) -> None:
    """Not the date of the commit, which says that it was made in time; a push of another branch says nothing."""
    repository = github.root / f"curso/{PREFIX}-ana-gh.git"
    first = git(repository, "rev-parse", "main")
    forged = commit(repository, {f"{PREFIX}.ipynb": "forged"}, date=BEFORE)
    github.push(f"{PREFIX}-ana-gh", "2026-11-24T21:00:00Z", ZEROS, first)
    github.push(f"{PREFIX}-ana-gh", AFTER, first, forged)
    github.push(f"{PREFIX}-ana-gh", BEFORE, ZEROS, forged, branch="other")
    ana = collected(github, tmp_path)["ana"]
    assert (ana.origin, ana.clock, ana.late) == (first, "push", False)
    assert ana.notes == ("1 push after the deadline, not taken",)
    assert handed_in(tmp_path, "ana") == NOTEBOOK + "ana-gh"
    time_file = tmp_path / f"submitted/ana/{PREFIX}/timestamp.txt"
    assert time_file.read_text() == "2026-11-24 21:00:00.000000 UTC\n"
    ana = collected(github, tmp_path, late=True)["ana"]
    assert (ana.status, ana.origin, ana.late) == ("updated", forged, True)
    assert time_file.read_text() == "2026-11-24 23:30:00.000000 UTC\n"


def test_a_force_push_after_the_deadline_hides_nothing(github: FakeGitHub, tmp_path: Path) -> None:
    """The commit that was there is asked for by its id, although no branch leads to it any more."""
    repository = github.root / f"curso/{PREFIX}-ana-gh.git"
    there = git(repository, "rev-parse", "main")
    git(repository, "update-ref", "-d", "refs/heads/main")
    late = commit(repository, {f"{PREFIX}.ipynb": "rewritten"}, date=BEFORE)
    for number in range(5):
        github.push(f"{PREFIX}-ana-gh", f"2026-11-24T23:4{number}:00Z", there, late)
    github.push(f"{PREFIX}-ana-gh", "2026-11-24T21:00:00Z", ZEROS, there)
    assert collected(github, tmp_path)["ana"].origin == there
    assert handed_in(tmp_path, "ana") == NOTEBOOK + "ana-gh"


def test_a_memory_that_begins_late_is_believed_if_dates_agree(github: FakeGitHub, tmp_path: Path) -> None:
    """What the first late push started from was there before; not if its own commit is later than the deadline."""
    repository = github.root / f"curso/{PREFIX}-ana-gh.git"
    there = git(repository, "rev-parse", "main")
    second = commit(repository, {f"{PREFIX}.ipynb": "second"}, date=AFTER)
    third = commit(repository, {f"{PREFIX}.ipynb": "third"}, date=BEFORE)
    github.push(f"{PREFIX}-ana-gh", AFTER, there, third)
    assert collected(github, tmp_path)["ana"].origin == there
    github.activity.clear()
    github.push(f"{PREFIX}-ana-gh", AFTER, second, third)
    # The third commit, dated in time, is what the late push brought: it never counts.
    assert collected(github, tmp_path)["ana"].origin == there


def test_pushing_often_hides_nothing(github: FakeGitHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever pushes a thousand times after the deadline gets looked at."""
    monkeypatch.setattr("autograder.collect.github.MAX_PUSHES", 4)
    for _ in range(9):
        github.push(f"{PREFIX}-ana-gh", AFTER, "1" * 40, "1" * 40)
    ana = collected(github, tmp_path)["ana"]
    assert (ana.status, "look at it yourself" in ana.notes[0]) == ("unreachable", True)


def test_where_the_server_does_not_tell_commits_do(github: FakeGitHub, tmp_path: Path) -> None:
    """And the summary says which clock it was."""
    commit(github.root / f"curso/{PREFIX}-ana-gh.git", {f"{PREFIX}.ipynb": "late"}, date=AFTER)
    ana = collected(github, tmp_path)["ana"]
    assert (ana.clock, ana.notes) == ("commit", ("1 commit after the deadline, not taken",))
    assert handed_in(tmp_path, "ana") == NOTEBOOK + "ana-gh"


def test_nothing_on_time_is_no_submission(github: FakeGitHub, tmp_path: Path) -> None:
    """But no failure either."""
    github.push(f"{PREFIX}-ana-gh", AFTER, ZEROS, "1" * 40)
    outcomes = collected(github, tmp_path)
    assert (outcomes["ana"].status, outcomes["beto"].status) == ("not on time", "new")
    assert not (tmp_path / "submitted/ana").exists()


def test_the_token_goes_to_the_organisations_repositories_only(github: FakeGitHub, tmp_path: Path) -> None:
    """In a roster students may have typed addresses."""
    github.private = True
    other = make_repository(tmp_path / "server/otro/secret.git")
    commit(other, {"a": "the instructor's"})
    server = server_of(github)
    roster = Roster(
        [
            Student("ana", repository=f"{github.url}/curso/{PREFIX}-ana-gh.git"),
            Student("beto", repository=f"{github.url}/curso/{PREFIX}-beto"),
            Student("eva", repository=f"{github.url}/otro/secret.git"),
            Student("luz", repository=f"{github.url}/curso/../otro/secret.git"),
            Student("nil"),
        ]
    )
    source = roster_repositories(roster, "curso", server, False, local=False)
    places = Places(PREFIX, tmp_path / "submitted", tmp_path / "downloaded")
    outcomes = {outcome.student: outcome for outcome in collect(source, places, roster, None)}
    assert [outcomes[name].status for name in ("ana", "beto", "nil")] == ["new", "new", "missing"]
    # Only HTTPS is spoken to an address that is not the server's own.
    assert [outcomes[name].status for name in ("eva", "luz")] == ["refused", "refused"]
    assert {path.split("/")[1] for path, credential in github.requests if credential} == {"api", "curso"}
    assert not [path for path, _ in github.requests if "otro" in path]
    assert TOKEN not in "".join(
        path.read_text(errors="replace") for path in (tmp_path / "downloaded").rglob("*") if path.is_file()
    )


def test_a_redirect_is_not_followed(github: FakeGitHub, tmp_path: Path) -> None:
    """It would carry the token away."""
    with serve(FakeGitHub(github.root)) as elsewhere:
        path = f"/curso/{PREFIX}-ana-gh.git/info/refs"
        github.answers[path] = (301, {"Location": f"{elsewhere.url}{path}?service=git-upload-pack"}, "")
        assert collected(github, tmp_path)["ana"].status == "unreachable"
        assert elsewhere.requests == []


def test_a_private_server_needs_the_token(github: FakeGitHub, tmp_path: Path) -> None:
    """git uses it, without asking anybody."""
    github.private = True
    assert collected(github, tmp_path)["ana"].status == "new"
    mirror = Mirror(tmp_path / "a.git")
    with pytest.raises(CollectError, match=r"terminal prompts disabled|could not read Username"):
        mirror.fetch(f"{github.url}/curso/{PREFIX}-ana-gh.git", Access(("http",)))


RESET = int(time.time()) + 600
LIMIT = {"X-RateLimit-Limit": "60", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(RESET)}


@pytest.mark.parametrize(
    ("status", "headers", "message", "said"),
    [
        (401, {}, "Bad credentials", "the token in GITHUB_TOKEN or GH_TOKEN is refused"),
        (403, LIMIT, "API rate limit exceeded for user ID 1.", r"the rate limit is used up until \d\d:\d\d UTC"),
        (404, {}, "Not Found", "organisation curso. Received: not found. The token may not see it"),
        (403, {}, "Resource protected by organization SAML enforcement.", "status 403, Resource protected"),
        (500, {}, "oops", "status 500, oops"),
    ],
)
def test_errors_of_the_api_say_what_to_do(
    github: FakeGitHub, status: int, headers: dict[str, str], message: str, said: str
) -> None:
    """At once: a library that waits for the limit to end would sleep for an hour."""
    github.answers["/api/orgs/curso"] = (status, headers, {"message": message})
    began = time.monotonic()
    with pytest.raises(CollectError, match=said):
        GitHub(server_of(github)).repositories("curso")
    assert time.monotonic() - began < 10


def test_a_limit_that_ends_a_run_keeps_what_was_fetched(github: FakeGitHub, tmp_path: Path) -> None:
    """The others go on; the same command takes up the rest."""
    path = f"/api/repos/curso/{PREFIX}-beto/activity"
    github.answers[path] = (403, LIMIT, {"message": "API rate limit exceeded"})
    outcomes = collected(github, tmp_path)
    assert (outcomes["ana"].status, outcomes["beto"].status) == ("new", "unreachable")
    assert "run the same command again then" in outcomes["beto"].notes[0]
    del github.answers[path]
    outcomes = collected(github, tmp_path)
    assert (outcomes["ana"].status, outcomes["beto"].status) == ("unchanged", "new")


def test_a_server_that_is_not_there_is_said_so() -> None:
    """With its address, not with a traceback."""
    with pytest.raises(CollectError, match=r"expected an answer from http://127\.0\.0\.1:9/api"):
        GitHub(Server("http://127.0.0.1:9/api", "http://127.0.0.1:9")).repositories("curso")


def test_no_repository_of_the_prefix_is_wrong_usage(github: FakeGitHub) -> None:
    """With how many there are."""
    with pytest.raises(UsageError, match="none among 5 that the public can see"):
        find_repositories("curso", "09_nada", server_of(github, ""), False, None)
    with pytest.raises(UsageError, match="a column repository"):
        roster_repositories(ROSTER, "", Server(), False, local=False)


def test_two_repositories_of_one_student_are_a_conflict(github: FakeGitHub, tmp_path: Path) -> None:
    """GitHub Classroom adds a number to the name of the second; a login may end in a number, too."""
    for name in ("beto-1", "luz-1"):
        commit(make_repository(github.root / f"curso/{PREFIX}-{name}.git"), {f"{PREFIX}.ipynb": NOTEBOOK})
    outcomes = collected(github, tmp_path)
    assert [outcomes[name].status for name in ("ana", "beto", "luz")] == ["new", "conflict", "new"]
    assert outcomes["beto"].notes == (
        f"{PREFIX}-beto: one of 2 hand-ins of this student",
        f"{PREFIX}-beto-1: one of 2 hand-ins of this student",
    )


def test_the_server_is_the_environments(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in GitHub's own workflows; a token does not travel in the open."""
    for name in ("GITHUB_API_URL", "GITHUB_SERVER_URL", "GITHUB_TOKEN", "GH_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    assert Server.from_environment() == Server("https://api.github.com", "https://github.com", "")
    monkeypatch.setenv("GH_TOKEN", "b")
    assert Server.from_environment().token == "b"
    monkeypatch.setenv("GITHUB_TOKEN", "a")
    monkeypatch.setenv("GITHUB_API_URL", "https://git.uni.example/api/v3/")
    assert Server.from_environment() == Server("https://git.uni.example/api/v3", "https://github.com", "a")
    for url in ("http://git.uni.example", "ftp://a", "https://a@b.example", "git.uni.example"):
        monkeypatch.setenv("GITHUB_SERVER_URL", url)
        with pytest.raises(UsageError, match="expected an address https"):
            Server.from_environment()


def test_a_source_without_hand_ins_is_all_missing(tmp_path: Path) -> None:
    """Everybody of the roster."""
    places = Places(PREFIX, tmp_path / "submitted", tmp_path / "downloaded")
    assert [item.status for item in collect(Source("x", ()), places, ROSTER, None)] == ["missing"] * 3

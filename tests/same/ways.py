"""The ways by which a class is graded: each gets a copy of the repository and returns points by submission."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path

from autograder.course.assignments import ROOT
from benchmarks.cluster import Scene, wait_for_slots
from tests.helpers.collecting import BEFORE, commit, make_repository
from tests.helpers.github_server import TOKEN, FakeGitHub, serve
from tests.helpers.gradescope_container import lay_out, run_autograder
from tests.helpers.workflow_runner import Job, run_job
from tests.same.repository import Points, Repository

__all__ = ["WAYS"]

_GRADED = (0, 3)
"""Exit statuses of `grade`: 3 says that somebody got no grade."""
_WORKFLOW = ROOT / ".github/workflows/class.yml"


def _grade(repository: Repository) -> Points:
    repository.run("autograder", "grade", "submitted", "--json", "reports.json", expect=_GRADED)
    return _of_reports(repository.root / "reports.json")


def _gradebook(repository: Repository) -> Points:
    for assignment in repository.chosen:
        repository.run("nbgrader", "generate_assignment", assignment)
    repository.run("autograder", "grade", "submitted", "--gradebook", expect=_GRADED)
    return repository.earned()


def _autograde(repository: Repository) -> Points:
    for assignment in repository.chosen:
        repository.run("nbgrader", "generate_assignment", assignment)
        # Status 1 says that somebody got no grade.
        repository.run("nbgrader", "autograde", assignment, expect=(0, 1))
    return repository.earned()


def _workflow(repository: Repository) -> Points:
    """Grade by the commands of the class workflow's three jobs, from students' repositories at a stand-in of GitHub."""
    root = repository.root
    github = FakeGitHub(root / "github/server", private=True, per_page=100)
    logins = {name: name.replace("_", "-") for _, name in repository.hand_ins}
    for assignment, name in repository.hand_ins:
        title = f"{assignment}-{logins[name]}"
        bare = make_repository(root / f"github/server/curso/{title}.git")
        github.push(title, BEFORE, "0" * 40, commit(bare, repository.handed_in(assignment, name)))
    shutil.rmtree(repository.submitted)
    (root / "class").mkdir()
    rows = "".join(f"{name},{login}\n" for name, login in logins.items())
    (root / "class/roster.csv").write_text(f"id,github\n{rows}", encoding="utf-8")
    # What was due within the last day is collected.
    deadline = (datetime.now(timezone.utc) - timedelta(hours=1)).isoformat(timespec="seconds")
    rows = "".join(f"{assignment},curso/{assignment},{deadline}\n" for assignment in repository.chosen)
    (root / "class/deadlines.csv").write_text(f"assignment,repositories,deadline\n{rows}", encoding="utf-8")
    prefix = subprocess.check_output([repository.python, "-c", "import sys; print(sys.prefix)"], text=True).strip()
    (root / ".venv").symlink_to(prefix)
    home = root / "home"
    home.mkdir()

    def job(name: str, values: dict[str, str], skip: tuple[str, ...] = ()) -> Job:
        environment = {"GITHUB_API_URL": f"{github.url}/api", "GITHUB_SERVER_URL": github.url, **_shared()}
        done = run_job(_WORKFLOW, name, root, home, values=values, skip=skip, environment=environment)
        assert done.status == 0, done.printed[-6000:]
        return done

    with serve(github):
        values = {"inputs.assignment": "", "vars.CLASS_FOLDER": "class", "secrets.CLASS_READ_TOKEN": TOKEN}
        plan = job("collect", values).outputs["plan.plan"]
        (root / "parts").rename(root / "artifacts")
        for part in json.loads(plan):
            # A job's machine begins with the artifacts of the jobs before; it leaves none of them.
            shutil.copytree(root / "artifacts", root / "parts", dirs_exist_ok=True)
            job("grade", {"matrix.part": part})
        values = {"needs.collect.outputs.plan": plan, "vars.CLASS_FOLDER": "class"}
        job("publish", values, skip=("Give each student the report",))
    return _of_reports(root / "graded/reports.json")


def _gradescope(repository: Repository) -> Points:
    """Run the archive for Gradescope on each submission, in the layout of its containers."""
    points: Points = {}
    for assignment, names in repository.chosen.items():
        archive = repository.root / f"{assignment}.zip"
        # From the repository itself: an archive follows no links.
        repository.run("autograder", "gradescope", assignment, str(archive), folder=ROOT)
        for name in names:
            folder = repository.root / "containers" / assignment / name
            container = lay_out(folder, archive, repository.handed_in(assignment, name))
            done, results = run_autograder(container, repository.python, **_shared())
            if results is None and "not the student's fault" not in done.stderr:
                said = f"{done.stdout[-2000:]}{done.stderr[-4000:]}"
                raise AssertionError(f"expected results for {assignment}/{name}. Received: {said}")
            points[f"{assignment}/{name}"] = results["score"] if results is not None and results["tests"] else None
            shutil.rmtree(folder)
    return points


def _cluster(repository: Repository) -> Points:
    """Grade on a scheduler and a worker of this machine."""
    folder = repository.root / "cluster"
    folder.mkdir()
    chosen, python = list(repository.chosen), repository.python
    with Scene(1, folder, hosts=False, assignments=chosen, python=python, root=repository.root) as scene:
        wait_for_slots(scene)
        arguments = ("grade", "submitted", "--cluster", scene.address, "--json", "reports.json")
        repository.run("autograder", *arguments, expect=_GRADED)
    return _of_reports(repository.root / "reports.json")


def _regrade(repository: Repository) -> Points:
    """Grade, change the grader so that every check is asked again, and grade from the records.

    A worker is asked where the time was up, and for networks that are larger than a record keeps of one answer.
    """
    points = _grade(repository)
    with (repository.root / "autograder/report.py").open("a", encoding="utf-8") as stream:
        stream.write("# Another version of the grader.\n")
    repository.run("autograder", "regrade", "submitted", "--json", "changes.json", expect=_GRADED)
    said = json.loads((repository.root / "changes.json").read_text(encoding="utf-8"))
    graded = sum(value is not None for value in points.values())
    if not 0 < said["from_records"] <= graded:
        raise AssertionError(f"expected some of {graded} from records. Received: {said['from_records']}")
    changes = {f"{change['assignment']}/{change['submission']}": change["to"] for change in said["changes"]}
    return {**points, **changes}


WAYS: dict[str, Callable[[Repository], Points]] = {
    "grade": _grade,
    "grade --gradebook": _gradebook,
    "nbgrader autograde": _autograde,
    "class workflow": _workflow,
    "Gradescope": _gradescope,
    "grade --cluster": _cluster,
    "regrade": _regrade,
}
"""By the name in the table; the first one is what the others are held against."""


def _of_reports(path: Path) -> Points:
    said = json.loads(path.read_text(encoding="utf-8"))
    reports = said if isinstance(said, list) else [said]
    return {f"{report['assignment']}/{report['submission']}": report["score"] for report in reports}


def _shared() -> dict[str, str]:
    """Return what all graders of a class must have in common: the secret and the data."""
    return {name: os.environ[name] for name in ("CNN_SECRET", "CNN_DATA")}

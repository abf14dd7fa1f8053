"""The verb, from notebooks to JSON, page and flags."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.cli import main
from autograder.course.assignments import find_assignments
from autograder.course.notebooks import write_notebook
from autograder.course.roster import Roster, Student
from autograder.course.sample import build_notebook
from autograder.grading.kept import Graded
from autograder.intake.submissions import look_for_submissions
from autograder.report import Report
from autograder.similarity import dismissed
from autograder.similarity.flags import flag_similar_code
from benchmarks.similar_answers import disguise, honest_answer

pytestmark = pytest.mark.usefixtures("in_english")

NAME = "02_convolucion"


@pytest.fixture(scope="module")
def submitted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a class of six: ``copy`` has the work of ``ana`` under other names; one name is hostile."""
    folder = tmp_path_factory.mktemp("similar") / "submitted"
    works = {name: honest_answer(seed) for seed, name in enumerate(["ana", "beto", "<b>caro", "dani", "eva"], start=20)}
    works["copy"] = {cell: disguise(source, "renamed, reordered", 4) for cell, source in works["ana"].items()}
    for name, answers in works.items():
        text = "\n".join(f"# %% {cell}\n{source}" for cell, source in answers.items())
        write_notebook(build_notebook(NAME, text), folder / name / NAME / f"{NAME}.ipynb")
    return folder


@pytest.fixture(autouse=True)
def decisions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep decisions in a file of the test's own."""
    file = tmp_path / "dismissed.json"
    for function in (dismissed.read_dismissals, dismissed.dismiss):
        defaults = tuple(file if one == dismissed.DECISIONS else one for one in function.__defaults__ or ())
        monkeypatch.setattr(function, "__defaults__", defaults)
    return file


def pairs_of(submitted: Path, tmp_path: Path, *more: str) -> list[dict[str, object]]:
    """Return what ``--json`` holds."""
    target = tmp_path / "pairs.json"
    assert main(["similar", str(submitted), "--json", str(target), *more]) == 0
    content = json.loads(target.read_text(encoding="utf-8"))
    assert content["schema"] == 1
    return list(content["pairs"])


def test_json_holds_the_copy_and_the_ten_nearest_others(submitted: Path, tmp_path: Path) -> None:
    """Exactly the promised keys; of 15 pairs eleven are told."""
    pairs = pairs_of(submitted, tmp_path)
    assert [pair["submissions"] for pair in pairs if pair["flagged"]] == [["ana", "copy"]]
    assert len(pairs) == 11
    assert all(list(pair) == ["kind", "assignment", "submissions", "flagged", "score", "where"] for pair in pairs)
    first = pairs[0]
    assert (first["kind"], first["assignment"]) == ("code", NAME)
    assert 0.48 < float(str(first["score"])) <= 1
    assert set(first["where"]) <= {"kernels", "pad2d", "conv2d", "convolve2d", "conv-layer", "max-pool2d"}  # type: ignore[call-overload]


def test_the_page_explains_the_pair_and_is_harmless(submitted: Path, tmp_path: Path) -> None:
    """A graph, a sentence, marked lines side by side, how to dismiss it; no script, names escaped."""
    assert main(["similar", str(submitted), "--html", str(tmp_path / "web")]) == 0
    page = (tmp_path / "web" / "index.html").read_text(encoding="utf-8")
    assert '<svg class="graph"' in page
    assert "ana and copy share" in page
    assert "one honest pair in 10,000" in page
    assert page.count("<mark>") > 10
    assert f"similar --dismiss ana copy --assignment {NAME} --by WHO --why TEXT" in page
    assert "<script" not in page
    assert "<b>caro" not in page
    assert "&lt;b&gt;caro" in page


def test_a_dismissed_pair_is_not_flagged_again(submitted: Path, tmp_path: Path, decisions: Path) -> None:
    """It is still told, as not flagged."""
    assert main(["similar", "--dismiss", "copy", "ana", "--by", "Ruiz", "--why", "a team"]) == 0
    assert json.loads(decisions.read_text(encoding="utf-8"))[0]["why"] == "a team"
    pairs = pairs_of(submitted, tmp_path)
    assert not any(pair["flagged"] for pair in pairs)
    assert ["ana", "copy"] in [pair["submissions"] for pair in pairs]


def test_last_year_is_a_reference(submitted: Path, tmp_path: Path) -> None:
    """A student who handed in last year's work is flagged with the folder's name before the other's."""
    only = tmp_path / "now"
    (only / "nuevo" / NAME).mkdir(parents=True)
    (only / "nuevo" / NAME / f"{NAME}.ipynb").write_bytes((submitted / "copy" / NAME / f"{NAME}.ipynb").read_bytes())
    pairs = pairs_of(only, tmp_path, "--against", str(submitted))
    flagged = [pair["submissions"] for pair in pairs if pair["flagged"]]
    assert sorted(map(str, flagged)) == ["['nuevo', 'submitted/ana']", "['nuevo', 'submitted/copy']"]


def test_usage_errors_say_what_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    """No place, or a place beside --dismiss."""
    assert main(["--lang", "en", "similar"]) == 2
    assert "expected at least one place" in capsys.readouterr().err
    assert main(["--lang", "en", "similar", "x", "--dismiss", "a", "b"]) == 2
    assert "without places" in capsys.readouterr().err


def test_reports_of_a_class_are_flagged_and_keep_their_points(submitted: Path) -> None:
    """Both of the pair, each with the other's name; a team of one roster is not."""
    assignments = find_assignments()
    submissions = look_for_submissions([submitted], assignments).submissions
    results = [Graded(one, Report(NAME, one.name, 7.0, 10.0)) for one in submissions]
    flagged = [one.report for one in flag_similar_code(results, assignments)]
    told = {one.submission: one.flags for one in flagged if one.flags}
    assert sorted(told) == ["ana", "copy"]
    (flag,) = told["ana"]
    assert (flag["kind"], flag["others"]) == ("similar-code", ["copy"])
    assert all(one.score == 7.0 for one in flagged)
    roster = Roster([Student("ana", team="Grupo 1"), Student("copy", team="grupo-1")])
    assert flag_similar_code(results, assignments, roster) == results


def test_a_class_that_has_not_changed_is_not_compared_again(
    submitted: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One other hand-in, another decision or another team, and it is."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assignments = find_assignments()
    submissions = look_for_submissions([submitted], assignments).submissions
    results = [Graded(one, Report(NAME, one.name, 7.0, 10.0), f"key {one.name}") for one in submissions]
    compared = flag_similar_code(results, assignments)
    assert sum(bool(one.report.flags) for one in compared) == 2
    with monkeypatch.context() as unread:
        unread.delattr("autograder.similarity.works.read_works")
        assert flag_similar_code(results, assignments) == compared
        other = [replace(results[0], fingerprint="another"), *results[1:]]
        roster = Roster([Student("ana", team="Grupo 1"), Student("copy", team="grupo-1")])
        for changed, people in ((other, None), (results, roster)):
            with pytest.raises(ImportError):
                flag_similar_code(changed, assignments, people)

"""What nbgrader calls before or after it converts notebooks, and the configuration that tells it to."""

from __future__ import annotations

from pathlib import Path

from traitlets.config import Config, PyFileConfigLoader
from traitlets.utils.importstring import import_item

from autograder.course.assignments import ROOT
from autograder.course.release import PREPROCESSORS
from autograder.nbgrader.hooks import remove_unreleased
from autograder.nbgrader.preprocessors import unsettled
from autograder.report import Check, Report


def configuration() -> Config:
    return PyFileConfigLoader("nbgrader_config.py", path=str(ROOT)).load_config()


def test_nbgrader_releases_by_the_steps_of_release() -> None:
    """And once saves the cells, with their hidden tests, and the checksums of those."""
    from nbgrader.preprocessors import ComputeChecksums, SaveCells

    steps = [import_item(name) for name in configuration().GenerateAssignment.preprocessors]
    place = steps.index(SaveCells)
    assert steps[place - 1] is ComputeChecksums
    assert tuple(steps[: place - 1] + steps[place + 1 :]) == PREPROCESSORS


def test_only_what_release_gives_stays_in_the_release(tmp_path: Path) -> None:
    """nbgrader copies everything that lies beside the source notebook."""
    folder = tmp_path / "assignments/tp"
    for name in ("tp.ipynb", "gato.png", "más/gato.png", "solution.py", "old.ipynb", "models/cnn.keras", ".secret"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("")
    remove_unreleased(assignment="tp", student=".", notebooks=["source/./tp/tp.ipynb"], root=tmp_path)
    left = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))
    assert left == ["gato.png", "más", "más/gato.png", "tp.ipynb"]


def test_what_was_measured_on_a_sample_or_not_at_all_waits_for_a_person() -> None:
    """A grade cell whose accuracy is not the one of the whole test set is no settled grade in the gradebook."""
    checks = [
        Check("a::x", "a", "", "passed", 3, 3),
        Check("b::x", "b", "", "skipped", 0, 0),
        Check("c::x", "c", "", "skipped", 0, 2),
    ]
    flags = [{"kind": "data-sample", "message": "", "grade_id": "a"}, {"kind": "timeout", "message": ""}]
    assert unsettled(Report("05_cifar10", "ana", 3, 5, checks=checks, flags=flags)) == {"a", "b"}

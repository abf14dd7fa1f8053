"""What model files say of themselves, held against the class and the dates that somebody set."""

from __future__ import annotations

import json
import shutil
import zipfile
from datetime import datetime, timezone
from pathlib import Path

from autograder.audit.files import Written, file_flags, read_files
from autograder.course.assignments import ROOT, find_assignments
from autograder.intake.submissions import find_submissions
from autograder.settings import Settings

NAME = "04_mnist"
CNN = "models/cnn.keras"
OPENS = datetime(2026, 10, 5, tzinfo=timezone.utc)


def written(
    name: str, day: str = "2026-11-20", version: str = "3.15", path: str = CNN, handed_in: datetime | None = None
) -> Written:
    """Return what a file of a student says."""
    date = datetime.fromisoformat(f"{day}T12:00:00+00:00") if day else None
    return Written(name, NAME, path, version, date, handed_in)


def told(files: list[Written], opens: datetime | None = None) -> dict[str, list[str]]:
    """Return the messages by student."""
    found = file_flags(files, {NAME: opens})
    return {name: [str(flag["message"]) for flag in flags] for (_, name), flags in found.items()}


CLASS = [written(f"student-{number}") for number in range(6)]


def test_an_ordinary_class_is_told_nothing() -> None:
    """Nor is one whose files say nothing."""
    assert told(CLASS, OPENS) == {}
    assert told([written(f"s{number}", "", "") for number in range(6)], OPENS) == {}


def test_a_file_older_than_its_assignment_is_told() -> None:
    """The day on which it was handed out may have begun elsewhere already."""
    found = told([*CLASS, written("ana", "2026-10-03"), written("beto", "2026-10-04")], OPENS)
    assert found == {
        "ana": [
            f"{CNN} was written on 2026-10-03, before the assignment began (2026-10-05). Ask whose work it is: an "
            "earlier year's, perhaps."
        ]
    }


def test_without_a_date_of_the_assignment_the_class_says_what_is_old() -> None:
    """Two months before half of it; a class of four says nothing."""
    (message,) = told([*CLASS, written("ana", "2026-09-01")])["ana"]
    assert message.startswith(f"{CNN} was written on 2026-09-01, half of the class's after 2026-11-20.")
    assert told([*CLASS, written("ana", "2026-10-01")]) == {}
    assert told([*CLASS[:3], written("ana", "2020-01-01")]) == {}


def test_a_file_written_after_it_was_handed_in_is_told() -> None:
    """Some hours are a difference of zones."""
    at = datetime(2026, 11, 20, 3, tzinfo=timezone.utc)
    assert told([*CLASS, written("ana", handed_in=at)]) == {}
    (message,) = told([*CLASS, written("ana", "2026-11-23", handed_in=at)])["ana"]
    assert "after it was handed in (2026-11-20 03:00)" in message


def test_another_version_than_the_classs_or_the_students_own_is_told() -> None:
    """A class without a usual version says nothing about the others."""
    (message,) = told([*CLASS, written("ana", version="3.4")])["ana"]
    assert message.startswith(f"{CNN} was written by Keras 3.4, the class's by 3.15.")
    mixed = [written(f"s{number}", version=f"3.{number}") for number in range(6)]
    assert told(mixed) == {}
    both = told([written("ana"), written("beto", version="3.4"), written("beto", path="models/mlp.keras")])
    assert [message.split("Ask")[0] for message in both["beto"]] == [
        f"{CNN} was written by Keras 3.4, other models of the same student by 3.15. ",
        "models/mlp.keras was written by Keras 3.15, other models of the same student by 3.4. ",
    ]


def test_files_are_read_in_the_sandbox_and_nothing_in_them_is_believed(tmp_path: Path) -> None:
    """Version and date of a real file; of a forged one nothing, and of a damaged one nothing."""
    for variant in ("perfect", "almost", "hostile_model"):
        place = tmp_path / "submitted" / variant / NAME
        shutil.copytree(ROOT / "tests/submissions" / NAME / variant / "models", place / "models")
        shutil.copy(ROOT / "assignments" / NAME / f"{NAME}.ipynb", place)
    (tmp_path / "submitted/perfect" / NAME / "timestamp.txt").write_text("2026-11-25 02:59:00.000000 UTC")
    forged = tmp_path / "submitted/almost" / NAME / CNN
    with zipfile.ZipFile(forged) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    parts["metadata.json"] = json.dumps({"keras_version": "<b>3", "date_saved": ["x"] * 1000}).encode()
    with zipfile.ZipFile(forged, "w") as new:
        for name, content in parts.items():
            new.writestr(name, content)
    assignments = find_assignments()
    found = read_files(find_submissions([tmp_path / "submitted"], assignments), assignments, Settings())
    by_place = {(one.submission, one.path): one for one in found}
    real = by_place["perfect", CNN]
    assert real.version.startswith("3.")
    assert str(real.date) > "2026"
    assert real.handed_in == datetime(2026, 11, 25, 2, 59, tzinfo=timezone.utc)
    assert (by_place["almost", CNN].version, by_place["almost", CNN].date) == ("", None)
    assert (by_place["hostile_model", "models/softmax.keras"].version, by_place["almost", CNN].handed_in) == ("", None)

"""Archives of Moodle and Canvas, and those that students pack inside them."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta, timezone
from pathlib import Path

import pytest

from autograder.collect import Places, canvas, collect, moodle, parse_deadline
from autograder.collect.lms import open_download
from autograder.collect.outcome import Outcome
from autograder.collect.staging import Limits
from autograder.collect.worksheet import read_worksheet
from autograder.course.roster import Roster, Student
from autograder.errors import UsageError
from tests.helpers.collecting import DEADLINE, NOTEBOOK, make_zip

NAME = "04_mnist"
ZONE = timezone(timedelta(hours=-3))
ROSTER = Roster(
    [
        Student("ana", "Ana", "Muñoz", "ana@u.example", canvas_id="901"),
        Student("beto", "Beto", "O'Paz", "beto@u.example", canvas_id="902"),
        Student("eva", "Eva", "Sol", "eva@u.example", canvas_id="903"),
    ]
)
WORKSHEET = """Identifier,"Full name","Email address",Status,Grade,"Maximum Grade","Last modified (submission)"
"Participant 1001","Ana Muñoz",ana@u.example,"Submitted for grading",,10.00,"Tuesday, 24 November 2026, 7:59 PM"
"Participant 1002","Beto O'Paz",beto@u.example,"Submitted for grading",,10.00,"martes, 24 de noviembre de 2026, 20:01"
"Participant 1003","Eva Sol",eva@u.example,"No submission",,10.00,-
"""


def packed(files: dict[str, str | bytes]) -> bytes:
    """Return an archive, as a student packs one."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def from_moodle(
    tmp_path: Path,
    files: dict[str, str | bytes],
    worksheet: str = "",
    roster: Roster | None = ROSTER,
    limits: Limits | None = None,
) -> dict[str, Outcome]:
    participants = None
    if worksheet:
        (tmp_path / "grades.csv").write_text(worksheet, encoding="utf-8-sig")
        participants = read_worksheet(tmp_path / "grades.csv", ZONE)
    with open_download(make_zip(tmp_path / "download.zip", files)) as archive:
        source = moodle.find_submissions(archive, participants)
        places = Places(NAME, tmp_path / "submitted", tmp_path / "downloaded", names=("softmax", "mlp", "cnn"))
        found = collect(source, places, roster, parse_deadline(DEADLINE), limits)
    return {outcome.student: outcome for outcome in found}


def from_canvas(tmp_path: Path, files: dict[str, str | bytes]) -> dict[str, Outcome]:
    with open_download(make_zip(tmp_path / "submissions.zip", files)) as archive:
        places = Places(NAME, tmp_path / "submitted", tmp_path / "downloaded", names=("softmax", "mlp", "cnn"))
        found = collect(canvas.find_submissions(archive), places, ROSTER, parse_deadline(DEADLINE))
    return {outcome.student: outcome for outcome in found}


def present(tmp_path: Path, student: str) -> dict[str, bytes]:
    folder = tmp_path / "submitted" / student / NAME
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    "prefix",
    [
        "{}_{}_assignsubmission_file_/",
        "{}_{}_assignsubmission_file/",
        "{}_{}_assignsubmission_file_",
    ],
)
def test_moodles_names_are_understood(tmp_path: Path, prefix: str) -> None:
    """With folders, old and new, and without; without a worksheet nobody knows when it was."""
    outcomes = from_moodle(
        tmp_path,
        {
            prefix.format("Ana Muñoz", 1001) + "04_mnist.ipynb": "ana",
            prefix.format("Ana Muñoz", 1001) + "cnn.keras": "model",
            prefix.format("OPaz Beto", 1002) + "my_tp_2.ipynb": "beto",
            "Eva Sol_1003_assignsubmission_onlinetext_/onlinetext.html": "<p>",
        },
    )
    assert present(tmp_path, "ana") == {"04_mnist.ipynb": b"ana", "models/cnn.keras": b"model"}
    assert present(tmp_path, "beto") == {"04_mnist.ipynb": b"beto"}
    assert [outcome.status for outcome in outcomes.values()] == ["new", "new", "missing"]
    assert (outcomes["ana"].late, outcomes["ana"].time) == (None, None)


def test_the_worksheet_knows_the_time_and_the_names(tmp_path: Path) -> None:
    """In English and Spanish, in the zone of the deadline; a blind download becomes readable."""
    outcomes = from_moodle(
        tmp_path,
        {
            "Participant_1001_assignsubmission_file/04_mnist.ipynb": "a",
            "Participante_1002_assignsubmission_file/04_mnist.ipynb": "b",
            "Participant_1009_assignsubmission_file/04_mnist.ipynb": "c",
        },
        WORKSHEET,
    )
    assert [outcomes[name].late for name in ("ana", "beto")] == [False, True]
    assert present(tmp_path, "ana")["timestamp.txt"] == b"2026-11-24 22:59:00.000000 UTC\n"
    assert present(tmp_path, "beto")["timestamp.txt"] == b"2026-11-24 23:01:00.000000 UTC\n"
    assert outcomes["Participant_1009"].status == "unmatched"


def test_students_who_call_themselves_like_another_are_told_apart_by_the_worksheet(tmp_path: Path) -> None:
    """A name can be edited; the address is the university's."""
    files: dict[str, str | bytes] = {
        "Ana Muñoz_1001_assignsubmission_file/04_mnist.ipynb": "a",
        "Ana Muñoz_1002_assignsubmission_file/04_mnist.ipynb": "b",
    }
    outcomes = from_moodle(tmp_path, files)
    assert {name: outcome.status for name, outcome in outcomes.items()} == {
        "ana": "conflict",
        "beto": "missing",
        "eva": "missing",
    }
    assert not (tmp_path / "submitted/ana").exists()
    from_moodle(tmp_path, files, WORKSHEET)
    assert (present(tmp_path, "ana")["04_mnist.ipynb"], present(tmp_path, "beto")["04_mnist.ipynb"]) == (b"a", b"b")


def test_canvas_names_are_understood(tmp_path: Path) -> None:
    """By the user's number first; late is late, by a second; of two uploads the newest counts."""
    outcomes = from_canvas(
        tmp_path,
        {
            "muñozana_901_5001_04_mnist.ipynb": "old",
            "muñozana_901_5009_04_mnist-1.ipynb": "new",
            "muñozana_901_5003_cnn-12.keras": "model",
            "muñozana_901_5004_foto-1.png": "1",
            "muñozana_901_5005_foto-2.png": "2",
            "opazbeto_LATE_999_5002_entrega.ipynb": "beto",
            "solana_888_5006_04_mnist.ipynb": "nobody",
            "soleva_903_text.html": "<p>",
        },
    )
    assert present(tmp_path, "ana") == {
        "04_mnist.ipynb": b"new",
        "models/cnn.keras": b"model",
        "foto-1.png": b"1",
        "foto-2.png": b"2",
    }
    assert outcomes["ana"].notes == ("left out 04_mnist.ipynb: muñozana_901_5009_04_mnist-1.ipynb was uploaded later",)
    assert (outcomes["ana"].late, outcomes["beto"].late, outcomes["eva"].status) == (False, True, "missing")
    assert present(tmp_path, "beto") == {
        "04_mnist.ipynb": b"beto",
        "timestamp.txt": b"2026-11-24 23:00:01.000000 UTC\n",
    }
    assert outcomes["solana_888"].status == "unmatched"


def test_an_anonymous_canvas_download_is_nobodys(tmp_path: Path) -> None:
    """With what to do."""
    outcomes = from_canvas(
        tmp_path, {"anon_aB3x9_5001_04_mnist.ipynb": "a", "anon_LATE_bB3x9_5002_04_mnist.ipynb": "b"}
    )
    unmatched = [outcome for outcome in outcomes.values() if outcome.status == "unmatched"]
    assert len(unmatched) == 2
    assert "show the students' names in Canvas" in unmatched[0].notes[0]


def test_other_archives_are_wrong_usage(tmp_path: Path) -> None:
    """Those of another platform, and what is none."""
    path = make_zip(tmp_path / "a.zip", {"04_mnist.ipynb": "a"})
    with open_download(path) as archive:
        with pytest.raises(UsageError, match="as Moodle calls them"):
            moodle.find_submissions(archive)
        with pytest.raises(UsageError, match="as Canvas calls them"):
            canvas.find_submissions(archive)
    (tmp_path / "b.zip").write_bytes(b"no")
    for name in ("b.zip", "nothing.zip"):
        with pytest.raises(UsageError, match="expected"):
            open_download(tmp_path / name)


FOLDER = "Ana Muñoz_1001_assignsubmission_file/"
BETO = {"Beto OPaz_1002_assignsubmission_file/04_mnist.ipynb": NOTEBOOK}


def test_an_archive_that_a_student_packed_is_opened(tmp_path: Path) -> None:
    """The folder of its notebook is the submission, and what was handed in beside it counts."""
    inner = packed({"tp/": "", "tp/04_mnist.ipynb": "n", "tp/img/a.png": "p", "__MACOSX/tp/._04_mnist.ipynb": "x"})
    outcomes = from_moodle(tmp_path, {FOLDER + "tp.zip": inner, FOLDER + "cnn.keras": "m"})
    assert present(tmp_path, "ana") == {"04_mnist.ipynb": b"n", "img/a.png": b"p", "models/cnn.keras": b"m"}
    assert outcomes["ana"].notes == ()


@pytest.mark.parametrize(
    ("inner", "status", "said"),
    [
        ({"../../../../evil.ipynb": "x", "04_mnist.ipynb": "n"}, "new", "its path leads out of its folder"),
        ({"04_mnist.ipynb": "n", "deeper.zip": packed({"a": "x"})}, "new", "it is an archive inside an archive"),
        ({"04_mnist.ipynb": "n", "a.tar.gz": "x"}, "new", "archives other than .zip are not read"),
        ({"04_mnist.ipynb": "n", "04_MNIST.ipynb": "x"}, "new", "upper and lower case"),
        ({"bomb": bytes(70 << 20), "04_mnist.ipynb": "n"}, "refused", "how zip bombs look"),
        ({f"{number}.txt": "" for number in range(1_500)}, "refused", "at most 1000 files"),
        ({f"{number}/": "" for number in range(2_100)}, "refused", "at most 2000 files"),
    ],
)
def test_a_hostile_archive_costs_its_student_and_nobody_else(
    tmp_path: Path, inner: dict[str, str | bytes], status: str, said: str
) -> None:
    """The others are collected, nothing is written anywhere else, and the reason is said."""
    outcomes = from_moodle(tmp_path, {FOLDER + "tp.zip": packed(inner), **BETO})
    assert (outcomes["ana"].status, outcomes["beto"].status) == (status, "new")
    assert said in " ".join(outcomes["ana"].notes)
    assert not list(tmp_path.rglob("*evil*"))
    assert not (tmp_path / "submitted/.collecting").exists()


def test_damaged_archives_are_said_so(tmp_path: Path) -> None:
    """The notebook beside one still counts."""
    broken = packed({"a": "x" * 100})[:-30]
    outcomes = from_moodle(tmp_path, {FOLDER + "tp.zip": broken, FOLDER + "04_mnist.ipynb": "n", **BETO})
    assert outcomes["ana"].status == "new"
    assert "expected a zip archive that can be read. Received: tp.zip" in outcomes["ana"].notes[0]


def test_an_archive_that_is_too_large_is_never_unpacked(tmp_path: Path) -> None:
    """Packed it is bounded as any file."""
    inner = packed({"04_mnist.ipynb": bytes(range(256)) * 10_000})
    limits = Limits(file_bytes=1 << 10)
    outcomes = from_moodle(tmp_path, {FOLDER + "tp.zip": inner, **BETO}, limits=limits)
    assert outcomes["ana"].status == "refused"
    assert "archives of at most" in outcomes["ana"].notes[0]
    assert outcomes["beto"].status == "new"


def test_a_refused_hand_in_leaves_the_earlier_one(tmp_path: Path) -> None:
    """And says so."""
    from_moodle(tmp_path, {FOLDER + "04_mnist.ipynb": "first"})
    outcomes = from_moodle(tmp_path, {FOLDER + "a.txt": "no notebook"})
    assert (outcomes["ana"].status, outcomes["ana"].notes[1]) == ("refused", "what was collected earlier stays")
    assert present(tmp_path, "ana") == {"04_mnist.ipynb": b"first"}

"""Archives of Moodle and Canvas, and those that students pack inside them."""

from __future__ import annotations

import io
import os
import struct
import unicodedata
import zipfile
import zlib
from dataclasses import replace
from datetime import timedelta, timezone
from pathlib import Path

import pytest

from autograder.collect import Places, canvas, collect, moodle, parse_deadline
from autograder.collect.lms import open_download
from autograder.collect.outcome import Outcome
from autograder.collect.staging import Limits
from autograder.collect.worksheet import Worksheet, read_worksheet
from autograder.course.roster import Roster, Student
from autograder.errors import UsageError
from tests.helpers.collecting import DEADLINE, NOTEBOOK, make_unflagged_zip, make_zip

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
    return from_download(tmp_path, make_zip(tmp_path / "download.zip", files), participants, roster, limits)


def from_download(
    tmp_path: Path,
    download: Path,
    worksheet: Worksheet | None = None,
    roster: Roster | None = ROSTER,
    limits: Limits | None = None,
) -> dict[str, Outcome]:
    with open_download(download) as archive:
        source = moodle.find_submissions(archive, worksheet, roster)
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


@pytest.mark.parametrize("top", ["", "CNN-04_mnist-77/", "a/b/c/"])
def test_an_archive_that_was_packed_again_has_folders_on_top(tmp_path: Path, top: str) -> None:
    """And what macOS leaves in it, which is nobody's and no file of another name."""
    outcomes = from_moodle(
        tmp_path,
        {
            f"{top}Ana Muñoz_1001_assignsubmission_file_/04_mnist.ipynb": "a",
            f"{top}Ana Muñoz_1001_assignsubmission_file_/img/a.png": "p",
            f"{top}Beto OPaz_1002_assignsubmission_file_04_mnist.ipynb": "b",
            f"__MACOSX/{top}._Ana Muñoz_1001_assignsubmission_file_": "x",
            f"{top}.DS_Store": "x",
        },
    )
    assert [outcome.status for outcome in outcomes.values()] == ["new", "new", "missing"]
    assert present(tmp_path, "ana") == {"04_mnist.ipynb": b"a", "img/a.png": b"p"}
    assert present(tmp_path, "beto") == {"04_mnist.ipynb": b"b"}


def test_canvas_archives_are_packed_again_too(tmp_path: Path) -> None:
    """With a folder on top of what Canvas names."""
    outcomes = from_canvas(tmp_path, {"submissions/muñozana_901_5001_04_mnist.ipynb": "a", "__MACOSX/._x": "x"})
    assert [outcome.status for outcome in outcomes.values()] == ["new", "missing", "missing"]


def test_a_group_of_moodle_stands_before_the_student(tmp_path: Path) -> None:
    """Each member has a folder with the group's files; hyphens may be in both names."""
    files: dict[str, str | bytes] = {
        "Grupo-1-Ana Muñoz_1001_assignsubmission_file_/04_mnist.ipynb": "a",
        "Grupo-1-Beto O'Paz_1002_assignsubmission_file_/04_mnist.ipynb": "a",
        "Default group-Eva Sol_1003_assignsubmission_file_/04_mnist.ipynb": "e",
    }
    outcomes = from_moodle(tmp_path, files)
    assert [outcome.status for outcome in outcomes.values()] == ["new", "new", "new"]
    assert [outcome.team for outcome in outcomes.values()] == ["Grupo-1", "Grupo-1", "Default group"]
    assert outcomes["ana"].notes == ("with beto, team Grupo-1",)
    assert [outcome.participant for outcome in outcomes.values()] == ["1001", "1002", "1003"]


def test_a_hyphen_alone_makes_no_group(tmp_path: Path) -> None:
    """Among others without one, or with one who is in the roster, it is a name that nobody guesses about."""
    for other in ("Eva Sol", "Eva-Sol"):
        outcomes = from_moodle(
            tmp_path,
            {
                "Luz-Ana Muñoz_1001_assignsubmission_file_/04_mnist.ipynb": "a",
                f"{other}_1003_assignsubmission_file_/04_mnist.ipynb": "e",
            },
        )
        assert outcomes["Luz-Ana Muñoz_1001"].status == "unmatched"
        assert outcomes["ana"].status == "missing"


def test_moodle_grants_more_time_and_names_groups_in_its_worksheet(tmp_path: Path) -> None:
    """In the status; then who is late depends on the person."""
    late = "Wednesday, 25 November 2026, 8:00 AM"
    granted = "Extension granted until: Friday, 27 November 2026, 8:00 PM"
    head = WORKSHEET.partition("\n")[0].replace("Status,", "Status,Group,")
    rows = [
        f'"Participant 100{number}",{name},{name}@u.example,"{status}",G,,10.00,"{late}"'
        for number, name, status in (
            (1, "ana", "Submitted for grading"),
            (2, "beto", granted),
            (3, "eva", "Plazo ampliado hasta: 27 de noviembre de 2026, 20:00"),
        )
    ]
    files: dict[str, str | bytes] = {
        f"G-{name}_100{number}_assignsubmission_file_/04_mnist.ipynb": name
        for number, name in ((1, "Ana Muñoz"), (2, "Beto O'Paz"), (3, "Eva Sol"))
    }
    outcomes = from_moodle(tmp_path, files, "\n".join([head, *rows, ""]))
    assert [outcome.late for outcome in outcomes.values()] == [True, False, False]
    assert [outcome.team for outcome in outcomes.values()] == ["G", "G", "G"]
    assert outcomes["eva"].notes == ("extension until 2026-11-27 20:00",)


def test_a_group_of_canvas_is_found_by_its_member_or_its_name(tmp_path: Path) -> None:
    """The file bears the group's name and the number of one of them."""
    roster = Roster([replace(student, team="Grupo 1") for student in ROSTER.students[:2]])
    for number, user in enumerate(("902", "77")):
        place = tmp_path / str(number)
        place.mkdir()
        with open_download(make_zip(place / "s.zip", {f"grupo1_{user}_5_04_mnist.ipynb": "g"})) as archive:
            places = Places(NAME, place / "submitted", place / "downloaded")
            outcomes = collect(canvas.find_submissions(archive), places, roster, None)
        assert [(outcome.student, outcome.status) for outcome in outcomes] == [("ana", "new"), ("beto", "new")]
        assert present(place, "ana") == present(place, "beto") == {"04_mnist.ipynb": b"g"}


def test_a_student_cannot_pack_a_folder_of_another_ones_name(tmp_path: Path) -> None:
    """The outermost name is the platform's."""
    inside = f"{FOLDER}Beto OPaz_1002_assignsubmission_file/04_mnist.ipynb"
    outcomes = from_moodle(tmp_path, {inside: "a"})
    assert [outcome.status for outcome in outcomes.values()] == ["new", "missing", "missing"]
    assert present(tmp_path, "ana") == {"04_mnist.ipynb": b"a"}


def test_a_folder_is_taken_in_the_place_of_its_archive(tmp_path: Path) -> None:
    """Safari unpacks what it downloads; what is no regular file in it stays there, unopened."""
    download = tmp_path / "CNN-04_mnist-77"
    place = download / unicodedata.normalize("NFD", "Ana Muñoz_1001_assignsubmission_file_")
    (place / "img").mkdir(parents=True)
    (place / "04_mnist.ipynb").write_text("a")
    (place / "img/a.png").write_text("p")
    (place / "tp.zip").write_bytes(packed({"models/cnn.keras": "m"}))
    (place / "link.txt").symlink_to("/etc/passwd")
    (place / "img/etc").symlink_to("/etc")
    os.mkfifo(place / "pipe.txt")
    raw = os.fsencode(download) + "/Beto ÓPaz_1002_assignsubmission_file".encode("cp850")
    os.mkdir(raw)
    with open(raw + b"/04_mnist.ipynb", "w") as file:
        file.write("b")
    outcomes = from_download(tmp_path, download)
    assert present(tmp_path, "ana") == {"04_mnist.ipynb": b"a", "img/a.png": b"p", "models/cnn.keras": b"m"}
    assert present(tmp_path, "beto") == {"04_mnist.ipynb": b"b"}
    assert set(outcomes["ana"].notes) == {
        "left out link.txt: it is a link",
        "left out img/etc: it is a link",
        "left out pipe.txt: it is no regular file",
    }
    assert not (tmp_path / "downloaded" / NAME / "archive").exists()


@pytest.mark.parametrize(
    ("encoding", "form"), [("utf-8", "NFC"), ("utf-8", "NFD"), ("cp850", "NFC"), ("cp1252", "NFC")]
)
def test_names_without_a_flag_are_read_in_both_layers(tmp_path: Path, encoding: str, form: str) -> None:
    """As macOS and Windows pack them; what a student's archive holds gets the names that the notebook uses."""

    def name(text: str) -> bytes:
        return unicodedata.normalize(form, text).encode(encoding)

    inner = make_unflagged_zip(tmp_path / "tp.zip", {b"04_mnist.ipynb": "a", name("imágenes/ñandú.png"): "p"})
    prefix = "Ana Muñoz_1001_assignsubmission_file_/"
    download = make_unflagged_zip(tmp_path / "d.zip", {name(f"{prefix}tp.zip"): inner.read_bytes()})
    assert from_download(tmp_path, download)["ana"].status == "new"
    assert present(tmp_path, "ana") == {"04_mnist.ipynb": b"a", "imágenes/ñandú.png": b"p"}


def test_the_name_in_utf8_beside_another_one_counts(tmp_path: Path) -> None:
    """Info-ZIP writes it into an extra field, bound to the other name."""
    raw = b"Ana Mu?oz_1001_assignsubmission_file_04_mnist.ipynb"
    name = "Ana Muñoz_1001_assignsubmission_file_04_mnist.ipynb".encode()
    for number, checksum in enumerate((zlib.crc32(raw), 1)):
        extra = struct.pack("<2HBL", 0x7075, 5 + len(name), 1, checksum) + name
        download = make_unflagged_zip(tmp_path / f"{number}.zip", {raw: "a"}, extra)
        with open_download(download) as archive:
            assert archive.members[0].name.encode() == (name, raw)[number]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"Rar!\x1a\x07\x00rest", "a RAR archive, no zip archive"),
        (b"7z\xbc\xaf\x27\x1c", "a 7z archive, no zip archive"),
        (b"\x1f\x8b\x08", "a gzip archive, no zip archive"),
        (b"\n<!DOCTYPE HTML>", "a web page, no zip archive"),
        (b"", "an empty file"),
        (packed({"04_mnist.ipynb": "x" * 100})[:-30], "a zip archive that was cut off"),
        (b"nothing", "a file that is no zip archive"),
    ],
)
def test_what_is_no_archive_is_named_also_where_nothing_else_came(tmp_path: Path, content: bytes, said: str) -> None:
    """With its name and what it is: the student can do something about it."""
    outcomes = from_moodle(tmp_path, {FOLDER + "entrega.zip": content, **BETO})
    assert (outcomes["ana"].status, outcomes["beto"].status) == ("refused", "new")
    assert outcomes["ana"].notes == (
        "expected a notebook, 04_mnist.ipynb. Received: nothing that can be taken.",
        f"expected a zip archive that can be read. Received: entrega.zip ({said}).",
    )


@pytest.mark.parametrize("ending", ["txt", "json", "TXT"])
def test_a_notebook_that_a_browser_saved_as_text_is_taken(tmp_path: Path, ending: str) -> None:
    """And said, for nbgrader's exchange would not; a real one is better."""
    outcomes = from_moodle(tmp_path, {f"{FOLDER}04_mnist.ipynb.{ending}": "a", f"{FOLDER}a.png": "p"})
    assert present(tmp_path, "ana") == {"04_mnist.ipynb": b"a", "a.png": b"p"}
    assert outcomes["ana"].notes == (
        f"04_mnist.ipynb.{ending} was taken for the notebook; its name should end in .ipynb",
    )
    from_moodle(tmp_path, {f"{FOLDER}04_mnist.ipynb.{ending}": "a", f"{FOLDER}mine.ipynb": "b"})
    assert present(tmp_path, "ana")["04_mnist.ipynb"] == b"b"


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

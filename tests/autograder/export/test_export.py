"""Grades handed on: from a real gradebook and from reports, as each system imports them."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from autograder.cli import main
from autograder.course.assignments import ROOT
from autograder.course.roster import Roster, Student
from autograder.course.roster_file import read_roster
from autograder.errors import UsageError
from autograder.export import FORMATS, Assignment, Entry, GradeTable, export, read_grades, with_roster
from autograder.export.spreadsheet import EXCEL, to_csv
from autograder.report import Report, to_json

# nbgrader's add_submission makes SQLAlchemy say so.
pytestmark = [
    pytest.mark.usefixtures("in_english"),
    pytest.mark.filterwarnings("ignore:Object of type <Submitted"),
]

ONE, TWO = "01_imagen_digital", "02_convolucion"
ROSTER = """id,first_name,last_name,email,github,canvas_id,sis_id,login,section
ana,Ana,Muñoz,ana@u.example,ana-gh,98,S1,amunoz,A
beto,Beto,"=cmd|'/C calc'!A0",beto@u.example,,,,,
eva,Eva,Paz,eva@u.example,,,,,
nadie,Nadie,,nadie@u.example,,,,,
"""


@pytest.fixture(scope="module")
def gradebook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ana is graded and late, Beto's answer in words waits for a person, Eva got a real zero, Nadie did nothing."""
    path = tmp_path_factory.mktemp("course") / "grade book?.db"
    place = path.with_name("gradebook.db")
    due = datetime(2026, 11, 1, 12)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
        with Gradebook(f"sqlite:///{place}") as book:
            for student, first, last in (("ana", "Ana", "Muñoz"), ("beto", "Beto", None), ("eva", "Eva", "Paz")):
                book.add_student(student, first_name=first, last_name=last, email=f"{student}@u.example")
            book.add_student("nadie", email="nadie@u.example", lms_user_id="77")
            for name in (ONE, TWO):
                book.add_assignment(name, duedate=due if name == TWO else None)
                book.add_notebook(name, name)
                book.add_grade_cell("code", name, name, max_score=4, cell_type="code")
                book.add_grade_cell("why", name, name, max_score=6, cell_type="markdown")
            for student, auto, manual in (("ana", 1 / 3, 5.5), ("beto", 4, None), ("eva", 0, 0)):
                submission = book.add_submission(TWO, student)
                submission.timestamp = due + timedelta(hours=1, minutes=2, seconds=3) * (student == "ana")
                book.find_grade("code", TWO, TWO, student).auto_score = auto
                book.find_grade("why", TWO, TWO, student).manual_score = manual
            book.find_submission_notebook(TWO, TWO, "ana").late_submission_penalty = 0.75
            book.find_submission_notebook(TWO, TWO, "eva").late_submission_penalty = 1
            book.add_submission(ONE, "ana")
            book.db.commit()
    # An address with a blank and a question mark must work, too.
    return place.rename(path)


def parsed(table: GradeTable, form: str) -> list[list[str]]:
    separator = ";" if form == "excel" else ","
    return list(csv.reader(io.StringIO(export(table, form)[0].removeprefix("\ufeff")), delimiter=separator))


def test_every_submission_of_a_gradebook_has_its_points(gradebook: Path) -> None:
    """Penalties are taken off, a zero is a zero, and what waits for a person is empty."""
    table = read_grades([gradebook])
    assert [(item.name, item.max_score) for item in table.assignments] == [(ONE, 10), (TWO, 10)]
    scores = {student.id: table.score(student, table.assignments[1]) for student in table.students}
    assert scores == {"ana": pytest.approx(1 / 3 + 5.5 - 0.75), "beto": None, "eva": 0, "nadie": None}
    assert table.entries["ana", ONE].score is None
    assert ("nadie", TWO) not in table.entries
    assert table.entries["ana", TWO].seconds_late == 3723


def test_an_export_does_not_touch_the_gradebook(gradebook: Path) -> None:
    """Not a byte, not a course, not a file beside it."""
    before = gradebook.read_bytes(), sorted(gradebook.parent.iterdir())
    read_grades([gradebook])
    assert (gradebook.read_bytes(), sorted(gradebook.parent.iterdir())) == before


def test_csv_has_the_columns_of_nbgrader(gradebook: Path) -> None:
    """A row for each student and assignment, whether handed in or not."""
    header, *rows = parsed(read_grades([gradebook]).only([TWO]), "csv")
    expected = "assignment,duedate,timestamp,student_id,last_name,first_name,email"
    assert ",".join(header) == f"{expected},raw_score,late_submission_penalty,score,max_score"
    late, due = "2026-11-01 13:02:03 +0000", "2026-11-01 12:00:00 +0000"
    assert sorted(rows, key=lambda row: row[3]) == [
        [TWO, due, late, "ana", "Muñoz", "Ana", "ana@u.example", "5.83", "0.75", "5.08", "10"],
        [TWO, due, due, "beto", "", "Beto", "beto@u.example", "", "", "", "10"],
        [TWO, due, due, "eva", "Paz", "Eva", "eva@u.example", "0", "1", "0", "10"],
        [TWO, due, "", "nadie", "", "", "nadie@u.example", "", "", "", "10"],
    ]


def test_canvas_knows_every_student_and_the_possible_points(gradebook: Path, tmp_path: Path) -> None:
    """The columns by which Canvas finds students come first and in its order, then the row of points."""
    table = with_roster(read_grades([gradebook]), _roster(tmp_path)).titled({TWO: "TP 2 (1234)"})
    assert parsed(table, "canvas") == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", ONE, "TP 2 (1234)"],
        ["Points Possible", "", "", "", "", "10", "10"],
        ["Muñoz, Ana", "98", "S1", "amunoz", "A", "", "5.08"],
        ["'=cmd|'/C calc'!A0, Beto", "", "", "beto", "", "", ""],
        ["Paz, Eva", "", "", "eva", "", "", "0"],
        ["Nadie", "", "", "nadie", "", "", ""],
    ]
    without_roster = parsed(read_grades([gradebook]), "canvas")
    assert ["nadie", "77", "", "", "", "", ""] in without_roster


def test_moodle_gets_the_columns_of_its_own_export(gradebook: Path) -> None:
    """ID number and e-mail address identify, a column for each assignment."""
    header, *rows = parsed(read_grades([gradebook]), "moodle")
    assert header == ["First name", "Last name", "ID number", "Email address", ONE, TWO]
    assert ["Ana", "Muñoz", "ana", "ana@u.example", "", "5.08"] in rows
    assert ["Eva", "Paz", "eva", "eva@u.example", "", "0"] in rows


def test_moodle_cannot_mistake_a_student_for_the_one_before() -> None:
    """A row without what identifies its student would overwrite the grade of the row before."""
    students = (Student("ana", email="a@u.example"), Student("beto"), Student("eva"))
    entries = {("ana", TWO): Entry(1, 1), ("beto", TWO): Entry(2, 2)}
    table = GradeTable((Assignment(TWO, TWO, 10),), students, entries)
    text, problems = export(table, "moodle")
    assert text == f"First name,Last name,ID number,Email address,{TWO}\n,,ana,a@u.example,1\n"
    assert problems == ("beto has no e-mail address, by which Moodle knows the others.",)
    nobody = replace(table, students=students[1:], entries={})
    assert export(nobody, "moodle") == (f"First name,Last name,ID number,{TWO}\n,,beto,\n,,eva,\n", ())


def test_gradescope_has_a_file_for_one_assignment_and_one_for_several(gradebook: Path) -> None:
    """As its own downloads have."""
    table = read_grades([gradebook])
    header, *rows = parsed(table.only([TWO]), "gradescope")
    assert ",".join(header[:8]) == "First Name,Last Name,SID,Email,Sections,Total Score,Max Points,Status"
    assert header[8:] == ["Submission ID", "Submission Time", "Lateness (H:M:S)", "View Count", "Submission Count"]
    found = {row[2]: row[5:8] + row[9:11] for row in rows}
    assert found["ana"] == ["5.08", "10", "Graded", "2026-11-01 13:02:03 +0000", "01:02:03"]
    assert found["beto"] == ["", "10", "Ungraded", "2026-11-01 12:00:00 +0000", "00:00:00"]
    assert found["nadie"] == ["", "10", "Missing", "", ""]
    header, *rows = parsed(table, "gradescope")
    assert header[9:] == [TWO, *(f"{TWO} - {name}" for name in ("Max Points", "Submission Time", "Lateness (H:M:S)")),
                          "Total Lateness (H:M:S)"]  # fmt: skip
    assert next(row[9:] for row in rows if row[2] == "ana") == [
        "5.08", "10", "2026-11-01 13:02:03 +0000", "01:02:03", "01:02:03",
    ]  # fmt: skip


def test_gradescopes_file_is_a_roster(gradebook: Path, tmp_path: Path) -> None:
    """It can be uploaded there, and read here."""
    (tmp_path / "g.csv").write_text(export(read_grades([gradebook]), "gradescope")[0], encoding="utf-8")
    found = read_roster(tmp_path / "g.csv").find("id", "ana")
    assert found == Student("ana", "Ana", "Muñoz", "ana@u.example")


@pytest.mark.parametrize("form", FORMATS)
def test_every_form_is_rectangular_and_has_every_student_once(gradebook: Path, form: str) -> None:
    """Moodle refuses anything else."""
    rows = parsed(read_grades([gradebook]).only([TWO]), form)
    assert len({len(row) for row in rows}) == 1
    assert sum("nadie" in row for row in rows) == 1


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+54 11", "'+54 11"),
        ("-x", "'-x"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'=1"),
        ("\r\n=1", "'=1"),
        ("＝1", "'＝1"),
        ("Ana;=cmd()", "Ana;'=cmd()"),
        ('Ana";=cmd()', "Ana\";'=cmd()"),
        ("Ana,  @x", "Ana, '@x"),
        ("Muñoz-Pérez", "Muñoz-Pérez"),
        ("ana+tp@u.example", "ana+tp@u.example"),
        ("Ana\x00\u202e\nB", "Ana� B"),
    ],
)
def test_no_name_is_a_formula(name: str, written: str) -> None:
    """Also for a spreadsheet that splits at semicolons, as those of Spanish-speaking countries do."""
    assert list(csv.reader(io.StringIO(to_csv([[name, "x"]])))) == [[written, "x"]]


def test_points_have_a_decimal_point() -> None:
    """And no more digits than people read; None is empty, 0 is 0."""
    assert to_csv([[0.1 + 0.2, 1 / 3, 10.0, 0.0, None, -0.001]]) == "0.3,0.33,10,0,,0\n"


def test_a_spreadsheet_opens_names_and_numbers_as_its_country_writes_them(gradebook: Path) -> None:
    """A mark that says UTF-8; a comma before decimals makes lists of semicolons."""
    table = read_grades([gradebook]).only([TWO])
    plain = parsed(table, "csv")
    comma, _ = export(table, "excel")
    assert comma.startswith("\ufeffassignment;duedate;timestamp;student_id;last_name;")
    assert [[cell.replace(",", ".") for cell in row] for row in parsed(table, "excel")] == plain
    assert ";Muñoz;Ana;ana@u.example;5,83;0,75;5,08;10\n" in comma
    point, _ = export(table, "excel-point")
    assert point == "\ufeff" + export(table, "csv")[0]
    assert to_csv([["=1;=2", "a;b", 0.5]], EXCEL) == '\ufeff"\'=1;\'=2";"a;b";0,5\n'


def test_an_export_for_a_spreadsheet_is_a_roster(gradebook: Path, tmp_path: Path) -> None:
    """What was exported can be read again."""
    students = replace(read_grades([gradebook]).only([TWO]))
    text = export(students, "excel")[0].replace("student_id", "id", 1)
    (tmp_path / "g.csv").write_text(text, encoding="utf-8")
    assert read_roster(tmp_path / "g.csv").find("id", "ana") == Student("ana", "Ana", "Muñoz", "ana@u.example")


def test_who_handed_in_nothing_is_empty_without_a_word(tmp_path: Path) -> None:
    """Of reports that name those students; a report without a grade is another thing."""
    missing = [{"kind": "missing", "message": "The student handed in nothing."}]
    reports = [Report(TWO, "ana", 5.5, 10), Report(TWO, "luz", None, 10, flags=missing), Report(ONE, "luz", 1, 8)]
    (tmp_path / "r.json").write_text(to_json(reports), encoding="utf-8")
    table = read_grades([tmp_path / "r.json"])
    assert set(table.entries) == {("ana", TWO), ("luz", ONE)}
    assert [student.id for student in table.students] == ["ana", "luz"]
    assert export(table, "csv")[1] == ()


def test_a_team_gives_its_points_to_each_member() -> None:
    """But for those who have their own; a team that nobody is of is told as any other."""
    roster = Roster([Student(name, team="Grupo 1") for name in ("ana", "luz")] + [Student("eva", team="Grupo 2")])
    names = {"grupo-1": 8.0, "luz": 5.0, "Grupo 3": 1.0}
    table = GradeTable(
        (Assignment(TWO, TWO, 10),),
        tuple(Student(name) for name in names),
        {(name, TWO): Entry(score, score) for name, score in names.items()},
    )
    merged = with_roster(table, roster)
    assert {key: entry.score for key, entry in merged.entries.items()} == {("ana", TWO): 8.0, ("luz", TWO): 5.0}
    assert merged.problems == (f"Grupo 3 ({TWO}) is not in the roster.",)


def test_nbgraders_own_export_writes_the_same(gradebook: Path, tmp_path: Path) -> None:
    """With its real command and this repository's configuration: no grade is empty there, too."""
    shutil.copy(ROOT / "nbgrader_config.py", tmp_path)
    shutil.copy(gradebook, tmp_path / "gradebook.db")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(tmp_path), "JUPYTER_NO_CONFIG": "1"}
    command = [sys.executable, "-m", "nbgrader", "export", f"--assignment=['{TWO}']", "--to=x.csv"]
    command += ["--GradeExport.form=moodle", "--student=['ana','beto']"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "x.csv").read_text(encoding="utf-8").splitlines()[1:] == [
        "Beto,,beto,beto@u.example,",
        "Ana,Muñoz,ana,ana@u.example,5.08",
    ]
    assert "1 of the submissions have no grade" in done.stderr


def test_reports_give_the_same_table(tmp_path: Path) -> None:
    """Of several files; a grade counts before none, then the later file."""
    first = [Report(TWO, "ana", 3, 10), Report(TWO, "beto", 4, 10), Report("", "who", None, 0)]
    second = [Report(TWO, "ana", 5.5, 10), Report(TWO, "beto", None, 10), Report(ONE, "eva", None, 8)]
    paths = [tmp_path / "1.json", tmp_path / "2.json"]
    for path, reports in zip(paths, (first, second)):
        path.write_text(to_json(reports), encoding="utf-8")
    table = read_grades(paths)
    assert {key: entry.score for key, entry in table.entries.items()} == {
        ("ana", TWO): 5.5, ("beto", TWO): 4, ("eva", ONE): None,
    }  # fmt: skip
    assert [(item.name, item.max_score) for item in table.assignments] == [(ONE, 8), (TWO, 10)]
    assert table.problems == ("who is of an unknown assignment.",)


def test_submissions_find_their_student_by_any_name_of_theirs() -> None:
    """By id, login, e-mail address; what belongs to nobody, or twice to somebody, is told and left out."""
    roster = Roster([Student("1", "Ana", github="ana-gh"), Student("2", "Beto", email="b@u.example"), Student("3")])
    names = {"ANA-GH": 5.0, "b@u.example": None, "stranger": 1.0, "1": 6.0, "2": 3.0}
    table = GradeTable(
        (Assignment(TWO, TWO, 10),),
        tuple(Student(name) for name in names),
        {(name, TWO): Entry(score, score) for name, score in names.items()},
    )
    merged = with_roster(table, roster)
    assert merged.students == roster.students
    assert {key: entry.score for key, entry in merged.entries.items()} == {("2", TWO): 3.0}
    assert merged.problems == (
        f"stranger ({TWO}) is not in the roster.",
        f"1 has two grades for {TWO}: none was taken.",
    )


@pytest.mark.parametrize(
    "content", [b"", b"[]x", b'{"schema": 9}', b"[3]", b"SQLite format 3\x00 no more", b'{"schema": 1}']
)
def test_what_holds_no_grades_is_wrong_usage(tmp_path: Path, content: bytes) -> None:
    """With the file and the reason."""
    path = tmp_path / "x"
    path.write_bytes(content)
    with pytest.raises(UsageError, match="expected a gradebook") as caught:
        read_grades([path])
    assert str(path) in str(caught.value)


def test_another_database_is_no_gradebook(tmp_path: Path) -> None:
    """And stays as it is."""
    path = tmp_path / "x.db"
    with sqlite3.connect(path) as database:
        database.execute("create table x (y)")
    before = path.read_bytes()
    with pytest.raises(UsageError, match="nbgrader db upgrade"):
        read_grades([path])
    assert path.read_bytes() == before
    with pytest.raises(UsageError, match="expected one gradebook"):
        read_grades([path, path])


def test_the_command_writes_a_file_and_says_what_is_missing(
    gradebook: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Status 3 where something has no grade, 0 where all have one, 2 for wrong usage."""
    (tmp_path / "roster.csv").write_text(ROSTER + "otro,Otro,,,,,,,\n", encoding="utf-8")
    output = tmp_path / "new/grades.csv"
    arguments = ["export", str(gradebook), "--format", "canvas", "--roster", str(tmp_path / "roster.csv")]
    assert main([*arguments, "--output", str(output)]) == 3
    assert "2 of the submissions have no grade" in capsys.readouterr().err
    assert output.read_text(encoding="utf-8").startswith("Student,ID,")
    report = tmp_path / "r.json"
    report.write_text(json.dumps(Report(TWO, "ana", 5.5, 10).as_dict()), encoding="utf-8")
    arguments = ["export", str(report), "--format", "canvas", "--title", f"{TWO}=TP 2 (1234)"]
    assert main([*arguments, "--assignment", TWO]) == 0
    assert capsys.readouterr().out == (
        "Student,ID,SIS User ID,SIS Login ID,Section,TP 2 (1234)\nPoints Possible,,,,,10\nana,,,ana,,5.5\n"
    )
    assert main([*arguments, "--assignment", "99"]) == 2
    assert f"expected one of {TWO}. Received: 99" in capsys.readouterr().err
    assert main(["export", "--format", "csv", str(tmp_path / "none.db")]) == 2
    with pytest.raises(SystemExit):
        main([*arguments, "--title", "x"])


def _roster(tmp_path: Path) -> Roster:
    (tmp_path / "roster.csv").write_text(ROSTER, encoding="utf-8")
    return read_roster(tmp_path / "roster.csv")


def test_the_documentation_shows_what_the_command_prints(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every session of docs/export.md, with the files that it shows."""
    (session,) = re.findall(r"```console\n(.*?)```", (ROOT / "docs/export.md").read_text(encoding="utf-8"), re.DOTALL)
    monkeypatch.chdir(tmp_path)
    Path("reports.json").write_text(to_json([Report(TWO, "ana", 7.5, 10), Report(TWO, "bpaz", None, 10)]))
    commands = [part.partition("\n") for part in session.split("$ ")[1:]]
    assert len(commands) == 3
    for command, _, shown in commands:
        if command.startswith("cat "):
            Path(command.removeprefix("cat ")).write_text(shown, encoding="utf-8")
        else:
            assert main(shlex.split(command)[3:]) == 3
            assert capsys.readouterr().out == shown

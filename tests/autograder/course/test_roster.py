"""Rosters: the files of five systems, what spreadsheets do to them, and names."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from autograder.course.roster import Roster, Student
from autograder.course.roster_file import read_roster
from autograder.errors import UsageError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "roster.csv"


def read(path: Path, text: str, encoding: str = "utf-8") -> Roster:
    path.write_bytes(text.encode(encoding))
    return read_roster(path)


ANA = Student("ana", "Ana", "Muñoz", "ana@u.example", "ana-gh", "4711", "98", "S1", "amunoz", "A")
OWN = (
    "id,first_name,last_name,email,github,moodle_id,canvas_id,sis_id,login,section\n"
    "ana,Ana,Muñoz,ana@u.example,ana-gh,4711,98,S1,amunoz,A\n"
    "beto,Beto,,,,,,,,\n"
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_every_column_is_read_as_any_spreadsheet_writes_it(path: Path, encoding: str, delimiter: str) -> None:
    """Spanish Excel separates with semicolons and writes Windows-1252."""
    roster = read(path, OWN.replace(",", delimiter).replace("\n", "\r\n"), encoding)
    assert list(roster) == [ANA, Student("beto", "Beto")]
    assert len(roster) == 2


EXPORTED = {
    "github-classroom": (
        'identifier,github_username,github_id,name\nana,ana-gh,7,"Muñoz, Ana"\n',
        Student("ana", "Ana", "Muñoz", github="ana-gh"),
    ),
    "nbgrader": (
        "id,first_name,last_name,email,lms_user_id\nana,Ana,Muñoz,a@u.example,98\n",
        Student("ana", "Ana", "Muñoz", "a@u.example", canvas_id="98"),
    ),
    "moodle": (
        "First name,Last name,Username,ID number,Email address\nAna,Muñoz,am,ana,a@u.example\n",
        Student("ana", "Ana", "Muñoz", "a@u.example"),
    ),
    "moodle-spanish": (
        "Nombre;Apellido(s);Número de ID;Dirección de correo\nAna;Muñoz;ana;a@u.example\n",
        Student("ana", "Ana", "Muñoz", "a@u.example"),
    ),
    "moodle-worksheet": (
        "Identifier,Full name,Email address,Status,Grade\nParticipant 4711,Ana Muñoz,a@u.example,,\n",
        Student("a@u.example", "Ana Muñoz", "", "a@u.example", moodle_id="4711"),
    ),
    "canvas": (
        'Student,ID,SIS User ID,SIS Login ID,Section,TP (12)\n    Points Possible,,,,,10\n"Muñoz, Ana",98,S1,ana,A,\n',
        Student("ana", "Ana", "Muñoz", canvas_id="98", sis_id="S1", login="ana", section="A"),
    ),
    "gradescope": (
        "First Name,Last Name,SID,Email,Sections\nAna,Muñoz,ana,a@u.example,A\n",
        Student("ana", "Ana", "Muñoz", "a@u.example", section="A"),
    ),
    "github": ("github\nana\n", Student("ana", github="ana")),
    "classroom50": (
        "username,first_name,last_name,email,section,github_id\nana-m,Ana,Muñoz,a@u.example,A,1234\n",
        Student("ana-m", "Ana", "Muñoz", "a@u.example", github="ana-m", section="A"),
    ),
    "canvas-without-sis": (
        'Student,ID,Section,TP 1 (123)\n,,,Manual Posting\n    Points Possible,,,10\n"Muñoz Pérez, Ana",98,A,7\n',
        Student("98", "Ana", "Muñoz Pérez", canvas_id="98", section="A"),
    ),
    "canvas-spanish": (
        'Estudiante,ID,Sección,TP 1 (123)\n    Puntos posibles,,,10\n"Muñoz, Ana",98,A,7\n',
        Student("98", "Ana", "Muñoz", canvas_id="98", section="A"),
    ),
    "moodle-mexican": (
        "Nombre,Apellido(s),Nombre_de_usuario,Número ID,Dirección Email\nAna,Muñoz,am,ana,a@u.example\n",
        Student("ana", "Ana", "Muñoz", "a@u.example"),
    ),
    "two-surnames": (
        "Matrícula,Apellido paterno,Apellido materno,Nombres\nA1,Muñoz,Pérez,Ana\n",
        Student("A1", "Ana", "Muñoz Pérez"),
    ),
    "excel": ("sep=;\nid;first_name\nana;Ana\n", Student("ana", "Ana")),
}


@pytest.mark.parametrize(("text", "student"), EXPORTED.values(), ids=EXPORTED.keys())
def test_what_other_systems_export_is_a_roster(path: Path, text: str, student: Student) -> None:
    """Each by its own column names; a lacking id is the next best name of the student."""
    assert list(read(path, text)) == [student]


def test_a_student_is_found_by_any_field(path: Path) -> None:
    """Upper and lower case alike; an empty field and one that two share find nobody."""
    roster = read(path, OWN)
    assert roster.find("github", "Ana-GH") == ANA
    assert roster.find("email", " ANA@U.example ") == ANA
    assert roster.find("moodle_id", "4711") == ANA
    assert roster.find("moodle_id", "47") is None
    assert roster.find("github", "") is None
    assert Roster([Student("n\u0303andu")]).owners("\u00d1andu") == [Student("n\u0303andu")]
    twice = Roster([Student("a", section="x"), Student("b", section="x")])
    assert twice.find("section", "x") is None


@pytest.mark.parametrize("name", ["Ana Muñoz", "MUÑOZ, ANA", "munozana", "ana_muñoz", "Mun\u0303oz Ana"])
def test_a_student_is_found_by_name(path: Path, name: str) -> None:
    """Whatever the order, the accents and the punctuation."""
    roster = read(path, OWN)
    assert roster.named(name) == [ANA]
    assert roster.named("") == roster.named("?!") == roster.named("Ana") == []


def test_two_students_of_one_name_are_both_found() -> None:
    """Nobody gets the other's work."""
    twins = [Student("a1", "Ana", "Paz"), Student("a2", "Paz", "Ana")]
    assert Roster(twins).named("Ana Paz") == twins


def test_names_are_shown_in_both_orders() -> None:
    """And a student without a name is called by the id."""
    assert (ANA.name, ANA.sortable_name) == ("Ana Muñoz", "Muñoz, Ana")
    assert (Student("x").name, Student("x").sortable_name) == ("x", "x")


def test_the_apostrophe_of_a_formula_is_no_part_of_a_name(path: Path) -> None:
    """Our own files write it: see `autograder.export`."""
    assert read(path, "id,name\nana,'=1+1\n").students[0].name == "=1+1"
    assert read(path, "id,name\nana,'t Hooft\n").students[0].name == "'t Hooft"


def test_staff_is_left_out_and_named(path: Path) -> None:
    """Whoever teaches too, and Canvas's test student, would be missing at every deadline."""
    roster = read(
        path,
        "Nombre,Apellido(s),Dirección de correo,Roles\nAna,Paz,a@u.example,Estudiante\n"
        'Eva,Sol,e@u.example,Profesor\nLuz,Mar,l@u.example,"Estudiante, Ayudante"\n',
    )
    assert [student.id for student in roster] == ["a@u.example", "l@u.example"]
    assert roster.notes == ("roster.csv: left out as no students: Eva Sol (Profesor)",)
    canvas = read(path, 'Student,ID,Section\n"Paz, Luz",99,A\n"Student, Test",100,A\n')
    assert [student.id for student in canvas] == ["99"]
    assert canvas.notes == ("roster.csv: left out as no students: Student, Test (test student)",)


def test_an_id_that_names_no_folder_gives_way_to_another_one(path: Path) -> None:
    """One row does not stop the class where the roster knows the student by something else."""
    roster = read(path, "identifier,github_username,name\nana.m@u.example,ana-m,Ana\nluz+c@u.example,luzp,Luz\n")
    assert list(roster) == [
        Student("ana.m@u.example", "Ana", email="ana.m@u.example", github="ana-m"),
        Student("luzp", "Luz", email="luz+c@u.example", github="luzp"),
    ]
    assert roster.notes == (f"{path}, row 3: luz+c@u.example cannot name a folder, luzp is the id instead",)


def test_what_two_students_share_is_noted(path: Path) -> None:
    """It finds neither of them, and nobody should wonder why."""
    roster = read(path, "id,email,github\nana,x@u.example,ana\nluz,X@u.example,luz\n")
    assert roster.notes == ("roster.csv: ana, luz have the same email, x@u.example: it finds none of them",)


def test_more_time_is_a_deadline_or_how_much_later_it_is(path: Path) -> None:
    """For every assignment or the one that the column names; never earlier than the others."""
    roster = read(
        path,
        "id,extension,Extension 02_convolucion\nana,2 days,2026-11-30T20:00-03:00\nluz,36h,\n"
        "eva,2026-11-25T00:00Z,\nzoe,,\n",
    )
    due = datetime(2026, 11, 24, 23, tzinfo=timezone.utc)
    own = {student.id: student.deadline("02_convolucion", due) - due for student in roster}
    hours = {"ana": 144, "luz": 36, "eva": 1, "zoe": 0}
    assert own == {name: timedelta(hours=number) for name, number in hours.items()}
    ana, _, eva, _ = roster
    assert ana.deadline("01_imagen_digital", due) - due == timedelta(days=2)
    assert eva.deadline("01_imagen_digital", due + timedelta(days=9)) == due + timedelta(days=9)


def test_a_team_is_called_in_many_ways(path: Path) -> None:
    """Canvas exports its groups, too; what everybody calls a group may be a class and is none."""
    text = "name,canvas_user_id,user_id,login_id,sections,group_name,canvas_group_id,group_id\n"
    roster = read(
        path, text + '"Paz, Ana",92,S1,apaz,A,Grupo 1,5,\n"Mar, Luz",93,S2,lmar,A,Grupo 1,5,\n"Sol, Eva",94,S3,e,A,,,\n'
    )
    ana, luz, eva = roster
    assert ana == Student("apaz", "Ana", "Paz", canvas_id="92", sis_id="S1", login="apaz", section="A", team="Grupo 1")
    assert roster.members("grupo-1") == roster.owners("GRUPO 1") == [ana, luz]
    assert roster.owners("Eva Sol") == roster.owners("94") == [eva]
    assert roster.owners("nobody") == roster.members("") == []
    assert [student.team for student in read(path, "id,grupo\nana,A\n")] == [""]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id,extension\nana,tomorrow\n", "Received: tomorrow in"),
        ("id,extension\nana,2026-11-30 20:00\n", "row 2, column 2 (extension)"),
        ("id,extension 02_convolucon\nana,2d\n", "Received: extension 02_convolucon in"),
        ("id,extension,Extension\nana,2d,3d\n", "Received: columns 2 and 3 of"),
        ("id,name\n1.23E+07,Ana\n", "shortened, 1.23E+07, in"),
        ("id,sis_id\nana,4,2e+10\n", "expected rows of 2 columns"),
        ("id;sis_id\nana;4,2E+10\n", "row 2, column 2 (sis_id). Give the column the format text"),
        ("id,email,Email\nana,a,b\n", "Received: columns 2 and 3 of"),
        ("a,b\n1,2\n", "Known are apellido, apellido materno,"),
        ("", "whose first line is ''"),
        ("a,b\n1,2\n", "whose first line is 'a,b'"),
        ("id,name\nana,Ana\nANA,Ana\n", "Received: ANA again in"),
        ("id,name\nñandu,Ana\nn\u0303andu,Ana\n", "again in"),
        ("id,name\n,Ana\n", "Received: none in"),
        *[(f"id,name\n{name},x\n", "ids that can name a folder") for name in
          ("../ana", "a/b", "a\\b", "..", ".git", "-rf", "C:x", "a+b", "x\x00y", "ñ" * 61, "x\u202ey", "dot.")],
    ],
)  # fmt: skip
def test_a_roster_that_is_none_is_wrong_usage(path: Path, text: str, said: str) -> None:
    """With the file and the row, and ids never lead out of submitted/."""
    with pytest.raises(UsageError) as caught:
        read(path, text)
    assert said in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_roster_that_cannot_be_read_is_wrong_usage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder, nothing, too much."""
    for place in (tmp_path, tmp_path / "none"):
        with pytest.raises(UsageError, match="expected a roster, a CSV file"):
            read_roster(place)
    monkeypatch.setattr("autograder.course.tables._MAX_BYTES", 10)
    (tmp_path / "large.csv").write_text("id\n" + "a" * 20)
    with pytest.raises(UsageError, match="which is larger"):
        read_roster(tmp_path / "large.csv")

"""Tables in every way that platforms and spreadsheets write them, and those that could be two things."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from autograder.course.tables import Table, read_table
from autograder.errors import UsageError

TEXT = 'id,name,note\nana,"Muñoz, Ana",x\nluz,Luz Paz,\n'


def read(tmp_path: Path, content: str | bytes) -> Table:
    path = tmp_path / "t.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_table(path, "a table", {"id", "name"}.__contains__)


def rows(table: Table) -> list[tuple[str, ...]]:
    return [table.header, *(row.cells for row in table.rows)]


EXPECTED = [("id", "name", "note"), ("ana", "Muñoz, Ana", "x"), ("luz", "Luz Paz", "")]


@pytest.mark.parametrize(
    "content",
    [
        TEXT,
        "\ufeff" + TEXT,
        TEXT.encode("utf-16"),
        TEXT.encode("cp1252"),
        TEXT.replace("\n", "\r\n"),
        TEXT.replace("\n", "\r"),
        TEXT.replace(",", ";").replace("z; A", "z, A"),
        TEXT.replace(",", "\t").replace("z\t A", "z, A"),
        "sep=;\r\n" + TEXT.replace(",", ";").replace("z; A", "z, A"),
        '"sep=,"\n' + TEXT,
        "\n\n" + TEXT.replace("\n", "\n\n"),
        TEXT.replace("luz,Luz Paz,", "luz,Luz Paz"),
        TEXT.replace("note\n", "note,,\n").replace("x\n", "x,,\n"),
        TEXT.replace(',"', ', "'),
    ],
)
def test_the_same_table_in_many_ways(tmp_path: Path, content: str | bytes) -> None:
    """Encodings, ends of lines, separators, empty rows and columns."""
    assert rows(read(tmp_path, content)) == EXPECTED


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('id,name\nana,"Ana,Paz\nluz,Luz\n', "row 2, column 2, where a quote is open that does not end there: ana,"),
        ('id,name\nana,"Ana\nluz,"Luz"\n', "row 2, column 2, where a quote is open"),
        ('id,name\nana,"Ana\nluz,Luz"\n', r"Received: 2 in .*, row 2, column 2 \(name\): Ana … luz,Luz"),
        ('id,name,note\nana,Ana,"a\nluz,Luz,b"\n', r"Received: 2 in .*, row 2, column 3 \(note\)"),
        ("id,name\nana,Muñoz, Ana\n", "expected rows of 2 columns, as the header has. Received: 3 in .*, row 2"),
        ("id,name\nana,Ana\n\nluz;Luz\n", "expected commas .* Received: semicolons in .*, row 4: luz;Luz"),
        (b"PK\3\4xl/workbook.xml", "a workbook: save it as CSV UTF-8"),
        (b"id,name\nana,\xb3\n", "line 2 holds the byte 0xB3"),
    ],
)
def test_what_could_be_two_things_is_an_error_with_its_place(tmp_path: Path, content: str | bytes, said: str) -> None:
    """Three students that become one would be lost in silence."""
    with pytest.raises(UsageError, match=said):
        read(tmp_path, content)


def test_a_message_shows_no_control_characters_of_a_table(tmp_path: Path) -> None:
    """Students choose what platforms call them."""
    with pytest.raises(UsageError) as caught:
        read(tmp_path, "id,name\nana,\x1b[31mMuñoz\u202e, Ana\n")
    assert "ana, [31mMuñoz ,Ana" in str(caught.value)


def test_a_comment_of_several_lines_is_one_cell(tmp_path: Path) -> None:
    """Moodle's worksheet has such: they look like no row."""
    table = read(tmp_path, 'id,name,note\nana,Ana,"bien\n, casi todo"\nluz,Luz,\n')
    assert [row.cells for row in table.rows] == [("ana", "Ana", "bien\n, casi todo"), ("luz", "Luz", "")]
    assert table.place(table.rows[1], 1).endswith("t.csv, row 3, column 2 (name)")


def test_a_rare_encoding_is_noted(tmp_path: Path) -> None:
    """By its name."""
    table = read(tmp_path, TEXT.encode("mac_roman"))
    assert rows(table) == EXPECTED
    assert table.notes == ("t.csv was read as Mac Roman: look whether the names are right",)


def test_no_mutant_of_a_table_raises_anything_else(tmp_path: Path) -> None:
    """Whatever happened to the file: a table or an error of ours."""
    chance = random.Random(13)
    for _ in range(400):
        content = bytearray(TEXT.encode(chance.choice(["utf-8", "cp1252", "utf-16"])))
        for _ in range(chance.randint(1, 4)):
            place = chance.randrange(len(content))
            content[place : place + chance.randint(0, 2)] = chance.choice([b'"', b"\n", b"\0", b";", b"\xff", b"\r,"])
        try:
            table = read(tmp_path, bytes(content))
        except UsageError:
            continue
        assert {len(row.cells) for row in table.rows} <= {len(table.header)}

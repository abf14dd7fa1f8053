"""Moodle's grading worksheet in several languages, and after a spreadsheet; a time is never dropped in silence."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from autograder.collect.worksheet import Participant, Worksheet, read_time, read_worksheet
from autograder.errors import UsageError

ZONE = timezone(timedelta(hours=-3))
LATE = datetime(2026, 11, 25, 0, 5, tzinfo=ZONE)
HEAD = "Identifier,Full name,Email address,Status,Last modified (submission),Last modified (grade)\n"


def read(tmp_path: Path, text: str, encoding: str = "utf-8") -> Worksheet:
    path = tmp_path / "grades.csv"
    path.write_bytes(text.encode(encoding))
    return read_worksheet(path, ZONE)


@pytest.mark.parametrize(
    "text",
    [
        "Wednesday, 25 November 2026, 12:05 AM",
        "Wednesday, November 25, 2026, 12:05 AM",
        "Wednesday, 25 November 2026, 00:05",
        "miércoles, 25 de noviembre de 2026, 00:05",
        "miércoles, 25 de noviembre de 2026, 12:05 a. m.",
        "miércoles, 25 de noviembre de 2026, 00:05:59",
        "Mié, 25 nov. 2026, 0:05",
        "dimecres, 25 de novembre 2026, 00:05",
        "quarta-feira, 25 de novembro de 2026, 00:05",
        "mercredi 25 novembre 2026, 00:05",
        "Mittwoch, 25. November 2026, 00:05",
        "mercoledì, 25 novembre 2026, 00:05",
        "2026-11-25 00:05",
        "2026-11-25T00:05:00",
        "25/11/2026 0:05",
        "11/25/2026 12:05 AM",
        "25.11.2026 00:05",
    ],
)
def test_a_time_is_understood_in_many_words(text: str) -> None:
    """Those of Moodle's languages, and those of spreadsheets where the day can only be one."""
    assert read_time(text, ZONE) == LATE


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Sunday, 7 June 2026, 12:30 PM", datetime(2026, 6, 7, 12, 30, tzinfo=ZONE)),
        ("dimanche 7 juin 2026, 23:14", datetime(2026, 6, 7, 23, 14, tzinfo=ZONE)),
        ("mardi 7 juillet 2026, 23:14", datetime(2026, 7, 7, 23, 14, tzinfo=ZONE)),
        ("domenica, 7 giugno 2026, 23:14", datetime(2026, 6, 7, 23, 14, tzinfo=ZONE)),
        ("domingo, 6 de septiembre de 2026, 11:14 PM", datetime(2026, 9, 6, 23, 14, tzinfo=ZONE)),
        ("6/6/2026 10:00", datetime(2026, 6, 6, 10, 0, tzinfo=ZONE)),
        ("5/11/2026 10:00", None),
        ("31 February 2026, 10:00", None),
        ("25 Brumaire 2026, 10:00", None),
        ("yesterday", None),
    ],
)
def test_a_time_that_could_be_two_is_none(text: str, expected: datetime | None) -> None:
    """May or November: nobody guesses."""
    assert read_time(text, ZONE) == expected


@pytest.mark.parametrize(
    ("header", "delimiter", "encoding"),
    [
        ("Identifier,Full name,Email address,Last modified (submission),Last modified (grade)", ",", "utf-8-sig"),
        ("Identificador,Nombre completo,Dirección de correo,Última modificación (entrega),x", ";", "cp1252"),
        ("Identificador,Nombre completo,Dirección Email,Última modificación (envío),x", ",", "utf-16"),
        ("Identificateur,Nom complet,Email,Dernière modification (travail remis),x", "\t", "mac_roman"),
        ("Identificador,Nombre completo,Email,Modificado,Última modificación (calificación)", ";", "cp850"),
    ],
)
def test_a_worksheet_of_another_language_or_a_spreadsheet_is_read(
    tmp_path: Path, header: str, delimiter: str, encoding: str
) -> None:
    """By its headings, where nobody knew them by the word that something was modified."""
    row = ["Participante102", "Luz Núñez", "luz@u.example", "25 noviembre 2026 00:05", "-"]
    text = header.replace(",", delimiter) + "\r\n" + delimiter.join(row) + "\r\n"
    expected = Participant("Luz Núñez", "luz@u.example", "", LATE)
    assert read(tmp_path, text, encoding).participants == {"102": expected}


def test_a_status_with_a_date_is_an_extension(tmp_path: Path) -> None:
    """In the words of any language; the group stands beside it."""
    text = HEAD.replace("Status", "Status,Group")
    text += 'Participant 7,Ana,,"No submission\nExtension granted until: Wednesday, 25 November 2026, 12:05 AM",G,-,-\n'
    assert read(tmp_path, text).participants == {"7": Participant("Ana", "", "", None, "G", LATE)}


def test_nothing_handed_in_has_no_time(tmp_path: Path) -> None:
    """A hyphen is what Moodle writes there."""
    found = read(tmp_path, HEAD + "Participant 7,Ana,a@u.example,No submission,-,-\n").participants
    assert found == {"7": Participant("Ana", "a@u.example", "", None)}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "expected Moodle's grading worksheet"),
        ("Name,Grade\nAna,1\n", "expected Moodle's grading worksheet.*which has Name, Grade"),
        ("\0", "expected Moodle's grading worksheet"),
        ("Identifier,Full name,Status\nParticipant 7,Ana,x\n", r"Last modified \(submission\) \(known are .*Status"),
        (HEAD + 'Participant 7,Ana,,x,"the 3rd of May",-\n', r"the 3rd of May in .*row 2, column 5 \(Last modified"),
        (HEAD + "Participant 7,Ana,,x,5/11/2026 10:00,-\n", "Received: 5/11/2026 10:00 in"),
        (HEAD + "Participant 7,Ana,,x,-,-\nParticipant 7,Luz,,x,-,-\n", "'Participant 7' again in .*row 3, column 1"),
        (HEAD + "Participant 7,Ana,,Plazo hasta 5/11/2026,-,-\n", r"5/11/2026 in .*row 2, column 4 \(Status\)"),
        (HEAD + "Participant,Ana,,x,-,-\n", "'Participant' in .*row 2, column 1"),
        (HEAD + 'Participant 7,"Ana,,x,-,-\nParticipant 8,Luz,,x,-,-\n', "row 2, column 2, where a quote is open"),
    ],
)
def test_what_is_not_understood_is_said_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    """Without its time, nobody would be late."""
    with pytest.raises(UsageError, match=said):
        read(tmp_path, text)

"""Reads the roster of a class.

A roster is a CSV file with a header. Its columns may bear the names below, or those of the files that GitHub Classroom,
Classroom 50, nbgrader, Moodle, Canvas and Gradescope export: such a file is a roster as it is.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from autograder.course.assignments import find_assignments
from autograder.course.roster import Roster, Student, fold_id, fold_name
from autograder.course.tables import Row, Table, plain_heading, read_table, shown
from autograder.course.times import parse_extension
from autograder.errors import UsageError

__all__ = ["read_roster"]

# What other systems call a column, by its name here, as `plain_heading` writes it; the better ones first.
_ALIASES = {
    "id": (
        *("id", "student_id", "student id", "identifier", "id number", "numero de id", "numero id", "numero de id."),
        *("sid", "legajo", "matricula", "username", "usuario", "nombre de usuario", "nombre_de_usuario"),
    ),
    "first_name": ("first_name", "first name", "nombre", "nombre(s)", "nombres"),
    "last_name": (
        *("last_name", "last name", "surname", "apellido", "apellidos", "apellido(s)"),
        *("apellido paterno", "primer apellido"),
    ),
    "second_last_name": ("apellido materno", "segundo apellido"),
    "full_name": (
        *("name", "full name", "nombre completo", "student name", "apellido y nombre", "apellidos y nombres"),
        *("apellido(s) y nombre(s)", "nombre y apellido", "nombre / apellido(s)", "first name / last name"),
    ),
    "email": (
        *("email", "email address", "e-mail", "e-mail address", "correo", "correo electronico", "direccion email"),
        *("direccion de correo", "direccion de correo electronico", "direccion de email", "correo-e", "mail"),
    ),
    "github": ("github", "github_username", "github username", "github login", "usuario de github"),
    "moodle_id": ("moodle_id",),
    "canvas_id": ("canvas_id", "canvas_user_id", "lms_user_id"),
    "sis_id": ("sis_id", "sis user id", "user_id", "id de usuario del sis"),
    "login": ("login", "login_id", "sis login id", "id de inicio de sesion del sis"),
    "repository": ("repository", "repository_url", "student_repository_url", "repo", "repositorio"),
    "section": ("section", "sections", "seccion", "secciones", "comision"),
    # Groups may be classes: only what can be nothing else is a team.
    "team": ("team", "equipo", "group_name"),
    "role": ("role", "roles", "rol"),
}
_KNOWN = {alias: column for column, aliases in _ALIASES.items() for alias in aliases}
# Two systems call columns as others call something else: by what else is there.
_CANVAS = {"student": "full_name", "estudiante": "full_name", "id": "canvas_id"}
_CLASSROOM50 = {"username": "github"}
# Moodle writes "Participant 123" or "Participante123".
_PARTICIPANT = re.compile(r"particip\w*?\s*(\d+)", re.IGNORECASE)
_STUDENT_ROLES = ("student", "estudiant", "alumn", "learner")
_TEST_STUDENTS = {"studenttest", "teststudent", "estudiantedeprueba", "pruebaestudiante"}
_POINTS_POSSIBLE = {"pointspossible", "puntosposibles"}
_SHORTENED = re.compile(r"\d(?:[.,]\d+)?E\+\d+", re.IGNORECASE)
# A column for all assignments, or for the one that it names.
_EXTENSION = re.compile(r"(?:extension|prorroga)(?:[ _:-]+(?P<assignment>\S+))?")
# What belongs to one student only; a hand-in that bears it would be nobody's if two have it.
_OWN = ("email", "github", "moodle_id", "canvas_id", "sis_id", "login")


def read_roster(path: Path) -> Roster:
    """Read a roster.

    Parameters
    ----------
    path : Path
        CSV as `autograder.course.tables.read_table` reads it. Columns that are not known are ignored. Without an id
        column, a student's id is the first of GitHub login, SIS login, SIS id, canvas id, e-mail address that the
        roster gives, and so it is where an id cannot name a folder. Rows of staff and of Canvas's test student are left
        out, and noted.

    Raises
    ------
    UsageError
        The file cannot be read, has no known column or one twice, a student without an id, an id twice, or one that
        cannot be the name of a folder.
    """
    table = read_table(path, "a roster", _is_known)
    columns = _columns(table)
    if not columns:
        raise UsageError(
            "expected a roster with a header, such as id,first_name,last_name,email,github. "
            f"Received: {path}, whose first line is {shown(','.join(table.header))!r}. "
            f"Known are {', '.join(sorted(_KNOWN))}."
        )
    students: dict[str, Student] = {}
    notes = [*table.notes]
    left_out = []
    for row in table.rows:
        values = {name: _clean(row.cells[place]) for name, place in columns.items()}
        role = values.pop("role", "")
        if not any(values.values()) or fold_name(values.get("full_name", "")) in _POINTS_POSSIBLE:
            continue
        if (role and not any(word in plain_heading(role) for word in _STUDENT_ROLES)) or _is_test(values):
            left_out.append(f"{_called(values)} ({shown(role) or 'test student'})")
            continue
        _require_whole_numbers(values, columns, table, row)
        student = replace(
            _student(values, f"{path}, row {row.number}", notes), extensions=tuple(_extensions(table, row))
        )
        # Some file systems do not tell cases apart, others not how an accent is written.
        if fold_id(student.id) in students:
            raise UsageError(
                f"expected ids of their own in a roster. Received: {student.id} again in {path}, row {row.number}."
            )
        students[fold_id(student.id)] = student
    if left_out:
        notes.append(f"{path.name}: left out as no students: {', '.join(left_out[:5])}{_more(left_out, 5)}")
    found = list(students.values())
    return Roster(found, [*notes, *_shared(found, path)])


def _columns(table: Table) -> dict[str, int]:
    """Return the place of each known column.

    Raises
    ------
    UsageError
        Two columns have one name, so that nobody knows which counts, or an extension is for no assignment.
    """
    names = [plain_heading(name) for name in table.header]
    renamed: Mapping[str, str] = {}
    if "id" in names and {"student", "estudiante"} & set(names) and {"section", "seccion"} & set(names):
        renamed = _CANVAS
    elif "username" in names and "github_id" in names and "github_username" not in names:
        renamed = _CLASSROOM50
    # The ID number of an institution is better than the user name where both are there: the order of the aliases tells.
    best: dict[str, tuple[int, int]] = {}
    for place, name in enumerate(names):
        column = renamed.get(name) or _KNOWN.get(name)
        extension = _EXTENSION.fullmatch(name)
        if extension and extension["assignment"] and extension["assignment"] not in _assignments():
            raise UsageError(
                f"expected the name of an assignment after extension: {', '.join(_assignments())}. "
                f"Received: {table.header[place]} in {table.path}, column {place + 1}."
            )
        if column is None and not extension:
            continue
        if name in names[:place]:
            raise UsageError(
                f"expected one column {table.header[place]} in a roster. Received: columns {names.index(name) + 1} and "
                f"{place + 1} of {table.path}."
            )
        if column is None:
            continue
        rank = _ALIASES[column].index(name) if name in _ALIASES[column] else 0
        best[column] = min(best.get(column, (rank, place)), (rank, place))
    return {column: place for column, (_, place) in best.items()}


def _student(values: dict[str, str], where: str, notes: list[str]) -> Student:
    full_name, second = values.pop("full_name", ""), values.pop("second_last_name", "")
    if full_name and not values.get("first_name") and not values.get("last_name"):
        last_name, comma, first_name = full_name.partition(",")
        values["first_name"], values["last_name"] = (
            (first_name.strip(), last_name.strip()) if comma else (full_name, "")
        )
    if second:
        values["last_name"] = f"{values.get('last_name', '')} {second}".strip()
    participant = _PARTICIPANT.fullmatch(values.get("id", ""))
    if participant:
        # Moodle's grading worksheet: the participant's number stands where others have the student's id.
        values["moodle_id"], values["id"] = participant[1], ""
    given = values.get("id", "")
    candidates = [given, *(values.get(source, "") for source in ("github", "login", "sis_id", "canvas_id", "email"))]
    values["id"] = next((candidate for candidate in candidates if candidate and _names_a_folder(candidate)), "")
    if "@" in given and not values.get("email"):
        values["email"] = given
    if not any(candidates):
        raise UsageError(f"expected an id, a login or an e-mail address for every student. Received: none in {where}.")
    if not values["id"]:
        raise UsageError(
            "expected ids that can name a folder: no slash, backslash, colon, quote, plus sign or control character, "
            f"no dot or space at an end, no hyphen first, not too long. Received: {next(filter(None, candidates))!r} "
            f"in {where}."
        )
    if given and values["id"] != given:
        notes.append(f"{where}: {shown(given)} cannot name a folder, {values['id']} is the id instead")
    known: dict[str, Any] = {field.name: values[field.name] for field in fields(Student) if field.name in values}
    return Student(**known)


def _assignments() -> list[str]:
    return [name.casefold() for name in find_assignments()]


def _is_known(name: str) -> bool:
    return name in _KNOWN or name in _CANVAS or _EXTENSION.fullmatch(name) is not None


def _extensions(table: Table, row: Row) -> Iterator[tuple[str, datetime | timedelta]]:
    """Yield more time by assignment.

    Raises
    ------
    UsageError
        A cell says something else: who was promised more time must not be late in silence.
    """
    for column, heading in enumerate(table.header):
        found, text = _EXTENSION.fullmatch(plain_heading(heading)), row.cells[column].strip()
        if found and text:
            more = parse_extension(text)
            if more is None:
                raise UsageError(
                    "expected more time as 2d, 36h, 2 days, 90 min, or as a deadline in ISO 8601 with its time zone, "
                    f"2026-11-27T20:00:00-03:00. Received: {shown(text)} in {table.place(row, column)}."
                )
            yield found["assignment"] or "", more


def _require_whole_numbers(values: Mapping[str, str], columns: Mapping[str, int], table: Table, row: Row) -> None:
    for name in ("id", *_OWN):
        if _SHORTENED.fullmatch(values.get(name, "")):
            raise UsageError(
                "expected ids as they are. Received: a number that a spreadsheet has shortened, "
                f"{values[name]}, in {table.place(row, columns[name])}. Give the column the format text."
            )


def _is_test(values: Mapping[str, str]) -> bool:
    """Tell whether a row is Canvas's test student."""
    return fold_name(values.get("full_name", "")) in _TEST_STUDENTS


def _called(values: Mapping[str, str]) -> str:
    name = f"{values.get('first_name', '')} {values.get('last_name', '')}".strip()
    return shown(values.get("full_name") or name or values.get("id") or values.get("email") or "a row without a name")


def _shared(students: Sequence[Student], path: Path) -> Iterator[str]:
    """Yield a note for each thing that two students have and only one should."""
    for field in _OWN:
        owners: dict[str, list[str]] = {}
        for student in students:
            if value := fold_id(getattr(student, field)):
                owners.setdefault(value, []).append(student.id)
        for value, names in owners.items():
            if len(names) > 1:
                who = ", ".join(names[:4])
                yield f"{path.name}: {who} have the same {field}, {shown(value)}: it finds none of them"


def _more(listed: Sequence[str], shown: int) -> str:
    return f" and {len(listed) - shown} more" if len(listed) > shown else ""


def _names_a_folder(name: str) -> bool:
    """Tell whether an id can name a folder on every system; nbgrader's exchange separates with plus signs."""
    if len(name.encode("utf-8", "replace")) > 120 or name[0] in ".- " or name[-1] in ". ":
        return False
    return not any(letter in '/\\:+*?"<>|' or unicodedata.category(letter)[0] == "C" for letter in name)


def _clean(value: str) -> str:
    """Return a cell's text; the apostrophe that keeps spreadsheets from computing it is no part of it."""
    text = " ".join(value.split())
    return text[1:] if re.match(r"'[=+\-@]", text) else text

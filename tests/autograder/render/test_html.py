"""Reports as web pages."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import get_args

import pytest

from autograder.course.exercises import Exercise, Exercises
from autograder.language import speaking
from autograder.render.flags import meaning
from autograder.render.html import page_names, write_html
from autograder.render.known import Known, Person
from autograder.report import Check, FlagKind, Report

VOID = {"br", "meta", "path", "rect"}
SHEETS = {"02-convolucion.csv"}


class Page(HTMLParser):
    """Collects the tags of a page and checks that they are nested."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not {"style", "script"} & set(self._open):
            self.text += data


def test_the_index_leads_to_every_page(reports: list[Report], tmp_path: Path) -> None:
    """And each page leads back."""
    index = write_html(reports, tmp_path / "new/folder")
    page = Page(index)
    links = {value for name, value in page.attributes if name == "href"}
    assert links == {*page_names(reports), *SHEETS}
    for link in page_names(reports):
        assert ("href", "index.html") in Page(index.parent / link).attributes
    assert {path.name for path in index.parent.iterdir()} == {"index.html", *page_names(reports), *SHEETS}


def test_several_assignments_have_a_page_each(reports: list[Report], tmp_path: Path) -> None:
    """The index leads to them, and they lead back."""
    index = write_html([*reports, replace(reports[0], assignment="03_formulas")], tmp_path)
    links = [value for name, value in Page(index).attributes if name == "href"]
    assert links == ["02-convolucion.html", "03-formulas.html"]
    for link in ("02-convolucion.html", "03-formulas.html"):
        assert ("href", "index.html") in Page(tmp_path / link).attributes
    assert ("href", "03-formulas.html") in Page(tmp_path / "03-formulas-ana.html").attributes


def test_the_pages_say_everything(reports: list[Report], tmp_path: Path) -> None:
    """Grades, checks, messages, flags; no grade is not a zero."""
    index = write_html(reports, tmp_path)
    ana, beto, other = (Page(tmp_path / name).text for name in page_names(reports))
    for text in ("7,5/10", "2,5/5", "pad2d no cambia su entrada.", "La cambió.", "no evaluado: ", "python 3.11.7"):
        assert text in ana
    assert "Esta entrega quedó sin nota. Eso no es un cero" in beto
    assert "falla del corrector: " in beto
    assert "ratio 0,988" in other
    overview = Page(index).text
    assert "3,9/10" in overview
    assert "sin nota" in overview


def test_text_of_students_stays_text(reports: list[Report], tmp_path: Path) -> None:
    """The tags are the same as for a harmless submission, and nothing comes from elsewhere."""
    hostile = "\"><script>alert(1)</script><img src=x onerror=alert(1)> ' --> </style></title>"

    def tags(text: str, folder: Path) -> list[list[str]]:
        check = replace(reports[2].checks[0], title=text, message=text, grade_id=text)
        flag = {"kind": text, "message": text, text: text}
        report = replace(
            reports[2], submission=text, assignment=text, checks=[check], flags=[flag], versions={text: text}
        )
        write_html([report, report], folder)
        return [Page(path).tags for path in sorted(folder.glob("*.html"))]

    found = tags(hostile, tmp_path / "hostile")
    assert sorted(found) == sorted(tags("harmless", tmp_path / "harmless"))
    assert not {"img", "link", "iframe", "object"} & {tag for page in found for tag in page}
    # The words of the class page, and its one script.
    assert [page.count("script") for page in found] in ([2, 0, 0], [0, 0, 2])


def test_the_policy_allows_the_style_and_nothing_else(reports: list[Report], tmp_path: Path) -> None:
    """Should some text ever get through, it runs nothing and loads nothing."""
    text = write_html(reports, tmp_path).read_text(encoding="utf-8")
    (style,) = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    strict = f"default-src 'none'; base-uri 'none'; form-action 'none'; style-src 'sha256-{digest}'"
    (script,) = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    for name in ("index.html", *page_names(reports)):
        attributes = Page(tmp_path / name).attributes
        policy = f"{strict}; script-src 'sha256-{digest}'" if name == "index.html" else strict
        assert ("content", policy) in attributes
        assert not [value for attribute, value in attributes if attribute in ("style", "src") or "//" in (value or "")]


@pytest.mark.parametrize(
    ("submissions", "names"),
    [
        (["ana", "Ana", "ána"], ["t-ana.html", "t-ana-2.html", "t-ana-3.html"]),
        (["../../etc/passwd", "..", "C:\\x"], ["t-etc-passwd.html", "t-entrega.html", "t-c-x.html"]),
        (["\x00\ud800图", "a" * 300], ["t-entrega.html", f"t-{'a' * 60}.html"]),
        (["ana-2", "ana", "ana"], ["t-ana-2.html", "t-ana.html", "t-ana-3.html"]),
    ],
)
def test_page_names_are_safe_and_unique(submissions: list[str], names: list[str]) -> None:
    """Traversal, other alphabets, length, and file systems that do not tell cases apart."""
    assert page_names([Report("t", name, 1, 1) for name in submissions]) == names


def test_no_page_takes_the_place_of_the_index() -> None:
    """Whatever the assignment and the submission are called."""
    assert page_names([Report("", "", None, 0), Report("index", "html", 1, 1)]) == [
        "tarea-entrega.html",
        "index-html.html",
    ]


def test_the_index_shows_which_exercise_was_hard(reports: list[Report], tmp_path: Path) -> None:
    """The mean of each grade cell over the graded submissions; what nobody could check is neither failed nor in it."""
    unchecked = Check("cnn::a", "cnn", "La CNN acierta.", "skipped", 0, 0, "Faltan datos.")
    first = replace(reports[0], checks=[*reports[0].checks, unchecked])
    twice = [first, replace(first, submission="eva")]
    text = " ".join(Page(write_html(twice, tmp_path)).text.split())
    assert re.search(r"pad2d\s*50 % \(9–91\)\s*0 de 2", text)
    assert re.search(r"conv2d\s*100 % \(34–100\)\s*2 de 2", text)
    assert not re.search(r"cnn\s*0 %", text)


def test_the_same_pages_in_english(reports: list[Report], tmp_path: Path) -> None:
    """Words and numbers of ours; what checks say stays as the report has it."""
    with speaking("en"):
        write_html(reports[:2], tmp_path)
    page = (tmp_path / "02-convolucion-ana.html").read_text(encoding="utf-8")
    assert '<html lang="en">' in page
    for text in ("The next step", "7.5/10", "not evaluated", "pad2d no cambia su entrada."):
        assert text in page
    index = Page(tmp_path / "index.html").text
    assert "Students and exercises" in index
    assert "no grade" in index
    assert "Entrega" not in index


def test_every_kind_of_flag_is_explained() -> None:
    """In a sentence with what to do; a kind of a check's author has its own message."""
    assert {kind for kind in get_args(FlagKind) if not meaning(kind)} == set()
    assert meaning("of-my-own") == ""


def test_the_sheet_says_what_the_page_says_and_holds_no_formula(reports: list[Report], tmp_path: Path) -> None:
    """Empty is no grade; names of the roster stand beside the id."""
    known = Known(people={"ana": Person("=SUM(1)", "A", "ana@example.edu")})
    write_html(reports[:2], tmp_path, known)
    assert (tmp_path / "02-convolucion.csv").read_text(encoding="utf-8-sig").splitlines() == [
        "Entrega,Nombre,Sección,Correo,Nota,De,Por corregir,Tarde,Avisos,pad2d,conv2d,a",
        "ana,'=SUM(1),A,ana@example.edu,7.5,10,0,,,2.5,5.0,",
        "beto,,,,,10,0,,,,,",
    ]


def test_names_of_the_roster_and_titles_of_the_notebook_reach_the_pages(reports: list[Report], tmp_path: Path) -> None:
    """With what waits for a person beside the points, in the total and on the page."""
    exercises = Exercises({"pad2d": Exercise("2", "pad2d")}, {"why": 2})
    known = Known({"02_convolucion": exercises}, {"ana": Person("Ana González", "A", "ana@example.edu")})
    index = Page(write_html(reports[:2], tmp_path, known)).text
    assert "Ana González" in index
    assert "puntos por corregir a mano, de cada una" in index
    page = Page(tmp_path / "02-convolucion-ana.html").text
    assert "Ejercicio 2 · pad2d" in page
    assert "automáticos; 2 por corregir a mano" in page
    assert "ana@example.edu" in page


def test_the_page_of_200_students_stays_below_300_kb(reports: list[Report], tmp_path: Path) -> None:
    """With 13 exercises, as in 02."""
    checks = [
        replace(reports[0].checks[place % 2], id=f"e{place}::t", grade_id=f"exercise-{place}") for place in range(13)
    ]
    group = [replace(reports[0], submission=f"carla_ibanez_lopez_{place}", checks=checks) for place in range(200)]
    assert write_html(group, tmp_path).stat().st_size < 300_000


def test_the_same_reports_give_the_same_bytes(reports: list[Report], tmp_path: Path) -> None:
    """Pages can be compared."""
    first, second = (write_html(reports, tmp_path / name) for name in ("a", "b"))
    for path in first.parent.iterdir():
        assert path.read_bytes() == (second.parent / path.name).read_bytes()


def test_a_class_of_nobody_has_an_index(tmp_path: Path) -> None:
    """Nothing breaks."""
    assert "No hay entregas." in Page(write_html([], tmp_path)).text

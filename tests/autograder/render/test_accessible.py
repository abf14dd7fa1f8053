"""The pages in a real browser: axe-core finds nothing, nothing is cut at 390 pixels, and a keyboard is enough."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from autograder.course.exercises import Exercise, Exercises
from autograder.feedback import CellFeedback, Feedback, feedback_page
from autograder.render.html import page_names, write_html
from autograder.render.known import Known, Person
from autograder.report import Check, Report
from autograder.similarity.page import write_page
from autograder.similarity.pairs import Pair
from tests.helpers.browser import CHROMIUM, browser, violations
from tests.helpers.notebooks import nbgrader_cell

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
]

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
LONG = "f(np.array([[1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 2, 3, 4, 5, 6, 7, 8, 9]], dtype=np.uint8), stride=2)"


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """An index, a class page with a bit of everything, a submission and a feedback page."""
    failed = Check(
        "a::one", "a", "El ejemplo.", "failed", 0, 1, f"Mal.\nPruébalo en tu cuaderno: `{LONG}` devuelve `0`."
    )
    waits = Check("b::two", "b", "Otro.", "skipped", 0, 1, "Primero hace falta: «El ejemplo.».")
    broken = Check("a::one", "a", "El ejemplo.", "error", 0, 1, "Falla del corrector.")
    flag = {"kind": "timeout", "message": "Too slow.", "seconds": 3.5}
    right = [replace(failed, status="passed", score=1, message="")]
    group = [Report("t", f"ana_{place}", place / 5, 2, right if place % 2 else [failed, waits]) for place in range(10)]
    group += [
        replace(group[0], submission="eva", flags=[flag]),
        replace(group[0], submission="x" * 80, checks=[broken], score=None),
    ]
    group.append(Report("t", "leo", None, 2, flags=[{"kind": "missing", "message": "Nothing."}]))
    known = Known(
        {"t": Exercises({"a": Exercise("1", "pad2d"), "b": Exercise("2", "conv2d")}, {"why": 2})},
        {"ana_0": Person("Ana González", "A", "ana@example.edu")},
        {("t", "ana_0"): {"cuaderno": "t.ipynb"}},
        {("t", "ana_1"): "2 h"},
        "2026-11-28 10:00",
        {("t", "ana_0"): [("2026-11-28 03:18 UTC", "0 → 0,2", "cambiaron las pruebas")]},
    )
    folder = tmp_path_factory.mktemp("pages")
    write_html([*group, replace(group[0], assignment="u")], folder)
    index = write_html(group, folder / "one", known)
    formula = "$$" + "+".join(f"x_{{{place}}}" for place in range(60)) + "$$"
    shown = [new_output("stream", text=LONG), new_output("display_data", data={"image/png": PNG, "text/plain": "x"})]
    shown[1].metadata = {"image/png": {"alt": "Un píxel."}}
    cells: list[Any] = [
        new_markdown_cell(f"# Título\n\nTexto `{LONG}`.\n\n{formula}\n\n| a | b |\n|---|---|\n| {'x' * 90} | {LONG} |"),
        new_code_cell(
            f"# comentario\ndef f(x):\n    return {LONG!r}",
            outputs=[
                *shown,
                new_output("error", ename="ValueError", evalue="x" * 90, traceback=["Traceback", "x" * 120]),
            ],
        ),
        nbgrader_cell("", "a", points=1),
        nbgrader_cell("", "b", points=1),
    ]
    told = {
        "a": CellFeedback(0, 1, "**Bien** $x$", (failed,)),
        "b": CellFeedback(0, 1, checks=(waits,)),
        "why": CellFeedback(None, 2),
    }
    pairs = [
        Pair("code", "t", ("ana", "beto"), True, 0.97, ("a",), "Both wrote the same."),
        Pair("model", "t", ("ana", "x" * 60), True, 0.9, ("models/cnn.keras",)),
        Pair("code", "t", ("beto", "eva"), False, 0.4, ("a", LONG), dismissed="eva: a team"),
    ]
    feedback = folder / "feedback.html"
    feedback.write_text(
        feedback_page({"cells": cells}, Feedback("Ana", "t", 0, 4, 0.5, told, titles={"a": "Ejercicio 1 · pad2d"}))
    )
    return {
        "index": folder / "index.html",
        "class": index,
        "submission": folder / "one" / page_names(group)[10],
        "feedback": feedback,
        "similar": write_page(pairs, {}, folder / "similar"),
    }


@pytest.fixture(scope="module")
def started() -> Iterator[Any]:
    """One browser for all of them."""
    with browser() as one:
        yield one


def test_axe_finds_nothing_against_wcag_2_2_aa(pages: dict[str, Path], started: Any) -> None:
    """On every page, light and dark."""
    found = {
        (name, scheme): violations(started, page, scheme)
        for name, page in pages.items()
        for scheme in ("light", "dark")
    }
    assert {key: told for key, told in found.items() if told} == {}


def test_nothing_is_cut_at_390_pixels(pages: dict[str, Path], started: Any) -> None:
    """What is wider scrolls within its own frame, which a keyboard reaches."""
    page = started.new_page(viewport={"width": 390, "height": 844})
    for name, path in pages.items():
        page.goto(path.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") == 390, name
        beyond = """[...document.querySelectorAll('body *')].filter(e => {
            const box = e.getBoundingClientRect();
            if (!box.width || box.right <= 391 || e.closest('.hidden')) return false;
            for (let up = e.parentElement; up; up = up.parentElement)
                if (/auto|scroll/.test(getComputedStyle(up).overflowX)) return false;
            return !/auto|scroll/.test(getComputedStyle(e).overflowX) || box.left > 390;
        }).map(e => e.outerHTML.slice(0, 100))"""
        assert page.evaluate(beyond) == [], name
    page.close()


def test_a_class_is_sorted_searched_and_filtered_by_keyboard_alone(pages: dict[str, Path], started: Any) -> None:
    """And without the script all of it can be read."""
    page = started.new_page()
    page.goto(pages["class"].as_uri())
    names = "[...document.querySelectorAll('#students tbody tr')].filter(r => !r.hidden).map(r => r.dataset.k || '')"
    assert len(page.evaluate(names)) == 13
    page.focus("#search")
    page.keyboard.type("gonzalez")
    assert page.locator("#students tbody tr:visible").all_inner_texts()[0].startswith("Ana González")
    assert page.locator("output").inner_text() == "1 de 13"
    page.keyboard.press("Control+A")
    page.keyboard.press("Delete")
    page.keyboard.press("Tab")
    page.keyboard.type("con avisos")
    assert page.evaluate(names) == ["w", "wm"]
    page.select_option("#filter", "")
    page.locator("#students thead button").nth(1).focus()
    page.keyboard.press("Enter")
    points = "[...document.querySelectorAll('#students tbody td:nth-child(2)')].map(c => Number(c.dataset.v))"
    sorted_up = page.evaluate(points)
    assert sorted_up == sorted(sorted_up)
    assert page.locator("#students thead th").nth(1).get_attribute("aria-sort") == "ascending"
    page.keyboard.press("Enter")
    assert page.evaluate(points) == sorted_up[::-1]
    still = started.new_context(java_script_enabled=False).new_page()
    still.goto(pages["class"].as_uri())
    assert still.locator("#students tbody tr").count() == 13
    assert still.locator("input, button").count() == 0
    still.context.close()
    page.close()

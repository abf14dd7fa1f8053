"""Lists of checks: what waits for another one is folded, and the next step comes first."""

from __future__ import annotations

import re

from autograder.render.checks import check_list, next_step, waiting_for
from autograder.report import Check


def skipped(name: str, title: str, needed: str, grade_id: str = "a") -> Check:
    return Check(f"{grade_id}::{name}", grade_id, title, "skipped", 0, 1, f"Primero hace falta: «{needed}».")


FAILED = Check(
    "a::one", "a", "El ejemplo.", "failed", 0, 1, "Mal.\nPruébalo en tu cuaderno: `f(1)` devuelve `2`. Se pide: «x»."
)
CHAIN = [FAILED, skipped("two", "Otro tamaño.", "El ejemplo."), skipped("three", "Otro tipo.", "Otro tamaño.")]
FAR = skipped("far", "La capa.", "Otro tipo.", "b")


def test_what_depends_on_a_failed_check_is_found_through_a_chain() -> None:
    """The first that failed is what to mend; a circle, or a check that nobody knows, is nobody's."""
    assert waiting_for([*CHAIN, FAR]) == {"a::two": FAILED, "a::three": FAILED, "b::far": FAILED}
    circle = [skipped("x", "X.", "Y."), skipped("y", "Y.", "X."), skipped("z", "Z.", "nadie")]
    assert {root.status for root in waiting_for(circle).values()} <= {"skipped"}
    assert "a::z" not in waiting_for(circle)


def test_what_waits_is_folded_under_its_cause() -> None:
    """Without the sentence that would be there forty times; each keeps its title and points."""
    shown = check_list(CHAIN)
    assert shown.count("<details") == 1
    assert "2 pruebas más esperan a esta" in shown
    assert "Primero hace falta" not in shown
    assert [shown.index(check.title) for check in CHAIN] == sorted(shown.index(check.title) for check in CHAIN)


def test_a_cause_in_another_exercise_is_linked() -> None:
    """The cell says for what it waits."""
    shown = check_list([FAR], waiting_for([*CHAIN, FAR]), {"a": "e0"})
    assert "1 prueba no se evaluó" in shown
    assert '<a href="#e0">«El ejemplo.»</a>' in shown


def test_the_next_step_is_the_first_failure_with_the_line_to_paste() -> None:
    """With how many checks depend on it; nobody who is done has one."""
    shown = next_step([*CHAIN, FAR], lambda grade_id: f"Ejercicio {grade_id}", {"a": "e0"})
    assert '<a href="#e0">Ejercicio a</a>: El ejemplo.' in shown
    assert '<code class="paste">f(1)</code>' in shown
    assert "De esto dependen otras 3 pruebas." in shown
    assert next_step([Check("a::b", "a", "T.", "passed", 1, 1)], str) == ""


def test_text_of_students_stays_text() -> None:
    """Also in the line to paste."""
    hostile = '<img src=x onerror="a()">'
    message = f"{hostile}\nPruébalo en tu cuaderno: `f('{hostile}')` {hostile}"
    shown = check_list([Check("a::b", "a", hostile, "failed", 0, 1, message)])
    assert "<img" not in shown
    assert re.search(r'<code class="paste">f\(&#x27;&lt;img', shown)

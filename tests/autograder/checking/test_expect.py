"""Comparisons: what passes, and that no message holds what was expected."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograder.checking.expect import (
    as_array,
    as_integer,
    as_number,
    expect_array,
    expect_integer,
    expect_number,
    expect_shape,
    expect_that,
    expect_unchanged,
)
from autograder.checking.student import Outcome
from autograder.errors import CheckFailure
from autograder.worker.wire import Opaque

SECRET = np.array([[7613.25, 8819.5], [9157.75, 4391.125]])


def message(function: Any, *arguments: Any, **keywords: Any) -> str:
    with pytest.raises(CheckFailure) as caught:
        function(*arguments, **keywords)
    return str(caught.value)


@pytest.mark.parametrize("received", [SECRET, SECRET.tolist(), SECRET.astype(np.float32), tuple(map(tuple, SECRET))])
def test_the_right_array_passes_in_any_form(received: Any) -> None:
    """Lists, tuples and float32 are as good."""
    np.testing.assert_allclose(expect_array(received, SECRET), SECRET)


@pytest.mark.parametrize(
    ("received", "said"),
    [
        (None, "Se esperaban números en la salida, y hay None. ¿Falta un `return`?"),
        ("7613.25"[:2], "Se esperaba un arreglo de números en la salida, y hay un texto."),
        ({}, "Se esperaba un arreglo de números en la salida, y hay un diccionario."),
        ([[1, 2], [3]], "Hay filas de distinto largo en la salida: así no se forma un arreglo."),
        (["a", "b"], "Se esperaban números en la salida, y hay textos."),
        ([object()], "Se esperaban números en la salida, y hay objetos."),
        (np.array([1j]), "Hay números complejos en la salida."),
        (np.ones((3, 2)), "La forma de la salida no es la esperada: recibí (3, 2)."),
        (np.ones(4), "La forma de la salida no es la esperada: recibí (4,). Se esperaba un arreglo de 2 dimensiones"),
        (np.full((2, 2), np.nan), "Hay valores no finitos (NaN o infinito) en la salida."),
        (
            np.ones((2, 2)),
            "La salida tiene 4 de 4 valores que no son los esperados. El primero está en la fila 0, columna 0",
        ),
    ],
)
def test_a_wrong_array_fails_with_what_was_received(received: Any, said: str) -> None:
    """And never with what was expected."""
    text = message(expect_array, received, SECRET, "la salida")
    assert text.startswith(said)
    assert not [value for value in SECRET.ravel() if f"{value:.6g}"[:4] in text]


def test_the_first_wrong_place_is_named() -> None:
    """With the student's own value there."""
    wrong = SECRET.copy()
    wrong[1, 0] = -5
    assert message(expect_array, wrong, SECRET, "la salida") == (
        "La salida tiene 1 de 4 valores que no son los esperados. "
        "El primero está en la fila 1, columna 0: tu función da -5."
    )


def test_a_known_mistake_is_explained() -> None:
    """By values or by shape; one that equals the right answer is not."""
    mistakes = {"No es eso.": SECRET, "Giraste el núcleo.": SECRET[::-1], "Olvidaste el relleno.": SECRET[:1]}
    assert message(expect_array, SECRET[::-1], SECRET, mistakes=mistakes).endswith("Giraste el núcleo.")
    assert message(expect_array, SECRET[:1], SECRET, mistakes=mistakes).endswith("Olvidaste el relleno.")
    expect_array(SECRET, SECRET, mistakes=mistakes)


def test_a_shape_hint_is_added_where_no_mistake_explains_the_shape() -> None:
    """It says what to look at."""
    assert message(expect_array, np.ones(3), SECRET, shape_hint="mira el paso.").endswith("Mira el paso.")


@pytest.mark.parametrize("received", [26, 26.0, np.int64(26), np.float32(26), np.array(26), np.array([26])])
def test_a_whole_number_passes_in_any_form(received: Any) -> None:
    """An integral float and a numpy integer are right."""
    assert expect_integer(received, 26) == 26


@pytest.mark.parametrize("received", [26.5, 25, None, "26", True, [26, 26], float("nan"), Opaque("Foo", "<Foo>")])
def test_a_wrong_number_fails_without_the_right_one(received: Any) -> None:
    """Whatever was returned."""
    text = message(expect_integer, received, 7613)
    assert "7613" not in text
    assert "el resultado" in text.lower()


def test_a_fraction_asks_about_the_division() -> None:
    """`/` instead of `//`, unless a known mistake explains it."""
    assert message(as_integer, 12.5).endswith("¿Usaste `/` en vez de `//`?")
    assert message(as_integer, 12.5, mistakes={"Falta redondear.": 12.5}).endswith("Falta redondear.")


def test_a_number_is_compared_with_a_tolerance() -> None:
    """Relative, as given."""
    assert expect_number(75.00001, 75, rtol=1e-3) == 75.00001
    assert message(expect_number, 25, 75, mistakes={"Es lo que queda.": 25}).endswith("(vale 25): Es lo que queda.")
    assert "75" not in message(expect_number, 25, 75)


def test_large_integers_keep_every_digit() -> None:
    """138,357,544 parameters and one more are not the same."""
    assert "138357545" in message(expect_integer, 138_357_545, 138_357_544)


def test_a_changed_argument_is_noticed() -> None:
    """By values or by shape; arguments that are no arrays do not matter."""
    image = np.arange(4.0)
    expect_unchanged(Outcome(None, (image.copy(), "x")), image=image, name="y")
    told = "Tu función cambió `image`, que recibió como argumento. Trabaja sobre una copia: `image.copy()`."
    with pytest.raises(CheckFailure) as failed:
        expect_unchanged(Outcome(None, (image + 1,)), image=image)
    assert str(failed.value) == told
    with pytest.raises(CheckFailure, match=r"`kernel\.copy"):
        expect_unchanged(Outcome(None, (1, image[:2])), count=1, kernel=image)
    expect_unchanged(Outcome(None, (np.array([np.nan]),)), image=np.array([np.nan]))


def test_small_tools() -> None:
    """Shapes, numbers and conditions by themselves."""
    assert expect_shape([[1, 2]], (1, 2)).shape == (1, 2)
    assert as_array([True, False]).dtype == bool
    assert isinstance(as_number(np.uint8(3)), int)
    expect_that(True, "no")
    assert message(expect_that, False, "Sí.") == "Sí."

"""Does ``label_from_filename`` read the count of fingers from any name?"""

import uuid

import numpy as np
import pytest

from autograder.checking import as_integer, describe, fail

FOLDERS = ("datos/train", "mis_datos/prueba_2R", "/kaggle/input/fingers_v2/test", "./a_1L.b/c_0", "3_5L.png.d")


@pytest.mark.grade("label-from-filename-count", weight=2)
def test_label_of_a_bare_name(student, rng):
    """label_from_filename lee de 0 a 5 dedos, de las dos manos, en nombres con cualquier identificador."""
    for count, hand in _kinds(rng):
        expect_label(student, f"{_identifier(rng)}_{count}{hand}.png", count)


@pytest.mark.grade("label-from-filename-count")
@pytest.mark.needs("test_label_of_a_bare_name")
def test_label_is_a_number(student, rng):
    """label_from_filename devuelve un número entero, no un texto."""
    for count, hand in _kinds(rng)[:3]:
        name = f"{_identifier(rng)}_{count}{hand}.png"
        label = student.label_from_filename(name)
        if isinstance(label, str):
            fail(f"Para «{name}» devuelves el texto «{label}»: conviértelo en número con int(...).")
        as_integer(label, f"la etiqueta de «{name}»")


@pytest.mark.grade("label-from-filename-count")
@pytest.mark.needs("test_label_of_a_bare_name")
def test_label_of_a_path(student, rng):
    """label_from_filename acepta rutas cuyas carpetas tienen guiones bajos, puntos y dígitos."""
    for folder, (count, hand) in zip(FOLDERS, _kinds(rng)):
        expect_label(student, f"{folder}/{_identifier(rng)}_{count}{hand}.png", count, "las carpetas de la ruta")


@pytest.mark.grade("label-from-filename-count")
@pytest.mark.needs("test_label_of_a_bare_name")
def test_label_behind_more_underscores(student, rng):
    """label_from_filename acepta identificadores con guiones bajos, como img_001_3R.png."""
    for number, (count, hand) in enumerate(_kinds(rng)[:5]):
        name = f"img_{rng.integers(1000):03}_{count}{hand}.png" if number % 2 else f"a_b_{number}_{count}{hand}.png"
        expect_label(student, name, count, "los otros guiones bajos del nombre")


def expect_label(student, name, count, disturbing=""):
    """Fail unless the label of ``name`` is ``count``; a text that says the same number passes here."""
    label = student.label_from_filename(name)
    if label is None:
        fail("label_from_filename devuelve None. ¿Falta un `return`?")
    if isinstance(label, str):
        if label.strip() == str(count):
            return
        hand = " Trae también la mano: quédate con el dígito." if label.strip()[:1] == str(count) else ""
        fail(f"Para «{name}» devolviste «{label}».{hand}")
    if isinstance(label, (list, tuple, dict, np.ndarray)):
        fail(f"Para «{name}» devolviste {describe(label)}: se pide solo la cantidad de dedos.")
    if as_integer(label, f"la etiqueta de «{name}»") != count:
        cause = (
            f" ¿Te confunden {disturbing}?"
            if disturbing
            else " ¿Tomas el dígito que está justo antes de la letra L o R?"
        )
        fail(f"Para «{name}» devolviste {label}.{cause}")


def _kinds(rng):
    """Return every count with every hand, shuffled."""
    return [(int(place) // 2, "LR"[place % 2]) for place in rng.permutation(12)]


def _identifier(rng):
    return str(uuid.UUID(bytes=rng.bytes(16), version=4))

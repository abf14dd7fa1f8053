"""KERNELS: the five masks of the slides."""

from typing import Any

import numpy as np
import pytest

from autograder.checking import Student, describe, expect_array, expect_that

SLIDES = {
    "edges": [[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]],
    "horizontal": [[1, 1, 1], [0, 0, 0], [-1, -1, -1]],
    "diagonal_1": [[-1, 0], [0, 1]],
    "diagonal_2": [[0, -1], [1, 0]],
    "sharpen": [[0, -1, 0], [-1, 5, -1], [0, -1, 0]],
}


def expect_kernel(student: Student, name: str) -> None:
    """Fail unless ``KERNELS[name]`` holds the slide's numbers; other keys and other number types do not matter."""
    kernels = student.KERNELS
    expect_that(
        isinstance(kernels, dict),
        f"KERNELS debería ser un diccionario de nombre a kernel y es {describe(kernels)}.",
    )
    expect_that(name in kernels, f"A KERNELS le falta la clave «{name}» (se escribe exactamente así).")
    right = np.array(SLIDES[name])
    mistakes: dict[str, Any] = {
        "los signos están al revés.": -right,
        "filas y columnas están intercambiadas.": right.T,
        "el kernel está reflejado de izquierda a derecha.": right[:, ::-1],
        "el kernel está reflejado de arriba abajo.": right[::-1],
    }
    others = {f"esos son los números de «{other}».": values for other, values in SLIDES.items() if other != name}
    expect_array(
        kernels[name],
        right,
        f"el kernel «{name}»",
        mistakes=others | mistakes,
        shape_hint="Escríbelo fila por fila, como en la diapositiva.",
    )


@pytest.mark.grade("kernels-slides")
def test_kernel_edges(student):
    """KERNELS tiene el detector de bordes (edges) de las diapositivas."""
    expect_kernel(student, "edges")


@pytest.mark.grade("kernels-slides")
def test_kernel_horizontal(student):
    """KERNELS tiene el detector de bordes horizontales (horizontal)."""
    expect_kernel(student, "horizontal")


@pytest.mark.grade("kernels-slides")
def test_kernel_diagonal_1(student):
    """KERNELS tiene el primer detector de bordes diagonales (diagonal_1)."""
    expect_kernel(student, "diagonal_1")


@pytest.mark.grade("kernels-slides")
def test_kernel_diagonal_2(student):
    """KERNELS tiene el segundo detector de bordes diagonales (diagonal_2)."""
    expect_kernel(student, "diagonal_2")


@pytest.mark.grade("kernels-slides")
def test_kernel_sharpen(student):
    """KERNELS tiene el kernel de realce (sharpen) del ejemplo numérico."""
    expect_kernel(student, "sharpen")

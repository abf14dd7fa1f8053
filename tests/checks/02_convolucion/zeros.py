"""What the checks of pad2d, and of all that builds on it, compare with."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from autograder.checking import StudentFault, arrays, as_array, expect_array, sizes, smallest

EMPTY = "falta la imagen: hay solo ceros."


def reference_pad2d(image: np.ndarray, padding: int) -> np.ndarray:
    """Place the image inside a larger image of zeros."""
    rows, columns = image.shape
    padded = np.zeros((rows + 2 * padding, columns + 2 * padding))
    padded[padding : padding + rows, padding : padding + columns] = image
    return padded


def usual_mistakes(image: np.ndarray, padding: int) -> dict[str, np.ndarray]:
    """Return the wrong answers that one meets often."""
    one = (padding, 0), (padding, 0)
    other = (0, padding), (0, padding)
    both = (padding, padding)
    return {
        "no agregaste nada alrededor.": image,
        "rellenaste solo arriba y a la izquierda; van ceros en los cuatro lados.": np.pad(image, one),
        "rellenaste solo abajo y a la derecha; van ceros en los cuatro lados.": np.pad(image, other),
        "rellenaste solo arriba y abajo; faltan los costados.": np.pad(image, (both, (0, 0))),
        "rellenaste solo a los costados; faltan arriba y abajo.": np.pad(image, ((0, 0), both)),
        "rellenaste siempre con un solo píxel, sin mirar `padding`.": np.pad(image, 1),
        "el tamaño es correcto, pero la imagen no quedó en el centro.": np.pad(image, ((0, 2 * padding),) * 2),
        "el tamaño es correcto, pero la imagen quedó contra la esquina inferior derecha.": np.pad(
            image, ((2 * padding, 0),) * 2
        ),
        "rellenaste repitiendo el borde; el relleno son ceros.": np.pad(image, padding, mode="edge"),
        "rellenaste con unos; el relleno son ceros.": np.pad(image, padding, constant_values=1),
        "intercambiaste filas y columnas.": np.pad(image.T, padding),
        "perdiste los decimales: revisa el tipo del arreglo de ceros.": np.pad(np.trunc(image), padding),
        "los valores no caben en 8 bits y se desbordaron.": np.pad(np.trunc(image.astype(float)) % 256, padding),
        EMPTY: np.zeros((image.shape[0] + 2 * padding, image.shape[1] + 2 * padding)),
    }


@st.composite
def smaller(draw, image, padding, *_):
    """Draw smaller inputs of pad2d."""
    return (draw(arrays(image)), draw(sizes(padding, 0))), {}


@smallest(smaller)
def expect_pad2d(student, image, padding, what="la imagen con padding"):
    """Call pad2d and compare with the reference."""
    expect_array(
        student.pad2d(image, padding),
        reference_pad2d(image, padding),
        what,
        mistakes=lambda: usual_mistakes(image, padding),
        shape_hint="" if padding else "Ojo: `imagen[p:-p]` queda vacío cuando `p` es 0.",
    )


def misread_padding(student, image, padding):
    """Return what the student's own pad2d gives, if it is wrong in a way that one knows; else None."""
    last = student.last
    try:
        received = as_array(student.pad2d(image, padding)).astype(float)
    except StudentFault:
        return None
    finally:
        student.last = last
    right = reference_pad2d(image, padding)
    if received.shape == right.shape and np.allclose(received, right):
        return None
    known = [one for text, one in usual_mistakes(image, padding).items() if text != EMPTY]
    is_known = any(one.shape == received.shape and np.allclose(one, received) for one in known)
    return received if is_known else None

"""What the checks of ``preprocess`` say alike: numbers that a network likes, and every pixel apart and in its place.

An assignment gives the shape of its images, its own words and what undoes the mistakes that its images allow.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from functools import partial

import numpy as np

from autograder.checking.expect import expect_that, fail
from autograder.judging.pixels import PixelMap, fit_pixel_map

__all__ = ["expect_pixels_kept", "expect_small_numbers", "explain_moved"]

LARGEST = 10
"""No prepared value may be larger, whatever its sign."""

SPREAD = 0.2
"""Prepared values reach at least so far from the smallest to the largest."""

Answer = Callable[..., np.ndarray]
"""``answer(images)`` is what ``preprocess`` makes of a batch; ``answer(images, undo=…)`` after undoing a mistake."""


def expect_small_numbers(values: np.ndarray, *, raw: bool, rescaling: Callable[[], bool], networks: str) -> None:
    """Fail unless prepared images are small real numbers, or raw ones that the networks scale themselves.

    Parameters
    ----------
    values : ndarray
        What ``preprocess`` gave for images that reach from black to white.
    raw : bool
        Whether they are still the grey levels from 0 to 255.
    rescaling : callable
        Tells whether the student's networks take raw levels; asked only where it matters.
    networks : str
        Who has to begin with a scaling layer then: ``"tu red empieza"``.
    """
    if values.dtype.kind == "f":
        expect_that(
            bool(np.all(np.isfinite(values))), "preprocess da valores no finitos (NaN o infinito). ¿Divides por cero?"
        )
    if raw:
        expect_that(
            rescaling(),
            f"preprocess deja los píxeles de 0 a 255. Divídelos por 255 (solo si {networks} con una "
            "capa Rescaling o Normalization pueden quedar así).",
        )
        return
    if values.dtype.kind != "f":
        cause = "¿Usaste `//` en vez de `/`?" if values.max() <= 1 else "Conviértelos con `astype('float32')`."
        fail(f"preprocess debería devolver números reales y devuelve {values.dtype}. {cause}")
    largest = np.abs(values).max()
    expect_that(
        bool(largest <= LARGEST),
        f"preprocess devuelve valores de hasta {_written(largest, 4)} en valor absoluto: son demasiado grandes. "
        "Llévalos a un rango pequeño, por ejemplo de 0 a 1.",
    )
    spread = float(np.ptp(values))
    expect_that(
        spread >= SPREAD,
        f"Entre el valor más chico y el más grande que devuelve preprocess hay solo {_written(spread, 2)}: la red casi "
        "no distingue el negro del blanco. ¿Divides dos veces? Llévalos, por ejemplo, a un rango de 0 a 1.",
    )


def _written(value: float, digits: int) -> str:
    """Write so many digits of a number, however small it is, in Spanish: ``"0,0039"``."""
    return f"{value:.{digits}g}".replace(".", ",")


def expect_pixels_kept(pixels: PixelMap, tones: str) -> None:
    """Fail unless what ``preprocess`` does keeps the tones of single pixels apart.

    Parameters
    ----------
    pixels : PixelMap
        What `fit_pixel_map` found.
    tones : str
        What there are 256 of: ``"tonos de gris"``.
    """
    expect_that(
        pixels.keeps_pixels,
        "Divides cada imagen, fila o columna por su norma (¿`keras.utils.normalize`?): un mismo tono queda distinto "
        "según los píxeles que tenga cerca. Divide todo por el mismo número.",
    )
    if pixels.levels == 1:
        fail(f"Todos los {tones} quedan iguales. ¿Usaste `//` en vez de `/`, o lo dejaste en uint8?")
    if pixels.levels == 2:
        fail("Solo quedan dos tonos. ¿Usaste `//` en vez de `/`, o comparaste con un umbral? Conserva los tonos.")
    expect_that(
        pixels.keeps_order,
        "Los tonos quedan desordenados: uno más claro recibe un número menor que otro más oscuro. En uint8 las restas "
        "dan la vuelta (3 - 5 es 254): convierte antes con `astype('float32')`.",
    )
    expect_that(
        pixels.keeps_levels,
        f"De 256 {tones} solo quedan {pixels.levels} distintos. ¿Redondeas o usas `//`?",
    )


def explain_moved(
    answer: Answer,
    images: np.ndarray,
    rng: np.random.Generator,
    mistakes: Mapping[str, Callable[[np.ndarray], np.ndarray]],
    *,
    moved: str,
    otherwise: str,
    may_shrink: bool = False,
) -> None:
    """Fail with the likeliest reason why no transformation of single pixels explains what ``preprocess`` gives.

    Parameters
    ----------
    answer : callable
    images : ndarray of uint8
        A batch on which `fit_pixel_map` found nothing.
    rng : numpy.random.Generator
    mistakes : mapping of str to callable
        What undoes a mistake, by the end of the sentence that explains it.
    moved : str
        The beginning of that sentence.
    otherwise : str
        What to say if no mistake is recognised.
    may_shrink : bool
        Whether the images may be made smaller.
    """
    if not np.allclose(answer(images), answer(images), equal_nan=True):
        fail(
            "preprocess devuelve algo distinto cada vez para las mismas imágenes. Los cambios al azar (correr, girar, "
            "reflejar) son para entrenar y van fuera de preprocess."
        )
    for mistake, undo in mistakes.items():
        with contextlib.suppress(ValueError):
            undone = fit_pixel_map(partial(answer, undo=undo), images, rng, may_shrink=may_shrink)
            if undone is not None:
                fail(moved + mistake)
    fail(otherwise)

"""Does ``load_images`` bring every image of a folder with its own label?"""

import posixpath
import uuid
from functools import partial

import numpy as np
import pytest

from autograder.checking import Opaque, StudentFault, as_array, as_integer, describe, expect_that, fail, helped
from autograder.checking.blame import ELSEWHERE


@pytest.mark.grade("load-images-folder", weight=3)
def test_load_images_reads_every_pixel(student, rng):
    """load_images devuelve todas las imágenes de la carpeta, con los valores de los archivos."""
    folder, written = make_folder(student, rng, 14)
    with_labels(student, lambda student: match(load(student, folder)[0], written))


@pytest.mark.grade("load-images-folder", weight=3)
@pytest.mark.needs("test_load_images_reads_every_pixel")
def test_load_images_gives_each_image_its_label(student, rng):
    """load_images da a cada imagen su etiqueta, una por imagen."""
    folder, written = make_folder(student, rng, 18)
    with_labels(student, lambda student: expect_labels(student, folder, written))


def expect_labels(student, folder, written):
    """Fail unless each image has its own label."""
    images, labels = load(student, folder)
    if follow(student, labels, [written[place] for place in match(images, written)]):
        return
    if isinstance(labels, (list, tuple)) and any(isinstance(label, str) for label in labels):
        fail("Las etiquetas son textos: deben ser números enteros.")
    labels = as_array(labels, "las etiquetas")
    expect_that(
        labels.shape in [(len(written),), (len(written), 1)],
        f"Se espera una etiqueta por imagen. Hay {len(written)} imágenes y las etiquetas tienen forma {labels.shape}.",
    )
    found = [as_integer(label, "una etiqueta") for label in labels]
    right = [written[place][0] for place in match(images, written)]
    if found == right:
        return
    if sorted(found) == sorted(right):
        fail(
            "Las etiquetas están todas, pero no corresponden a sus imágenes. Lista los archivos una sola vez, y en ese "
            "mismo orden llena las imágenes y las etiquetas."
        )
    fail("Hay etiquetas equivocadas. ¿Las calculas con label_from_filename a partir de cada nombre de archivo?")


@pytest.mark.grade("load-images-folder")
@pytest.mark.needs("test_load_images_reads_every_pixel")
def test_load_images_works_for_any_folder(student, rng):
    """load_images lee cualquier carpeta, cualesquiera sean su nombre y su cantidad de imágenes, incluso una sola."""
    for count in (int(rng.integers(6, 10)), 1):
        folder, written = make_folder(student, rng, count, name=f"carpeta_{rng.integers(100)}/prueba_3L.v{count}")
        with_labels(student, partial(expect_all, folder=folder, written=written))


def expect_all(student, folder, written):
    """Fail unless each image of an odd folder has its own label."""
    images, labels = load(student, folder)
    named = [written[place] for place in match(images, written)]
    expect_that(
        follow(student, labels, named)
        or np.array_equal(np.ravel(as_array(labels, "las etiquetas")), [label for label, _, _ in named]),
        "En una carpeta con guiones bajos y dígitos en el nombre, las etiquetas no son las de los archivos.",
    )


@pytest.mark.grade("load-images-folder")
@pytest.mark.needs("test_load_images_reads_every_pixel")
def test_load_images_ignores_other_files(student, rng):
    """load_images ignora los archivos que no terminan en .png."""
    folder, written = make_folder(student, rng, 4)
    base = posixpath.basename(folder)
    student.put(f"{base}/leeme_3L.txt", b"no es una imagen")
    student.put(f"{base}/.DS_Store", b"\0\1\2")
    with_labels(student, lambda student: match(load(student, folder)[0], written))


def with_labels(student, expectation):
    """Judge load_images by itself: where the student's label_from_filename is broken, with the grader's instead."""
    helped(student, {"label_from_filename": lambda name: int(name[name.rindex("_") + 1])}, expectation)


def make_folder(student, rng, count, name=""):
    """Write ``count`` images for the student; return the folder and a list of (label, image, file name)."""
    name = name or f"manos{rng.integers(10**6)}"
    written, path = [], ""
    for number in range(count):
        label = int(rng.integers(6))
        # Few grey levels in blocks: small files, and no two images alike.
        image = np.kron(rng.integers(0, 256, (16, 16), np.uint8), np.ones((8, 8), np.uint8))
        identifier = uuid.UUID(bytes=rng.bytes(16), version=4) if number % 3 else f"img_{number:03}"
        path = student.put_png(f"{name}/{identifier}_{label}{rng.choice(['L', 'R'])}.png", image)
        written.append((label, image, posixpath.basename(path)))
    return posixpath.dirname(path), written


def load(student, folder):
    """Return what load_images gives: images and labels."""
    value = student.load_images(folder)
    if value is None:
        fail("load_images devuelve None. ¿Falta un `return images, labels`?")
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        fail(f"load_images debería devolver dos cosas, (images, labels), y devuelve {describe(value)}.")
    images, labels = value
    for what, part in (("las imágenes", images), ("las etiquetas", labels)):
        if part is None or isinstance(part, Opaque):
            fail(f"{what.capitalize()} de load_images son {describe(part)}: deben ser un arreglo o una lista.")
    if isinstance(labels, (np.ndarray, list, tuple)) and len(labels) and np.shape(labels[0]) == (128, 128):
        fail("load_images devuelve primero las etiquetas; el orden es (images, labels).")
    return images, labels


def follow(student, labels, named):
    """Tell whether the labels are wrong ones that the student's own label_from_filename reads in these files' names.

    That mistake is counted there; but what it reads must not be the same for all names, or it shows nothing here.
    """
    last, given = student.last, np.ravel(np.asarray(labels, dtype=object)).tolist()
    try:
        read = [student.label_from_filename(name) for _, _, name in named]
    except StudentFault:
        return False
    finally:
        student.last = last
    says_nothing = len(named) > 1 and len(set(map(str, read))) == 1
    if says_nothing or read == [label for label, _, _ in named] or list(map(str, read)) != list(map(str, given)):
        return False
    student.note(ELSEWHERE)
    return True


def match(images, written):
    """Return which of the written images each loaded one is; fail unless each is there once."""
    loaded = as_array(images, "lo que devuelve load_images como imágenes")
    count = len(written)
    if loaded.ndim == 0 or len(loaded) != count:
        received = "no es una lista de imágenes" if loaded.ndim == 0 else f"devolviste {len(loaded)}"
        fail(f"En la carpeta hay {count} imágenes, y {received}.")
    if loaded.shape != (count, 128, 128):
        hint = ""
        if loaded.shape == (count, 128, 128, 1):
            hint = " El eje de los canales se agrega en preprocess."
        elif loaded.ndim == 4:
            hint = " ¿Las leíste en color? Los archivos tienen un solo canal."
        fail(f"Las imágenes deberían tener forma ({count}, 128, 128) y tienen {loaded.shape}.{hint}")
    places = {image.tobytes(): place for place, (_, image, _) in enumerate(written)}
    pixels = loaded.astype(np.float64)
    order = [places.get(np.clip(image, 0, 255).astype(np.uint8).tobytes()) for image in pixels]
    exact = all(np.array_equal(image, written[place][1]) for image, place in zip(pixels, order) if place is not None)
    if None not in order and exact:
        if len(set(order)) < count:
            fail("Algunas imágenes están repetidas y otras faltan. ¿Copias siempre la misma en el arreglo?")
        return order
    for mistake, undo in MISTAKES.items():
        undone = [np.rint(undo(image)).clip(0, 255).astype(np.uint8).tobytes() for image in pixels]
        if set(undone) == set(places):
            fail(f"Los valores de las imágenes no son los de los archivos: {mistake}")
    if not pixels.any():
        fail("Todas las imágenes están en cero. ¿Las lees, pero no las copias en el arreglo?")
    fail("Los valores de las imágenes no son los de los archivos. ¿Lees cada archivo de la carpeta, sin transformarlo?")


MISTAKES = {
    "están divididos por 255. La escala es tarea de preprocess.": lambda image: image * 255,
    "las filas y las columnas están intercambiadas.": np.transpose,
    "los grises están invertidos.": lambda image: 255 - image,
}
"""What undoes a mistake, by the sentence that explains it."""

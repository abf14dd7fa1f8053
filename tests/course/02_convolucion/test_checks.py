"""Holes and spills of 02: each was wrong and uncaught, or charged where it did not belong."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.helpers.solutions import checked, costs, messages, pasted_lines

A = "02_convolucion"

CONV2D = """
def conv2d(image, kernel, stride=1, padding=0):
    image, kernel = {padded}, np.asarray(kernel{turned})
    rows = (image.shape[0] - kernel.shape[0]) // stride + 1
    columns = (image.shape[1] - kernel.shape[1]) // stride + 1
    output = np.zeros((rows, columns){dtype})
    for t in range(rows):
        for u in range(columns):
            window = image[t * stride : t * stride + kernel.shape[0], u * stride : u * stride + kernel.shape[1]]
            output[t, u] = np.sum(window * kernel)
    return {output}
"""


def conv2d(padded: str = "np.pad(image, padding)", turned: str = "", dtype: str = "", output: str = "output") -> str:
    return CONV2D.format(padded=padded, turned=turned, dtype=dtype, output=output)


def test_a_flipped_kernel_costs_its_own_cell_once(tmp_path: Path) -> None:
    """convolve2d and conv_layer that build on that conv2d are right, and are told where the mistake is."""
    results = checked(A, tmp_path, conv2d=conv2d(turned=")[::-1, ::-1].copy("))
    assert costs(results) == {"conv2d-correlation"}
    assert "giraste el kernel" in messages(results)
    notes = {result.message for result in results if result.status == "passed" and result.grade_id == "convolve2d-flip"}
    assert "El error está en tu conv2d, y se cuenta en su ejercicio." in notes


def test_decimals_lost_with_padding_alone_are_found(tmp_path: Path) -> None:
    """Whole numbers with padding and decimals without it had both been asked; the two together had not."""
    padded = "(np.pad(image, padding).astype(int) if padding else image)"
    assert costs(checked(A, tmp_path, only="conv2d-types", conv2d=conv2d(padded))) == {"conv2d-types"}


def test_decimals_lost_with_a_stride_alone_are_found(tmp_path: Path) -> None:
    """By max_pool2d, too."""
    lossy = conv2d(output="np.trunc(output) if stride > 1 else output")
    assert costs(checked(A, tmp_path, only="conv2d-types", conv2d=lossy)) == {"conv2d-types"}
    pooled = """
        def max_pool2d(image, pool_size=2, stride=None):
            windows = np.lib.stride_tricks.sliding_window_view(image, (pool_size, pool_size))
            if stride is None:
                return windows[::pool_size, ::pool_size].max(axis=(2, 3))
            return windows[::stride, ::stride].max(axis=(2, 3)).astype(int)
    """
    assert costs(checked(A, tmp_path, max_pool2d=pooled)) == {"max-pool2d-basic"}


@pytest.mark.parametrize(
    ("cell", "function"),
    [
        ("pad2d", "def pad2d(image, padding):\n    return np.pad(np.squeeze(image), padding)"),
        ("convolve2d", "def convolve2d(image, kernel):\n    return np.squeeze(conv2d(image, kernel[::-1, ::-1]))"),
    ],
)
def test_images_of_one_row_or_column_are_asked(tmp_path: Path, cell: str, function: str) -> None:
    """What drops an axis of length one is wrong."""
    assert cell in {name.split("-")[0] for name in costs(checked(A, tmp_path, **{cell: function}))}


def test_square_only_code_costs_the_cell_of_shapes(tmp_path: Path) -> None:
    """And neither stride, nor padding, nor types, nor what builds on it."""
    square = conv2d().replace("image.shape[1] - kernel.shape[1]", "image.shape[0] - kernel.shape[0]")
    assert costs(checked(A, tmp_path, conv2d=square)) == {"conv2d-shapes"}


def test_odd_only_code_costs_the_cell_of_shapes(tmp_path: Path) -> None:
    """An even kernel is a matter of shapes."""
    spoilt = "    if kernel.shape[0] % 2 == 0 or kernel.shape[1] % 2 == 0:\n        output += 1\n    return"
    odd = conv2d().replace("    return", spoilt)
    assert costs(checked(A, tmp_path, conv2d=odd)) == {"conv2d-shapes"}


def test_a_wrong_default_costs_the_cell_that_leaves_the_argument_out(tmp_path: Path) -> None:
    """Not those that would have passed it."""
    assert costs(checked(A, tmp_path, conv2d=conv2d().replace("padding=0", "padding=1"))) == {"conv2d-slide"}


def test_rounding_up_where_the_stride_does_not_fit_costs_the_stride_alone(tmp_path: Path) -> None:
    """Whatever the shape that it is crossed with."""
    up = conv2d(padded="np.pad(np.pad(image, padding), (0, stride - 1))")
    assert costs(checked(A, tmp_path, conv2d=up)) == {"conv2d-stride"}


def test_a_kernel_that_conv2d_changes_costs_once(tmp_path: Path) -> None:
    """convolve2d and conv_layer change theirs only because they call it."""
    spoils = conv2d().replace("    return", "    kernel *= 0\n    return")
    results = checked(A, tmp_path, conv2d=spoils)
    assert costs(results) == {"conv2d-types"}
    assert "cambió `kernel`, que recibió como argumento" in messages(results)


def test_a_maximum_from_zero_costs_the_cell_of_negative_values(tmp_path: Path) -> None:
    """And not that of the stride."""
    pooled = """
        def max_pool2d(image, pool_size=2, stride=None):
            step = stride or pool_size
            windows = np.lib.stride_tricks.sliding_window_view(image, (pool_size, pool_size))
            return np.maximum(windows[::step, ::step].max(axis=(2, 3)), 0)
    """
    assert costs(checked(A, tmp_path, max_pool2d=pooled)) == {"max-pool2d-basic"}


def test_padding_on_two_sides_costs_pad2d_alone(tmp_path: Path) -> None:
    """A conv2d that uses it pads as it should."""
    lopsided = "def pad2d(image, padding):\n    return np.pad(image, ((padding, 0), (padding, 0)))"
    assert costs(checked(A, tmp_path, pad2d=lopsided)) == {"pad2d-zeros"}


@pytest.mark.parametrize("shape", [(), (3, 3), (3, 3, 1), (0, 0, 2)])
def test_a_layer_of_another_shape_is_wrong_and_no_fault_of_the_grader(tmp_path: Path, shape: tuple[int, ...]) -> None:
    """Whatever it is compared with."""
    layer = f"def conv_layer(volume, filters, biases, stride=1, padding=0):\n    return np.zeros({shape})"
    stub = "def conv2d(image, kernel, stride=1, padding=0):\n    return None"
    lost = costs(checked(A, tmp_path, only="conv-layer-slide", conv2d=stub, conv_layer=layer))
    assert lost == {"conv-layer-slide"}


@pytest.mark.parametrize("stub", ["return np.zeros((3, 3))", "return image", "return None"])
def test_nothing_is_forgiven_to_a_conv2d_that_computes_nothing(tmp_path: Path, stub: str) -> None:
    """Whatever is wrong elsewhere, too."""
    stubs = f"def conv2d(image, kernel, stride=1, padding=0):\n    {stub}"
    layer = "def conv_layer(volume, filters, biases, stride=1, padding=0):\n    return np.zeros((3, 3, 2))"
    turned = "def convolve2d(image, kernel):\n    return conv2d(image, kernel)"
    lost = costs(checked(A, tmp_path, conv2d=stubs, conv_layer=layer, convolve2d=turned))
    cells = ("slide", "correlation", "padding", "stride", "shapes", "types")
    assert lost >= {*(f"conv2d-{cell}" for cell in cells), "convolve2d-flip", "conv-layer-slide", "conv-layer-general"}


CONV2D_CELLS = {f"conv2d-{cell}" for cell in ("slide", "correlation", "padding", "stride", "shapes", "types")}


@pytest.mark.parametrize(
    "stub", ["raise ValueError('no')", "return np.zeros((3, 3))", "return None", "return conv2d(image)"]
)
def test_a_conv2d_that_computes_nothing_costs_its_own_cells_alone(tmp_path: Path, stub: str) -> None:
    """What calls it as it should is judged with the grader's conv2d, and says so."""
    stubs = f"def conv2d(image, kernel, stride=1, padding=0):\n    {stub}"
    layer = """
        def conv_layer(volume, filters, biases, stride=1, padding=0):
            maps = [sum(conv2d(volume[:, :, c], filters[:, :, c, f], stride, padding=padding)
                        for c in range(volume.shape[2])) + biases[f] for f in range(len(biases))]
            return np.stack(maps, axis=-1)
    """
    turned = "def convolve2d(image, kernel):\n    return conv2d(image, kernel[::-1, ::-1])"
    results = checked(A, tmp_path, conv2d=stubs, conv_layer=layer, convolve2d=turned)
    assert costs(results) == CONV2D_CELLS
    notes = {result.message for result in results if result.status == "passed"}
    assert "El error está en tu conv2d, y se cuenta en su ejercicio." in notes


def test_a_pad2d_that_raises_costs_its_own_cell_alone(tmp_path: Path) -> None:
    """A conv2d that pads with it is judged with the grader's."""
    results = checked(
        A, tmp_path, pad2d="def pad2d(image, padding):\n    return image[9]", conv2d=conv2d("pad2d(image, padding)")
    )
    assert costs(results) == {"pad2d-zeros"}


def test_nothing_is_forgiven_to_what_was_not_written(tmp_path: Path) -> None:
    """A function that raises by itself asks the grader nothing."""
    stub = "def {}(*arguments, **keywords):\n    raise NotImplementedError"
    written = {name: stub.format(name) for name in ("conv2d", "convolve2d", "conv_layer")}
    lost = costs(checked(A, tmp_path, **written))
    assert lost == {*CONV2D_CELLS, "convolve2d-flip", "conv-layer-slide", "conv-layer-general"}


def test_a_failure_ends_with_the_smallest_call_that_shows_it(tmp_path: Path) -> None:
    """It can be pasted, it fails, and nothing in it is what was expected."""
    square = conv2d().replace("image.shape[1] - kernel.shape[1]", "image.shape[0] - kernel.shape[0]")
    results = checked(A, tmp_path, only="conv2d-shapes", conv2d=square)
    lines = pasted_lines(messages(results))
    assert lines
    assert all(len(line) < 60 for line in lines)
    for line in lines:
        namespace = {"np": np, "conv2d": lambda image, kernel, stride=1, padding=0: image.shape}
        assert eval(line, namespace)


def test_writing_at_the_place_in_the_image_is_named(tmp_path: Path) -> None:
    """``output[x, y]`` with a stride goes beyond the end."""
    wrong = """
        def conv2d(image, kernel, stride=1, padding=0):
            image = np.pad(image, padding)
            (N, M), (K, L) = image.shape, np.shape(kernel)
            output = np.zeros(((N - K) // stride + 1, (M - L) // stride + 1))
            for x in range(0, N - K + 1, stride):
                for y in range(0, M - L + 1, stride):
                    output[x, y] = np.sum(image[x : x + K, y : y + L] * kernel)
            return output
    """
    results = checked(A, tmp_path, conv2d=wrong)
    assert costs(results) == {"conv2d-stride"}
    assert "¿escribes el resultado en `output[x, y]`?" in messages(results)

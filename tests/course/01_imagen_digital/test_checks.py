"""Holes and spills of 01: each was wrong and uncaught, or charged where it did not belong."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers.solutions import checked, costs, messages

A = "01_imagen_digital"


def test_an_image_of_one_row_keeps_its_row(tmp_path: Path) -> None:
    """``squeeze`` drops an axis of length one."""
    squeezed = 'def channel(image, name):\n    return np.squeeze(image[:, :, "RGB".index(name)])'
    assert costs(checked(A, tmp_path, only="channel-planes", channel=squeezed)) == {"channel-planes"}


@pytest.mark.parametrize(
    "body",
    [
        'return image[:, :, "BGR".index(name)]',
        'return image * (np.arange(3) == "RGB".index(name))',
        'plane = image[:, :, "RGB".index(name)].copy()\n    image[:, :, 0] = 0\n    return plane',
    ],
    ids=["wrong order", "mask", "changes its image"],
)
def test_a_wrong_channel_costs_once(tmp_path: Path, body: str) -> None:
    """show_channels draws what that channel gives, and is told so."""
    assert costs(checked(A, tmp_path, channel=f"def channel(image, name):\n    {body}")) == {"channel-planes"}


def test_an_image_of_three_rows_is_not_taken_for_three_channels(tmp_path: Path) -> None:
    """Whoever guesses the axis by its length guesses wrong there."""
    guess = """
        def channel(image, name):
            index = "RGB".index(name)
            return image[index] if len(image) == 3 else image[:, :, index]
    """
    assert costs(checked(A, tmp_path, only="channel-planes", channel=guess)) == {"channel-planes"}


def test_a_grey_that_remembers_an_earlier_image_is_found(tmp_path: Path) -> None:
    """Two images of one shape are asked."""
    remembers = """
        seen = {}
        def gray_mean(image):
            return seen.setdefault(image.shape, image).mean(axis=2)
    """
    assert "gray-mean-values" in costs(checked(A, tmp_path, gray_mean=remembers))


@pytest.mark.parametrize(
    ("cell", "source"),
    [
        ("channel", 'def channel(image, name):\n    return image.transpose(2, 0, 1)["RGB".index(name)].tolist()'),
        ("gray_mean", 'def gray_mean(image):\n    return np.einsum("ijk->ij", image.astype("float32")) / 3'),
        ("gray_luminosity", "def gray_luminosity(image):\n    return np.asarray(image, float) @ (0.3, 0.59, 0.11)"),
        ("load_rgb", "def load_rgb(path):\n    return plt.imread(path)[..., :3] if 0 else np.array(io.imread(path))"),
    ],
)
def test_unusual_right_styles_lose_nothing(tmp_path: Path, cell: str, source: str) -> None:
    """Lists, sums by letters, products of matrices."""
    assert costs(checked(A, tmp_path, **{cell: source})) == set()


@pytest.mark.parametrize(
    ("cell", "source", "cost"),
    [
        (
            "gray_mean",
            "def gray_mean(image):\n    return image.sum(axis=2, dtype=image.dtype) / 3",
            "gray-mean-overflow",
        ),
        (
            "gray_luminosity",
            "def gray_luminosity(image):\n    image[0] = 0\n    return image @ [0.3, 0.59, 0.11]",
            "gray-luminosity-values",
        ),
        ("load_gray", "def load_gray(path):\n    return load_rgb(path).mean(axis=2)", "load-gray-values"),
    ],
)
def test_wrong_sums_scales_and_changed_arguments_are_found(tmp_path: Path, cell: str, source: str, cost: str) -> None:
    """Each on its own cell."""
    assert cost in costs(checked(A, tmp_path, **{cell: source}))


def test_the_line_to_paste_never_names_a_file_of_the_graders(tmp_path: Path) -> None:
    """A student does not have it."""
    wrong = "def load_gray(path):\n    return load_rgb(path)[..., 0] / 255"
    said = messages(checked(A, tmp_path, only="load-gray-values", load_gray=wrong))
    assert said
    assert "Pruébalo" not in said

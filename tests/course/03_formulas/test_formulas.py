"""Holes and spills of 03's formulas: wrong and uncaught, charged where it did not belong, or right and hurt."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers.solutions import checked, costs

A = "03_formulas"


def test_rounding_the_size_after_pooling_is_found_whatever_the_seed(tmp_path: Path) -> None:
    """13.5 rounds to 14, 12.5 to 12: both kinds are asked."""
    rounded = (
        "def pool_output_shape(s, pool_size=2):\n    return round(s[0] / pool_size), round(s[1] / pool_size), s[2]"
    )
    found = costs(checked(A, tmp_path, only="pool-output-shape-maps", pool_output_shape=rounded))
    assert found == {"pool-output-shape-maps"}


@pytest.mark.parametrize(
    "source",
    [
        "from fractions import Fraction\ndef dense_params(i, u):\n    return Fraction(i + 1) * u",
        "dense_params = lambda inputs, units: np.float32(inputs * units + units)\nimport numpy as np",
        "import numpy as np\ndef dense_params(inputs, units):\n    return np.array([inputs, 1]) @ [units, units]",
        "def dense_params(inputs, units):\n    return units and dense_params(inputs, units - 1) + inputs + 1",
    ],
)
def test_a_count_may_be_any_kind_of_whole_number(tmp_path: Path, source: str) -> None:
    """A fraction, numpy's floats and arrays without axes, by recursion."""
    assert costs(checked(A, tmp_path, only="dense-params-count", dense_params=source)) == set()


def test_a_formula_without_the_stride_costs_once(tmp_path: Path) -> None:
    """The shape of a convolution follows from it and is right for all that."""
    wrong = "def output_size(n, kernel_size, padding=0, stride=1):\n    return n + 2 * padding - kernel_size + 1"
    assert costs(checked(A, tmp_path, output_size=wrong)) <= {"output-size-formula", "output-size-floor"}


def test_forgotten_biases_cost_where_they_are_counted(tmp_path: Path) -> None:
    """And not in the answers that use that function."""
    wrong = "def conv_params(filters, kernel_size, channels):\n    return filters * kernel_size**2 * channels"
    assert costs(checked(A, tmp_path, conv_params=wrong)) == {"conv-params-count"}

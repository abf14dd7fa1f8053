"""The data sets as arrays."""

from __future__ import annotations

import numpy as np
import pytest

import data


def test_mnist_is_the_official_data_set() -> None:
    """Shapes, types, balance and well-known first labels; the registry's hashes vouch for the rest."""
    (x_train, y_train), (x_test, y_test) = data.load("mnist")
    assert (x_train.shape, y_train.shape, x_test.shape, y_test.shape) == (
        (60000, 28, 28),
        (60000,),
        (10000, 28, 28),
        (10000,),
    )
    assert {array.dtype for array in (x_train, y_train, x_test, y_test)} == {np.dtype(np.uint8)}
    assert y_train[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert y_test[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    assert np.bincount(y_train).tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]


def test_loaded_arrays_are_shared_and_cannot_be_changed() -> None:
    """A check that writes into a test image would change the grades after it."""
    first, second = data.load("mnist"), data.load("mnist")
    assert first is second
    with pytest.raises(ValueError, match="read-only"):
        first[1][0][0, 0, 0] = 1


def test_an_unknown_data_set_is_named_with_the_known_ones() -> None:
    """The message says what there is."""
    with pytest.raises(data.UnknownDataset, match=r"expected one of the data sets mnist.*Received: mnits"):
        data.load("mnits")

"""Mutants: one small change each, of the kinds that the course is about."""

from __future__ import annotations

import ast

import pytest

from autograder.proving.mutate import mutants_of

CELL = '''
def f(image, padding, stride=1):
    """Rodea 2 veces."""
    ### BEGIN SOLUTION
    {body}
    ### END SOLUTION
'''


def changed(body: str) -> set[str]:
    """Return the lines that mutants have instead of ``body``."""
    return {
        line[1:].strip()
        for mutant in mutants_of("f", CELL.format(body=body))
        for line in mutant.diff.splitlines()
        if line.startswith("+")
    }


@pytest.mark.parametrize(
    ("body", "mutant"),
    [
        ("return image + 1", "return image - 1"),
        ("return image // 2", "return round(image / 2)"),
        ("return image // 2", "return -(-image // 2)"),
        ("return image[1:, 2]", "return image[2, 1:]"),
        ("return image[padding:]", "return image[padding + 1:]"),
        ("return image.copy()", "return image"),
        ("return image.astype(float)", "return image.astype(int)"),
        ("return image.sum(axis=1)", "return image.mean(axis=1)"),
        ("return image.sum(axis=1)", "return image.sum()"),
        ("return g(image, padding)", "return g(padding, image)"),
        ("return range(padding)", "return range(padding - 1)"),
        ("return image < 3", "return image <= 3"),
        ("return padding or 2", "return 2"),
        ("return Dense(10, activation='relu')", "return Dense(10, activation='linear')"),
        ("return Sequential([Flatten(), Dense(10)])", "return Sequential([Dense(10)])"),
        ("return Conv2D(8, 3, strides=2, padding='same')", "return Conv2D(8, 3, strides=2, padding='valid')"),
        ("return padding", "padding"),
        ("return image", "def f(image, padding, stride=2):"),
    ],
)
def test_a_slip_of_each_kind_is_made(body: str, mutant: str) -> None:
    """Arithmetic, axes, copies, types, functions, arguments, conditions, layers, defaults."""
    assert mutant in changed(body)


def test_only_the_solution_is_changed() -> None:
    """Neither the docstring nor what stands outside the markers; and every mutant is Python of its own."""
    mutants = mutants_of("f", CELL.format(body="return image + 12"))
    assert len({mutant.source for mutant in mutants}) == len(mutants) > 4
    assert all("Rodea 2 veces." in mutant.source for mutant in mutants)
    assert len({mutant.id for mutant in mutants}) == len(mutants)
    for mutant in mutants:
        ast.parse(mutant.source)

"""What a disguise leaves of code is the same; what means something else is not."""

from __future__ import annotations

import pytest

from autograder.similarity.fragments import RUN, WINDOW, fragments
from autograder.similarity.syntax import MAX_SOURCE, statements

LOOPS = """
def total(image, kernel):
    rows = len(image)
    out = []
    for i in range(rows):
        out.append(image[i] * kernel[i] + 1)
    return np.sum(out)
"""
WHILE = """
# otra cosa
def total(image, kernel):
    n = len(image)
    res = []
    k = 0
    while k < n:
        res.append(7 + kernel[k] * image[k])
        k += 1
    return res.sum()
"""
COMPREHENSION = """
def total(image, kernel):
    rows = len(image)
    out = [1 + image[i] * kernel[i] for i in range(rows)]
    return np.sum(out)
"""


def shapes(source: str) -> set[tuple[str, ...]]:
    """Return the statements without names."""
    found = set()
    for statement in statements(source):
        names: dict[str, str] = {}
        found.add(tuple(names.setdefault(t, f"v{len(names)}") if t.startswith("v:") else t for t in statement.tokens))
    return found


@pytest.mark.parametrize("other", [WHILE, COMPREHENSION])
def test_loops_of_all_kinds_are_one(other: str) -> None:
    """A while that counts, a comprehension, other names and literals: the loop and what it makes stay the same."""
    same = shapes(LOOPS) & shapes(other)
    assert ("loop", "v0") in same
    assert ("element", "Add", "c", "Mult", "Subscript", "v0", "v1", "Subscript", "v2", "v1") in same
    assert ("sum(", "v0") in same


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("a += b * 2", "a = 3 * b + a"),
        ("x = a > b", "y = b < a"),
        ("import numpy as n\nn.zeros((a, b))", "from numpy import zeros as leer\nleer((c, d))"),
        ("def f():\n    return a + b", "def g():\n    c = a + b"),
        ("%matplotlib inline\nz = f(a, 1)", "z = f(b, 2)  # igual"),
    ],
)
def test_what_means_the_same_has_one_shape(one: str, two: str) -> None:
    """Sums in any order, turned comparisons, libraries under other names, magics and comments."""
    assert shapes(one) - {("pass",)} == shapes(two)


def test_another_operation_has_another_shape() -> None:
    """A difference is not a sum, nor may its sides be turned."""
    assert shapes("x = a - len(b)") != shapes("x = a + len(b)")
    assert shapes("x = a - len(b)") != shapes("x = len(b) - a")
    assert shapes("x = a * a") != shapes("x = a * b")


def test_functions_may_come_in_any_order() -> None:
    """Each is winnowed for itself."""
    other = LOOPS.replace("total", "other").replace("+ 1", "- image[0] ** kernel[i - 1]")
    assert fragments(LOOPS + other).keys() == fragments(other + LOOPS).keys()


def test_a_shared_run_is_found_wherever_it_stands() -> None:
    """The promise of winnowing: RUN + WINDOW - 1 tokens in common share a fragment, with their lines."""
    shared = "\n".join(f"a.part{n}(b.x{n})" for n in range(RUN))
    one, two = fragments("first()\n" + shared), fragments(shared + "\nlast(first)\nmore()")
    assert RUN + WINDOW - 1 <= 3 * RUN
    both = one.keys() & two.keys()
    assert both
    assert {line for number in both for line in one[number]} == set(range(2, RUN + 2))


@pytest.mark.parametrize(
    "hostile",
    [
        "(" * 5000,
        "-" * 9_000 + "1",
        "a" + ".b" * 9_000,
        "x = " + "+".join("1" * 9_000),
        "def f(:\n  ]",
        "\0",
        "\ud800 = 1",
    ],
)
def test_hostile_code_is_only_text(hostile: str) -> None:
    """Whatever the parser says to it, there is an answer."""
    assert isinstance(fragments(hostile), dict)


def test_a_cell_is_not_read_without_end() -> None:
    """What stands behind MAX_SOURCE characters is not looked at."""
    assert fragments("#" * MAX_SOURCE + "\n" + LOOPS) == {}

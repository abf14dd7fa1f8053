"""Which cells show what stood in for the test set or for training."""

from __future__ import annotations

import pytest

from autograder.course.assignments import find_assignments
from autograder.course.notebooks import is_grade_cell, read_notebook
from autograder.feedback.borrowed import Code, Reason, borrowed

LOAD = "(x_train, y_train), (x_test, y_test) = mnist.load_data()"


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("print(x_train.shape)", None),
        ("print(len(y_test))", "test"),
        ("print(f'{model.evaluate(x_test, y_test)}')", "test"),
        ("a = x_test / 255\nfor image in a[:3]:\n    show(image)", "test"),
        ("x = x_test\nx = x_train\nprint(x)", "test"),
        ("names = os.listdir('fingers/test')", "test"),
        ("latest = contest = fastest = 1\nprint(latest, contest, fastest)", None),
        ("%matplotlib inline\n!ls\nprint(x_test)", "test"),
        ("this is no Python", None),
        ("this is no Python: x_test", "test"),
        ("", None),
    ],
)
def test_a_cell_that_reads_test_images_is_known(source: str, reason: Reason | None) -> None:
    """By the names and texts that it reads."""
    assert borrowed([Code(LOAD), Code(source)])[1] == reason


@pytest.mark.parametrize(
    "first",
    [
        "(a, b), (c, d) = mnist.load_data()",
        "from keras.datasets.mnist import load_data\n(a, b), (c, d) = load_data()",
        "data = mnist.load_data()\n(a, b), (c, d) = data",
        "data = mnist.load_data()\na = data[0][0]\nc = data[1][0]",
        "def load():\n    return mnist.load_data()\n(a, b), (c, d) = load()",
        "def load():\n    f = np.load('m')\n    return (f['x_train'], 1), (f['x_test'], 2)\n(a, b), (c, d) = load()",
    ],
)
def test_test_images_under_other_names_are_known(first: str) -> None:
    """The second part of what a loader returns, whatever it is called."""
    assert borrowed([Code(first), Code("print(a)"), Code("print(c)")])[1:] == [None, "test"]


def test_names_are_followed_through_functions_objects_and_new_values() -> None:
    """A function reads when it is called; an object holds what it was given; a new value ends it."""
    cells = [
        "def measure():\n    'On the test set.'\n    return model.predict(x_test)",
        "results = {}\nrows = []",
        "results['cnn'] = measure()\nrows.append(results)",
        "print(rows)",
        "rows = [1]\nprint(rows)",
        "np.sum(x_test)\nprint(np.zeros(3))",
    ]
    found = borrowed([Code("import numpy as np"), *map(Code, cells), Code("print(np.ones(2))")])
    assert found == [None, None, None, "test", "test", None, "test", None]


def test_what_a_skipped_training_cell_would_have_set_is_known() -> None:
    """Its names, its curves, and functions that read them; a model that is loaded again is the one handed in."""
    cells = [
        Code("histories = {}\ndef show(name):\n    print(histories.get(name, 'run its cell'))"),
        Code("model = build()\nhistories['cnn'] = model.fit(x_train, y_train).history", ran=False),
        Code("show('cnn')"),
        Code("print(globals().get('model'))"),
        Code("for name in ('cnn',):\n    model = saved(name)\n    print(model.count_params())"),
    ]
    assert borrowed(cells) == [None, "train", "train", "train", None]
    assert borrowed([Code(cell.source) for cell in cells]) == [None] * 5


@pytest.mark.parametrize(
    ("assignment", "kept", "replaced"),
    [
        (
            "04_mnist",
            {"confusion-plot", "mistakes-plot", "balance"},
            {"data", "summary-plot", "cnn-curves", "softmax-curves"},
        ),
        ("05_cifar10", {"confusion-plot", "photos-plot"}, {"balance", "test-plot", "plain-curves", "cnn-curves"}),
        ("06_fingers", {"confusion-plot", "find-data"}, {"file-names-plot", "data", "test-plot", "wrong-labels-plot"}),
        ("07_vgg16", {"photo-plot", "recognise-plot"}, {"fine-tuned-curves", "summary-plot", "data-plot"}),
    ],
)
def test_the_cells_of_the_course_are_told_apart(assignment: str, kept: set[str], replaced: set[str]) -> None:
    """What is measured on validation images is real, and stays."""
    cells = [
        cell
        for cell in read_notebook(find_assignments()[assignment].source).cells
        if cell.cell_type == "code" and not is_grade_cell(cell)
    ]
    reasons = borrowed([Code(cell.source, "train" not in cell.metadata.get("tags", [])) for cell in cells])
    found = {cell.id for cell, reason in zip(cells, reasons) if reason is not None}
    assert replaced <= found
    assert not kept & found

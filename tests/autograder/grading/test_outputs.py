"""What a submission's cells showed."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from autograder.grading import kept
from autograder.grading.outputs import cell_outputs, text_output
from autograder.intake.restore import Step
from autograder.sandbox.box import Sandbox
from autograder.sandbox.client import CellRun
from autograder.sandbox.launch import pack
from autograder.sandbox.remote import RemoteStudent
from autograder.settings import Settings

FIGURE = """
%matplotlib inline
import matplotlib.pyplot as plt
def show_channels(image):
    figure, axes = plt.subplots(1, 2)
    axes[0].imshow([[1, 2]], cmap="Reds")
    plt.show()
    return figure
plt.plot([1, 2])
plt.show()
print("listo")
"""


def test_each_cell_shows_what_it_showed_and_why_it_ended() -> None:
    """By its place in the student's notebook; a cell that was put back has none."""
    steps = [Step("", 0), Step("", None), Step("", 2, "train"), *(Step("", place) for place in (3, 4, 5, 6, 7))]
    runs = {
        0: CellRun("ok", [text_output("hola")]),
        1: CellRun("ok", [text_output("puesta")]),
        3: CellRun("timeout", [text_output("...")], seconds=30.0),
        4: CellRun("timeout"),
        5: CellRun("died", error_text="usó demasiada memoria."),
        6: CellRun("flood", seconds=1.0),
    }
    shown = {
        place: [output["text"].strip() for output in outputs] for place, outputs in cell_outputs(steps, runs).items()
    }
    assert shown == {
        0: ["hola"],
        2: ["[No se ejecutó: es una celda de entrenamiento, y se evaluó el modelo que entregaste.]"],
        3: ["...", "[Se interrumpió: la celda no terminó a tiempo.]"],
        4: ["[No se ejecutó: ya no quedaba tiempo para esta celda.]"],
        5: ["[El proceso terminó en esta celda: usó demasiada memoria.]"],
        6: ["[Se interrumpió: la celda imprimió demasiado.]"],
        7: [],
    }


def test_outputs_are_kept_beside_the_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Damaged ones count as none."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert kept.load_outputs("key") is None
    kept.store_outputs("key", {3: [text_output("hola \ud800")]})
    assert kept.load_outputs("key") == {3: [text_output("hola \ud800")]}
    (kept.folder() / "key.outputs.json").write_text('{"a": 1')
    assert kept.load_outputs("key") is None


def test_drawn_figures_are_shown_and_those_of_a_call_stay_open() -> None:
    """The notebook's ``show()`` would close what the check wants to see."""
    with Sandbox() as box, pack([]) as archived:
        box.wait_until_ready()
        settings = Settings(render=True)
        student = RemoteStudent(
            box.address, archived, [Step(FIGURE, 0)], settings, settings.limits(False), models=False
        )
        try:
            student.run()
            outcome = student.call("show_channels", None)
            [figure], returned = outcome.figures, outcome.value
        finally:
            student.close()
    assert [image.cmap for image in figure.images] == [image.cmap for image in returned.images] == ["Reds"]
    shown = cell_outputs([Step(FIGURE, 0)], student.runs)[0]
    assert [output["output_type"] for output in shown] == ["display_data", "stream"]
    png = base64.b64decode(shown[0]["data"]["image/png"])
    # The head of zlib's fastest way: most of a figure's time would go into making it an eighth smaller.
    assert png[png.index(b"IDAT") + 4 :][:2] == b"\x78\x01"


def test_a_cell_that_was_text_says_how_it_becomes_code_again() -> None:
    """Above what it showed."""
    [told, shown] = cell_outputs([Step("x", 0, turned="markdown")], {0: CellRun("ok", [text_output("hola")])})[0]
    assert told["text"].startswith("[Esta celda no era de código (markdown) en tu cuaderno")
    assert shown["text"] == "hola\n"


def test_a_picture_that_ends_the_worker_or_never_ends_costs_no_call() -> None:
    """Cells that only draw run where outputs are wanted; the grade is the one without them, restarts and time too."""
    steps = [
        Step("def seven():\n    return 7", 0),
        Step("import time\ntime.sleep(60)", 1, "plot"),
        Step("import os\nos._exit(1)", 2, "plot"),
        Step("print('never drawn')", 3, "plot"),
    ]
    settings = Settings(render=True, restarts=0, cell_seconds=1.0, total_seconds=20.0)
    with Sandbox() as box, pack([]) as archived:
        box.wait_until_ready()
        student = RemoteStudent(box.address, archived, steps, settings, settings.limits(False), models=False)
        try:
            student.run()
            assert student.call("seven").value == 7
        finally:
            student.close()
    assert {number: run.status for number, run in student.runs.items()} == {0: "ok", 1: "timeout", 2: "died"}
    assert student.timed_out is False

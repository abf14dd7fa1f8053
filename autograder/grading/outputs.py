"""What the cells of a submission showed when they ran, with a word where they did not run or did not end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from autograder.intake.restore import Step
from autograder.sandbox.client import CellRun

__all__ = ["Outputs", "cell_outputs", "is_note", "text_output"]

Outputs = dict[int, list[dict[str, Any]]]
"""Outputs in notebook format by the place of the student's cell in the notebook. Untrusted."""

_NOT_RUN = "[No se ejecutó: {reason}]"
_TRAINING = "es una celda de entrenamiento, y se evaluó el modelo que entregaste."
_TURNED = (
    "[Esta celda no era de código ({kind}) en tu cuaderno: se ejecutó como código. Con la tecla Y vuelve a serlo.]"
)
_NO_TIME = "ya no quedaba tiempo para esta celda."
_ENDED = {
    "timeout": "[Se interrumpió: la celda no terminó a tiempo.]",
    "flood": "[Se interrumpió: la celda imprimió demasiado.]",
    "died": "[El proceso terminó en esta celda: {reason}]",
}


def cell_outputs(steps: Sequence[Step], runs: Mapping[int, CellRun]) -> Outputs:
    """Return what each of the student's cells showed.

    Parameters
    ----------
    steps : sequence of Step
        What was to run.
    runs : mapping of int to CellRun
        How the steps that did run ended, by their place in ``steps``.
    """
    shown: Outputs = {}
    for number, step in enumerate(steps):
        if step.index is None:
            continue
        run = runs.get(number)
        outputs = [dict(output) for output in run.outputs] if run is not None else []
        if step.turned:
            outputs.insert(0, text_output(_TURNED.format(kind=step.turned)))
        if run is None:
            if step.kind == "train":
                outputs.append(text_output(_NOT_RUN.format(reason=_TRAINING)))
        elif run.status == "timeout" and not run.seconds:
            outputs.append(text_output(_NOT_RUN.format(reason=_NO_TIME)))
        elif run.status in _ENDED:
            outputs.append(text_output(_ENDED[run.status].format(reason=run.error_text)))
        shown[step.index] = outputs
    return shown


def is_note(output: Mapping[str, Any]) -> bool:
    """Tell whether an output is a word of the grader's about how a cell ran, rather than what the cell showed."""
    text = str(output.get("text", ""))
    return any(text.startswith(note.partition("{")[0]) for note in (_NOT_RUN, _TURNED, *_ENDED.values()))


def text_output(text: str) -> dict[str, Any]:
    """Return an output that is plain text."""
    return {"output_type": "stream", "name": "stdout", "text": text + "\n"}

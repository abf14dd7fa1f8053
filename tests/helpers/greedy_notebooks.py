"""Notebooks that try to fill the grading process or to keep it busy: by what they answer, show, print and sleep.

Each is what is added to a right submission of 02 (see `autograder.course.sample`). The answers of the first ones are
made once and sent as they are, so that they cost the worker little.
"""

from __future__ import annotations

import json
from typing import Any

from autograder.course.assignments import ROOT
from autograder.course.sample import build_notebook

_SEND = """# %% append
import io
import json
import numpy as np
from autograder.worker.line import Line
LAYERS = [{"class_name": "Dense", "config": {}}]
def reply(value):
    return json.dumps({"status": "ok", "value": value}).encode()
def model(config):
    return {"model": {"config": config, "weights": None}}
def npy(array):
    stream = io.BytesIO()
    np.lib.format.write_array(stream, array)
    return stream.getvalue()
content, buffers = PREPARED
write = Line._write
Line._write = lambda line, frames: write(line, [frames[0], content, *buffers])
"""


def _answers(prepared: str) -> str:
    return _SEND.replace("PREPARED", prepared)


MEMORY = {
    "100 MB of empty lists": _answers(
        """(b'{"status": "ok", "value": {"list": [' + b'[],' * 33_000_000 + b'0]}}', [])"""
    ),
    "one buffer of 200 MB forty times": _answers("""(b'{"status": "ok", "value": null}', [bytes(200 << 20)] * 40)"""),
    "one buffer of 100 MB named by four thousand nodes": _answers(
        """(b'{"status": "ok", "value": {"list": [' + b'{"npy": 0},' * 4000 + b'0]}}', [npy(np.zeros(100 << 17))])"""
    ),
    "a nested list of 16 million numbers": _answers(
        """(b'{"status": "ok", "value": {"nested": 0}}', [npy(np.zeros(16_000_000))])"""
    ),
    "a million million empty lists": _answers(
        """(b'{"status": "ok", "value": {"nested": 0}}', [npy(np.zeros((1 << 30, 0)))])"""
    ),
    "a million frames": _answers("""(b'{"status": "ok", "value": null}', [b'x'] * 1_000_000)"""),
    "seven million empty lists shown": """
# %% append
for _ in range(5):
    display({"text/plain": [[]] * 7_000_000}, raw=True)
""",
}
"""What a worker sends."""

MODELS = {
    "three hundred models in one reply": _answers("""(reply({"list": [{"model": {"config": "{}"}}] * 300}), [])"""),
    "a model of 2.6 million empty lists": _answers("""(reply(model("[" + "[]," * 2_600_000 + "0]")), [])"""),
    "a model of 100,000 layers": _answers(
        """(reply(model(json.dumps({"class_name": "Sequential", "config": {"layers": LAYERS * 100_000}}))), [])"""
    ),
}
"""What a worker sends where models are judged, besides."""

TIME = {
    "calls of eighteen seconds": """
# %% append
import time
def slowly(function):
    def slow(*arguments, **keywords):
        time.sleep(18.5)
        return function(*arguments, **keywords)
    return slow
pad2d, conv2d, convolve2d, conv_layer, max_pool2d = map(slowly, (pad2d, conv2d, convolve2d, conv_layer, max_pool2d))
""",
    "sixty second chances": "".join("# %% first\nimport time\nnot_yet\ntime.sleep(29)\n" for _ in range(60))
    + "# %% append\nnot_yet = 1\n",
}
"""What a worker lets wait."""


def greedy_notebook(name: str, assignment: str = "02_convolucion", text: str = "") -> dict[str, Any]:
    """Return a right notebook with one of the attacks above, or with ``text``, as JSON would be."""
    import nbformat

    variant = {"02_convolucion": "perfect_vectorised"}.get(assignment, "perfect")
    right = (ROOT / f"tests/submissions/{assignment}/{variant}.py").read_text(encoding="utf-8")
    answers = right + "\n" + {**MEMORY, **MODELS, **TIME}.get(name, text)
    notebook: dict[str, Any] = json.loads(nbformat.writes(build_notebook(assignment, answers)))
    return notebook

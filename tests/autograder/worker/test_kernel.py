"""The kernel on the line runs what a notebook in Jupyter runs, and shows what it shows there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from autograder.sandbox.box import Sandbox
from autograder.sandbox.client import CellRun, KernelClient
from autograder.sandbox.launch import launch, pack
from autograder.settings import Settings


@pytest.fixture(scope="module")
def box() -> Iterator[Sandbox]:
    """One zygote for all cells here."""
    with Sandbox() as box:
        box.wait_until_ready()
        yield box


@pytest.fixture
def kernel(box: Sandbox) -> Iterator[KernelClient]:
    """A worker that draws."""
    with pack([]) as archive:
        client = KernelClient(launch(box.address, archive.fileno(), Settings().limits(False), render=True))
    client.wait_until_ready()
    yield client
    client.close()


def shown(run: CellRun) -> list[Any]:
    """Return what a cell showed, in short: texts of streams, names of errors, forms of results."""
    short: list[Any] = []
    for output in run.outputs:
        if output["output_type"] == "stream":
            short.append(output["text"])
        elif output["output_type"] == "error":
            short.append((output["ename"], output["evalue"]))
        else:
            short.append(output["data"].get("text/plain", sorted(output["data"])))
    return short


CELLS = {
    "print('a')\nimport sys; print('b', file=sys.stderr)\n3 + 4": ["a\n", "b\n", "7"],
    "print('\\ud800 ñ', end='')": ["\ufffd ñ"],
    "await __import__('asyncio').sleep(0.01, 'slept')": ["'slept'"],
    "from IPython.display import display, clear_output\ndisplay({1: 2})\nclear_output()\ndisplay(3)": ["3"],
    "%%capture kept\nprint('hidden')": [],
    "!echo from the shell": ["from the shell\r\n"],
    "%time 1 + 1;\n'IPKernelApp' in get_ipython().config, type(get_ipython()).__name__": [
        "(True, 'ZMQInteractiveShell')"
    ],
    "import threading\nt = threading.Thread(target=print, args=('from a thread',)); t.start(); t.join()": [
        "from a thread\n"
    ],
    "import os\npid = os.fork()\nif not pid:\n    print('from a fork', flush=True)\n    os._exit(0)\n"
    "os.waitpid(pid, 0)[1]": ["0"],
    "%matplotlib inline\nimport matplotlib.pyplot as plt\n_ = plt.plot([1])": ["<Figure size 640x480 with 1 Axes>"],
    "a = 1\nprint(a)\na.b": ["1\n", ("AttributeError", "'int' object has no attribute 'b'")],
    "input()": [
        (
            "StdinNotImplementedError",
            "raw_input was called, but this frontend does not support input requests.",
        )
    ],
}


@pytest.mark.parametrize("code", CELLS)
def test_a_cell_shows_what_it_shows_in_jupyter(kernel: KernelClient, code: str) -> None:
    """Streams, results, magics, figures, threads, forks, errors; what there is no screen or keyboard for says so."""
    run = kernel.run_cell(code, 20)
    found = [text for text in shown(run) if not (isinstance(text, str) and text.startswith(("CPU", "Wall")))]
    assert found == CELLS[code]
    is_error = bool(found) and isinstance(found[-1], tuple)
    assert run.status == ("error" if is_error else "ok")
    assert (run.error_name, run.error_text) == (found[-1] if is_error else ("", ""))
    assert shown(kernel.run_cell("print('next')", 20)) == ["next\n"]


def test_tasks_go_on_while_cells_and_questions_come(kernel: KernelClient) -> None:
    """Jupyter's loop runs between cells; one that ends it, or that raises what ends processes, ends nothing."""
    start = (
        "import asyncio\nasync def count():\n    global done\n    await asyncio.sleep(0.02)\n    done = 'yes'\n"
        "async def leave():\n    raise SystemExit\n"
        "task = asyncio.create_task(count())\nother = asyncio.create_task(leave())\n"
    )
    assert kernel.run_cell(start, 20).status == "ok"
    assert kernel.run_cell("asyncio.get_event_loop().stop()", 20).status == "ok"
    assert shown(kernel.run_cell("await task\ndone", 20)) == ["'yes'"]
    answer, _ = kernel.request("done", {"verb": "value", "name": "done"}, [], 20)
    assert answer["status"] == "ok"


@pytest.mark.parametrize(
    "code",
    ["while True: pass", "while True: print('x' * 1000)", "import asyncio\nawait asyncio.sleep(60)"],
    ids=["computes", "prints", "waits"],
)
def test_an_interrupted_cell_ends_and_the_kernel_lives(kernel: KernelClient, code: str) -> None:
    """Whatever it does."""
    run = kernel.run_cell(code, 0.5, max_output=1 << 30)
    assert (run.status, kernel.alive) == ("timeout", True)
    assert run.seconds < 2
    assert shown(kernel.run_cell("print('next')", 20)) == ["next\n"]


def test_a_fork_that_goes_on_answers_nothing(kernel: KernelClient) -> None:
    """Neither after a cell nor after a call: two processes on one line would take each other's questions."""
    assert kernel.run_cell("import os\nown = os.getpid()\nos.fork() and None", 20).status == "ok"
    assert kernel.run_cell("def fork():\n    return os.fork() and 7", 20).status == "ok"
    for _ in range(10):
        answer, _ = kernel.request("fork", {"verb": "call", "name": "fork", "payload": CALL}, [], 20)
        assert (answer["status"], answer["value"]["list"][0]) == ("ok", 7)
        assert shown(kernel.run_cell("os.getpid() == own", 20)) == ["True"]


CALL = {"list": [{"list": []}, {"dict": []}]}
"""No arguments, as `autograder.worker.wire` has them."""


def test_an_error_without_words_is_an_error(kernel: KernelClient) -> None:
    """An exception that cannot be told, and a reply that says nothing."""
    mute = "class Mute(Exception):\n    def __str__(self):\n        raise ValueError\nraise Mute"
    assert kernel.run_cell(mute, 20).status == "error"
    forged = "async def nothing(*a, **k): return {'status': None}\nget_ipython().kernel.do_execute = nothing"
    assert kernel.run_cell(forged, 20).status == "ok"
    assert kernel.run_cell("1", 20).status == "error"


def test_no_thread_runs_beside_the_students(kernel: KernelClient) -> None:
    """A fork in a notebook, and its limit of processes, meet no thread of ours."""
    assert shown(kernel.run_cell("import threading\nthreading.active_count()", 20)) == ["1"]
    assert json.loads(shown(kernel.run_cell("import os\nlen(os.listdir('/proc/self/task'))", 20))[0]) <= os_threads()


def os_threads() -> int:
    """Return how many threads numpy may have started in the zygote."""
    import os

    return max(1, os.cpu_count() or 1)

"""Notebooks that are broken, odd or elsewhere: each gets a verdict, and what is right in them stays right."""

from __future__ import annotations

import copy
import json
import os
import shutil
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

__all__ = ["notebooks", "places"]

Change = Callable[[Any], Any]


def notebooks(right: dict[str, Any], empty: dict[str, Any]) -> Iterator[tuple[str, bytes, bool]]:
    """Yield a name, the bytes of the file, and whether its answers are right.

    Parameters
    ----------
    right, empty : dict
        A notebook with right answers and one without any.
    """
    whole = json.dumps(right, ensure_ascii=False).encode()
    none = json.dumps(empty, ensure_ascii=False).encode()
    for share in (0, 1, 10, 50, 90, 99):
        yield f"cut-at-{share}", whole[: len(whole) * share // 100], True
    for name, content in _bytes(whole).items():
        yield f"bytes-{name}", content, True
    for name, text in _documents().items():
        yield f"document-{name}", text.encode("utf-8", "surrogatepass"), False
    for name, change in _changes().items():
        for kind, notebook in (("right", right), ("empty", empty)):
            changed = change(copy.deepcopy(notebook))
            yield f"{name}-{kind}", json.dumps(changed).encode(), kind == "right"
    yield "conflict", b"<<<<<<< HEAD\n" + whole + b"\n=======\n" + none + b"\n>>>>>>> x\n", True


def places(folder: Path, right: dict[str, Any], name: str, neighbour: Path) -> dict[str, str]:
    """Lay links, pipes, folders and oddly called files into a class, and return what each student may get.

    Returns
    -------
    dict
        ``none``: no points; ``right``: the right answers count; ``told``: no report, but named in the end.
    """
    text = json.dumps(right)
    expected = {}

    def put(student: str, path: str, verdict: str) -> None:
        target = folder / student / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        expected[student] = verdict

    put("upper", f"{name}.IPYNB", "right")
    put("renamed", f"{name} (1).ipynb", "right")
    put("copia", f"Copia de {name}.ipynb", "right")
    put("folded", f"{name.upper()}/{name}.ipynb", "right")
    put("deeper", f"{name}/entrega/{name}.ipynb", "right")
    put("txt", f"{name}/{name}.ipynb.txt", "none")
    put("junk", f"{name}/._{name}.ipynb", "none")
    put("checkpoint", f"{name}/.ipynb_checkpoints/{name}-checkpoint.ipynb", "none")
    put("other-name", f"{name}/03_formulas.ipynb", "none")
    put(".hidden", f"{name}/{name}.ipynb", "told")
    put("section", f"tp/ana/{name}.ipynb", "told")
    (folder / "suelto.ipynb").write_text(text, encoding="utf-8")
    (folder / "linked-student").symlink_to(neighbour.parent.parent.name)
    expected |= {"suelto.ipynb": "told", "linked-student": "told"}
    for student, make in {
        "linked-folder": lambda path: path.symlink_to(neighbour.parent),
        "linked-notebook": lambda path: (path.mkdir(), (path / f"{name}.ipynb").symlink_to(neighbour)),
        "pipe": lambda path: (path.mkdir(), os.mkfifo(path / f"{name}.ipynb")),
        "folder": lambda path: (path / f"{name}.ipynb").mkdir(parents=True),
        "device": lambda path: (path.mkdir(), (path / f"{name}.ipynb").symlink_to("/dev/zero")),
        "loop": lambda path: (path.mkdir(), (path / f"{name}.ipynb").symlink_to(f"{name}.ipynb")),
        "nothing": lambda path: path.mkdir(),
    }.items():
        (folder / student).mkdir()
        make(folder / student / name)
        expected[student] = "none"
    shadows = {
        "numpy.py": "raise SystemExit",
        "sitecustomize.py": "import os; os._exit(0)",
        "autograder/__init__.py": "1/0",
    }
    for module, code in shadows.items():
        student = f"shadow-{module.partition('.')[0].partition('/')[0]}"
        put(student, f"{name}/{name}.ipynb", "right-or-less")
        (folder / student / name / module).parent.mkdir(parents=True, exist_ok=True)
        (folder / student / name / module).write_text(code)
    put("linked-data", f"{name}/{name}.ipynb", "right")
    (folder / "linked-data" / name / "models").symlink_to(neighbour.parent)
    put("many-files", f"{name}/{name}.ipynb", "right")
    for number in range(1500):
        (folder / "many-files" / name / f"{number}.txt").touch()
    put("sparse", f"{name}/{name}.ipynb", "none")
    os.truncate(folder / "sparse" / name / f"{name}.ipynb", 30 << 30)
    put("socket", f"{name}/x", "none")
    os.mknod(folder / "socket" / name / f"{name}.ipynb", stat.S_IFSOCK | 0o600)
    put("two", f"{name}/a.ipynb", "right")
    shutil.copy(neighbour, folder / "two" / name / "b.ipynb")
    return expected


def _bytes(whole: bytes) -> dict[str, bytes]:
    text = whole.decode()
    return {
        "utf-16": text.encode("utf-16"),
        "utf-16-bare": text.encode("utf-16-le"),
        "utf-32": text.encode("utf-32"),
        "utf-16-odd": text.encode("utf-16") + b"x",
        "half-a-pair": whole.replace(b"nbformat_minor", b"nbformat_minor\xed\xa0\x80", 1),
        "bom": b"\xef\xbb\xbf" + whole,
        "latin-1": text.encode("latin-1", "replace"),
        "nul": whole.replace(b"cells", b"ce\0ls", 1),
        "zip": b"PK\3\4" + whole,
        "spaces": b" " * 100_000 + whole,
        "trailing": whole + b"}",
        "crlf": whole.replace(b"\\n", b"\\r\\n"),
        "zeros": bytes(1 << 20),
    }


def _documents() -> dict[str, str]:
    deep = 100_000
    return {
        "empty-list": "[]",
        "number": "7",
        "null": "null",
        "no-cells": '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}}',
        "cells-object": '{"nbformat": 4, "metadata": {}, "cells": {"a": 1}}',
        "deep-list": '{"nbformat": 4, "metadata": {}, "cells": ' + "[" * deep + "]" * deep + "}",
        "deep-object": '{"a":' * deep + "1" + "}" * deep,
        "format-5": '{"nbformat": 5, "metadata": {}, "cells": []}',
        "format-huge": '{"nbformat": ' + "9" * 5000 + ', "cells": []}',
        "format-text": '{"nbformat": "4", "cells": []}',
        "nan": '{"nbformat": 4, "metadata": {"x": NaN}, "cells": []}',
        "surrogate": '{"nbformat": 4, "metadata": {"x": "\\ud800"}, "cells": []}',
        "many-cells": '{"nbformat": 4, "metadata": {}, "cells": [' + ",".join(["{}"] * 20_000) + "]}",
        "html": "<!DOCTYPE html><title>Login</title>",
        "format-3": '{"nbformat": 3, "metadata": {}, "worksheets": [{"cells": [{"cell_type": "code", "input": 5}]}]}',
        "format-2": '{"nbformat": 2, "worksheets": [{"cells": "x"}]}',
    }


_LAST = {
    "loop-closed": "import asyncio\nasyncio.get_event_loop().call_later(0.1, asyncio.get_event_loop().close)",
    "no-builtins": "import builtins\nfor x in set(vars(builtins)) - {'delattr'}:\n    delattr(builtins, x)",
    "no-descriptors": "import os\nos.closerange(3, 1000)",
    "no-modules": "import sys\nsys.stdout = sys.stderr = None\nsys.modules.clear()",
    "no-signals": "import os, signal\nsignal.signal(15, signal.SIG_IGN)\nos.kill(os.getpid(), 15)\nos.kill(0, 1)",
    "no-home": "import os, shutil\nshutil.rmtree(os.getcwd(), True)\nos.chmod(os.getcwd(), 0)",
    "no-clock": "import time\ntime.time = time.monotonic = time.perf_counter = time.sleep = lambda *a: 0",
    "no-depth": "import sys\nsys.setrecursionlimit(20)",
    "nothing-left": "%reset -f",
    "deep-code": f"x = {'-' * 200_000}1\ny = {'(' * 5000 + ')' * 5000}",
    "forked": "import os\nif os.fork() == 0:\n    while True:\n        pass",
}
"""Cells behind a right notebook, by what they leave."""


def _changes() -> dict[str, Change]:
    def each(change: Callable[[dict[str, Any]], object]) -> Change:
        def apply(notebook: Any) -> Any:
            for cell in notebook["cells"]:
                change(cell)
            return notebook

        return apply

    def top(**fields: Any) -> Change:
        return lambda notebook: {**notebook, **fields}

    def cells(change: Callable[[list[Any]], list[Any]]) -> Change:
        return lambda notebook: {**notebook, "cells": change(notebook["cells"])}

    same = {"grade_id": "pad2d", "grade": True, "solution": True, "points": 99, "locked": False}

    def followed(source: str) -> Change:
        cell = {"cell_type": "code", "source": source, "metadata": {}, "outputs": [], "execution_count": None}
        return cells(lambda found: [*found, cell])

    def of_format(version: int) -> Change:
        def apply(notebook: Any) -> Any:
            old = [{**cell, "language": "python", "input": cell["source"]} for cell in notebook["cells"]]
            return {"nbformat": version, "metadata": {}, "worksheets": [{"cells": old, "metadata": {}}] * 2}

        return apply

    return {
        **{name: followed(source) for name, source in _LAST.items()},
        **{f"format-{version}-whole": of_format(version) for version in (2, 3)},
        "widgets": top(metadata={"widgets": {"application/vnd.jupyter.widget-state+json": [1]}}),
        "format-true": top(nbformat=True),
        "format-negative": top(nbformat=-4),
        "no-metadata": each(lambda cell: cell.update(metadata={})),
        "metadata-list": each(lambda cell: cell.update(metadata=[1])),
        "nbgrader-null": each(lambda cell: cell["metadata"].update(nbgrader=None)),
        "no-ids": each(lambda cell: cell.pop("id", None)),
        "ids-equal": each(lambda cell: cell.update(id="pad2d")),
        "ids-numbers": each(lambda cell: cell.update(id=7)),
        "ids-surrogate": each(lambda cell: cell.update(id="\ud800")),
        "all-the-same-cell": each(lambda cell: cell["metadata"].update(nbgrader=dict(same))),
        "points": each(lambda cell: cell["metadata"].get("nbgrader", {}).update(points=1e9)),
        "locked": each(lambda cell: cell["metadata"].get("nbgrader", {}).update(locked=True, solution=False)),
        "schema-99": each(lambda cell: cell["metadata"].get("nbgrader", {}).update(schema_version=99)),
        "skip": each(lambda cell: cell["metadata"].update(tags=["skip-execution", "raises-exception"])),
        "train": each(lambda cell: cell["metadata"].update(tags=["train"])),
        "tags-text": each(lambda cell: cell["metadata"].update(tags="train")),
        "markdown": each(lambda cell: cell.update(cell_type="markdown")),
        "raw": each(lambda cell: cell.update(cell_type="raw")),
        "unknown-kind": each(lambda cell: cell.update(cell_type="heading")),
        "source-list": each(lambda cell: cell.update(source=cell["source"].splitlines(keepends=True))),
        "source-number": each(lambda cell: cell.update(source=5)),
        "outputs-forged": each(lambda cell: cell.update(outputs=[{"output_type": "stream", "text": "10/10"}])),
        "outputs-odd": each(lambda cell: cell.update(outputs={"x": [[[]]]})),
        "attachments-odd": each(lambda cell: cell.update(attachments=[1])),
        "surrogates": each(lambda cell: cell.update(source=f"# \ud800\n{cell['source']}")),
        "nul-characters": each(lambda cell: cell.update(source=f"{cell['source']}\n# \0")),
        "doubled": cells(lambda found: [*found, *copy.deepcopy(found)]),
        "reversed": cells(lambda found: found[::-1]),
        "only-code": cells(lambda found: [cell for cell in found if cell["cell_type"] == "code"]),
        "only-markdown": cells(lambda found: [cell for cell in found if cell["cell_type"] != "code"]),
        "with-junk": cells(lambda found: [None, 7, "x", [], {}, *found]),
        "kernel-r": top(metadata={"kernelspec": {"language": "R", "name": "ir"}}),
        "kernel-odd": top(metadata={"kernelspec": [1], "language_info": {"name": 3}}),
        "metadata-null": top(metadata=None),
        "minor-odd": top(nbformat_minor="x"),
    }

"""What a cell showed: collected as text, up to a number of bytes, and counted before it is parsed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from autograder.worker.text import clean_text

__all__ = ["ShownOutputs"]

_CUT = "[El resto de la salida no se guardó: es demasiado larga.]\n"
_MOST_FORMS = 20


class ShownOutputs:
    """The outputs of one cell.

    Parameters
    ----------
    limit : int
        Bytes of messages to keep; what comes then is dropped, and a note says so.
    flood : int
        Bytes of messages that are too much.
    """

    def __init__(self, limit: int, flood: int) -> None:
        self.kept: list[dict[str, Any]] = []
        self.kept_bytes = 0
        self._limit = limit
        self._flood = flood
        self._seen = 0
        self._clear_next = False

    def add(self, kind: str, content: bytes | bytearray | None, size: int) -> bool:
        """Keep a message if it fits; return False once the cell has shown too much.

        Parameters
        ----------
        kind : str
            The type of the message.
        content : bytes or None
            Its content as JSON; None if it was too large to be received.
        size : int
            Bytes of the whole message.
        """
        if kind not in ("stream", "display_data", "execute_result", "error", "clear_output"):
            return True
        before, self._seen = self._seen, self._seen + size
        if before > self._limit or not self._limit:
            return self._seen < self._flood
        if self._seen > self._limit or content is None:
            self._seen = max(self._seen, self._limit + 1)
            self.kept.append({"output_type": "stream", "name": "stderr", "text": _CUT})
            return self._seen < self._flood
        self.kept_bytes += size
        try:
            body = json.loads(content)
        except (ValueError, RecursionError):
            return True
        if isinstance(body, dict):
            self._add(kind, body)
        return True

    def _add(self, kind: str, body: Mapping[str, Any]) -> None:
        if kind == "clear_output":
            self._clear_next = bool(body.get("wait"))
            if not self._clear_next:
                self.kept.clear()
            return
        if self._clear_next:
            self.kept.clear()
            self._clear_next = False
        output = _output(kind, body)
        last = self.kept[-1] if self.kept else {}
        if kind == "stream" == last.get("output_type") and last["name"] == output["name"]:
            last["text"] += output["text"]
        else:
            self.kept.append(output)


def _output(kind: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Return an output in notebook format that holds text and nothing else."""
    if kind == "stream":
        name = "stderr" if body.get("name") == "stderr" else "stdout"
        return {"output_type": "stream", "name": name, "text": _text(body.get("text"))}
    if kind == "error":
        lines = body.get("traceback")
        traceback = [_text(line) for line in lines] if isinstance(lines, list) else []
        return {
            "output_type": "error",
            "ename": _text(body.get("ename")),
            "evalue": _text(body.get("evalue")),
            "traceback": traceback,
        }
    found = body.get("data")
    forms = list(found.items())[:_MOST_FORMS] if isinstance(found, dict) else []
    data = {clean_text(form[:100]): _text(text) for form, text in forms if isinstance(text, (str, list))}
    output: dict[str, Any] = {"output_type": kind, "metadata": {}, "data": data}
    if kind == "execute_result":
        output["execution_count"] = None
    return output


def _text(value: Any) -> str:
    """Return text, also where it comes as a list of lines; what is no text is nothing."""
    lines = value if isinstance(value, list) else [value]
    return clean_text("".join(line for line in lines if isinstance(line, str)))

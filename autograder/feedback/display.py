"""What of a student's outputs and texts may be shown in a page of the instructor's, and in which form.

The formgrader shows autograded notebooks inside JupyterLab, where a student's script would act as the instructor.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from jinja2 import pass_context

from autograder.feedback.markdown import render_markdown
from autograder.feedback.outputs import joined
from autograder.feedback.sanitize import clean_html, image_address

__all__ = ["harmless_markdown", "harmless_outputs", "storable"]

_PICTURES = ("image/png", "image/jpeg", "image/gif")
_LONGEST_TEXT = 1 << 20
_LONGEST_ALT = 1000


def harmless_outputs(outputs: Iterable[Any]) -> list[dict[str, Any]]:
    """Return the outputs of a cell reduced to text, pictures and cleaned HTML.

    Scripts, SVG, widgets, LaTeX and metadata but a picture's words go; what is no output at all goes, too.
    """
    kept: list[dict[str, Any]] = []
    for output in outputs:
        if not isinstance(output, dict):
            continue
        kind = output.get("output_type")
        if kind == "stream":
            name = "stderr" if output.get("name") == "stderr" else "stdout"
            kept.append({"output_type": "stream", "name": name, "text": _text(output.get("text"))})
        elif kind == "error":
            lines = output.get("traceback")
            traceback = [_text(line) for line in lines] if isinstance(lines, list) else []
            name, value = _text(output.get("ename")), _text(output.get("evalue"))
            kept.append({"output_type": "error", "ename": name, "evalue": value, "traceback": traceback})
        elif kind in ("display_data", "execute_result") and isinstance(output.get("data"), dict):
            count = {"execution_count": None} if kind == "execute_result" else {}
            if data := _data(output["data"]):
                kept.append({"output_type": kind, "data": data, "metadata": _alt(output.get("metadata")), **count})
    return kept


@pass_context
def harmless_markdown(context: Mapping[str, Any], source: str) -> str:
    """Return the HTML of a Markdown cell without anything that runs: the filter ``markdown2html`` of nbconvert's pages.

    Parameters
    ----------
    context : mapping
        What the template knows: ``cell`` holds the pictures that were pasted into it.
    source : str
    """
    return render_markdown(source, context.get("cell", {}).get("attachments"))


def storable(text: str) -> str:
    """Return text that can be written as UTF-8: a student's may hold half of a surrogate pair."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _data(data: dict[Any, Any]) -> dict[str, str]:
    kept = {}
    for kind in _PICTURES:
        address = image_address(joined(data.get(kind)))
        if address.startswith(f"data:{kind};base64,"):
            kept[kind] = address.partition(",")[2]
    if html := clean_html(_text(data.get("text/html"))).strip():
        kept["text/html"] = html
    if text := _text(data.get("text/plain")):
        kept["text/plain"] = text
    return kept


def _alt(metadata: Any) -> dict[str, dict[str, str]]:
    """Return the words that the metadata of an output have for its picture."""
    told = {kind: metadata.get(kind) for kind in _PICTURES} if isinstance(metadata, dict) else {}
    texts = {kind: _text(about.get("alt"))[:_LONGEST_ALT] for kind, about in told.items() if isinstance(about, dict)}
    return {kind: {"alt": text} for kind, text in texts.items() if text}


def _text(value: Any) -> str:
    return storable(joined(value)[:_LONGEST_TEXT])

"""The outputs of a notebook cell as harmless HTML.

Figures, tables and text stay. What would run or fetch something in a browser (JavaScript, SVG, widgets, PDF) is left
out: its plain text stands for it, or a line that says what is missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from autograder.feedback.markdown import formula, render_markdown
from autograder.feedback.sanitize import clean_html, clean_terminal, image_address
from autograder.language import texts_of
from autograder.render.text import plain_line

__all__ = ["error_line", "joined", "render_outputs", "weight"]

_ = texts_of(__name__)

_MOST = 60
_LONGEST_TEXT = 20_000
_LONGEST_HTML = 400_000
_IMAGES = ("image/png", "image/jpeg", "image/gif")
# Markdown and LaTeX take that much longer than HTML and pictures.
_SLOW = {"text/markdown": 20, "text/latex": 20}


def render_outputs(outputs: object) -> str:
    """Return the outputs of a code cell as HTML.

    Parameters
    ----------
    outputs : object
        ``cell["outputs"]``, of whatever form: a student may have written it.
    """
    if not isinstance(outputs, list):
        return ""
    shown = [_render(output) for output in _merged(outputs[:_MOST]) if isinstance(output, Mapping)]
    if len(outputs) > _MOST:
        shown.append(_note(_("y {count} salidas más").format(count=len(outputs) - _MOST)))
    return "\n".join(part for part in shown if part)


def weight(outputs: object) -> int:
    """Return about how much work it is to render outputs, in characters."""
    total = 0
    for output in outputs[:_MOST] if isinstance(outputs, list) else []:
        data = output.get("data") if isinstance(output, Mapping) else None
        if isinstance(data, Mapping):
            total += sum(len(joined(content)) * _SLOW.get(str(kind), 1) for kind, content in data.items())
        elif isinstance(output, Mapping):
            total += len(joined(output.get("text"))) + len(joined(output.get("traceback")))
    return total


def error_line(output: Mapping[str, Any]) -> str:
    """Return the last line of a traceback as text, ``"ValueError: …"``: it shows nobody's code."""
    kind, value = joined(output.get("ename")), joined(output.get("evalue"))
    return f"{kind}: {value}" if value else kind


def joined(text: object) -> str:
    """Return text that a notebook may hold as a list of lines."""
    if isinstance(text, list):
        return "".join(part for part in text if isinstance(part, str))
    return text if isinstance(text, str) else ""


def _render(output: Mapping[str, Any]) -> str:
    kind = output.get("output_type")
    if kind == "stream":
        return _text(joined(output.get("text")), "stderr" if output.get("name") == "stderr" else "")
    if kind == "error":
        traceback = output.get("traceback")
        lines = [line for line in traceback if isinstance(line, str)] if isinstance(traceback, list) else []
        return _text("\n".join(lines) or error_line(output), "traceback")
    data = output.get("data")
    return _rich(data, output.get("metadata")) if isinstance(data, Mapping) else ""


def _rich(data: Mapping[str, Any], about: object) -> str:
    """Return the best form of an output that can be shown; a picture with the text that the notebook gave it."""
    for kind in _IMAGES:
        address = image_address(joined(data.get(kind)))
        if address:
            told = about.get(kind) if isinstance(about, Mapping) else None
            alt = joined(told.get("alt")) if isinstance(told, Mapping) else ""
            # Where the metadata are lost, the text that stands for the picture is left; Python's own says nothing.
            said = joined(data.get("text/plain")).strip()
            alt = alt or (said if not said.startswith("<") else "")
            alt = plain_line(alt, 1000) if alt else _("Figura")
            return f'<img class="figure" src="{address}" alt="{escape(alt)}">'
    html = joined(data.get("text/html"))
    rich = clean_html(html).strip() if len(html) <= _LONGEST_HTML else ""
    if not rich:
        rich = render_markdown(joined(data.get("text/markdown"))).strip()
    latex = joined(data.get("text/latex")).strip().strip("$").strip()
    if not rich and latex:
        rich = formula(latex, block=True)
    if rich:
        return f'<div class="rich" tabindex="0" role="group" aria-label="{_("Salida")}">{rich}</div>'
    if joined(data.get("text/plain")):
        return _text(joined(data.get("text/plain")))
    kinds = ", ".join(plain_line(kind, 60) for kind in list(data)[:3])
    return _note(_("salida omitida: {kinds}").format(kinds=kinds)) if data else ""


def _text(text: str, kind: str = "") -> str:
    if not text.strip():
        return ""
    shown = clean_terminal(
        text[:_LONGEST_TEXT] + ("\n… (" + _("la salida sigue") + ")" if len(text) > _LONGEST_TEXT else "")
    )
    kinds = f"text {kind}" if kind else "text"
    return f'<pre class="{kinds}" tabindex="0" role="group" aria-label="{_("Salida")}">{shown}</pre>'


def _note(text: str) -> str:
    return f'<p class="soft">({escape(text)})</p>'


def _merged(outputs: Iterable[object]) -> list[object]:
    """Join what was printed in pieces: one box for one stream, and progress bars that overwrite themselves."""
    merged: list[object] = []
    for output in outputs:
        last = merged[-1] if merged else None
        if (
            isinstance(output, Mapping)
            and isinstance(last, dict)
            and output.get("output_type") == last.get("output_type") == "stream"
            and output.get("name") == last.get("name")
        ):
            last["text"] = joined(last.get("text")) + joined(output.get("text"))
        else:
            merged.append(dict(output) if isinstance(output, Mapping) else output)
    return merged

"""Markdown with formulas as harmless HTML."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from latex2mathml.converter import convert
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererProtocol
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from autograder.feedback.sanitize import clean_html, clean_math, image_address
from autograder.language import texts_of
from autograder.render.text import plain

__all__ = ["formula", "render_markdown"]

_ = texts_of(__name__)

_LONGEST = 20_000
_LONGEST_FORMULA = 1_000
# As in Pandoc and Jupyter: "5 $ and 6 $" is no formula.
_FORMULA = re.compile(r"(\$\$)((?:\\.|[^\\$])+)\$\$|(\$)(?![\s$])((?:\\.|[^\\$`])+)(?<!\s)\$(?!\d)", re.DOTALL)
# What the converter calls otherwise.
_ENVIRONMENTS = {"{aligned}": "{split}", "{gathered}": "{matrix}"}
_ATTACHMENT = re.compile(r"\(\s*<?attachment:([^)>\s]+)>?\s*\)")


def render_markdown(text: str, attachments: Mapping[str, Any] | None = None) -> str:
    """Return Markdown as HTML that can do no harm.

    Parameters
    ----------
    text : str
        CommonMark with tables and HTML, and LaTeX between dollar signs. What is too long is cut off.
    attachments : mapping, optional
        The cell's images, as notebooks hold them: name to MIME type to base64.
    """
    formulas: list[str] = []
    # Nobody can write this mark beforehand: what stands in its place at the end is not sanitised again.
    mark = secrets.token_hex(16)

    def show_formula(renderer: RendererProtocol, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
        block = tokens[index].markup == "$$"
        shown = formula(tokens[index].content, block=block)
        frame = f'<span class="frame" tabindex="0" role="group" aria-label="{_("Fórmula")}">{shown}</span>'
        formulas.append(frame if block else shown)
        return f"<var>{mark}-{len(formulas) - 1}</var>"

    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    parser.inline.ruler.before("escape", "formula", _read_formula)
    parser.add_render_rule("formula", show_formula, fmt="html")
    html = clean_html(parser.render(_embed(text[:_LONGEST], attachments or {})))
    # What may be wider than the page scrolls in its own frame, which a keyboard reaches.
    html = html.replace("<table>", f'<div class="frame" tabindex="0" role="group" aria-label="{_("Tabla")}"><table>')
    html = html.replace("</table>", "</table></div>")
    for index, shown in enumerate(formulas):
        html = html.replace(f"<var>{mark}-{index}</var>", shown, 1)
    return html


def formula(latex: str, block: bool = False) -> str:
    """Return a LaTeX formula as MathML, which browsers draw without a script; as code if it cannot be read."""
    latex = plain(latex, limit=_LONGEST_FORMULA)
    # The converter copies text as it is.
    escaped = latex.replace("<", r"\lt ").replace(">", r"\gt ")
    for name, known in _ENVIRONMENTS.items():
        escaped = escaped.replace(name, known)
    try:
        mathml = clean_math(convert(escaped, display="block" if block else "inline"))
    except Exception:
        # It meets what it does not know with exceptions of many kinds.
        mathml = ""
    return mathml or clean_html(f"<code>{latex.replace('&', '&amp;').replace('<', '&lt;')}</code>")


def _read_formula(state: StateInline, silent: bool) -> bool:
    """Read what stands between dollar signs as one token, before Markdown sees its underscores and backslashes."""
    found = _FORMULA.match(state.src, state.pos) if state.src[state.pos] == "$" else None
    if found is None or found.end() > state.posMax:
        return False
    if not silent:
        token = state.push("formula", "", 0)
        token.content, token.markup = found[2] or found[4], found[1] or found[3]
    state.pos = found.end()
    return True


def _embed(text: str, attachments: Mapping[str, Any]) -> str:
    def address(found: re.Match[str]) -> str:
        kinds = attachments.get(found[1])
        images = kinds.values() if isinstance(kinds, Mapping) else ()
        return f"({next(filter(None, map(image_address, images)), '')})"

    return _ATTACHMENT.sub(address, text)

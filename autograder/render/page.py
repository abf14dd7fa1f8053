"""What all web pages share: the document with its style and its policy, grades and bars.

The pages are files that need nothing else: no font, no picture from elsewhere, no script but one of ours that the class
page allows by its hash, and a content security policy that forbids all else in case some text of a student ever got
through.
"""

from __future__ import annotations

import base64
import hashlib
import re
from html import escape
from pathlib import Path

from autograder.language import language, texts_of
from autograder.render.text import fraction, plain, points, score

__all__ = ["STYLE", "bar", "document", "grade", "message"]

_ = texts_of(__name__)

STYLE = Path(__file__).with_name("style.css").read_text(encoding="utf-8")
_PAGE = """<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta http-equiv="x-dns-prefetch-control" content="off">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<title>{title}</title>
<style>{style}</style>
</head>
<body{kind}>
{body}
</body>
</html>
"""


def document(title: str, body: str, style: str = STYLE, images: bool = False, kind: str = "", script: str = "") -> str:
    """Return a page.

    Parameters
    ----------
    title : str
        Text, not HTML.
    body : str
        HTML in which everything that a student may have written is escaped or sanitised.
    style : str
        The style sheet; ours, never a student's.
    images : bool
        Whether the page may show images that it holds itself.
    kind : str
        The class of the body, for the style; ours.
    script : str
        The one script that may run; ours, the same for all pages, and never with a text of anybody's in it.
    """
    policy = f"default-src 'none'; base-uri 'none'; form-action 'none'; style-src {_hash(style)}"
    policy += "; img-src data:" if images else ""
    policy += f"; script-src {_hash(script)}" if script else ""
    body += f"\n<script>{script}</script>" if script else ""
    of_kind = f' class="{kind}"' if kind else ""
    return _PAGE.format(
        language=language(), kind=of_kind, policy=escape(policy), title=escape(title), style=style, body=body
    )


def _hash(text: str) -> str:
    """Return the source by which a policy allows one style or script."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def grade(value: float | None, max_score: float) -> str:
    """Return a score, or that there is none, which is not a zero."""
    kind = "" if value is not None else ' class="error"'
    return f"<span{kind}>{score(value, max_score)}</span>"


def bar(value: float | None, max_score: float) -> str:
    """Return a bar as long as the part that was earned; nothing if there is no grade or nothing to earn."""
    if value is None or max_score <= 0:
        return ""
    width = 100 * fraction(value, max_score)
    label = _("{part} de {all}").format(part=points(value), all=points(max_score))
    return (
        f'<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" role="img" aria-label="{label}">'
        '<rect class="back" width="100" height="8" rx="2"/>'
        f'<rect class="front" width="{width:.1f}" height="8" rx="2"/></svg>'
    )


def message(text: str) -> str:
    """Escape a message and show its `` `code` `` as code."""
    return re.sub(r"`([^`\n]+)`", r"<code>\1</code>", escape(plain(text)))

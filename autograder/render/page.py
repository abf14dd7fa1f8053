"""What all web pages share: the document with its style and its policy, grades, bars and lists of checks.

The pages are files that need nothing else: no script, no font, no picture from elsewhere, and a content security
policy that forbids all of it in case some text of a student ever got through.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
from html import escape
from pathlib import Path

from autograder.render.text import MARKS, STATUSES, fraction, plain, plain_line, points, score
from autograder.report import Check

__all__ = ["STYLE", "bar", "check_list", "document", "grade", "message"]

STYLE = Path(__file__).with_name("style.css").read_text(encoding="utf-8")
_PAGE = """<!DOCTYPE html>
<html lang="es">
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
<body>
{body}
</body>
</html>
"""


def document(title: str, body: str, style: str = STYLE, images: bool = False) -> str:
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
    """
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; base-uri 'none'; form-action 'none'; style-src 'sha256-{digest}'"
    policy += "; img-src data:" if images else ""
    return _PAGE.format(policy=escape(policy), title=escape(title), style=style, body=body)


def grade(value: float | None, max_score: float) -> str:
    """Return a score, or that there is none, which is not a zero."""
    kind = "" if value is not None else ' class="error"'
    return f"<span{kind}>{score(value, max_score)}</span>"


def bar(value: float | None, max_score: float) -> str:
    """Return a bar as long as the part that was earned; nothing if there is no grade."""
    if value is None:
        return ""
    width = 100 * fraction(value, max_score)
    label = f"{points(value)} de {points(max_score)}"
    return (
        f'<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" role="img" aria-label="{label}">'
        '<rect class="back" width="100" height="8" rx="2"/>'
        f'<rect class="front" width="{width:.1f}" height="8" rx="2"/></svg>'
    )


def check_list(checks: Iterable[Check]) -> str:
    """Return how each check ended: its mark, title, points and message."""
    return f'<ul class="checks">{"".join(_check(check) for check in checks)}</ul>'


def message(text: str) -> str:
    """Escape a message and show its `` `code` `` as code."""
    return re.sub(r"`([^`\n]+)`", r"<code>\1</code>", escape(plain(text)))


def _check(check: Check) -> str:
    kind = check.status if check.status in MARKS else "error"
    worth = score(check.score, check.max_score) if check.max_score else ""
    told = f'<div class="message {kind}"><span>{message(check.message)}</span></div>' if check.message else ""
    title = f'<span class="hidden">{STATUSES[kind]}: </span>{message(plain_line(check.title, 400))}'
    return (
        f'<li><span class="mark {kind}" aria-hidden="true">{MARKS[kind]}</span><span class="title">{title}</span>'
        f'<span class="worth">{worth}</span>{told}</li>'
    )

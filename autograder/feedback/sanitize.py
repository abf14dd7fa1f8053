"""What a student's notebook holds, made harmless for a web page.

nh3 (ammonia) parses the HTML as a browser does and keeps listed tags and attributes only: no script, style, form, frame
or SVG, no event handler, no class or id (which could imitate ours), and no address that a browser fetches by itself.
"""

from __future__ import annotations

import base64
import binascii
import io
import re
import warnings
from html import escape

import nh3
from nbconvert.filters.ansi import ansi2html
from PIL import Image

from autograder.render.text import plain

__all__ = ["clean_html", "clean_math", "clean_terminal", "image_address"]

# Space-separated words: four lists that fit on a screen.
_TEXT = """
a abbr b blockquote br caption code col colgroup dd del dfn div dl dt em h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p
pre q s samp small span strong sub sup table tbody td tfoot th thead tr tt u ul var
"""
# What is inside of these is code or another language: it goes with the tag.
_FOREIGN = """
script style svg math iframe frameset noframes noscript noembed template textarea select title object embed applet audio
video canvas xmp plaintext
"""
_MATH = """
math mrow mi mn mo ms mtext mspace mfrac msqrt mroot mstyle mpadded mphantom msub msup msubsup munder mover munderover
mmultiscripts mprescripts mtable mtr mtd menclose
"""
_VOID = "br hr img col input meta link wbr"
_ATTRIBUTES = {
    "a": {"href", "title"},
    "abbr": {"title"},
    "col": {"span"},
    "colgroup": {"span"},
    "img": {"alt", "src", "title"},
    "ol": {"start"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
}
_MATH_ATTRIBUTES = {
    "math": {"display"},
    "mfrac": {"linethickness"},
    "mi": {"mathvariant"},
    "mo": {"fence", "form", "largeop", "maxsize", "minsize", "movablelimits", "separator", "stretchy"},
    "mover": {"accent"},
    "mspace": {"width"},
    "mstyle": {"displaystyle", "scriptlevel"},
    "mtable": {"columnalign", "columnlines", "rowlines"},
    "mtd": {"columnalign"},
    "munder": {"accentunder"},
}
_COLOURS = [f"ansi-{name}" for name in ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")]
_TERMINAL_CLASSES = {"ansi-bold", "ansi-underline", "ansi-inverse-fg", "ansi-inverse-bg"} | {
    f"{colour}{kind}" for colour in _COLOURS for kind in ("-fg", "-bg", "-intense-fg", "-intense-bg")
}
# Escape sequences that carry text of their own: window titles, links.
_ESCAPED_TEXT = re.compile("\x1b[\\]PX^_].*?(?:\x07|\x1b\\\\|$)", re.DOTALL)
_LINK = re.compile(r"(?:https?://|mailto:)\S+", re.IGNORECASE)
_DATA = re.compile(r"data:image/(?:png|jpeg|gif);base64,([A-Za-z0-9+/=\s]+)", re.IGNORECASE)
# How ammonia writes an image whose address was taken away.
_BARE_IMAGE = re.compile(r'<img((?: (?:alt|title)="[^"]*")*)>')
_ALT = re.compile(r' alt="([^"]*)"')
_TAG = re.compile(r"<(/?)([a-zA-Z]+)")
_DEEPEST = 500
_LONGEST_SHOWN = 2_000
_IMAGE_KINDS = {"PNG": "image/png", "JPEG": "image/jpeg", "GIF": "image/gif"}
_MAX_IMAGE_BYTES = 8 << 20
_MAX_PIXELS = 40_000_000


def clean_html(html: str) -> str:
    """Return the harmless part of an HTML fragment, well-formed.

    Parameters
    ----------
    html : str
        Anything. Images stay if they are embedded PNG, JPEG or GIF files; links stay if they lead to the web or to an
        e-mail address, and are followed only by a click.
    """
    if _depth(html) > _DEEPEST:
        # ammonia's time grows with the square of the depth; nothing that Python displays is deeper than a dozen.
        html = f"<pre>{escape(html[:_LONGEST_SHOWN])}</pre>"
    cleaned = nh3.clean(
        html,
        tags=set(_TEXT.split()),
        clean_content_tags=set(_FOREIGN.split()),
        attributes=_ATTRIBUTES,
        attribute_filter=_filter_attribute,
        url_schemes={"http", "https", "mailto", "data"},
        link_rel="noopener noreferrer nofollow",
    )
    return _visible(_BARE_IMAGE.sub(_name_image, cleaned))


def clean_math(mathml: str) -> str:
    """Return the harmless part of a MathML formula: no link, no text with HTML in it, no colour or size."""
    return _visible(
        nh3.clean(
            mathml,
            tags=set(_MATH.split()),
            clean_content_tags=set(_FOREIGN.split()) - {"math"},
            attributes=_MATH_ATTRIBUTES,
        )
    )


def clean_terminal(text: str) -> str:
    """Return what a terminal would show after ``text`` as HTML: colours stay, overwritten lines go."""
    text = _ESCAPED_TEXT.sub("", text)
    lines = [_overwrite(line) for line in text.replace("\r\n", "\n").split("\n")]
    html: str = ansi2html("\n".join(lines))
    return _visible(
        nh3.clean(
            html, tags={"span"}, clean_content_tags=set(), allowed_classes={"span": _TERMINAL_CLASSES}, attributes={}
        )
    )


def image_address(encoded: object) -> str:
    """Return the ``data:`` address of an image, or nothing if it is none.

    Parameters
    ----------
    encoded : object
        The base64 text of a PNG, JPEG or GIF file, of at most 8 MB and 40 million pixels. SVG is no image here: it is a
        document with scripts.
    """
    text = "".join(encoded.split()) if isinstance(encoded, str) else ""
    if not text or len(text) > _MAX_IMAGE_BYTES * 4 // 3:
        return ""
    try:
        content = base64.b64decode(text, validate=True)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            # Reads the header only.
            with Image.open(io.BytesIO(content), formats=list(_IMAGE_KINDS)) as image:
                kind, (width, height) = _IMAGE_KINDS[image.format or ""], image.size
    except (binascii.Error, OSError, SyntaxError, ValueError, Warning, KeyError, Image.DecompressionBombError):
        return ""
    if width * height > _MAX_PIXELS:
        return ""
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def _filter_attribute(tag: str, name: str, value: str) -> str | None:
    if name == "src":
        embedded = _DATA.fullmatch(value.strip())
        return image_address(embedded[1]) or None if embedded else None
    if name == "href":
        return value if _LINK.fullmatch(value.strip()) else None
    return value


def _name_image(bare: re.Match[str]) -> str:
    """Return words in place of an image that cannot be shown."""
    alt = _ALT.search(bare[1])
    return f"(imagen: {alt[1]})" if alt and alt[1].strip() else "(imagen)"


def _depth(html: str) -> int:
    """Return how deep tags are nested at most: too much where end tags are left out, never too little."""
    void = set(_VOID.split())
    depth = deepest = 0
    for closing, name in _TAG.findall(html):
        if closing:
            depth -= depth > 0
        elif name.lower() not in void:
            depth += 1
            deepest = max(deepest, depth)
    return deepest


def _overwrite(line: str) -> str:
    """Return what is left of a line that a progress bar wrote again and again."""
    line = line.rstrip("\r").rpartition("\r")[2]
    if "\b" not in line:
        return line
    shown: list[str] = []
    for character in line:
        if character != "\b":
            shown.append(character)
        elif shown:
            shown.pop()
    return "".join(shown)


def _visible(html: str) -> str:
    """Leave out control characters and those that turn the direction of text."""
    return plain(html, limit=len(html) + 1)

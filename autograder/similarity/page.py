"""The page of a class for a person: the pairs as a graph, each flag as a sentence, both answers side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

from autograder.language import counted, percent
from autograder.render.page import STYLE, document
from autograder.render.phrases import say
from autograder.render.text import plain, plain_line
from autograder.similarity.classes import Compared
from autograder.similarity.graph import draw
from autograder.similarity.pairs import Pair, chosen

__all__ = ["HEADS", "write_page"]

INDEX = "index.html"
HEADS = ("Not flagged", "Kind", "Score", "Where", "Dismissed by")
_WORDS = ("code", "model")
_STYLE = STYLE + Path(__file__).with_name("style.css").read_text(encoding="utf-8")
_DISMISS = "python -m autograder similar --dismiss {a} {b} --assignment {assignment} --by WHO --why TEXT"
_MESSAGE = (
    "A line is a question, not an answer: people who learned together write alike, and what is simple has few forms. "
    "No flag changes a point. docs/similarity.md says how often flags are wrong, and what is no evidence."
)
MOST = 200
"""Pairs that are shown side by side."""


def write_page(pairs: Sequence[Pair], compared: Mapping[str, Compared], folder: Path) -> Path:
    """Write the page of a class and return its path.

    Parameters
    ----------
    pairs : sequence of Pair
        Of all kinds and assignments.
    compared : mapping of str to Compared
        By assignment, for the code side by side.
    folder : Path
        Made if need be.
    """
    folder.mkdir(parents=True, exist_ok=True)
    told = chosen(pairs)
    flagged = sum(pair.flagged for pair in told)
    blocks = [
        f'<header><h1>{say("Similar work")}</h1><p class="soft">{say(counted(flagged, "flagged pair"))}</p></header>',
        "<main>",
        f'<p class="card">{escape(say(_MESSAGE))}</p>',
    ]
    for assignment in dict.fromkeys(pair.assignment for pair in told):
        mine = [pair for pair in told if pair.assignment == assignment]
        blocks.append(f"<h2>{escape(plain_line(assignment))}</h2>")
        picture = draw(mine)
        if picture:
            legend = say("Red: code. Violet, dashed: trained networks. Thin: near, but not flagged.")
            blocks.append(f'<div class="card">{picture}<p class="soft">{legend}</p></div>')
        blocks += [_card(pair, compared.get(assignment)) for pair in mine if pair.flagged][:MOST]
        blocks.append(_others([pair for pair in mine if not pair.flagged]))
    index = folder / INDEX
    body = "\n".join([*blocks, "</main>"])
    index.write_text(document(say("Similar work"), body, style=_STYLE), encoding="utf-8", newline="\n")
    return index


def _card(pair: Pair, compared: Compared | None) -> str:
    names = [plain_line(name) for name in pair.submissions]
    command = _DISMISS.format(a=_quoted(names[0]), b=_quoted(names[1]), assignment=pair.assignment)
    code = _side_by_side(pair, compared) if pair.kind == "code" and compared is not None else ""
    return (
        f'<section class="card"><div class="cell"><h2>{escape(" · ".join(names))}</h2>'
        f"<p>{say(pair.kind)}, {percent(pair.score)}</p></div>"
        f"<p>{escape(plain(say(pair.why)))}</p>{code}"
        f'<p class="soft">{say("Looked at, and nothing in it?")} <code>{escape(command)}</code></p></section>'
    )


def _side_by_side(pair: Pair, compared: Compared) -> str:
    found = next(one for one, mine in zip(compared.result.pairs, compared.pairs) if mine is pair)
    sides = []
    for index, other in ((found.first, found.second), (found.second, found.first)):
        work = compared.works[index]
        lines = compared.result.marked(index, other)
        cells = [cell for cell in work.cells if lines.get(cell)]
        cells.sort(key=lambda cell: list(pair.where).index(cell) if cell in pair.where else len(pair.where))
        shown = [
            f"<h3>{escape(plain_line(f'{work.name} · {cell}'))}</h3>{_code(work.cells[cell], lines[cell])}"
            for cell in cells
        ]
        sides.append(f"<div>{''.join(shown)}</div>")
    summary = f"<summary>{say('Side by side, what both have is marked')}</summary>"
    return f'<details open>{summary}<div class="pair">{"".join(sides)}</div></details>'


def _code(source: str, marked: set[int]) -> str:
    rows = []
    for number, line in enumerate(source.splitlines(), start=1):
        tag = "mark" if number in marked else "span"
        rows.append(f"<{tag}>{escape(plain(line)) or ' '}</{tag}>")
    return f'<pre tabindex="0">{"".join(rows)}</pre>'


def _others(pairs: Sequence[Pair]) -> str:
    if not pairs:
        return ""
    rows = "".join(
        f'<tr><th scope="row">{escape(" · ".join(map(plain_line, pair.submissions)))}</th><td>{say(pair.kind)}</td>'
        f'<td class="number">{percent(pair.score)}</td><td>{escape(plain_line(", ".join(pair.where), 80))}</td>'
        f"<td>{escape(plain_line(pair.dismissed, 200)) if pair.dismissed else ''}</td></tr>"
        for pair in pairs
    )
    head = "".join(f'<th scope="col">{say(text)}</th>' for text in HEADS)
    label = say("Nearest pairs that are not flagged")
    return (
        f'<div class="card scroll" role="region" tabindex="0" aria-label="{label}">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _quoted(name: str) -> str:
    return name if name.isidentifier() else "'" + name.replace("'", "'\\''") + "'"

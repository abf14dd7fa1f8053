"""Lists of checks in a page: what depends on a failed check is folded under it, the next step comes first."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape

from autograder.language import language, texts_of
from autograder.render.page import message
from autograder.render.text import MARKS, STATUSES, plain, plain_line, score
from autograder.report import Check

__all__ = ["check_list", "next_step", "waiting_for"]

_ = texts_of(__name__)

_NEEDED = re.compile(r"(?:Primero hace falta|Needed first): «(.*)»\.", re.DOTALL)
_TRY = {"es": "Pruébalo en tu cuaderno: `", "en": "Try it in your notebook: `"}


def waiting_for(checks: Iterable[Check]) -> dict[str, Check]:
    """Return by the id of each check that was skipped for another one which check that is, the first of a chain."""
    checks = list(checks)
    by_title: dict[str, Check] = {}
    for check in checks:
        by_title.setdefault(check.title, check)
    found = {}
    for check in checks:
        root, seen = check, {check.id}
        while root.status == "skipped" and (needed := _NEEDED.fullmatch(root.message)):
            before = by_title.get(needed[1])
            if before is None or before.id in seen:
                break
            seen.add(before.id)
            root = before
        if root is not check:
            found[check.id] = root
    return found


def next_step(checks: Sequence[Check], title: Callable[[str], str], places: Mapping[str, str] | None = None) -> str:
    """Return the card that says what to do first; nothing if no check failed.

    Parameters
    ----------
    checks : sequence of Check
    title : callable
        What a ``grade_id`` is called.
    places : mapping of str to str, optional
        The id of the section of each grade cell.
    """
    first = next((check for check in checks if check.status == "failed"), None)
    if first is None:
        return ""
    name = escape(title(first.grade_id))
    place = (places or {}).get(first.grade_id)
    link = f'<a href="#{place}">{name}</a>' if place else name
    waiting = sum(root.id == first.id for root in waiting_for(checks).values())
    more = ""
    if waiting:
        told = _("De esto depende otra prueba.") if waiting == 1 else _("De esto dependen otras {count} pruebas.")
        more = f'<p class="soft">{told.format(count=waiting)}</p>'
    said = f'<div class="message failed"><span>{_message(first)}</span></div>' if first.message else ""
    return (
        f'<section class="card next" aria-labelledby="next"><h2 id="next">{_("El siguiente paso")}</h2>'
        f"<p>{link}: {message(plain_line(first.title, 400))}</p>{said}{more}</section>"
    )


def check_list(
    checks: Iterable[Check], waits: Mapping[str, Check] | None = None, places: Mapping[str, str] | None = None
) -> str:
    """Return how each check ended: its mark, title, points and message.

    Parameters
    ----------
    checks : iterable of Check
        Those of one grade cell.
    waits : mapping of str to Check, optional
        Which check each waits for (`waiting_for`); without it only those of this cell are known.
    places : mapping of str to str, optional
        The id of the section of each grade cell.
    """
    checks = list(checks)
    waits = waiting_for(checks) if waits is None else waits
    here = {check.id for check in checks}
    folded: dict[str, list[Check]] = {}
    for check in checks:
        if check.id in waits:
            folded.setdefault(waits[check.id].id, []).append(check)
    shown = [_check(check, folded.get(check.id, [])) for check in checks if check.id not in waits]
    for root_id, waiting in folded.items():
        if root_id not in here:
            shown.append(f"<li class=fold>{_fold(waiting, waits[waiting[0].id], (places or {}))}</li>")
    return f'<ul class="checks">{"".join(shown)}</ul>'


def _fold(waiting: Sequence[Check], root: Check | None = None, places: Mapping[str, str] | None = None) -> str:
    """Return checks that wait for another one, folded."""
    told = _("1 prueba más espera a esta") if len(waiting) == 1 else _("{count} pruebas más esperan a esta")
    head = told.format(count=len(waiting))
    link = ""
    if root is not None:
        told = _("1 prueba no se evaluó") if len(waiting) == 1 else _("{count} pruebas no se evaluaron")
        head = told.format(count=len(waiting))
        name = f"«{message(plain_line(root.title, 400))}»"
        place = (places or {}).get(root.grade_id)
        linked = f'<a href="#{place}">{name}</a>' if place else name
        link = f"<p>{_('Primero hace falta')}: {linked}</p>"
    items = "".join(
        f'<li><span class="mark skipped" aria-hidden="true">–</span><span class="title"><span class="hidden">'
        f"{_('no evaluado')}: </span>{message(plain_line(check.title, 400))}</span>"
        f'<span class="worth">{score(check.score, check.max_score) if check.max_score else ""}</span></li>'
        for check in waiting
    )
    return f'<details class="waits"><summary>{head}</summary>{link}<ul class="checks">{items}</ul></details>'


def _check(check: Check, waiting: Sequence[Check]) -> str:
    kind = check.status if check.status in MARKS else "error"
    worth = score(check.score, check.max_score) if check.max_score else ""
    told = f'<div class="message {kind}"><span>{_message(check)}</span></div>' if check.message else ""
    title = f'<span class="hidden">{_(STATUSES[kind])}: </span>{message(plain_line(check.title, 400))}'
    return (
        f'<li><span class="mark {kind}" aria-hidden="true">{MARKS[kind]}</span><span class="title">{title}</span>'
        f'<span class="worth">{worth}</span>{told}{_fold(waiting) if waiting else ""}</li>'
    )


def _message(check: Check) -> str:
    """Return a message; the line that can be pasted stands on its own, and one click takes all of it."""
    before, found, rest = plain(check.message).partition(_TRY[language()])
    line, ended, after = rest.partition("`")
    if not (found and ended):
        return message(check.message)
    lead = _("Pruébalo en tu cuaderno:")
    gap = "\n" if before.strip() else ""
    return f'{message(before)}{gap}{lead}<code class="paste">{escape(line)}</code>{message(after.strip())}'

"""The words and numbers that all forms of a report share, and the cleaning of text that a student may have written."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from autograder.language import language, number, percent, texts_of
from autograder.report import Check, CheckStatus, Report

_ = texts_of(__name__)

MARKS: dict[CheckStatus, str] = {"passed": "✓", "failed": "✗", "skipped": "–", "error": "!"}
STATUSES = {
    "passed": "superado",
    "failed": "no superado",
    "skipped": "no evaluado",
    "error": "falla del corrector",
}
NO_GRADE = "sin nota"
NOT_HANDED_IN = "sin entrega"
NO_NAME = "(sin nombre)"
NO_ASSIGNMENT = "práctica desconocida"
LONGEST_MESSAGE = 4000
_LONGEST_NAME = 120


def plain(text: object, limit: int = LONGEST_MESSAGE) -> str:
    """Return text that can do no harm on a screen: no control characters but line ends, no direction overrides.

    Parameters
    ----------
    text : object
        Anything; a report may hold what a student's code said.
    limit : int
        What is longer is cut off, with an ellipsis.
    """
    kept = []
    for character in str(text)[: limit + 1].replace("\r\n", "\n").replace("\r", "\n").expandtabs(4):
        kind = unicodedata.category(character)
        if character == "\n" or kind in ("Zs", "Zl", "Zp") or kind[0] not in "CZ":
            kept.append(character)
        elif kind != "Cf":  # format characters are invisible, or turn the direction of what follows
            kept.append("\N{REPLACEMENT CHARACTER}")
    cleaned = "".join(kept).strip("\n").rstrip()
    return cleaned if len(cleaned) <= limit else cleaned[: limit - 1] + "…"


def plain_line(text: object, limit: int = _LONGEST_NAME) -> str:
    """Return harmless text on one line, never empty: a name."""
    return " ".join(plain(text, limit).split()) or _(NO_NAME)


def shortened(names: Sequence[str], longest: int) -> list[str]:
    """Return names of at most ``longest`` characters, cut in the middle such that those that differ still do.

    Examples
    --------
    >>> shortened(["carla_ibáñez_lópez_2019", "carla_ibáñez_lópez_2020", "ana"], 14)
    ['carla_i…z_2019', 'carla_i…z_2020', 'ana']
    >>> shortened(["a" * 20 + "x" + "b" * 9, "a" * 20 + "y" + "b" * 9], 10)
    ['aaaaa…bbbb', 'aaaaa…bb~2']
    """
    cut = []
    taken: dict[str, str] = {}
    for name in names:
        short = name if len(name) <= longest else f"{name[: longest // 2]}…{name[len(name) - (longest - 1) // 2 :]}"
        number = 2
        while taken.setdefault(short, name) != name:
            short, number = f"{short[: longest - len(str(number)) - 1]}~{number}", number + 1
        cut.append(short)
    return cut


def submission_name(report: Report) -> str:
    """Return whose submission it is, on one line."""
    return plain_line(report.submission)


def assignment_name(report: Report) -> str:
    """Return the name of the assignment, on one line."""
    return plain_line(report.assignment) if report.assignment else _(NO_ASSIGNMENT)


def points(value: float | None) -> str:
    """Return points as a person writes them, at most two decimals; None is no grade, which is not 0.

    Examples
    --------
    >>> points(7.5), points(10.0), points(0.1 + 0.2), points(None)
    ('7,5', '10', '0,3', 'sin nota')
    """
    return _(NO_GRADE) if value is None else number(value)


def score(value: float | None, max_score: float) -> str:
    """Return ``"7,5/10"``, or that there is no grade."""
    return _(NO_GRADE) if value is None else f"{points(value)}/{points(max_score)}"


def dotted(value: float | None) -> str:
    """Return points as programs read them in every language; None is no grade.

    Examples
    --------
    >>> dotted(7.5), dotted(10.0), dotted(0.1 + 0.2)
    ('7.5', '10', '0.3')
    """
    if value is None:
        return NO_GRADE
    # Adding 0.0 turns the negative zero that rounding may leave into a plain one.
    return f"{round(value, 2) + 0.0:.2f}".rstrip("0").rstrip(".")


def duration(time: timedelta) -> str:
    """Return how long something is in its two largest units, in every language alike.

    Examples
    --------
    >>> duration(timedelta(days=2, hours=3, minutes=59)), duration(timedelta(minutes=5)), duration(timedelta(seconds=1))
    ('2 d 3 h', '5 min', '1 s')
    """
    left, parts = int(time.total_seconds()), []
    for unit, seconds in (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)):
        count, left = divmod(left, seconds)
        parts.append((count, unit))
    first = next((place for place, (count, _unit) in enumerate(parts) if count), len(parts) - 1)
    return " ".join(f"{number(count)} {unit}" for count, unit in parts[first : first + 2] if count) or "0 s"


def fraction(value: float | None, max_score: float) -> float:
    """Return the part that was earned, 0 to 1, for a bar."""
    return min(max((value or 0.0) / max_score, 0.0), 1.0) if max_score > 0 else 0.0


def figures(flag: dict[str, Any]) -> str:
    """Return a flag's figures as ``"ratio 0.988, with ana"``."""
    shown = {key: value for key, value in flag.items() if key not in ("kind", "message")}
    return ", ".join(f"{plain_line(key, 40)} {_figure(value)}" for key, value in shown.items())


@dataclass(frozen=True)
class Summary:
    """A class in numbers.

    Parameters
    ----------
    submissions, ungraded, flagged, missing : int
        How many there are, how many of them got no grade, how many have a flag; how many students handed in nothing.
    mean : str
        The mean of the grades, in points if all have the same maximum, else in percent; empty if there is none.
    seconds : float
        The mean wall time of a submission.
    """

    submissions: int
    ungraded: int
    flagged: int
    mean: str
    seconds: float
    missing: int = 0

    def __str__(self) -> str:
        said = [
            _("1 entrega") if self.submissions == 1 else _("{count} entregas").format(count=number(self.submissions))
        ]
        if self.mean:
            said.append(f"{_('media')} {self.mean}")
        if self.ungraded:
            said.append(f"{number(self.ungraded)} {_(NO_GRADE)}")
        if self.missing:
            said.append(f"{number(self.missing)} {_(NOT_HANDED_IN)}")
        if self.flagged:
            said.append(f"{number(self.flagged)} {_('con avisos')}")
        if self.seconds:
            said.append(_("{seconds} s por entrega").format(seconds=number(float(f"{self.seconds:.2g}"))))
        return " · ".join(said)


def summarise(reports: Sequence[Report]) -> Summary:
    """Return a class in numbers."""
    missing = sum(not report.handed_in for report in reports)
    reports = [report for report in reports if report.handed_in]
    graded = [(report.score, report.max_score) for report in reports if report.score is not None]
    mean = ""
    if len({highest for _, highest in graded}) == 1:
        mean = score(sum(value for value, _ in graded) / len(graded), graded[0][1])
    elif graded:
        mean = percent(sum(fraction(*pair) for pair in graded) / len(graded))
    return Summary(
        submissions=len(reports),
        ungraded=len(reports) - len(graded),
        flagged=sum(bool(report.flags) for report in reports),
        mean=mean,
        seconds=sum(report.seconds for report in reports) / len(reports) if reports else 0.0,
        missing=missing,
    )


def counts(checks: Iterable[Check]) -> dict[CheckStatus, int]:
    """Return how many checks ended in which way, in the order of `MARKS`, without zeros."""
    counted = Counter(check.status for check in checks)
    return {status: counted[status] for status in MARKS if counted[status]}


def cell_points(checks: Iterable[Check]) -> tuple[float, float]:
    """Return the points and the most points of the grade cell that these checks decide."""
    earned = [(check.score, check.max_score) for check in checks]
    return sum(value for value, _ in earned), sum(highest for _, highest in earned)


def _figure(value: object) -> str:
    if isinstance(value, float):
        text = f"{value:.3g}"
        return text if language() == "en" else text.replace(".", ",")
    if isinstance(value, (list, tuple)):
        return ", ".join(_figure(part) for part in value)
    return plain_line(value)

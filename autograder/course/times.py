"""Moments with a zone, and how much longer a student may take."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

__all__ = ["parse_extension", "parse_time"]

_ISO = re.compile(r"(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})(:\d{2})?(\.\d+)? ?(Z|[+-]\d{2}:?\d{2})")
# Days, hours and minutes in English and Spanish.
_LONGER = re.compile(
    r"\+?\s*(\d{1,4})\s*(?:(?P<days>d|days?|dias?|días?)|(?P<hours>h|hours?|horas?)|(?P<minutes>m|min|minut[eo]s?))",
    re.IGNORECASE,
)


def parse_time(text: str) -> datetime | None:
    """Return an ISO 8601 time with a zone, or None if it is none.

    Examples
    --------
    >>> parse_time("2026-11-24T23:59:00-03:00").isoformat(), parse_time("2026-11-24T23:59:00")
    ('2026-11-24T23:59:00-03:00', None)
    """
    found = _ISO.fullmatch(text.strip())
    if not found:
        return None
    day, minute, second, fraction, zone = found.groups()
    # datetime.fromisoformat of Python 3.10 takes neither Z nor any number of decimals.
    zone = "+00:00" if zone == "Z" else f"{zone[:3]}:{zone[-2:]}"
    fraction = f"{(fraction or '.')[:7]:0<7}"
    try:
        moment = datetime.fromisoformat(f"{day}T{minute}{second or ':00'}{fraction}{zone}")
        moment.astimezone(timezone.utc)  # raises where the year is out of reach
        return moment
    except (ValueError, OverflowError):
        return None


def parse_extension(text: str) -> datetime | timedelta | None:
    """Return a deadline of one's own, or how much later than the others' it is; None if it is neither.

    Examples
    --------
    >>> parse_extension("2026-11-27T20:00-03:00").isoformat(), parse_extension("2 días"), parse_extension("+36h")
    ('2026-11-27T20:00:00-03:00', datetime.timedelta(days=2), datetime.timedelta(days=1, seconds=43200))
    """
    if longer := _LONGER.fullmatch(text.strip()):
        unit = next(name for name, value in longer.groupdict().items() if value)
        return timedelta(**{unit: int(longer[1])})
    return parse_time(text)

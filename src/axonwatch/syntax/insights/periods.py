"""Periods of Logs Insights: `5m`, `1h`, `2weeks`, and the caps that `bin` puts on them silently.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-operations-functions.html
"""

from __future__ import annotations

import difflib

from axonwatch.syntax.insights.nodes import Duration
from axonwatch.syntax.text import SyntaxFault, TextSpan

_NAMES = {
    "ms": ("millisecond", "ms", "msec"),
    "s": ("second", "s", "sec"),
    "m": ("minute", "m", "min"),
    "h": ("hour", "h", "hr"),
    "d": ("day", "d"),
    "w": ("week", "w"),
    "mo": ("month", "mo", "mon"),
    "q": ("quarter", "q", "qtr"),
    "y": ("year", "y", "yr"),
}
_UNITS = {
    spelling: unit
    for unit, names in _NAMES.items()
    for name in names
    for spelling in ((name, f"{name}s") if len(name) > 1 and name != "ms" else (name,))
}
MILLISECONDS = {
    "ms": 1,
    "s": 1000,
    "m": 60_000,
    "h": 3_600_000,
    "d": 86_400_000,
    "w": 604_800_000,
}
MONTHS = {"mo": 1, "q": 3, "y": 12}
BIN_CAPS = {"ms": 1000, "s": 60, "m": 60, "h": 24}


def read_period(text: str, span: TextSpan) -> Duration:
    """The period that `text` spells."""
    digits = len(text) - len(text.lstrip("0123456789"))
    count, unit = text[:digits], text[digits:]
    if unit.lower() not in _UNITS or not count:
        near = difflib.get_close_matches(unit.lower(), _UNITS, n=1)
        raise SyntaxFault(
            "unknown-unit",
            f"`{unit}` is not a unit of time",
            span,
            label="not a period",
            help=f"write `{count}{near[0]}`"
            if near
            else "units are ms, s, m, h, d, w, mo, q, y; "
            "a name that begins with a digit needs backticks",
        )
    if len(count) > 9 or int(count) == 0:
        raise SyntaxFault(
            "invalid-period",
            f"`{text}` is not a period that one can count in",
            span,
            label="must be at least 1 and below 1000000000",
        )
    return Duration(int(count), unit, span=span)


def unit_of(period: Duration) -> str:
    """The shortest spelling of the period's unit."""
    return _UNITS[period.unit.lower()]


def clamp_bin(period: Duration) -> Duration:
    """The period that `bin` really uses."""
    cap = BIN_CAPS.get(unit_of(period))
    if cap is None or period.count <= cap:
        return period
    return Duration(cap, period.unit, span=period.span)


def milliseconds(period: Duration) -> int | None:
    """The period's length; None for months and longer, which differ in length."""
    factor = MILLISECONDS.get(unit_of(period))
    return None if factor is None else factor * period.count


def months(period: Duration) -> int:
    """The period's months (0 for weeks and shorter)."""
    return MONTHS.get(unit_of(period), 0) * period.count

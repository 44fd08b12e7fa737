"""The schedule language of alarm mute rules: `cron(...)` with five fields, and `at(...)`.

Text in, a value that says on which local minutes it begins; time zones and windows are
`simulate`'s. CloudWatch documents `*`, `-` and `,` in every field and English names for months and
days; what it does not document (`/`, `?`, `L`, `#`, numbers for days of the week, which
count from 0 in some schedulers and from 1 in others) is refused by name.
Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_Schedule.html
"""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias

from axonwatch.syntax.text import SyntaxFault, TextSpan

MAX_LENGTH = 256
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_CRON = re.compile(r"cron\((?P<fields>.*)\)", re.DOTALL)
_AT = re.compile(r"at\((?P<at>.*)\)", re.DOTALL)
_AT_FORM = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}")
_HELP = "write `cron(Minutes Hours Day-of-month Month Day-of-week)` or `at(yyyy-MM-ddThh:mm)`"


@dataclass(frozen=True)
class _Field:
    """One field of a cron expression: its name, its range, and the words it knows."""

    name: str
    lowest: int
    highest: int
    words: tuple[str, ...] = ()
    words_only: bool = False


_FIELDS = (
    _Field("minutes", 0, 59),
    _Field("hours", 0, 23),
    _Field("day of month", 1, 31),
    _Field("month", 1, 12, _MONTHS),
    _Field("day of week", 0, 6, _DAYS, words_only=True),
)


@dataclass(frozen=True)
class CronSchedule:
    """A recurring schedule in local time; None in a field of days means every day.

    `weekdays` count from Sunday, 0. When both fields of days are restricted either is enough, as
    in every five-field cron (CloudWatch does not say; this is our reading).
    """

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: frozenset[int] | None
    months: frozenset[int]
    weekdays: frozenset[int] | None

    def is_on(self, day: date) -> bool:
        """Whether the schedule begins at some minute of this local day."""
        if day.month not in self.months:
            return False
        by_day = self.days is not None and day.day in self.days
        by_weekday = self.weekdays is not None and day.isoweekday() % 7 in self.weekdays
        if self.days is None:
            return self.weekdays is None or by_weekday
        return by_day or by_weekday


@dataclass(frozen=True)
class OnceSchedule:
    """A schedule that begins once, at a local minute."""

    at: datetime


Schedule: TypeAlias = CronSchedule | OnceSchedule


def parse_schedule(text: str) -> Schedule:
    """Parse a schedule expression. Raises SyntaxFault."""
    whole = TextSpan(0, len(text))
    if len(text) > MAX_LENGTH:
        raise SyntaxFault(
            "bad-schedule",
            f"a schedule holds at most {MAX_LENGTH} characters",
            whole,
            label=f"{len(text)} characters",
        )
    if cron := _CRON.fullmatch(text):
        return _parse_cron(text, cron.start("fields"), cron.end("fields"))
    if once := _AT.fullmatch(text):
        return _parse_at(once["at"], TextSpan(once.start("at"), once.end("at")))
    raise SyntaxFault(
        "bad-schedule",
        f"`{text}` is not a schedule",
        whole,
        label="neither `cron(...)` nor `at(...)`",
        help=_HELP,
    )


def _parse_at(text: str, span: TextSpan) -> OnceSchedule:
    if _AT_FORM.fullmatch(text):
        with contextlib.suppress(ValueError):
            return OnceSchedule(datetime.fromisoformat(text))
    raise SyntaxFault(
        "bad-schedule",
        f"`{text}` is not a time of the form yyyy-MM-ddThh:mm",
        span,
        label="no such minute, or another form",
        help="write local time without a zone, such as `at(2026-12-23T00:00)`",
    )


def _parse_cron(text: str, start: int, end: int) -> CronSchedule:
    fields = [(m[0], start + m.start()) for m in re.finditer(r"\S+", text[start:end])]
    if len(fields) != len(_FIELDS):
        raise SyntaxFault(
            "bad-schedule",
            f"a mute rule's cron has five fields, this one has {len(fields)}",
            TextSpan(start, max(end, start + 1)),
            label="minutes, hours, day of month, month, day of week",
            help="leave out the seconds and the year that other schedulers have",
        )
    sets = [
        _parse_field(field, word, offset)
        for field, (word, offset) in zip(_FIELDS, fields, strict=True)
    ]
    minutes, hours, days, months, weekdays = sets
    return CronSchedule(
        minutes=tuple(sorted(minutes or range(60))),
        hours=tuple(sorted(hours or range(24))),
        days=days,
        months=months or frozenset(range(1, 13)),
        weekdays=weekdays,
    )


def _parse_field(field: _Field, word: str, offset: int) -> frozenset[int] | None:
    """The values of one field; None for `*`."""
    if word == "*":
        return None
    values: set[int] = set()
    at = offset
    for part in word.split(","):
        span = TextSpan(at, at + max(len(part), 1))
        at += len(part) + 1
        first, dash, last = part.partition("-")
        low = _value(field, first, span)
        high = _value(field, last, span) if dash else low
        if high < low:
            raise SyntaxFault(
                "bad-schedule",
                f"the range `{part}` runs backwards",
                span,
                label=f"{first} comes after {last}",
                help=f"write `{first},...,{last}` as a list",
            )
        values.update(range(low, high + 1))
    return frozenset(values)


def _value(field: _Field, word: str, span: TextSpan) -> int:
    if word.upper() in field.words:
        return field.words.index(word.upper()) + field.lowest
    if word.isascii() and word.isdigit() and not field.words_only:
        number = int(word)
        if field.lowest <= number <= field.highest:
            return number
        raise SyntaxFault(
            "bad-schedule",
            f"{word} is outside the {field.name} field",
            span,
            label=f"{field.lowest} to {field.highest}",
        )
    if field.words_only and word.isdigit():
        raise SyntaxFault(
            "bad-schedule",
            "a day of the week is written as a word",
            span,
            label="CloudWatch does not say from which day numbers count",
            help=f"write one of {' '.join(field.words)}",
        )
    raise SyntaxFault(
        "bad-schedule",
        f"`{word}` is no value of the {field.name} field",
        span,
        label="only numbers, names, `*`, `-` and `,` are documented",
        help=_HELP,
    )

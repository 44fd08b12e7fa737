from __future__ import annotations

from datetime import date, datetime

import pytest

from axonwatch.syntax.schedule import CronSchedule, OnceSchedule, parse_schedule
from axonwatch.syntax.text import SyntaxFault


def cron(text: str) -> CronSchedule:
    schedule = parse_schedule(text)
    assert isinstance(schedule, CronSchedule)
    return schedule


@pytest.mark.parametrize(
    ("text", "minutes", "hours"),
    [
        ("cron(0 3 * * *)", (0,), (3,)),
        ("cron(0,30 3-5 * * *)", (0, 30), (3, 4, 5)),
        ("cron(*  4 * * SUN)", tuple(range(60)), (4,)),
        ("cron(5 * 1 JAN,JUL *)", (5,), tuple(range(24))),
    ],
)
def test_minutes_and_hours(text: str, minutes: tuple[int, ...], hours: tuple[int, ...]) -> None:
    assert (cron(text).minutes, cron(text).hours) == (minutes, hours)


@pytest.mark.parametrize(
    ("text", "day", "is_on"),
    [
        ("cron(0 3 * * *)", date(2026, 2, 28), True),
        ("cron(0 3 * * SUN)", date(2026, 11, 22), True),
        ("cron(0 3 * * SUN)", date(2026, 11, 23), False),
        ("cron(0 3 * * MON-FRI)", date(2026, 11, 28), False),
        ("cron(0 3 1 * *)", date(2026, 11, 1), True),
        ("cron(0 3 29 FEB *)", date(2028, 2, 29), True),
        ("cron(0 3 1 FEB *)", date(2026, 3, 1), False),
        ("cron(0 3 * JAN-MAR *)", date(2026, 3, 1), True),
        ("cron(0 3 1 * mon)", date(2026, 11, 23), True),  # either field of days is enough
        ("cron(0 3 1 * mon)", date(2026, 11, 1), True),
        ("cron(0 3 1 * mon)", date(2026, 11, 3), False),
    ],
)
def test_days(text: str, day: date, is_on: bool) -> None:
    assert cron(text).is_on(day) is is_on


def test_once() -> None:
    assert parse_schedule("at(2024-05-10T14:00)") == OnceSchedule(
        datetime.fromisoformat("2024-05-10T14:00")
    )


@pytest.mark.parametrize(
    ("text", "stretch", "title"),
    [
        ("rate(5 minutes)", "rate(5 minutes)", "`rate(5 minutes)` is not a schedule"),
        ("cron(0 3 * *)", "0 3 * *", "a mute rule's cron has five fields, this one has 4"),
        ("cron(0 0 3 * * ? *)", "0 0 3 * * ? *", "a mute rule's cron has five fields, this one has 7"),
        ("cron()", ")", "a mute rule's cron has five fields, this one has 0"),
        ("cron(60 3 * * *)", "60", "60 is outside the minutes field"),
        ("cron(0 3 0 * *)", "0", "0 is outside the day of month field"),
        ("cron(0/5 3 * * *)", "0/5", "`0/5` is no value of the minutes field"),
        ("cron(0 3 ? * SUN)", "?", "`?` is no value of the day of month field"),
        ("cron(0 3 L * *)", "L", "`L` is no value of the day of month field"),
        ("cron(0 3 * * 1)", "1", "a day of the week is written as a word"),
        ("cron(0 5-3 * * *)", "5-3", "the range `5-3` runs backwards"),
        ("cron(0 3, * * *)", " ", "`` is no value of the hours field"),
        ("at(2026-02-30T10:00)", "2026-02-30T10:00", "`2026-02-30T10:00` is not a time of the form yyyy-MM-ddThh:mm"),
        ("at(2026-02-20T10:00Z)", "2026-02-20T10:00Z", "`2026-02-20T10:00Z` is not a time of the form yyyy-MM-ddThh:mm"),
    ],
)  # fmt: skip
def test_refused_with_the_stretch_that_is_wrong(text: str, stretch: str, title: str) -> None:
    with pytest.raises(SyntaxFault) as refusal:
        parse_schedule(text)
    span = refusal.value.span
    assert (refusal.value.code, refusal.value.title) == ("bad-schedule", title)
    assert text[span.start : span.end] == stretch


def test_the_longest_schedule() -> None:
    with pytest.raises(SyntaxFault, match="at most 256 characters"):
        parse_schedule(f"cron({'0,' * 130}0 3 * * *)")

"""Windows of mute rules over the year's odd days."""

from __future__ import annotations

from datetime import datetime

import pytest

from axonwatch.model.alarms import MuteRule
from axonwatch.simulate.evaluation.schedule import mute_windows

HOUR = 3600


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


def windows(
    schedule: str, start: str, end: str, *, duration: int = HOUR, zone: str = "UTC", **more: str
) -> list[tuple[str, str]]:
    rule = MuteRule(
        name="m",
        schedule=schedule,
        duration=duration,
        alarm_names=("a",),
        timezone=zone,
        start=more.get("begin"),
        expire=more.get("expire"),
    )
    found = mute_windows(rule, at(start), at(end))
    return [
        tuple(
            datetime.fromtimestamp(t, datetime.fromisoformat(start).tzinfo).isoformat()[:16]
            for t in w
        )  # type: ignore[misc]
        for w in found
    ]


def test_daily() -> None:
    assert windows("cron(0 3 * * *)", "2026-01-01T00:00:00Z", "2026-01-02T12:00:00Z") == [
        ("2026-01-01T03:00", "2026-01-01T04:00"),
        ("2026-01-02T03:00", "2026-01-02T04:00"),
    ]


def test_a_window_that_began_before_the_span_counts_whole() -> None:
    assert windows(
        "cron(0 22 * * *)", "2026-01-02T00:30:00Z", "2026-01-02T01:00:00Z", duration=4 * HOUR
    ) == [("2026-01-01T22:00", "2026-01-02T02:00")]


def test_the_end_is_outside() -> None:
    assert windows("cron(0 3 * * *)", "2026-01-01T04:00:00Z", "2026-01-02T03:00:00Z") == []


def test_overlapping_windows_are_one() -> None:
    assert windows("cron(0,30 3 * * *)", "2026-01-01T00:00:00Z", "2026-01-01T12:00:00Z") == [
        ("2026-01-01T03:00", "2026-01-01T04:30")
    ]


def test_once_in_local_time() -> None:
    assert windows(
        "at(2026-07-01T10:00)", "2026-07-01T00:00:00Z", "2026-07-02T00:00:00Z", zone="Asia/Tokyo"
    ) == [("2026-07-01T01:00", "2026-07-01T02:00")]


def test_leap_day() -> None:
    assert windows("cron(0 3 29 FEB *)", "2026-01-01T00:00:00Z", "2029-01-01T00:00:00Z") == [
        ("2028-02-29T03:00", "2028-02-29T04:00")
    ]


def test_summer_time_starts_the_begin_that_the_clock_skips_does_not_happen() -> None:
    found = windows(
        "cron(30 2 * * *)", "2026-03-28T00:00:00Z", "2026-03-31T00:00:00Z", zone="Europe/Berlin"
    )
    assert found == [
        ("2026-03-28T01:30", "2026-03-28T02:30"),
        ("2026-03-30T00:30", "2026-03-30T01:30"),
    ]


def test_summer_time_ends_the_begin_that_the_clock_repeats_happens_once() -> None:
    found = windows(
        "cron(30 2 * * *)", "2026-10-24T12:00:00Z", "2026-10-25T23:00:00Z", zone="Europe/Berlin"
    )
    assert found == [("2026-10-25T00:30", "2026-10-25T01:30")]


def test_a_rule_begins_and_expires() -> None:
    found = windows(
        "cron(0 3 * * *)",
        "2026-01-01T00:00:00Z",
        "2026-01-10T00:00:00Z",
        begin="2026-01-02T03:00:00Z",
        expire="2026-01-03T03:20:00Z",
    )
    assert found == [
        ("2026-01-02T03:00", "2026-01-02T04:00"),
        ("2026-01-03T03:00", "2026-01-03T03:20"),
    ]


def test_no_such_zone() -> None:
    with pytest.raises(ValueError, match="`Mars/Olympus` is not a time zone"):
        windows(
            "cron(0 3 * * *)", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", zone="Mars/Olympus"
        )

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from axonwatch.cli.times import parse_moment, parse_window, say_window
from axonwatch.errors import UsageError

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-24T03:12:00Z", "2026-11-24T03:12:00+00:00"),
        ("2026-11-24T03:12", "2026-11-24T02:12:00+00:00"),
        ("2026-11-24", "2026-11-23T23:00:00+00:00"),
        ("03:12", "2026-11-24T02:12:00+00:00"),
        ("13:30", "2026-11-23T12:30:00+00:00"),
        ("1795500000", "2026-11-24T06:00:00+00:00"),
        ("1795500000123", "2026-11-24T06:00:00.123000+00:00"),
        ("now", "2026-11-24T12:00:00+00:00"),
    ],
)
def test_a_moment(text: str, moment: str) -> None:
    found = parse_moment(text, now=NOW, zone=BERLIN)
    assert found.astimezone(UTC) == datetime.fromisoformat(moment)


@pytest.mark.parametrize("text", ["", "yesterday", "23/1/2015 14:23", "25:00", "2026-13-01"])
def test_no_guesses(text: str) -> None:
    with pytest.raises(UsageError):
        parse_moment(text, now=NOW, zone=UTC)


def test_windows() -> None:
    assert say_window(parse_window(since="1h30m", now=NOW), "UTC") == (
        "2026-11-24 10:30:00 to 12:00:00 UTC (1h30m)"
    )
    assert say_window(parse_window(around="03:12", tz="UTC", now=NOW), "UTC") == (
        "2026-11-24 02:57:00 to 03:27:00 UTC (30m)"
    )
    window = parse_window(start="2026-11-23T23:00Z", end="2026-11-24T01:00Z", now=NOW)
    assert say_window(window, "Europe/Berlin") == (
        "2026-11-24 00:00:00 to 02:00:00 CET = 2026-11-23 23:00:00 to 2026-11-24 01:00:00 UTC (2h)"
    )
    assert say_window(parse_window(now=NOW), "UTC").endswith("(1h)")


@pytest.mark.parametrize(
    "options",
    [
        {"since": "1x"},
        {"since": "1h", "start": "03:00"},
        {"around": "03:12", "since": "1h"},
        {"start": "2026-11-24T13:00Z"},
        {"since": "1h", "tz": "Mars/Olympus"},
    ],
    ids=str,
)
def test_windows_that_are_none(options: dict[str, str]) -> None:
    with pytest.raises(UsageError):
        parse_window(now=NOW, **options)  # type: ignore[arg-type]

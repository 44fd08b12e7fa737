"""Times of scenarios over leap days, time zones and both ends of summer time."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from axonwatch.simulate.series.local_times import read_instant, read_moment

BERLIN = ZoneInfo("Europe/Berlin")


def shown(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()[:19]


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00"),
        ("2026-01-01T00:00:00+05:30", "2025-12-31T18:30:00"),
        ("2026-07-01T12:00", "2026-07-01T10:00:00"),
        ("2026-01-01 12:00:30", "2026-01-01T11:00:30"),
        ("2028-02-29", "2028-02-28T23:00:00"),
        ("2026-10-25T02:30:00+01:00", "2026-10-25T01:30:00"),
    ],
)
def test_instants(text: str, utc: str) -> None:
    assert shown(read_instant(text, BERLIN)) == utc


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("2026-02-29T00:00:00Z", "`2026-02-29T00:00:00Z` does not exist: no such date or time of day"),
        ("2026-01-01T24:01:00Z", "`2026-01-01T24:01:00Z` does not exist: no such date or time of day"),
        ("2016-12-31T23:59:60Z", "`2016-12-31T23:59:60Z` does not exist: no such date or time of day"),
        ("2026-03-29T02:30", "the clock skips 2026-03-29T02:30 (Europe/Berlin)"),
        ("2026-10-25T02:30", "2026-10-25T02:30 comes twice (Europe/Berlin): add an offset, such as 2026-10-25T02:30:00+02:00"),
        ("tomorrow", "`tomorrow` is no date and time such as 2026-01-01T00:00:00Z"),
        ("01/02/2026", "`01/02/2026` is no date and time such as 2026-01-01T00:00:00Z"),
        ("1969-01-01T00:00:00Z", "`1969-01-01T00:00:00Z` is out of range"),
    ],
)  # fmt: skip
def test_instants_that_are_none(text: str, message: str) -> None:
    with pytest.raises(ValueError) as refusal:  # noqa: PT011 - the whole message is asserted
        read_instant(text, BERLIN)
    assert str(refusal.value) == message


@pytest.mark.parametrize(
    ("text", "start", "utc"),
    [
        ("8m", "2026-01-01T00:00:00Z", "2026-01-01T00:08:00"),
        ("1h30m", "2026-01-01T00:00:00Z", "2026-01-01T01:30:00"),
        ("+8m", "2026-01-01T00:00:00Z", "2026-01-01T00:08:00"),
        ("03:12", "2026-01-01T00:00:00Z", "2026-01-01T02:12:00"),
        ("00:30", "2026-01-01T00:00:00Z", "2026-01-01T23:30:00"),  # already past in Berlin
        ("01:00:00", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00"),
        ("2026-01-02T00:00:00Z", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00"),
        ("02:30", "2026-10-25T00:00:00Z", "2026-10-25T00:30:00"),  # the first of the two
        ("02:30", "2026-10-25T00:45:00Z", "2026-10-25T01:30:00"),  # the second
        ("02:30", "2026-03-29T01:00:00Z", "2026-03-30T00:30:00"),  # skipped, but before the start
    ],
)
def test_moments_of_a_test(text: str, start: str, utc: str) -> None:
    assert shown(read_moment(text, read_instant(start, UTC), BERLIN)) == utc


def test_a_clock_time_that_the_clock_skips_is_refused() -> None:
    with pytest.raises(ValueError, match="the clock skips 02:30 on 2026-03-29"):
        read_moment("02:30", read_instant("2026-03-29T00:00:00Z", UTC), BERLIN)


def test_a_moment_that_is_none() -> None:
    with pytest.raises(ValueError, match="`8 minutes` is no time"):
        read_moment("8 minutes", 0, BERLIN)

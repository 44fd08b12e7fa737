from __future__ import annotations

import pytest

from axonwatch.simulate.moments import (
    iso,
    java_iso,
    long_date,
    parse_moment,
    read_zone,
    short_stamp,
)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2026-01-01T00:00:00Z", 1_767_225_600),
        ("2026-01-01T00:00:00+00:00", 1_767_225_600),
        ("2026-01-01T05:30:00+05:30", 1_767_225_600),
        ("2025-12-31T19:00:00-05:00", 1_767_225_600),
        ("2026-01-01T00:00:00", 1_767_225_600),
        ("2026-01-01", 1_767_225_600),
        ("2026-01-01T00:00:00.999Z", 1_767_225_600),
        ("1767225600000", 1_767_225_600),
        ("2028-02-29T12:00:00Z", 1_835_438_400),
    ],
)
def test_times_are_read_in_any_zone_and_as_utc_without_one(text: str, seconds: int) -> None:
    assert parse_moment(text) == seconds


@pytest.mark.parametrize("text", ["", "noon", "2026-02-29T00:00:00Z", "2026-01-01T25:00:00Z", "12"])
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(ValueError, match="is not a time"):
        parse_moment(text)


def test_times_as_they_are_written() -> None:
    assert iso(1_767_225_600) == "2026-01-01T00:00:00Z"
    assert java_iso(1_767_225_600) == "2026-01-01T00:00:00.000+0000"
    assert short_stamp(1_658_505_465) == "22/07/22 15:57:45"
    assert long_date(1_658_505_465) == "Friday 22 July, 2022 15:57:45 UTC"
    assert long_date(1_767_225_600) == "Thursday 01 January, 2026 00:00:00 UTC"


@pytest.mark.parametrize("name", ["Europe/Berlin", "UTC", "+05:30", "UTC+05:30", "-0330", "+9"])
def test_zones(name: str) -> None:
    read_zone(name)


@pytest.mark.parametrize("name", ["Mars/Olympus", "+05:33", "+15:00", "../etc/passwd"])
def test_what_is_no_zone(name: str) -> None:
    with pytest.raises(ValueError, match="is not a"):
        read_zone(name)

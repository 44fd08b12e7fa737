"""Moments: seconds since 1970 in UTC inside, ISO 8601 and CloudWatch's own spellings outside."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_OFFSET = re.compile(r"(?:UTC|GMT)?([+-])(\d{1,2}):?(\d{2})?")
_EPOCH = re.compile(r"-?\d{9,}(?:\.\d+)?")
_OFFSET_STEP = 300
_FIRST, _LAST = -62_135_596_800, 253_402_300_799  # the years 1 to 9999


def parse_moment(text: str) -> int:
    """Seconds of an ISO 8601 time or of epoch milliseconds; without a zone it is UTC.

    Raises ValueError, with a message fit for a label. Fractions of a second are cut.
    """
    if _EPOCH.fullmatch(text.strip()):
        seconds = int(float(text)) // 1000
        if not _FIRST <= seconds <= _LAST:
            message = f"`{text}` is out of range"
            raise ValueError(message)
        return seconds
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        message = f"`{text}` is not a time such as 2026-01-01T00:00:00Z"
        raise ValueError(message) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    try:
        return int(moment.timestamp() // 1)
    except (OverflowError, ValueError):
        message = f"`{text}` is out of range"
        raise ValueError(message) from None


def iso(seconds: int) -> str:
    """`2026-01-01T00:00:00Z`."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def java_iso(seconds: int) -> str:
    """`2026-01-01T00:00:00.000+0000`, as state reasons and SNS bodies spell it."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def short_stamp(seconds: int) -> str:
    """`01/02/26 00:00:00` (day first), as a reason's datapoints are stamped."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%d/%m/%y %H:%M:%S")


def long_date(seconds: int) -> str:
    """`Friday 22 July, 2022 15:57:45 UTC`, as composite reasons and e-mails say it."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%A %d %B, %Y %H:%M:%S UTC")


def read_zone(name: str) -> tzinfo:
    """The zone of an IANA name, a fixed offset (`+05:30`) or a prefixed one (`UTC+05:30`).

    Raises ValueError. An offset must be a multiple of five minutes, as CloudWatch asks.
    """
    match = _OFFSET.fullmatch(name)
    if match is not None:
        seconds = int(match[2]) * 3600 + int(match[3] or 0) * 60
        if seconds % _OFFSET_STEP or seconds > 14 * 3600:
            message = f"`{name}` is not a multiple of five minutes within 14 hours"
            raise ValueError(message)
        return timezone(timedelta(seconds=seconds if match[1] == "+" else -seconds))
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        message = f"`{name}` is not a time zone such as Europe/Berlin or +05:30"
        raise ValueError(message) from None

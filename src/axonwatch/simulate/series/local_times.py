"""The times that people write into scenarios: offsets, clock times, dates with or without zone.

What the clock skips or repeats when summer time starts or ends is said, never guessed.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta, tzinfo

from axonwatch.durations import parse_duration

_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2})?(\.\d+)?(Z|[+-]\d{2}(:?\d{2})?)?)?")
_OFFSET = re.compile(r"\+?((?:\d+[smhdw])+)")
_EARLIEST, _LATEST = 0, 253_402_300_799  # 1970 to 9999


def read_instant(text: str, zone: tzinfo) -> int:
    """Epoch seconds of a date and time; without an offset it is local time in `zone`.

    Raises ValueError, with a message fit for a title: for what is no date (2026-02-29), for a
    local time that the clock skips, and for one that comes twice.
    """
    if not _DATE.fullmatch(text):
        message = f"`{text}` is no date and time such as 2026-01-01T00:00:00Z"
        raise ValueError(message)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        message = f"`{text}` does not exist: no such date or time of day"
        raise ValueError(message) from None
    if moment.tzinfo is not None:
        return _bounded(moment, text)
    return _local(moment, zone, text)


def read_moment(text: str, start: int, zone: tzinfo) -> int:
    """Epoch seconds of a time of a test that begins at `start`.

    `8m` is an offset, `03:12` the first time after the start at which the local clock shows this,
    anything longer a date and time. Raises ValueError, with a message fit for a title.
    """
    offset = _OFFSET.fullmatch(text)
    if offset:
        return start + parse_duration(offset[1])
    clock = _CLOCK.fullmatch(text)
    if clock:
        return _next(time(int(clock[1]), int(clock[2]), int(clock[3] or 0)), start, zone)
    if _DATE.fullmatch(text):
        return read_instant(text, zone)
    message = f"`{text}` is no time: write an offset (8m), a clock time (03:12) or a date and time"
    raise ValueError(message)


def _next(shown: time, start: int, zone: tzinfo) -> int:
    """The first instant from `start` on at which the local clock shows a time of day."""
    begun = datetime.fromtimestamp(start, zone).replace(tzinfo=None)
    day = begun.date()
    while True:
        naive = datetime.combine(day, shown)
        for fold in (0, 1):
            found = int(naive.replace(tzinfo=zone, fold=fold).timestamp())
            if found < start:
                continue
            if datetime.fromtimestamp(found, zone).replace(tzinfo=None) != naive:
                if naive < begun:
                    continue
                message = f"the clock skips {shown:%H:%M} on {day} ({zone})"
                raise ValueError(message)
            return found
        day += timedelta(days=1)


def _local(moment: datetime, zone: tzinfo, text: str) -> int:
    first, second = (moment.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if first.utcoffset() != second.utcoffset():
        back = first.astimezone(UTC).astimezone(zone).replace(tzinfo=None)
        if back != moment:
            message = f"the clock skips {text} ({zone})"
            raise ValueError(message)
        message = f"{text} comes twice ({zone}): add an offset, such as {first.isoformat()}"
        raise ValueError(message)
    return _bounded(first, text)


def _bounded(moment: datetime, text: str) -> int:
    try:
        seconds = int(moment.timestamp() // 1)
    except (OverflowError, ValueError):
        seconds = -1
    if not _EARLIEST <= seconds <= _LATEST:
        message = f"`{text}` is out of range"
        raise ValueError(message)
    return seconds

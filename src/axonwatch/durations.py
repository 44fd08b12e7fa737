"""Durations as people write them (`90s`, `5m`, `1h30m`, `2d`) and CloudWatch's rules for periods.

Ground floor: used by definitions, scenarios and the command line alike.
"""

from __future__ import annotations

import re

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_PART = re.compile(r"(\d+)([smhdw])")
_WHOLE = re.compile(r"(?:\d+[smhdw])+")

MINUTE = 60
HOUR = 3600
DAY = 86_400
WEEK = 604_800
HIGH_RESOLUTION_PERIODS = (10, 20, 30)


def parse_duration(text: str) -> int:
    """Seconds of a duration such as `5m` or `1h30m`.

    Raises ValueError, with a message fit for a label, if `text` is not a duration.
    """
    if not _WHOLE.fullmatch(text):
        message = f"`{text}` is not a duration such as 90s, 5m, 1h30m or 2d"
        raise ValueError(message)
    return sum(int(number) * _UNITS[unit] for number, unit in _PART.findall(text))


def format_duration(seconds: int) -> str:
    """The shortest exact spelling of `seconds`: 90 -> `1m30s`, 7200 -> `2h`, 0 -> `0s`."""
    if seconds == 0:
        return "0s"
    parts = []
    rest = seconds
    for unit in ("d", "h", "m", "s"):
        count, rest = divmod(rest, _UNITS[unit])
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts)


def is_alarm_period(seconds: int) -> bool:
    """Whether an alarm may have this period: 10, 20, 30 or a multiple of 60 seconds.

    Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
    """
    return seconds in HIGH_RESOLUTION_PERIODS or (seconds > 0 and seconds % MINUTE == 0)

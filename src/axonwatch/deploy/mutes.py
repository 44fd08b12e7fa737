"""Mute rules of the companion stack: windows in which alarms change state and stay silent."""

from __future__ import annotations

from typing import Any

from axonwatch.durations import DAY, HOUR, MINUTE
from axonwatch.model.alarms import MuteRule


def mute_properties(rule: MuteRule) -> dict[str, Any]:
    """All properties of a mute rule, in L1's words."""
    return {
        "name": rule.name,
        "description": rule.description or None,
        "rule": {
            "schedule": {
                "expression": rule.schedule,
                "duration": iso_duration(rule.duration),
                "timezone": rule.timezone,
            }
        },
        "mute_targets": {"alarmNames": list(rule.alarm_names)},
        "start_date": rule.start,
        "expire_date": rule.expire,
    }


def iso_duration(seconds: int) -> str:
    """ISO 8601: 3600 -> `PT1H`, 90000 -> `P1DT1H`."""
    days, rest = divmod(seconds, DAY)
    hours, rest = divmod(rest, HOUR)
    minutes = rest // MINUTE
    date = f"{days}D" if days else ""
    time = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    return f"P{date}{'T' + time if time else ''}"

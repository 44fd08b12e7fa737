"""When a mute rule is active: its schedule in its time zone, as windows of UTC seconds.

The evaluator asks once per run. A begin that the clock skips when summer time starts does not
happen, one that the clock repeats happens once: what AWS documents for its other schedulers
(https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html), our reading for this.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TypeAlias

from axonwatch.model.alarms import MuteRule
from axonwatch.simulate.moments import read_zone
from axonwatch.syntax.schedule import OnceSchedule, Schedule, parse_schedule

Window: TypeAlias = tuple[int, int]


def mute_windows(rule: MuteRule, start: int, end: int) -> tuple[Window, ...]:
    """The windows, in epoch seconds, in which `rule` mutes between `start` and `end`.

    Each is half open, [begin, end); overlapping ones are joined; they are not cut to the span
    asked for, so that the end of a window is its true end. Raises SyntaxFault for a schedule that
    does not parse and ValueError for a time zone that does not exist.
    """
    zone = read_zone(rule.timezone)
    schedule = parse_schedule(rule.schedule)
    not_before = _instant(rule.start, zone) if rule.start else None
    expires = _instant(rule.expire, zone) if rule.expire else None
    windows: list[Window] = []
    for begin in _begins(schedule, zone, start - rule.duration, end):
        if not_before is not None and begin < not_before:
            continue
        stop = begin + rule.duration
        if expires is not None:
            stop = min(stop, expires)
        if stop <= begin or stop <= start or begin >= end:
            continue
        if windows and begin <= windows[-1][1]:
            windows[-1] = (windows[-1][0], max(windows[-1][1], stop))
        else:
            windows.append((begin, stop))
    return tuple(windows)


def to_instant(local: datetime, zone: tzinfo) -> int | None:
    """Epoch seconds of a local time; None if the clock skips it, the first if it comes twice."""
    aware = local.replace(tzinfo=zone, fold=0)
    instant = aware.astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) != local:
        return None
    return int(instant.timestamp())


def _instant(text: str, zone: tzinfo) -> int:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    return int(moment.timestamp())


def _begins(schedule: Schedule, zone: tzinfo, start: int, end: int) -> Iterator[int]:
    """The instants at which the schedule begins, in order, in [start, end)."""
    if isinstance(schedule, OnceSchedule):
        once = to_instant(schedule.at, zone)
        if once is not None and start <= once < end:
            yield once
        return
    day = datetime.fromtimestamp(start, zone).date()
    last = datetime.fromtimestamp(end, zone).date()
    while day <= last:
        if schedule.is_on(day):
            for hour in schedule.hours:
                for minute in schedule.minutes:
                    local = datetime(day.year, day.month, day.day, hour, minute)  # noqa: DTZ001
                    begin = to_instant(local, zone)
                    if begin is not None and start <= begin < end:
                        yield begin
        day += timedelta(days=1)

"""Times on the command line: `--since 1h30m`, `--from/--until`, `--around 03:12`; both echoed.

No guesses: ISO 8601 with or without zone, seconds since 1970, or a time of today. A time without
zone is in `--tz` (the machine's own by default).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from axonwatch.durations import format_duration, parse_duration
from axonwatch.errors import UsageError
from axonwatch.model.links import Window

_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?")
_EPOCH = re.compile(r"\d{10}(\d{3})?")
AROUND = 900


def zone_of(name: str | None) -> tzinfo:
    """A time zone by name; the machine's own for None. Raises UsageError."""
    if name is None:
        local = datetime.now().astimezone().tzinfo
        return local or UTC
    if name.upper() in {"UTC", "Z"}:
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as unknown:
        raise UsageError(
            f"`{name}` is no time zone", help="as in: --tz Europe/Berlin, or --tz UTC"
        ) from unknown


def parse_moment(text: str, *, now: datetime, zone: tzinfo) -> datetime:
    """A moment: ISO 8601, seconds or milliseconds since 1970, `13:10` (the last such), `now`.

    Raises UsageError.
    """
    given = text.strip()
    if given == "now":
        return now
    clock = _CLOCK.fullmatch(given)
    if clock:
        today = now.astimezone(zone)
        at = time(int(clock[1]), int(clock[2]), int(clock[3] or 0))
        moment = datetime.combine(today.date(), at, tzinfo=zone)
        return moment if moment <= now else moment - timedelta(days=1)
    if _EPOCH.fullmatch(given):
        seconds = int(given) / (1000 if len(given) == 13 else 1)
        return datetime.fromtimestamp(seconds, tz=UTC)
    try:
        moment = datetime.fromisoformat(given)
    except ValueError as wrong:
        raise UsageError(
            f"`{text}` is no time",
            help="as in: 2026-11-24T03:12:00Z, 2026-11-24T03:12 (with --tz), 03:12, 1795551045",
        ) from wrong
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def parse_window(
    *,
    since: str | None = None,
    start: str | None = None,
    end: str | None = None,
    around: str | None = None,
    tz: str | None = None,
    now: datetime | None = None,
    default: int = 3600,
) -> Window:
    """The window of these options; the last `default` seconds without any. Raises UsageError."""
    moment = now or datetime.now(UTC)
    zone = zone_of(tz)
    if around is not None:
        if since or start or end:
            raise UsageError("--around goes with no other time", help="as in: --around 03:12")
        middle = parse_moment(around, now=moment, zone=zone)
        wide = timedelta(seconds=AROUND)
        return Window(middle - wide, min(middle + wide, max(moment, middle)))
    if since is not None and start is not None:
        raise UsageError("--since and --from say the same", help="leave one away")
    until = parse_moment(end, now=moment, zone=zone) if end else moment
    if start is not None:
        from_time = parse_moment(start, now=moment, zone=zone)
    else:
        from_time = until - timedelta(seconds=_seconds(since) if since else default)
    if from_time >= until:
        raise UsageError(f"the window ends before it begins: {_both(from_time, until)}")
    return Window(from_time, until)


def _seconds(text: str) -> int:
    try:
        return parse_duration(text)
    except ValueError as wrong:
        raise UsageError(str(wrong)) from wrong


def _both(start: datetime, end: datetime) -> str:
    return f"{start.astimezone(UTC):%Y-%m-%d %H:%M:%S} to {end.astimezone(UTC):%H:%M:%S} UTC"


def say_window(window: Window, tz: str | None = None) -> str:
    """The window in words, in local time and in UTC."""
    zone = zone_of(tz)
    length = format_duration(round((window.end - window.start).total_seconds()))
    utc = _range(window, UTC)
    local = _range(window, zone)
    name = window.end.astimezone(zone).tzname() or "local"
    if name == "UTC":
        return f"{utc} UTC ({length})"
    return f"{local} {name} = {utc} UTC ({length})"


def _range(window: Window, zone: tzinfo) -> str:
    start, end = window.start.astimezone(zone), window.end.astimezone(zone)
    same_day = start.date() == end.date()
    return f"{start:%Y-%m-%d %H:%M:%S} to " + (
        f"{end:%H:%M:%S}" if same_day else f"{end:%Y-%m-%d %H:%M:%S}"
    )

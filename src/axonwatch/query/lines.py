"""Lines and documents of any shape -> events; the slow path, which loses nothing.

    event export    {"timestamp": ms, "message": text, "logStream"?, "ingestionTime"?}, one a line
    CLI output      `aws logs filter-log-events` or `get-log-events`: one document with `events`
    S3 export       `2026-01-04T03:46:21.000Z message`, in files named 000000.gz
    raw lines       anything else: the line is the message

A line that its file's shape cannot explain (cut JSON, plain text in an export) is kept whole, as
the message of an event. Bytes that are not UTF-8 become U+FFFD, as the awslogs driver makes them.

The time of a line that has none is that of the line before it in its file; before the first time,
the first that follows within 10,000 lines; without any, the time of the file's last change.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

EVENT_KEYS = frozenset(
    {
        "timestamp",
        "message",
        "logStream",
        "logStreamName",
        "ingestionTime",
        "eventId",
        "id",
        "logGroup",
        "logGroupName",
    }
)
_GO = re.compile(r"(?:\[[A-Z][A-Z0-9_ ]*\] )?(\d{4})/(\d\d)/(\d\d) (\d\d:\d\d:\d\d)(?:\.(\d+))?")
_ISO = re.compile(
    r"\W?(\d{4})-(\d\d)-(\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d+))?\s?(Z|[+-]\d\d:?\d\d)?"
)
_KEYED = re.compile(
    r'"(?:timestamp|time|ts|@timestamp)"\s*:\s*"'
    r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d+))?(Z|[+-]\d\d:?\d\d)?"
)
_KEYED_NUMBER = re.compile(r'"(?:timestamp|time|ts|@timestamp)"\s*:\s*(\d{13}|\d{10})(?:\.\d+)?\b')
_EXPORTED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z ")
_EXPORTED_PREFIX = 25
_MIN_MS, _MAX_MS = -(1 << 62), 1 << 62
_LOOK_AHEAD = 10_000


@dataclass(frozen=True, slots=True)
class Event:
    """One log event; `ts` is None while its line's time is not known."""

    ts: int | None
    message: str
    stream: str | None = None
    ingest: int | None = None


class _Repeated(ValueError):
    """An object names a key twice, so that reading it would lose a value."""


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Repeated
    return found


_decode: Callable[[str], Any] = json.JSONDecoder(strict=False, object_pairs_hook=_no_repeats).decode


def parse_object(line: str) -> dict[str, Any] | None:
    """The line's JSON object, if that is all the line holds and no key is named twice."""
    if not line.startswith("{") and not line.lstrip().startswith("{"):
        return None
    try:
        found = _decode(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def is_event(found: dict[str, Any]) -> bool:
    """Whether an object is an event of an export, and not a log line that is JSON itself."""
    return (
        found.keys() <= EVENT_KEYS
        and "message" in found
        and _milliseconds(found.get("timestamp")) is not None
    )


def event_of(line: str) -> Event:
    """The event that a line of an export holds; a line that holds none is the message itself."""
    found = parse_object(line)
    if found is None:
        return Event(None, line)
    return event_of_object(found, line)


def event_of_object(found: dict[str, Any], line: str) -> Event:
    """The event that an object is; `line` is its text, kept where the object has no message."""
    message = found.get("message")
    if message is None:
        message = line
    elif not isinstance(message, str):
        message = json.dumps(message, ensure_ascii=False, separators=(",", ":"))
    stream = found.get("logStream", found.get("logStreamName"))
    time = found.get("timestamp")
    ts = _milliseconds(time)
    return Event(
        time_of(time) if ts is None and isinstance(time, str) else ts,
        message,
        stream if isinstance(stream, str) else None,
        _milliseconds(found.get("ingestionTime")),
    )


def _milliseconds(value: object) -> int | None:
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, str):
        digits = value.isascii() and value.strip().removeprefix("-").isdigit()
        value = int(value) if digits and len(value) < 20 else None
    if isinstance(value, float):
        value = round(value) if _MIN_MS < value < _MAX_MS else None
    return value if isinstance(value, int) and _MIN_MS < value < _MAX_MS else None


def raw_event(line: str, stream: str) -> Event:
    """The event that a line of text is."""
    return Event(time_of(line), line, stream)


def exported_event(line: str, stream: str) -> Event | None:
    """The event that begins with this line of an S3 export; None if it goes on with it."""
    if not _EXPORTED.match(line):
        return None
    return Event(time_of(line[:_EXPORTED_PREFIX]), line[_EXPORTED_PREFIX:], stream)


def is_exported(line: str) -> bool:
    """Whether a line begins as every event of an S3 export does."""
    return _EXPORTED.match(line) is not None


def join_exported(lines: Iterator[str], stream: str) -> Iterator[Event]:
    """Events of an S3 export; a line without a time belongs to the event before it."""
    current: Event | None = None
    more: list[str] = []
    for line in lines:
        event = exported_event(line, stream)
        if event is None and current is not None:
            more.append(line)
            continue
        if current is not None:
            yield replace(current, message="\n".join([current.message, *more]))
            more = []
        current = event or Event(None, line, stream)
    if current is not None:
        yield replace(current, message="\n".join([current.message, *more]))


def time_of(line: str) -> int | None:
    """Milliseconds of the date at a line's start, or under a time key of a line that is JSON."""
    head = line[:60]
    found = None if head.startswith("{") else _GO.match(head) or _ISO.match(head)
    if head.startswith("{"):
        head = line[:4096]
        found = _KEYED.search(head)
        if found is None:
            number = _KEYED_NUMBER.search(head)
            if number is None:
                return None
            return int(number[1]) if len(number[1]) == 13 else int(number[1]) * 1000
    if found is None:
        return None
    year, month, day, clock, fraction, *zone = found.groups()
    second = _second(f"{year}-{month}-{day}T{clock}", zone[0] if zone and zone[0] else "Z")
    if second is None:
        return None
    return second + (int((fraction + "00")[:3]) if fraction else 0)


@lru_cache(maxsize=4096)
def _second(clock: str, zone: str) -> int | None:
    try:
        moment = datetime.fromisoformat(clock)
    except ValueError:
        return None
    offset = timedelta()
    if zone != "Z":
        digits = zone[1:].replace(":", "")
        offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
        offset = -offset if zone[0] == "-" else offset
    try:
        return round((moment - offset).replace(tzinfo=UTC).timestamp() * 1000)
    except OverflowError:
        return None


def fill_times(events: Iterator[Event], fallback: int, last: int | None = None) -> Iterator[Event]:
    """The same events, each with a time (see the module's text); `last` is that before them."""
    waiting: list[Event] = []
    for event in events:
        if event.ts is not None:
            last = event.ts
            for earlier in waiting:
                yield replace(earlier, ts=last)
            waiting = []
            yield event
        elif last is not None:
            yield replace(event, ts=last)
        else:
            waiting.append(event)
            if len(waiting) == _LOOK_AHEAD:
                last = fallback
                for earlier in waiting:
                    yield replace(earlier, ts=last)
                waiting = []
    for earlier in waiting:
        yield replace(earlier, ts=fallback)

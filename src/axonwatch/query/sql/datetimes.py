"""Datetime functions: bins and boundaries, and texts of times."""

from __future__ import annotations

import re
import zoneinfo
from typing import NoReturn

from axonwatch.query.sql.context import refuse
from axonwatch.query.sql.expressions import Expressions, scalar
from axonwatch.query.sql.pipeline import quote_text
from axonwatch.query.sql.values import FARTHEST_MS, FIRST_MS, LAST_MS, MISSING, Kind, Value
from axonwatch.syntax.insights import nodes as n
from axonwatch.syntax.insights.periods import clamp_bin, milliseconds, months, unit_of
from axonwatch.syntax.text import TextSpan

# 1970-01-05 was a Monday.
_FIRST_MONDAY_MS = 4 * 86_400_000
_STRFTIME = {letter: f"%{letter}" for letter in "aAbBcdfgHIjmMpSUwWxXyYu%"} | {
    "D": "%m/%d/%y",
    "e": "%-d",
    "F": "%Y-%m-%d",
    "h": "%b",
    "L": "%g",
    "R": "%H:%M",
    "T": "%H:%M:%S",
    "n": "\n",
    "t": "\t",
}
_JAVA = (
    ("yyyy", "%Y"),
    ("uuuu", "%Y"),
    ("yy", "%y"),
    ("MMMM", "%B"),
    ("MMM", "%b"),
    ("MM", "%m"),
    ("M", "%-m"),
    ("dd", "%d"),
    ("d", "%-d"),
    ("EEEE", "%A"),
    ("EEE", "%a"),
    ("HH", "%H"),
    ("H", "%-H"),
    ("hh", "%I"),
    ("h", "%-I"),
    ("mm", "%M"),
    ("m", "%-M"),
    ("ss", "%S"),
    ("s", "%-S"),
    ("SSSSSSSSS", "%n"),
    ("SSSSSS", "%f"),
    ("SSS", "%g"),
    ("DDD", "%j"),
    ("a", "%p"),
    ("XXX", "%z"),
    ("XX", "%z"),
    ("X", "%z"),
    ("Z", "%z"),
)


def floor_sql(column: str, period: n.Duration, offset_ms: int = 0) -> str:
    """The boundary at or before a time; boundaries are moved by `offset_ms`."""
    step = milliseconds(period)
    if step is None:
        shifted = f"({column} - {offset_ms})" if offset_ms else column
        floored = _month_floor(shifted, months(period))
        return f"({floored} + {offset_ms})" if offset_ms else floored
    origin = (_FIRST_MONDAY_MS if unit_of(period) == "w" else 0) + offset_ms
    if origin % step == 0:
        return f"({column} - (({column} % {step}) + {step}) % {step})"
    return f"({column} - (({column} - {origin}) % {step} + {step}) % {step})"


def _month_floor(column: str, count: int) -> str:
    moment = f"make_timestamp_ms({column})"
    since = f"((year({moment}) - 1970) * 12 + month({moment}) - 1)"
    floored = f"(floor({since} / {count}) * {count})"
    date = f"make_date(CAST(1970 + floor({floored} / 12) AS BIGINT), "
    date += f"CAST({floored} % 12 + 12 AS BIGINT) % 12 + 1, 1)"
    return f"CASE WHEN {column} BETWEEN {FIRST_MS} AND {LAST_MS} THEN epoch_ms({date}) END"


def period_of(node: n.Call, place: int) -> n.Duration:
    """The period that a call has at a place."""
    argument = node.arguments[place]
    if not isinstance(argument, n.Duration):
        refuse(
            "missing-period",
            f"`{node.function}` needs a period",
            argument.span,
            label="not a period",
            help="write a number and a unit without a blank, such as `5m`",
        )
    return argument


def time_column(on: Expressions, value: Value) -> str:
    """A column of epoch milliseconds."""
    if value.kind is Kind.TIME:
        return on.let(value.sql)
    if value.kind is Kind.INTEGER:
        column = on.let(value.sql)
        within = f"{column} BETWEEN -{FARTHEST_MS} AND {FARTHEST_MS}"
        return on.let(f"CASE WHEN {within} THEN {column} END")
    number = on.let(f"floor({on.number(value)})")
    return on.let(f"CASE WHEN abs({number}) < {FARTHEST_MS} THEN CAST({number} AS BIGINT) END")


def bin_value(on: Expressions, node: n.Call, offset_ms: int = 0) -> Value:
    """The bin of an event."""
    stamp = on.scope.resolve(on.pipe, ("@timestamp",))
    if stamp.is_missing:
        refuse(
            "bin-without-time",
            "`bin` needs @timestamp, which is gone after stats",
            node.span,
            label="no time here",
            help="carry the time: `by bin(5m) as @t`, then `datefloor(@t, 10m)`",
        )
    period = clamp_bin(period_of(node, 0))
    return Value(Kind.TIME, floor_sql(time_column(on, stamp), period, offset_ms))


@scalar("bin")
def bin_(on: Expressions, arguments: list[Value], node: n.Call) -> Value:
    """The beginning of the period in which the event lies."""
    del arguments
    return bin_value(on, node)


@scalar("datefloor")
def datefloor(on: Expressions, arguments: list[Value], node: n.Call) -> Value:
    """The boundary at or before a time."""
    period = clamp_bin(period_of(node, 1))
    return Value(Kind.TIME, floor_sql(time_column(on, arguments[0]), period))


@scalar("dateceil")
def dateceil(on: Expressions, arguments: list[Value], node: n.Call) -> Value:
    """The boundary at or after a time."""
    column, period = time_column(on, arguments[0]), clamp_bin(period_of(node, 1))
    step = milliseconds(period)
    if step is not None:
        return Value(Kind.TIME, floor_sql(f"({column} + {step - 1})", period))
    floored = on.let(floor_sql(column, period))
    following = f"make_timestamp_ms({floored}) + INTERVAL {months(period)} MONTH"
    return Value(
        Kind.TIME,
        f"CASE WHEN {floored} = {column} THEN {column} ELSE epoch_ms({following}) END",
    )


@scalar("fromMillis")
def from_millis(on: Expressions, arguments: list[Value], node: n.Call) -> Value:
    """A number of milliseconds as a time."""
    del node
    return Value(Kind.TIME, time_column(on, arguments[0]))


@scalar("toMillis")
def to_millis(on: Expressions, arguments: list[Value], node: n.Call) -> Value:
    """A time as a number of milliseconds."""
    del node
    return Value(Kind.INTEGER, time_column(on, arguments[0]))


@scalar("now")
def now(on: Expressions, arguments: list[Value], node: n.Call) -> Value:
    """Epoch seconds at the query's beginning."""
    del arguments, node
    return Value(Kind.INTEGER, f"{on.context.settings.now_ms // 1000}::BIGINT")


@scalar("queryStartTime", "queryEndTime", "queryTimeRange")
def query_time(on: Expressions, arguments: list[Value], node: n.Call) -> Value:
    """The query's time range, or that of the events if none was given."""
    del arguments
    start, end = on.context.range_sql()
    name = node.function.lower()
    if name == "queryendtime":
        return Value(Kind.INTEGER, end)
    return Value(Kind.INTEGER, start if name == "querystarttime" else f"({end} - {start})")


def _literal(node: n.Call, place: int, what: str) -> n.String:
    argument = node.arguments[place]
    if not isinstance(argument, n.String):
        refuse(
            "computed-pattern",
            f"the {what} must be written out",
            argument.span,
            label="computed",
            help=f"write the {what} in quotes",
        )
    return argument


def _zone(node: n.Call) -> str | None:
    """The time zone that a call names; None for UTC."""
    if len(node.arguments) < 3:
        return None
    zone = _literal(node, 2, "time zone")
    if zone.value.upper() in {"UTC", "Z", "GMT"}:
        return None
    if re.fullmatch(r"[+-]\d\d:?\d\d", zone.value):
        refuse(
            "unknown-zone",
            "a time zone is a name, not a difference",
            zone.span,
            label="a difference from UTC",
            help='write a name such as "Europe/Berlin", or add the difference in milliseconds',
        )
    try:
        zoneinfo.ZoneInfo(zone.value)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        refuse(
            "unknown-zone",
            f"`{zone.value}` is not a time zone",
            zone.span,
            label="not known",
            help='write a name such as "Europe/Berlin", or "UTC"',
        )
    return zone.value


@scalar("formatDate")
def format_date(on: Expressions, arguments: list[Value], node: n.Call) -> Value:
    """A time as text, by an strftime pattern."""
    zone = _zone(node)
    pattern = _strftime_pattern(_literal(node, 1, "pattern"), is_utc=zone is None)
    column = time_column(on, arguments[0])
    moment = f"make_timestamp_ms({column})"
    if zone is not None:
        moment = f"timezone({quote_text(zone)}, timezone('UTC', {moment}))"
    return Value(
        Kind.TEXT,
        f"CASE WHEN {column} BETWEEN {FIRST_MS} AND {LAST_MS} "
        f"THEN strftime({moment}, {quote_text(pattern)}) END",
    )


def _strftime_pattern(pattern: n.String, *, is_utc: bool) -> str:
    letters = _STRFTIME | ({"z": "+0000", "Z": "UTC"} if is_utc else {})

    def letter(found: re.Match[str]) -> str:
        known = letters.get(found[1])
        if known is None:
            _refuse_letter(found.group(), pattern.span, "strftime letter")
        return known

    return re.sub(r"%(.?)", letter, pattern.value, flags=re.DOTALL)


def _refuse_letter(letter: str, span: TextSpan, what: str) -> NoReturn:
    refuse(
        "unknown-date-letter",
        f"`{letter}` is not a {what} that can be evaluated here",
        span,
        label="in this pattern",
        help="use letters for year, month, day, hour, minute, second",
    )


@scalar("parseDate")
def parse_date(on: Expressions, arguments: list[Value], node: n.Call) -> Value:
    """The milliseconds of a text, by a Java date pattern."""
    pattern = _java_pattern(_literal(node, 1, "pattern"))
    zone = _zone(node)
    if arguments[0].is_missing:
        return MISSING
    text = on.text(arguments[0])
    if "%z" in pattern:
        text = f"regexp_replace({text}, '([0-9]) ?Z$', '\\1+00')"
    moment = on.let(f"try_strptime({text}, {quote_text(pattern)})")
    if zone is not None and "%z" not in pattern:
        moment = f"timezone({quote_text(zone)}, {moment})"
    return Value(Kind.INTEGER, f"epoch_ms({moment})")


def _java_pattern(pattern: n.String) -> str:
    """The strptime pattern of a Java date pattern."""
    text, out, at = pattern.value, [], 0
    while at < len(text):
        if text[at] == "'":
            end = text.find("'", at + 1)
            if end < 0:
                _refuse_letter("'", pattern.span, "closed quote of a date pattern")
            out.append("'" if end == at + 1 else text[at + 1 : end].replace("%", "%%"))
            at = end + 1
            continue
        if not text[at].isalpha():
            out.append(text[at].replace("%", "%%"))
            at += 1
            continue
        run = re.match(rf"{text[at]}+", text[at:])
        letters = run.group() if run else text[at]
        known = dict(_JAVA).get(letters)
        if known is None:
            _refuse_letter(letters, pattern.span, "letter of a Java date pattern")
        out.append(str(known))
        at += len(letters)
    return "".join(out)

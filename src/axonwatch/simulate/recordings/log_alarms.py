"""Log alarms' queries, run by the query wing through the door that `cli` opens.

CloudWatch runs the alarm's query and aggregates its rows; we append the aggregation as a `stats`
to the query, which is the same. Columns named behind `by` tell contributors apart; every other
column of a row is a value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from axonwatch.model.alarms import LogAlarm
from axonwatch.simulate.evaluation.logs import LogResult
from axonwatch.simulate.recordings.log_events import QueryRunner
from axonwatch.simulate.refusal import Refusal
from axonwatch.syntax.filter_pattern.value import read_number
from axonwatch.syntax.text import SyntaxFault


class LogAlarms:
    """Runs log alarms' queries over the log groups that the engine was opened for."""

    def __init__(self, run_query: QueryRunner) -> None:
        self._run_query = run_query

    def run(self, alarm: LogAlarm, at: int) -> LogResult:
        """The result of one scheduled run, over [at - start_offset, at - end_offset)."""
        start, end = (at - alarm.start_offset) * 1000, (at - alarm.end_offset) * 1000
        lines: Sequence[Mapping[str, str]] = ()
        try:
            query = f"{alarm.query.rstrip()}\n| stats {alarm.aggregation}"
            rows = self._run_query(query, alarm.log_groups, start, end)
            if alarm.log_line_count:
                lines = self._run_query(alarm.query, alarm.log_groups, start, end)
        except SyntaxFault as fault:
            title = f"the query of log alarm `{alarm.name}`: {fault.title}"
            raise Refusal(fault.code, title, alarm=alarm.name, help=fault.help) from None
        return LogResult(
            tuple(value for row in rows for value in _values(row, alarm.aggregation)),
            tuple(_line(row) for row in lines[: alarm.log_line_count]),
        )


def _values(row: Mapping[str, str], aggregation: str) -> list[tuple[str, float]]:
    names = contributor_columns(aggregation)
    who = ", ".join(f"{name}={row.get(name, '')}" for name in names)
    found = []
    for column, text in row.items():
        number = read_number(text)
        if column not in names and column != "@ptr" and number is not None:
            found.append((who, number))
    return found


def _line(row: Mapping[str, str]) -> str:
    return row.get("@message") or " ".join(v for k, v in row.items() if k != "@ptr")


@lru_cache(maxsize=256)
def contributor_columns(aggregation: str) -> tuple[str, ...]:
    """The columns behind `by` of an aggregation such as `avg(latency) by host, az | sort desc`."""
    words = _words(aggregation)
    lowered = [word.lower() for word in words]
    if "by" not in lowered:
        return ()
    columns: list[list[str]] = [[]]
    for word in words[lowered.index("by") + 1 :]:
        if word == "|":
            break
        if word == ",":
            columns.append([])
        else:
            columns[-1].append(word)
    # `bin(5m) as minute` is named by its last word.
    names = (
        column[-1] if "as" in map(str.lower, column) else " ".join(column) for column in columns
    )
    return tuple(name.strip("`") for name in names if name)


def _words(text: str) -> list[str]:
    """Words, commas and bars outside of brackets and quotes."""
    depth = 0
    quote = ""
    words = [""]
    for char in text:
        if quote:
            quote = "" if char == quote else quote
        elif char in "\"'`":
            quote = char
        elif char in "([":
            depth += 1
        elif char in ")]":
            depth -= 1
        elif depth == 0 and char in ",|":
            words += [char, ""]
            continue
        elif depth == 0 and char.isspace():
            words.append("")
            continue
        words[-1] += char
    return [word for word in words if word]

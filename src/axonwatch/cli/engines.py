"""Where the simulator and the query engine meet: wings do not import each other, `cli` wires them.

The simulator's doors (`simulate.log_events`) are filled here with what the query wing does.
"""

from __future__ import annotations

import json
import tempfile
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from axonwatch.errors import UsageError

if TYPE_CHECKING:
    from axonwatch.query.events import LogGroup
    from axonwatch.simulate.log_events import LogEvent, QueryRunner
    from axonwatch.simulate.series_files import Table

_GROUP = "events"


def read_log(path: Path) -> Iterator[LogEvent]:
    """The events of a log file of any shape. Raises AxonwatchError."""
    from axonwatch.query.events import LogGroup, open_events
    from axonwatch.simulate.log_events import LogEvent

    with open_events([LogGroup(_GROUP, (str(path),))]) as events:
        relation = events.relation(_GROUP)
        answer = events.run(
            f"SELECT ts, message, coalesce(stream, '') FROM {relation} ORDER BY ts, seq"
        )
    return (LogEvent(ts, message, stream) for ts, message, stream in answer.rows)  # type: ignore[arg-type]  # the view's own types


@contextmanager
def open_logs(events: Mapping[str, Sequence[LogEvent]]) -> Iterator[QueryRunner]:
    """The query engine over events that are in memory, in the order of time; for log alarms.

    Each run gets a file of what lies in its window. Where no group has an event there, the answer
    is known: no row.
    """
    from axonwatch.query.events import LogGroup

    with tempfile.TemporaryDirectory(prefix="axonwatch-") as folder:

        def run(
            query: str, log_groups: Sequence[str], start: int, end: int
        ) -> Sequence[Mapping[str, str]]:
            groups = []
            some = False
            for number, (name, found) in enumerate(events.items()):
                first, last = (bisect_left(found, at, key=_time_of) for at in (start, end))
                path = Path(folder) / f"{number}.jsonl"
                path.write_text(as_lines(found[first:last]), encoding="utf-8", errors="replace")
                groups.append(LogGroup(name, (str(path),)))
                some = some or last > first
            return query_runner(groups)(query, log_groups, start, end) if some else ()

        yield run


def _time_of(event: LogEvent) -> int:
    return event.time


def as_lines(events: Sequence[LogEvent]) -> str:
    """An event export, one event a line."""
    text = json.JSONEncoder(ensure_ascii=False).encode
    return "".join(
        f'{{"timestamp":{event.time},"message":{text(event.message)},'
        f'"logStream":{text(event.stream)}}}\n'
        for event in events
    )


def query_runner(groups: Sequence[LogGroup]) -> QueryRunner:
    """Runs queries over log groups that lie in files.

    All groups that a query names are queried as one, as CloudWatch does; the rest are there for
    SOURCE, join and subqueries.
    """
    from axonwatch.query.engine import run_query
    from axonwatch.query.events import LogGroup

    def run(
        query: str, log_groups: Sequence[str], start: int, end: int
    ) -> Sequence[Mapping[str, str]]:
        asked = [group for group in groups if group.name in log_groups]
        rest = [group for group in groups if group.name not in log_groups]
        paths = tuple(path for group in asked for path in group.paths)
        together = [LogGroup(asked[0].name, paths)] if asked else []
        return run_query(query, [*together, *rest], start_ms=start, end_ms=end - 1).rows

    return run


def read_table(path: Path) -> Table:
    """The rows of a Parquet file. Raises AxonwatchError."""
    raise UsageError(f"`{path}`: Parquet files cannot be read yet", help="write it as CSV")

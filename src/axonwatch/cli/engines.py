"""Where the simulator and the query engine meet: wings do not import each other, `cli` wires them.

The simulator's doors (`simulate.log_events`) are filled here with what the query wing does.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from axonwatch.query.events import LogGroup
    from axonwatch.query.session import Session
    from axonwatch.simulate.log_events import LogEvent, QueryRunner


def read_log(path: Path) -> Sequence[LogEvent]:
    """The events of a log file of any shape. Raises AxonwatchError."""
    return read_logs([path])[0]


def read_logs(paths: Sequence[Path]) -> list[list[LogEvent]]:
    """The events of several log files, over one connection. Raises AxonwatchError."""
    from axonwatch.query.events import LogGroup, open_events
    from axonwatch.simulate.log_events import LogEvent

    groups = [LogGroup(f"{number}", (str(path),)) for number, path in enumerate(paths)]
    found = []
    with open_events(groups) as events:
        for group in groups:
            relation = events.relation(group.name)
            rows = events.run(
                f"SELECT ts, message, coalesce(stream, '') FROM {relation} ORDER BY ts, seq"
            ).rows
            found.append([LogEvent(*row) for row in rows])  # type: ignore[arg-type]  # the view's own types
    return found


@contextmanager
def open_logs(events: Mapping[str, Sequence[LogEvent]]) -> Iterator[QueryRunner]:
    """The query engine over events that are in memory, in the order of time; for log alarms.

    It is opened at the first query that meets an event; where no group has one in the window the
    answer is known: no row.
    """
    from axonwatch.query.events import LogGroup
    from axonwatch.query.session import open_session

    with ExitStack() as stack:
        opened: list[Session] = []

        def session() -> Session:
            if not opened:
                folder = Path(stack.enter_context(TemporaryDirectory(prefix="axonwatch-")))
                groups = []
                for number, (name, found) in enumerate(events.items()):
                    path = folder / f"{number}.jsonl"
                    path.write_text(as_lines(found), encoding="utf-8", errors="replace")
                    groups.append(LogGroup(name, (str(path),)))
                opened.append(stack.enter_context(open_session(groups)))
            return opened[0]

        def run(
            query: str, log_groups: Sequence[str], start: int, end: int
        ) -> Sequence[Mapping[str, str]]:
            bounds = [
                [bisect_left(found, at, key=_time_of) for at in (start, end)]
                for found in events.values()
            ]
            if all(first == last for first, last in bounds):
                return ()
            return run_in(session(), tuple(events), query, log_groups, (start, end))

        yield run


def run_in(
    session: Session,
    groups: Sequence[str],
    query: str,
    log_groups: Sequence[str],
    window: tuple[int, int],
) -> Sequence[Mapping[str, str]]:
    """A log alarm's query over [start, end): its own groups are queried, the others are there."""
    from axonwatch.query.session import Request

    asked = [name for name in log_groups if name in groups]
    rest = [name for name in groups if name not in log_groups]
    return session.run(
        Request(
            text=query,
            groups=[*asked, *rest],
            queried=max(len(asked), 1),
            start_ms=window[0],
            end_ms=window[1] - 1,
        )
    )


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
    """Runs queries over log groups that lie in files, each over a connection of its own."""
    from axonwatch.query.session import open_session

    names = tuple(group.name for group in groups)

    def run(
        query: str, log_groups: Sequence[str], start: int, end: int
    ) -> Sequence[Mapping[str, str]]:
        with open_session(groups) as session:
            return run_in(session, names, query, log_groups, (start, end))

    return run


def read_table(path: Path) -> tuple[Sequence[str], Sequence[Sequence[str]]]:
    """The columns of a Parquet file, and its rows as text. Raises AxonwatchError."""
    from axonwatch.query.parquet import read_parquet

    return read_parquet(path)

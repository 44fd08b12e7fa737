"""Where the simulator and the query engine meet: wings do not import each other, `cli` wires them.

The simulator's doors (`recordings.log_events`) are filled here with what the query wing does.
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
    from axonwatch.simulate.recordings.log_events import LogEvent, QueryRunner
    from axonwatch.simulate.scenarios.runner import OpenLogs

_SLOTS = 8  # log groups that one test's events may be of without another connection


def read_log(path: Path) -> Sequence[LogEvent]:
    """The events of a log file of any shape. Raises AxonwatchError."""
    return read_logs([path])[0]


def read_logs(paths: Sequence[Path]) -> list[list[LogEvent]]:
    """The events of several log files, over one connection. Raises AxonwatchError."""
    from axonwatch.query.connection import Limits
    from axonwatch.query.events import LogGroup, open_events
    from axonwatch.simulate.recordings.log_events import LogEvent

    groups = [LogGroup(f"{number}", (str(path),)) for number, path in enumerate(paths)]
    found = []
    with open_events(groups, limits=Limits(threads=1)) as events:
        for group in groups:
            relation = events.relation(group.name)
            rows = events.run(
                f"SELECT ts, message, coalesce(stream, '') FROM {relation} ORDER BY ts, seq"
            ).rows
            found.append([LogEvent(*row) for row in rows])  # type: ignore[arg-type]  # the view's own types
    return found


@contextmanager
def open_logs(events: Mapping[str, Sequence[LogEvent]]) -> Iterator[QueryRunner]:
    """The query engine over events that are in memory, in the order of time; for log alarms."""
    with log_engine() as open_test, open_test(events) as run:
        yield run


@contextmanager
def log_engine() -> Iterator[OpenLogs]:
    """The same for the events of one test after the other, over one connection."""
    with ExitStack() as stack:
        yield _Slots(stack).open_logs


class _Slots:
    """Files that are written anew for each test, and the connection that reads them.

    It is opened at the first query that meets an event: opening one costs more than most queries.
    Where no group has an event in the window the answer is known: no row.
    """

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._session: Session | None = None
        self._files: list[Path] = []
        self._held: Mapping[str, Sequence[LogEvent]] | None = None

    @contextmanager
    def open_logs(self, events: Mapping[str, Sequence[LogEvent]]) -> Iterator[QueryRunner]:
        keys = {name: str(number) for number, name in enumerate(events)}

        def run(
            query: str, log_groups: Sequence[str], start: int, end: int
        ) -> Sequence[Mapping[str, str]]:
            bounds = [
                [bisect_left(found, at, key=_time_of) for at in (start, end)]
                for found in events.values()
            ]
            if all(first == last for first, last in bounds):
                return ()
            return run_in(self._over(events), keys, query, log_groups, (start, end))

        yield run

    def _over(self, events: Mapping[str, Sequence[LogEvent]]) -> Session:
        """The session, with these events in its files."""
        session = self._session
        if session is None or session.is_clean or len(events) > len(self._files):
            self._session = session = self._open(max(len(events), _SLOTS))
            self._held = None
        if self._held is not events:
            for path, found in zip(self._files, events.values(), strict=False):
                path.write_text(as_lines(found), encoding="utf-8", errors="replace")
            self._held = events
        return session

    def _open(self, amount: int) -> Session:
        from axonwatch.query.connection import Limits
        from axonwatch.query.events import LogGroup
        from axonwatch.query.session import open_session

        folder = Path(self._stack.enter_context(TemporaryDirectory(prefix="axonwatch-")))
        self._files = [folder / f"{number}.jsonl" for number in range(amount)]
        for path in self._files:  # one that is empty when it is opened is never read
            path.write_text('{"timestamp":0,"message":""}\n', encoding="utf-8")
        groups = [LogGroup(path.stem, (str(path),)) for path in self._files]
        # So few events are read sooner by one thread than it takes to start others.
        return self._stack.enter_context(open_session(groups, limits=Limits(threads=1)))


def run_in(
    session: Session,
    keys: Mapping[str, str],
    query: str,
    log_groups: Sequence[str],
    window: tuple[int, int],
) -> Sequence[Mapping[str, str]]:
    """A log alarm's query over [start, end): its own groups are queried, the others are there.

    `keys` are the session's groups by the names that the query knows them by.
    """
    from axonwatch.query.session import Request

    asked = [name for name in log_groups if name in keys]
    rest = [name for name in keys if name not in log_groups]
    return session.run(
        Request(
            text=query,
            groups=[keys[name] for name in (*asked, *rest)],
            queried=len(asked),
            names={key: name for name, key in keys.items()},
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

    keys = {group.name: group.name for group in groups}

    def run(
        query: str, log_groups: Sequence[str], start: int, end: int
    ) -> Sequence[Mapping[str, str]]:
        with open_session(groups) as session:
            return run_in(session, keys, query, log_groups, (start, end))

    return run


def read_table(path: Path) -> tuple[Sequence[str], Sequence[Sequence[str]]]:
    """The columns of a Parquet file, and its rows as text. Raises AxonwatchError."""
    from axonwatch.query.parquet import read_parquet

    return read_parquet(path)

"""`--local GROUP=PATH`: recorded log groups, opened once, for everything that reads them.

Metric filters read the events in one stream, whatever their number. Log alarms ask for short
windows again and again: what they may ask for is laid out in a temporary folder by ten minutes.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from axonwatch.cli.engines import as_lines, query_runner
from axonwatch.errors import UsageError

if TYPE_CHECKING:
    from axonwatch.query.events import Events, LogGroup
    from axonwatch.simulate.recordings.log_events import LogEvent, QueryRunner

BUCKET_MS = 600_000
_AT_ONCE = 20_000


def parse_local(words: Sequence[str], find_group: Callable[[str], str]) -> list[LogGroup]:
    """The log groups of `GROUP=PATH` words; a group given twice has both paths.

    `find_group` makes a full name of a component's. Raises UsageError.
    """
    from axonwatch.query.events import LogGroup
    from axonwatch.simulate.recordings.addresses import UnknownName

    found: dict[str, list[str]] = {}
    for word in words:
        group, equals, path = word.partition("=")
        if not equals or not group or not path:
            raise UsageError(
                f"`{word}` is not of the form GROUP=PATH",
                help="for example --local agent=agent.jsonl.gz",
            )
        if path != "-" and not Path(path).exists():
            raise UsageError(f"there is no file `{path}`", help=f"given as --local {word}")
        try:
            name = find_group(group)
        except UnknownName as unknown:
            raise UsageError(f"--local {word}: {unknown.title}", help=unknown.help) from None
        found.setdefault(name, []).append(path)
    return [LogGroup(name, tuple(paths)) for name, paths in found.items()]


class RecordedLogs:
    """Open log groups. `kept` names the groups that log alarms will query."""

    def __init__(self, events: Events, kept: frozenset[str], folder: Path) -> None:
        self._events = events
        self._kept = kept
        self._folder = folder
        self._numbers = {group.name: number for number, group in enumerate(events.groups)}
        self._unread = kept.intersection(self._numbers)

    @property
    def groups(self) -> tuple[str, ...]:
        """The names of the groups."""
        return tuple(self._numbers)

    def span(self) -> tuple[int, int] | None:
        """The milliseconds of the first and the last event of all groups."""
        spans = []
        for name in self.groups:
            relation = self._events.relation(name)
            # Reads every event whole, so that a file of another shape is noticed here.
            sql = f"SELECT min(ts), max(ts), sum(length(message)) FROM {relation}"
            first, last, _ = self._events.run(sql).rows[0]
            if first is not None and last is not None:
                spans.append((int(str(first)), int(str(last))))
        return (min(a for a, _ in spans), max(b for _, b in spans)) if spans else None

    def streams(self) -> Mapping[str, Iterator[LogEvent]]:
        """The events of each group, in no order; each can be read once, after `span`."""
        return {name: self._stream(name) for name in self.groups}

    def _stream(self, name: str) -> Iterator[LogEvent]:
        from axonwatch.simulate.recordings.log_events import LogEvent

        relation = self._events.relation(name)
        cursor = self._events.connection.cursor()
        cursor.execute(f"SELECT ts, message, coalesce(stream, '') FROM {relation}")
        keep = self._keep if name in self._kept else None
        self._unread -= {name}
        while rows := cursor.fetchmany(_AT_ONCE):
            events = [LogEvent(*row) for row in rows]
            if keep is not None:
                keep(name, events)
            yield from events

    def _keep(self, name: str, events: Sequence[LogEvent]) -> None:
        by_bucket: dict[int, list[LogEvent]] = {}
        for event in events:
            by_bucket.setdefault(event.time // BUCKET_MS, []).append(event)
        for bucket, found in by_bucket.items():
            file: TextIO
            with self._bucket(name, bucket).open("a", encoding="utf-8", errors="replace") as file:
                file.write(as_lines(found))

    def _bucket(self, name: str, bucket: int) -> Path:
        return self._folder / f"{self._numbers[name]}-{bucket}.jsonl"

    def run(
        self, query: str, log_groups: Sequence[str], start: int, end: int
    ) -> Sequence[Mapping[str, str]]:
        """A query over [start, end) of the groups that were kept."""
        from axonwatch.query.events import LogGroup

        for name in sorted(self._unread):  # a group that no metric filter read
            for _ in self._stream(name):
                pass
        buckets = range(start // BUCKET_MS, (end - 1) // BUCKET_MS + 1)
        groups = []
        for name in self.groups:
            paths = [self._bucket(name, bucket) for bucket in buckets]
            found = tuple(str(path) for path in paths if path.exists())
            if found:
                groups.append(LogGroup(name, found))
        if not any(group.name in log_groups for group in groups):
            return ()
        return query_runner(groups)(query, log_groups, start, end)

    @property
    def runner(self) -> QueryRunner:
        """The query engine over what was kept."""
        return self.run


@contextmanager
def open_recorded(groups: Sequence[LogGroup], kept: frozenset[str]) -> Iterator[RecordedLogs]:
    """Open recorded log groups. Raises AxonwatchError for files that cannot be used."""
    from axonwatch.query.events import open_events

    with (
        open_events(groups) as events,
        tempfile.TemporaryDirectory(prefix="axonwatch-") as folder,
    ):
        yield RecordedLogs(events, kept, Path(folder))

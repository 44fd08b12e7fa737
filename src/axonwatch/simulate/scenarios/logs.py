"""The log events of one scenario test: single lines, lines that repeat, files, recordings.

As with series, entries are drafts first: how often a line repeats depends on the end of the test.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from axonwatch.catalog.nodes import ListNode, MapNode, Node, ScalarNode, plain
from axonwatch.diagnostics import InvalidInput, Span
from axonwatch.durations import parse_duration
from axonwatch.errors import AxonwatchError
from axonwatch.simulate.recordings.addresses import UnknownName
from axonwatch.simulate.recordings.log_events import LogEvent
from axonwatch.simulate.scenarios.context import Context
from axonwatch.simulate.scenarios.series import ReadMoment

MAX_EVENTS = 2_000_000
LONGEST_LEAD = 7_200
_LOG_ENDINGS = (".jsonl", ".jsonl.gz", ".log", ".log.gz", ".txt", ".txt.gz")


@dataclass(frozen=True)
class Line:
    """One line, or one that repeats every so often. `begin` is None for "all the time"."""

    group: str
    message: str
    stream: str
    begin: int | None
    every: int = 0
    until: int | None = None
    times: int | None = None
    span: Span | None = None


@dataclass
class LogsReader:
    """Reads `logs:` of a scenario file, and recordings."""

    context: Context
    read_moment: ReadMoment
    lines: list[Line] = field(default_factory=list)
    files: list[tuple[str, Path, ScalarNode | None]] = field(default_factory=list)
    moved: dict[int, Node] = field(default_factory=dict)
    groups: dict[str, None] = field(default_factory=dict)
    pending: list[tuple[str, ScalarNode, MapNode]] = field(default_factory=list)

    def read(self, node: Node | None) -> None:
        """Read a mapping of log groups, except for the times in it: those need the start."""
        if not isinstance(node, MapNode):
            return
        for key, entry in node.items():
            try:
                group = self.context.addresses.log_group(key)
            except UnknownName as unknown:
                self.context.error(unknown.code, unknown.title, entry.key.span, "", unknown.help)
                continue
            self.groups[group] = None
            items = entry.value.items if isinstance(entry.value, ListNode) else ()
            for item in items:
                if isinstance(item, MapNode):
                    self._read_item(group, item)

    def _read_item(self, group: str, item: MapNode) -> None:
        file, message = item.get("file"), item.get("message")
        if isinstance(file, ScalarNode) and message is None:
            path = self.context.path(file)
            if path is not None:
                at = item.get("at")
                if at is not None:
                    self.moved[len(self.files)] = at
                self.files.append((group, path, file))
        elif isinstance(message, ScalarNode) and file is None:
            self.pending.append((group, message, item))
        else:
            self.context.error(
                "bad-log", "a log entry is a `message` or a `file`", item.span, "both, or neither"
            )

    def add_recorded(self, folder: Path) -> list[Path]:
        """The logs of a recording, by the names of its files; what else it holds is returned."""
        rest = []
        for path in sorted(folder.iterdir()):
            ending = next((e for e in _LOG_ENDINGS if path.name.endswith(e)), None)
            if ending is None:
                rest.append(path)
                continue
            try:
                group = self.context.addresses.log_group(path.name.removesuffix(ending))
            except UnknownName:
                rest.append(path)
                continue
            self.groups[group] = None
            self.files.append((group, path, None))
        return rest

    def first_event(self) -> int | None:
        """The second of the first event of any file that keeps its own times."""
        self.context.prefetch([path for _, path, _ in self.files])
        firsts = []
        for index, (_, path, node) in enumerate(self.files):
            events = self._events_of(path, node)
            if events and index not in self.moved:
                firsts.append(min(event.time for event in events) // 1000)
        return min(firsts, default=None)

    def _events_of(self, path: Path, node: ScalarNode | None) -> list[LogEvent]:
        try:
            return self.context.once(path, lambda: list(self.context.doors.read_log(path)))
        except InvalidInput as invalid:
            self.context.findings += invalid.diagnostics
        except AxonwatchError as error:
            self.context.error(
                "unreadable-file", error.message, node.span if node else None, "", error.help
            )
        return []

    def place(self) -> None:
        """Read the times of the lines, now that the start of the test is known."""
        for group, message, item in self.pending:
            moments: dict[str, int | None] = {}
            for key in ("at", "until"):
                node = item.get(key)
                moments[key] = self.read_moment(node) if node is not None else None
                if node is not None and moments[key] is None:
                    break
            else:
                every = item.get("every")
                times = plain(item.get("times"))
                line = Line(
                    group,
                    str(message.text),
                    str(plain(item.get("stream")) or ""),
                    moments["at"],
                    parse_duration(every.text) if isinstance(every, ScalarNode) else 0,
                    moments["until"],
                    times if isinstance(times, int) else None,
                    item.span,
                )
                if line.every or (line.until is None and line.times is None):
                    self.lines.append(line)
                else:
                    self.context.error(
                        "bad-log",
                        "a line that repeats needs `every`",
                        item.span,
                        "`until` or `times` without it",
                        "for example `every: 10s`",
                    )

    def last_event(self) -> int | None:
        """The second of the last event whose time does not depend on the end of the test."""
        lasts = []
        for index, (_, path, node) in enumerate(self.files):
            events = self._events_of(path, node)
            if events:
                shift = self._shift(index, events)
                lasts.append((max(event.time for event in events) + shift) // 1000)
        for line in self.lines:
            begin = self.context.start if line.begin is None else line.begin
            if line.times is not None:
                lasts.append(begin + (line.times - 1) * line.every)
            elif line.until is not None:
                lasts.append(line.until)
            elif not line.every:
                lasts.append(begin)
        return max(lasts, default=None)

    def _shift(self, index: int, events: list[LogEvent]) -> int:
        """Milliseconds by which a file's events are moved."""
        node = self.moved.get(index)
        target = self.read_moment(node) if node is not None else None
        return 0 if target is None else target * 1000 - min(event.time for event in events)

    def finish(self, end: int, *, lead: bool) -> Mapping[str, tuple[LogEvent, ...]]:
        """All events by log group, in the order of time. A silent group has none."""
        events: dict[str, list[LogEvent]] = {group: [] for group in self.groups}
        for index, (group, path, node) in enumerate(self.files):
            found = self._events_of(path, node)
            shift = self._shift(index, found) if found else 0
            if shift:
                found = [event._replace(time=event.time + shift) for event in found]
            events[group] += found
        for line in self.lines:
            events[line.group] += self._repeat(line, end, lead=lead)
        return {
            group: tuple(sorted(found, key=lambda event: event.time))
            for group, found in events.items()
        }

    def _repeat(self, line: Line, end: int, *, lead: bool) -> list[LogEvent]:
        start = self.context.start
        begin = start if line.begin is None else line.begin
        if not line.every:
            return [LogEvent(begin * 1000, line.message, line.stream)]
        if line.begin is None and line.times is None and lead:
            begin -= LONGEST_LEAD // line.every * line.every
        stop = end if line.until is None else min(line.until, end)
        count = max(0, -(-(stop - begin) // line.every))
        if line.times is not None:
            count = min(count, line.times)
        if count > MAX_EVENTS:
            self.context.error(
                "bad-log",
                f"a line that repeats {count:,} times",
                line.span,
                f"at most {MAX_EVENTS:,}",
                "repeat it less often, or end the test earlier",
            )
            return []
        return [
            LogEvent((begin + i * line.every) * 1000, line.message, line.stream)
            for i in range(count)
        ]

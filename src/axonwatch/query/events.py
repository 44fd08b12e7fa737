"""Log groups -> views of events in a shut DuckDB connection, losing no line.

    LogGroup(name, paths) ─> open_events ─> Events.relation(name) ─> Events.run(sql) ─> Answer

Each view has the columns

    ts BIGINT, ingest BIGINT (ms) · stream, log, message VARCHAR · seq BIGINT

`message` and `ts` are never NULL; `seq` counts from 1 in the order of the files.

Two ways lead there. The fast one lets DuckDB read an event export where it lies: its JSON reader
turns each line into a row, or stops. What it would lose (a broken line, a missing key) stops the
query, and `run` starts it again on the slow way, which reads line by line and keeps whatever a
line holds (`lines`), in a clean copy in a temporary folder. Files of other shapes, pipes and
packed files are copied there at once.
"""

from __future__ import annotations

import json
import re
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import duckdb

from axonwatch.errors import CouldNotRun
from axonwatch.query.connection import Limits, open_connection, quote_text
from axonwatch.query.documents import document_events, opens_document
from axonwatch.query.lines import (
    Event,
    event_of,
    fill_times,
    is_event,
    is_exported,
    join_exported,
    parse_object,
    raw_event,
)
from axonwatch.query.sources import Budget, Source, blocks, expand, split_lines

LAMBDA_PREFIX = "/aws/lambda/"
UNKNOWN_ACCOUNT = "000000000000"
Prepare = Callable[[duckdb.DuckDBPyConnection], None]
Progress = Callable[[str, int], None]

_COLUMNS = (
    "columns={timestamp:'BIGINT', message:'VARCHAR', logStream:'VARCHAR', "
    "logStreamName:'VARCHAR', ingestionTime:'BIGINT'}"
)
_LONGEST_OBJECT = 16 << 20
_SNIFFED = 1 << 18
_SURROGATE = re.compile("[\ud800-\udfff]")
_quote: Callable[[str], str] = json.encoder.encode_basestring  # in C; leaves UTF-8 as it is


@dataclass(frozen=True)
class LogGroup:
    """A log group's name, and the files that stand for it (`-` is standard input)."""

    name: str
    paths: tuple[str, ...]

    @property
    def is_lambda(self) -> bool:
        """Whether it has Lambda's field discovery."""
        return self.name.startswith(LAMBDA_PREFIX)


@dataclass(frozen=True)
class Answer:
    """What a statement gave: names and DuckDB types of the columns, and the rows."""

    columns: tuple[str, ...]
    types: tuple[str, ...]
    rows: list[tuple[object, ...]]


@dataclass
class _Input:
    """A source on its way to DuckDB: `clean` is its lossless copy, if it has one."""

    source: Source
    stream: str
    original: Path | None = None
    clean: Path | None = None
    longest: int = 0

    @property
    def file(self) -> Path:
        found = self.clean or self.original
        assert found is not None  # noqa: S101  # an input is one or the other once it is opened
        return found


class Events:
    """Open log groups. Use `open_events`; close when done."""

    def __init__(
        self,
        groups: Sequence[LogGroup],
        limits: Limits,
        prepare: Prepare | None,
        progress: Progress | None,
    ) -> None:
        merged: dict[str, tuple[str, ...]] = {}
        for group in groups:
            merged[group.name] = merged.get(group.name, ()) + group.paths
        self.groups = tuple(LogGroup(name, paths) for name, paths in merged.items())
        self._limits = limits
        self._prepare = prepare
        self._progress = progress
        self._budget = Budget(limits.max_bytes)
        self._temporary = tempfile.TemporaryDirectory(prefix="axonwatch-")
        self._folder = Path(self._temporary.name)
        self._inputs: dict[str, list[_Input]] = {}
        self._connection: duckdb.DuckDBPyConnection | None = None

    def __enter__(self) -> Self:
        """Read what must be copied, and open the connection."""
        try:
            for group in self.groups:
                sources = [source for path in group.paths for source in expand(path)]
                self._inputs[group.name] = [self._open(source) for source in sources]
            self._connect()
        except BaseException:
            self._temporary.cleanup()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the connection and remove the copies."""
        if self._connection is not None:
            self._connection.close()
        self._temporary.cleanup()

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """The shut connection; `run` may replace it, so do not keep it."""
        assert self._connection is not None  # noqa: S101  # entered
        return self._connection

    @property
    def is_clean(self) -> bool:
        """Whether every file is read from its lossless copy."""
        return all(i.clean is not None for inputs in self._inputs.values() for i in inputs)

    def relation(self, name: str) -> str:
        """The SQL name of a group's view."""
        return f"events_{[group.name for group in self.groups].index(name)}"

    def run(self, sql: str, parameters: Sequence[object] = ()) -> Answer:
        """The answer to exactly one SELECT over the views."""
        self._require_select(sql)
        try:
            return self._run(sql, parameters)
        except (duckdb.InvalidInputException, duckdb.ConversionException):
            if self.is_clean:
                raise
        self._clean()
        return self._run(sql, parameters)

    def _require_select(self, sql: str) -> None:
        statements = self.connection.extract_statements(sql)
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            message = "a query must become exactly one SELECT"
            raise AssertionError(message)

    def _run(self, sql: str, parameters: Sequence[object]) -> Answer:
        timer = None
        if self._limits.seconds:
            timer = threading.Timer(self._limits.seconds, self.connection.interrupt)
            timer.daemon = True
            timer.start()
        try:
            cursor = self.connection.execute(sql, parameters)
            description = cursor.description or []
            return Answer(
                tuple(str(column[0]) for column in description),
                tuple(str(column[1]) for column in description),
                cursor.fetchall(),
            )
        except duckdb.InterruptException as error:
            raise CouldNotRun(
                f"the query took longer than {self._limits.seconds:g} s",
                help="narrow it with --start and --end, or name fewer files",
            ) from error
        except duckdb.OutOfMemoryException as error:
            raise CouldNotRun(
                "the query needs more memory than it may use",
                help="group by fewer values, or narrow it with --start and --end",
            ) from error
        finally:
            if timer is not None:
                timer.cancel()

    def _connect(self) -> None:
        if self._connection is not None:
            self._connection.close()
        files = [i.file for inputs in self._inputs.values() for i in inputs]
        self._connection = open_connection(files, self._folder, self._limits, self._create)

    def _create(self, connection: duckdb.DuckDBPyConnection) -> None:
        for group in self.groups:
            view = self._view(group.name)
            connection.execute(f"CREATE VIEW {self.relation(group.name)} AS {view}")
        if self._prepare is not None:
            self._prepare(connection)

    def _view(self, name: str) -> str:
        inputs = [i for i in self._inputs[name] if i.file.stat().st_size]
        log = quote_text(f"{UNKNOWN_ACCOUNT}:{name}")
        if not inputs:
            return (
                "SELECT 0::BIGINT AS ts, NULL::BIGINT AS ingest, NULL::VARCHAR AS stream, "
                f"{log} AS log, ''::VARCHAR AS message, 0::BIGINT AS seq WHERE false"
            )
        files = ", ".join(quote_text(str(i.file)) for i in inputs)
        longest = max(_LONGEST_OBJECT, 2 * max(i.longest for i in inputs))
        return (
            "SELECT coalesce(timestamp, error('axonwatch: no time')) AS ts, "
            "ingestionTime AS ingest, coalesce(logStream, logStreamName) AS stream, "
            f"{log} AS log, coalesce(message, error('axonwatch: no message')) AS message, "
            "row_number() OVER () AS seq "
            f"FROM read_json([{files}], format='newline_delimited', {_COLUMNS}, "
            f"maximum_object_size={longest})"
        )

    # -- copies ---------------------------------------------------------------------------------

    def _open(self, source: Source) -> _Input:
        found = _Input(source, _stream_of(source))
        if not source.is_stream and not source.is_packed:
            head = source.head(_SNIFFED)
            if _is_event_export(head):
                assert source.path is not None  # noqa: S101  # not a stream
                self._budget.take(source.path.stat().st_size, source.named)
                found.original = source.path
                return found
        self._copy(found, blocks(source, self._budget))
        return found

    def _copy(self, found: _Input, data: Iterator[bytes]) -> None:
        target = self._folder / f"{sum(1 for _ in self._folder.iterdir())}.jsonl"
        first = next(data, b"")
        whole = self._watch(found, _chain(first, data))
        if _is_event_export(first[:_SNIFFED]):
            with target.open("wb") as file:
                file.writelines(whole)
            found.original = target
            return
        head = first[:_SNIFFED].decode("utf-8", "replace")
        if opens_document(head.removeprefix("\ufeff")):
            events = document_events(whole)
        else:
            lines = (
                line.decode("utf-8", "replace") for line in split_lines(whole, found.source.named)
            )
            if _is_s3_export(found.source, head):
                events = join_exported(lines, found.stream)
            else:
                events = (raw_event(line, found.stream) for line in lines)
        self._write(found, target, events)

    def _watch(self, found: _Input, data: Iterator[bytes]) -> Iterator[bytes]:
        for block in data:
            if self._progress is not None:
                self._progress(found.source.named, len(block))
            yield block

    def _clean(self) -> None:
        """Copy line by line what DuckDB could not read whole."""
        for inputs in self._inputs.values():
            for found in inputs:
                if found.clean is None and found.original is not None:
                    data = self._watch(found, _blocks_of(found.original))
                    lines = (
                        line.decode("utf-8", "replace")
                        for line in split_lines(data, found.source.named)
                    )
                    target = self._folder / f"{sum(1 for _ in self._folder.iterdir())}.jsonl"
                    events = (event_of(line) for line in lines if line.strip())
                    self._write(found, target, events)
        self._connect()

    def _write(self, found: _Input, target: Path, events: Iterator[Event]) -> None:
        path = found.source.path
        fallback = round(path.stat().st_mtime * 1000) if path is not None else 0
        with target.open("wb") as file:
            for event in fill_times(events, fallback):
                line = _line_of(event)
                found.longest = max(found.longest, len(line))
                file.write(line)
        found.clean = target


@contextmanager
def open_events(
    groups: Sequence[LogGroup],
    *,
    limits: Limits | None = None,
    prepare: Prepare | None = None,
    progress: Progress | None = None,
) -> Iterator[Events]:
    """Open log groups for queries.

    `prepare` is called with each connection that is opened, while its settings can be changed: to
    register functions and tables. `progress` hears how many bytes of which file were copied.
    Raises `LogInputRefused` for an input that cannot be used.
    """
    with Events(groups, limits or Limits(), prepare, progress) as events:
        yield events


def _line_of(event: Event) -> bytes:
    parts = [f'{{"timestamp":{event.ts},"message":{_quote(event.message)}']
    if event.stream is not None:
        parts.append(f'"logStream":{_quote(event.stream)}')
    if event.ingest is not None:
        parts.append(f'"ingestionTime":{event.ingest}')
    line = ",".join(parts) + "}\n"
    try:
        return line.encode()
    except UnicodeEncodeError:  # half of a surrogate pair, from a JSON escape
        return _SURROGATE.sub("\ufffd", line).encode()


def _blocks_of(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            yield block


def _chain(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _stream_of(source: Source) -> str:
    if source.path is None:
        return "standard input"
    name = source.path.name.removesuffix(".gz")
    if name.isdigit() and len(name) == 6:
        return source.path.parent.name
    return name


def _is_event_export(head: bytes) -> bool:
    """Whether one of the first lines is an event: then every line is read as one."""
    lines = head.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    for line in lines:
        found = parse_object(line.decode("utf-8", "replace"))
        if found is not None and is_event(found):
            return True
    return False


def _is_s3_export(source: Source, head: str) -> bool:
    lines = [line for line in head.split("\n") if line.strip()]
    name = source.path.name if source.path is not None else ""
    is_part = name.endswith(".gz") or (name.isdigit() and len(name) == 6)
    return is_part and bool(lines) and is_exported(lines[0])

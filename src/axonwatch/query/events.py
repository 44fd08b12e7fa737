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

import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from axonwatch.errors import CouldNotRun
from axonwatch.query.connection import Limits, open_connection, quote_text
from axonwatch.query.copies import Copier, Input, Progress
from axonwatch.query.duck import duckdb
from axonwatch.query.sources import Budget, expand

__all__ = ["Answer", "Events", "LogGroup", "Prepare", "Progress", "open_events"]

LAMBDA_PREFIX = "/aws/lambda/"
UNKNOWN_ACCOUNT = "000000000000"
Prepare = Callable[[duckdb.DuckDBPyConnection], None]

_COLUMNS = (
    "columns={timestamp:'BIGINT', message:'VARCHAR', logStream:'VARCHAR', "
    "logStreamName:'VARCHAR', ingestionTime:'BIGINT'}"
)
_LONGEST_OBJECT = 16 << 20


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
        self._temporary = tempfile.TemporaryDirectory(prefix="axonwatch-")
        self._folder = Path(self._temporary.name)
        self._copier = Copier(self._folder, Budget(limits.max_bytes), progress)
        self._inputs: dict[str, list[Input]] = {}
        self._connection: duckdb.DuckDBPyConnection | None = None

    def __enter__(self) -> Self:
        """Read what must be copied, and open the connection."""
        try:
            for group in self.groups:
                sources = [source for path in group.paths for source in expand(path)]
                self._inputs[group.name] = [self._copier.take(source) for source in sources]
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
        return all(i.is_clean for inputs in self._inputs.values() for i in inputs)

    def relation(self, name: str) -> str:
        """The SQL name of a group's view."""
        return f"events_{[group.name for group in self.groups].index(name)}"

    def run(self, sql: str, parameters: Sequence[object] = ()) -> Answer:
        """The answer to exactly one SELECT over the views."""
        try:
            return self._run(self._one_select(sql), parameters)
        except (duckdb.InvalidInputException, duckdb.ConversionException):
            if self.is_clean:
                raise
        self._clean()
        return self._run(self._one_select(sql), parameters)

    def _one_select(self, sql: str) -> duckdb.Statement:
        statements = self.connection.extract_statements(sql)
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            message = "a query must become exactly one SELECT"
            raise AssertionError(message)
        return statements[0]

    def _run(self, statement: duckdb.Statement, parameters: Sequence[object]) -> Answer:
        timer = None
        if self._limits.seconds:
            timer = threading.Timer(self._limits.seconds, self.connection.interrupt)
            timer.daemon = True
            timer.start()
        try:
            cursor = self.connection.execute(statement, parameters)
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
        files = [file for inputs in self._inputs.values() for i in inputs for file in i.files]
        self._connection = open_connection(files, self._folder, self._limits, self._create)

    def _create(self, connection: duckdb.DuckDBPyConnection) -> None:
        for group in self.groups:
            view = self._view(group.name)
            connection.execute(f"CREATE VIEW {self.relation(group.name)} AS {view}")
        if self._prepare is not None:
            self._prepare(connection)

    def _view(self, name: str) -> str:
        inputs = self._inputs[name]
        files = [file for i in inputs for file in i.files if file.stat().st_size]
        log = quote_text(f"{UNKNOWN_ACCOUNT}:{name}")
        if not files:
            return (
                "SELECT 0::BIGINT AS ts, NULL::BIGINT AS ingest, NULL::VARCHAR AS stream, "
                f"{log} AS log, ''::VARCHAR AS message, 0::BIGINT AS seq WHERE false"
            )
        longest = max(_LONGEST_OBJECT, 2 * max(i.longest for i in inputs))
        return (
            "SELECT coalesce(timestamp, error('axonwatch: no time')) AS ts, "
            "ingestionTime AS ingest, coalesce(logStream, logStreamName) AS stream, "
            f"{log} AS log, coalesce(message, error('axonwatch: no message')) AS message, "
            f"row_number() OVER () AS seq FROM {_reading(files, longest)}"
        )

    def _clean(self) -> None:
        """Copy what DuckDB could not read whole, and read the copies from now on."""
        for inputs in self._inputs.values():
            for found in inputs:
                if not found.is_clean:
                    self._copier.clean(found, self._is_whole)
        self._connect()

    def _is_whole(self, file: Path) -> bool:
        """Whether DuckDB takes every line of an export, its time and its message."""
        with open_connection([file], self._folder, self._limits) as connection:
            try:
                counts = connection.execute(
                    "SELECT count(*), count(timestamp), count(message) "
                    f"FROM {_reading([file], _LONGEST_OBJECT)}"
                ).fetchall()[0]
            except duckdb.Error:
                return False
        return len(set(counts)) == 1


def _reading(files: Sequence[Path], longest: int) -> str:
    listed = ", ".join(quote_text(str(file)) for file in files)
    return (
        f"read_json([{listed}], format='newline_delimited', {_COLUMNS}, "
        f"maximum_object_size={longest})"
    )


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

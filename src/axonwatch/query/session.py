"""Several queries over the same files, in one connection: for tests and for log alarms.

Opening a connection costs more than a small query. A session opens the files of all its queries
once; each query sees only the groups that it names, and no statistics are counted.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache

from axonwatch.query.connection import Limits, quote_text
from axonwatch.query.duck import duckdb
from axonwatch.query.engine import prepare, read_time
from axonwatch.query.events import UNKNOWN_ACCOUNT, Events, LogGroup, open_events
from axonwatch.query.python_functions import register
from axonwatch.query.rows import sparse_rows
from axonwatch.query.sql.compiler import compile_query
from axonwatch.query.sql.context import Context, Group, Settings
from axonwatch.syntax.insights.nodes import Query


@dataclass(frozen=True, kw_only=True)
class Request:
    """One query: its text, the groups that it is asked of (by the session's keys), its times.

    The first `queried` groups are queried; the others serve SOURCE and join. `names` gives a group
    another name than its key, so that one session may hold several files of the same group.
    """

    text: str
    groups: Sequence[str]
    queried: int = 1
    names: Mapping[str, str] = field(default_factory=dict)
    start_ms: int | None = None
    end_ms: int | None = None
    now_ms: int | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)


class Session:
    """Open files. Use `open_session`."""

    def __init__(self, events: Events) -> None:
        self._events = events
        self._known: set[str] = set()

    def equip(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Give a connection that replaces another the functions that queries use."""
        register(connection, self._known, {})

    @property
    def is_clean(self) -> bool:
        """Whether it reads copies of its files, and no longer sees what is written to them."""
        return self._events.is_clean

    def run(self, request: Request) -> tuple[dict[str, str], ...]:
        """The rows of a query. Raises SyntaxFault."""
        query = _prepared(request.text, tuple(sorted(request.parameters.items())))
        try:
            return self._ask(query, request, wide=False)
        except duckdb.OutOfRangeException:  # an event of more than 200 fields
            return self._ask(query, request, wide=True)

    def _group(self, key: str, name: str) -> Group:
        """A group under the name that the query knows it by."""
        view = self._events.relation(key)
        if name != key:
            log = quote_text(f"{UNKNOWN_ACCOUNT}:{name}")
            view = f"(SELECT * REPLACE ({log} AS log) FROM {view})"
        return Group(name, view, LogGroup(name, ()).is_lambda)

    def _ask(self, query: Query, request: Request, *, wide: bool) -> tuple[dict[str, str], ...]:
        now = time.time_ns() // 1_000_000 if request.now_ms is None else request.now_ms
        settings = Settings(
            now_ms=now,
            start_ms=request.start_ms,
            end_ms=request.end_ms,
            wide=wide,
            queried=request.queried,
        )
        groups = [self._group(key, request.names.get(key, key)) for key in request.groups]
        context = Context(settings, groups, {}, time_of=read_time)
        compiled = compile_query(query, context)
        register(self._events.connection, context.functions - self._known, {})
        self._known |= context.functions
        for guard in context.guards:
            found = self._events.run(guard.sql).rows[0][0]
            if isinstance(found, int) and found > guard.maximum:
                raise guard.fault
        rows = self._events.run(compiled.sql).rows
        if compiled.cut is not None:
            rows = rows[: compiled.cut]
        return tuple(sparse_rows(compiled.columns, rows))


@lru_cache(maxsize=64)
def _prepared(text: str, parameters: tuple[tuple[str, str], ...]) -> Query:
    """A query's tree; log alarms ask for the same one again and again."""
    return prepare(text, dict(parameters))[0]


@contextmanager
def open_session(groups: Sequence[LogGroup], *, limits: Limits | None = None) -> Iterator[Session]:
    """Open the files of log groups for several queries. Raises AxonwatchError."""
    sessions: list[Session] = []

    def equip(connection: duckdb.DuckDBPyConnection) -> None:
        for session in sessions:
            session.equip(connection)

    with open_events(groups, limits=limits, prepare=equip) as events:
        sessions.append(Session(events))
        yield sessions[0]

"""run_query: a Logs Insights query over local log groups.

text ─> parameters ─> parse ─> checks ─> compile ─> DuckDB ─> rows and statistics
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from axonwatch.durations import parse_duration
from axonwatch.query.connection import Limits
from axonwatch.query.duck import duckdb
from axonwatch.query.events import Events, LogGroup, Progress, open_events
from axonwatch.query.lookups import LookupTable, create_tables, read_table
from axonwatch.query.prefixed import is_prefixed
from axonwatch.query.python_functions import register
from axonwatch.query.rows import QueryResult, Statistics, sparse_rows
from axonwatch.query.sampling import Sample, size_of, take_sample
from axonwatch.query.sql.compiler import Compiled, compile_query
from axonwatch.query.sql.context import Context, Group, Settings, Table
from axonwatch.query.sql.needs import ignores_order
from axonwatch.query.statistics import profile_counts
from axonwatch.syntax.insights.advice import NEGATIVE_TEST, NO_LIMIT
from axonwatch.syntax.insights.known_lines import LogFacts, doubt_names_and_texts
from axonwatch.syntax.insights.lint import check_query
from axonwatch.syntax.insights.nodes import Query
from axonwatch.syntax.insights.parameters import fill
from axonwatch.syntax.insights.parser import parse_query, refuse_length
from axonwatch.syntax.insights.tree import draw_tree, walk_paths
from axonwatch.syntax.text import SyntaxFault, TextSpan

# Beyond this, counting each byte and holding all rows would cost more than the query.
LARGE_BYTES = 32_000_000


@dataclass(frozen=True, kw_only=True)
class Options:
    """How a query is run.

    Events before `start_ms` or after `end_ms` are not read. `keep_missing`: a negative test (`!=`,
    `not like`, `not in`) holds for a missing field; AWS's pages leave it open. `tables` are lookup
    tables by name. The first `queried` groups are queried; others serve SOURCE and join.
    """

    start_ms: int | None = None
    end_ms: int | None = None
    now_ms: int | None = None
    keep_missing: bool = False
    parameters: Mapping[str, str] = field(default_factory=dict)
    tables: Mapping[str, LookupTable] = field(default_factory=dict)
    limits: Limits | None = None
    progress: Progress | None = None
    queried: int = 1


@dataclass(frozen=True)
class Plan:
    """A query before it runs: its tree, and the statement that it becomes."""

    query: Query
    sql: str
    columns: tuple[str, ...]
    warnings: tuple[SyntaxFault, ...]

    @property
    def tree(self) -> str:
        """The tree, for people: a node on each line."""
        return draw_tree(self.query)


def run_query(
    text: str,
    groups: Sequence[LogGroup],
    *,
    start_ms: int | None = None,
    end_ms: int | None = None,
    now_ms: int | None = None,
    parameters: Mapping[str, str] | None = None,
    lookups: Mapping[str, str] | None = None,
    keep_missing: bool = False,
    limits: Limits | None = None,
    progress: Progress | None = None,
    queried: int = 1,
) -> QueryResult:
    """The rows of a query over log groups, of which the first (or first `queried`) are queried.

    `lookups` are the CSV texts of lookup tables by name. Raises `SyntaxFault` for a query that the
    service or we refuse, its span in `text`.
    """
    options = Options(
        start_ms=start_ms,
        end_ms=end_ms,
        now_ms=now_ms,
        keep_missing=keep_missing,
        parameters=parameters or {},
        tables={name: read_table(name, table) for name, table in (lookups or {}).items()},
        limits=limits,
        progress=progress,
        queried=queried,
    )
    return run(text, groups, options)


def run(text: str, groups: Sequence[LogGroup], options: Options) -> QueryResult:
    """The same, with everything in `options`."""
    query, warnings = prepare(text, options.parameters)
    running = _Run(query, groups, options)
    running.is_contested = any(warning.code == NEGATIVE_TEST for warning in warnings)
    try:
        result = running.result()
    except SyntaxFault as fault:
        raise _at_origin(fault, text, options.parameters) from None
    told = tuple(running.judged(warning) for warning in warnings)
    kept = tuple(warning for warning in told if warning is not None)
    hidden = tuple(_at_origin(fault, text, options.parameters) for fault in running.hidden)
    return replace(result, warnings=(*kept, *hidden, *result.warnings))


def prepare(text: str, parameters: Mapping[str, str]) -> tuple[Query, tuple[SyntaxFault, ...]]:
    """The tree of a query that passes the checks, and their warnings."""
    refuse_length(text)
    filled = fill(text, parameters)
    try:
        query = parse_query(filled.text)
        found = check_query(query, filled.text)
        if found.errors:
            raise found.errors[0]
    except SyntaxFault as fault:
        raise _moved(fault, filled.origin(fault.span)) from None
    return query, tuple(_moved(w, filled.origin(w.span)) for w in found.warnings)


def explain_query(text: str, groups: Sequence[LogGroup], options: Options) -> Plan:
    """The tree and the SQL of a query, which is not run."""
    query, warnings = prepare(text, options.parameters)
    try:
        with open_events(groups, limits=options.limits) as events:
            context = _context(events, options, _tables(events, options), large=False)
            compiled = compile_query(query, context)
    except SyntaxFault as fault:
        raise _at_origin(fault, text, options.parameters) from None
    return Plan(query, compiled.sql, compiled.columns, (*warnings, *context.warnings))


def _moved(fault: SyntaxFault, span: TextSpan) -> SyntaxFault:
    return SyntaxFault(fault.code, fault.title, span, label=fault.label, help=fault.help)


def _at_origin(fault: SyntaxFault, text: str, parameters: Mapping[str, str]) -> SyntaxFault:
    return _moved(fault, fill(text, parameters).origin(fault.span))


def _tables(events: Events, options: Options) -> dict[str, Table]:
    return create_tables(events.connection, options.tables)


def _context(
    events: Events, options: Options, tables: Mapping[str, Table], *, large: bool
) -> Context:
    now = time.time_ns() // 1_000_000 if options.now_ms is None else options.now_ms
    settings = Settings(
        now_ms=now,
        start_ms=options.start_ms,
        end_ms=options.end_ms,
        keep_missing=options.keep_missing,
        large=large,
        queried=options.queried,
    )
    groups = [
        Group(group.name, events.relation(group.name), group.is_lambda) for group in events.groups
    ]
    return Context(settings, groups, tables, time_of=read_time)


_NO_SAMPLE = Sample(0, None, is_sound=False)


class _Run:
    """One run: opens the groups, compiles, asks DuckDB, counts."""

    def __init__(self, query: Query, groups: Sequence[LogGroup], options: Options) -> None:
        self.query = query
        self.groups = groups
        self.options = options
        size = size_of(groups)
        self.large = size is None or size > LARGE_BYTES
        self.sample = take_sample(groups, size) if self.large and size is not None else _NO_SAMPLE
        self.is_contested = False
        self.differs: bool | None = None
        self.hidden: tuple[SyntaxFault, ...] = ()
        self.functions: set[str] = set()
        self.ranges: dict[str, tuple[str, ...]] = {}

    def result(self) -> QueryResult:
        """The rows and what was read for them."""
        with open_events(
            self.groups,
            limits=self.options.limits,
            prepare=self._equip,
            progress=self.options.progress,
        ) as events:
            tables = {
                name: Table(f"lookup_{number}", table.columns)
                for number, (name, table) in enumerate(self.options.tables.items())
            }
            context = _context(events, self.options, tables, large=self.large)
            context.settings = replace(context.settings, sound=self.sample.is_sound)
            self.hidden = self._hidden(events, context)
            try:
                return self._judged_answer(events, context)
            except duckdb.ParserException as error:
                if "depth" in str(error):
                    raise _too_deep(self.query) from None
                raise
            except duckdb.OutOfRangeException:
                # An event has more than 200 fields: only then its fields must be counted.
                wide = replace(context.settings, wide=True)
                again = Context(wide, context.groups, tables, time_of=read_time)
                return self._ask(events, again)

    def _hidden(self, events: Events, context: Context) -> tuple[SyntaxFault, ...]:
        """Fields that JSON behind other text hides, of a query that does not look at @message."""
        if any(segments[0] == "@message" for segments, _ in walk_paths(self.query)):
            return ()
        named = tuple(doubt_names_and_texts(self.query, LogFacts(prefixed=True)))
        if self.large and self.sample.share is not None:
            return named if self.sample.is_prefixed else ()
        queried = [group.view for group in context.groups[: self.options.queried]]
        return named if named and is_prefixed(events, queried) else ()

    def _judged_answer(self, events: Events, context: Context) -> QueryResult:
        result = self._ask(events, context)
        if self.is_contested and not self.large:
            self.differs = self._other_reading(events, context) != list(result.rows)
        return result

    def _other_reading(self, events: Events, context: Context) -> list[dict[str, str]]:
        """The rows if negative tests on missing fields were read the other way."""
        flipped = replace(context.settings, keep_missing=not context.settings.keep_missing)
        other = Context(flipped, context.groups, context.tables, time_of=read_time)
        compiled = compile_query(self.query, other)
        rows = events.run(compiled.sql).rows[: compiled.cut]
        return list(sparse_rows(compiled.columns, rows))

    def judged(self, warning: SyntaxFault) -> SyntaxFault | None:
        """A warning in the light of the answer.

        A contested test either mattered or did not; a missing limit that did is told on its own.
        """
        if warning.code == NO_LIMIT:
            return None
        if warning.code != NEGATIVE_TEST or self.differs is None:
            return warning
        if not self.differs:
            return None
        reading = "hold" if self.options.keep_missing else "do not hold"
        return SyntaxFault(
            warning.code,
            f"the answer depends on events without the field; here negative tests {reading} for "
            "them, and AWS does not say",
            warning.span,
            label=warning.label,
            help=warning.help,
        )

    def _equip(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Give a new connection the lookup tables, our functions, and its profile."""
        create_tables(connection, self.options.tables)
        register(connection, self.functions, self.ranges)
        if self.large:
            connection.execute("PRAGMA enable_profiling = 'no_output'")
            keeps_order = not ignores_order(self.query)
            connection.execute(f"SET preserve_insertion_order = {keeps_order}")

    def _ask(self, events: Events, context: Context) -> QueryResult:
        compiled = compile_query(self.query, context)
        new_functions = context.functions - self.functions
        new_ranges = {
            name: self.options.tables[table].column(column)
            for name, (table, column) in context.ranges.items()
            if name not in self.ranges
        }
        register(events.connection, new_functions, new_ranges)
        self.functions |= new_functions
        self.ranges |= new_ranges
        for guard in context.guards:
            found = events.run(guard.sql).rows[0][0]
            if isinstance(found, int) and found > guard.maximum:
                raise guard.fault
        rows = events.run(compiled.sql).rows
        statistics = self._count(events, context, compiled)
        warnings = list(context.warnings)
        if compiled.cut is not None and len(rows) > compiled.cut:
            rows = rows[: compiled.cut]
            warnings.append(_cut_warning(compiled.cut))
        return QueryResult(
            compiled.columns, sparse_rows(compiled.columns, rows), statistics, tuple(warnings)
        )

    def _count(self, events: Events, context: Context, compiled: Compiled) -> Statistics:
        """Exactly where that is cheap; of large inputs by DuckDB's profile, bytes by a sample."""
        source = " UNION ALL ".join(f"SELECT message FROM {read}" for read in context.scanned)
        share = self.sample.share
        is_plain = context.scanned == [group.view for group in compiled.groups]
        if self.large and is_plain and share is not None:
            profile = events.connection.get_profiling_information(format="json")
            counts = profile_counts(profile)
            if counts is not None:
                size = round(self.sample.size * share)
                return Statistics(counts.matched, counts.scanned, size, bytes_estimated=True)
        scanned, size = _pair(
            events, f"SELECT count(*), coalesce(sum(strlen(message)), 0) FROM ({source})"
        )
        matched, _ = _pair(events, f"SELECT count(*), 0 FROM ({compiled.matched})")
        return Statistics(matched, scanned, size)


def _pair(events: Events, sql: str) -> tuple[int, int]:
    one, two = events.run(sql).rows[0]
    return int(str(one)), int(str(two))


def _too_deep(query: Query) -> SyntaxFault:
    return SyntaxFault(
        "too-deep",
        "the query has more steps than can be evaluated in one statement",
        query.span,
        label="too many commands that build on each other",
        help="leave some out",
    )


def _cut_warning(count: int) -> SyntaxFault:
    return SyntaxFault(
        "silent-limit",
        f"only the first {count} rows are shown, as the service would, without a word",
        TextSpan(0, 0),
        help="end the query with `| limit 100000`, or group with `stats`",
    )


def read_time(text: str, now_ms: int) -> int:
    """A time as SOURCE takes it: ISO 8601, epoch, `now`, or `-1h30m` and `0s`, counted from now."""
    bare = text.strip()
    if bare.lower() == "now":
        return now_ms
    if bare.isdecimal():
        number = int(bare)
        return number if len(bare) > 11 else number * 1000
    distance = re.fullmatch(r"([+-]?)(\d+[a-z].*)", bare)
    if distance is not None:
        away = 1000 * parse_duration(distance[2])
        return now_ms - away if distance[1] == "-" else now_ms + away
    try:
        moment = datetime.fromisoformat(bare)
    except ValueError as error:
        message = f"`{bare}` is no time"
        raise ValueError(message) from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return round(moment.timestamp() * 1000)

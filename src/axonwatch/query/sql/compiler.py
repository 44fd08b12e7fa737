"""A query's tree -> one SELECT, command by command."""

from __future__ import annotations

from dataclasses import dataclass

from axonwatch.query.sql import (
    addresses,
    datetimes,
    enriching,
    numeric,
    ordering,
    parsing,
    shaping,
    stats,
    strings,
    structures,
    windows,
)
from axonwatch.query.sql.context import Context, Group, refuse
from axonwatch.query.sql.expressions import Expressions
from axonwatch.query.sql.pipeline import order_by
from axonwatch.query.sql.prefilter import prefilters
from axonwatch.query.sql.scope import NOWHERE, State
from axonwatch.query.sql.source import choose_groups, open_source
from axonwatch.query.sql.values import Kind, Value, shown, text
from axonwatch.syntax.insights import command_nodes as c
from axonwatch.syntax.insights import nodes as n
from axonwatch.syntax.insights.commands import BY_WORD

# These modules register their functions as they are imported.
FUNCTION_MODULES = (addresses, datetimes, numeric, strings, structures)
DEFAULT_ROWS = 10_000


@dataclass(frozen=True)
class Compiled:
    """A statement: its SQL, the names of its columns, the most rows that it gives.

    `matched` counts the events that are left before the first grouping or cut.
    """

    sql: str
    columns: tuple[str, ...]
    cut: int | None
    matched: str
    groups: tuple[Group, ...]


def compile_query(query: n.Query, context: Context) -> Compiled:
    """The statement of a whole query."""
    groups = choose_groups(context, query.source, context.groups[: context.settings.queried])
    if query.commands and isinstance(query.commands[-1], c.Estimate):
        return _estimate(context, groups)
    compiler = QueryCompiler(context, groups)
    state = compiler.run(query)
    cut = None
    state.pipe.flush()
    matched = state.pipe.sql
    if not state.limited:
        cut = DEFAULT_ROWS
        ordering.cut(compiler.expressions(state), state, state.order, DEFAULT_ROWS + 1)
    sql, columns = compiler.finish(state)
    return Compiled(sql, columns, cut, compiler.matched or matched, groups)


def _estimate(context: Context, groups: tuple[Group, ...]) -> Compiled:
    state = open_source(context, n.Query(()), groups)
    message = state.scope.system["@message"].sql
    sql = f"SELECT CAST(coalesce(sum(strlen({message})), 0) AS VARCHAR) FROM ({state.pipe.sql})"
    return Compiled(sql, ("bytes",), None, state.pipe.sql, groups)


def _keeps_events(command: n.Node) -> bool:
    """Whether each row is still an event behind the command, and only filters dropped some."""
    plain = (c.Fields, c.Display, c.Filter, c.ParseGlob, c.ParseFormat, c.Json)
    return isinstance(command, plain) or (isinstance(command, c.ParseRegex) and not command.multi)


class QueryCompiler:
    """Compiles one query; the queries inside it get compilers of their own."""

    def __init__(self, context: Context, groups: tuple[Group, ...]) -> None:
        self.context = context
        self.groups = groups
        self.matched: str | None = None

    def expressions(self, state: State) -> Expressions:
        """A compiler of expressions for the state as it is."""
        return Expressions(
            self.context,
            state.pipe,
            state.scope,
            subquery=self._subquery_column,
            sequence=state.sequence,
        )

    def run(self, query: n.Query) -> State:
        """The state behind the last command."""
        outer = self.context.read
        self.context.read = self.groups
        state = open_source(self.context, query, self.groups)
        state.shown.decided = any(isinstance(one, c.Display) for one in query.commands)
        for command in query.commands:
            if self.matched is None and not _keeps_events(command):
                state.pipe.flush()
                self.matched = state.pipe.sql
            self._apply(state, command)
        self.context.read = outer
        return state

    def finish(self, state: State) -> tuple[str, tuple[str, ...]]:
        """The SELECT that gives the shown columns as texts, and their names."""
        columns = state.columns
        pipe, scope = state.pipe, state.scope
        scope.fetch(pipe, [segments for _, segments in columns])
        picked = [shown(pipe, scope.resolve(pipe, segments)) for _, segments in columns]
        pipe.flush()
        sql = f"SELECT {', '.join(picked)} FROM ({pipe.sql}){order_by(state.order)}"
        return sql, tuple(name for name, _ in columns)

    def _subquery_column(self, query: n.Query) -> tuple[str, Value]:
        """The SQL of a subquery's only column."""
        inner = QueryCompiler(self.context, choose_groups(self.context, query.source, self.groups))
        state = inner.run(query)
        columns = state.columns if state.shown.asked else []
        if len(columns) != 1:
            refuse(
                "subquery-columns",
                f"a subquery gives exactly one column, not {len(columns)}",
                query.span,
                label="shows none" if not columns else "shows several",
                help="end it with `| fields f`",
            )
        value = state.scope.resolve(state.pipe, columns[0][1])
        column = state.pipe.let(text(state.pipe, value))
        state.pipe.flush()
        sql = f"SELECT {column} FROM ({state.pipe.sql}) WHERE {column} IS NOT NULL"
        return sql, Value(Kind.TEXT, column)

    def _compile_inner(self, query: n.Query) -> State:
        inner = QueryCompiler(self.context, choose_groups(self.context, query.source, self.groups))
        return inner.run(query)

    def _apply(self, state: State, command: n.Node) -> None:  # a table of commands
        on = self.expressions(state)
        match command:
            case c.Fields(items):
                self._fields(on, state, items, decides=False)
            case c.Display(items):
                state.shown.names = []
                self._fields(on, state, items, decides=True)
            case c.Filter(condition):
                self._filter(on, state, condition)
            case c.ParseGlob():
                parsing.apply_glob(on, state, command)
            case c.ParseRegex():
                parsing.apply_regex(on, state, command)
            case c.ParseFormat():
                parsing.apply_format(on, state, command)
            case c.Json():
                parsing.apply_json(on, state, command)
            case c.Sort():
                ordering.apply_sort(on, state, command)
            case c.Limit():
                ordering.apply_limit(on, state, command)
            case c.Dedup():
                ordering.apply_dedup(on, state, command)
            case c.Stats():
                stats.apply_stats(on, state, command)
            case c.CountFrequent():
                stats.apply_count_frequent(on, state, command)
            case c.Unnest():
                shaping.apply_unnest(on, state, command)
            case c.Expand():
                shaping.apply_expand(on, state, command)
            case _:
                self._apply_rest(on, state, command)

    def _apply_rest(self, on: Expressions, state: State, command: n.Node) -> None:
        match command:
            case c.FillMissing():
                shaping.apply_fillmissing(on, state, command)
            case c.AddTotals():
                shaping.apply_addtotals(on, state, command)
            case c.Accum():
                windows.apply_accum(on, state, command)
            case c.Autoregress():
                windows.apply_autoregress(on, state, command)
            case c.FillDown():
                windows.apply_filldown(on, state, command)
            case c.Sessionize():
                windows.apply_sessionize(on, state, command)
            case c.Outlier():
                windows.apply_outlier(on, state, command)
            case c.Lookup():
                enriching.apply_lookup(on, state, command)
            case c.CidrLookup():
                enriching.apply_cidrlookup(on, state, command)
            case c.Join():
                enriching.apply_join(on, state, command, self._compile_inner)
            case c.AppendCols():
                enriching.apply_appendcols(on, state, command, self._compile_inner)
            case c.Unmask():
                for field in command.fields:
                    state.shown.add(field.name, field.segments)
            case c.Opaque(word):
                rule = BY_WORD[word.lower()]
                refuse(
                    "refused-command",
                    f"`{word}` is not evaluated here: {rule.reason}",
                    command.span,
                    label="only the service can evaluate it",
                    help="run it on the account, or leave it out",
                )
            case _:
                refuse(
                    "refused-command",
                    "this command is not evaluated here",
                    command.span,
                    label="not evaluated",
                )

    def _fields(
        self, on: Expressions, state: State, items: tuple[n.Item, ...], *, decides: bool
    ) -> None:
        shows = decides or not state.shown.decided
        state.shown.asked = True
        closed = state.scope.closed
        for item in items:
            segments: tuple[str, ...] | None = None
            if isinstance(item.expression, n.Field) and item.alias is None:
                segments = item.expression.segments
                if len(segments) > 1 and segments[0] in closed:
                    segments = NOWHERE
            else:
                made = on.value(item.expression)
                state.scope.names[item.column] = made
                if made.kind is Kind.STRUCTURE or made.nested:
                    closed.add(item.column)
            if shows:
                state.shown.add(item.column, segments)
        closed.clear()

    def _filter(self, on: Expressions, state: State, condition: n.Expression) -> None:
        if state.sequence is not None and not state.scope.sides:
            for test in prefilters(condition, state.scope):
                state.pipe.where(test)
        state.pipe.where(on.condition(condition, loose=True))

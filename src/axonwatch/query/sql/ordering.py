"""sort, limit, dedup: the order of rows, and which of them stay."""

from __future__ import annotations

from axonwatch.query.sql.context import refuse
from axonwatch.query.sql.expressions import Expressions
from axonwatch.query.sql.pipeline import Order, order_by
from axonwatch.query.sql.scope import State
from axonwatch.query.sql.values import Kind, Value, natural_key, number, text
from axonwatch.syntax.insights import command_nodes as c
from axonwatch.syntax.insights import nodes as n

FEW = 1000


def keys_of(on: Expressions, value: Value, *, descending: bool) -> list[Order]:
    """The keys that sort a value in natural order.

    Ascending: texts before numbers; equal numbers by their spelling. Descending: the reverse.
    """
    pipe = on.pipe
    if value.kind not in {Kind.TEXT, Kind.STRUCTURE}:
        return [Order(pipe.let(value.sql), descending)]
    column = pipe.let(text(pipe, value))
    as_number = pipe.let(number(pipe, value))
    natural = pipe.let(natural_key(column, as_number))
    keys = [Order(natural, descending), Order(as_number, descending)]
    return [*(reversed(keys) if descending else keys), Order(column, descending)]


def apply_sort(on: Expressions, state: State, node: c.Sort) -> None:
    """New keys in front; what is equal stays in the order it had."""
    keys: list[Order] = []
    time_direction = None
    for key in node.keys:
        if not isinstance(key.field, (n.Field, n.Index, n.Attribute)):
            refuse(
                "sort-expression",
                "`sort` takes names only",
                key.field.span,
                label="an expression",
                help="name it first: `.. as name | sort name`",
            )
        value = on.value(key.field)
        if value.is_missing:
            continue
        keys += keys_of(on, value, descending=bool(key.descending))
        if isinstance(key.field, n.Field) and key.field.name == "@timestamp":
            time_direction = bool(key.descending)
    known = {key.column for key in keys}
    rest = [key for key in state.order if key.column not in known]
    if time_direction is False:
        rest = [Order(key.column) if key.column == state.sequence else key for key in rest]
    state.order = keys + rest


def apply_limit(on: Expressions, state: State, node: c.Limit) -> None:
    """The first rows; `tail` the last ones."""
    order = state.order
    if node.word == "tail":
        order = [Order(key.column, not key.descending) for key in order]
    cut(on, state, order, node.count)
    state.limited = True


def cut(on: Expressions, state: State, order: list[Order], count: int) -> None:
    """Keep the first `count` rows.

    Of a large input many rows are kept by reading it twice, first for their keys alone: DuckDB
    would hold whole rows in memory, and not give them up.
    """
    pipe = on.pipe
    if count > FEW and on.context.settings.large and state.sequence is not None:
        pipe.flush()
        first = f"SELECT {state.sequence} FROM ({pipe.sql}){order_by(order)} LIMIT {count}"
        pipe.wrap(f"SELECT * FROM ({pipe.sql}) WHERE {state.sequence} IN ({first})")
        return
    pipe.limit(order, count)


def row_numbers(on: Expressions, state: State) -> str:
    """A column that numbers the rows in their order; the order is then that column."""
    pipe = on.pipe
    pipe.flush()
    if len(state.order) == 1 and state.order[0].column in state.numbered:
        return state.order[0].column
    name = pipe.names.new()
    pipe.wrap(
        f"SELECT *, row_number() OVER ({order_by(state.order).strip()}) AS {name} FROM ({pipe.sql})"
    )
    state.order = [Order(name)]
    state.numbered.add(name)
    return name


def apply_dedup(on: Expressions, state: State, node: c.Dedup) -> None:
    """The first row of each key; rows in which a key is missing all stay."""
    pipe = on.pipe
    columns = [pipe.let(text(pipe, on.value(field))) for field in node.fields]
    missing = " OR ".join(f"{column} IS NULL" for column in columns)
    pipe.flush()
    rank = pipe.names.new()
    over = f"PARTITION BY {', '.join(columns)}{order_by(state.order)}"
    pipe.wrap(f"SELECT *, row_number() OVER ({over}) AS {rank} FROM ({pipe.sql})")
    pipe.where(f"{rank} = 1 OR {missing}")

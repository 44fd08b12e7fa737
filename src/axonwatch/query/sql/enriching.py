"""Commands that bring in other data: lookup, cidrlookup, join, appendcols."""

from __future__ import annotations

from collections.abc import Callable

from axonwatch.query.sql.context import Guard, Table, refuse
from axonwatch.query.sql.expressions import Expressions
from axonwatch.query.sql.ordering import cut, row_numbers
from axonwatch.query.sql.pipeline import Order
from axonwatch.query.sql.scope import Column, Scope, State
from axonwatch.query.sql.values import Kind, Value, shown
from axonwatch.syntax.insights import command_nodes as c
from axonwatch.syntax.insights import nodes as n
from axonwatch.syntax.text import SyntaxFault, TextSpan

JOIN_ROWS = 50_000
Compile = Callable[[n.Query], State]


def _table(on: Expressions, name: str, span: TextSpan) -> Table:
    table = on.context.tables.get(name)
    if table is None:
        known = ", ".join(f"`{known}`" for known in sorted(on.context.tables)) or "none"
        refuse(
            "unknown-lookup",
            f"no lookup table `{name}` was given",
            span,
            label="not given",
            help=f"give it with --lookup {name}=FILE.csv; given: {known}",
        )
    return table


def _table_column(table: Table, name: str, span: TextSpan) -> str:
    column = table.column(name)
    if column is None:
        listed = ", ".join(f"`{known}`" for known in table.columns[:8])
        refuse(
            "unknown-lookup-column",
            f"the lookup table has no column `{name}`",
            span,
            label="not in its header",
            help=f"its columns are {listed}",
        )
    return column


def apply_lookup(on: Expressions, state: State, node: c.Lookup) -> None:
    """Columns of the table's first line with the same keys."""
    table = _table(on, node.table, node.span)
    pipe = on.pipe
    tests = []
    for key in node.keys:
        field = key.field if key.field is not None else n.Field(tuple(key.column.split(".")))
        column = pipe.let(on.text(on.value(field)))
        tests.append((_table_column(table, key.column, node.span), column))
    _join_table(on, state, table, tests, node)
    for output in node.outputs:
        state.scope.names[output.name] = Value(Kind.TEXT, state.looked_up[output.column])
        state.shown.add(output.name)


def _join_table(
    on: Expressions,
    state: State,
    table: Table,
    tests: list[tuple[str, str]],
    node: c.Lookup | c.CidrLookup,
) -> None:
    """Join the first line of each key; the columns asked for go into `state.looked_up`."""
    pipe = on.pipe
    pipe.flush()
    wanted = {one.column: _table_column(table, one.column, one.span) for one in node.outputs}
    new = {column: pipe.names.new() for column in wanted}
    keys = [pipe.names.new() for _ in tests]
    firsts = [f"arg_min_null({wanted[column]}, line) AS {name}" for column, name in new.items()]
    grouped = ", ".join(column for column, _ in tests)
    named = [f"{column} AS {key}" for (column, _), key in zip(tests, keys, strict=True)]
    lines = f"SELECT {', '.join([*named, *firsts])} FROM {table.sql} GROUP BY {grouped}"
    same = " AND ".join(f"{column} = {key}" for (_, column), key in zip(tests, keys, strict=True))
    pipe.wrap(
        f"SELECT l.*, {', '.join(f'r.{name}' for name in new.values())} FROM ({pipe.sql}) AS l "
        f"LEFT JOIN ({lines}) AS r ON {same}"
    )
    state.looked_up = new


def apply_cidrlookup(on: Expressions, state: State, node: c.CidrLookup) -> None:
    """Columns of the table's narrowest range that holds the address."""
    table = _table(on, node.table, node.span)
    column, column_name = _range_column(table, node)
    function = on.context.narrowest(node.table, column_name)
    pipe = on.pipe
    address = pipe.let(on.text(on.value(node.subject)))
    old = {output.name: _present(on, state, output.name) for output in node.outputs}
    found = pipe.let(f"{function}({address})")
    _join_table(on, state, table, [(column, found)], node)
    for output in node.outputs:
        new = state.looked_up[output.column]
        before = old[output.name]
        if node.only_empty and before is not None:
            new = pipe.let(f"coalesce(nullif({before}, ''), {new})")
        state.scope.names[output.name] = Value(Kind.TEXT, new)
        state.shown.add(output.name)


def _present(on: Expressions, state: State, name: str) -> str | None:
    value = state.scope.resolve(on.pipe, tuple(name.split(".")))
    return None if value.is_missing else on.pipe.let(on.text(value))


def _range_column(table: Table, node: c.CidrLookup) -> tuple[str, str]:
    """The SQL name and the name of the column that holds the ranges."""
    if node.column is not None:
        return _table_column(table, node.column, node.span), node.column
    for name in (node.subject.name, "cidr", table.columns[0]):
        column = table.column(name)
        if column is not None:
            return column, name
    message = "a table has a column"
    raise AssertionError(message)


def apply_join(on: Expressions, state: State, node: c.Join, compile_query: Compile) -> None:
    """Rows of both sides whose keys are equal."""
    right = compile_query(node.query)
    right_on = Expressions(on.context, right.pipe, right.scope)
    sides = {node.left.name: (on, state.scope), node.right.name: (right_on, right.scope)}
    tests = []
    for one, two in node.pairs:
        found = {}
        for field in (one, two):
            side = sides.get(field.segments[0])
            if side is None or len(field.segments) < 2:
                refuse(
                    "unknown-side",
                    f"`{field.name}` belongs to neither side of the join",
                    field.span,
                    label="no side of that name",
                    help=f"write `{node.left.name}.key = {node.right.name}.key`",
                )
            found[field.segments[0]] = (side[0], field.segments[1:])
        if len(found) < 2:
            refuse(
                "one-sided-join",
                "both keys are of the same side",
                one.span.join(two.span),
                label="compares a side with itself",
                help=f"write `{node.left.name}.key = {node.right.name}.key`",
            )
        columns = [
            side.pipe.let(side.text(side.scope.resolve(side.pipe, rest)))
            for side, rest in (found[node.left.name], found[node.right.name])
        ]
        tests.append(f"{columns[0]} = {columns[1]}")
    _join(on, state, right, node, tests)


def _join(on: Expressions, state: State, right: State, node: c.Join, tests: list[str]) -> None:
    pipe = on.pipe
    pipe.flush()
    right.pipe.flush()
    word = "LEFT JOIN" if node.kind == "left" else "JOIN"
    on.context.guards.append(
        Guard(
            f"SELECT count(*) FROM ({right.pipe.sql})",
            JOIN_ROWS,
            SyntaxFault(
                "join-too-large",
                f"the right side of the join has more than {JOIN_ROWS} rows",
                node.query.span,
                label="the service refuses that",
                help="filter it, or group it with stats",
            ),
        )
    )
    pipe.wrap(
        f"SELECT l.*, r.* FROM ({pipe.sql}) AS l {word} ({right.pipe.sql}) AS r "
        f"ON {' AND '.join(tests)}"
    )
    sides = ((node.left.name, state), (node.right.name, right))

    def prefixed(columns: list[Column], name: str) -> list[Column]:
        return [(f"{name}.{column}", (name, *segments)) for column, segments in columns]

    if state.shown.asked:
        state.shown.names = [
            column for name, side in sides for column in prefixed(side.shown.names, name)
        ]
    else:
        state.default = [column for name, side in sides for column in prefixed(side.columns, name)]
        state.shown.names = []
    state.scope = Scope(sides={name: side.scope for name, side in sides})
    state.order = [*state.order, *right.order]
    state.sequence = None


def apply_appendcols(
    on: Expressions, state: State, node: c.AppendCols, compile_query: Compile
) -> None:
    """Columns of another query, row by row."""
    other = compile_query(node.query)
    other_on = Expressions(on.context, other.pipe, other.scope)
    cut(other_on, other, other.order, node.maximum)
    shown_names = other.columns
    other.scope.fetch(other.pipe, [segments for _, segments in shown_names])
    columns = [
        (name, other.pipe.let(shown(other.pipe, other.scope.resolve(other.pipe, segments))))
        for name, segments in shown_names
    ]
    theirs = row_numbers(other_on, other)
    mine = row_numbers(on, state)
    pipe = on.pipe
    other.pipe.flush()
    picked = ", ".join([f"r.{column}" for _, column in columns])
    pipe.wrap(
        f"SELECT l.*, {picked} FROM ({pipe.sql}) AS l LEFT JOIN ({other.pipe.sql}) AS r "
        f"ON l.{mine} = r.{theirs}"
    )
    state.sequence = None
    state.order = [Order(mine)]
    for name, column in columns:
        known = any(name == mine_name for mine_name, _ in state.shown.names)
        if known and not node.override:
            continue
        value = Value(Kind.TEXT, column)
        if known:
            before = pipe.let(shown(pipe, state.scope.resolve(pipe, tuple(name.split(".")))))
            value = Value(Kind.TEXT, pipe.let(f"coalesce({column}, {before})"))
        state.scope.names[name] = value
        state.shown.add(name)

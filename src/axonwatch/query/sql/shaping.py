"""Commands that change the rows' number or columns: unnest, expand, fillmissing, addtotals."""

from __future__ import annotations

from axonwatch.query.sql.context import Guard, refuse
from axonwatch.query.sql.expressions import Expressions
from axonwatch.query.sql.parsing import unnest
from axonwatch.query.sql.pipeline import Order
from axonwatch.query.sql.scope import Scope, Shown, State
from axonwatch.query.sql.structures import parsed
from axonwatch.query.sql.values import Kind, Value, number, shown
from axonwatch.syntax.insights import command_nodes as c
from axonwatch.syntax.text import SyntaxFault

MAXIMUM_FILLED = 100_000


def _as_json(on: Expressions, value: Value) -> str:
    """A value as JSON: maps and lists as they are, everything else as a string."""
    if value.kind is Kind.STRUCTURE:
        return value.sql
    column = on.let(on.text(value))
    encoded = f"CAST(to_json({column}) AS VARCHAR)"
    if value.whole is None:
        return encoded
    return f"CASE WHEN {column} IS NULL THEN {value.whole} ELSE {encoded} END"


def apply_unnest(on: Expressions, state: State, node: c.Unnest) -> None:
    """A row for each element of a list."""
    value = on.value(node.subject)
    held = on.let(_as_json(on, value))
    rows = (
        f"CASE WHEN json_type({held}) = 'ARRAY' THEN json_extract({held}, '$[*]')::VARCHAR[] "
        f"ELSE [{held}] END"
    )
    element = unnest(on, state, on.let(rows))
    state.scope.names[node.name.name] = Value(Kind.STRUCTURE, element)
    state.shown.add(node.name.name)


def apply_expand(on: Expressions, state: State, node: c.Expand) -> None:
    """A row for each element of a JSON array, which takes the field's place."""
    value = on.value(node.subject)
    array = parsed(on, value)
    kept = on.let(f"CAST(to_json({on.text(value)}) AS VARCHAR)")
    rows = on.let(
        f"CASE WHEN {array} IS NOT NULL AND json_type({array}) = 'ARRAY' "
        f"THEN json_extract({array}, '$[*]')::VARCHAR[] "
        f"ELSE [CASE WHEN {array} IS NOT NULL THEN {array} ELSE {kept} END] END"
    )
    element = unnest(on, state, rows)
    state.scope.names[node.subject.name] = Value(Kind.STRUCTURE, element)
    state.shown.add(node.subject.name)


def apply_fillmissing(on: Expressions, state: State, node: c.FillMissing) -> None:
    """Rows for the bins that have none, between the first and the last."""
    bins = state.bins
    if bins is None or bins.name not in state.scope.names:
        refuse(
            "fillmissing-without-bins",
            "`fillmissing` needs a stats with `by bin(..)` before it",
            node.span,
            label="no bins here",
            help="write `stats .. by bin(5m) | fillmissing`",
        )
    pipe, names = on.pipe, state.scope.names
    given = {field.name: on.value(value) for value, field in node.values}
    time = pipe.let(names[bins.name].sql)
    others = [pipe.let(names[name].sql) for name in bins.others]
    filled: list[tuple[str, Value]] = [
        (name, value) for name, value in names.items() if name not in {bins.name, *bins.others}
    ]
    sources = [pipe.let(value.sql) for _, value in filled]
    pipe.flush()
    rows, grid = pipe.names.new(), pipe.names.new()
    stamp, *keys = [pipe.names.new() for _ in range(1 + len(others))]
    picked = ", ".join(f"{other} AS {key}" for other, key in zip(others, keys, strict=True))
    groups = f", (SELECT DISTINCT {picked} FROM {rows})" if others else ""
    selected = [stamp, *keys]
    kept: dict[str, Value] = {}
    for (name, value), source in zip(filled, sources, strict=True):
        column = pipe.names.new()
        constant = given.get(name)
        default = "NULL" if constant is None else _constant(on, value, constant)
        kind = Kind.TEXT if constant is not None and value.kind is Kind.TEXT else value.kind
        selected.append(
            f"CASE WHEN r.{time} IS NULL THEN {default} ELSE r.{source} END AS {column}"
        )
        kept[name] = Value(kind, column)
    same = "".join(
        f" AND r.{other} IS NOT DISTINCT FROM g.{key}"
        for other, key in zip(others, keys, strict=True)
    )
    bounds = f"min({time}), max({time}) + 1, {bins.step_ms}"
    series = f"SELECT unnest(range({bounds})) AS {stamp} FROM {rows}"
    on.context.guards.append(
        Guard(
            f"SELECT (max({time}) - min({time})) // {bins.step_ms} FROM ({pipe.sql})",
            MAXIMUM_FILLED,
            SyntaxFault(
                "too-many-bins",
                f"`fillmissing` would make more than {MAXIMUM_FILLED} rows",
                node.span,
                label="too many bins between the first and the last",
                help="use longer bins, or a shorter time range",
            ),
        )
    )
    pipe.replace(
        f"WITH {rows} AS ({pipe.sql}), {grid} AS (SELECT * FROM ({series}){groups}) "
        f"SELECT {', '.join(selected)} FROM {grid} AS g LEFT JOIN {rows} AS r "
        f"ON r.{time} = g.{stamp}{same}"
    )
    names[bins.name] = Value(Kind.TIME, stamp)
    for name, key in zip(bins.others, keys, strict=True):
        names[name] = Value(names[name].kind, key)
    names.update(kept)
    state.order = [Order(stamp), *[Order(key) for key in keys]]


def _constant(on: Expressions, value: Value, constant: Value) -> str:
    """The constant, in the kind of the column that it fills."""
    if value.kind is Kind.TEXT:
        return shown(on.pipe, constant)
    as_number = number(on.pipe, constant)
    return f"CAST({as_number} AS {value.kind.value.split(',')[0]})"


def apply_addtotals(on: Expressions, state: State, node: c.AddTotals) -> None:
    """A column with the sum of each row, a row with the sum of each column."""
    pipe = on.pipe
    if node.fields:
        chosen = [(field.name, field.segments) for field in node.fields]
    else:
        chosen = list(state.shown.names)
    state.scope.fetch(pipe, [segments for _, segments in chosen])
    columns: list[tuple[str, str]] = []
    for name, segments in chosen:
        value = state.scope.resolve(pipe, segments)
        if value.kind in {Kind.TIME, Kind.STRUCTURE} or value.is_missing:
            continue
        columns.append((name, pipe.let(number(pipe, value))))
    if not columns:
        return
    if node.row:
        present = " OR ".join(f"{column} IS NOT NULL" for _, column in columns)
        total = " + ".join(f"coalesce({column}, 0)" for _, column in columns)
        state.scope.names[node.name] = Value(
            Kind.NUMBER, pipe.let(f"CASE WHEN {present} THEN {total} END")
        )
        state.shown.add(node.name)
        columns.append((node.name, state.scope.names[node.name].sql))
    if node.column:
        _add_summary(on, state, columns)


def _add_summary(on: Expressions, state: State, columns: list[tuple[str, str]]) -> None:
    """A last row with the sums; what is no time becomes text, so that it fits under any."""
    pipe, scope = on.pipe, state.scope
    columns_shown = state.columns
    state.scope.fetch(pipe, [segments for _, segments in columns_shown])
    shown_values = []
    for name, segments in columns_shown:
        value = scope.resolve(pipe, segments)
        is_time = value.kind is Kind.TIME
        column = pipe.let(value.sql if is_time else shown(pipe, value))
        shown_values.append((name, column, Kind.TIME if is_time else Kind.TEXT))
    order = state.order
    pipe.flush()
    rows = pipe.names.new()
    sums = dict(columns)
    texts, totals = [], []
    names: dict[str, Value] = {}
    for name, column, kind in shown_values:
        new = pipe.names.new()
        texts.append(f"{column} AS {new}")
        if name in sums:
            total = f"sum({sums[name]})"
            totals.append(
                f"CASE WHEN abs({total}) BETWEEN 1e15 AND 9e18 "
                f"THEN CAST(CAST({total} AS BIGINT) AS VARCHAR) "
                f"ELSE format('{{:.15g}}', {total}) END"
            )
        else:
            totals.append("NULL")
        names[name] = Value(kind, new)
    keys = [pipe.names.new() for _ in order]
    last = pipe.names.new()
    for key, name in zip(order, keys, strict=True):
        texts.append(f"{key.column} AS {name}")
        totals.append("NULL")
    pipe.replace(
        f"WITH {rows} AS MATERIALIZED ({pipe.sql}) "
        f"SELECT {', '.join([*texts, f'0 AS {last}'])} FROM {rows} "
        f"UNION ALL SELECT {', '.join([*totals, '1'])} FROM {rows} HAVING count(*) > 0"
    )
    state.scope = Scope(names=names)  # what is not shown has no place in the summary
    state.shown = Shown([(name, (name,)) for name in names], state.shown.decided, asked=True)
    state.sequence = None
    state.order = [
        Order(last),
        *[Order(name, key.descending) for key, name in zip(order, keys, strict=True)],
    ]

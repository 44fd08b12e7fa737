"""Commands that look along the rows: accum, autoregress, filldown, sessionize, outlier."""

from __future__ import annotations

import fnmatch

from axonwatch.query.sql.context import refuse
from axonwatch.query.sql.datetimes import time_column
from axonwatch.query.sql.expressions import Expressions
from axonwatch.query.sql.ordering import row_numbers
from axonwatch.query.sql.scope import State
from axonwatch.query.sql.values import Kind, Value, number_text
from axonwatch.syntax.insights import command_nodes as c
from axonwatch.syntax.insights import nodes as n
from axonwatch.syntax.insights.periods import milliseconds

HALF_HOUR_MS = 1_800_000


def _column(on: Expressions, value: Value) -> str:
    column = on.pipe.let(value.sql)
    on.pipe.flush()
    return column


def apply_accum(on: Expressions, state: State, node: c.Accum) -> None:
    """The sum of all values up to this row."""
    number = on.pipe.let(on.number(on.value(node.subject)))
    row = row_numbers(on, state)
    total = on.pipe.let(
        f"CASE WHEN {number} IS NOT NULL THEN sum({number}) OVER "
        f"(ORDER BY {row} ROWS UNBOUNDED PRECEDING) END"
    )
    on.pipe.flush()
    name = node.subject.name if node.alias is None else node.alias.name
    state.scope.names[name] = Value(Kind.NUMBER, total)
    state.shown.add(name)


def apply_autoregress(on: Expressions, state: State, node: c.Autoregress) -> None:
    """The values of earlier rows."""
    value = on.value(node.subject)
    column = _column(on, value)
    row = row_numbers(on, state)
    base = node.subject.name if node.alias is None else node.alias.name
    last = node.first if node.last is None else node.last
    for lag in range(node.first, last + 1):
        earlier = on.pipe.let(f"lag({column}, {lag}) OVER (ORDER BY {row})")
        bare = node.alias is not None and node.last is None
        name = base if bare else f"{base}_p{lag}"
        state.scope.names[name] = Value(value.kind, earlier)
        state.shown.add(name)
    on.pipe.flush()


def apply_filldown(on: Expressions, state: State, node: c.FillDown) -> None:
    """The last value that was there, in rows where it is missing."""
    names = [name for name, _ in state.shown.names]
    for pattern in node.patterns:
        if "*" not in pattern and pattern not in names:
            names.append(pattern)
    segments = dict(state.shown.names)
    chosen = [
        name
        for name in names
        if not node.patterns or any(fnmatch.fnmatchcase(name, p) for p in node.patterns)
    ]
    state.scope.fetch(on.pipe, [segments.get(name, tuple(name.split("."))) for name in chosen])
    row = row_numbers(on, state)
    for name in chosen:
        value = state.scope.resolve(on.pipe, segments.get(name, tuple(name.split("."))))
        if value.is_missing:
            continue
        column = _column(on, value)
        filled = on.pipe.let(
            f"last_value({column} IGNORE NULLS) OVER "
            f"(ORDER BY {row} ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)"
        )
        state.scope.names[name] = Value(value.kind, filled)
    on.pipe.flush()


def apply_sessionize(on: Expressions, state: State, node: c.Sessionize) -> None:
    """Numbers stretches of events of the same fields, without a long pause between them."""
    gap = HALF_HOUR_MS if node.gap is None else milliseconds(node.gap)
    stamp = on.scope.resolve(on.pipe, ("@timestamp",))
    if gap is None or stamp.is_missing:
        refuse(
            "no-time-after-stats",
            "`sessionize` needs @timestamp and a pause of fixed length",
            node.span,
            label="not to be had here",
            help="use it before stats, with a pause such as `30m`",
        )
    pipe = on.pipe
    keys = [pipe.let(on.text(on.value(field))) for field in node.fields]
    time, place = time_column(on, stamp), state.sequence or "0"
    present = " AND ".join(f"{key} IS NOT NULL" for key in keys)
    over = f"PARTITION BY {', '.join(keys)} ORDER BY {time}, {place}"
    opens = pipe.let(
        f"CASE WHEN {present} THEN CASE WHEN {time} - lag({time}) OVER ({over}) <= {gap} "
        "THEN 0 ELSE 1 END ELSE 0 END"
    )
    pipe.flush()
    within = pipe.let(f"sum({opens}) OVER ({over} ROWS UNBOUNDED PRECEDING)")
    pipe.flush()
    first = pipe.let(
        f"first_value({place}) OVER (PARTITION BY {', '.join(keys)}, {within} "
        f"ORDER BY {time}, {place})"
    )
    began = pipe.let(
        f"first_value({time}) OVER (PARTITION BY {', '.join(keys)}, {within} "
        f"ORDER BY {time}, {place})"
    )
    pipe.flush()
    # Events without one of the fields come last in this order, and have no session.
    session = pipe.let(
        f"CASE WHEN {present} THEN dense_rank() OVER (ORDER BY CASE WHEN {present} THEN 0 ELSE 1 "
        f"END, {began}, {first}, {', '.join(keys)}, {within}) END"
    )
    pipe.flush()
    name = "session_id" if node.alias is None else node.alias.name
    state.scope.names[name] = Value(Kind.INTEGER, session)
    state.shown.add(name)


def apply_outlier(on: Expressions, state: State, node: c.Outlier) -> None:
    """Values far outside the middle half are cut to the boundary, or their rows dropped."""
    pipe = on.pipe
    flags = []
    for field in node.fields:
        number = pipe.let(on.number(on.value(field)))
        pipe.flush()
        low = pipe.let(f"quantile_cont({number}, 0.25) OVER ()")
        high = pipe.let(f"quantile_cont({number}, 0.75) OVER ()")
        pipe.flush()
        reach = f"{float(node.factor)!r}::DOUBLE * ({high} - {low})"
        upper, lower = pipe.let(f"{high} + {reach}"), pipe.let(f"{low} - {reach}")
        pipe.flush()
        above = f"{number} > {upper}"
        below = f"{number} < {lower}" if node.use_lower else "false"
        outside = pipe.let(f"coalesce({above} OR {below}, false)")
        flags.append(outside)
        if node.action == "transform":
            cut = pipe.let(
                f"CASE WHEN {above} THEN {upper} WHEN {below} THEN {lower} ELSE {number} END"
            )
            _replace_number(on, state, field, cut, outside)
        if node.mark:
            name = f"{field.name}_outlier"
            state.scope.names[name] = Value(Kind.BOOLEAN, outside)
            state.shown.add(name)
    pipe.flush()
    if node.action == "remove":
        pipe.where(f"NOT ({' OR '.join(flags)})")


def _replace_number(on: Expressions, state: State, field: n.Field, cut: str, outside: str) -> None:
    """Rows that are no outliers keep their value as it was spelled."""
    value = on.value(field)
    if value.kind is Kind.TEXT:
        kept = on.pipe.let(value.sql)
        mixed = f"CASE WHEN {outside} THEN {number_text(cut)} ELSE {kept} END"
        state.scope.names[field.name] = Value(Kind.TEXT, on.pipe.let(mixed))
    else:
        state.scope.names[field.name] = Value(Kind.NUMBER, cut)

"""stats: groups, aggregates, and expressions over them."""

from __future__ import annotations

from collections.abc import Iterator

from axonwatch.query.sql.aggregates import (
    Aggregate,
    compile_aggregate,
    is_aggregate,
    whole_number,
)
from axonwatch.query.sql.context import refuse
from axonwatch.query.sql.datetimes import bin_value
from axonwatch.query.sql.expressions import Expressions
from axonwatch.query.sql.pipeline import Order
from axonwatch.query.sql.scope import Bins, Scope, Shown, State
from axonwatch.query.sql.values import Kind, Value, shown
from axonwatch.syntax.insights import command_nodes as c
from axonwatch.syntax.insights import nodes as n
from axonwatch.syntax.insights.periods import clamp_bin, milliseconds

Given = dict[n.Expression, Value]


def apply_stats(on: Expressions, state: State, node: c.Stats) -> None:
    """Group, aggregate, and name what comes out."""
    topk = _topk(node)
    if topk is not None:
        _apply_topk(on, state, *topk)
        return
    keys = [(item, _key(on, item, node)) for item in node.by]
    calls = list(dict.fromkeys(call for item in node.items for call in _calls(item.expression)))
    aggregates = [compile_aggregate(on, call) for call in calls]
    pipe = on.pipe
    columns = [pipe.let(value.sql) for _, value in keys]
    pipe.flush()
    scope, given = Scope(), {}
    selected = []
    for (item, value), column in zip(keys, columns, strict=True):
        name = pipe.names.new()
        selected.append(f"{column} AS {name}")
        scope.names[item.column] = Value(value.kind, name)
        given[item.expression] = scope.names[item.column]
    for call, sql, kind in zip(
        calls, _shared(aggregates), [found.kind for found in aggregates], strict=True
    ):
        name = pipe.names.new()
        selected.append(f"{sql} AS {name}")
        given[call] = Value(kind, name)
    counted = pipe.names.new()
    selected.append(f"count(*) AS {counted}")
    order = [Order(given[item.expression].sql) for item, _ in keys]
    groups = f" GROUP BY {', '.join(columns)}" if columns else " HAVING count(*) > 0"
    pipe.replace(f"SELECT {', '.join(selected)} FROM ({pipe.sql}){groups}")
    _name_results(on, state, node, scope, given)
    state.order = order
    state.bins = _bins(node)


def _name_results(on: Expressions, state: State, node: c.Stats, scope: Scope, given: Given) -> None:
    """Expressions over the aggregates; each may use the names given before it."""
    state.shown = Shown(asked=True)
    state.sequence, state.after_stats = None, True
    state.scope = scope
    for item in node.by:
        state.shown.add(item.column)
    after = Expressions(on.context, on.pipe, scope, given=given)
    for item in node.items:
        _refuse_loose_fields(item, scope, given)
        scope.names[item.column] = after.value(item.expression)
        state.shown.add(item.column)


def _refuse_loose_fields(item: n.Item, scope: Scope, given: Given) -> None:
    """A field outside of an aggregate must be a key, or a name given before."""
    waiting: list[object] = [item.expression]
    while waiting:
        one = waiting.pop()
        if isinstance(one, tuple):
            waiting += one
        elif isinstance(one, n.Field):
            if one not in given and one.name not in scope.names:
                refuse(
                    "not-aggregated",
                    f"`{one.name}` is neither aggregated nor a key of this stats",
                    one.span,
                    label="one row stands for many values here",
                    help=f"write `latest({one.name})`, or add it after `by`",
                )
        elif isinstance(one, n.Node) and not is_aggregate(one) and one not in given:
            waiting += one.inner()


def _calls(node: n.Expression) -> Iterator[n.Call]:
    """The aggregate calls of an expression, from left to right."""
    waiting: list[object] = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, tuple):
            waiting += reversed(one)
        elif is_aggregate(one):
            assert isinstance(one, n.Call)  # noqa: S101  # is_aggregate says so
            yield one
        elif isinstance(one, n.Node):
            waiting += reversed(one.inner())


def _key(on: Expressions, item: n.Item, node: c.Stats) -> Value:
    """The value by which rows are grouped."""
    expression = item.expression
    if isinstance(expression, n.Call) and expression.function.lower() == "histogram":
        return _range_key(on, expression)
    if isinstance(expression, n.Call) and expression.function.lower() == "bin":
        offset = milliseconds(node.offset) if node.offset is not None else 0
        if offset is None:
            refuse(
                "invalid-period",
                "an offset needs a fixed length",
                expression.span,
                label="months differ in length",
                help="write it in days",
            )
        return bin_value(on, expression, offset)
    if is_aggregate(expression):
        refuse(
            "misplaced-function",
            "an aggregate cannot be a key",
            expression.span,
            label="stands after `by`",
            help="aggregate first, then group in a second stats",
        )
    value = on.value(expression)
    if value.kind is Kind.STRUCTURE:
        return Value(Kind.TEXT, on.text(value))
    return value


def _range_key(on: Expressions, call: n.Call) -> Value:
    """The lower end of the range of width n in which a number lies."""
    width = call.arguments[1] if len(call.arguments) == 2 else None
    if not isinstance(width, n.Number) or float(width.text) <= 0:
        refuse(
            "out-of-range",
            "`histogram` takes a field and the width of its ranges",
            call.span,
            label="no width",
            help="write `histogram(f, 100)`",
        )
    number = on.number(on.value(call.arguments[0]))
    step = f"{float(width.text)!r}::DOUBLE"
    return Value(Kind.NUMBER, f"floor({number} / {step}) * {step}")


def _shared(aggregates: list[Aggregate]) -> list[str]:
    """The SQL of each; percentiles of one column are computed together."""
    wanted: dict[str, list[float]] = {}
    for one in aggregates:
        if one.percentile is not None:
            column, share = one.percentile
            wanted.setdefault(column, []).append(share)
    shown_sql = []
    for one in aggregates:
        column, share = one.percentile or ("", 0.0)
        shares = wanted.get(column, [])
        if len(shares) < 2:
            shown_sql.append(one.sql)
            continue
        listed = ", ".join(repr(x) for x in shares)
        shown_sql.append(f"quantile_cont({column}, [{listed}])[{shares.index(share) + 1}]")
    return shown_sql


def _bins(node: c.Stats) -> Bins | None:
    """What fillmissing needs: the bin among the keys."""
    for item in node.by:
        call = item.expression
        if isinstance(call, n.Call) and call.function.lower() in {"bin", "datefloor", "dateceil"}:
            period = call.arguments[-1] if call.arguments else None
            if isinstance(period, n.Duration):
                step = milliseconds(clamp_bin(period))
                others = tuple(other.column for other in node.by if other is not item)
                return Bins(item.column, step, others) if step is not None else None
    return None


def _topk(node: c.Stats) -> tuple[n.Item, n.Call] | None:
    for item in node.items:
        for call in _calls(item.expression):
            if call.function.lower() == "topk":
                if len(node.items) > 1 or node.by or item.expression is not call:
                    refuse(
                        "topk-alone",
                        "`topk` stands alone: without `by` and without other functions",
                        call.span,
                        label="not alone here",
                        help="write `stats count(*) as n by f | sort n desc | limit k`",
                    )
                return item, call
    return None


def _apply_topk(on: Expressions, state: State, item: n.Item, call: n.Call) -> None:
    """A row for each of the most frequent values, with its count."""
    most = whole_number(call, 0, 1, 10_000)
    value = on.value(call.arguments[1])
    pipe = on.pipe
    column = pipe.let(shown(pipe, value))
    pipe.flush()
    name, count = pipe.names.new(), pipe.names.new()
    pipe.replace(
        f"SELECT {column} AS {name}, count(*) AS {count} FROM ({pipe.sql}) "
        f"WHERE {column} IS NOT NULL GROUP BY {column} ORDER BY {count} DESC, {name} LIMIT {most}"
    )
    state.scope = Scope(names={item.column: Value(Kind.TEXT, name)})
    state.scope.names["count"] = Value(Kind.INTEGER, count)
    state.shown = Shown(asked=True)
    state.shown.add(item.column)
    state.shown.add("count")
    state.order = [Order(count, descending=True), Order(name)]
    state.sequence, state.after_stats = None, True


def apply_count_frequent(on: Expressions, state: State, node: c.CountFrequent) -> None:
    """How often each combination of values comes, the most frequent first."""
    pipe = on.pipe
    values = [on.value(field) for field in node.fields]
    columns = [pipe.let(shown(pipe, value)) for value in values]
    pipe.flush()
    names = [pipe.names.new() for _ in columns]
    count = pipe.names.new()
    selected = [f"{column} AS {name}" for column, name in zip(columns, names, strict=True)]
    pipe.replace(
        f"SELECT {', '.join(selected)}, count(*) AS {count} FROM ({pipe.sql}) "
        f"GROUP BY {', '.join(columns)}"
    )
    state.scope, state.shown = Scope(), Shown(asked=True)
    for field, name in zip(node.fields, names, strict=True):
        state.scope.names[field.name] = Value(Kind.TEXT, name)
        state.shown.add(field.name)
    state.scope.names["_approxcount"] = Value(Kind.INTEGER, count)
    state.shown.add("_approxcount")
    state.order = [Order(count, descending=True), *[Order(name) for name in names]]
    state.sequence, state.after_stats = None, True

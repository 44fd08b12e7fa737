"""Aggregate functions of stats -> SQL aggregates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from axonwatch.query.sql.context import refuse
from axonwatch.query.sql.datetimes import period_of, time_column
from axonwatch.query.sql.expressions import Expressions
from axonwatch.query.sql.values import Kind, Value, natural_key, number_text, present, shown
from axonwatch.syntax.insights import nodes as n
from axonwatch.syntax.insights.functions import AGGREGATE, BY_NAME
from axonwatch.syntax.insights.periods import milliseconds


@dataclass(frozen=True)
class Aggregate:
    """An aggregate's SQL, over columns of the layer below, and what it gives.

    `share` is (function, column, argument) for aggregates that can be computed together.
    """

    kind: Kind
    sql: str
    percentile: tuple[str, float] | None = None


AggregateFunction = Callable[[Expressions, n.Call], Aggregate]
AGGREGATES: dict[str, AggregateFunction] = {}


def aggregate(*names: str) -> Callable[[AggregateFunction], AggregateFunction]:
    """Register the evaluation of an aggregate function."""

    def register(function: AggregateFunction) -> AggregateFunction:
        for name in names:
            AGGREGATES[name] = function
        return function

    return register


def is_aggregate(node: object) -> bool:
    """Whether a node is the call of an aggregate function."""
    if not isinstance(node, n.Call):
        return False
    rule = BY_NAME.get(node.function.lower())
    return rule is not None and rule.kind == AGGREGATE


def compile_aggregate(on: Expressions, node: n.Call) -> Aggregate:
    """The SQL of one call."""
    return AGGREGATES[BY_NAME[node.function.lower()].name](on, node)


def _value(on: Expressions, node: n.Call, place: int = 0) -> Value:
    return on.value(node.arguments[place])


def _number(on: Expressions, node: n.Call) -> str:
    return on.let(on.number(_value(on, node)))


def _plain(name: str, form: str) -> None:
    @aggregate(name)
    def function(on: Expressions, node: n.Call) -> Aggregate:
        return Aggregate(Kind.NUMBER, form.format(_number(on, node)))


_plain("avg", "avg({0})")
_plain("sum", "sum({0})")
_plain("sumOverTime", "sum({0})")
_plain("stddev", "stddev_pop({0})")
_plain("variance", "var_pop({0})")


@aggregate("count", "countOverTime")
def count(on: Expressions, node: n.Call) -> Aggregate:
    """Rows, or rows that have the field."""
    if not node.arguments or isinstance(node.arguments[0], n.Star):
        return Aggregate(Kind.INTEGER, "count(*)")
    value = _value(on, node)
    if value.is_missing:
        return Aggregate(Kind.INTEGER, "nullif(count(*), count(*))")
    # Of a group without the field, the pair is absent, not 0.
    return Aggregate(Kind.INTEGER, f"nullif(count({on.let(present(value))}), 0)")


@aggregate("countDistinct")
def count_distinct(on: Expressions, node: n.Call) -> Aggregate:
    """Different texts."""
    return Aggregate(Kind.INTEGER, f"count(DISTINCT {on.let(on.text(_value(on, node)))})")


@aggregate("pct")
def pct(on: Expressions, node: n.Call) -> Aggregate:
    """The percentile, between the two nearest values."""
    given = node.arguments[1]
    share = float(given.text) if isinstance(given, n.Number) else -1.0
    if not 0 <= share <= 100:
        refuse(
            "invalid-percentile",
            "a percentile is a number from 0 to 100",
            given.span,
            label="not one",
            help="write `pct(f, 95)`",
        )
    column = _number(on, node)
    return Aggregate(
        Kind.NUMBER, f"quantile_cont({column}, {share / 100!r})", (column, share / 100)
    )


@dataclass(frozen=True)
class _Sorted:
    column: str
    number: str
    natural: str


def _sorted(on: Expressions, value: Value) -> _Sorted:
    column = on.let(on.text(value))
    number = on.let(on.number(Value(Kind.TEXT, column)))
    return _Sorted(column, number, on.let(natural_key(column, number)))


@aggregate("max", "min")
def extreme(on: Expressions, node: n.Call) -> Aggregate:
    """Of numbers the largest or smallest; of other texts the last or first in sort order."""
    value = _value(on, node)
    word = node.function.lower()
    if value.kind is Kind.INTEGER or value.kind is Kind.TIME:
        return Aggregate(Kind.INTEGER, f"{word}({on.let(value.sql)})")
    if value.kind not in {Kind.TEXT, Kind.STRUCTURE}:
        return Aggregate(Kind.NUMBER, f"{word}({_number(on, node)})")
    keys = _sorted(on, value)
    best = f"{word}({keys.number})"
    other = f"arg_{word}({keys.column}, {keys.natural})"
    return Aggregate(Kind.TEXT, f"coalesce({number_text(best)}, {other})")


@aggregate("sortsFirst")
def sorts_first(on: Expressions, node: n.Call) -> Aggregate:
    """The first in sort order: texts stand before numbers."""
    keys = _sorted(on, _value(on, node))
    return Aggregate(
        Kind.TEXT,
        f"coalesce(arg_min({keys.column}, {keys.natural}), arg_min({keys.column}, {keys.number}))",
    )


@aggregate("sortsLast")
def sorts_last(on: Expressions, node: n.Call) -> Aggregate:
    """The last in sort order: numbers stand behind texts."""
    keys = _sorted(on, _value(on, node))
    return Aggregate(
        Kind.TEXT,
        f"coalesce(arg_max({keys.column}, {keys.number}), arg_max({keys.column}, {keys.natural}))",
    )


def _stamp(on: Expressions, node: n.Call) -> tuple[str, str]:
    """The event's time, and its time with its place, so that no two are equal."""
    time = on.scope.resolve(on.pipe, ("@timestamp",))
    if time.is_missing:
        refuse(
            "no-time-after-stats",
            f"`{node.function}` needs @timestamp, which is gone after stats",
            node.span,
            label="no time here",
            help="use it in the first stats",
        )
    column = time_column(on, time)
    place = on.sequence or "0"
    return column, on.let(f"CAST({column} AS HUGEINT) * 1000000000000 + {place}")


@aggregate("earliest", "latest")
def earliest(on: Expressions, node: n.Call) -> Aggregate:
    """The value of the first or last event that has one."""
    value = _value(on, node)
    _, place = _stamp(on, node)
    word = "arg_min" if node.function.lower() == "earliest" else "arg_max"
    kind = Kind.INTEGER if value.kind is Kind.TIME else value.kind
    return Aggregate(kind, f"{word}({on.let(value.sql)}, {place})")


@aggregate("values")
def values(on: Expressions, node: n.Call) -> Aggregate:
    """The different values, as a list."""
    column = on.let(shown(on.pipe, _value(on, node)))
    listed = f"list_sort(list(DISTINCT {column}) FILTER (WHERE {column} IS NOT NULL))"
    return Aggregate(Kind.STRUCTURE, f"CAST(to_json({listed}) AS VARCHAR)")


@aggregate("rate")
def rate(on: Expressions, node: n.Call) -> Aggregate:
    """The change of a number, per period of the time between its first and last event."""
    step = milliseconds(period_of(node, 1))
    if step is None:
        refuse(
            "invalid-period",
            "a rate needs a period of fixed length",
            node.arguments[1].span,
            label="months differ in length",
            help="write it in days",
        )
    number = _number(on, node)
    time, place = _stamp(on, node)
    having = f"FILTER (WHERE {number} IS NOT NULL)"
    change = f"(arg_max({number}, {place}) - arg_min({number}, {place}))"
    between = f"nullif(max({time}) {having} - min({time}) {having}, 0)"
    return Aggregate(Kind.NUMBER, f"({change} * {step} / {between})")


@aggregate("histogram")
def histogram(on: Expressions, node: n.Call) -> Aggregate:
    """How many values lie in each of n equal ranges, as a map."""
    buckets = whole_number(node, 1, 1, 1000)
    column = _number(on, node)
    low, high = f"min({column})", f"max({column})"
    # The difference of two very large numbers is no number; that of their parts is one.
    fits = f"isfinite({high} - {low})"
    width = (
        f"(CASE WHEN {fits} THEN ({high} - {low}) / {buckets} "
        f"ELSE {high} / {buckets} - {low} / {buckets} END)"
    )
    steps = (
        f"CASE WHEN {fits} THEN (x - {low}) / nullif({width}, 0) "
        f"ELSE x / nullif({width}, 0) - {low} / nullif({width}, 0) END"
    )
    place = f"least(TRY_CAST(floor({steps}) AS INTEGER), {buckets - 1})"
    values = f"list({column}) FILTER (WHERE {column} IS NOT NULL)"
    count_of = f"len(list_filter({values}, lambda x: coalesce({place}, 0) = i))"

    def edge(number: str) -> str:
        mixed = f"{low} * (1 - {number} / {buckets}) + {high} * ({number} / {buckets})"
        exact = f"CASE WHEN {fits} THEN {low} + {number} * {width} ELSE {mixed} END"
        return f"format('{{:.15g}}', {exact})"

    entry = f"'\"' || {edge('i')} || '-' || {edge('(i + 1)')} || '\":' || {count_of}"
    entries = f"list_transform(range({buckets}), lambda i: {entry})"
    return Aggregate(
        Kind.STRUCTURE,
        f"CASE WHEN count({column}) > 0 THEN '{{' || array_to_string({entries}, ',') || '}}' END",
    )


def whole_number(node: n.Call, place: int, least: int, most: int) -> int:
    """The whole number that a call has at a place."""
    given = node.arguments[place]
    value = int(given.text) if isinstance(given, n.Number) and given.text.isdecimal() else -1
    if not least <= value <= most:
        refuse(
            "out-of-range",
            f"`{node.function}` takes a whole number from {least} to {most}",
            given.span,
            label="not one",
        )
    return value

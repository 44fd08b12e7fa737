"""Numeric and general functions."""

from __future__ import annotations

from axonwatch.query.sql.expressions import Expressions, scalar
from axonwatch.query.sql.values import MISSING, NULL_TEXT, Kind, Value, present, shown
from axonwatch.syntax.insights import nodes as n

_EARTH_KM = 6371.0
_INT_LIMIT = 2**31
_LONG_LIMIT = 9.2e18
_NUMBERS = {Kind.NUMBER, Kind.INTEGER, Kind.BOOLEAN}


def _number(sql: str) -> Value:
    return Value(Kind.NUMBER, sql)


def _plain(name: str, form: str) -> None:
    @scalar(name)
    def function(on: Expressions, arguments: list[Value], node: n.Call) -> Value:
        del node
        return _number(form.format(on.let(on.number(arguments[0]))))


_plain("abs", "abs({0})")
_plain("ceil", "ceil({0})")
_plain("floor", "floor({0})")
_plain("log", "CASE WHEN {0} > 0 THEN ln({0}) END")
_plain("sqrt", "CASE WHEN {0} >= 0 THEN sqrt({0}) END")
_plain("toNumber", "{0}")
_plain("toDouble", "{0}")


@scalar("greatest", "least")
def extreme(on: Expressions, arguments: list[Value], node: n.Call) -> Value:
    """The largest or smallest of the numbers that are there."""
    word = "greatest" if node.function.lower() == "greatest" else "least"
    return _number(f"{word}({', '.join([on.number(argument) for argument in arguments])})")


@scalar("round")
def round_(on: Expressions, arguments: list[Value], node: n.Call) -> Value:
    """Halves away from zero."""
    del node
    one = on.number(arguments[0])
    if len(arguments) == 1:
        return _number(f"round({one})")
    digits = on.let(on.number(arguments[1]))
    return _number(f"round({one}, CAST(greatest(least({digits}, 15), -15) AS INTEGER))")


@scalar("toInt")
def to_int(on: Expressions, arguments: list[Value], node: n.Call) -> Value:
    """Truncated; nothing beyond 32 bits."""
    del node
    whole = on.let(f"trunc({on.number(arguments[0])})")
    fits = f"{whole} >= -{_INT_LIMIT} AND {whole} < {_INT_LIMIT}"
    return Value(Kind.INTEGER, f"CASE WHEN {fits} THEN CAST({whole} AS BIGINT) END")


@scalar("toLong")
def to_long(on: Expressions, arguments: list[Value], node: n.Call) -> Value:
    """Truncated; nothing beyond 64 bits. A text of digits keeps all of them."""
    del node
    whole = on.let(f"trunc({on.number(arguments[0])})")
    rounded = f"CASE WHEN abs({whole}) < {_LONG_LIMIT} THEN CAST({whole} AS BIGINT) END"
    if arguments[0].kind is Kind.TEXT and not arguments[0].is_missing:
        text = on.let(on.text(arguments[0]))
        exact = (
            f"CASE WHEN regexp_full_match({text}, '-?[0-9]+') THEN TRY_CAST({text} AS BIGINT) END"
        )
        rounded = f"coalesce({exact}, {rounded})"
    return Value(Kind.INTEGER, rounded)


@scalar("haversine")
def haversine(on: Expressions, arguments: list[Value], node: n.Call) -> Value:
    """Kilometres between two points given in degrees."""
    del node
    lat1, lon1, lat2, lon2 = [on.let(f"radians({on.number(argument)})") for argument in arguments]
    part = (
        f"pow(sin(({lat2} - {lat1}) / 2), 2) "
        f"+ cos({lat1}) * cos({lat2}) * pow(sin(({lon2} - {lon1}) / 2), 2)"
    )
    return _number(f"2 * {_EARTH_KM} * asin(least(1.0, sqrt({part})))")


def unify(on: Expressions, values: list[Value]) -> tuple[Kind, list[str]]:
    """The kind that several values have in common, and their SQL in it."""
    kinds = {value.kind for value in values if not value.is_missing}
    if len(kinds) == 1:
        kind = kinds.pop()
        missing = f"CAST(NULL AS {kind.value.split(',')[0]})"
        return kind, [missing if value.is_missing else value.sql for value in values]
    if kinds and kinds <= _NUMBERS:
        return Kind.NUMBER, [on.number(value) for value in values]
    return Kind.TEXT, [shown(on.pipe, value) for value in values]


@scalar("coalesce")
def coalesce(on: Expressions, arguments: list[Value], node: n.Call) -> Value:
    """The first that is not missing."""
    del node
    kind, parts = unify(on, arguments)
    return Value(kind, f"coalesce({', '.join(parts)})")


@scalar("case")
def case(on: Expressions, arguments: list[Value], node: n.Call) -> Value:
    """The value behind the first condition that holds, or the last one."""
    pairs = len(arguments) // 2
    conditions = [on.condition(node.arguments[2 * place], loose=True) for place in range(pairs)]
    results = [arguments[2 * place + 1] for place in range(pairs)]
    results.append(arguments[-1] if len(arguments) % 2 else MISSING)
    kind, parts = unify(on, results)
    branches = [
        f"WHEN {condition} THEN {part}"
        for condition, part in zip(conditions, parts[:-1], strict=True)
    ]
    return Value(kind, f"CASE {' '.join(branches)} ELSE {parts[-1]} END")


@scalar("if")
def if_(on: Expressions, arguments: list[Value], node: n.Call) -> Value:
    """A case of one branch."""
    kind, parts = unify(on, arguments[1:])
    condition = on.condition(node.arguments[0], loose=True)
    return Value(kind, f"CASE WHEN {condition} THEN {parts[0]} ELSE {parts[1]} END")


@scalar("ispresent")
def is_present(on: Expressions, arguments: list[Value], node: n.Call) -> Value:
    """Whether the field is there."""
    del on, node
    sql = "false" if arguments[0].is_missing else f"({present(arguments[0])} IS NOT NULL)"
    return Value(Kind.BOOLEAN, sql)


@scalar("isNumeric")
def is_numeric(on: Expressions, arguments: list[Value], node: n.Call) -> Value:
    """Whether the value is a number."""
    del node
    return Value(Kind.BOOLEAN, f"({on.number(arguments[0])} IS NOT NULL)")


@scalar("messageSize")
def message_size(on: Expressions, arguments: list[Value], node: n.Call) -> Value:
    """Bytes of the message, or of the field given."""
    del node
    of = arguments[0] if arguments else on.scope.resolve(on.pipe, ("@message",))
    return Value(Kind.INTEGER, f"strlen({on.text(of)})")


@scalar("unmask")
def unmask(on: Expressions, arguments: list[Value], node: n.Call) -> Value:
    """Nothing is masked here."""
    del on, node
    return arguments[0]


def missing_of(kind: Kind) -> str:
    """NULL of a kind."""
    return NULL_TEXT if kind in {Kind.TEXT, Kind.STRUCTURE} else f"NULL::{kind.value.split(',')[0]}"

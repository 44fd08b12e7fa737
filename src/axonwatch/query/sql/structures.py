"""JSON functions: maps and lists."""

from __future__ import annotations

from axonwatch.query.sql.expressions import Expressions, scalar
from axonwatch.query.sql.strings import BLANKS
from axonwatch.query.sql.values import Kind, Value, structure
from axonwatch.syntax.insights import nodes as n


@scalar("jsonParse")
def json_parse(on: Expressions, arguments: list[Value], node: n.Call) -> Value:
    """The map or list that a text spells; nothing for anything else."""
    del node
    return Value(Kind.STRUCTURE, parsed(on, arguments[0]))


def parsed(on: Expressions, value: Value) -> str:
    """A column with the JSON text of a map or list, or NULL."""
    if value.kind is Kind.STRUCTURE:
        return on.let(value.sql)
    text = on.let(structure(on.pipe, value))
    opened = on.let(
        f"CASE WHEN ascii({text}) IN (91, 123) THEN {text} "
        f"WHEN ascii({text}) <= 32 AND ascii(ltrim({text}, {BLANKS})) IN (91, 123) THEN {text} END"
    )
    return on.let(f"CASE WHEN json_valid({opened}) THEN {opened} END")


@scalar("jsonStringify")
def json_stringify(on: Expressions, arguments: list[Value], node: n.Call) -> Value:
    """The text of a map or list, without blanks."""
    del node
    column = parsed(on, arguments[0])
    return Value(
        Kind.TEXT, f"CASE WHEN {column} IS NOT NULL THEN CAST(json({column}) AS VARCHAR) END"
    )


def array_column(on: Expressions, value: Value) -> str:
    """A column with the JSON text of a list, or NULL."""
    column = parsed(on, value)
    return on.let(f"CASE WHEN json_type({column}) = 'ARRAY' THEN {column} END")


@scalar("jsonArraySize")
def json_array_size(on: Expressions, arguments: list[Value], node: n.Call) -> Value:
    """The number of elements of a list."""
    del node
    array = array_column(on, arguments[0])
    return Value(Kind.INTEGER, f"CAST(json_array_length({array}) AS BIGINT)")


@scalar("jsonArrayContains")
def json_array_contains(on: Expressions, arguments: list[Value], node: n.Call) -> Value:
    """Whether a list holds a value, compared as text."""
    del node
    array = array_column(on, arguments[0])
    wanted = on.text(arguments[1])
    elements = f"json_extract_string({array}, '$[*]')"
    return Value(Kind.BOOLEAN, f"coalesce(list_contains({elements}, {wanted}), false)")

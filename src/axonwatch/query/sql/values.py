"""Values of expressions: a kind, and the SQL that computes them.

The language is untyped: what looks like a number is one, true is 1, and what cannot be had is
missing. `number`, `text` and `truth` turn a value of any kind into what an operation wants.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from axonwatch.query.sql.pipeline import Pipeline, quote_text

NULL_TEXT = "NULL::VARCHAR"
FIRST_MS = -62_135_596_800_000
LAST_MS = 253_402_300_799_999
FARTHEST_MS = 9_000_000_000_000_000
_NUMBER = re.compile(r"\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*", re.ASCII)


class Kind(Enum):
    """What the SQL of a value gives."""

    TEXT = "VARCHAR"
    NUMBER = "DOUBLE"
    INTEGER = "BIGINT"
    BOOLEAN = "BOOLEAN"
    TIME = "BIGINT, epoch milliseconds"
    STRUCTURE = "VARCHAR, a JSON text"


@dataclass(frozen=True)
class Value:
    """A value. `literal` is its text if the query spells it out.

    `whole` is SQL for the text of a map or list, where `sql`, being a field, gives nothing;
    `nested`: that map or list is a value of its own, because jsonParse opened what it lies in;
    `truth` the number of a field that is a JSON boolean.
    """

    kind: Kind
    sql: str
    literal: str | None = None
    whole: str | None = None
    truth: str | None = None
    nested: bool = False

    @property
    def is_missing(self) -> bool:
        """Whether the value is missing in every row."""
        return self.sql == NULL_TEXT


MISSING = Value(Kind.TEXT, NULL_TEXT)


def read_number(text: str) -> float | None:
    """The number that a text is, if it is one."""
    if not _NUMBER.fullmatch(text):
        return None
    number = float(text)
    return number if abs(number) != float("inf") else None


def number_sql(number: float) -> str:
    """A DOUBLE literal."""
    return f"{number!r}::DOUBLE" if number >= 0 else f"({number!r}::DOUBLE)"


def text_literal(text: str) -> Value:
    """A string of the query."""
    return Value(Kind.TEXT, quote_text(text), literal=text)


def number(pipe: Pipeline, value: Value) -> str:
    """DOUBLE SQL of a value; NULL for what is no number."""
    if value.kind is Kind.NUMBER:
        return value.sql
    if value.literal is not None:
        found = read_number(value.literal)
        return "NULL::DOUBLE" if found is None else number_sql(found)
    if value.is_missing:
        return "NULL::DOUBLE"
    if value.kind in {Kind.INTEGER, Kind.TIME, Kind.BOOLEAN}:
        return f"CAST({value.sql} AS DOUBLE)"
    column = pipe.let(value.whole or text(pipe, value))
    cast = pipe.let(f"TRY_CAST({column} AS DOUBLE)")
    # DuckDB takes `nan`, `inf` and `1_000` for numbers.
    is_number = f"isfinite({cast}) AND NOT contains({column}, '_')"
    other = ""
    if value.truth is not None:
        other = f" WHEN {column} IN ('true', 'false') THEN {value.truth}"
    return pipe.let(f"CASE WHEN {is_number} THEN {cast}{other} END")


def text(pipe: Pipeline, value: Value) -> str:
    """VARCHAR SQL of a value; NULL for maps and lists."""
    match value.kind:
        case Kind.TEXT:
            return value.sql
        case Kind.INTEGER:
            return f"CAST({value.sql} AS VARCHAR)"
        case Kind.NUMBER:
            return number_text(pipe.let(value.sql))
        case Kind.BOOLEAN:
            column = pipe.let(value.sql)
            return f"CASE WHEN {column} THEN '1' WHEN NOT {column} THEN '0' END"
        case Kind.TIME:
            return time_text(pipe.let(value.sql))
        case Kind.STRUCTURE:
            return scalar_text(pipe.let(value.sql))


def shown(pipe: Pipeline, value: Value) -> str:
    """VARCHAR SQL of a value as results show it: a map or list as JSON."""
    if value.nested:
        return f"coalesce({value.sql}, {value.whole})"
    if value.kind is not Kind.STRUCTURE:
        return text(pipe, value)
    column = pipe.let(value.sql)
    return f"CASE WHEN ascii({column}) IN (91, 123) THEN {column} ELSE {scalar_text(column)} END"


def scalar_text(column: str) -> str:
    """The text of a column that holds JSON; NULL for a map or list."""
    return (
        f"CASE WHEN ascii({column}) IN (91, 123) THEN NULL WHEN {column} = 'true' THEN '1' "
        f"WHEN {column} = 'false' THEN '0' ELSE json_extract_string({column}, '$') END"
    )


def number_text(column: str) -> str:
    """A DOUBLE column as text: 15 digits, whole numbers without a point."""
    return (
        f"CASE WHEN NOT isfinite({column}) THEN NULL "
        f"WHEN abs({column}) BETWEEN 1e15 AND 9e18 AND {column} = trunc({column}) "
        f"THEN CAST(CAST({column} AS BIGINT) AS VARCHAR) "
        f"ELSE format('{{:.15g}}', {column} + 0.0) END"
    )


def time_text(column: str) -> str:
    """A time column as results show it."""
    return (
        f"CASE WHEN {column} BETWEEN {FIRST_MS} AND {LAST_MS} "
        f"THEN strftime(make_timestamp_ms({column}), '%Y-%m-%d %H:%M:%S.%g') "
        f"ELSE CAST({column} AS VARCHAR) END"
    )


def truth(pipe: Pipeline, value: Value) -> str:
    """BOOLEAN SQL of a value: a number is true unless it is 0, another text is false."""
    if value.kind is Kind.BOOLEAN:
        return value.sql
    if value.is_missing:
        return "NULL::BOOLEAN"
    column = pipe.let(number(pipe, value))
    if value.kind in {Kind.NUMBER, Kind.INTEGER, Kind.TIME}:
        return f"({column} <> 0)"
    present = text(pipe, value)
    return (
        f"CASE WHEN {column} IS NULL AND ({present}) IS NOT NULL THEN false ELSE {column} <> 0 END"
    )


def present(value: Value) -> str:
    """SQL that is NULL where the value is missing."""
    return value.whole if value.nested and value.whole is not None else value.sql


def structure(pipe: Pipeline, value: Value) -> str:
    """VARCHAR SQL of the text in which a function looks for JSON."""
    if value.whole is not None:
        return value.whole
    if value.kind is Kind.STRUCTURE:
        return value.sql
    return text(pipe, value)


def natural_key(column: str, number_column: str) -> str:
    """The key by which texts that are no numbers sort.

    Runs of digits compare by length, then by value, runs of other characters by code point: a run
    of digits gets a `0`, which keeps its place among the code points, and its length; another run
    an end that stands before all characters, so that it ends before a longer one.
    Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Sort.html
    """
    parts = f"regexp_extract_all({column}, '[0-9]+|[^0-9]+')"
    encode = (
        "lambda x: CASE WHEN ascii(x) BETWEEN 48 AND 57 "
        "THEN '0' || lpad(CAST(strlen(x) AS VARCHAR), 8, '0') || x ELSE x || chr(1) END"
    )
    key = f"array_to_string(list_transform({parts}, {encode}), '')"
    return f"CASE WHEN {number_column} IS NULL THEN {key} END"

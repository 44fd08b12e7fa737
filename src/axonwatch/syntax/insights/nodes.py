"""The tree of a Logs Insights query: frozen values, each with its span in the text.

Expressions are here, commands in `command_nodes`.
Spans, and the source text of unnamed columns, take no part in comparisons, so that a printed and
parsed tree equals the first one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from axonwatch.syntax.text import TextSpan

NOWHERE = TextSpan(0, 0)


@dataclass(frozen=True, kw_only=True)
class Node:
    """What all nodes have: the stretch of text that they stand for."""

    span: TextSpan = field(default=NOWHERE, compare=False, repr=False)


# Expressions


@dataclass(frozen=True)
class Number(Node):
    """A number as it was written."""

    text: str


@dataclass(frozen=True)
class String(Node):
    """A string, without its quotes."""

    value: str


@dataclass(frozen=True)
class Duration(Node):
    """A period such as `5m`: a count and the unit as it was written."""

    count: int
    unit: str


@dataclass(frozen=True)
class Regex(Node):
    """A regular expression, without its slashes."""

    pattern: str


@dataclass(frozen=True)
class Field(Node):
    """A field's name, or a path into a map: the segments between the dots."""

    segments: tuple[str, ...]

    @property
    def name(self) -> str:
        """The whole name, as results show it."""
        return ".".join(self.segments)


@dataclass(frozen=True)
class Star(Node):
    """The `*` of `count(*)`."""


@dataclass(frozen=True)
class Attribute(Node):
    """`.name` behind a call or an index."""

    base: Expression
    name: str


@dataclass(frozen=True)
class Index(Node):
    """`[n]` behind a list."""

    base: Expression
    position: int


@dataclass(frozen=True)
class Call(Node):
    """A function's call; the name is as written."""

    function: str
    arguments: tuple[Expression, ...]


@dataclass(frozen=True)
class Negate(Node):
    """Minus."""

    operand: Expression


@dataclass(frozen=True)
class Not(Node):
    """`not`, or `!`."""

    operand: Expression


@dataclass(frozen=True)
class Arithmetic(Node):
    """`+ - * / % ^`."""

    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True)
class Comparison(Node):
    """`= != < <= > >=`."""

    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True)
class Like(Node):
    """`like` (a substring, or a regular expression) and its twin `=~`."""

    subject: Expression
    pattern: String | Regex
    negated: bool = False


@dataclass(frozen=True)
class In(Node):
    """`in [..]`."""

    subject: Expression
    items: tuple[Expression, ...]
    negated: bool = False


@dataclass(frozen=True)
class InQuery(Node):
    """`in ( SOURCE .. | .. )`."""

    subject: Expression
    query: Query
    negated: bool = False


@dataclass(frozen=True)
class And(Node):
    """Two or more conditions joined by `and`."""

    terms: tuple[Expression, ...]


@dataclass(frozen=True)
class Or(Node):
    """Two or more conditions joined by `or`."""

    terms: tuple[Expression, ...]


Expression: TypeAlias = (
    Number
    | String
    | Duration
    | Regex
    | Field
    | Star
    | Attribute
    | Index
    | Call
    | Negate
    | Not
    | Arithmetic
    | Comparison
    | Like
    | In
    | InQuery
    | And
    | Or
)


# What is around expressions


@dataclass(frozen=True)
class Alias(Node):
    """A name that the query gives."""

    name: str


@dataclass(frozen=True)
class Item(Node):
    """An expression of a list, perhaps named; unnamed, its column is called as it was written."""

    expression: Expression
    alias: Alias | None = None
    text: str = field(default="", compare=False)

    @property
    def column(self) -> str:
        """The result column's name."""
        if self.alias is not None:
            return self.alias.name
        return self.expression.name if isinstance(self.expression, Field) else self.text


@dataclass(frozen=True)
class Source(Node):
    """`SOURCE 'g'`, or `SOURCE logGroups(namePrefix: [..], ..)`, with an optional time range."""

    groups: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    other: tuple[tuple[str, tuple[str, ...]], ...] = ()
    selects: bool = False  # by logGroups(..), not by name
    start: str | None = None
    end: str | None = None


@dataclass(frozen=True)
class Query(Node):
    """A whole query, or one in parentheses."""

    commands: tuple[Node, ...]
    source: Source | None = None

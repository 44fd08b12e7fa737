"""The tree of a Logs Insights query: frozen values, each with its span in the text.

Expressions are here, commands in `command_nodes`. Spans, and the source text of unnamed columns,
take no part in comparisons, so that a printed and parsed tree equals the first one.

The language has sixty kinds of nodes, and `dataclass` would compile six functions for each when
the program starts, a fifth of what a small query costs. So their base class does this work; a type
checker sees frozen dataclasses all the same.
"""

from __future__ import annotations

from typing import Any, ClassVar, NoReturn, TypeAlias, dataclass_transform

from axonwatch.syntax.text import TextSpan

NOWHERE = TextSpan(0, 0)


def _by_name(*, default: Any, kw_only: bool) -> Any:  # noqa: ANN401  # as dataclasses.field
    """A part that is given by name only."""
    del kw_only
    return default


@dataclass_transform(frozen_default=True, field_specifiers=(_by_name,))
class _Frozen:
    """Values with named parts, set once."""

    quiet: ClassVar[tuple[str, ...]] = ()
    parts: ClassVar[tuple[str, ...]] = ()
    told: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls) -> None:
        """Read the parts off the class: what it annotates, in order."""
        names = cls.__dict__.get("__annotations__", {})  # noqa: RUF063  # quick
        cls.parts = tuple(name for name in names if name not in {"quiet", "span"})
        cls.told = tuple(name for name in cls.parts if name not in cls.quiet)
        type.__setattr__(cls, "__match_args__", cls.parts)  # for `match`

    def __init__(self, *values: object, **named: object) -> None:
        own = self.__dict__
        own.update(zip(self.parts, values, strict=False))
        own.update(named)
        if len(values) > len(self.parts) or not named.keys() <= {*self.parts, "span"}:
            message = f"{type(self).__name__} has the parts {self.parts}"
            raise TypeError(message)
        for name in self.parts:
            if name not in own and not hasattr(type(self), name):
                message = f"{type(self).__name__} needs {name}"
                raise TypeError(message)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        """Nothing changes."""
        message = f"{type(self).__name__} is frozen: {name} = {value!r}"
        raise AttributeError(message)

    def __delattr__(self, name: str) -> NoReturn:
        """Nothing goes away."""
        message = f"{type(self).__name__} is frozen: {name}"
        raise AttributeError(message)

    def inner(self) -> list[Any]:
        """The parts' values, in order."""
        return [getattr(self, name) for name in self.parts]

    def __eq__(self, other: object) -> bool:
        """The same kind, with equal parts; quiet ones aside."""
        if self is other:
            return True
        if type(self) is not type(other):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in self.told)

    def __hash__(self) -> int:
        """As equality."""
        return hash((type(self), *[getattr(self, name) for name in self.told]))

    def __repr__(self) -> str:
        """As a dataclass shows itself."""
        shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.told)
        return f"{type(self).__name__}({shown})"


class Node(_Frozen):
    """A node: the parts that its class names, and the stretch of text that it stands for.

    `quiet` parts, and the span, take no part in comparisons.
    """

    span: TextSpan = _by_name(default=NOWHERE, kw_only=True)


# Expressions


class Number(Node):
    """A number as it was written."""

    text: str


class String(Node):
    """A string, without its quotes."""

    value: str


class Duration(Node):
    """A period such as `5m`: a count and the unit as it was written."""

    count: int
    unit: str


class Regex(Node):
    """A regular expression, without its slashes."""

    pattern: str


class Field(Node):
    """A field's name, or a path into a map: the segments between the dots."""

    segments: tuple[str, ...]

    @property
    def name(self) -> str:
        """The whole name, as results show it."""
        return ".".join(self.segments)


class Star(Node):
    """The `*` of `count(*)`."""


class Attribute(Node):
    """`.name` behind a call or an index."""

    base: Expression
    name: str


class Index(Node):
    """`[n]` behind a list."""

    base: Expression
    position: int


class Call(Node):
    """A function's call; the name is as written."""

    function: str
    arguments: tuple[Expression, ...]


class Negate(Node):
    """Minus."""

    operand: Expression


class Not(Node):
    """`not`, or `!`."""

    operand: Expression


class Arithmetic(Node):
    """`+ - * / % ^`."""

    operator: str
    left: Expression
    right: Expression


class Comparison(Node):
    """`= != < <= > >=`."""

    operator: str
    left: Expression
    right: Expression


class Like(Node):
    """`like` (a substring, or a regular expression) and its twin `=~`."""

    subject: Expression
    pattern: String | Regex
    negated: bool = False


class In(Node):
    """`in [..]`."""

    subject: Expression
    items: tuple[Expression, ...]
    negated: bool = False


class InQuery(Node):
    """`in ( SOURCE .. | .. )`."""

    subject: Expression
    query: Query
    negated: bool = False


class And(Node):
    """Two or more conditions joined by `and`."""

    terms: tuple[Expression, ...]


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


class Alias(Node):
    """A name that the query gives."""

    name: str


class Item(Node):
    """An expression of a list, perhaps named; unnamed, its column is called as it was written."""

    quiet: ClassVar = ("text",)

    expression: Expression
    alias: Alias | None = None
    text: str = ""

    @property
    def column(self) -> str:
        """The result column's name."""
        if self.alias is not None:
            return self.alias.name
        return self.expression.name if isinstance(self.expression, Field) else self.text


class Source(Node):
    """`SOURCE 'g'`, or `SOURCE logGroups(namePrefix: [..], ..)`, with an optional time range."""

    groups: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    other: tuple[tuple[str, tuple[str, ...]], ...] = ()
    selects: bool = False  # by logGroups(..), not by name
    start: str | None = None
    end: str | None = None


class Query(Node):
    """A whole query, or one in parentheses."""

    commands: tuple[Node, ...]
    source: Source | None = None

"""The tree of a metric math expression; every node knows where it stands.

`parser` makes it, `types` checks it, `printer` writes it, `simulate.evaluation.math` evaluates it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from axonwatch.syntax.text import TextSpan


@dataclass(frozen=True)
class Number:
    """A literal number."""

    value: float
    span: TextSpan


@dataclass(frozen=True)
class Text:
    """A literal text in single or double quotes; `value` is without them."""

    value: str
    span: TextSpan


@dataclass(frozen=True)
class Reference:
    """The id of another entry of the same request: a metric or an expression."""

    id: str
    span: TextSpan


@dataclass(frozen=True)
class Word:
    """A bare word in upper case: REPEAT, LINEAR, ASC, or a function's name as SORT wants it."""

    value: str
    span: TextSpan


@dataclass(frozen=True)
class Call:
    """A function with its arguments; `name_span` covers the name alone."""

    function: str
    arguments: tuple[Node, ...]
    span: TextSpan
    name_span: TextSpan


@dataclass(frozen=True)
class Array:
    """`[m1, m2]`: an array of time series."""

    items: tuple[Node, ...]
    span: TextSpan


@dataclass(frozen=True)
class Negate:
    """Unary minus."""

    operand: Node
    span: TextSpan


@dataclass(frozen=True)
class Binary:
    """Two sides and an operator: arithmetic, comparison or logic (`&&` is kept as AND)."""

    operator: str
    left: Node
    right: Node
    span: TextSpan
    operator_span: TextSpan


Node: TypeAlias = Number | Text | Reference | Word | Call | Array | Negate | Binary


def walk(node: Node) -> list[Node]:
    """The node and all below it, parents first, left to right."""
    found: list[Node] = []
    waiting = [node]
    while waiting:
        current = waiting.pop()
        found.append(current)
        waiting.extend(reversed(children(current)))
    return found


def children(node: Node) -> tuple[Node, ...]:
    """The nodes directly below."""
    match node:
        case Call(arguments=below) | Array(items=below):
            return below
        case Negate(operand=operand):
            return (operand,)
        case Binary(left=left, right=right):
            return (left, right)
        case _:
            return ()


def calls(node: Node) -> frozenset[str]:
    """The names of all functions that the expression calls."""
    return frozenset(n.function for n in walk(node) if isinstance(n, Call))


def references(node: Node) -> tuple[str, ...]:
    """The ids that the expression names, in order, each once."""
    return tuple(dict.fromkeys(n.id for n in walk(node) if isinstance(n, Reference)))

"""Tree -> text, in one canonical form: the key under which inputs for a call are given.

`parse(write(tree))` is the same tree but for its positions.
"""

from __future__ import annotations

from axonwatch.syntax.metric_math.nodes import (
    Array,
    Binary,
    Call,
    Negate,
    Node,
    Number,
    Reference,
    Text,
    Word,
)

_BINDS = {
    "OR": 1,
    "AND": 2,
    "==": 3,
    "!=": 3,
    "<=": 3,
    ">=": 3,
    "<": 3,
    ">": 3,
    "+": 4,
    "-": 4,
    "*": 5,
    "/": 5,
    "^": 7,
}
_UNARY = 6
_ATOM = 8


def write(node: Node) -> str:
    """The canonical text: one space around operators, single quotes, no needless brackets."""
    return _write(node)[0]


def _write(node: Node) -> tuple[str, int]:
    match node:
        case Number(value=value):
            return (str(int(value)) if value.is_integer() and value < 1e15 else repr(value)), _ATOM
        case Text(value=text):
            escaped = text.replace("\\", "\\\\").replace("'", "\\'")
            return f"'{escaped}'", _ATOM
        case Reference(id=name) | Word(value=name):
            return name, _ATOM
        case Call(function=function, arguments=arguments):
            return f"{function}({', '.join(map(write, arguments))})", _ATOM
        case Array(items=items):
            return f"[{', '.join(map(write, items))}]", _ATOM
        case Negate(operand=operand):
            return f"-{_at_least(operand, _UNARY)}", _UNARY
        case Binary(operator=operator, left=left, right=right):
            binds = _BINDS[operator]
            to_right = operator == "^"
            before = _at_least(left, _ATOM if to_right else binds)
            after = _at_least(right, _UNARY if to_right else binds + 1)
            return f"{before} {operator} {after}", binds


def _at_least(node: Node, binds: int) -> str:
    text, own = _write(node)
    return text if own >= binds else f"({text})"

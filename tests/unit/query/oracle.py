"""A second opinion: random queries, each with its meaning in plain Python, written from the
dialect page and not from the compiler.

A `Piece` is an expression's text and what it gives for an event; values are None (missing), bool,
float or str.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

Value = bool | float | str | None
Row = Mapping[str, Value]

_NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*", re.ASCII)
_FEW = 3
_EXACT, _LONG, _INT = 1e15, 9e18, 2**31
TEXTS = ["", "x", "ab", "aB", "10", "9", "09", "2.5", "a1", "a10", "a-1", "1e1", "é", "x y", "%"]
NUMBERS = ["0", "1", "2", "9", "10", "2.5", "12"]


@dataclass(frozen=True)
class Piece:
    """An expression; `numeric` if it gives numbers whatever the event is."""

    text: str
    of: Callable[[Row], Value]
    numeric: bool = False
    literal: str | None = None


def number(value: Value) -> float | None:
    """A value as a number."""
    if value is None or isinstance(value, bool | float):
        return None if value is None else float(value)
    return float(value) if _NUMBER.fullmatch(value) else None


def text(value: Value) -> str | None:
    """A value as results show it."""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        whole = _EXACT <= abs(value) < _LONG and value.is_integer()
        return str(int(value)) if whole else f"{value + 0.0:.15g}"
    return value


def truth(value: Value) -> bool | None:
    """A value as a condition."""
    if value is None or isinstance(value, bool):
        return value
    return number(value) not in {None, 0.0}


def natural(value: Value) -> tuple[object, ...]:
    """The key of the natural order: texts, then numbers."""
    spelled = text(value) or ""
    as_number = number(value)
    if as_number is not None:
        return (1, as_number, spelled)
    runs = re.findall(r"[0-9]+|[^0-9]+", spelled)
    return (0, [("0", len(run), run) if run[0] in "0123456789" else (run,) for run in runs])


_OPERATORS: dict[str, Callable[[float, float], bool]] = {
    "<": lambda one, two: one < two,
    "<=": lambda one, two: one <= two,
    ">": lambda one, two: one > two,
    ">=": lambda one, two: one >= two,
}


def _looks_numeric(piece: Piece) -> bool:
    return piece.numeric or (piece.literal is not None and number(piece.literal) is not None)


def _equal(left: Piece, right: Piece, row: Row) -> bool | None:
    one, two = left.of(row), right.of(row)
    if one is None or two is None:
        return None
    if left.numeric or right.numeric:
        first, second = number(one), number(two)
        return first is not None and first == second
    if text(one) == text(two):
        return True
    if left.literal is not None or right.literal is not None:
        return False
    first, second = number(one), number(two)
    return first is not None and first == second


def _above(operator: str, left: Piece, right: Piece, row: Row) -> bool | None:
    one, two = left.of(row), right.of(row)
    if one is None or two is None:
        return None
    first, second = number(one), number(two)
    if first is not None and second is not None:
        return _OPERATORS[operator](first, second)
    if _looks_numeric(left) or _looks_numeric(right):
        return False
    return bool(_OPERATORS[operator](text(one), text(two)))  # type: ignore[arg-type]


def compare(operator: str, left: Piece, right: Piece) -> Piece:
    """`left operator right`."""

    def of(row: Row) -> Value:
        if operator == "=":
            return _equal(left, right, row)
        if operator == "!=":
            same = _equal(left, right, row)
            return None if same is None else not same
        return _above(operator, left, right, row)

    return Piece(f"({left.text} {operator} {right.text})", of, numeric=True)


def _one_of(subject: Piece, items: Sequence[Piece], negated: bool) -> Piece:
    def of(row: Row) -> Value:
        found = [_equal(subject, item, row) for item in items]
        held = True if True in found else None if None in found else False
        return held if held is None else held is not negated

    listed = ", ".join(item.text for item in items)
    word = "not in" if negated else "in"
    return Piece(f"({subject.text} {word} [{listed}])", of, numeric=True)


def _like(subject: Piece, part: str, negated: bool) -> Piece:
    def of(row: Row) -> Value:
        whole = text(subject.of(row))
        return None if whole is None else (part in whole) is not negated

    return Piece(f"({subject.text} {'not like' if negated else 'like'} '{part}')", of, numeric=True)


def _negation(piece: Piece) -> Piece:
    def of(row: Row) -> Value:
        held = truth(piece.of(row))
        return None if held is None else not held

    return Piece(f"(not {piece.text})", of, numeric=True)


def _joined(word: str, left: Piece, right: Piece) -> Piece:
    decisive = word == "or"

    def of(row: Row) -> Value:
        found = {truth(left.of(row)), truth(right.of(row))}
        return decisive if decisive in found else None if None in found else not decisive

    return Piece(f"({left.text} {word} {right.text})", of, numeric=True)


def _arithmetic(operator: str, left: Piece, right: Piece) -> Piece:
    def of(row: Row) -> Value:
        one, two = number(left.of(row)), number(right.of(row))
        if one is None or two is None:
            return None
        return {"+": one + two, "-": one - two, "*": one * two}[operator]

    return Piece(f"({left.text} {operator} {right.text})", of, numeric=True)


def _call(name: str, numeric: bool, of: Callable[..., Value], *arguments: Piece) -> Piece:
    listed = ", ".join(argument.text for argument in arguments)
    return Piece(f"{name}({listed})", lambda row: of(*(one.of(row) for one in arguments)), numeric)


def _if_there(function: Callable[[str], Value]) -> Callable[[Value], Value]:
    def of(value: Value) -> Value:
        whole = text(value)
        return None if whole is None else function(whole)

    return of


def _if_number(function: Callable[[float], Value]) -> Callable[[Value], Value]:
    def of(value: Value) -> Value:
        as_number = number(value)
        return None if as_number is None else function(as_number)

    return of


def _whole(value: float) -> Value:
    whole = float(int(value))
    return whole if -_INT <= whole < _INT else None


def _largest(*values: Value) -> Value:
    found = [x for x in map(number, values) if x is not None]
    return max(found) if found else None


def _first(*values: Value) -> Value:
    return next((value for value in values if value is not None), None)


def field_of(name: str, numeric: bool = False) -> Piece:
    """A name of an event, or of a row."""
    return Piece(name, lambda row: row.get(name), numeric)


@st.composite
def pieces(draw: DrawFn, names: Mapping[str, bool], depth: int = 2) -> Piece:
    """An expression over names, of which the mapping says whether they are numeric."""
    inner = pieces(names, depth - 1)
    leaf = draw(st.integers(0, 5 if depth else 2))
    if leaf == 0:
        word = draw(st.sampled_from(NUMBERS))
        return Piece(word, lambda _: float(word), numeric=True, literal=word)
    if leaf == 1:
        word = draw(st.sampled_from(TEXTS))
        return Piece(f"'{word}'", lambda _: word, literal=word)
    if leaf == 2:
        name = draw(st.sampled_from(sorted(names)))
        return field_of(name, names[name])
    if leaf == 3:
        operator = draw(st.sampled_from("+-*"))
        return _arithmetic(operator, draw(inner), draw(inner))
    if leaf == 4:
        return draw(conditions(names, depth - 1))
    return _function(draw, inner, names, depth)


def _function(
    draw: DrawFn, inner: st.SearchStrategy[Piece], names: Mapping[str, bool], depth: int
) -> Piece:
    one = draw(inner)
    match draw(st.integers(0, 9)):
        case 0:
            return _call("strlen", True, _if_there(lambda s: float(len(s))), one)
        case 1:
            return _call("toupper", False, _if_there(str.upper), one)
        case 2:
            return _call("abs", True, _if_number(abs), one)
        case 3:
            two = draw(inner)
            return _call("concat", False, lambda *x: "".join(text(v) or "" for v in x), one, two)
        case 4:
            two = draw(inner)
            numeric = one.numeric and two.numeric
            return _call("coalesce", numeric, _first, one, two)
        case 5:
            return _call("greatest", True, _largest, one, draw(inner))
        case 6:
            start = Piece("1", lambda _: 1.0, numeric=True, literal="1")
            return _call("substr", False, lambda s, _: _if_there(lambda x: x[1:])(s), one, start)
        case 7:
            return _call("isempty", True, lambda s: text(s) in {None, ""}, one)
        case 8:
            return _call("toInt", True, _if_number(_whole), one)
        case _:
            condition, two = draw(conditions(names, depth - 1)), draw(inner)
            return _call(
                "if",
                one.numeric and two.numeric,
                lambda c, a, b: a if truth(c) else b,
                condition,
                one,
                two,
            )


@st.composite
def conditions(draw: DrawFn, names: Mapping[str, bool], depth: int = 2) -> Piece:
    """A condition over names."""
    inner = pieces(names, max(depth - 1, 0))
    match draw(st.integers(0, 6 if depth > 0 else 3)):
        case 0 | 1:
            operator = draw(st.sampled_from(["=", "!=", "<", "<=", ">", ">="]))
            return compare(operator, draw(inner), draw(inner))
        case 2:
            items = draw(st.lists(pieces(names, 0), min_size=1, max_size=_FEW))
            return _one_of(draw(inner), items, draw(st.booleans()))
        case 3:
            return _like(draw(inner), draw(st.sampled_from(TEXTS)), draw(st.booleans()))
        case 4:
            return _negation(draw(conditions(names, depth - 1)))
        case 5:
            name = draw(st.sampled_from(sorted(names)))
            return _call("ispresent", True, lambda v: v is not None, field_of(name))
        case _:
            word = draw(st.sampled_from(["and", "or"]))
            return _joined(
                word, draw(conditions(names, depth - 1)), draw(conditions(names, depth - 1))
            )

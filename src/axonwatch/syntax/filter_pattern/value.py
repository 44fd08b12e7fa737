"""What a condition compares with: a number, a text with `*`, or a regular expression.

How numbers, their spellings and texts compare was measured on TestMetricFilter (2026): `= 1` holds
for 1, 1.0, 1e0 and "1", not for "1.0"; `= "1"` holds for 1 and "1" only; `> 1` for numbers alone.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from enum import StrEnum

from axonwatch.syntax.filter_pattern.message import Json, Number
from axonwatch.syntax.filter_pattern.regex import Regex

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")


class Comparator(StrEnum):
    """The comparisons, longest spelling first."""

    NE = "!="
    GE = ">="
    LE = "<="
    EQ = "="
    GT = ">"
    LT = "<"


class Keyword(StrEnum):
    """The conditions that compare with no value."""

    IS_NULL = "IS NULL"
    IS_TRUE = "IS TRUE"
    IS_FALSE = "IS FALSE"
    NOT_EXISTS = "NOT EXISTS"


def read_number(text: str) -> float | None:
    """The number that a text spells, or None; infinite ones are none."""
    if not _NUMBER.fullmatch(text):
        return None
    number = float(text)
    return number if math.isfinite(number) else None


@dataclass(frozen=True)
class Value:
    """The right side of a condition. `number` is set for an unquoted number only."""

    text: str
    number: float | None = None
    regex: Regex | None = field(default=None, compare=False)

    def holds_for(self, text: str) -> bool:
        """Whether the text is this one, `*` standing for any characters; or a regex matches."""
        if self.regex is not None:
            return self.regex.is_in(text)
        return matches_wildcard(self.text, text)


@dataclass(frozen=True)
class Comparison:
    """An operator and its value."""

    operator: Comparator
    value: Value

    def holds_for(self, value: Json) -> bool:
        """Whether a string or a number satisfies it; nothing else ever does."""
        if not isinstance(value, str):
            return False
        wanted = self.value.number
        number = float(value) if isinstance(value, Number) else None
        if self.operator in {Comparator.EQ, Comparator.NE}:
            if wanted is not None and number is not None:
                equal = number == wanted
            else:
                equal = self.value.holds_for(value)
            return equal is (self.operator is Comparator.EQ)
        if wanted is None or number is None:
            return False
        match self.operator:
            case Comparator.GT:
                return number > wanted
            case Comparator.LT:
                return number < wanted
            case Comparator.GE:
                return number >= wanted
            case _:
                return number <= wanted


def holds_keyword(keyword: Keyword, value: Json) -> bool:
    """Whether a value that exists is null, true or false; an array is null if a member is."""
    match keyword:
        case Keyword.IS_NULL:
            return value is None or (isinstance(value, list) and None in value)
        case Keyword.IS_TRUE:
            return value is True
        case Keyword.IS_FALSE:
            return value is False
        case _:
            return False


def matches_wildcard(pattern: str, text: str) -> bool:
    """Whether the whole text matches, `*` standing for any run of characters."""
    if "*" not in pattern:
        return pattern == text
    first, *middle, last = pattern.split("*")
    if len(text) < len(first) + len(last) or not text.startswith(first):
        return False
    if not text.endswith(last):
        return False
    at = len(first)
    stop = len(text) - len(last)
    for part in middle:
        found = text.find(part, at, stop)
        if found < 0:
            return False
        at = found + len(part)
    return True

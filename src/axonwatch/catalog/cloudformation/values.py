"""What a template's value is before deployment: a literal, a text with references, or unknown.

A text may hold references written `${Topic}`, `${Topic.Arn}`, `${AWS::Region}`: they are known by
name, not by value. `Unknown` is everything else that only deployment tells. Nothing here guesses.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Final, TypeAlias


@dataclass(frozen=True)
class Unknown:
    """A value that only deployment tells, and why."""

    why: str = "an intrinsic function"


@dataclass(frozen=True)
class Absent:
    """`AWS::NoValue`: as if the property were not written."""


Value: TypeAlias = (
    "str | int | float | bool | list[Value] | dict[str, Value] | Unknown | Absent | None"
)

ABSENT: Final = Absent()
UNKNOWN: Final = Unknown()
REFERENCE = re.compile(r"\$\{([A-Za-z0-9:._-]+)\}")


def is_known(value: Value) -> bool:
    """Whether the value, all of it, is literal."""
    if isinstance(value, Unknown):
        return False
    if isinstance(value, str):
        return not is_symbolic(value)
    if isinstance(value, list):
        return all(is_known(item) for item in value)
    if isinstance(value, dict):
        return all(is_known(item) for item in value.values())
    return True


def is_symbolic(text: str) -> bool:
    """Whether a text holds references, dynamic references, or what macros commonly fill in."""
    return "${" in text or "{{resolve:" in text or "#{" in text


def reference(text: Value) -> str | None:
    """The logical id if the whole text is one reference: `${Topic}` or `${Topic.Arn}`."""
    if not isinstance(text, str):
        return None
    match = REFERENCE.fullmatch(text)
    return match[1].partition(".")[0] if match and "::" not in match[1] else None


def number(value: Value) -> float | None:
    """A number, also one that is written as text, as CloudFormation allows."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and len(value) >= 40:
        return None
    if not isinstance(value, int | float | str):
        return None
    try:
        result = float(value)
    except (ValueError, OverflowError):
        return None
    return result if math.isfinite(result) else None


def whole(value: Value) -> int | None:
    """A whole number, also one written as text or as `5.0`."""
    result = number(value)
    return int(result) if result is not None and result == int(result) else None


def boolean(value: Value) -> bool | None:
    """A boolean, also one in YAML 1.1's or CloudFormation's spelling."""
    if isinstance(value, bool):
        return value
    words = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
    return words.get(value.lower()) if isinstance(value, str) else None


def items(value: Value) -> list[Value]:
    """A list's items; a single value counts as a list of one, as IAM has it."""
    if isinstance(value, list):
        return value
    return [] if value is None or isinstance(value, Absent) else [value]

"""The regular expressions between `%` in filter patterns: a small, listed subset, run by RE2.

CloudWatch lists the characters it takes; everything else it refuses, and so do we, by name.
Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/regex-expressions.html
"""

from __future__ import annotations

import re
from typing import Any, TypeAlias

import re2

from axonwatch.syntax.text import SyntaxFault, TextSpan

# The space stands in none of AWS's lists, but in its own example `%^shutting down%`.
_SYMBOLS = frozenset(":_#=@/;,- ")
_OPERATORS = frozenset("^$?[]{}|*+.")
_CLASSES = frozenset("dDsSwW")
_CONTROLS = frozenset("tnrfv")
_HEX = re.compile(r"x[0-9A-Fa-f]{2}")
_SPACED_BOUND = re.compile(r"(?<!\\)\{\s*(\d*)\s*,\s*(\d*)\s*\}")

Re2: TypeAlias = Any  # google-re2 has no types


class Regex:
    """A compiled expression; `pattern` is its spelling for RE2."""

    __slots__ = ("_search", "pattern")

    def __init__(self, pattern: str, compiled: Re2) -> None:
        self.pattern = pattern
        self._search = compiled.search

    def is_in(self, text: str) -> bool:
        """Whether the text holds a match."""
        try:
            return self._search(text) is not None
        except UnicodeEncodeError:  # half a surrogate pair: a cut character
            return self._search(text.encode("utf-8", "replace")) is not None


def compile_regex(text: str, start: int) -> Regex:
    """The expression, ready to search.

    `start` is the expression's offset in the pattern. Raises SyntaxFault.
    """
    if not text:
        raise _fault("a regular expression is empty", start, 1, "nothing stands between the `%`")
    _check_characters(text, start)
    spelled = _SPACED_BOUND.sub(
        lambda bound: f"{{{bound[1] or ('0' if bound[2] else '')},{bound[2]}}}", text
    )
    options = re2.Options()
    options.log_errors = False
    try:
        compiled: Re2 = re2.compile(spelled, options)
    except re2.error as error:
        raise _fault(
            f"the regular expression `{text}` does not parse",
            start,
            len(text),
            _reason(error),
            "CloudWatch takes no groups, look-around or back-references",
        ) from None
    return Regex(spelled, compiled)


def _check_characters(text: str, start: int) -> None:
    at = 0
    while at < len(text):
        char = text[at]
        if char == "\\":
            at += 1 + _escape_length(text, at + 1, start)
            continue
        if not (char.isascii() and (char.isalnum() or char in _SYMBOLS or char in _OPERATORS)):
            raise _unsupported(char, start + at, 1)
        at += 1


def _escape_length(text: str, at: int, start: int) -> int:
    """The length of what follows a backslash."""
    if _HEX.match(text, at):
        return 3
    char = text[at : at + 1]
    if char and (char in _CLASSES | _CONTROLS | _OPERATORS | _SYMBOLS or char == "\\"):
        return 1
    if char in {"(", ")"} or (char and char.isascii() and not char.isalnum()):
        raise _unsupported(char, start + at - 1, 2)
    raise _fault(
        f"`\\{char}` is no escape of CloudWatch's regular expressions",
        start + at - 1,
        max(1 + len(char), 1),
        "not listed",
        r"the classes are \d \D \s \S \w \W, a character by its code is \xhh",
    )


def _unsupported(char: str, at: int, length: int) -> SyntaxFault:
    if not char.isascii():
        return _fault(
            f"`{char}` is not a single-byte character",
            at,
            length,
            "CloudWatch takes ASCII alone between `%`",
            "match around it with `.+`",
        )
    return _fault(
        f"`{char}` is refused in CloudWatch's regular expressions",
        at,
        length,
        "not among the listed characters",
        rf"write \x{ord(char):02X}"
        + (" for the character; groups cannot be written" if char in "()" else ""),
    )


def _reason(error: re2.error) -> str:
    said = error.args[0] if error.args else ""
    return said.decode() if isinstance(said, bytes) else str(said)


def _fault(title: str, at: int, length: int, label: str, help: str = "") -> SyntaxFault:
    return SyntaxFault(
        "bad-filter-pattern", title, TextSpan(at, at + length), label=label, help=help
    )

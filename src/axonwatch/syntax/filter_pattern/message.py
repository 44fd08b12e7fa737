"""A log event's text as filter patterns see it: a line, a JSON object, a row of fields.

Parsed at most once each, however many patterns read it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

# A JSON value as a pattern compares it: numbers keep their spelling.
Json = Any
_CLOSING = {"[": "]", '"': '"'}
_SPACE = " \t\r\n"


class Number(str):
    """A JSON number, in the spelling of the event: `= "1.0"` compares it, `= 1` its value."""

    __slots__ = ()


@dataclass(frozen=True)
class Word:
    """One field of a space-delimited event: its text, and where it starts in the event."""

    text: str
    start: int


class Message:
    """The text of one log event."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def object(self) -> dict[str, Json] | None:
        """The JSON object that the whole text is; None if it is anything else.

        Of a repeated key the last one counts. An array at the top is no object.
        """
        if not self.text.lstrip(_SPACE).startswith("{"):
            return None
        try:
            value = _DECODER.decode(self.text)
        except (ValueError, RecursionError):
            return None
        return value if isinstance(value, dict) else None

    @cached_property
    def words(self) -> tuple[Word, ...]:
        """The fields: runs without white space; text in quotes or square brackets is one field."""
        text = self.text
        words: list[Word] = []
        at = 0
        while at < len(text):
            if text[at] in _SPACE:
                at += 1
                continue
            end = _closed(text, at)
            if end:
                words.append(Word(text[at + 1 : end - 1], at))
            else:
                end = at
                while end < len(text) and text[end] not in _SPACE:
                    end += 1
                words.append(Word(text[at:end], at))
            at = end
        return tuple(words)


def _closed(text: str, start: int) -> int:
    """The end of the quoted or bracketed field at `start`; 0 if there is none.

    A quote that is never closed, or that closes in the middle of a word, is an ordinary character.
    """
    closing = _CLOSING.get(text[start])
    if closing is None:
        return 0
    at = start + 1
    while at < len(text) and text[at] != closing:
        at += 2 if text[at] == "\\" else 1
    if at >= len(text) or (at + 1 < len(text) and text[at + 1] not in _SPACE):
        return 0
    return at + 1


def _no_constant(name: str) -> Json:
    raise ValueError(name)  # NaN and Infinity are not JSON


_DECODER = json.JSONDecoder(parse_int=Number, parse_float=Number, parse_constant=_no_constant)

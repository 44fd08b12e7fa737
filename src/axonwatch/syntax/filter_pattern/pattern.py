"""A parsed filter pattern: does an event match, and what does the match hold.

Made by the parser; read by the metric filters of `simulate` and by checks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from axonwatch.syntax.filter_pattern.message import Json, Message, Number
from axonwatch.syntax.filter_pattern.regex import Regex
from axonwatch.syntax.filter_pattern.selector import Selector
from axonwatch.syntax.filter_pattern.value import (
    Comparison,
    Keyword,
    holds_keyword,
    read_number,
)


@dataclass(frozen=True)
class Term:
    """A word, phrase or regular expression; `excluded` ones must not be there."""

    text: str
    excluded: bool = False
    regex: Regex | None = field(default=None, compare=False)

    def is_in(self, text: str) -> bool:
        """Whether the text holds it: anywhere, also within a word, and in this case."""
        return self.text in text if self.regex is None else self.regex.is_in(text)


@dataclass(frozen=True)
class Condition:
    """A condition on one field; `selector` is None in a space-delimited pattern."""

    selector: Selector | None
    test: Comparison | Keyword


@dataclass(frozen=True)
class Both:
    """`left && right`."""

    left: Expression
    right: Expression


@dataclass(frozen=True)
class Either:
    """`left || right`."""

    left: Expression
    right: Expression


Expression: TypeAlias = "Condition | Both | Either"


@dataclass(frozen=True)
class FieldSlot:
    """One place of a space-delimited pattern; unnamed if `name` is empty."""

    name: str
    condition: Expression | None = None


@dataclass(frozen=True)
class Match:
    """What a matching event holds: its object, or its fields by name and by position."""

    object: Mapping[str, Json] | None = None
    fields: Mapping[str, str] = field(default_factory=dict)

    def value(self, selector: Selector | str) -> str | None:
        """The text of a selector's value, or of a field's; None if there is no such scalar."""
        if isinstance(selector, str):
            return self.fields.get(selector)
        found = list(selector.find(self.object))
        if len(found) != 1:
            return None
        if isinstance(found[0], bool):
            return "true" if found[0] else "false"
        return str(found[0]) if isinstance(found[0], str) else None


_MATCHED = Match()


@dataclass(frozen=True)
class TermsPattern:
    """Terms that must all hold; or, if there are only optional ones, one of them.

    Optional terms beside others are ignored, as CloudWatch does; `ignored` keeps them for checks.
    """

    text: str
    required: tuple[Term, ...] = ()
    optional: tuple[Term, ...] = ()
    ignored: tuple[Term, ...] = ()

    def match(self, message: Message) -> Match | None:
        """What matched, or None."""
        text = message.text
        for term in self.required:
            if term.is_in(text) is term.excluded:
                return None
        if self.optional and not any(term.is_in(text) for term in self.optional):
            return None
        return _MATCHED


@dataclass(frozen=True)
class JsonPattern:
    """`{ ... }`: an event that is no JSON object never matches."""

    text: str
    expression: Expression

    def match(self, message: Message) -> Match | None:
        """What matched, or None."""
        found = message.object
        if found is None or not _holds_in_object(self.expression, found):
            return None
        return Match(object=found)


def _holds_in_object(expression: Expression, value: Json) -> bool:
    if isinstance(expression, Both):
        return _holds_in_object(expression.left, value) and _holds_in_object(
            expression.right, value
        )
    if isinstance(expression, Either):
        return _holds_in_object(expression.left, value) or _holds_in_object(expression.right, value)
    found: Iterator[Json] = expression.selector.find(value) if expression.selector else iter(())
    test = expression.test
    if test is Keyword.NOT_EXISTS:
        return next(found, found) is found
    return any(
        test.holds_for(v) if isinstance(test, Comparison) else holds_keyword(test, v) for v in found
    )


@dataclass(frozen=True)
class DelimitedPattern:
    """`[a, b=..., ...]`. Without an ellipsis the last field takes the rest of the line.

    `ellipsis` is the index of the first slot behind it, None if there is none.
    """

    text: str
    slots: tuple[FieldSlot, ...] = ()
    ellipsis: int | None = None

    def match(self, message: Message) -> Match | None:
        """What matched, or None."""
        words = message.words
        if len(words) < len(self.slots):
            return None
        texts = [word.text for word in words]
        if self.ellipsis is None and self.slots and len(words) > len(self.slots):
            last = len(self.slots) - 1
            texts[last:] = [message.text[words[last].start :].rstrip()]
        gap = len(texts) - len(self.slots)
        fields = {str(position): text for position, text in enumerate(texts, 1)}
        for index, slot in enumerate(self.slots):
            behind = self.ellipsis is not None and index >= self.ellipsis
            text = texts[index + gap if behind else index]
            if slot.condition is not None and not _holds_for_text(slot.condition, text):
                return None
            if slot.name:
                fields[slot.name] = text
        return Match(fields=fields)


def _holds_for_text(expression: Expression, text: str) -> bool:
    if isinstance(expression, Both):
        return _holds_for_text(expression.left, text) and _holds_for_text(expression.right, text)
    if isinstance(expression, Either):
        return _holds_for_text(expression.left, text) or _holds_for_text(expression.right, text)
    if not isinstance(expression.test, Comparison):
        return False
    return expression.test.holds_for(Number(text) if read_number(text) is not None else text)


FilterPattern: TypeAlias = TermsPattern | JsonPattern | DelimitedPattern

"""Filter pattern text -> pattern. One function a rule; every fault has its place and a cure.

pattern    = terms | "{" either "}" | "[" [slot {"," slot}] "]"
either     = both {"||" both}          both = condition {"&&" condition}
condition  = "(" either ")" | subject comparator value | subject keyword
subject    = selector in `{}`, the slot's own name in `[]`
selector   = "$." step {"." step | "[" index | "*" | quoted name "]"}
"""

from __future__ import annotations

import re

from axonwatch.syntax.filter_pattern.pattern import (
    Both,
    Condition,
    DelimitedPattern,
    Either,
    Expression,
    FieldSlot,
    FilterPattern,
    JsonPattern,
    Term,
    TermsPattern,
)
from axonwatch.syntax.filter_pattern.reader import Reader
from axonwatch.syntax.filter_pattern.selector import Selector
from axonwatch.syntax.filter_pattern.value import Comparator, Comparison, Keyword

MAX_LENGTH = 1024
MAX_WILDCARDS = 3
MAX_DEPTH = 50
_INDEX = re.compile(r"\d{1,9}")
_WORD = re.compile(r"[A-Za-z0-9_-]+")
_REST = re.compile(r"[^ \t\r\n]*")
_EQUALITY = {Comparator.EQ, Comparator.NE}


def parse_filter_pattern(text: str) -> FilterPattern:
    """Parse a pattern. Raises SyntaxFault, with code `bad-filter-pattern`."""
    reader = Reader(text)
    if len(text) > MAX_LENGTH:
        raise reader.fault(
            f"a filter pattern holds at most {MAX_LENGTH} characters",
            MAX_LENGTH,
            len(text),
            f"this one has {len(text)}",
        )
    reader.skip_space()
    if reader.peek() == "{":
        return _Conditions(reader).parse()
    if reader.peek() == "[":
        return _parse_delimited(reader)
    return _parse_terms(reader)


def parse_selector(text: str) -> Selector:
    """Parse a JSON selector by itself, as a metric filter's value or dimension names it.

    Raises SyntaxFault.
    """
    reader = Reader(text)
    selector = _Conditions(reader).selector()
    if not reader.is_at_end():
        raise reader.expected("the end of the selector")
    if selector.has_wildcard:
        raise reader.fault(
            "a metric takes its value from one field",
            0,
            len(text),
            "`*` may point at several",
        )
    return selector


def _parse_terms(reader: Reader) -> TermsPattern:
    required: list[Term] = []
    optional: list[Term] = []
    while not reader.is_at_end():
        start = reader.at
        mark = reader.peek() if reader.peek() in {"?", "-"} else ""
        reader.at += len(mark)
        term = _parse_term(reader, start, is_excluded=mark == "-")
        (optional if mark == "?" else required).append(term)
    if required:
        return TermsPattern(reader.text, tuple(required), (), tuple(optional))
    return TermsPattern(reader.text, (), tuple(optional))


def _parse_term(reader: Reader, start: int, *, is_excluded: bool) -> Term:
    first = reader.at
    if reader.peek() == '"':
        term = Term(reader.quoted(), is_excluded)
    elif reader.peek() == "%":
        value = reader.regex()
        term = Term(value.text, is_excluded, value.regex)
    else:
        word = _WORD.match(reader.text, reader.at)
        term = Term(word[0] if word else "", is_excluded)
        reader.at += len(term.text)
    rest = _REST.match(reader.text, reader.at)
    end = rest.end() if rest else reader.at
    whole = reader.text[start:end]
    if end == first:
        raise reader.fault(f"`{whole}` stands before no term", start, end, "nothing follows")
    if end > reader.at:
        raise reader.fault(
            f"`{whole}` holds characters that a term may not hold",
            start,
            end,
            "more than letters, digits, `_` and `-`",
            "close the quotes" if '"' in whole else f'put it in quotes: "{whole}"',
        )
    return term


class _Conditions:
    """Conditions, within `{}` over selectors or within `[]` over one field."""

    def __init__(self, reader: Reader, field: str | None = None) -> None:
        self.reader = reader
        self.field = field
        self.wildcards = 0
        self.depth = 0

    def parse(self) -> JsonPattern:
        reader = self.reader
        reader.take("{")
        expression = self.either()
        if not reader.take("}"):
            raise reader.expected("`&&`, `||` or `}`", _and_or_help(reader))
        if not reader.is_at_end():
            raise reader.expected("the end", "one `{ }` holds the whole pattern; join with `&&`")
        return JsonPattern(reader.text, expression)

    def either(self) -> Expression:
        left = self.both()
        while self.reader.take("||"):
            left = Either(left, self.both())
        return left

    def both(self) -> Expression:
        left = self.condition()
        while self.reader.take("&&"):
            left = Both(left, self.condition())
        return left

    def condition(self) -> Expression:
        reader = self.reader
        if reader.take("("):
            self.depth += 1
            if self.depth > MAX_DEPTH:
                raise reader.expected(f"at most {MAX_DEPTH} nested parentheses")
            expression = self.either()
            self.depth -= 1
            if not reader.take(")"):
                raise reader.expected("`)`")
            return expression
        if self.field is None:
            return Condition(self.selector(), self.test())
        name = reader.name()
        if name != self.field:
            reader.at -= len(name)
            raise reader.expected(
                f"a condition on `{self.field}`", "each field holds the conditions on itself"
            )
        return Condition(None, self.test())

    def test(self) -> Comparison | Keyword:
        reader = self.reader
        for comparator in Comparator:
            if reader.take(comparator):
                return self.comparison(comparator)
        reader.skip_space()
        start = reader.at
        words = f"{reader.name()} {reader.name()}"
        if self.field is None and words in set(Keyword):
            return Keyword(words)
        reader.at = start
        if self.field is None:
            raise reader.expected(
                "a comparison",
                "= != < > <= >=, IS NULL, IS TRUE, IS FALSE or NOT EXISTS; "
                "CloudWatch has neither EXISTS nor IS NOT",
            )
        raise reader.expected("a comparison, `,` or `]`", _and_or_help(reader))

    def comparison(self, comparator: Comparator) -> Comparison:
        reader = self.reader
        reader.skip_space()
        start = reader.at
        value = reader.value()
        is_bare = reader.text[start] not in '"%'
        if self.field is None and is_bare and value.text == "null":
            raise reader.fault(
                "`null` is compared with `IS NULL`", start, reader.at, "no value", "write IS NULL"
            )
        if comparator not in _EQUALITY and value.number is None:
            raise reader.fault(
                f"`{comparator}` compares numbers",
                start,
                reader.at,
                "not a number",
                "leave a number without quotes; texts know `=` and `!=`",
            )
        return Comparison(comparator, value)

    def selector(self) -> Selector:
        reader = self.reader
        reader.skip_space()
        start = reader.at
        if not reader.take("$."):
            raise reader.expected("a selector", "a field is written `$.name`")
        steps: list[str | int | None] = [self.step()]
        while reader.peek() in {".", "["}:
            if reader.peek() == ".":
                reader.at += 1
            steps.append(self.step())
        self.wildcards += steps.count(None)
        if steps.count(None) > 1 or self.wildcards > MAX_WILDCARDS:
            raise reader.fault(
                "too many `*` in selectors",
                start,
                reader.at,
                f"one a selector, {MAX_WILDCARDS} a pattern",
                "name the fields",
            )
        return Selector(reader.text[start : reader.at], tuple(steps))

    def step(self) -> str | int | None:
        reader = self.reader
        if reader.peek() == "[":
            reader.at += 1
            return self.bracket()
        if reader.peek() == "*":
            reader.at += 1
            return None
        name = "" if reader.peek().isspace() else reader.name()
        if not name:
            raise reader.expected("a field's name", "other characters need `['...']`")
        return name

    def bracket(self) -> str | int | None:
        reader = self.reader
        step: str | int | None
        index = _INDEX.match(reader.text, reader.at)
        if reader.peek() in {"'", '"'}:
            step = reader.quoted()
        elif reader.peek() == "*":
            reader.at += 1
            step = None
        elif index:
            reader.at = index.end()
            step = int(index[0])
        else:
            raise reader.expected("an index, `*` or a quoted name")
        if reader.peek() != "]":
            raise reader.expected("`]`")
        reader.at += 1
        return step


def _parse_delimited(reader: Reader) -> DelimitedPattern:
    reader.take("[")
    slots: list[FieldSlot] = []
    ellipsis: int | None = None
    names: set[str] = set()
    if reader.take("]"):
        ellipsis = 0
    else:
        while True:
            reader.skip_space()
            start = reader.at
            if reader.take("..."):
                if ellipsis is not None:
                    raise reader.fault(
                        "a pattern holds one ellipsis", start, reader.at, "the second"
                    )
                ellipsis = len(slots)
            else:
                slots.append(_parse_slot(reader, names))
            if reader.take("]"):
                break
            if not reader.take(","):
                raise reader.expected("`,` or `]`", _and_or_help(reader))
    if not reader.is_at_end():
        raise reader.expected("the end", "one `[ ]` holds the whole pattern")
    return DelimitedPattern(reader.text, tuple(slots), ellipsis)


def _parse_slot(reader: Reader, names: set[str]) -> FieldSlot:
    reader.skip_space()
    start = reader.at
    name = reader.name()
    if name and name in names:
        raise reader.fault(
            f"two fields are named `{name}`", start, reader.at, "again", "give each its own name"
        )
    names.add(name)
    reader.skip_space()
    if reader.peek() in {",", "]", ""}:
        return FieldSlot(name)
    if not name:
        raise reader.expected("a field's name", "names hold letters, digits, `_` and `-`")
    reader.at = start
    return FieldSlot(name, _Conditions(reader, name).either())


def _and_or_help(reader: Reader) -> str:
    word = reader.text[reader.at :].lstrip()[:3].upper()
    if word.startswith("AND"):
        return "write `&&`"
    if word.startswith("OR"):
        return "write `||`"
    return ""

"""A cursor over a pattern's text, with the tokens that all three kinds share."""

from __future__ import annotations

import re

from axonwatch.syntax.filter_pattern.regex import compile_regex
from axonwatch.syntax.filter_pattern.value import Value, read_number
from axonwatch.syntax.text import SyntaxFault, TextSpan

MAX_REGEXES = 2
_NAME = re.compile(r"[A-Za-z0-9_-]+")
_SPACE = re.compile(r"[ \t\r\n]*")
_BARE = re.compile(r'[^ \t\r\n,\]}()&|=<>!"]+')
_BARE_VALUE = re.compile(r"[A-Za-z0-9_.*+-]+")
_ESCAPED = re.compile(r"\\([\"\\])")


class Reader:
    """Reads tokens from left to right; every fault knows its place."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.regexes = 0

    def skip_space(self) -> None:
        """Go to the next character that is no white space."""
        space = _SPACE.match(self.text, self.at)
        self.at = space.end() if space else self.at

    def peek(self) -> str:
        """The character at the cursor, empty at the end."""
        return self.text[self.at : self.at + 1]

    def is_at_end(self) -> bool:
        """Whether only white space is left."""
        self.skip_space()
        return self.at == len(self.text)

    def take(self, word: str) -> bool:
        """Step over `word` if it is next."""
        self.skip_space()
        if not self.text.startswith(word, self.at):
            return False
        self.at += len(word)
        return True

    def name(self) -> str:
        """A name, or nothing."""
        self.skip_space()
        found = _NAME.match(self.text, self.at)
        if not found:
            return ""
        self.at = found.end()
        return found[0]

    def quoted(self) -> str:
        """The text in the quotes at the cursor; a backslash protects a quote or a backslash."""
        start = self.at
        quote = self.peek()
        end = start + 1
        while end < len(self.text) and self.text[end] != quote:
            end += 2 if self.text[end] == "\\" else 1
        if end >= len(self.text):
            raise self.fault(
                "a quote is not closed",
                start,
                len(self.text),
                "opened here",
                f"close it with {quote}",
            )
        self.at = end + 1
        return _ESCAPED.sub(r"\1", self.text[start + 1 : end])

    def regex(self) -> Value:
        """The regular expression at the cursor, between `%`."""
        start = self.at
        end = self.text.find("%", start + 1)
        if end < 0:
            raise self.fault(
                "a regular expression is not closed",
                start,
                len(self.text),
                "opened here",
                r"end it with `%`; a percent sign inside is \x25",
            )
        self.regexes += 1
        if self.regexes > MAX_REGEXES:
            raise self.fault(
                f"a filter pattern holds at most {MAX_REGEXES} regular expressions",
                start,
                end + 1,
                "one too many",
                "use terms or `*` where they do",
            )
        text = self.text[start + 1 : end]
        self.at = end + 1
        return Value(text, regex=compile_regex(text, start + 1))

    def value(self) -> Value:
        """What a condition compares with: quoted, a regular expression, or a bare word."""
        self.skip_space()
        if self.peek() == '"':
            return Value(self.quoted())
        if self.peek() == "%":
            return self.regex()
        start = self.at
        bare = _BARE.match(self.text, start)
        if not bare:
            raise self.expected("a value")
        if not _BARE_VALUE.fullmatch(bare[0]):
            raise self.fault(
                f"`{bare[0]}` needs quotes",
                start,
                bare.end(),
                "holds more than letters, digits, `_`, `-`, `.` and `*`",
                f'write "{bare[0]}"',
            )
        self.at = bare.end()
        return Value(bare[0], number=read_number(bare[0]))

    def expected(self, what: str, help: str = "") -> SyntaxFault:
        """The fault that something else stands at the cursor."""
        self.skip_space()
        found = _BARE.match(self.text, self.at)
        end = found.end() if found else min(self.at + 1, len(self.text))
        here = f"`{self.text[self.at : end]}`" if self.at < len(self.text) else "the end"
        return self.fault(f"expected {what}, found {here}", self.at, end, f"not {what}", help)

    def fault(
        self, title: str, start: int, end: int, label: str = "", help: str = ""
    ) -> SyntaxFault:
        """A fault of this pattern."""
        return SyntaxFault(
            "bad-filter-pattern",
            title,
            TextSpan(start, max(end, start + 1)),
            label=label,
            help=help,
        )

"""The tokenizer of Logs Insights queries: named regular expressions, read as the parser asks.

The parser pulls tokens, because `/` begins a regular expression only where an operand stands.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from axonwatch.syntax.text import SyntaxFault, TextSpan

NAME = "name"
STRING = "string"
NUMBER = "number"
DURATION = "duration"
REGEX = "regex"
SIGN = "sign"
END = "end"

_SEGMENT = r"(?:\w+|`[^`\n]+`)"
_SCANNER = re.compile(
    rf"""
    (?P<space>\s+)
  | (?P<comment>\#[^\n]*)
  | (?P<name>@{{0,2}}(?:[^\W\d]\w*|`[^`\n]+`)(?:\.@{{0,2}}{_SEGMENT})*)
  | (?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
  | (?P<duration>\d+[^\W\d]\w*)
  | (?P<number>\d+(?:\.\d+)?|\.\d+)
  | (?P<sign>!=|<=|>=|=~|[|,()\[\]=<>+\-*/%^!.:])
    """,
    re.VERBOSE | re.DOTALL,
)
_EXPONENT = re.compile(r"(?:\d+(?:\.\d+)?|\.\d+)[eE][+-]?\d+(?!\w)")
_REGEX = re.compile(r"/((?:[^/\\]|\\.)*)/", re.DOTALL)
_REGEX_FLAGS = re.compile(r"[A-Za-z]+")
_SEGMENTS = re.compile(r"(?P<at>@{0,2})(?:`(?P<quoted>[^`\n]+)`|(?P<plain>\w+))")
_TABLE = re.compile(r"[\w-]+")
_WORD = re.compile(r"[^\s|,()\[\]]+")
_UNESCAPE = re.compile(r"\\([\"'\\])")

_FOREIGN = {
    "==": "write `=`",
    "<>": "write `!=`",
    "&&": "write `and`",
    "||": "write `or`",
    "{{": "give the parameter a value with `--param`, or a default",
    ";": "commands are separated by `|`",
    "`": "a backtick needs its partner on the same line",
}


@dataclass(frozen=True)
class Token:
    """A token. `value` is the text that it stands for; for names, the segments between the dots."""

    kind: str
    text: str
    span: TextSpan
    value: str = ""
    segments: tuple[str, ...] = ()
    bare: bool = False  # a name of one unquoted segment, so perhaps a keyword

    def is_word(self, *words: str) -> bool:
        """Whether this is one of the keywords, in any case."""
        return self.bare and self.text.lower() in words

    def is_sign(self, *signs: str) -> bool:
        """Whether this is one of the signs."""
        return self.kind == SIGN and self.text in signs

    @property
    def shown(self) -> str:
        """The token as an error names it."""
        return "the end of the query" if self.kind == END else f"`{shorten(self.text)}`"


def shorten(text: str, limit: int = 40) -> str:
    """`text` on one line, cut in the middle of nothing: fit to stand in a message."""
    flat = " ".join(text.split())
    return flat if len(flat) <= limit else flat[: limit - 3] + "..."


class Scanner:
    """Reads tokens out of a text, from any offset."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.late_comments: list[TextSpan] = []

    def token(self, position: int) -> Token:
        """The token at or after `position`, past blanks and comments."""
        while True:
            found = _SCANNER.match(self.text, position)
            if found is None:
                return self._no_token(position)
            if found.lastgroup == "comment":
                self._note_comment(found.start(), found.end())
            elif found.lastgroup != "space":
                return self._made(found)
            position = found.end()

    def regex(self, opening: Token) -> Token:
        """The regular expression that begins at the slash `opening`."""
        start = opening.span.start
        found = _REGEX.match(self.text, start)
        if found is None:
            raise SyntaxFault(
                "unterminated-regex",
                "the regular expression has no closing `/`",
                TextSpan(start, start + 1),
                label="opened here",
                help="close it with `/`; a slash inside is written `\\/`",
            )
        flags = _REGEX_FLAGS.match(self.text, found.end())
        if flags is not None and flags.group().lower() not in {"as", "multi", "and", "or"}:
            span = TextSpan(flags.start(), flags.end())
            raise SyntaxFault(
                "regex-flags",
                "flags after a regular expression are not part of the language",
                span,
                label="not allowed after `/.../`",
                help=f"write the flag at the pattern's beginning: `(?{flags.group()})`",
            )
        span = TextSpan(start, found.end())
        return Token(REGEX, found.group(), span, value=found.group(1).replace("\\/", "/"))

    def table_name(self, position: int) -> Token:
        """A lookup table's name: letters, digits, hyphens and underscores, or a string."""
        upcoming = self.token(position)
        if upcoming.kind == STRING:
            return upcoming
        found = _TABLE.match(self.text, upcoming.span.start)
        if found is None:
            raise SyntaxFault(
                "unexpected-token",
                f"expected the name of a lookup table, found {upcoming.shown}",
                upcoming.span,
            )
        return Token(NAME, found.group(), TextSpan(found.start(), found.end()), found.group())

    def word(self, position: int) -> Token:
        """A run of characters without blanks, for arguments that only the service reads."""
        upcoming = self.token(position)
        if upcoming.kind in {STRING, END} or upcoming.text in "|,()[]":
            return upcoming
        found = _WORD.match(self.text, upcoming.span.start)
        if found is None:
            return upcoming
        return Token(NAME, found.group(), TextSpan(found.start(), found.end()), found.group())

    def _note_comment(self, start: int, end: int) -> None:
        before = self.text[self.text.rfind("\n", 0, start) + 1 : start]
        if before.strip(" \t\r|"):
            self.late_comments.append(TextSpan(start, end))

    def _made(self, found: re.Match[str]) -> Token:
        kind, text = found.lastgroup or "", found.group()
        span = TextSpan(found.start(), found.end())
        if kind == NAME:
            parts = _SEGMENTS.finditer(text)
            segments = tuple(p["at"] + (p["quoted"] or p["plain"]) for p in parts)
            bare = len(segments) == 1 and "`" not in text
            return Token(NAME, text, span, ".".join(segments), segments, bare)
        if kind == STRING:
            return Token(STRING, text, span, _UNESCAPE.sub(r"\1", text[1:-1]))
        if kind in {NUMBER, DURATION}:
            exponent = _EXPONENT.match(self.text, span.start)
            if exponent is not None:
                span = TextSpan(span.start, exponent.end())
                return Token(NUMBER, exponent.group(), span, exponent.group())
        if kind == SIGN and self.text[span.start : span.start + 2] in _FOREIGN:
            return self._foreign(span.start, 2)
        return Token(kind, text, span, text)

    def _no_token(self, position: int) -> Token:
        if position >= len(self.text):
            end = len(self.text)
            return Token(END, "", TextSpan(end, end))
        character = self.text[position]
        if character in "\"'":
            raise SyntaxFault(
                "unterminated-string",
                f"the string has no closing `{character}`",
                TextSpan(position, position + 1),
                label="opened here",
                help=f"close it with `{character}`",
            )
        return self._foreign(position, 2 if self.text[position : position + 2] in _FOREIGN else 1)

    def _foreign(self, position: int, length: int) -> Token:
        text = self.text[position : position + length]
        help_text = _FOREIGN.get(text) or "put backticks round a name with other characters"
        raise SyntaxFault(
            "unexpected-character",
            f"`{text}` is not part of the language" if text.isprintable() else "stray character",
            TextSpan(position, position + length),
            label="not expected here",
            help=help_text,
        )

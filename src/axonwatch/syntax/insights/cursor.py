"""The parser's place in the text: the next token, and the errors about it."""

from __future__ import annotations

from typing import NoReturn

from axonwatch.syntax.insights.nodes import Alias
from axonwatch.syntax.insights.tokens import END, NAME, NUMBER, STRING, Scanner, Token
from axonwatch.syntax.text import SyntaxFault, TextSpan

MAXIMUM_DEPTH = 200
RESERVED = ("and", "or", "not", "like", "in", "as", "by", "asc", "desc")


class Cursor:
    """Reads tokens one by one; knows how deep the parser is."""

    def __init__(self, scanner: Scanner) -> None:
        self.scanner = scanner
        self.text = scanner.text
        self.last_end = 0
        self.depth = 0
        self.next = scanner.token(0)

    def advance(self) -> Token:
        """Take the next token."""
        taken = self.next
        self.last_end = taken.span.end
        self.next = self.scanner.token(taken.span.end)
        return taken

    def take(self, token: Token) -> Token:
        """Take a token that the scanner read in another mode."""
        self.last_end = token.span.end
        self.next = self.scanner.token(token.span.end)
        return token

    def take_sign(self, *signs: str) -> Token | None:
        """Take the next token if it is one of `signs`."""
        return self.advance() if self.next.is_sign(*signs) else None

    def take_word(self, *words: str) -> Token | None:
        """Take the next token if it is one of the keywords `words`."""
        return self.advance() if self.next.is_word(*words) else None

    def peek(self) -> Token:
        """The token after the next one."""
        return self.scanner.token(self.next.span.end)

    def expect_sign(self, sign: str, what: str) -> Token:
        """Take `sign`, or say that `what` needs it."""
        return self.take_sign(sign) or self.fail_expected(f"`{sign}` {what}")

    def expect_word(self, word: str, what: str, *, help: str = "") -> Token:
        """Take the keyword `word`, or say that `what` needs it."""
        return self.take_word(word) or self.fail_expected(f"`{word}` {what}", help=help)

    def expect_string(self, what: str) -> Token:
        """Take a string."""
        return self.advance() if self.next.kind == STRING else self.fail_expected(what)

    def expect_integer(self, what: str) -> int:
        """Take a whole number of reasonable size."""
        token = self.next
        if token.kind != NUMBER or not token.value.isdecimal() or len(token.value) > 12:
            self.fail_expected(what)
        return int(self.advance().value)

    def expect_name(self, what: str) -> Token:
        """Take a name that is no keyword."""
        token = self.next
        if token.kind != NAME:
            self.fail_expected(what)
        if token.is_word(*RESERVED):
            self.fail_expected(what, help=f"a field called `{token.text}` needs backticks round it")
        return self.advance()

    def alias(self, what: str = "a name") -> Alias:
        """Take the name that the query gives."""
        token = self.expect_name(what)
        return Alias(token.value, span=token.span)

    def at_end(self) -> bool:
        """Whether the command ends here."""
        return self.next.kind == END or self.next.is_sign("|", ")")

    def since(self, start: int) -> TextSpan:
        """The span from `start` to the last token taken."""
        return TextSpan(start, max(self.last_end, start))

    def fail_expected(self, what: str, *, help: str = "") -> NoReturn:
        """Say what was expected in place of the next token."""
        token = self.next
        span = token.span
        if token.kind == END:
            span = TextSpan(max(self.last_end - 1, 0), self.last_end) if self.last_end else span
        raise SyntaxFault(
            "unexpected-end" if token.kind == END else "unexpected-token",
            f"expected {what}, found {token.shown}",
            span,
            label="the query ends here" if token.kind == END else "not expected here",
            help=help,
        )

    def fail(self, code: str, title: str, span: TextSpan, *, label: str, help: str) -> NoReturn:
        """Refuse the text at `span`."""
        raise SyntaxFault(code, title, span, label=label, help=help)

    def enter(self) -> None:
        """Go one level down."""
        self.depth += 1
        if self.depth > MAXIMUM_DEPTH:
            self.fail(
                "too-deep",
                f"the query is nested more than {MAXIMUM_DEPTH} levels deep",
                self.next.span,
                label="too deep here",
                help="split it with `fields .. as name`",
            )

    def leave(self) -> None:
        """Come back one level."""
        self.depth -= 1

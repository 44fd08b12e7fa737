"""Metric math: text -> tree with positions, one function per grammar rule.

    expression := or
    or         := and (("OR" | "||") and)*
    and        := comparison (("AND" | "&&") comparison)*
    comparison := sum (("==" | "!=" | "<=" | ">=" | "<" | ">") sum)*
    sum        := product (("+" | "-") product)*
    product    := unary (("*" | "/") unary)*
    unary      := "-" unary | power
    power      := primary ("^" unary)?
    primary    := number | text | id | WORD | NAME "(" list? ")" | "[" list "]" | "(" expression ")"

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
CloudWatch does not say how its operators bind; this is the usual order, `^` to the right.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from axonwatch.syntax.metric_math.nodes import (
    Array,
    Binary,
    Call,
    Negate,
    Node,
    Number,
    Reference,
    Text,
    Word,
)
from axonwatch.syntax.text import SyntaxFault, TextSpan

MAX_DEPTH = 60
MAX_LINKS = 200

_TOKEN = re.compile(
    r"""
      (?P<space>\s+)
    | (?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
    | (?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
    | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
    | (?P<sign>==|!=|<=|>=|&&|\|\||[-+*/^<>(),\[\]])
    """,
    re.VERBOSE,
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_SAME = {"&&": "AND", "||": "OR"}
_LEVELS = (
    frozenset({"OR"}),
    frozenset({"AND"}),
    frozenset({"==", "!=", "<=", ">=", "<", ">"}),
    frozenset({"+", "-"}),
    frozenset({"*", "/"}),
)


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    span: TextSpan

    @property
    def operator(self) -> str:
        """The operator that this token writes, or the empty text."""
        if self.kind == "sign" or (self.kind == "name" and self.text in {"AND", "OR"}):
            return _SAME.get(self.text, self.text)
        return ""


def parse(text: str) -> Node:
    """The tree of an expression. Raises SyntaxFault with the place."""
    return _Parser(text).whole()


def _tokens(text: str) -> list[_Token]:
    found: list[_Token] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise _stray(text, at)
        if match.lastgroup != "space":
            found.append(_Token(str(match.lastgroup), match[0], TextSpan(at, match.end())))
        at = match.end()
    found.append(_Token("end", "", TextSpan(len(text), len(text))))
    return found


def _stray(text: str, at: int) -> SyntaxFault:
    if text[at] in "'\"":
        return SyntaxFault(
            "unclosed-text",
            "a text has no closing quote",
            TextSpan(at, len(text)),
            label="begins here",
            help=f"close it with {text[at]}",
        )
    help_text = "write `==`" if text[at] == "=" else ""
    return SyntaxFault(
        "unexpected-character",
        f"`{text[at]}` has no meaning in metric math",
        TextSpan(at, at + 1),
        label="not part of the language",
        help=help_text,
    )


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)
        self._at = 0
        self._depth = 0

    def whole(self) -> Node:
        if self._peek().kind == "end":
            raise SyntaxFault(
                "empty-expression",
                "the expression is empty",
                self._peek().span,
                help="write an expression such as `100 * errors / requests`",
            )
        node = self._level(0)
        if self._peek().kind != "end":
            raise self._unexpected("an operator or the end")
        return node

    def _peek(self, ahead: int = 0) -> _Token:
        return self._tokens[min(self._at + ahead, len(self._tokens) - 1)]

    def _next(self) -> _Token:
        token = self._peek()
        self._at += 1
        return token

    def _unexpected(self, wanted: str) -> SyntaxFault:
        token = self._peek()
        what = f"`{token.text}`" if token.text else "the end of the expression"
        return SyntaxFault(
            "unexpected-token",
            f"{what} where {wanted} is expected",
            token.span,
            label=f"expected {wanted}",
        )

    def _expect(self, sign: str, opened: _Token | None = None) -> _Token:
        if self._peek().text == sign and self._peek().kind == "sign":
            return self._next()
        if opened is not None and self._peek().kind == "end":
            raise SyntaxFault(
                "unclosed-bracket",
                f"`{opened.text}` is never closed",
                opened.span,
                label="opened here",
                help=f"add `{sign}`",
            )
        raise self._unexpected(f"`{sign}`")

    def _level(self, level: int) -> Node:
        if level == len(_LEVELS):
            return self._unary()
        left = self._level(level + 1)
        links = 0
        while self._peek().operator in _LEVELS[level]:
            operator = self._next()
            links += 1
            if links > MAX_LINKS:
                raise _too_deep(f"has more than {MAX_LINKS} operators in a row", operator.span)
            right = self._level(level + 1)
            left = Binary(operator.operator, left, right, left.span.join(right.span), operator.span)
        return left

    def _unary(self) -> Node:
        if self._peek().operator == "-":
            sign = self._next()
            with _Nesting(self, sign):
                operand = self._unary()
            return Negate(operand, sign.span.join(operand.span))
        return self._power()

    def _power(self) -> Node:
        base = self._primary()
        if self._peek().operator != "^":
            return base
        operator = self._next()
        with _Nesting(self, operator):
            exponent = self._unary()
        return Binary("^", base, exponent, base.span.join(exponent.span), operator.span)

    def _primary(self) -> Node:
        token = self._peek()
        if token.kind == "number":
            self._next()
            return Number(float(token.text), token.span)
        if token.kind == "text":
            self._next()
            return Text(_ESCAPED.sub(r"\1", token.text[1:-1]), token.span)
        if token.kind == "name" and not token.operator:
            return self._name()
        if token.text == "(":
            opened = self._next()
            with _Nesting(self, opened):
                inside = self._level(0)
            self._expect(")", opened)
            return inside
        if token.text == "[":
            opened = self._next()
            with _Nesting(self, opened):
                items = self._list("]")
            closed = self._expect("]", opened)
            return Array(items, opened.span.join(closed.span))
        raise self._unexpected("a number, an id or a function")

    def _name(self) -> Node:
        token = self._next()
        if self._peek().text == "(":
            opened = self._next()
            with _Nesting(self, opened):
                arguments = self._list(")")
            closed = self._expect(")", opened)
            return Call(token.text, arguments, token.span.join(closed.span), token.span)
        if token.text[0].isupper():
            return Word(token.text, token.span)
        return Reference(token.text, token.span)

    def _list(self, closing: str) -> tuple[Node, ...]:
        if self._peek().text == closing:
            return ()
        items = [self._level(0)]
        while self._peek().text == ",":
            self._next()
            items.append(self._level(0))
        return tuple(items)


def _too_deep(what: str, span: TextSpan) -> SyntaxFault:
    return SyntaxFault(
        "too-deep",
        f"the expression {what}",
        span,
        label="too deep here",
        help="split it into several expressions",
    )


class _Nesting:
    """Counts how deep the parser stands, so that no text can exhaust the stack."""

    def __init__(self, parser: _Parser, opened: _Token) -> None:
        self._parser = parser
        self._opened = opened

    def __enter__(self) -> None:
        self._parser._depth += 1  # noqa: SLF001 - one module
        if self._parser._depth > MAX_DEPTH:  # noqa: SLF001
            raise _too_deep(f"is nested deeper than {MAX_DEPTH} levels", self._opened.span)

    def __exit__(self, *_: object) -> None:
        self._parser._depth -= 1  # noqa: SLF001

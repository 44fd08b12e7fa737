"""Metrics Insights: the SQL of CloudWatch metrics, text -> tree.

    query     := "SELECT" NAME "(" name ")" "FROM" source ["WHERE" condition ("AND" condition)*]
                 ["GROUP" "BY" name ("," name)*] ["ORDER" "BY" NAME "(" ")" ["ASC" | "DESC"]]
                 ["LIMIT" number]
    source    := name | "SCHEMA" "(" name ("," name)* ")"
    condition := name ("=" | "!=") text

Keywords in any case; names bare or in double quotes, texts in single ones. Source: https://
docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-metrics-insights-querylanguage.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from axonwatch.syntax.text import SyntaxFault, TextSpan

FUNCTIONS = ("AVG", "COUNT", "MAX", "MIN", "SUM")
MAX_SERIES = 500

_TOKEN = re.compile(
    r"""(?P<space>\s+)|(?P<quoted>"(?:[^"\\]|\\.)*")|(?P<text>'(?:[^'\\]|\\.)*')
    |(?P<number>\d+)|(?P<name>[A-Za-z_][A-Za-z0-9_./:-]*)|(?P<sign>!=|[=(),*])""",
    re.VERBOSE,
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


@dataclass(frozen=True)
class Condition:
    """`label = value`, or with `equal` False `label != value`."""

    label: str
    value: str
    equal: bool


@dataclass(frozen=True)
class InsightsQuery:
    """A query. `schema` are exactly the labels that a metric must have, None for any.

    `order` is the function to order by and whether the largest come first.
    """

    function: str
    metric: str
    namespace: str
    schema: tuple[str, ...] | None = None
    where: tuple[Condition, ...] = ()
    group_by: tuple[str, ...] = ()
    order: tuple[str, bool] | None = None
    limit: int = MAX_SERIES


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    span: TextSpan


def parse_insights(text: str) -> InsightsQuery:
    """The query of a text. Raises SyntaxFault with the place."""
    return _Parser(text).query()


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens: list[_Token] = []
        at = 0
        while at < len(text):
            match = _TOKEN.match(text, at)
            if match is None:
                span = TextSpan(at, at + 1)
                title = f"`{text[at]}` has no meaning in Metrics Insights"
                raise SyntaxFault("unexpected-character", title, span)
            if match.lastgroup != "space":
                span = TextSpan(at, match.end())
                self._tokens.append(_Token(str(match.lastgroup), match[0], span))
            at = match.end()
        self._tokens.append(_Token("end", "", TextSpan(len(text), len(text))))
        self._at = 0

    def query(self) -> InsightsQuery:
        self._keyword("SELECT")
        function = self._function()
        self._sign("(")
        metric = self._name("the metric's name")
        self._sign(")")
        self._keyword("FROM")
        namespace, schema = self._source()
        where: list[Condition] = []
        if self._take("WHERE"):
            where.append(self._condition())
            while self._take("AND"):
                where.append(self._condition())
        group_by: tuple[str, ...] = ()
        if self._take("GROUP"):
            self._keyword("BY")
            group_by = self._names()
        order = self._order()
        limit = MAX_SERIES
        if self._take("LIMIT"):
            limit = min(MAX_SERIES, int(self._expect("number", "a number").text))
        if self._peek().kind != "end":
            raise self._unexpected("the end")
        return InsightsQuery(
            function, metric, namespace, schema, tuple(where), group_by, order, limit
        )

    def _peek(self) -> _Token:
        return self._tokens[self._at]

    def _next(self) -> _Token:
        token = self._peek()
        self._at = min(self._at + 1, len(self._tokens) - 1)
        return token

    def _unexpected(self, wanted: str) -> SyntaxFault:
        token = self._peek()
        what = f"`{token.text}`" if token.text else "the end of the query"
        return SyntaxFault(
            "unexpected-token",
            f"{what} where {wanted} is expected",
            token.span,
            label=f"expected {wanted}",
        )

    def _take(self, word: str) -> bool:
        token = self._peek()
        if token.kind == "name" and token.text.upper() == word:
            self._next()
            return True
        return False

    def _keyword(self, word: str) -> None:
        if not self._take(word):
            raise self._unexpected(word)

    def _expect(self, kind: str, wanted: str) -> _Token:
        if self._peek().kind != kind:
            raise self._unexpected(wanted)
        return self._next()

    def _sign(self, sign: str) -> None:
        if self._peek().text != sign:
            raise self._unexpected(f"`{sign}`")
        self._next()

    def _function(self) -> str:
        token = self._peek()
        if token.kind == "name" and token.text.upper() in FUNCTIONS:
            self._next()
            return token.text.upper()
        raise self._unexpected("AVG, COUNT, MAX, MIN or SUM")

    def _name(self, wanted: str) -> str:
        token = self._peek()
        if token.kind == "name":
            return self._next().text
        if token.kind == "quoted":
            return _ESCAPED.sub(r"\1", self._next().text[1:-1])
        raise self._unexpected(wanted)

    def _names(self) -> tuple[str, ...]:
        found = [self._name("a label's name")]
        while self._peek().text == ",":
            self._next()
            found.append(self._name("a label's name"))
        return tuple(found)

    def _source(self) -> tuple[str, tuple[str, ...] | None]:
        if not self._take("SCHEMA"):
            return self._name("a namespace or SCHEMA(...)"), None
        self._sign("(")
        namespace, *labels = self._names()
        self._sign(")")
        return namespace, tuple(labels)

    def _condition(self) -> Condition:
        label = self._name("a label's name")
        token = self._peek()
        if token.text not in {"=", "!="}:
            raise self._unexpected("`=` or `!=`")
        self._next()
        value = self._expect("text", "a value in single quotes")
        return Condition(label, _ESCAPED.sub(r"\1", value.text[1:-1]), token.text == "=")

    def _order(self) -> tuple[str, bool] | None:
        if not self._take("ORDER"):
            return None
        self._keyword("BY")
        function = self._function()
        self._sign("(")
        self._sign(")")
        if self._take("DESC"):
            return function, True
        self._take("ASC")
        return function, False

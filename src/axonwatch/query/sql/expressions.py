"""Expressions of the language -> SQL values.

Three-valued, as SQL: what compares with a missing value is missing, and `filter` keeps only what
is true. With `keep_missing` a comparison with a missing value is false, and its negation true.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from axonwatch.query.sql import values as v
from axonwatch.query.sql.context import Context, refuse
from axonwatch.query.sql.pipeline import Pipeline, quote_text
from axonwatch.query.sql.scope import Scope
from axonwatch.query.sql.values import MISSING, Kind, Value
from axonwatch.syntax.insights import nodes as n
from axonwatch.syntax.insights.functions import AGGREGATE, BY_NAME
from axonwatch.syntax.insights.regex import read_regex
from axonwatch.syntax.text import SyntaxFault

_EXACT = 2**53
_NUMERIC = {Kind.NUMBER, Kind.INTEGER, Kind.TIME, Kind.BOOLEAN}

ScalarFunction = Callable[["Expressions", list[Value], n.Call], Value]
SubqueryColumn = Callable[[n.Query], tuple[str, Value]]

SCALARS: dict[str, ScalarFunction] = {}


def scalar(*names: str) -> Callable[[ScalarFunction], ScalarFunction]:
    """Register the evaluation of a function, under its name in the table."""

    def register(function: ScalarFunction) -> ScalarFunction:
        for name in names:
            SCALARS[name] = function
        return function

    return register


class Expressions:
    """Compiles expressions over one scope, adding columns to one pipeline."""

    def __init__(
        self,
        context: Context,
        pipe: Pipeline,
        scope: Scope,
        *,
        subquery: SubqueryColumn | None = None,
        given: dict[n.Expression, Value] | None = None,
        sequence: str | None = None,
    ) -> None:
        self.context = context
        self.sequence = sequence
        self.pipe = pipe
        self.scope = scope
        self._subquery = subquery
        self._given = given or {}

    def number(self, value: Value) -> str:
        """DOUBLE SQL of a value."""
        return v.number(self.pipe, value)

    def text(self, value: Value) -> str:
        """VARCHAR SQL of a value."""
        return v.text(self.pipe, value)

    def let(self, sql: str) -> str:
        """A column with this value."""
        return self.pipe.let(sql)

    def value(self, node: n.Expression) -> Value:
        """The value of an expression."""
        if self._given and node in self._given:
            return self._given[node]
        match node:
            case n.Field(segments):
                return self.scope.resolve(self.pipe, segments)
            case n.Number(text):
                return Value(Kind.NUMBER, v.number_sql(float(text)), literal=text)
            case n.String(text):
                return v.text_literal(text)
            case n.Call():
                return self._call(node)
            case n.Attribute() | n.Index():
                return self._inside(node)
            case n.Negate(operand):
                return Value(Kind.NUMBER, f"(-{self.number(self.value(operand))})")
            case n.Arithmetic(operator, left, right):
                return self._arithmetic(operator, self.value(left), self.value(right))
            case n.Duration() | n.Regex() | n.Star():
                raise _bare(node)
            case _:
                return Value(Kind.BOOLEAN, self.condition(node))

    def condition(self, node: n.Expression, *, loose: bool = False) -> str:
        """BOOLEAN SQL of an expression; `loose` where false and missing are the same."""
        match node:
            case n.And(terms):
                return _balanced("AND", [self.condition(term, loose=loose) for term in terms])
            case n.Or(terms):
                return _balanced("OR", [self.condition(term, loose=loose) for term in terms])
            case n.Not(operand):
                return f"(NOT {self.condition(operand)})"
            case n.Comparison(operator, left, right):
                return self._comparison(operator, self.value(left), self.value(right), loose)
            case n.Like(subject, pattern, negated):
                return self._negated(self._like(self.value(subject), pattern), negated)
            case n.In(subject, items, negated):
                return self._in(self.value(subject), items, negated, loose=loose and not negated)
            case n.InQuery(subject, query, negated):
                return self._negated(self._in_query(self.value(subject), query), negated)
            case _:
                return v.truth(self.pipe, self.value(node))

    def _negated(self, sql: str, negated: bool) -> str:
        return f"(NOT {sql})" if negated else sql

    def _settled(self, sql: str) -> str:
        """A comparison, false instead of missing if the reader wants it so."""
        return f"coalesce({sql}, false)" if self.context.settings.keep_missing else sql

    def _call(self, node: n.Call) -> Value:
        rule = BY_NAME.get(node.function.lower())
        if rule is None or rule.kind == AGGREGATE:
            what = "not a function" if rule is None else "a function of `stats`, not of this place"
            refuse("misplaced-function", f"`{node.function}` is {what}", node.span, label="here")
        function = SCALARS[rule.name]
        plain = (n.Duration, n.Regex, n.Star)
        arguments = [
            MISSING if isinstance(argument, plain) else self.value(argument)
            for argument in node.arguments
        ]
        return function(self, arguments, node)

    def _inside(self, node: n.Expression) -> Value:
        keys: list[str] = []
        base: n.Expression = node
        while isinstance(base, (n.Attribute, n.Index)):
            keys.insert(0, base.name if isinstance(base, n.Attribute) else str(base.position))
            base = base.base
        if isinstance(base, n.Field):
            return self.scope.resolve(self.pipe, (*base.segments, *keys))
        held = self.value(base)
        if held.kind is not Kind.STRUCTURE:
            return MISSING
        return self.scope.inside(self.pipe, held, tuple(keys))

    def _arithmetic(self, operator: str, left: Value, right: Value) -> Value:
        one, two = self.number(left), self.number(right)
        if operator == "^":
            raised = self.let(f"pow({one}, {two})")
            return Value(Kind.NUMBER, f"CASE WHEN isfinite({raised}) THEN {raised} END")
        if operator in "/%":
            two = f"nullif({two}, 0)"
        return Value(Kind.NUMBER, f"({one} {operator} {two})")

    def _in(
        self, subject: Value, items: tuple[n.Expression, ...], negated: bool, *, loose: bool
    ) -> str:
        found = [self.value(item) for item in items]
        if subject.kind is Kind.STRUCTURE:
            test, scalar_value = self._scalar(subject)
            sql = self._in(scalar_value, items, negated, loose=loose)
            return f"(CASE WHEN {test} THEN false ELSE {sql} END)"
        if subject.nested and not loose:
            sql = self._in(replace(subject, nested=False), items, negated, loose=loose)
            return f"(CASE WHEN {_is_nested(subject)} THEN false ELSE {sql} END)"
        literals = [x.literal for x in found if x.literal is not None and x.kind is Kind.TEXT]
        if len(literals) == len(found) and subject.kind is Kind.TEXT and subject.literal is None:
            listed = ", ".join(quote_text(literal) for literal in literals)
            sql = self._settled(f"({self.text(subject)} IN ({listed}))")
        else:
            sql = _balanced("OR", [self._equal(subject, item, loose) for item in found])
        return self._negated(sql, negated)

    def _comparison(self, operator: str, left: Value, right: Value, loose: bool) -> str:
        if Kind.STRUCTURE in {left.kind, right.kind}:
            return self._with_structure(operator, left, right, loose)
        if not loose and (left.nested or right.nested):
            tests = [_is_nested(x) for x in (left, right) if x.nested]
            plain = [replace(x, nested=False) for x in (left, right)]
            compared = self._comparison(operator, plain[0], plain[1], loose)
            return f"(CASE WHEN {' OR '.join(tests)} THEN false ELSE {compared} END)"
        if operator == "=":
            return self._equal(left, right, loose)
        if operator == "!=":
            return f"(NOT {self._equal(left, right)})"
        if self._is_numeric(left) or self._is_numeric(right):
            sql = f"({self.number(left)} {operator} {self.number(right)})"
            return self._settled(sql if loose else self._false_for_texts(sql, left, right))
        one, two = self.let(self.text(left)), self.let(self.text(right))
        first, second = self.number(left), self.number(right)
        return self._settled(f"coalesce({first} {operator} {second}, {one} {operator} {two})")

    def _with_structure(self, operator: str, left: Value, right: Value, loose: bool) -> str:
        """Comparing a map or list is false; a scalar out of a list compares as any other."""
        tests, sides = [], []
        for value in (left, right):
            side = value
            if value.kind is Kind.STRUCTURE:
                test, side = self._scalar(value)
                tests.append(test)
            sides.append(side)
        compared = self._comparison(operator, sides[0], sides[1], loose)
        return f"(CASE WHEN {' OR '.join(tests)} THEN false ELSE {compared} END)"

    def _scalar(self, value: Value) -> tuple[str, Value]:
        """Whether a JSON value is a map or list, and the text that it is otherwise."""
        column = self.let(value.sql)
        scalar_text = self.let(v.scalar_text(column))
        return f"ascii({column}) IN (91, 123)", Value(Kind.TEXT, scalar_text)

    def _false_for_texts(self, sql: str, left: Value, right: Value) -> str:
        """A text that is no number compares with a number as false, not as missing."""
        sides = [x for x in (left, right) if not (x.literal is not None and self._is_numeric(x))]
        if not any(x.kind is Kind.TEXT for x in sides):
            return sql
        present = [
            f"({self.text(x) if x.kind is Kind.TEXT else self.number(x)}) IS NOT NULL"
            for x in sides
            if x.literal is None
        ]
        return f"coalesce({sql}, CASE WHEN {' AND '.join(present) or 'true'} THEN false END)"

    @staticmethod
    def _is_numeric(value: Value) -> bool:
        if value.kind in _NUMERIC:
            return True
        return value.literal is not None and v.read_number(value.literal) is not None

    def _equal(self, left: Value, right: Value, loose: bool = False) -> str:
        if right.literal is None and left.literal is not None:
            left, right = right, left
        if Kind.STRUCTURE in {left.kind, right.kind}:
            return self._with_structure("=", left, right, loose)
        if Kind.TIME in {left.kind, right.kind} and Kind.TEXT in {left.kind, right.kind}:
            text = left if left.kind is Kind.TEXT else right
            if text.literal is not None:
                return "false"
        if left.kind in _NUMERIC or right.kind in _NUMERIC:
            return self._settled(self._equal_numbers(left, right, loose))
        if right.literal is not None or left.is_missing or right.is_missing:
            return self._settled(f"({self.text(left)} = {self.text(right)})")
        one, two = self.let(self.text(left)), self.let(self.text(right))
        same = f"{one} = {two}"
        numbers = f"{self.number(left)} = {self.number(right)}"
        return self._settled(f"({same} OR coalesce({numbers}, {same}))")

    def _equal_numbers(self, left: Value, right: Value, loose: bool) -> str:
        literal = right.literal
        if literal is not None and literal.isdecimal() and int(literal) > _EXACT:
            return f"({self.text(left)} = {quote_text(literal)})"
        sql = f"({self.number(left)} = {self.number(right)})"
        return sql if loose else self._false_for_texts(sql, left, right)

    def _like(self, subject: Value, pattern: n.String | n.Regex) -> str:
        text = self.text(subject)
        if isinstance(pattern, n.String):
            return self._settled(f"contains({text}, {quote_text(pattern.value)})")
        facts = read_regex(pattern.pattern, pattern.span)
        if facts.literal is not None:
            return self._settled(f"contains({text}, {quote_text(facts.literal)})")
        return self._settled(f"regexp_matches({text}, {quote_text(facts.pattern)})")

    def _in_query(self, subject: Value, query: n.Query) -> str:
        assert self._subquery is not None  # noqa: S101  # every query's compiler gives one
        sql, column = self._subquery(query)
        if column.kind in _NUMERIC and subject.kind in _NUMERIC:
            return self._settled(f"({self.number(subject)} IN ({sql}))")
        return self._settled(f"({self.let(self.text(subject))} IN ({sql}))")


def _is_nested(value: Value) -> str:
    """Whether a value inside a map is itself a map or list."""
    return f"{value.sql} IS NULL AND {value.whole} IS NOT NULL"


def _bare(node: n.Duration | n.Regex | n.Star) -> SyntaxFault:
    code, what, help_text = {
        n.Duration: ("misplaced-period", "a period", "only functions such as bin take periods"),
        n.Regex: ("misplaced-regex", "a regular expression", "write `f like /../`"),
        n.Star: ("misplaced-star", "`*`", "it stands only in `count(*)`"),
    }[type(node)]
    title = f"{what} is no value of its own"
    return SyntaxFault(code, title, node.span, label="not here", help=help_text)


def _balanced(operator: str, parts: list[str]) -> str:
    """The parts joined as a tree of little depth."""
    while len(parts) > 1:
        parts = [
            f"({' '.join([parts[i], operator, parts[i + 1]])})" if i + 1 < len(parts) else parts[i]
            for i in range(0, len(parts), 2)
        ]
    return parts[0]

"""The parser of expressions, by precedence climbing; each function's docstring is its grammar.

Levels, from loose to tight: or, and, not, comparison, + -, * / %, minus, ^, and `!`. AWS states
none; this is the conventional reading. Few frames per level of nesting, so that the parser's own
limit of depth comes before Python's.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

from axonwatch.syntax.insights.cursor import RESERVED, Cursor
from axonwatch.syntax.insights.nodes import (
    And,
    Arithmetic,
    Attribute,
    Call,
    Comparison,
    Expression,
    Field,
    In,
    Index,
    InQuery,
    Item,
    Like,
    Negate,
    Not,
    Number,
    Or,
    Query,
    Regex,
    Star,
    String,
)
from axonwatch.syntax.insights.periods import read_period
from axonwatch.syntax.insights.tokens import DURATION, NAME, NUMBER, STRING
from axonwatch.syntax.text import SyntaxFault

OR, AND, NOT, COMPARE, ADD, MULTIPLY, MINUS, POWER, TIGHT = range(1, 10)
_COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")
_ARITHMETIC = {"+": ADD, "-": ADD, "*": MULTIPLY, "/": MULTIPLY, "%": MULTIPLY, "^": POWER}


class ExpressionParser(Cursor, ABC):
    """Reads expressions; a subclass reads the queries inside them."""

    @abstractmethod
    def subquery(self) -> Query:
        """A query in parentheses, both still to be taken."""

    def expression(self, floor: int = OR) -> Expression:
        """`expression` = operand {operator expression}, operators at or above `floor`.

        or, and: any number of terms; comparison, like, =~, in: one; + - * / %: from the left;
        ^: from the right.
        """
        self.enter()
        start = self.next.span.start
        left = self._operand()
        compared = False
        while True:
            token = self.next
            level = _ARITHMETIC.get(token.text, 0) if token.is_sign(*_ARITHMETIC) else 0
            if level and level >= floor and not compared:
                self.advance()
                right = self.expression(POWER if level == POWER else level + 1)
                left = Arithmetic(token.text, left, right, span=self.since(start))
            elif floor <= COMPARE and self._compares():
                if compared:
                    self._refuse_chain()
                left = self._comparison(left, start)
                compared = True
            elif floor <= AND and token.is_word("and"):
                left = self._terms("and", left, start)
                compared = True
            elif floor <= OR and token.is_word("or"):
                left = self._terms("or", left, start)
                compared = True
            else:
                break
        self.leave()
        return left

    def _terms(self, word: str, first: Expression, start: int) -> Expression:
        """`terms` = first {word expression}."""
        terms = [first]
        while self.take_word(word):
            terms.append(self.expression(NOT if word == "and" else AND))
        made = And if word == "and" else Or
        return made(tuple(terms), span=self.since(start))

    def _compares(self) -> bool:
        token = self.next
        if token.is_sign("=~", *_COMPARISONS) or token.is_word("like", "in"):
            return True
        return token.is_word("not") and self.peek().is_word("like", "in")

    def _refuse_chain(self) -> None:
        self.fail(
            "chained-comparison",
            "comparisons cannot be chained",
            self.next.span,
            label="a second comparison",
            help="join comparisons with `and`",
        )

    def _comparison(self, left: Expression, start: int) -> Expression:
        """`comparison` = left (sign sum | ["not"] ("like" pattern | "in" items) | "=~" pattern)."""
        sign = self.take_sign(*_COMPARISONS)
        if sign is not None:
            right = self.expression(ADD)
            return Comparison(sign.text, left, right, span=self.since(start))
        negated = self.take_word("not") is not None
        if self.take_word("like") or self.take_sign("=~"):
            return Like(left, self._pattern(), negated, span=self.since(start))
        self.expect_word("in", "or `like`")
        if self.next.is_sign("("):
            query = self.subquery()
            return InQuery(left, query, negated, span=self.since(start))
        return In(left, self._list(), negated, span=self.since(start))

    def _pattern(self) -> String | Regex:
        """`pattern` = string | regex."""
        if self.next.kind == STRING:
            token = self.advance()
            return String(token.value, span=token.span)
        if not self.next.is_sign("/"):
            self.fail_expected('a pattern, "text" or /regex/')
        return self.regex()

    def regex(self) -> Regex:
        """`regex` = "/" .. "/", the slash still to be taken."""
        token = self.take(self.scanner.regex(self.next))
        return Regex(token.value, span=token.span)

    def _list(self) -> tuple[Expression, ...]:
        """`list` = "[" sum {"," sum} "]"."""
        opening = self.expect_sign("[", "after `in`, as in `in [1, 2]`, or a subquery in `( )`")
        items: list[Expression] = []
        while not self.next.is_sign("]"):
            items.append(self.expression(ADD))
            if not self.take_sign(","):
                break
        self.expect_sign("]", "at the end of the list")
        if not items:
            self.fail(
                "empty-list",
                "the list after `in` is empty",
                self.since(opening.span.start),
                label="nothing is in an empty list",
                help='write the values, as in `in ["a", "b"]`',
            )
        return tuple(items)

    def _operand(self) -> Expression:
        """`operand` = "not" expression | "-" expression | "!" operand | primary {index | key}.

        primary = number | string | period | regex | "(" expression ")" | call | name;
        index = "[" integer "]"; key = "." name.
        """
        token, start = self.next, self.next.span.start
        if self.take_word("not"):
            return Not(self.expression(NOT), span=self.since(start))
        if self.take_sign("-"):
            return Negate(self.expression(MINUS), span=self.since(start))
        if self.take_sign("!"):
            self.enter()
            operand = self._operand()
            self.leave()
            return Not(operand, span=self.since(start))
        if self.take_sign("("):
            value = self.expression()
            self.expect_sign(")", "to close the parenthesis")
        elif token.kind == NAME and not token.is_word(*RESERVED) and self._opens_call():
            value = self._call()
        else:
            value = self._atom()
        while self.next.is_sign("[", ".") or self._is_digit_key():
            value = self._inside(value, start)
        return value

    def _is_digit_key(self) -> bool:
        return self.next.kind == NUMBER and self.next.text.startswith(".")

    def _opens_call(self) -> bool:
        return len(self.next.segments) == 1 and self.peek().is_sign("(")

    def _atom(self) -> Expression:
        token = self.next
        if token.is_sign("/"):
            return self.regex()
        if token.is_word(*RESERVED):
            self.fail_expected(
                "a value", help=f"a field called `{token.text}` needs backticks round it"
            )
        if token.kind == NUMBER:
            made: Expression = Number(token.value, span=token.span)
        elif token.kind == STRING:
            made = String(token.value, span=token.span)
        elif token.kind == DURATION:
            made = read_period(token.text, token.span)
        elif token.kind == NAME:
            made = Field(token.segments, span=token.span)
        else:
            self.fail_expected("a value")
        self.advance()
        return made

    def _inside(self, base: Expression, start: int) -> Expression:
        """One step into a list or a map."""
        if self.take_sign("["):
            position = self.expect_integer("the index of a list, counted from 0")
            self.expect_sign("]", "after the index")
            return Index(base, position, span=self.since(start))
        if self._is_digit_key():
            key = self.advance().text[1:]
            return Attribute(base, key, span=self.since(start))
        self.advance()
        if self.next.kind != NAME:
            self.fail_expected("a key after `.`")
        value = base
        for segment in self.advance().segments:
            value = Attribute(value, segment, span=self.since(start))
        return value

    def _call(self) -> Expression:
        """`call` = name "(" ["*" | expression {"," expression}] ")"."""
        name = self.advance()
        self.advance()
        arguments: list[Expression] = []
        if self.next.is_sign("*"):
            arguments.append(Star(span=self.advance().span))
        elif not self.next.is_sign(")"):
            arguments.append(self.expression())
            while self.take_sign(","):
                arguments.append(self.expression())
        if not self.take_sign(")"):
            raise SyntaxFault(
                "unclosed-call",
                f"the call of `{name.value}` is not closed: found {self.next.shown}",
                name.span,
                label="called here",
                help="close it with `)`",
            )
        return Call(name.value, tuple(arguments), span=self.since(name.span.start))

    def item(self) -> Item:
        """`item` = expression ["as" name]."""
        start = self.next.span.start
        expression = self.expression()
        text = " ".join(self.text[start : self.last_end].split())
        alias = self.alias("a name after `as`") if self.take_word("as") else None
        return Item(expression, alias, text, span=self.since(start))

    def items(self) -> tuple[Item, ...]:
        """`items` = item {"," item}."""
        found = [self.item()]
        while self.take_sign(","):
            found.append(self.item())
        return tuple(found)

    def field(self, what: str = "a field") -> Field:
        """`field` = name."""
        token = self.expect_name(what)
        return Field(token.segments, span=token.span)

    def fields(self, what: str = "a field") -> tuple[Field, ...]:
        """`fields` = field {"," field}."""
        found = [self.field(what)]
        while self.take_sign(","):
            found.append(self.field(what))
        return tuple(found)

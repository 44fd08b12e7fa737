"""Composite alarm rules: text -> tree with positions, and the tree's truth for given states.

    rule     := and ("OR" and)*
    and      := not ("AND" not)*
    not      := "NOT" not | "(" rule ")" | "TRUE" | "FALSE" | state | at_least
    state    := ("ALARM" | "OK" | "INSUFFICIENT_DATA") "(" name ")"
    at_least := "AT_LEAST" "(" (n | n "%") "," "NOT"? STATE "," "(" name ("," name)* ")" ")"

A name is an alarm name or an ARN, bare or in double quotes, where a backslash may stand before a
quote or a backslash. A bare name holds no space, bracket or comma. CloudWatch does not say whether
AND binds before OR; we say that it does, and `check` asks for brackets where both meet.
Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-combining.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from axonwatch.syntax.text import SyntaxFault, TextSpan

STATES = ("ALARM", "OK", "INSUFFICIENT_DATA")
MAX_CHARACTERS = 10_240
MAX_CHILDREN = 100
MAX_ELEMENTS = 500
MAX_DEPTH = 100

_TOKEN = re.compile(
    r"""(?P<space>\s+)|(?P<quoted>"(?:[^"\\]|\\.)*")|(?P<sign>[(),])|(?P<word>[^\s(),"][^\s(),]*)""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPED = re.compile(r"\\([\"\\])")
_SHARE = re.compile(r"(\d+(?:\.\d+)?)%|(\d+)")
_KEYWORDS = frozenset({*STATES, "AT_LEAST", "AND", "OR", "NOT", "TRUE", "FALSE"})


@dataclass(frozen=True)
class Child:
    """An alarm as a rule names it: `text` without quotes, a name or an ARN."""

    text: str
    span: TextSpan

    @property
    def name(self) -> str:
        """The alarm's name: what follows `:alarm:` in an ARN, else the text."""
        return alarm_name(self.text)


@dataclass(frozen=True)
class InState:
    """`ALARM(x)`: one alarm is in a state."""

    state: str
    child: Child
    span: TextSpan


@dataclass(frozen=True)
class AtLeast:
    """At least `count`, or `percent` of, the alarms are (with `negated`: are not) in a state."""

    state: str
    negated: bool
    children: tuple[Child, ...]
    count: int | None
    percent: float | None
    span: TextSpan

    @property
    def needed(self) -> int:
        """How many alarms make it true: a share is rounded up."""
        if self.count is not None:
            return self.count
        exact = len(self.children) * (self.percent or 0.0) / 100
        return int(exact) if exact == int(exact) else int(exact) + 1


@dataclass(frozen=True)
class Constant:
    """TRUE or FALSE."""

    value: bool
    span: TextSpan


@dataclass(frozen=True)
class Not:
    """The opposite of a rule."""

    operand: Rule
    span: TextSpan


@dataclass(frozen=True)
class AllOf:
    """Rules joined by AND, at least two."""

    operands: tuple[Rule, ...]
    span: TextSpan


@dataclass(frozen=True)
class AnyOf:
    """Rules joined by OR, at least two."""

    operands: tuple[Rule, ...]
    span: TextSpan


Rule: TypeAlias = InState | AtLeast | Constant | Not | AllOf | AnyOf


def alarm_name(text: str) -> str:
    """The name in an alarm's ARN, or `text` itself when it is no ARN."""
    parts = text.split(":", 6)
    is_arn = len(parts) == 7 and parts[0] == "arn" and parts[5] == "alarm"
    return parts[6] if is_arn else text


def parse_rule(text: str) -> Rule:
    """The tree of a rule. Raises SyntaxFault with the place."""
    if len(text) > MAX_CHARACTERS:
        raise SyntaxFault(
            "too-long",
            f"the rule has {len(text)} characters, {MAX_CHARACTERS} are allowed",
            TextSpan(MAX_CHARACTERS, len(text)),
            label="too long from here",
            help="split it into several composite alarms",
        )
    parser = _Parser(text)
    rule = parser.whole()
    names = {child.name for child in children(rule)}
    for what, count, most in (
        ("children", len(names), MAX_CHILDREN),
        ("elements", parser.elements, MAX_ELEMENTS),
    ):
        if count > most:
            raise SyntaxFault(
                f"too-many-{what}",
                f"the rule has {count} {what}, {most} are allowed",
                rule.span,
                help="split it into several composite alarms",
            )
    return rule


def children(rule: Rule) -> tuple[Child, ...]:
    """All alarms that a rule names, in order, repeats included."""
    match rule:
        case InState(child=child):
            return (child,)
        case AtLeast(children=named):
            return named
        case Constant():
            return ()
        case Not(operand=operand):
            return children(operand)
        case AllOf(operands=operands) | AnyOf(operands=operands):
            return tuple(child for operand in operands for child in children(operand))


def is_true(rule: Rule, states: Mapping[str, str]) -> bool:
    """The rule's truth when each alarm, by name, is in the given state. Raises KeyError."""
    match rule:
        case InState(state=state, child=child):
            return states[child.name] == state
        case AtLeast(state=state, negated=negated, children=named):
            held = sum((states[child.name] == state) != negated for child in named)
            return held >= rule.needed
        case Constant(value=value):
            return value
        case Not(operand=operand):
            return not is_true(operand, states)
        case AllOf(operands=operands):
            return all(is_true(operand, states) for operand in operands)
        case AnyOf(operands=operands):
            return any(is_true(operand, states) for operand in operands)


def write_rule(rule: Rule, name_of: Callable[[Child], str] = lambda child: child.text) -> str:
    """The rule's canonical text: names quoted, brackets where AND and OR meet."""

    def quoted(child: Child) -> str:
        return '"' + re.sub(r'(["\\])', r"\\\1", name_of(child)) + '"'

    def write(node: Rule, *, inner: bool) -> str:
        match node:
            case InState(state=state, child=child):
                return f"{state}({quoted(child)})"
            case AtLeast():
                share = f"{node.count}" if node.count is not None else f"{node.percent:g}%"
                state = f"NOT {node.state}" if node.negated else node.state
                return f"AT_LEAST({share}, {state}, ({', '.join(map(quoted, node.children))}))"
            case Constant(value=value):
                return "TRUE" if value else "FALSE"
            case Not(operand=operand):
                return f"NOT {write(operand, inner=True)}"
            case AllOf(operands=operands) | AnyOf(operands=operands):
                joined = f" {'AND' if isinstance(node, AllOf) else 'OR'} ".join(
                    write(operand, inner=True) for operand in operands
                )
                return f"({joined})" if inner else joined

    return write(rule, inner=False)


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    span: TextSpan


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens = list(self._split(text))
        self._at = 0
        self._depth = 0
        self.elements = 0

    @staticmethod
    def _split(text: str) -> list[_Token]:
        found = []
        at = 0
        while at < len(text):
            match = _TOKEN.match(text, at)
            if match is None:
                raise SyntaxFault(
                    "unclosed-quote",
                    "a quoted name is never closed",
                    TextSpan(at, len(text)),
                    label="begins here",
                    help='close it with `"`; inside, write `\\"` for a quote',
                )
            if match.lastgroup != "space":
                found.append(_Token(str(match.lastgroup), match[0], TextSpan(at, match.end())))
            at = match.end()
        return [*found, _Token("end", "", TextSpan(len(text), len(text)))]

    def _peek(self) -> _Token:
        return self._tokens[self._at]

    def _next(self) -> _Token:
        token = self._peek()
        self._at = min(self._at + 1, len(self._tokens) - 1)
        return token

    def _is(self, word: str) -> bool:
        token = self._peek()
        return token.kind in {"word", "sign"} and token.text == word

    def _expected(self, wanted: str) -> SyntaxFault:
        token = self._peek()
        what = f"`{token.text}`" if token.text else "the end of the rule"
        near = token.text.upper() if token.text.upper() in _KEYWORDS else ""
        return SyntaxFault(
            "unexpected-token",
            f"{what} where {wanted} is expected",
            token.span,
            label=f"expected {wanted}",
            help=f"write `{near}`" if near and near != token.text else "",
        )

    def _expect(self, sign: str) -> _Token:
        if not self._is(sign):
            raise self._expected(f"`{sign}`")
        return self._next()

    def whole(self) -> Rule:
        if self._peek().kind == "end":
            raise SyntaxFault(
                "empty-rule", "the rule is empty", self._peek().span, help="write `ALARM(name)`"
            )
        rule = self._any()
        if self._peek().kind != "end":
            raise self._expected("AND, OR or the end")
        return rule

    def _any(self) -> Rule:
        operands = [self._all()]
        while self._is("OR"):
            self._next()
            operands.append(self._all())
        if len(operands) == 1:
            return operands[0]
        return AnyOf(tuple(operands), operands[0].span.join(operands[-1].span))

    def _all(self) -> Rule:
        operands = [self._not()]
        while self._is("AND"):
            self._next()
            operands.append(self._not())
        if len(operands) == 1:
            return operands[0]
        return AllOf(tuple(operands), operands[0].span.join(operands[-1].span))

    def _not(self) -> Rule:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise SyntaxFault(
                "too-deep", f"the rule is nested deeper than {MAX_DEPTH}", self._peek().span
            )
        try:
            return self._operand()
        finally:
            self._depth -= 1

    def _operand(self) -> Rule:
        token = self._peek()
        if self._is("NOT"):
            self._next()
            operand = self._not()
            return Not(operand, token.span.join(operand.span))
        if self._is("("):
            self._next()
            self.elements += 1
            inside = self._any()
            self._expect(")")
            return inside
        if token.kind == "word" and token.text in {"TRUE", "FALSE"}:
            self._next()
            self.elements += 1
            return Constant(token.text == "TRUE", token.span)
        if token.kind == "word" and token.text in STATES:
            self._next()
            self._expect("(")
            child = self._child()
            closed = self._expect(")")
            return InState(token.text, child, token.span.join(closed.span))
        if self._is("AT_LEAST"):
            return self._at_least()
        raise self._expected("ALARM(...), OK(...), INSUFFICIENT_DATA(...), AT_LEAST(...) or NOT")

    def _child(self) -> Child:
        token = self._peek()
        self.elements += 1
        if token.kind == "quoted":
            self._next()
            name = _ESCAPED.sub(r"\1", token.text[1:-1])
        elif token.kind == "word":
            self._next()
            name = token.text
        else:
            raise self._expected("an alarm's name")
        if not name:
            raise SyntaxFault("empty-name", "an alarm's name is empty", token.span)
        return Child(name, token.span)

    def _at_least(self) -> Rule:
        opened = self._next()
        self._expect("(")
        count, percent = self._share()
        self._expect(",")
        negated = self._is("NOT")
        if negated:
            self._next()
        state = self._next()
        if state.text not in STATES:
            self._at -= 1
            raise self._expected("ALARM, OK or INSUFFICIENT_DATA")
        self._expect(",")
        self._expect("(")
        named = [self._child()]
        while self._is(","):
            self._next()
            named.append(self._child())
        self._expect(")")
        closed = self._expect(")")
        span = opened.span.join(closed.span)
        if count is not None and not 1 <= count <= len(named):
            raise SyntaxFault(
                "impossible-count",
                f"AT_LEAST asks for {count} of {len(named)} alarms",
                span,
                label=f"can never be true with {len(named)} alarms" if count else "always true",
            )
        return AtLeast(state.text, negated, tuple(named), count, percent, span)

    def _share(self) -> tuple[int | None, float | None]:
        token = self._peek()
        match = _SHARE.fullmatch(token.text) if token.kind == "word" else None
        if match is None:
            raise self._expected("a number or a percentage")
        self._next()
        if match[2]:
            return int(match[2]), None
        percent = float(match[1])
        if not 0 < percent <= 100:
            raise SyntaxFault(
                "impossible-share",
                f"AT_LEAST takes a share from 1% to 100%, not {match[0]}",
                token.span,
            )
        return None, percent

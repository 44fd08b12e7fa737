"""The type checker of metric math: what an expression gives, and every fault in it.

`check` (definitions and templates) and `simulate` (refusals) both ask here. All faults are
collected; after a fault the type is UNKNOWN, so that one cause is reported once.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass

from axonwatch.syntax.metric_math.functions import FUNCTIONS, Function, Kind, Shape
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
    references,
    walk,
)
from axonwatch.syntax.text import SyntaxFault, TextSpan


@dataclass(frozen=True)
class Type:
    """A kind, and for arrays how many series they hold (None: only known when it runs)."""

    kind: Kind
    size: int | None = None
    is_band: bool = False
    is_metric: bool = False

    @property
    def words(self) -> str:
        """The type as messages name it."""
        if self.kind is Kind.ARRAY and self.size is not None:
            return f"an array of {self.size} time series"
        return self.kind.value


UNKNOWN = Type(Kind.UNKNOWN)
_SCALAR = Type(Kind.SCALAR)
_SERIES = Type(Kind.SERIES)


@dataclass(frozen=True)
class Scope:
    """What an expression may name: the type of each id, and the ids of metrics in order.

    `in_alarm` bars what alarms bar.
    """

    types: Mapping[str, Type]
    metric_ids: tuple[str, ...] = ()
    in_alarm: bool = True


class Checker:
    """Finds the type of one expression; `faults` holds what is wrong in it."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self.faults: list[SyntaxFault] = []

    def type_of(self, node: Node) -> Type:
        """The type of a node, with all faults below it recorded."""
        match node:
            case Number():
                return _SCALAR
            case Text():
                return Type(Kind.TEXT)
            case Reference():
                return self._reference(node)
            case Word():
                return self._word(node)
            case Negate(operand=operand):
                return self._negate(node, self.type_of(operand))
            case Array():
                return self._array(node)
            case Call():
                return self._call(node)
            case Binary():
                return self._binary(node)

    def _fault(self, code: str, title: str, span: TextSpan, label: str, help: str = "") -> Type:
        self.faults.append(SyntaxFault(code, title, span, label=label, help=help))
        return UNKNOWN

    def _reference(self, node: Reference) -> Type:
        if node.id in self._scope.types:
            return self._scope.types[node.id]
        near = difflib.get_close_matches(node.id, self._scope.types, n=1)
        known = ", ".join(f"`{name}`" for name in self._scope.types) or "none"
        return self._fault(
            "unknown-id",
            f"`{node.id}` is not an id of this alarm's metrics",
            node.span,
            "no metric or expression has this id",
            f"write `{near[0]}`" if near else f"the ids are {known}",
        )

    def _word(self, node: Word) -> Type:
        function = node.value in FUNCTIONS
        return self._fault(
            "unexpected-word",
            f"`{node.value}` stands alone",
            node.span,
            "ids begin with a lower-case letter",
            f"write `{node.value}(...)`" if function else "",
        )

    def _negate(self, node: Negate, operand: Type) -> Type:
        if operand.kind in {Kind.TEXT, Kind.WORD}:
            return self._fault(
                "wrong-type", f"{operand.words} has no sign", node.span, "needs a number or series"
            )
        return Type(operand.kind, operand.size)

    def _array(self, node: Array) -> Type:
        sound = True
        size: int | None = 0
        for item in node.items:
            found = self.type_of(item)
            if found.kind is Kind.ARRAY and found.size is not None and size is not None:
                size += found.size
            elif found.kind is Kind.ARRAY:
                size = None
            elif found.kind is Kind.SERIES:
                size = size + 1 if size is not None else None
            elif found.kind is not Kind.UNKNOWN:
                self._fault(
                    "wrong-type",
                    f"an array holds time series, not {found.words}",
                    item.span,
                    f"is {found.words}",
                    "write `TIME_SERIES(...)` around a number" if found == _SCALAR else "",
                )
                sound = False
            else:
                sound = False
        return Type(Kind.ARRAY, size) if sound else UNKNOWN

    def _binary(self, node: Binary) -> Type:
        left, right = self.type_of(node.left), self.type_of(node.right)
        if UNKNOWN in {left, right}:
            return UNKNOWN
        for side, found in ((node.left, left), (node.right, right)):
            if found.kind not in {Kind.SCALAR, Kind.SERIES, Kind.ARRAY}:
                return self._fault(
                    "wrong-type",
                    f"`{node.operator}` cannot work on {found.words}",
                    side.span,
                    f"is {found.words}",
                )
        if left.kind is Kind.ARRAY and right.kind is Kind.ARRAY:
            return self._fault(
                "wrong-type",
                f"`{node.operator}` cannot join two arrays",
                node.operator_span,
                "both sides are arrays of time series",
                "reduce one side, for example with SUM(...)",
            )
        for found in (left, right):
            if found.kind is Kind.ARRAY:
                return Type(Kind.ARRAY, found.size)
        return _SERIES if Kind.SERIES in {left.kind, right.kind} else _SCALAR

    def _call(self, node: Call) -> Type:
        function = FUNCTIONS.get(node.function)
        if function is None:
            return self._unknown_function(node)
        if self._scope.in_alarm and function.barred:
            return self._fault(
                "barred-function",
                f"`{function.name}` cannot be used in an alarm",
                node.name_span,
                function.barred,
                "name the metrics one by one",
            )
        if not self._count_fits(node, function):
            return UNKNOWN
        types = [self._argument(node, function, at) for at in range(len(node.arguments))]
        if UNKNOWN in types:
            return UNKNOWN
        return self._result(node, function, types)

    def _unknown_function(self, node: Call) -> Type:
        upper = node.function.upper()
        if upper in FUNCTIONS:
            return self._fault(
                "lower-case-function",
                f"`{node.function}` is not written in upper case",
                node.name_span,
                "functions are upper case",
                f"write `{upper}`",
            )
        near = difflib.get_close_matches(upper, FUNCTIONS, n=1)
        return self._fault(
            "unknown-function",
            f"`{node.function}` is not a function of metric math",
            node.name_span,
            "no such function",
            f"write `{near[0]}`" if near else "",
        )

    def _count_fits(self, node: Call, function: Function) -> bool:
        given, least, most = len(node.arguments), function.required, len(function.arguments)
        if given >= least and (given <= most or function.rest is not None):
            return True
        wanted = f"{least}" if least == most else f"{least} to {most}"
        self._fault(
            "wrong-argument-count",
            f"`{function.name}` takes {wanted} arguments, not {given}",
            node.span,
            f"{given} given",
        )
        return False

    def _argument(self, node: Call, function: Function, at: int) -> Type:
        argument = node.arguments[at]
        allowed = function.arguments[at] if at < len(function.arguments) else function.rest
        words = dict(function.words).get(at, frozenset())
        if isinstance(argument, Word) and argument.value in words:
            return Type(Kind.WORD)
        if words and (isinstance(argument, Word) or not allowed):
            return self._fault(
                "wrong-argument",
                f"`{function.name}` does not take this as argument {at + 1}",
                argument.span,
                f"expected {_or(sorted(words))}",
            )
        found = self.type_of(argument)
        if found.kind is Kind.UNKNOWN or (allowed is not None and found.kind in allowed):
            return found
        wanted = _or([kind.value for kind in Kind if kind in (allowed or ())] + sorted(words))
        return self._fault(
            "wrong-type",
            f"`{function.name}` needs {wanted} as argument {at + 1}, not {found.words}",
            argument.span,
            f"is {found.words}",
        )

    def _result(self, node: Call, function: Function, types: list[Type]) -> Type:
        match function.name:
            case "PERIOD" | "ANOMALY_DETECTION_BAND" | "SERVICE_QUOTA":
                return self._of_metric(node, function, types)
            case "IF":
                scalar = all(found.kind is Kind.SCALAR for found in types)
                return _SCALAR if scalar else _SERIES
            case "METRICS":
                return Type(Kind.ARRAY, len(self._metrics_named(node)))
            case "SLICE":
                return _slice(node, types[0])
            case "SORT":
                return _sorted(node, types[0])
        if function.shape is Shape.SAME:
            return Type(types[0].kind, types[0].size)
        if function.shape is Shape.REDUCE:
            return _SCALAR if types[0].kind is Kind.SERIES else _SERIES
        if function.shape is Shape.TO_ARRAY:
            return Type(Kind.ARRAY)
        return _SCALAR if function.shape is Shape.TO_SCALAR else _SERIES

    def _of_metric(self, node: Call, function: Function, types: list[Type]) -> Type:
        if function.name == "ANOMALY_DETECTION_BAND":
            for inner in node.arguments:
                for call in _barred_in_band(inner):
                    return self._fault(
                        "barred-function",
                        f"`{call.function}` cannot be used in an anomaly band",
                        call.name_span,
                        "a band is trained on one metric or expression",
                    )
            return Type(Kind.ARRAY, 2, is_band=True)
        if not types[0].is_metric:
            return self._fault(
                "wrong-type",
                f"`{function.name}` needs the id of a metric",
                node.arguments[0].span,
                "is not a metric",
            )
        return _SCALAR if function.name == "PERIOD" else _SERIES

    def _metrics_named(self, node: Call) -> list[str]:
        part = node.arguments[0].value if node.arguments else ""  # type: ignore[union-attr]
        return [name for name in self._scope.metric_ids if str(part) in name]


def _barred_in_band(node: Node) -> list[Call]:
    return [n for n in walk(node) if isinstance(n, Call) and n.function in {"METRICS", "SEARCH"}]


def _whole(node: Node) -> int | None:
    return int(node.value) if isinstance(node, Number) else None


def _slice(node: Call, source: Type) -> Type:
    start = _whole(node.arguments[1])
    end = _whole(node.arguments[2]) if len(node.arguments) > 2 else source.size
    if start is None or end is None:
        return Type(Kind.ARRAY)
    if source.size is not None:
        end = min(end, source.size)
    size = max(0, end - start)
    return _SERIES if size == 1 else Type(Kind.ARRAY, size)


def _sorted(node: Call, source: Type) -> Type:
    limit = _whole(node.arguments[3]) if len(node.arguments) > 3 else None
    sizes = [size for size in (source.size, limit) if size is not None]
    return Type(Kind.ARRAY, min(sizes) if source.size is not None and sizes else None)


def _or(words: list[str]) -> str:
    if len(words) < 2:
        return "".join(words)
    return ", ".join(words[:-1]) + " or " + words[-1]


def type_of_expression(node: Node, scope: Scope) -> tuple[Type, tuple[SyntaxFault, ...]]:
    """The type of a whole expression and all its faults."""
    checker = Checker(scope)
    return checker.type_of(node), tuple(checker.faults)


def order_of(expressions: Mapping[str, Node]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Ids in the order of evaluation, and the ids that stand in a circle (else empty)."""
    below = {
        name: [r for r in references(tree) if r in expressions]
        for name, tree in expressions.items()
    }
    done: list[str] = []
    waiting = dict(below)
    while waiting:
        ready = [name for name, needs in waiting.items() if all(n in done for n in needs)]
        if not ready:
            return tuple(done), tuple(waiting)
        done.extend(ready)
        for name in ready:
            del waiting[name]
    return tuple(done), ()

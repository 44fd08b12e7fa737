"""Metric math over the windows of an alarm, all ticks at once.

A scalar is an array of ticks, a time series an array of ticks by periods, an array of time series
a `Stack`; NaN is a missing point. Each tick's row sees exactly its own evaluation range, so that
scalar reductions, FILL, DIFF and RUNNING_SUM give what they give at that tick. What the rules for
missing operands are stands at each operation; `math_functions` holds the functions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from axonwatch.simulate.evaluation.clock import Frame
from axonwatch.simulate.refusal import Refusal
from axonwatch.simulate.series.series import Floats
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

Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Stack:
    """An array of time series: series by ticks by periods.

    `alive` says how many of them each tick has, the first ones; None when all ticks have all.
    `fixed` is whether that number is known before it runs.
    """

    values: Floats
    alive: NDArray[np.int64] | None = None
    fixed: bool = True

    def count(self) -> NDArray[np.int64]:
        """How many series each tick has."""
        if self.alive is not None:
            return self.alive
        return np.full(self.values.shape[1], self.values.shape[0], dtype=np.int64)


Value: TypeAlias = Floats | Stack


@dataclass(frozen=True, eq=False)
class Inputs:
    """What an expression may read.

    `frame` gives the windows; `metric` and `expression` the value of an id; `periods` of metrics;
    `external` the series of a call that only the account can answer, `band` the upper and lower
    edge of an anomaly band.
    """

    frame: Frame
    of_id: Callable[[str], Value]
    metric_ids: tuple[str, ...]
    periods: Mapping[str, int]
    external: Callable[[Call], Floats]
    band: Callable[[Node, float], Stack]


Function: TypeAlias = Callable[["Evaluator", Call], Value]


class Evaluator:
    """Evaluates checked trees over one frame."""

    def __init__(self, inputs: Inputs, functions: Mapping[str, Function]) -> None:
        self.inputs = inputs
        self._functions = functions
        self.ticks, self.size = inputs.frame.starts.shape

    def value(self, node: Node) -> Value:
        """The value of a node. Raises Refusal for a call without its input."""
        match node:
            case Number(value=number):
                return np.full(self.ticks, number)
            case Reference(id=name):
                return self.inputs.of_id(name)
            case Negate(operand=operand):
                return _each(self.value(operand), np.negative)
            case Array(items=items):
                return self._array(items)
            case Binary(operator=operator, left=left, right=right):
                with np.errstate(all="ignore"):
                    return binary(operator, self.value(left), self.value(right))
            case Call(function=name):
                with np.errstate(all="ignore"):
                    return self._functions[name](self, node)
            case Text() | Word():
                raise Refusal("wrong-type", f"`{node.value}` is no value")

    def series(self, node: Node) -> Floats:
        """The value of a node as one time series: a scalar stands at every period."""
        found = self.value(node)
        if isinstance(found, Stack):
            first: Floats = found.values[0]
            return first
        if found.ndim == 1:
            return np.repeat(found[:, None], self.size, axis=1)
        return found

    def scalar(self, node: Node) -> Floats:
        """The value of a node that is a scalar."""
        found = self.value(node)
        assert not isinstance(found, Stack)  # noqa: S101 - types are checked before
        return found

    def stack(self, node: Node) -> Stack:
        """The value of a node that is an array."""
        found = self.value(node)
        return found if isinstance(found, Stack) else Stack(found[None])

    def _array(self, items: tuple[Node, ...]) -> Stack:
        found = [self.stack(item) for item in items]
        if not found:
            return Stack(np.empty((0, self.ticks, self.size)))
        together = np.concatenate([stack.values for stack in found])
        if all(stack.alive is None for stack in found):
            return Stack(together, fixed=all(stack.fixed for stack in found))
        present = np.concatenate(
            [np.arange(len(s.values))[:, None] < s.count()[None, :] for s in found]
        )
        return kept(together, present)


def kept(values: Floats, present: Flags) -> Stack:
    """The series that each tick has, moved to the front in their order."""
    order = np.argsort(~present, axis=0, kind="stable")
    moved = np.take_along_axis(values, order[:, :, None], axis=0)
    gone = ~np.take_along_axis(present, order, axis=0)
    return Stack(np.where(gone[:, :, None], np.nan, moved), present.sum(axis=0), fixed=False)


def each(value: Value, change: Callable[[Floats], Floats]) -> Value:
    """A change of every series of a value."""
    if isinstance(value, Stack):
        changed = [change(series) for series in value.values]
        values = np.stack(changed) if changed else value.values
        if value.alive is not None:
            alive = np.arange(len(values))[:, None] < value.alive[None, :]
            values = np.where(alive[:, :, None], values, np.nan)
        return Stack(values, value.alive, value.fixed)
    return change(value)


_each = each


def finite(values: Floats) -> Floats:
    """The values without what is no number: those points are dropped."""
    return np.where(np.isfinite(values), values, np.nan)


def _compare(operator: np.ufunc) -> Callable[[Floats, Floats], Floats]:
    def compared(left: Floats, right: Floats) -> Floats:
        found: Floats = operator(left, right).astype(float)
        return found

    return compared


_OPERATORS: Mapping[str, Callable[[Floats, Floats], Floats]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "^": np.power,
    "==": _compare(np.equal),
    "!=": _compare(np.not_equal),
    "<=": _compare(np.less_equal),
    ">=": _compare(np.greater_equal),
    "<": _compare(np.less),
    ">": _compare(np.greater),
    "AND": lambda left, right: ((left != 0) & (right != 0)).astype(float),
    "OR": lambda left, right: ((left != 0) | (right != 0)).astype(float),
}


def binary(operator: str, left: Value, right: Value) -> Value:
    """Arithmetic, comparison or logic, pointwise.

    A missing side is 0 where the other has a point, be it a scalar of nothing; a scalar is
    everywhere but makes no points; what is no number (a division by zero) is dropped.
    """
    if isinstance(left, Stack):
        assert not isinstance(right, Stack)  # noqa: S101 - types are checked before
        return each(left, lambda series: _pointwise(operator, series, right))
    if isinstance(right, Stack):
        return each(right, lambda series: _pointwise(operator, left, series))
    return _pointwise(operator, left, right)


def _pointwise(operator: str, left: Floats, right: Floats) -> Floats:
    no_left, no_right = np.isnan(left), np.isnan(right)
    if left.ndim == right.ndim:
        absent = no_left & no_right
    else:
        absent = no_left if left.ndim > right.ndim else no_right
    left, right = np.where(no_left, 0.0, left), np.where(no_right, 0.0, right)
    if left.ndim < right.ndim:
        left = left[:, None]
    elif right.ndim < left.ndim:
        right = right[:, None]
    return np.where(absent, np.nan, finite(_OPERATORS[operator](left, right)))

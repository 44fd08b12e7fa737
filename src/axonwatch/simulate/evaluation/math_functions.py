"""The functions of metric math over windows; `math` says what a value looks like.

Where CloudWatch's text is silent our reading stands in the docstring: STDDEV is the population's,
and SUM, MIN, MAX and STDDEV over an array leave missing points out (AVG counts them as 0).
Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping

import numpy as np

from axonwatch.durations import DAY, HOUR, MINUTE
from axonwatch.simulate.evaluation.clock import Moments
from axonwatch.simulate.evaluation.math import (
    Evaluator,
    Flags,
    Function,
    Stack,
    Value,
    each,
    finite,
    kept,
)
from axonwatch.simulate.series.series import Floats
from axonwatch.syntax.metric_math.nodes import Call, Number, Reference, Word

_EPOCH_WEEKDAY = 3  # 1970-01-01 was a Thursday, the fourth day from Monday


def _pointwise(change: Callable[[Floats], Floats]) -> Function:
    """ABS and its kin: each point by itself."""

    def function(evaluator: Evaluator, call: Call) -> Value:
        return each(evaluator.value(call.arguments[0]), lambda v: finite(change(v)))

    return function


def _along(change: Callable[[Floats, Moments], Floats]) -> Function:
    """DIFF and its kin: each point by what stands before it in the range."""

    def function(evaluator: Evaluator, call: Call) -> Value:
        stamps = evaluator.inputs.frame.starts
        return each(evaluator.value(call.arguments[0]), lambda v: finite(change(v, stamps)))

    return function


def _before(values: Floats, stamps: Moments) -> tuple[Floats, Floats]:
    """For each period the value and the time of the real point before it."""
    value, time = np.full(values.shape, np.nan), np.full(values.shape, np.nan)
    for at in range(1, values.shape[1]):
        real = ~np.isnan(values[:, at - 1])
        value[:, at] = np.where(real, values[:, at - 1], value[:, at - 1])
        time[:, at] = np.where(real, stamps[:, at - 1], time[:, at - 1])
    return value, time


def _difference(values: Floats, stamps: Moments) -> Floats:
    return values - _before(values, stamps)[0]


def _time_difference(values: Floats, stamps: Moments) -> Floats:
    return np.where(np.isnan(values), np.nan, stamps - _before(values, stamps)[1])


def _rate(values: Floats, stamps: Moments) -> Floats:
    value, time = _before(values, stamps)
    return (values - value) / (stamps - time)


def _running_sum(values: Floats, stamps: Moments) -> Floats:
    del stamps
    missing = np.isnan(values)
    return np.where(missing, np.nan, np.cumsum(np.where(missing, 0.0, values), axis=1))


def _average_with_zeros(stack: Floats, count: Floats) -> Floats:
    total: Floats = np.nansum(stack, axis=0)
    return total / count


def _reduction(
    reduce: Callable[..., Floats],
    over_array: Callable[[Floats, Floats], Floats] | None = None,
    *,
    of_nothing: float = np.nan,
) -> Function:
    """AVG and its kin: a series to a scalar, an array to a series; nothing of no point."""

    def function(evaluator: Evaluator, call: Call) -> Value:
        value = evaluator.value(call.arguments[0])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            if not isinstance(value, Stack):
                empty = np.isnan(value).all(axis=1)
                return np.where(empty, of_nothing, reduce(value, axis=1))
            if not len(value.values):
                return np.full((evaluator.ticks, evaluator.size), np.nan)
            empty = np.isnan(value.values).all(axis=0)
            count = value.count().astype(float)[:, None]
            found = over_array(value.values, count) if over_array else reduce(value.values, axis=0)
            return np.where(empty, np.nan, finite(found))

    return function


def _real(values: Floats, axis: int) -> Floats:
    amount: Floats = (~np.isnan(values)).sum(axis=axis).astype(float)
    return amount


def _clock(read: Callable[[Moments], Moments]) -> Function:
    """MINUTE and its kin: from the stamp alone, at every period."""

    def function(evaluator: Evaluator, call: Call) -> Value:
        del call
        return read(evaluator.inputs.frame.starts).astype(float)

    return function


def _months(stamps: Moments) -> Moments:
    return stamps.astype("datetime64[s]").astype("datetime64[M]").astype(np.int64)


def _date(stamps: Moments) -> Moments:
    days = stamps.astype("datetime64[s]").astype("datetime64[D]")
    first = days.astype("datetime64[M]").astype("datetime64[D]")
    date: Moments = (days - first).astype(np.int64) + 1
    return date


def _if(evaluator: Evaluator, call: Call) -> Value:
    """IF: a missing condition drops the point, a true one with a missing value gives 0."""
    condition = evaluator.value(call.arguments[0])
    choices = [evaluator.value(argument) for argument in call.arguments[1:]]
    assert not isinstance(condition, Stack)  # noqa: S101 - types are checked before
    scalars = [c for c in choices if isinstance(c, np.ndarray) and c.ndim == 1]
    if condition.ndim == 1 and len(scalars) == len(choices):
        other = scalars[1] if len(scalars) > 1 else np.full(evaluator.ticks, np.nan)
        chosen = np.where(condition != 0, scalars[0], other)
        return np.where(np.isnan(condition), np.nan, chosen)
    then = evaluator.series(call.arguments[1])
    other = (
        evaluator.series(call.arguments[2])
        if len(choices) > 1
        else np.full((evaluator.ticks, evaluator.size), np.nan)
    )
    by_point = condition.ndim > 1
    true = condition != 0 if by_point else (condition != 0)[:, None]
    unknown = np.isnan(condition) if by_point else np.isnan(condition)[:, None]
    if by_point:
        then = np.where(np.isnan(then), 0.0, then)
    return np.where(unknown, np.nan, np.where(true, then, other))


def _fill(evaluator: Evaluator, call: Call) -> Value:
    target = evaluator.value(call.arguments[0])
    filler = call.arguments[1]
    if isinstance(filler, Word) and filler.value == "REPEAT":
        return each(target, _repeat)
    if isinstance(filler, Word):
        stamps = evaluator.inputs.frame.starts
        return each(target, lambda v: _linear(v, stamps))
    other = evaluator.series(filler)
    return each(target, lambda v: np.where(np.isnan(v), other, v))


def _repeat(values: Floats) -> Floats:
    """Each gap takes the real value before it; a gap at the start stays."""
    found = values.copy()
    for at in range(1, found.shape[1]):
        found[:, at] = np.where(np.isnan(found[:, at]), found[:, at - 1], found[:, at])
    return found


def _linear(values: Floats, stamps: Moments) -> Floats:
    """Gaps between two real points lie on the line between them; others stay."""
    times = np.where(np.isnan(values), np.nan, stamps)
    before, since = _repeat(values), _repeat(times)
    after, until = _repeat(values[:, ::-1])[:, ::-1], _repeat(times[:, ::-1])[:, ::-1]
    share = (stamps - since) / (until - since)
    return np.where(np.isnan(values), before + share * (after - before), values)


def _first(evaluator: Evaluator, call: Call) -> Value:
    stack = evaluator.stack(call.arguments[0])
    if not len(stack.values):
        return np.full((evaluator.ticks, evaluator.size), np.nan)
    first: Floats = stack.values[0]
    return first


def _last(evaluator: Evaluator, call: Call) -> Value:
    stack = evaluator.stack(call.arguments[0])
    if not len(stack.values):
        return np.full((evaluator.ticks, evaluator.size), np.nan)
    at = np.maximum(stack.count() - 1, 0)
    last: Floats = np.take_along_axis(stack.values, at[None, :, None], axis=0)[0]
    return last


def _metric_count(evaluator: Evaluator, call: Call) -> Value:
    return evaluator.stack(call.arguments[0]).count().astype(float)


def _metrics(evaluator: Evaluator, call: Call) -> Value:
    part = call.arguments[0].value if call.arguments else ""  # type: ignore[union-attr]
    named = [name for name in evaluator.inputs.metric_ids if str(part) in name]
    found = [evaluator.series(Reference(name, call.span)) for name in named]
    return Stack(np.stack(found) if found else np.empty((0, evaluator.ticks, evaluator.size)))


def _period(evaluator: Evaluator, call: Call) -> Value:
    metric = call.arguments[0]
    assert isinstance(metric, Reference)  # noqa: S101 - types are checked before
    return np.full(evaluator.ticks, float(evaluator.inputs.periods[metric.id]))


def _remove_empty(evaluator: Evaluator, call: Call) -> Value:
    stack = evaluator.stack(call.arguments[0])
    present: Flags = np.logical_not(np.isnan(stack.values).all(axis=2))
    return kept(stack.values, present)


def _slice(evaluator: Evaluator, call: Call) -> Value:
    stack = evaluator.stack(call.arguments[0])
    start = evaluator.scalar(call.arguments[1])
    end = evaluator.scalar(call.arguments[2]) if len(call.arguments) > 2 else None
    number = np.arange(len(stack.values))[:, None]
    present = (number < stack.count()[None, :]) & (number >= start[None, :])
    if end is not None:
        present &= number < end[None, :]
    found = kept(stack.values, present)
    return _as_typed(found, _slice_size(call, stack), evaluator)


def _slice_size(call: Call, stack: Stack) -> int | None:
    """How many series a slice holds, where the checker knows it too."""
    start, *rest = call.arguments[1:]
    end: float | None = len(stack.values) if stack.fixed else None
    if rest:
        asked = rest[0].value if isinstance(rest[0], Number) else None
        known = [e for e in (asked, end) if e is not None]
        end = min(known) if asked is not None else None
    if not isinstance(start, Number) or end is None:
        return None
    return max(0, int(end) - int(start.value))


def _as_typed(stack: Stack, size: int | None, evaluator: Evaluator) -> Value:
    if size is None:
        return stack
    if size == 1:
        if not len(stack.values):
            return np.full((evaluator.ticks, evaluator.size), np.nan)
        only: Floats = stack.values[0]
        return only
    return Stack(stack.values[:size], np.minimum(stack.count(), size), fixed=True)


_KEYS: Mapping[str, Callable[..., Floats]] = {
    "AVG": np.nanmean,
    "SUM": np.nansum,
    "MIN": np.nanmin,
    "MAX": np.nanmax,
}


def _sort(evaluator: Evaluator, call: Call) -> Value:
    """SORT: by a reduction over the range; series without a point come last."""
    stack = evaluator.stack(call.arguments[0])
    by, order = call.arguments[1], call.arguments[2]
    assert isinstance(by, Word)  # noqa: S101 - types are checked before
    assert isinstance(order, Word)  # noqa: S101 - types are checked before
    if not len(stack.values):
        return stack
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        key = _KEYS[by.value](stack.values, axis=2)
    key = -key if order.value == "DESC" else key
    key = np.where(np.isnan(stack.values).all(axis=2), np.inf, key)
    gone = np.arange(len(key))[:, None] >= stack.count()[None, :]
    rank = np.lexsort((key, gone), axis=0)
    values = np.take_along_axis(stack.values, rank[:, :, None], axis=0)
    found = Stack(values, stack.alive, stack.fixed)
    if len(call.arguments) > 3:
        limit = evaluator.scalar(call.arguments[3])
        number = np.arange(len(values))[:, None]
        present = (number < found.count()[None, :]) & (number < limit[None, :])
        cut = kept(values, present)
        asked = call.arguments[3]
        if stack.fixed and isinstance(asked, Number):
            return Stack(cut.values[: int(asked.value)], cut.alive, fixed=True)
        return cut
    return found


def _time_series(evaluator: Evaluator, call: Call) -> Value:
    return evaluator.series(call.arguments[0])


def _external(evaluator: Evaluator, call: Call) -> Value:
    return evaluator.inputs.external(call)


def _band(evaluator: Evaluator, call: Call) -> Value:
    width = 2.0
    if len(call.arguments) > 1:
        width = float(evaluator.scalar(call.arguments[1])[0])
    return evaluator.inputs.band(call.arguments[0], width)


FUNCTIONS: Mapping[str, Function] = {
    "ABS": _pointwise(np.abs),
    "CEIL": _pointwise(np.ceil),
    "FLOOR": _pointwise(np.floor),
    "LOG": _pointwise(np.log),
    "LOG10": _pointwise(np.log10),
    "DIFF": _along(_difference),
    "DIFF_TIME": _along(_time_difference),
    "RATE": _along(_rate),
    "RUNNING_SUM": _along(_running_sum),
    "AVG": _reduction(np.nanmean, _average_with_zeros),
    "SUM": _reduction(np.nansum),
    "MIN": _reduction(np.nanmin),
    "MAX": _reduction(np.nanmax),
    "STDDEV": _reduction(np.nanstd),
    "DATAPOINT_COUNT": _reduction(_real, of_nothing=0.0),
    "MINUTE": _clock(lambda t: t // MINUTE % 60),
    "HOUR": _clock(lambda t: t // HOUR % 24),
    "DAY": _clock(lambda t: (t // DAY + _EPOCH_WEEKDAY) % 7 + 1),
    "DATE": _clock(_date),
    "MONTH": _clock(lambda t: _months(t) % 12 + 1),
    "YEAR": _clock(lambda t: _months(t) // 12 + 1970),
    "EPOCH": _clock(lambda t: t),
    "IF": _if,
    "FILL": _fill,
    "FIRST": _first,
    "LAST": _last,
    "METRIC_COUNT": _metric_count,
    "METRICS": _metrics,
    "PERIOD": _period,
    "REMOVE_EMPTY": _remove_empty,
    "SLICE": _slice,
    "SORT": _sort,
    "TIME_SERIES": _time_series,
    "SERVICE_QUOTA": _external,
    "DB_PERF_INSIGHTS": _external,
    "INSIGHT_RULE_METRIC": _external,
    "LAMBDA": _external,
    "ANOMALY_DETECTION_BAND": _band,
}

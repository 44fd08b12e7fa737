"""From a series to the datapoints of every window: the statistic over each period.

An evaluation at T sees points that are complete by T. On a rolling window with data that keep the
clock, a period's datapoint is the same in every window, and is computed once.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from axonwatch.simulate.evaluation.clock import Frame, Moments, Number, windows
from axonwatch.simulate.series.series import AVERAGE, Floats, Series
from axonwatch.simulate.series.statistics import Statistic, compute, parse_statistic, rank_of

Indexes = NDArray[np.int64]
Reduce: TypeAlias = Callable[[Indexes, Indexes], Floats]

# How many values are sorted together at most: 32 MB.
_AT_ONCE = 4_000_000

# What a lone sample's statistic is, when it is simply its value.
_ITSELF = frozenset({"Average", "Minimum", "Maximum", "p"})


def datapoints(series: Series, stat: str, frame: Frame) -> Floats:
    """The statistic in every window: an array of ticks by periods, NaN where nothing is."""
    statistic = parse_statistic(stat)
    return _over(series, frame, lambda low, high: _reduce(series, statistic, low, high))


def grid_of(series: Series, stat: str, frame: Frame) -> Floats | None:
    """The statistic at each end of the frame's grid; None where windows do not share datapoints."""
    if not _is_shared(series, frame):
        return None
    statistic = parse_statistic(stat)
    placed = _placed(series, statistic, frame)
    if placed is not None:
        return placed
    return _on_grid(series, frame, lambda low, high: _reduce(series, statistic, low, high))


def _placed(series: Series, statistic: Statistic, frame: Frame) -> Floats | None:
    """The values at their places, where each is one datapoint by itself: nothing is computed."""
    assert frame.grid is not None  # noqa: S101 - asked before
    if not (frame.period == frame.step and _is_itself(series, statistic)):
        return None
    places = (series.times - (int(frame.grid[0]) - frame.period)) // frame.step
    if (places[1:] == places[:-1]).any():
        return None
    first, end = places.searchsorted([0, frame.grid.size])
    found = np.full(frame.grid.shape, np.nan)
    found[places[first:end]] = series.values[first:end]
    return found


def _is_itself(series: Series, statistic: Statistic) -> bool:
    """Whether a lone point's statistic is simply its value."""
    return statistic.kind in _ITSELF or series.stat == statistic.text != AVERAGE


def sample_counts(series: Series, frame: Frame) -> Floats:
    """How many samples each datapoint rests on; one for each value without a count."""
    counted = parse_statistic("SampleCount")
    return _over(series, frame, lambda low, high: _reduce(series, counted, low, high))


def _is_shared(series: Series, frame: Frame) -> bool:
    """Whether a period's datapoint is the same in every window."""
    return frame.grid is not None and series.is_tidy(int(frame.ticks[0]), frame.step)


def _on_grid(series: Series, frame: Frame, reduce: Reduce) -> Floats:
    assert frame.grid is not None  # noqa: S101 - asked before
    return reduce(*_between(series, frame.grid - frame.period, frame.grid))


def _over(series: Series, frame: Frame, reduce: Reduce) -> Floats:
    if _is_shared(series, frame):
        return windows_of(_on_grid(series, frame, reduce), frame)
    low, high = _between(series, frame.starts, frame.ends)
    seen = series.times.searchsorted(frame.visible - series.period, side="right")
    high = np.minimum(high, seen[:, None])
    return reduce(low.ravel(), np.maximum(low, high).ravel()).reshape(low.shape)


def _between(series: Series, starts: Moments, ends: Moments) -> tuple[Indexes, Indexes]:
    return series.times.searchsorted(starts), series.times.searchsorted(ends)


def windows_of(grid: NDArray[Number], frame: Frame) -> NDArray[Number]:
    """The windows over what stands at each end of the frame's grid."""
    return windows(grid, frame.starts.shape, frame.stride)


def _reduce(series: Series, statistic: Statistic, low: Indexes, high: Indexes) -> Floats:
    amount = high - low
    found = np.full(amount.shape, np.nan)
    single = amount == 1
    several = amount > 1
    if _is_itself(series, statistic):
        found[single] = series.values[low[single]]
    else:
        several = amount > 0
    if several.any():
        found[several] = _of_several(series, statistic, low[several], high[several])
    return found


def _of_several(series: Series, statistic: Statistic, low: Indexes, high: Indexes) -> Floats:
    """The statistic of stretches of points, none of them empty."""
    counts = series.counts
    values = series.values
    if counts is None and series.stat == "SampleCount":
        return _sums(values, low, high)
    match statistic.kind:
        case "SampleCount":
            return (high - low).astype(float) if counts is None else _sums(counts, low, high)
        case "Sum":
            return _sums(_totals(series), low, high)
        case "Minimum":
            return _stretches(np.minimum, values, low, high)
        case "Maximum":
            return _stretches(np.maximum, values, low, high)
        case "Average":
            return _means(series, low, high)
    if counts is None and statistic.kind == "p":
        return _percentiles(values, statistic, low, high)
    weights = np.ones_like(values) if counts is None else counts
    return _one_by_one(values, weights, statistic, low, high)


def _stretches(ufunc: np.ufunc, values: Floats, low: Indexes, high: Indexes) -> Floats:
    padded = np.append(values, 0.0)
    edges = np.stack([low, high], axis=1).ravel()
    found: Floats = ufunc.reduceat(padded, edges)[::2]
    return found


def _sums(values: Floats, low: Indexes, high: Indexes) -> Floats:
    return _stretches(np.add, values, low, high)


def _totals(series: Series) -> Floats:
    """The sum of each point's samples."""
    if series.totals is not None:
        return series.totals
    return series.values if series.counts is None else series.values * series.counts


def _means(series: Series, low: Indexes, high: Indexes) -> Floats:
    counts = high - low if series.counts is None else _sums(series.counts, low, high)
    exact = _sums(_totals(series), low, high) / counts
    # Rounding must not carry a mean of equal values past a threshold.
    least = _stretches(np.minimum, series.values, low, high)
    return np.clip(exact, least, _stretches(np.maximum, series.values, low, high))


def _percentiles(values: Floats, statistic: Statistic, low: Indexes, high: Indexes) -> Floats:
    """Percentiles of single samples: stretches of one length are sorted together."""
    found = np.empty(low.shape)
    amounts = high - low
    for amount in np.unique(amounts).tolist():
        alike = np.flatnonzero(amounts == amount)
        rank = rank_of(statistic.high or 0.0, amount)
        for piece in np.array_split(alike, max(1, alike.size * amount // _AT_ONCE)):
            inside = values[low[piece][:, None] + np.arange(amount)]
            found[piece] = np.partition(inside, rank, axis=1)[:, rank]
    return found


def _one_by_one(
    values: Floats, weights: Floats, statistic: Statistic, low: Indexes, high: Indexes
) -> Floats:
    @cache
    def of(first: int, end: int) -> float:
        found = compute(statistic, values[first:end].tolist(), weights[first:end].tolist())
        return np.nan if found is None else found

    pairs = zip(low.tolist(), high.tolist(), strict=True)
    return np.array([of(first, end) for first, end in pairs], dtype=float)

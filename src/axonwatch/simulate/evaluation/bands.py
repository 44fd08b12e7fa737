"""A declared stand-in for anomaly bands, whose real model is private to CloudWatch.

For each period: the median of the values at about the same time of the last fourteen days, or of
the last day when there are too few, give or take `width` robust standard deviations. It learns
only from what came before. A test that must be exact gives the band as a series instead.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from axonwatch.durations import DAY
from axonwatch.simulate.evaluation.clock import Frame
from axonwatch.simulate.series.series import Floats

DAYS = 14
ABOUT = 1800
ENOUGH = 12
# Makes the median absolute deviation of a normal distribution its standard deviation.
_TO_DEVIATION = 1.4826
_LEAST_SHARE = 0.01


def stand_in(history: tuple[Floats, Floats], frame: Frame, width: float) -> tuple[Floats, Floats]:
    """The lower and upper edge for every window; NaN while there is too little history."""
    stamps, values = history
    real = ~np.isnan(values)
    times, known = stamps[real].astype(np.int64), values[real]
    lower = np.full(frame.starts.shape, np.nan)
    upper = np.full(frame.starts.shape, np.nan)
    if known.size < ENOUGH:
        return lower, upper
    starts, back = np.unique(frame.starts, return_inverse=True)
    edges = np.array([_edges(int(start), times, known, width) for start in starts])
    floor = 0.0 if known.min() >= 0 else -np.inf
    found = edges[back.reshape(frame.starts.shape)]
    return np.maximum(found[..., 0], floor), found[..., 1]


def _edges(
    start: int, times: NDArray[np.int64], values: Floats, width: float
) -> tuple[float, float]:
    days = start - np.arange(1, DAYS + 1) * DAY
    low = np.searchsorted(times, days - ABOUT)
    high = np.searchsorted(times, days + ABOUT, side="right")
    pieces = [values[a:b] for a, b in zip(low.tolist(), high.tolist(), strict=True)]
    seen = np.concatenate(pieces)
    if seen.size < ENOUGH:
        first, end = np.searchsorted(times, [start - DAY, start])
        seen = values[first:end]
    if seen.size < ENOUGH:
        return np.nan, np.nan
    middle = float(np.median(seen))
    spread = _TO_DEVIATION * float(np.median(np.abs(seen - middle)))
    spread = max(spread, _LEAST_SHARE * abs(middle))
    return middle - width * spread, middle + width * spread

"""CloudWatch's statistics, from samples that are values with counts.

Percentiles take the sample at the rank (no interpolation); trimmed statistics weigh samples by the
part of their rank that lies inside the bounds. CloudWatch's own sketch differs by less than 1 %.
Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

PLAIN = ("SampleCount", "Average", "Sum", "Minimum", "Maximum")
_NUMBER = r"\d+(?:\.\d+)?"
_SHORT = re.compile(rf"(p|tm|tc|ts|wm)({_NUMBER})", re.IGNORECASE)
_RANGE = re.compile(
    rf"(PR|TM|TC|TS|WM)\(\s*({_NUMBER}%?)?\s*:\s*({_NUMBER}%?)?\s*\)", re.IGNORECASE
)


@dataclass(frozen=True)
class Statistic:
    """One statistic. `low` and `high` are its bounds: shares from 0 to 1, or values.

    `kind` is a plain statistic's name, or p, tm, tc, ts, wm, pr; None is an open bound.
    """

    text: str
    kind: str
    low: float | None = None
    high: float | None = None
    by_value: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether it is one of the five that CloudWatch calls Statistic, not extended."""
        return self.kind in PLAIN

    @property
    def enough_samples(self) -> float:
        """Samples below which a percentile is not significant; 0 for all other statistics."""
        if self.kind != "p" or self.high is None or not 0 < self.high < 1:
            return 0
        share = Fraction(self.text[1:]) / 100
        rare = 1 - share if share >= Fraction(1, 2) else share
        return float(Fraction(10) / rare)


@lru_cache(maxsize=256)
def parse_statistic(text: str) -> Statistic:
    """The statistic that `text` names. Raises ValueError, with a message fit for a label."""
    if text in PLAIN:
        return Statistic(text, text)
    if text.upper() == "IQM":
        return Statistic(text, "tm", 0.25, 0.75)
    short = _SHORT.fullmatch(text)
    if short is not None and 0 <= float(short[2]) <= 100:
        kind = short[1].lower()
        return Statistic(text, kind, None if kind == "p" else 0.0, float(short[2]) / 100)
    bounds = _RANGE.fullmatch(text)
    if bounds is not None and (bounds[2] or bounds[3]):
        return _ranged(text, bounds)
    message = (
        f"`{text}` is not a statistic such as Average, p99, tm90, IQM, TM(10%:90%) or PR(:300)"
    )
    raise ValueError(message)


def _ranged(text: str, bounds: re.Match[str]) -> Statistic:
    kind, low, high = bounds[1].lower(), bounds[2], bounds[3]
    shares = [bound.endswith("%") for bound in (low, high) if bound]
    if any(shares) != all(shares) or (kind == "pr" and any(shares)):
        message = f"`{text}` mixes shares and values" if kind != "pr" else "PR takes values"
        raise ValueError(message)
    scale = 100 if shares[0] else 1
    numbers = [float(bound.rstrip("%")) / scale if bound else None for bound in (low, high)]
    if numbers[0] is not None and numbers[1] is not None and numbers[0] >= numbers[1]:
        message = f"`{text}` has its lower bound above its upper one"
        raise ValueError(message)
    return Statistic(text, kind, numbers[0], numbers[1], by_value=not shares[0])


def compute(statistic: Statistic, values: Sequence[float], counts: Sequence[float]) -> float | None:
    """The statistic of samples, `counts[i]` of them being `values[i]`; None of no sample."""
    total = math.fsum(counts)
    if total <= 0:
        return None
    match statistic.kind:
        case "SampleCount":
            return total
        case "Sum":
            return math.fsum(v * c for v, c in zip(values, counts, strict=True))
        case "Minimum":
            return min(v for v, c in zip(values, counts, strict=True) if c > 0)
        case "Maximum":
            return max(v for v, c in zip(values, counts, strict=True) if c > 0)
        case "Average":
            return mean(values, counts)
    pairs = sorted((v, c) for v, c in zip(values, counts, strict=True) if c > 0)
    if statistic.kind == "p":
        return _at_share(pairs, total, statistic.high or 0.0)
    if statistic.kind == "pr":
        inside = math.fsum(c for v, c in pairs if _between(v, statistic))
        return 100 * inside / total
    if statistic.kind == "wm":
        return _winsorized(pairs, total, statistic)
    weights = _weights(pairs, total, statistic)
    kept = math.fsum(weights)
    if statistic.kind == "tc":
        return kept
    summed = math.fsum(v * w for (v, _), w in zip(pairs, weights, strict=True))
    if statistic.kind == "ts":
        return summed
    return summed / kept if kept > 0 else None


def mean(values: Sequence[float], counts: Sequence[float]) -> float:
    """The weighted mean, kept between the smallest and the largest value."""
    exact = math.fsum(v * c for v, c in zip(values, counts, strict=True)) / math.fsum(counts)
    return min(max(exact, min(values)), max(values))


def _at_share(pairs: Sequence[tuple[float, float]], total: float, share: float) -> float:
    """The value at the rank `share * total`, rounded up."""
    rank = _exact_rank(share, total)
    seen = 0.0
    for value, count in pairs:
        seen += count
        if seen >= rank:
            return value
    return pairs[-1][0]


def _exact_rank(share: float, total: float) -> float:
    """A hair above a whole rank is that rank: shares such as 0.99 have no exact double."""
    return max(share * total - 1e-9 * total, 0.0)


def rank_of(share: float, amount: int) -> int:
    """The index, among `amount` sorted single samples, of the one at a share."""
    return max(math.ceil(_exact_rank(share, amount)) - 1, 0)


def _between(value: float, statistic: Statistic) -> bool:
    """Bounds by value leave out the lower one and keep the upper one."""
    above = statistic.low is None or value > statistic.low
    return above and (statistic.high is None or value <= statistic.high)


def _weights(
    pairs: Sequence[tuple[float, float]], total: float, statistic: Statistic
) -> list[float]:
    if statistic.by_value:
        return [count if _between(value, statistic) else 0.0 for value, count in pairs]
    low, high = (statistic.low or 0.0) * total, total
    if statistic.high is not None:
        high = statistic.high * total
    weights = []
    seen = 0.0
    for _, count in pairs:
        weights.append(max(0.0, min(seen + count, high) - max(seen, low)))
        seen += count
    return weights


def _winsorized(pairs: Sequence[tuple[float, float]], total: float, statistic: Statistic) -> float:
    low, high = pairs[0][0], pairs[-1][0]
    if statistic.by_value:
        low = low if statistic.low is None else statistic.low
        high = high if statistic.high is None else statistic.high
    else:
        low = low if statistic.low is None else _at_share(pairs, total, statistic.low)
        high = high if statistic.high is None else _at_share(pairs, total, statistic.high)
    return mean([min(max(v, low), high) for v, _ in pairs], [c for _, c in pairs])

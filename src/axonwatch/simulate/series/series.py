"""Recorded or invented metric data, and the store in which alarms look them up.

A `Series` is one metric's points at one period: each a statistic over its period, or samples with
counts. A point's time is the start of its period. All bad input is refused here, by name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

import numpy as np
from numpy.typing import ArrayLike, NDArray

from axonwatch.model.metrics import Metric, MetricStat
from axonwatch.simulate.moments import iso
from axonwatch.simulate.refusal import Refusal
from axonwatch.simulate.series.statistics import PLAIN

Times = NDArray[np.int64]
Floats = NDArray[np.float64]
AVERAGE = "Average"
_EXTREMES = frozenset({"Minimum", "Maximum"})


@dataclass(frozen=True, eq=False)
class Series:
    """Points in the order of time.

    `stat` says what a value is; `counts`, when given, that so many samples of that value were
    taken (a time may then come several times: a distribution). `totals` are their sums, where
    those were given: a count times a quotient is not always what was divided. Make one with `of`
    or `of_distributions`, which check.
    """

    metric: Metric
    period: int
    times: Times
    values: Floats
    counts: Floats | None = None
    stat: str = AVERAGE
    unit: str | None = None
    totals: Floats | None = None

    @classmethod
    def of(
        cls,
        metric: Metric,
        period: int,
        times: ArrayLike,
        values: ArrayLike,
        *,
        counts: ArrayLike | None = None,
        stat: str = AVERAGE,
        unit: str | None = None,
    ) -> Series:
        """A series of one value per time; times in any order. Raises Refusal."""
        points = _Points(metric, times, values, counts)
        repeated = points.times[1:] == points.times[:-1]
        if repeated.any():
            again = iso(int(points.times[1:][repeated][0]))
            raise _refuse("duplicate-timestamp", metric, f"has {again} twice")
        if stat == "Sum" and points.counts is not None:
            totals, points.values = points.values, points.values / points.counts
            return replace(points.series(period, AVERAGE, unit), totals=totals)
        return points.series(period, stat, unit)

    @classmethod
    def of_distributions(
        cls,
        metric: Metric,
        period: int,
        points: Iterable[tuple[int, Sequence[float], Sequence[float]]],
        *,
        unit: str | None = None,
    ) -> Series:
        """A series of samples: for each time its values and how many of each. Raises Refusal."""
        listed = list(points)
        stamps = [time for time, _, _ in listed]
        if len(set(stamps)) < len(stamps):
            again = iso(next(t for t in stamps if stamps.count(t) > 1))
            raise _refuse("duplicate-timestamp", metric, f"has {again} twice")
        times = [time for time, values, _ in listed for _ in values]
        values = list(chain.from_iterable(values for _, values, _ in listed))
        counts = list(chain.from_iterable(counts for _, _, counts in listed))
        return _Points(metric, times, values, counts).series(period, AVERAGE, unit)

    def is_tidy(self, phase: int, step: int) -> bool:
        """Whether every point is complete by the next moment of a clock of this phase and step."""
        late = (self.times - phase) % step + self.period
        return bool((late <= step).all())

    def gives(self, stat: str) -> bool:
        """Whether this statistic can be had from the points.

        An average stands for samples, as does a minimum or a maximum whose counts say that all its
        samples are equal; any other value only for itself.
        """
        if self.counts is not None and (stat == "SampleCount" or self.stat in _EXTREMES):
            return True
        return self.stat in {stat, AVERAGE}

    def combines(self, period: int) -> bool:
        """Whether points can be put together to longer periods: percentiles cannot."""
        return self.stat in PLAIN or self.period >= period


class _Points:
    """Points as they are given: checked, in the order of time, without those of no sample."""

    def __init__(
        self, metric: Metric, times: ArrayLike, values: ArrayLike, counts: ArrayLike | None
    ) -> None:
        self.metric = metric
        stamps = np.asarray(times, dtype=np.int64)
        numbers = np.asarray(values, dtype=np.float64)
        samples = None if counts is None else np.asarray(counts, dtype=np.float64)
        for what, found in (("values", numbers), ("sample counts", samples)):
            if found is None:
                continue
            if found.shape != stamps.shape:
                amount = f"has {stamps.size} timestamps and {found.size} {what}"
                raise _refuse("unequal-lengths", metric, amount)
            if not np.isfinite(found).all():
                at = iso(int(stamps[~np.isfinite(found)][0]))
                raise _refuse("not-a-number", metric, f"is not a finite number at {at}")
        if samples is not None and (samples < 0).any():
            raise _refuse("bad-count", metric, "has a negative sample count")
        order = np.argsort(stamps, kind="stable")
        if samples is not None:
            order = order[samples[order] > 0]
        self.times: Times = stamps[order]
        self.values: Floats = numbers[order]
        self.counts: Floats | None = None if samples is None else samples[order]

    def series(self, period: int, stat: str, unit: str | None) -> Series:
        """The points as a series."""
        if period <= 0:
            raise _refuse("bad-period", self.metric, f"has a period of {period} seconds")
        return Series(self.metric, period, self.times, self.values, self.counts, stat, unit)


def _refuse(code: str, metric: Metric, what: str) -> Refusal:
    return Refusal(code, f"the series of {describe_metric(metric)} {what}", where=metric.name)


def describe_metric(metric: Metric) -> str:
    """`AWS/RDS CPUUtilization {DBInstanceIdentifier=db}`, as messages name a metric."""
    inside = ", ".join(f"{d.name}={d.value}" for d in metric.dimensions)
    return f"{metric.namespace} {metric.name}" + (f" {{{inside}}}" if inside else "")


@dataclass(eq=False)
class SeriesStore:
    """All series of one run.

    `calls` are inputs of functions that only the account can answer, by their canonical text
    (`SERVICE_QUOTA(m1)`); `bands` the lower and upper edge of a metric's anomaly band.
    """

    calls: dict[str, Series] = field(default_factory=dict)
    bands: dict[Metric, tuple[Series, Series]] = field(default_factory=dict)
    _by_metric: dict[Metric, list[Series]] = field(default_factory=dict)

    @classmethod
    def of(cls, series: Iterable[Series]) -> SeriesStore:
        """A store of these series. Raises Refusal."""
        store = cls()
        for each in series:
            store.add(each)
        return store

    def add(self, series: Series) -> None:
        """Add a series; one of the same metric, statistic and period is joined to it.

        Raises Refusal when the two overlap.
        """
        known = self._by_metric.setdefault(series.metric, [])
        for at, other in enumerate(known):
            if _kind(other) == _kind(series):
                known[at] = _join(other, series)
                return
        known.append(series)

    @property
    def metrics(self) -> Mapping[Metric, Sequence[Series]]:
        """All series by metric."""
        return self._by_metric

    def span(self) -> tuple[int, int] | None:
        """When the first point is complete and when the last one is; None without points."""
        filled = [s for s in chain.from_iterable(self._by_metric.values()) if s.times.size]
        filled += [s for s in self.calls.values() if s.times.size]
        if not filled:
            return None
        first = min(int(s.times[0]) + s.period for s in filled)
        return first, max(int(s.times[-1]) + s.period for s in filled)

    def find(self, stat: MetricStat) -> Series | None:
        """The series to read a metric's statistic from; None when nothing is known of it.

        One of that very statistic comes first, then averages, then one of that period, then the
        finest. Raises Refusal when only other statistics are known.
        """
        known = self._by_metric.get(stat.metric, ())
        if stat.unit is not None:
            known = [s for s in known if s.unit in {None, stat.unit}]
        if not known:
            return None
        able = [s for s in known if s.gives(stat.stat)]
        if not able:
            given = ", ".join(sorted({s.stat for s in known}))
            raise Refusal(
                "other-statistic",
                f"{stat.stat} of {describe_metric(stat.metric)} cannot be had from {given}",
                where=stat.metric.name,
                help=f"give a series of {stat.stat}, or one with sample counts",
            )
        whole = [s for s in able if s.combines(stat.period)]
        if not whole:
            raise Refusal(
                "cannot-combine",
                f"{stat.stat} over {able[0].period} s cannot be combined to {stat.period} s",
                where=stat.metric.name,
                help="give samples, with their counts, instead of percentiles",
            )

        def rank(series: Series) -> tuple[bool, bool, bool, int]:
            other, period = series.stat != stat.stat, series.period
            return other, other and series.stat != AVERAGE, period != stat.period, period

        return min(whole, key=rank)


def _kind(series: Series) -> tuple[object, ...]:
    """What two series must share to be one."""
    given = (series.counts is None, series.totals is None)
    return series.stat, series.period, series.unit, given


def _join(first: Series, second: Series) -> Series:
    shared = np.intersect1d(first.times, second.times)
    if shared.size:
        raise _refuse("overlapping-series", first.metric, f"has {iso(int(shared[0]))} twice")
    times = np.concatenate([first.times, second.times])
    order = np.argsort(times, kind="stable")
    return replace(
        first,
        times=times[order],
        values=np.concatenate([first.values, second.values])[order],
        counts=_joined(first.counts, second.counts, order),
        totals=_joined(first.totals, second.totals, order),
    )


def _joined(first: Floats | None, second: Floats | None, order: NDArray[np.int64]) -> Floats | None:
    if first is None or second is None:
        return None
    return np.concatenate([first, second])[order]

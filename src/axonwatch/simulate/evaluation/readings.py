"""What a metric alarm reads: the values of its windows and, for bands, the edges beside them.

From one metric, from metric math, or from an anomaly band; whatever cannot be read exactly is
refused here, by the alarm's name and the offending id or function.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from axonwatch.model.alarms import MetricAlarm
from axonwatch.model.metrics import MetricQuery, MetricStat
from axonwatch.simulate.evaluation.bands import stand_in
from axonwatch.simulate.evaluation.buckets import datapoints, grid_of, sample_counts, windows_of
from axonwatch.simulate.evaluation.clock import Frame
from axonwatch.simulate.evaluation.math import Evaluator, Flags, Inputs, Stack, Value
from axonwatch.simulate.evaluation.math_functions import FUNCTIONS
from axonwatch.simulate.refusal import Refusal
from axonwatch.simulate.series.series import Floats, Series, SeriesStore, describe_metric
from axonwatch.simulate.series.statistics import parse_statistic
from axonwatch.syntax.metric_math import Node, Query, QueryFault, check_queries, parse, write
from axonwatch.syntax.metric_math.nodes import Call, Reference


@dataclass(frozen=True, eq=False)
class Reading:
    """Ticks by periods, NaN where nothing is. `few` marks percentiles of too few samples.

    `notes` say what stands in for something that only CloudWatch has; `values` are windows over
    `grid` where all windows share their datapoints.
    """

    values: Floats
    lower: Floats | None = None
    upper: Floats | None = None
    few: Flags | None = None
    notes: tuple[str, ...] = ()
    grid: Floats | None = None


def faults_of(alarm: MetricAlarm) -> tuple[QueryFault, ...]:
    """Every fault in an alarm's `Metrics`; empty for an alarm over one metric."""
    return _faults(alarm.queries, alarm.threshold_query) if alarm.queries else ()


# The same alarms are evaluated over many scenarios: what depends on them alone is kept.
@lru_cache(maxsize=1024)
def _faults(
    queries: tuple[MetricQuery, ...], threshold_query: str | None
) -> tuple[QueryFault, ...]:
    asked = [Query(q.id, q.expression, q.return_data) for q in queries]
    return tuple(check_queries(asked, threshold_query=threshold_query))


_parse = lru_cache(maxsize=1024)(parse)


def refuse_faults(alarm: MetricAlarm) -> None:
    """Raises Refusal with the first fault of an alarm's `Metrics`, and how many more there are."""
    found = faults_of(alarm)
    if not found:
        return
    first = found[0]
    call = next((q.expression or "" for q in alarm.queries if q.id == first.id), "")
    offending = call[first.fault.span.start : first.fault.span.end] or first.id
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    raise Refusal(
        first.code,
        f"alarm `{alarm.name}`, `{first.id}`: {first.fault.title}{more}",
        alarm=alarm.name,
        id=offending if first.code == "unknown-id" else first.id,
        function=offending if first.code.endswith("function") else "",
        where=f"{first.fault.span.start}-{first.fault.span.end}",
        help=first.fault.help,
    )


def read_alarm(alarm: MetricAlarm, store: SeriesStore, frame: Frame) -> Reading:
    """All that an alarm reads over its windows. Raises Refusal."""
    if alarm.stat is not None:
        return _read_stat(alarm, alarm.stat, store, frame)
    return _Request(alarm, store, frame).reading()


def _read_stat(alarm: MetricAlarm, stat: MetricStat, store: SeriesStore, frame: Frame) -> Reading:
    series = _find(alarm, stat, store)
    if series is None or not series.times.size:
        return Reading(np.full(frame.starts.shape, np.nan))
    few = _few(alarm, stat, series, frame)
    grid = grid_of(series, stat.stat, frame)
    if grid is not None:
        return Reading(windows_of(grid, frame), few=few, grid=grid)
    return Reading(datapoints(series, stat.stat, frame), few=few)


def _few(alarm: MetricAlarm, stat: MetricStat, series: Series, frame: Frame) -> Flags | None:
    """Where a percentile rests on too few samples, if the alarm then keeps its state."""
    enough = parse_statistic(stat.stat).enough_samples
    if not alarm.ignore_low_samples or not enough:
        return None
    return sample_counts(series, frame) < enough


def _find(alarm: MetricAlarm, stat: MetricStat, store: SeriesStore, id: str = "") -> Series | None:
    try:
        parse_statistic(stat.stat)
        return store.find(stat)
    except ValueError as wrong:
        message = f"alarm `{alarm.name}`: {wrong}"
        raise Refusal("unknown-statistic", message, alarm=alarm.name, id=id) from None
    except Refusal as refusal:
        raise Refusal(
            refusal.code,
            f"alarm `{alarm.name}`: {refusal.message}",
            alarm=alarm.name,
            id=id,
            where=refusal.where,
            help=refusal.help,
        ) from None


class _Request:
    """One alarm's `Metrics` over one frame: each id is evaluated once."""

    def __init__(self, alarm: MetricAlarm, store: SeriesStore, frame: Frame) -> None:
        self._alarm = alarm
        self._store = store
        self._frame = frame
        self._queries: Mapping[str, MetricQuery] = {q.id: q for q in alarm.queries}
        self._trees = parsed(alarm.queries)
        self._known: dict[str, Value] = {}
        self._notes: list[str] = []
        self._evaluator = Evaluator(
            Inputs(
                frame=frame,
                of_id=self._of_id,
                metric_ids=tuple(q.id for q in alarm.queries if q.stat is not None),
                periods={q.id: q.stat.period for q in alarm.queries if q.stat is not None},
                external=self._external,
                band=self._band,
            ),
            FUNCTIONS,
        )

    def reading(self) -> Reading:
        watched = next(
            q.id
            for q in self._alarm.queries
            if q.return_data and q.id != self._alarm.threshold_query
        )
        values, few = self._series(watched), self._few(watched)
        if self._alarm.threshold_query is None:
            return Reading(values, few=few, notes=tuple(self._notes))
        band = self._of_id(self._alarm.threshold_query)
        assert isinstance(band, Stack)  # noqa: S101 - types are checked before
        return Reading(values, band.values[1], band.values[0], few, notes=tuple(self._notes))

    def _series(self, name: str) -> Floats:
        found = self._of_id(name)
        if isinstance(found, Stack):
            first: Floats = found.values[0]
            return first
        return found

    def _few(self, name: str) -> Flags | None:
        """Where the metric of an id rests on too few samples; an expression has no samples."""
        stat = self._queries[name].stat
        series = _find(self._alarm, stat, self._store, name) if stat is not None else None
        if stat is None or series is None or not series.times.size:
            return None
        return _few(self._alarm, stat, series, self._frame)

    def _of_id(self, name: str) -> Value:
        if name not in self._known:
            query = self._queries[name]
            if query.stat is not None:
                self._known[name] = self._metric(query.stat, name)
            else:
                self._known[name] = self._evaluator.value(self._trees[name])
        return self._known[name]

    def _metric(self, stat: MetricStat, name: str) -> Floats:
        series = _find(self._alarm, stat, self._store, name)
        if series is None or not series.times.size:
            return np.full(self._frame.starts.shape, np.nan)
        return datapoints(series, stat.stat, self._frame)

    def _external(self, call: Call) -> Floats:
        for key in self._keys(call):
            if key in self._store.calls:
                return datapoints(self._store.calls[key], "Average", self._frame)
        raise Refusal(
            "needs-input",
            f"alarm `{self._alarm.name}`: only the account knows `{write(call)}`",
            alarm=self._alarm.name,
            function=call.function,
            help=f"give a series for `{write(call)}`",
        )

    def _keys(self, call: Call) -> Iterable[str]:
        yield write(call)
        metric = call.arguments[0] if call.arguments else None
        if isinstance(metric, Reference) and metric.id in self._queries:
            stat = self._queries[metric.id].stat
            if stat is not None:
                yield f"{call.function}({describe_metric(stat.metric)})"

    def _band(self, node: Node, width: float) -> Stack:
        given = None
        if isinstance(node, Reference):
            stat = self._queries[node.id].stat
            given = self._store.bands.get(stat.metric) if stat is not None else None
        if given is not None:
            lower, upper = (datapoints(edge, "Average", self._frame) for edge in given)
            return Stack(np.stack([upper, lower]))
        self._notes.append(
            f"the band of `{write(node)}` is a stand-in (median and spread at the same time of "
            "earlier days): CloudWatch's own model is private"
        )
        lower, upper = stand_in(self._history(node), self._frame, width)
        return Stack(np.stack([upper, lower]))

    def _history(self, node: Node) -> tuple[Floats, Floats]:
        """The banded value at each period before the last window's end: stamps and values."""
        span = self._store.span()
        newest = int(self._frame.ends[-1, -1])
        oldest = min(span[0] if span else newest, int(self._frame.starts[0, 0]))
        period = self._frame.period
        amount = max(1, (newest - oldest) // period + 1)
        ends = newest - np.arange(amount - 1, -1, -1, dtype=np.int64) * period
        single = ends[:, None]
        frame = Frame(ends, single - period, single, ends, period, period)
        request = _Request(self._alarm, self._store, frame)
        values = request._evaluator.series(node)[:, 0]
        return (ends - period).astype(np.float64), values


def parsed(queries: Iterable[MetricQuery]) -> dict[str, Node]:
    """The tree of each expression, by id."""
    return {q.id: _parse(q.expression) for q in queries if q.expression is not None}

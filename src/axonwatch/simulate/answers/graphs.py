"""What a graph of a dashboard, or of an alarm, draws: a query's values over a stretch of time.

As GetMetricData answers it: clock-aligned periods, and expressions over the whole stretch at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from axonwatch.model.alarms import Comparison, MetricAlarm
from axonwatch.model.metrics import MetricQuery
from axonwatch.simulate.evaluation.clock import Frame
from axonwatch.simulate.evaluation.readings import Reading, read_alarm, refuse_faults
from axonwatch.simulate.series.series import Floats, SeriesStore


@dataclass(frozen=True)
class Graph:
    """Period starts (epoch seconds, UTC) and values; None where there is no datapoint."""

    times: tuple[int, ...]
    values: tuple[float | None, ...]

    @property
    def is_empty(self) -> bool:
        """Whether no datapoint is there at all."""
        return all(value is None for value in self.values)


def graph_of(
    queries: Sequence[MetricQuery],
    shown: str,
    store: SeriesStore,
    *,
    start: int,
    end: int,
    period: int,
) -> Graph:
    """The values of the query `shown`; the others are what it may refer to. Raises Refusal."""
    reader = MetricAlarm(
        name=shown,
        comparison=Comparison.GT,
        threshold=0.0,
        evaluation_periods=1,
        queries=tuple(replace(query, return_data=query.id == shown) for query in queries),
    )
    refuse_faults(reader)
    frame = _whole(start, end, period)
    return _graph(frame, read_alarm(reader, store, frame).values)


def graphs_of_alarm(alarm: MetricAlarm, store: SeriesStore, *, start: int, end: int) -> list[Graph]:
    """What an alarm watches, and, for an anomaly alarm, the lower and upper edge of its band."""
    frame = _whole(start, end, alarm.period)
    reading: Reading = read_alarm(alarm, store, frame)
    rows = [reading.values, reading.lower, reading.upper]
    return [_graph(frame, row) for row in rows if row is not None]


def _whole(start: int, end: int, period: int) -> Frame:
    """One moment that sees all periods from `start` to `end`."""
    first = start - start % period
    starts = np.arange(first, max(end, first + period), period, dtype=np.int64)
    seen = np.array([starts[-1] + period], dtype=np.int64)
    return Frame(seen, starts[None, :], starts[None, :] + period, seen, period, period)


def _graph(frame: Frame, values: Floats) -> Graph:
    return Graph(
        tuple(int(moment) for moment in frame.starts[0]),
        tuple(None if np.isnan(value) else float(value) for value in values[0]),
    )

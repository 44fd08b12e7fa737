"""An alarm's own series, read as the alarm reads them, and drawn in a line of text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from axonwatch.live.clients import Calls
from axonwatch.model.alarms import MetricAlarm
from axonwatch.model.links import Window
from axonwatch.model.metrics import MetricQuery, MetricStat

_BARS = "▁▂▃▄▅▆▇█"
MAX_POINTS = 60


@dataclass(frozen=True)
class Series:
    """One line of a graph, oldest first."""

    label: str
    times: tuple[datetime, ...]
    values: tuple[float, ...]


def data_queries(alarm: MetricAlarm) -> list[dict[str, Any]]:
    """The alarm's queries as GetMetricData takes them."""
    if alarm.stat is not None:
        return [{"Id": "m1", "MetricStat": stat_query(alarm.stat), "ReturnData": True}]
    return [_query(query) for query in alarm.queries]


def _query(query: MetricQuery) -> dict[str, Any]:
    made: dict[str, Any] = {"Id": query.id, "ReturnData": query.return_data}
    if query.label:
        made["Label"] = query.label
    if query.stat is not None:
        made["MetricStat"] = stat_query(query.stat)
    else:
        made["Expression"] = query.expression
        if query.period:
            made["Period"] = query.period
    return made


def stat_query(stat: MetricStat) -> dict[str, Any]:
    """A metric with its statistic, as GetMetricData takes it."""
    made: dict[str, Any] = {
        "Metric": {
            "Namespace": stat.metric.namespace,
            "MetricName": stat.metric.name,
            "Dimensions": [{"Name": d.name, "Value": d.value} for d in stat.metric.dimensions],
        },
        "Period": stat.period,
        "Stat": stat.stat,
    }
    return made | ({"Unit": stat.unit} if stat.unit else {})


def read_series(aws: Calls, alarm: MetricAlarm, window: Window) -> list[Series]:
    """The series that the alarm compares, over a window. Raises CallDenied and its kin."""
    found: dict[str, tuple[str, dict[datetime, float]]] = {}
    for answer in aws.answers(
        "cloudwatch",
        "GetMetricData",
        about=f"the series of alarm `{alarm.name}`",
        MetricDataQueries=data_queries(alarm),
        StartTime=window.start,
        EndTime=window.end,
        ScanBy="TimestampAscending",
    ):
        for result in answer.get("MetricDataResults") or ():
            label = str(result.get("Label") or result["Id"])
            _, points = found.setdefault(str(result["Id"]), (label, {}))
            points.update(
                zip(result.get("Timestamps") or (), result.get("Values") or (), strict=False)
            )
    series = []
    for label, points in found.values():
        times = tuple(sorted(points))
        series.append(Series(label, times, tuple(points[time] for time in times)))
    return series


def sparkline(values: Sequence[float], threshold: float | None = None) -> str:
    """Values as bars, the newest last; scaled so that a threshold is within the picture."""
    shown = list(values)
    if len(shown) > MAX_POINTS:
        size = -(-len(shown) // MAX_POINTS)
        shown = [max(shown[i : i + size]) for i in range(0, len(shown), size)]
    if not shown:
        return ""
    bounds = [*shown, *([threshold] if threshold is not None else [])]
    low, high = min(bounds), max(bounds)
    if high == low:
        return _BARS[3] * len(shown)
    return "".join(_BARS[round((value - low) / (high - low) * 7)] for value in shown)

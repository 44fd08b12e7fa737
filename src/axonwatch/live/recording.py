"""Records metrics from the account, in the form that the alarm engine reads (docs/evaluate.md).

GetMetricData takes 500 queries a call and answers in pages; each metric is asked with the statistic
and the period that somebody reads, so nothing is made up between them.
Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from axonwatch.live.clients import Calls
from axonwatch.live.graphs import stat_query
from axonwatch.model.links import Window
from axonwatch.model.metrics import MetricStat

QUERIES_A_CALL = 500


def record(
    aws: Calls,
    stats: Iterable[MetricStat],
    window: Window,
    tell: Callable[[int, int], None] = lambda _done, _total: None,
) -> list[dict[str, Any]]:
    """One series for each metric and statistic; one without datapoints is there, and empty.

    `tell` hears how many of how many were read. Raises CallDenied and its kin.
    """
    wanted = list(dict.fromkeys(stats))
    found: list[dict[str, Any]] = []
    for batch in _batches(wanted):
        points = _ask(aws, batch, window)
        found += [_series(stat, points.get(f"m{at}", {})) for at, stat in enumerate(batch)]
        tell(len(found), len(wanted))
    return found


def _batches(stats: Sequence[MetricStat]) -> Iterable[Sequence[MetricStat]]:
    return (stats[at : at + QUERIES_A_CALL] for at in range(0, len(stats), QUERIES_A_CALL))


def _ask(
    aws: Calls, stats: Sequence[MetricStat], window: Window
) -> dict[str, dict[datetime, float]]:
    queries = [
        {"Id": f"m{at}", "MetricStat": stat_query(stat), "ReturnData": True}
        for at, stat in enumerate(stats)
    ]
    points: dict[str, dict[datetime, float]] = {}
    for answer in aws.answers(
        "cloudwatch",
        "GetMetricData",
        about="the metrics of the companion",
        MetricDataQueries=queries,
        StartTime=window.start,
        EndTime=window.end,
        ScanBy="TimestampAscending",
    ):
        for result in answer.get("MetricDataResults") or ():
            times, values = result.get("Timestamps") or (), result.get("Values") or ()
            points.setdefault(str(result["Id"]), {}).update(zip(times, values, strict=False))
    return points


def _series(stat: MetricStat, points: dict[datetime, float]) -> dict[str, Any]:
    times = sorted(points)
    return {
        "namespace": stat.metric.namespace,
        "metric": stat.metric.name,
        "dimensions": {one.name: one.value for one in stat.metric.dimensions},
        "period": stat.period,
        "stat": stat.stat,
        "timestamps": [time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") for time in times],
        "values": [points[time] for time in times],
    }

"""Whether every metric of every alarm and widget exists, and has data of the last day.

A metric that is not there can be misspelled, belong to a load balancer that was replaced, or to a
Container Insights that is off; or it is only published when something happens. Each is told apart.
ListMetrics knows what had data in the last two weeks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from axonwatch.catalog.metrics import load_catalogue
from axonwatch.live.clients import Calls
from axonwatch.live.verification.result import Result, fault, fine
from axonwatch.model.alarms import MetricAlarm
from axonwatch.model.companion import Companion
from axonwatch.model.dashboards import MetricWidget
from axonwatch.model.metrics import Metric

MATTER = "metric"
INSIGHTS = "ECS/ContainerInsights"
BATCH = 500
# Dimensions whose value ends in an id that changes when the thing is replaced.
SUFFIXED = frozenset({"LoadBalancer", "TargetGroup"})
# The catalogue's reasons for absence that may well last a day, or for ever, without any fault.
QUIET = ("no line", "no request", "nothing was", "the class", "the queue", "there is no")


def metrics_of(companion: Companion) -> dict[Metric, list[str]]:
    """Every metric and who reads it: alarms by name, dashboards by name."""
    found: dict[Metric, list[str]] = {}
    for alarm in companion.alarms:
        if not isinstance(alarm, MetricAlarm):
            continue
        stats = [alarm.stat] if alarm.stat else [query.stat for query in alarm.queries]
        for stat in stats:
            if stat is not None:
                found.setdefault(stat.metric, []).append(alarm.name)
    for dashboard in companion.dashboards:
        for widget in dashboard.widgets:
            for line in widget.lines if isinstance(widget, MetricWidget) else ():
                if line.query.stat is not None:
                    found.setdefault(line.query.stat.metric, []).append(dashboard.name)
    return {metric: list(dict.fromkeys(users)) for metric, users in found.items()}


def verify_metrics(
    aws: Calls, companion: Companion, *, now: datetime | None = None
) -> Iterator[Result]:
    """A result for each metric. Raises CallDenied without cloudwatch:ListMetrics."""
    metrics = metrics_of(companion)
    ours = companion.names.metric_namespace
    shelf = _Shelf(aws)
    there = [metric for metric in metrics if shelf.has(metric)]
    fresh = _with_data(aws, there, now or datetime.now(UTC))
    for metric, users in metrics.items():
        name = _say(metric)
        if metric in fresh:
            yield fine(MATTER, name)
        elif metric.namespace == ours:
            yield fine(MATTER, name, "no matching log event in the last day")
        elif metric in there:
            yield _silent(metric, name)
        else:
            yield _absent(shelf, metric, name, users, companion)


def _say(metric: Metric) -> str:
    dimensions = ", ".join(f"{d.name}={d.value}" for d in metric.dimensions)
    return f"{metric.namespace} {metric.name}" + (f" ({dimensions})" if dimensions else "")


@dataclass
class _Shelf:
    """ListMetrics, each question asked once."""

    aws: Calls
    _known: dict[tuple[str, str, tuple[Any, ...]], list[Metric]] = field(default_factory=dict)

    def has(self, metric: Metric) -> bool:
        """Whether exactly this metric had data of late."""
        return metric in self.beside(metric)

    def beside(self, metric: Metric) -> list[Metric]:
        """The metrics of the namespace with these dimensions, whatever their name."""
        return self._list(metric.namespace, "", metric.dimensions)

    def named(self, metric: Metric) -> list[Metric]:
        """The metrics of the namespace with this name, whatever their dimensions."""
        return self._list(metric.namespace, metric.name, ())

    def in_namespace(self, namespace: str) -> list[Metric]:
        """The metrics of a namespace."""
        return self._list(namespace, "", ())

    def _list(self, namespace: str, name: str, dimensions: Sequence[Any]) -> list[Metric]:
        key = (namespace, name, tuple(dimensions))
        if key not in self._known:
            asked: dict[str, object] = {"Namespace": namespace}
            if name:
                asked["MetricName"] = name
            if dimensions:
                asked["Dimensions"] = [{"Name": d.name, "Value": d.value} for d in dimensions]
            self._known[key] = [
                _metric(entry)
                for entry in self.aws.pages(
                    "cloudwatch", "ListMetrics", "Metrics", about=f"namespace {namespace}", **asked
                )
            ]
        return self._known[key]


def _metric(entry: dict[str, Any]) -> Metric:
    from axonwatch.model.metrics import Dimension  # noqa: PLC0415 - one use

    dimensions = tuple(Dimension(d["Name"], d["Value"]) for d in entry.get("Dimensions") or ())
    return Metric(str(entry["Namespace"]), str(entry["MetricName"]), dimensions)


def _with_data(aws: Calls, metrics: Sequence[Metric], now: datetime) -> set[Metric]:
    """Those that have a datapoint of the last day."""
    fresh: set[Metric] = set()
    for first in range(0, len(metrics), BATCH):
        batch = metrics[first : first + BATCH]
        queries = [
            {
                "Id": f"m{index}",
                "MetricStat": {
                    "Metric": {
                        "Namespace": metric.namespace,
                        "MetricName": metric.name,
                        "Dimensions": [
                            {"Name": d.name, "Value": d.value} for d in metric.dimensions
                        ],
                    },
                    "Period": 3600,
                    "Stat": "SampleCount",
                },
            }
            for index, metric in enumerate(batch)
        ]
        for answer in aws.answers(
            "cloudwatch",
            "GetMetricData",
            about="the metrics' data of the last day",
            MetricDataQueries=queries,
            StartTime=now - timedelta(days=1),
            EndTime=now,
        ):
            for result in answer.get("MetricDataResults") or ():
                if result.get("Values"):
                    fresh.add(batch[int(str(result["Id"])[1:])])
    return fresh


def _absent_when(metric: Metric) -> str:
    facts = load_catalogue().by_name.get((metric.namespace, metric.name))
    return (facts.absent_when or "") if facts else ""


def _silent(metric: Metric, name: str) -> Result:
    """It was there within two weeks, and has had no data for a day."""
    why = _absent_when(metric)
    if why.startswith(QUIET):
        return fine(MATTER, name, f"no data in the last day, as when {why}")
    text = "had no data in the last day" + (f"; it is absent when {why}" if why else "")
    cure = "is the resource still there, and in order?"
    return fault(MATTER, name, "silent-metric", text, cure)


def _absent(
    shelf: _Shelf, metric: Metric, name: str, users: Sequence[str], companion: Companion
) -> Result:
    """Why a metric is not there, as near as it can be told."""
    used = f"used by {users[0]}" + (f" and {len(users) - 1} more" if len(users) > 1 else "")
    same = [m for m in shelf.beside(metric) if m.name.lower() == metric.name.lower()]
    if same:
        text = f"no such metric; there is `{same[0].name}` ({used})"
        return fault(MATTER, name, "wrong-case-metric", text, f"write `{same[0].name}`")
    elsewhere = shelf.named(metric)
    replaced = _replaced(metric, elsewhere)
    if replaced is not None:
        return fault(
            MATTER,
            name,
            "dead-arn-suffix",
            f"that one is gone; there is `{replaced}` ({used})",
            f"run `axonwatch init --stack {companion.inventory.stack_name}`, then deploy",
        )
    otherwise = _otherwise_spelled(metric, elsewhere)
    if otherwise is not None:
        text = f"no such dimension value; there is `{otherwise}` ({used})"
        return fault(MATTER, name, "wrong-case-dimension", text, f"write `{otherwise}`")
    if metric.namespace == INSIGHTS and not shelf.in_namespace(INSIGHTS):
        cluster = companion.inventory.cluster
        return fault(
            MATTER,
            name,
            "container-insights-off",
            f"Container Insights publishes nothing for `{cluster}` ({used})",
            f"aws ecs update-cluster-settings --cluster {cluster} "
            "--settings name=containerInsights,value=enabled",
        )
    why = _absent_when(metric)
    if why.startswith(QUIET):
        return fine(MATTER, name, f"not seen in two weeks, as when {why}")
    absent = f"; it is absent when {why}" if why else ""
    return fault(
        MATTER,
        name,
        "unseen-metric",
        f"nobody published it in the last two weeks ({used}){absent}",
        "is the name right, and does the resource exist? `axonwatch init` reads its names again",
    )


def _replaced(metric: Metric, others: Iterable[Metric]) -> str | None:
    """The value of a load balancer or target group of the same name and another suffix."""
    mine = {d.name: d.value for d in metric.dimensions}
    for name in SUFFIXED & mine.keys():
        head = mine[name].rpartition("/")[0]
        for other in others:
            theirs = {d.name: d.value for d in other.dimensions}.get(name, "")
            if theirs != mine[name] and theirs.rpartition("/")[0] == head:
                return theirs
    return None


def _otherwise_spelled(metric: Metric, others: Iterable[Metric]) -> str | None:
    """A dimension value that differs in case only."""
    mine = {d.name: d.value for d in metric.dimensions}
    for other in others:
        theirs = {d.name: d.value for d in other.dimensions}
        if theirs.keys() != mine.keys():
            continue
        different = [name for name in mine if mine[name] != theirs[name]]
        if different and all(mine[n].lower() == theirs[n].lower() for n in different):
            return theirs[different[0]]
    return None

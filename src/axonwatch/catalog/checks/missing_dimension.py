"""A metric that AWS publishes only with more dimensions than the alarm names."""

from __future__ import annotations

from collections.abc import Iterator

from axonwatch.catalog.evidence import Evidence, finding, stats_of
from axonwatch.diagnostics import Diagnostic, Level

CODE = "missing-dimension"
LEVEL = Level.WARNING


# (namespace, metric) -> dimensions without which there is no such metric.
_NEEDS = {
    ("AWS/ApplicationELB", "HealthyHostCount"): ("TargetGroup", "LoadBalancer"),
    ("AWS/ApplicationELB", "UnHealthyHostCount"): ("TargetGroup", "LoadBalancer"),
    ("ECS/ContainerInsights", "RunningTaskCount"): ("ClusterName", "ServiceName"),
    ("ECS/ContainerInsights", "DesiredTaskCount"): ("ClusterName", "ServiceName"),
    ("ECS/ContainerInsights", "PendingTaskCount"): ("ClusterName", "ServiceName"),
    ("ECS/ContainerInsights", "DeploymentCount"): ("ClusterName", "ServiceName"),
    ("AWS/CertificateManager", "DaysToExpiry"): ("CertificateArn",),
    ("AWS/SQS", "ApproximateNumberOfMessagesVisible"): ("QueueName",),
    ("AWS/SQS", "ApproximateAgeOfOldestMessage"): ("QueueName",),
}


def check(evidence: Evidence) -> Iterator[Diagnostic]:
    """Every metric that lacks a dimension it is never published without."""
    for subject in evidence.alarms:
        for stat, suffix in stats_of(subject):
            needed = _NEEDS.get((stat.metric.namespace, stat.metric.name), ())
            names = {dimension.name for dimension in stat.metric.dimensions}
            lacking = [name for name in needed if name not in names]
            if not lacking or not subject.knows(f"dimensions{suffix}", "dimensions"):
                continue
            words = " and ".join(f"`{name}`" for name in lacking)
            title = f"`{stat.metric.name}` is not published without the dimension {words}"
            span = subject.at(f"dimensions{suffix}", "dimensions", f"metric{suffix}", "metric")
            label = "the alarm never has data"
            yield finding(CODE, LEVEL, title, span, label, f"add {words}")

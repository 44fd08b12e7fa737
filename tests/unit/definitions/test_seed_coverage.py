"""Every metric of the seed's three lists has an alarm and a graph; the names are AWS's own."""

from __future__ import annotations

import pytest

from axonwatch.model.companion import Companion
from axonwatch.model.dashboards import MetricWidget
from axonwatch.model.metrics import Metric, MetricQuery, MetricStat

ECS, INSIGHTS, ALB, RDS = "AWS/ECS", "ECS/ContainerInsights", "AWS/ApplicationELB", "AWS/RDS"
AGENT, ORCHESTRATOR = "axonflow-prod-agent-service", "axonflow-prod-orchestrator-service"

# The seed's lists, "CloudWatch Metrics". The seed writes UnhealthyHostCount and puts the task
# counts into AWS/ECS; both are spelled here as AWS publishes them.
SEED = [
    *[(ECS, name, of) for name in ("CPUUtilization", "MemoryUtilization") for of in (AGENT, ORCHESTRATOR)],
    *[(INSIGHTS, name, of) for name in ("RunningTaskCount", "DesiredTaskCount") for of in (AGENT, ORCHESTRATOR)],
    *[
        (ALB, name, "app/axonflow-prod-alb/50dc6c495c0c9188")
        for name in (
            "RequestCount",
            "TargetResponseTime",
            "HealthyHostCount",
            "UnHealthyHostCount",
            "HTTPCode_Target_2XX_Count",
            "HTTPCode_Target_5XX_Count",
        )
    ],
    *[
        (RDS, name, "axonflow-prod-db")
        for name in (
            "DatabaseConnections",
            "ReadLatency",
            "WriteLatency",
            "ReadThroughput",
            "WriteThroughput",
            "CPUUtilization",
            "FreeableMemory",
        )
    ],
]  # fmt: skip


def read_by(stat: MetricStat | None, queries: tuple[MetricQuery, ...]) -> set[Metric]:
    return {one.metric for one in (stat, *(query.stat for query in queries)) if one is not None}


def is_of(metric: Metric, namespace: str, name: str, value: str) -> bool:
    values = {dimension.value for dimension in metric.dimensions}
    return (metric.namespace, metric.name) == (namespace, name) and value in values


@pytest.mark.parametrize(("namespace", "name", "value"), SEED)
def test_a_metric_of_the_seed_has_an_alarm(
    companion: Companion, namespace: str, name: str, value: str
) -> None:
    watched = [
        alarm.name
        for alarm in companion.metric_alarms
        if any(is_of(one, namespace, name, value) for one in read_by(alarm.stat, alarm.queries))
    ]
    assert watched


@pytest.mark.parametrize(("namespace", "name", "value"), SEED)
def test_a_metric_of_the_seed_is_drawn(
    companion: Companion, namespace: str, name: str, value: str
) -> None:
    drawn = [
        widget.title
        for dashboard in companion.dashboards
        for widget in dashboard.widgets
        if isinstance(widget, MetricWidget)
        for line in widget.lines
        if line.query.stat and is_of(line.query.stat.metric, namespace, name, value)
    ]
    assert drawn


@pytest.mark.parametrize(
    ("name", "reads"),
    [
        ("load-balancer-target-5xx-ratio", {"RequestCount", "HTTPCode_Target_5XX_Count"}),
        ("load-balancer-elb-5xx-ratio", {"RequestCount", "HTTPCode_ELB_5XX_Count"}),
        ("load-balancer-latency-high", {"TargetResponseTime"}),
        ("agent-running-below-desired", {"DesiredTaskCount", "RunningTaskCount"}),
        ("agent-at-maximum", {"RunningTaskCount"}),
        ("database-storage-low", {"FreeStorageSpace"}),
        ("database-ebs-io-balance-low", {"EBSIOBalance%"}),
        ("database-ebs-byte-balance-low", {"EBSByteBalance%"}),
        ("database-cpu-credits-low", {"CPUCreditBalance"}),
        ("database-load-high", {"DBLoad"}),
        ("load-balancer-certificate-expiring", {"DaysToExpiry"}),
        ("load-balancer-monthly-quota-pace", {"RequestCount"}),
        ("paging-page-topic-failing", {"NumberOfNotificationsFailed"}),
        ("paging-ticket-topic-failing", {"NumberOfNotificationsFailed"}),
    ],
)  # fmt: skip
def test_what_users_need_beyond_the_seed_is_watched(
    companion: Companion, name: str, reads: set[str]
) -> None:
    alarm = next(one for one in companion.metric_alarms if one.name == f"axonflow-prod-{name}")
    assert reads <= {metric.name for metric in read_by(alarm.stat, alarm.queries)}

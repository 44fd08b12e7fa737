"""Every metric, dimension and log group of the companion exists in the reference main stack."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from axonwatch.catalog.metrics import load_catalogue
from axonwatch.model.alarms import MetricAlarm
from axonwatch.model.companion import Companion
from axonwatch.model.dashboards import LogWidget, MetricWidget
from axonwatch.model.metrics import Metric

SUFFIX = "/[0-9a-f]{16}"
OURS = ("AWS/SNS", "AWS/SQS")


def metrics(companion: Companion) -> Iterator[tuple[str, Metric]]:
    """Every metric with who reads it."""
    for alarm in companion.alarms:
        if isinstance(alarm, MetricAlarm):
            stats = [alarm.stat, *(query.stat for query in alarm.queries)]
            yield from ((alarm.name, stat.metric) for stat in stats if stat)
    for board in companion.dashboards:
        for widget in board.widgets:
            if isinstance(widget, MetricWidget):
                for line in widget.lines:
                    if line.query.stat:
                        yield board.name, line.query.stat.metric


def log_groups(companion: Companion) -> Iterator[tuple[str, str]]:
    """Every log group with who reads it."""
    for source in companion.metric_filters:
        yield source.name, source.log_group
    for query in companion.queries:
        yield from ((query.name, group) for group in query.log_groups)
    for alarm in companion.log_alarms:
        yield from ((alarm.name, group) for group in alarm.log_groups)
    for board in companion.dashboards:
        for widget in board.widgets:
            if isinstance(widget, LogWidget):
                yield from ((board.name, group) for group in widget.log_groups)


def existing(reference: dict[str, Any]) -> dict[str, str]:
    """Patterns of the dimension values that the reference stack's resources have."""
    made = {name: r["Properties"] for name, r in reference["Resources"].items()}
    defaults = {name: p.get("Default") for name, p in reference["Parameters"].items()}

    def value(given: Any) -> str:
        return re.escape(given if isinstance(given, str) else defaults[given["Ref"]])

    groups = [value(p["LogGroupName"]) for p in made.values() if "LogGroupName" in p]
    services = [value(p["ServiceName"]) for p in made.values() if "ServiceName" in p]
    return {
        "ClusterName": value(made["Cluster"]["ClusterName"]),
        "ServiceName": "|".join(services),
        "LoadBalancer": f"app/{value(made['LoadBalancer']['Name'])}{SUFFIX}",
        "TargetGroup": f"targetgroup/{value(made['AgentTargetGroup']['Name'])}{SUFFIX}",
        "DBInstanceIdentifier": value(made["AxonFlowDatabase"]["DBInstanceIdentifier"]),
        "LogGroupName": "|".join(groups),
        "CertificateArn": "[0-9a-f-]{36}",
    }


def test_every_dimension_is_one_of_the_reference(
    companion: Companion, reference: dict[str, Any]
) -> None:
    names = existing(reference)
    strays = [
        (reader, metric.name, dimension)
        for reader, metric in metrics(companion)
        for dimension in metric.dimensions
        if metric.namespace not in OURS
        and not re.fullmatch(names.get(dimension.name, ""), dimension.value)
    ]
    assert strays == []


def test_topics_and_queues_that_are_watched_are_our_own(
    companion: Companion, resources: dict[str, Any]
) -> None:
    made = {
        resource["Properties"][key]
        for resource in resources.values()
        for key in ("TopicName", "QueueName")
        if key in resource["Properties"]
    }
    watched = {
        dimension.value
        for _, metric in metrics(companion)
        if metric.namespace in OURS
        for dimension in metric.dimensions
    }
    assert watched <= made


def test_every_metric_is_published_by_something(
    companion: Companion, reference: dict[str, Any]
) -> None:
    known = {
        (facts.namespace, facts.name)
        for component in load_catalogue().by_component.values()
        for facts in component.values()
    }
    filtered = {(source.namespace, source.metric) for source in companion.metric_filters}
    wanted = {(metric.namespace, metric.name) for _, metric in metrics(companion)}
    assert wanted <= known | filtered
    settings = reference["Resources"]["Cluster"]["Properties"]["ClusterSettings"]
    assert {"Name": "containerInsights", "Value": "enabled"} in settings


def test_every_log_group_is_one_of_the_reference(
    companion: Companion, reference: dict[str, Any]
) -> None:
    names = existing(reference)
    exported = reference["Resources"]["AxonFlowDatabase"]["Properties"][
        "EnableCloudwatchLogsExports"
    ]
    database = "|".join(
        f"/aws/rds/instance/{names['DBInstanceIdentifier']}/{kind}" for kind in exported
    )
    pattern = f"{names['LogGroupName']}|{database}"
    assert [pair for pair in log_groups(companion) if not re.fullmatch(pattern, pair[1])] == []


def test_a_certificates_metric_has_its_arn(resources: dict[str, Any]) -> None:
    values = [
        dimension["Value"]
        for resource in resources.values()
        for dimension in resource["Properties"].get("Dimensions", [])
        if dimension["Name"] == "CertificateArn"
    ]
    assert values
    for value in values:
        assert value["Fn::Sub"].startswith("arn:${AWS::Partition}:acm:${AWS::Region}:")

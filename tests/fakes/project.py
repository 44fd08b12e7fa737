"""A user's whole way over real HTTP: main stack, `init`, companion, metrics, log lines.

The project that `axonwatch init` writes is the one that all later commands are given; nothing of
axonwatch is replaced by a fake.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.fakes import main_stack
from tests.fakes.deployed import Deployed, deploy_by_api, templates_of
from tests.fakes.embedded_aws import complete

from axonwatch.catalog.load import load_companion
from axonwatch.catalog.project import find_project
from axonwatch.cli.main import main
from axonwatch.live.clients import Target, connect
from axonwatch.live.verification.metrics import metrics_of
from axonwatch.model.alarms import MetricAlarm
from axonwatch.model.companion import Companion
from axonwatch.model.dashboards import MetricWidget
from axonwatch.model.metrics import Metric, MetricStat

AGENT = "/ecs/axonflow-prod/agent"
STREAM = "agent/agent/1"
SUBSCRIBED = """\
severities:
  page:
    subscribe: [{email: oncall@example.com}]
  ticket:
    subscribe: [{email: platform@example.com}]
"""
PLAIN = {"Average", "Sum", "Minimum", "Maximum", "SampleCount"}
A_BATCH = 100


@dataclass
class Project:
    """A folder with stack.yaml and inventory.json, and the emulator that it was read from."""

    url: str
    folder: Path
    companion: Companion
    deployed: Deployed

    def run(self, *argv: str) -> int:
        """One command line of axonwatch, on this project and this emulator."""
        place = ("--stack-file", str(self.folder / "stack.yaml"), "--endpoint-url", self.url)
        return main([*argv, *place])

    def on(self, service: str) -> Any:
        """A client of the emulator."""
        return self.deployed.on(service)

    @contextmanager
    def state(self, name: str, value: str, reason: str) -> Iterator[None]:
        """An alarm in another state for as long as the block lasts."""
        cloudwatch = self.on("cloudwatch")
        cloudwatch.set_alarm_state(AlarmName=name, StateValue=value, StateReason=reason)
        try:
            yield
        finally:
            cloudwatch.set_alarm_state(AlarmName=name, StateValue="OK", StateReason="over")

    @contextmanager
    def changed(self, name: str, **change: Any) -> Iterator[None]:
        """A metric alarm put otherwise by hand, for as long as the block lasts."""
        cloudwatch = self.on("cloudwatch")
        found = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"][0]
        dropped = ("State", "AlarmArn", "AlarmConfiguration")
        wanted = {key: value for key, value in found.items() if not key.startswith(dropped)}
        cloudwatch.put_metric_alarm(**wanted | change)
        try:
            yield
        finally:
            cloudwatch.put_metric_alarm(**wanted)


@contextmanager
def credentials(key: str = "testing") -> Iterator[None]:
    """Credentials that no AWS knows, for fixtures that outlive a test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", key)
        patch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        yield


def build(url: str, folder: Path) -> Project:
    """Main stack, `init`, and the companion of what it wrote, put by API."""
    aws = connect(Target("us-east-1", endpoint_url=url))
    body = json.dumps(main_stack.template())
    aws.call("cloudformation", "CreateStack", StackName="axonflow-prod", TemplateBody=body)
    complete(aws, "axonflow-prod")
    words = ["init", "--stack", "axonflow-prod", "--region", "us-east-1"]
    assert main([*words, "--endpoint-url", url, "--out", str(folder)]) == 0
    stack_file = folder / "stack.yaml"
    written = stack_file.read_text()
    stack_file.write_text(written[: written.index("severities:")] + SUBSCRIBED)
    found = load_companion(find_project(stack_file=stack_file))
    found.valid()
    templates = templates_of(found.companion)
    return Project(url, folder, found.companion, deploy_by_api(url, of=templates))


def stats_of(companion: Companion) -> Iterator[MetricStat]:
    """Every metric with the statistic that somebody reads."""
    for alarm in companion.alarms:
        if isinstance(alarm, MetricAlarm):
            stats = (alarm.stat, *(query.stat for query in alarm.queries))
            yield from (stat for stat in stats if stat is not None)
    for dashboard in companion.dashboards:
        for widget in dashboard.widgets:
            for line in widget.lines if isinstance(widget, MetricWidget) else ():
                if line.query.stat is not None:
                    yield line.query.stat


def with_percentiles(companion: Companion) -> set[Metric]:
    """Metrics of which somebody reads a percentile, for which moto has no value."""
    return {one.metric for one in stats_of(companion) if one.stat not in PLAIN}


def publish(
    project: Project, metrics: Iterable[Metric], ages: Iterable[timedelta], value: float = 1.0
) -> None:
    """Datapoints of so long ago."""
    now = datetime.now(UTC)
    moments = [now - age for age in ages]
    by_namespace: dict[str, list[dict[str, Any]]] = {}
    for metric in metrics:
        dimensions = [{"Name": one.name, "Value": one.value} for one in metric.dimensions]
        by_namespace.setdefault(metric.namespace, []).extend(
            {
                "MetricName": metric.name,
                "Dimensions": dimensions,
                "Timestamp": moment,
                "Value": value,
            }
            for moment in moments
        )
    cloudwatch = project.on("cloudwatch")
    for namespace, data in by_namespace.items():
        for at in range(0, len(data), A_BATCH):
            batch = data[at : at + A_BATCH]
            cloudwatch.put_metric_data(Namespace=namespace, MetricData=batch)


def publish_all(project: Project) -> None:
    """Data of the last hour for every metric; older ones for those read as percentiles."""
    rare = with_percentiles(project.companion)
    every = set(metrics_of(project.companion))
    publish(project, every - rare, [timedelta(minutes=n) for n in (4, 8, 12)])
    publish(project, rare, [timedelta(hours=3)])


def write_lines(project: Project, lines: Iterable[str], group: str = AGENT) -> None:
    """Log events of the last minute."""
    logs = project.on("logs")
    there = logs.describe_log_streams(logGroupName=group)["logStreams"]
    if not any(one["logStreamName"] == STREAM for one in there):
        logs.create_log_stream(logGroupName=group, logStreamName=STREAM)
    now = int(time.time() * 1000) - 60_000
    events = [{"timestamp": now + n, "message": line} for n, line in enumerate(lines)]
    logs.put_log_events(logGroupName=group, logStreamName=STREAM, logEvents=events)

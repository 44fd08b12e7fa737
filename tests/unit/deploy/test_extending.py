"""The door for a team's own monitors: cdk-monitoring-constructs' facade over our topics."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from axonwatch.deploy.synthesis import build_companion, new_app
from axonwatch.model.companion import Companion


@pytest.mark.parametrize(
    ("severity", "actions", "ok"),
    [
        ("page", [{"Ref": "PageTopic"}], [{"Ref": "PageTopic"}]),
        ("ticket", [{"Ref": "TicketTopic"}], None),
    ],
)
def test_a_monitor_of_ones_own_reaches_the_topic_of_its_severity(
    severity: str, actions: object, ok: object, companion: Companion, tmp_path: Path
) -> None:
    from aws_cdk import aws_cloudwatch as cloudwatch

    app = new_app(str(tmp_path))
    builder = build_companion(app, companion)
    builder.facade.create_alarm_factory("axonflow-prod").add_alarm(
        cloudwatch.Metric(namespace="Billing", metric_name="Queue", statistic="Maximum"),
        alarm_name_suffix="Billing-Queue",
        alarm_description="the billing queue grows",
        threshold=100,
        comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
        treat_missing_data=cloudwatch.TreatMissingData.BREACHING,
        disambiguator=severity,
    )
    app.synth(force=True)
    template = json.loads((tmp_path / f"{builder.sites[0].name}.template.json").read_text())
    (made,) = [
        resource["Properties"]
        for resource in template["Resources"].values()
        if "Billing" in resource["Properties"].get("AlarmName", "")
    ]
    assert made["AlarmActions"] == actions
    assert made.get("OKActions") == ok


def test_the_facade_makes_no_dashboard_of_its_own(companion: Companion, tmp_path: Path) -> None:
    app = new_app(str(tmp_path))
    build_companion(app, companion)
    app.synth(force=True)
    boards = [
        resource["Properties"]["DashboardName"]
        for path in tmp_path.glob("*.template.json")
        for resource in json.loads(path.read_text())["Resources"].values()
        if resource["Type"] == "AWS::CloudWatch::Dashboard"
    ]
    assert sorted(boards) == sorted(board.name for board in companion.dashboards)

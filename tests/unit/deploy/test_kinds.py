"""Each kind of alarm, bare and with everything on, as the template says it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.goldens import assert_golden
from tests.unit.deploy import samples
from tests.unit.deploy.samples import companion

from axonwatch.deploy.synthesis import synthesize_companion
from axonwatch.model.alarms import Alarm
from axonwatch.model.companion import Companion

CASES: dict[str, tuple[Companion, tuple[str, ...]]] = {
    "metric": (
        companion(samples.METRIC_BARE, samples.METRIC_FULL),
        ("DatabaseBare", "LoadBalancerLatencyHigh"),
    ),
    "math": (
        companion(samples.MATH_BARE, samples.MATH_FULL),
        ("LoadBalancerRatio", "LoadBalancerErrorsRatio"),
    ),
    "band": (
        companion(samples.BAND_BARE, samples.BAND_FULL),
        ("LoadBalancerBand", "LoadBalancerBandFull"),
    ),
    "composite": (
        companion(
            samples.METRIC_BARE, samples.MATH_BARE, samples.COMPOSITE_BARE, samples.COMPOSITE_FULL
        ),
        ("ServiceBare", "ServiceIncident"),
    ),
    "log": (
        companion(samples.LOG_BARE, samples.LOG_FULL),
        ("OrchestratorLog", "AgentLog", "LogAlarmRole", "LogAlarmPolicy", "LogLinesRole",
         "LogLinesPolicy"),
    ),
    "filter": (
        companion(metric_filters=(samples.FILTER_BARE, samples.FILTER_FULL)),
        ("FilterBare", "FilterFull"),
    ),
    "mute": (
        companion(
            samples.METRIC_BARE,
            samples.COMPOSITE_FULL,
            mute_rules=(samples.MUTE_BARE, samples.MUTE_FULL),
        ),
        ("MuteBare", "MuteFull"),
    ),
    "query": (companion(queries=(samples.QUERY_FULL,)), ("QueryWho",)),
}  # fmt: skip


def resources_of(whole: Companion) -> dict[str, Any]:
    """All resources of a companion, whichever stack they stand in."""
    return {
        name: resource
        for template in synthesize_companion(whole)
        for name, resource in json.loads(template.body)["Resources"].items()
    }


@pytest.mark.parametrize("kind", CASES)
def test_a_kind_of_alarm_is_written_so(kind: str) -> None:
    whole, names = CASES[kind]
    made = resources_of(whole)
    text = json.dumps({name: made[name] for name in names}, indent=2, ensure_ascii=False)
    assert_golden(f"deploy/{kind}.json", text + "\n")


def test_a_dashboard_is_written_so() -> None:
    whole = companion(dashboards=(samples.DASHBOARD_FULL,), queries=(samples.QUERY_FULL,))
    text, variables = resources_of(whole)["DashboardDatabase"]["Properties"]["DashboardBody"][
        "Fn::Sub"
    ]
    assert variables == {
        "A": {
            "Fn::Sub": "arn:${AWS::Partition}:cloudwatch:${AWS::Region}:${AWS::AccountId}"
            ":alarm:shop-prod-"
        }
    }
    assert "${!dollar}" in text, "a dollar of the content is no substitution"
    body = json.loads(text.replace("${!", "${"))
    assert_golden("deploy/dashboard.json", json.dumps(body, indent=2, ensure_ascii=False) + "\n")


@pytest.mark.parametrize(
    "alarm",
    [samples.METRIC_FULL, samples.METRIC_BARE],
    ids=["through the factory of cdk-monitoring-constructs", "as L1"],
)
def test_an_alarm_over_one_metric_is_never_written_as_metric_math(alarm: Alarm) -> None:
    (made,) = [
        resource
        for resource in resources_of(companion(alarm)).values()
        if resource["Type"] == "AWS::CloudWatch::Alarm"
    ]
    assert "MetricName" in made["Properties"]
    assert "Metrics" not in made["Properties"]

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from axonwatch.catalog.describe import parse_described, read_described
from axonwatch.catalog.nodes import SourceText
from axonwatch.diagnostics import InvalidInput
from axonwatch.model.alarms import (
    Comparison,
    CompositeAlarm,
    LogAlarm,
    MetricAlarm,
    Missing,
    WarmUp,
)
from axonwatch.model.metrics import Dimension, Metric, MetricStat

GOOD: dict[str, Any] = {
    "AlarmName": "a",
    "AlarmArn": "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:a",
    "MetricName": "m",
    "Namespace": "N",
    "Dimensions": [{"Name": "host", "Value": "one"}],
    "Statistic": "Average",
    "Period": 60,
    "EvaluationPeriods": 3,
    "Threshold": 5,
    "ComparisonOperator": "GreaterThanThreshold",
    "StateValue": "ALARM",
}
LOG_ALARM: dict[str, Any] = {
    "AlarmName": "l",
    "ScheduledQueryConfiguration": {
        "QueryString": "fields @message",
        "LogGroupIdentifiers": ["g"],
        "AggregationExpression": "count(*)",
        "ScheduleConfiguration": {
            "ScheduleExpression": "rate(5 minutes)",
            "StartTimeOffset": 360,
            "EndTimeOffset": 60,
        },
    },
    "QueryResultsToEvaluate": 3,
    "Threshold": 0,
    "ComparisonOperator": "GreaterThanThreshold",
}


def described(*alarms: dict[str, Any], kind: str = "MetricAlarms") -> Any:
    return parse_described(SourceText("alarms.json", json.dumps({kind: list(alarms)}, indent=1)))


def only(**changes: Any) -> MetricAlarm:
    given = {k: v for k, v in (GOOD | changes).items() if v is not None}
    (alarm,) = described(given).alarms
    assert isinstance(alarm, MetricAlarm)
    return alarm


def titles(*alarms: dict[str, Any], kind: str = "MetricAlarms") -> list[str]:
    with pytest.raises(InvalidInput) as caught:
        described(*alarms, kind=kind)
    return [f"{one.code}: {one.title}" for one in caught.value.diagnostics]


def test_what_is_left_out_has_its_default() -> None:
    alarm = only()
    assert alarm.datapoints_to_alarm is None
    assert alarm.needed == 3
    assert alarm.missing is Missing.MISSING
    assert not alarm.missing_is_set
    assert not alarm.ignore_low_samples
    assert alarm.actions.enabled
    assert alarm.stat == MetricStat(Metric("N", "m", (Dimension("host", "one"),)), "Average", 60)


def test_what_is_given() -> None:
    alarm = only(
        DatapointsToAlarm=2,
        TreatMissingData="notBreaching",
        EvaluateLowSampleCountPercentile="ignore",
        Statistic=None,
        ExtendedStatistic="p99",
        Unit="Percent",
        ActionsEnabled=False,
        AlarmActions=["x"],
        OKActions=["y"],
        InsufficientDataActions=["z"],
        AlarmDescription="d",
        EvaluationWindow={"WallClockWindow": {"Timezone": "+05:30"}},
        WarmUpConfiguration={"WarmUpPeriodDurationInMinutes": 5},
    )
    assert alarm.needed == 2
    assert alarm.missing is Missing.NOT_BREACHING
    assert alarm.missing_is_set
    assert alarm.ignore_low_samples
    assert alarm.stat is not None
    assert (alarm.stat.stat, alarm.stat.unit) == ("p99", "Percent")
    assert (alarm.actions.alarm, alarm.actions.ok) == (("x",), ("y",))
    assert not alarm.actions.enabled
    assert alarm.wall_clock == "+05:30"
    assert alarm.warm_up == WarmUp(5)


def test_the_account_is_that_of_the_arns() -> None:
    found = described(GOOD)
    assert found.arns == {"a": GOOD["AlarmArn"]}
    assert found.place == ("aws", "eu-west-1", "111122223333")


def test_an_alarm_has_its_place_in_the_file() -> None:
    origin = only().origin
    assert origin is not None
    assert (origin.file, origin.line) == ("alarms.json", 4)


def test_metric_math() -> None:
    (alarm,) = described(
        {
            "AlarmName": "x",
            "EvaluationPeriods": 1,
            "Threshold": 1,
            "ComparisonOperator": "LessThanThreshold",
            "Metrics": [
                {"Id": "e", "Expression": "m * 2", "Label": "twice"},
                {
                    "Id": "m",
                    "MetricStat": {
                        "Metric": {"Namespace": "N", "MetricName": "m"},
                        "Period": 300,
                        "Stat": "p90",
                    },
                    "ReturnData": False,
                },
            ],
        }
    ).alarms
    assert alarm.period == 300
    assert [query.return_data for query in alarm.queries] == [True, False]
    assert alarm.queries[0].label == "twice"


def test_composites_and_log_alarms() -> None:
    (alarm,) = described(
        {
            "AlarmName": "c",
            "AlarmRule": "TRUE",
            "ActionsSuppressor": "s",
            "ActionsSuppressorWaitPeriod": 60,
            "ActionsSuppressorExtensionPeriod": 0,
        },
        kind="CompositeAlarms",
    ).alarms
    assert isinstance(alarm, CompositeAlarm)
    assert (alarm.suppressor, alarm.suppressor_wait, alarm.suppressor_extension) == ("s", 60, 0)
    (log,) = described(
        LOG_ALARM,
        kind="LogAlarms",
    ).alarms
    assert isinstance(log, LogAlarm)
    assert (log.every, log.results_to_alarm, log.start_offset) == (300, 3, 360)


def test_a_log_alarm_has_no_band() -> None:
    with pytest.raises(InvalidInput) as caught:
        described(LOG_ALARM | {"ComparisonOperator": "GreaterThanUpperThreshold"}, kind="LogAlarms")
    (found,) = caught.value.diagnostics
    assert found.code == "wrong-comparison"
    assert "a log alarm has a threshold and no band" in found.title


def test_a_band_has_a_query_for_a_threshold() -> None:
    band = [
        {"Id": "ad", "Expression": "ANOMALY_DETECTION_BAND(m)"},
        {
            "Id": "m",
            "MetricStat": {
                "Metric": {"Namespace": "N", "MetricName": "m"},
                "Period": 60,
                "Stat": "Sum",
            },
        },
    ]
    alarm = only(
        Metrics=band,
        Threshold=None,
        ThresholdMetricId="ad",
        ComparisonOperator="GreaterThanUpperThreshold",
    )
    assert (alarm.threshold, alarm.threshold_query) == (None, "ad")
    assert alarm.comparison is Comparison.ABOVE_BAND


@pytest.mark.parametrize(
    ("changes", "finding"),
    [
        ({"Period": 45}, "bad-period: alarm `a`: Period must be 10, 20, 30 or a multiple of 60"),
        ({"Period": 1.5}, "bad-number: alarm `a`: `Period` must be a whole number of at least 1"),
        ({"Statistic": "Mean"}, "unknown-word: alarm `a`: `Statistic` is `Mean`"),
        ({"Statistic": None}, "missing-field: alarm `a`: needs either Statistic or ExtendedStatistic"),
        ({"ExtendedStatistic": "p9"}, "missing-field: alarm `a`: needs either Statistic or ExtendedStatistic"),
        ({"Threshold": None}, "missing-field: alarm `a`: `Threshold` is missing"),
        ({"Threshold": "5"}, "wrong-type: alarm `a`: `Threshold` must be a number"),
        ({"EvaluationPeriods": 0}, "bad-number: alarm `a`: `EvaluationPeriods` must be a whole number of at least 1"),
        ({"DatapointsToAlarm": 4}, "bad-number: alarm `a`: DatapointsToAlarm 4 is more than EvaluationPeriods 3"),
        ({"ComparisonOperator": "Greater"}, "unknown-word: alarm `a`: `ComparisonOperator` is `Greater`"),
        ({"TreatMissingData": "none"}, "unknown-word: alarm `a`: `TreatMissingData` is `none`"),
        ({"MetricName": None}, "missing-field: alarm `a`: `MetricName` is missing"),
        ({"Dimensions": {"host": "one"}}, "wrong-type: alarm `a`: `Dimensions` must be a list"),
        ({"Dimensions": ["host"]}, "wrong-type: alarm `a`: `Dimensions` must hold objects"),
        ({"ActionsEnabled": "yes"}, "wrong-type: alarm `a`: `ActionsEnabled` must be true or false"),
        ({"EvaluationCriteria": {"PromQLCriteria": {}}}, "promql-alarm: alarm `a`: is on a PromQL query, which is not evaluated here"),
        ({"ThresholdMetricId": "ad", "Threshold": None}, "wrong-comparison: alarm `a`: ThresholdMetricId needs a band operator"),
        ({"Metrics": [{"Id": "e"}]}, "missing-field: alarm `a`: `e` needs either MetricStat or Expression"),
    ],
)  # fmt: skip
def test_one_thing_wrong(changes: dict[str, Any], finding: str) -> None:
    assert finding in titles({k: v for k, v in (GOOD | changes).items() if v is not None})


def test_all_findings_come_at_once() -> None:
    found = titles(GOOD | {"Period": 45}, GOOD | {"AlarmName": "b", "Threshold": "x"})
    assert len(found) == 2


def test_a_name_given_twice() -> None:
    assert titles(GOOD, GOOD) == ["duplicate-alarm: alarm `a`: is given twice"]


@pytest.mark.parametrize(
    ("text", "code"),
    [("", "broken-json"), ("{", "broken-json"), ("[]", "no-alarms"), ("{}", "no-alarms")],
)
def test_what_is_no_answer_of_describe_alarms(text: str, code: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_described(SourceText("alarms.json", text))
    assert caught.value.diagnostics[0].code == code


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_described(tmp_path / "none.json")
    assert caught.value.diagnostics[0].code == "unreadable-file"


def test_a_binary_file(tmp_path: Path) -> None:
    path = tmp_path / "binary.json"
    path.write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(InvalidInput) as caught:
        read_described(path)
    assert caught.value.diagnostics[0].code == "not-utf8"

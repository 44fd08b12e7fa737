"""The SNS message, subject and e-mail: a test for each rule of the grammar's section 8."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.unit.simulate.alarm_cases import EPOCH, run_case

from axonwatch.model.alarms import State
from axonwatch.simulate.notices.notices import Sender, notice_of, subject_of
from axonwatch.simulate.notices.regions import region_name

ARN = "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:"
PLAIN: dict[str, Any] = {
    "series": {"m": "9"},
    "alarms": {
        "cpu": {
            "metric": "m",
            "when": "> 5",
            "for": "1",
            "missing": "notBreaching",
            "AlarmDescription": "too hot",
            "Dimensions": [{"Name": "host", "Value": "one"}],
        }
    },
    "initial": "OK",
    "to": 1,
}


def notices(case: dict[str, Any], *, region: str = "eu-west-1") -> list[Any]:
    sender = Sender("111122223333", region, lambda name: ARN + name, EPOCH)
    return [notice_of(action, sender) for action in run_case(case).actions]


def plain(**changes: Any) -> dict[str, Any]:
    alarm = {**PLAIN["alarms"]["cpu"], **changes}
    series = {"m": {"values": "9", "dimensions": {"host": "one"}, "unit": changes.get("Unit")}}
    return {**PLAIN, "series": series, "alarms": {"cpu": alarm}}


def test_the_message_has_the_keys_of_cloudwatch_in_its_order() -> None:
    (found,) = notices(plain())
    assert found.message == (
        '{"AlarmName":"cpu","AlarmDescription":"too hot","AWSAccountId":"111122223333",'
        '"AlarmConfigurationUpdatedTimestamp":"2026-01-01T00:00:00.000+0000",'
        '"NewStateValue":"ALARM","NewStateReason":"Threshold Crossed: 1 datapoint [9.0 (01/01/26 '
        '00:00:00)] was greater than the threshold (5.0).",'
        '"StateChangeTime":"2026-01-01T00:01:00.000+0000","Region":"EU (Ireland)",'
        '"AlarmArn":"arn:aws:cloudwatch:eu-west-1:111122223333:alarm:cpu","OldStateValue":"OK",'
        '"OKActions":["arn:aws:sns:us-east-1:111122223333:ok"],'
        '"AlarmActions":["arn:aws:sns:us-east-1:111122223333:alarm"],'
        '"InsufficientDataActions":["arn:aws:sns:us-east-1:111122223333:none"],'
        '"Trigger":{"MetricName":"m","Namespace":"N","StatisticType":"Statistic",'
        '"Statistic":"AVERAGE","Unit":null,"Dimensions":[{"value":"one","name":"host"}],'
        '"Period":60,"EvaluationPeriods":1,"ComparisonOperator":"GreaterThanThreshold",'
        '"Threshold":5.0,"TreatMissingData":"notBreaching",'
        '"EvaluateLowSampleCountPercentile":""}}'
    )


def message(case: dict[str, Any]) -> dict[str, Any]:
    found = json.loads(notices(case)[0].message)
    assert isinstance(found, dict)
    return found


def test_an_alarm_without_a_description_has_null() -> None:
    assert message(plain(AlarmDescription=None))["AlarmDescription"] is None


def test_datapoints_to_alarm_only_if_it_is_set() -> None:
    assert "DatapointsToAlarm" not in message(plain())["Trigger"]
    found = list(message(plain(**{"for": "1 of 1"}))["Trigger"])
    assert found[found.index("EvaluationPeriods") + 1] == "DatapointsToAlarm"


def test_treat_missing_data_is_empty_when_it_is_not_set() -> None:
    case = plain()
    del case["alarms"]["cpu"]["missing"]
    assert message(case)["Trigger"]["TreatMissingData"] == ""


def test_an_extended_statistic_keeps_its_case_under_its_own_key() -> None:
    found = message(plain(stat="p99", EvaluateLowSampleCountPercentile="evaluate"))["Trigger"]
    assert found["StatisticType"] == "ExtendedStatistic"
    assert found["ExtendedStatistic"] == "p99"
    assert "Statistic" not in found


@pytest.mark.parametrize(
    ("stat", "word"),
    [("Sum", "SUM"), ("Maximum", "MAXIMUM"), ("Minimum", "MINIMUM"), ("Average", "AVERAGE")],
)
def test_a_plain_statistic_is_in_capitals(stat: str, word: str) -> None:
    assert message(plain(stat=stat))["Trigger"]["Statistic"] == word


def test_the_unit_of_the_alarm() -> None:
    assert message(plain(Unit="Percent"))["Trigger"]["Unit"] == "Percent"


def test_a_large_threshold_is_a_java_double() -> None:
    (found,) = notices(plain(when="< 1000000000"))
    assert '"Threshold":1.0E9,' in found.message


def test_metric_math_has_its_queries_instead_of_a_metric() -> None:
    case = {**PLAIN, "alarms": {"x": {"math": {"m": "m", "e": "m * 2"}, "when": "> 5"}}}
    expected = {
        "Period": 60,
        "EvaluationPeriods": 1,
        "DatapointsToAlarm": 1,
        "ComparisonOperator": "GreaterThanThreshold",
        "Threshold": 5.0,
        "TreatMissingData": "",
        "EvaluateLowSampleCountPercentile": "",
        "Metrics": [
            {
                "Id": "m",
                "MetricStat": {
                    "Metric": {"Dimensions": [], "MetricName": "m", "Namespace": "N"},
                    "Period": 60,
                    "Stat": "Average",
                },
                "ReturnData": False,
            },
            {"Expression": "m * 2", "Id": "e", "ReturnData": True},
        ],
    }
    found = message(case)["Trigger"]
    assert found == expected
    assert list(found) == list(expected)
    assert [list(query) for query in found["Metrics"]] == [
        ["Id", "MetricStat", "ReturnData"],
        ["Expression", "Id", "ReturnData"],
    ]


def test_a_band_names_its_query_instead_of_a_threshold() -> None:
    series = {
        "m": "20",
        "lower": {"metric": "m", "values": "0", "band": "lower"},
        "upper": {"metric": "m", "values": "10", "band": "upper"},
    }
    alarms = {"x": {"metric": "m", "when": "above", "band": "ANOMALY_DETECTION_BAND(m)"}}
    found = message({**PLAIN, "series": series, "alarms": alarms})["Trigger"]
    assert found["ThresholdMetricId"] == "band"
    assert "Threshold" not in found


COMPOSITE: dict[str, Any] = {
    "initial": "OK",
    "series": {"m": "9"},
    "alarms": {"a": {"metric": "m", "when": "> 5", "ActionsEnabled": False}},
    "composites": {"c": {"rule": "ALARM(a)"}},
    "to": 1,
}


def test_a_composite_has_no_trigger_but_its_rule_and_children_at_the_end() -> None:
    found = message(COMPOSITE)
    assert "Trigger" not in found
    assert list(found)[-2:] == ["AlarmRule", "TriggeringChildren"]
    assert found["AlarmRule"] == "ALARM(a)"


def test_the_children_that_triggered_have_capital_keys() -> None:
    case = {**COMPOSITE, "series": {"m": "1 9"}, "to": 2}
    assert message(case)["TriggeringChildren"] == [
        {
            "Arn": "arn:aws:cloudwatch:us-east-1:111122223333:alarm:a",
            "State": {"Value": "ALARM", "Timestamp": "2026-01-01T00:02:00.000+0000"},
        }
    ]


def test_what_runs_at_the_end_of_a_mute_window_says_so() -> None:
    mute = {
        "name": "w",
        "schedule": "at(2026-01-01T00:00)",
        "duration": 180,
        "alarm_names": ["cpu"],
    }
    case = {**plain(missing="ignore"), "mutes": [mute], "to": 4}
    assert message(case)["ActionExecutedAfterMuteWindow"] is True


@pytest.mark.parametrize(
    ("state", "subject"),
    [
        (State.ALARM, 'ALARM: "cpu" in EU (Ireland)'),
        (State.OK, 'OK: "cpu" in EU (Ireland)'),
        (State.INSUFFICIENT_DATA, 'INSUFFICIENT_DATA: "cpu" in EU (Ireland)'),
    ],
)
def test_the_subject(state: State, subject: str) -> None:
    assert subject_of("cpu", state, "eu-west-1") == subject


def test_letters_outside_ascii_become_underscores_in_the_subject() -> None:
    assert subject_of("Größe", State.OK, "us-east-1") == 'OK: "Gr__e" in US East (N. Virginia)'


@pytest.mark.parametrize(
    ("region", "name"),
    [
        ("us-east-1", "US East (N. Virginia)"),
        ("eu-west-1", "EU (Ireland)"),
        ("cn-north-1", "China (Beijing)"),
        ("xx-new-1", "xx-new-1"),
    ],
)
def test_the_long_name_of_a_region(region: str, name: str) -> None:
    assert region_name(region) == name


def test_the_email_of_a_metric_alarm() -> None:
    (found,) = notices(plain())
    assert found.email == (
        'You are receiving this email because your Amazon CloudWatch Alarm "cpu" in the EU '
        '(Ireland) region has entered the ALARM state, because "Threshold Crossed: 1 datapoint '
        '[9.0 (01/01/26 00:00:00)] was greater than the threshold (5.0)." at "Thursday 01 January, '
        '2026 00:01:00 UTC".\n'
        "\n"
        "View this alarm in the AWS Management Console:\n"
        "https://eu-west-1.console.aws.amazon.com/cloudwatch/deeplink.js?region=eu-west-1"
        "#alarmsV2:alarm/cpu\n"
        "\n"
        "Alarm Details:\n"
        "- Name:                     cpu\n"
        "- Description:              too hot\n"
        "- State Change:             OK -> ALARM\n"
        "- Reason for State Change:  Threshold Crossed: 1 datapoint [9.0 (01/01/26 00:00:00)] was "
        "greater than the threshold (5.0).\n"
        "- Timestamp:                Thursday 01 January, 2026 00:01:00 UTC\n"
        "- AWS Account:              111122223333\n"
        "- Alarm Arn:                arn:aws:cloudwatch:eu-west-1:111122223333:alarm:cpu\n"
        "\n"
        "Threshold:\n"
        "- The alarm is in the ALARM state when the metric is GreaterThanThreshold 5.0 for at least "
        "1 of the last 1 period(s) of 60 seconds.\n"
        "\n"
        "Monitored Metric:\n"
        "- MetricNamespace:                     N\n"
        "- MetricName:                          m\n"
        "- Dimensions:                          [host = one]\n"
        "- Period:                              60 seconds\n"
        "- Statistic:                           Average\n"
        "- Unit:                                not specified\n"
        "- TreatMissingData:                    notBreaching\n"
        "\n"
        "State Change Actions:\n"
        "- OK: [arn:aws:sns:us-east-1:111122223333:ok]\n"
        "- ALARM: [arn:aws:sns:us-east-1:111122223333:alarm]\n"
        "- INSUFFICIENT_DATA: [arn:aws:sns:us-east-1:111122223333:none]\n"
    )


def test_the_email_of_a_composite_alarm() -> None:
    (found,) = notices({**COMPOSITE, "series": {"m": "1 9"}, "to": 2})
    assert (
        'has transitioned to ALARM state on Thursday 01 January, 2026 00:02:00 UTC, because "arn:aws:'
        "cloudwatch:us-east-1:111122223333:alarm:a transitioned to ALARM at Thursday 01 January, "
        '2026 00:02:00 UTC".' in found.email
    )
    assert "- Alarm Rule:               ALARM(a)\n" in found.email
    assert "Triggering children (max. 10):\n" in found.email


def test_the_email_of_metric_math_lists_its_queries() -> None:
    case = {**PLAIN, "alarms": {"x": {"math": {"m": "m", "e": "m * 2"}, "when": "> 5"}}}
    (found,) = notices(case)
    assert "- m: Average of N m\n- e: m * 2\n" in found.email

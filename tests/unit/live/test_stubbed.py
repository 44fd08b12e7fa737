"""Log alarms and mute rules, which no emulator has, through botocore's own Stubber."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.stub import Stubber
from tests.fakes.account import arn, described, loaded
from tests.fakes.aws import ACCOUNT

from axonwatch.errors import CallDenied
from axonwatch.live.clients import Aws, Target, connect
from axonwatch.live.mute import mute, read_mutes, unmute
from axonwatch.live.status import read_status

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
TYPES = ["MetricAlarm", "CompositeAlarm", "LogAlarm"]
STORAGE = "axonflow-prod-database-storage-low"
RULE = "axonflow-prod-mute-by-hand-database-storage-low"


@pytest.fixture
def aws(fake_credentials: None) -> Aws:
    del fake_credentials
    return connect(Target("us-east-1"))


@pytest.fixture
def stub(aws: Aws) -> Any:
    with Stubber(aws._client("cloudwatch")) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def rule(status: str = "ACTIVE") -> dict[str, Any]:
    return {
        "Name": RULE,
        "AlarmMuteRuleArn": arn("cloudwatch", f"alarm-mute-rule:{RULE}"),
        "Description": "drill",
        "Rule": {"Schedule": {"Expression": "at(2026-11-24T12:00)", "Duration": "PT2H"}},
        "MuteTargets": {"AlarmNames": [STORAGE]},
        "Status": status,
    }


def test_the_status_of_a_log_alarm_and_of_a_muted_one(aws: Aws, stub: Stubber) -> None:
    log_alarm = loaded().companion.log_alarms[0]
    storage = next(a for a in loaded().companion.alarms if a.name == STORAGE)
    _, found = described(log_alarm, StateValue="ALARM", StateTransitionedTimestamp=NOW)
    _, muted = described(storage, StateValue="ALARM", StateTransitionedTimestamp=NOW)
    names = [log_alarm.name, STORAGE]
    asked = {"AlarmNames": names, "AlarmTypes": TYPES}
    stub.add_response("describe_alarms", {"LogAlarms": [found], "NextToken": "more"}, asked)
    stub.add_response("describe_alarms", {"MetricAlarms": [muted]}, asked | {"NextToken": "more"})
    summary = {"AlarmMuteRuleArn": rule()["AlarmMuteRuleArn"], "Status": "ACTIVE"}
    stub.add_response(
        "list_alarm_mute_rules", {"AlarmMuteRuleSummaries": [summary]}, {"Statuses": ["ACTIVE"]}
    )
    stub.add_response("get_alarm_mute_rule", rule(), {"AlarmMuteRuleName": RULE})
    for name in names:
        history = {
            "AlarmName": name,
            "AlarmTypes": TYPES,
            "HistoryItemType": "Action",
            "MaxRecords": 10,
            "ScanBy": "TimestampDescending",
        }
        stub.add_response("describe_alarm_history", {"AlarmHistoryItems": []}, history)
    status = read_status(aws, [log_alarm, storage])
    by_name = {one.name: one for one in status.alarms}
    assert by_name[log_alarm.name].since == NOW
    assert by_name[STORAGE].silenced_by == f"muted by {RULE}"
    assert status.paging == ()


def test_a_mute_rule_is_put_listed_and_deleted(aws: Aws, stub: Stubber) -> None:
    companion = loaded().companion
    storage = next(a for a in companion.alarms if a.name == STORAGE)
    _, one = described(storage)
    stub.add_response(
        "describe_alarms", {"MetricAlarms": [one]}, {"AlarmNames": [STORAGE], "AlarmTypes": TYPES}
    )
    schedule = {"Expression": "at(2026-11-24T12:00)", "Duration": "PT2H", "Timezone": "UTC"}
    stub.add_response(
        "put_alarm_mute_rule",
        {},
        {
            "Name": RULE,
            "Description": "drill",
            "Rule": {"Schedule": schedule},
            "MuteTargets": {"AlarmNames": [STORAGE]},
        },
    )
    mute(aws, companion.names, storage, 7200, "drill", now=NOW)
    summary = {"AlarmMuteRuleArn": rule()["AlarmMuteRuleArn"], "Status": "ACTIVE"}
    stub.add_response(
        "list_alarm_mute_rules",
        {"AlarmMuteRuleSummaries": [summary]},
        {"Statuses": ["ACTIVE", "SCHEDULED"]},
    )
    stub.add_response("get_alarm_mute_rule", rule(), {"AlarmMuteRuleName": RULE})
    (listed,) = read_mutes(aws, companion.names)
    assert listed.until == datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
    assert listed.is_ours
    stub.add_response("get_alarm_mute_rule", rule(), {"AlarmMuteRuleName": RULE})
    stub.add_response("delete_alarm_mute_rule", {}, {"AlarmMuteRuleName": RULE})
    assert unmute(aws, companion.names, storage) == RULE


def test_a_refusal_names_the_action_and_no_account(aws: Aws, stub: Stubber) -> None:
    stub.add_client_error(
        "describe_alarms",
        "AccessDenied",
        f"User: arn:aws:iam::{ACCOUNT}:user/x is not authorized",
        403,
    )
    with pytest.raises(CallDenied) as denied:
        read_status(aws, loaded().companion.alarms[:1])
    assert denied.value.action == "cloudwatch:DescribeAlarms"
    assert ACCOUNT not in denied.value.message + denied.value.help

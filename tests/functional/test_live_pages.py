"""What a page says, and whether it arrives: `page show`, `page-test`."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from tests.fakes.account import Account, arn, loaded
from tests.fakes.aws import ACCOUNT, client_error
from tests.fakes.cloudformation import Clock

from axonwatch.live.page_test import MARK, Candidate, Drill
from axonwatch.model.alarms import MetricAlarm

Run = Callable[..., tuple[int, str, str]]
STORAGE = "axonflow-prod-database-storage-low"
TOPIC = arn("sns", "axonflow-prod-alerts-page")


@pytest.mark.parametrize("channel", ["email", "sms", "chat", "json"])
def test_every_alarms_page_can_be_shown_everywhere(
    account: Account, run: Run, channel: str
) -> None:
    for alarm in account.companion.alarms:
        code, out, err = run("page", "show", alarm.name, "--as", channel)
        assert code == 0, alarm.name
        assert alarm.name in out
        subject = int(err.split("subject ")[1].split("/100")[0])
        description = int(err.split("description ")[1].split("/1024")[0])
        assert subject <= 100, alarm.name
        assert description <= 1024, alarm.name
        assert "SMS 1 part" in err


def test_the_mail_is_the_one_that_arrives(run: Run) -> None:
    code, out, err = run("page", "show", "connections-high")
    assert code == 0
    assert out.startswith(
        'Subject: ALARM: "axonflow-prod-database-connections-high" in US East (N. Virginia)\n\n'
        "You are receiving this email because your Amazon CloudWatch Alarm "
    )
    assert "3 out of the last 5 datapoints [" in out
    assert "were greater than or equal to the threshold (324.0)" in out
    assert "runbooks/database-connections-high.md" in out
    assert "tells nobody by itself when it becomes ALARM" in err


def test_the_message_is_the_json_that_machines_get(account: Account, run: Run) -> None:
    _, out, err = run("page", "show", "database/incident", "--as", "json")
    message = json.loads(out)
    assert message["AlarmName"] == "axonflow-prod-database-incident"
    assert message["AlarmDescription"].endswith(
        "severity=page component=database stack=axonflow-prod"
    )
    assert message["TriggeringChildren"][0]["State"]["Value"] == "ALARM"
    assert "of 262,144 bytes" in err
    assert account.calls == []


@pytest.mark.parametrize("state", ["OK", "INSUFFICIENT_DATA"])
def test_other_states_have_their_words(run: Run, state: str) -> None:
    code, out, _ = run("page", "show", "storage-low", "--state", state)
    assert code == 0
    assert f"Subject: {state}:" in out


def test_a_reason_may_be_given(run: Run) -> None:
    _, out, _ = run("page", "show", "storage-low", "--reason", "because\x1b[31m of it")
    assert r"because\x1b[31m of it" in out


def test_a_page_of_nothing_is_wrong_usage(run: Run) -> None:
    code, _, err = run("page", "show", "database/conections-high")
    assert code == 2
    assert "a similar one exists: `database/connections-high`" in err


# page-test


def forced(account: Account) -> list[tuple[str, str]]:
    return [
        (asked["AlarmName"], asked["StateValue"])
        for asked in account.asked("cloudwatch:SetAlarmState")
    ]


def counted(account: Account, delivered: float, failed: float) -> None:
    def data(given: dict[str, Any]) -> dict[str, Any]:
        values = {
            "NumberOfNotificationsDelivered": delivered,
            "NumberOfNotificationsFailed": failed,
        }
        return {
            "MetricDataResults": [
                {
                    "Id": query["Id"],
                    "Values": [values[query["MetricStat"]["Metric"]["MetricName"]]],
                    "Timestamps": [given["EndTime"]],
                }
                for query in given["MetricDataQueries"]
            ]
        }

    account.on("cloudwatch", "GetMetricData", data)


def test_an_alarm_is_forced_and_set_back(account: Account, run: Run) -> None:
    counted(account, 2, 0)
    code, out, err = run("page-test", "--yes", "--wait", "1", "--why", "drill of Monday")
    assert code == 0
    (name, state), (again, back) = forced(account)
    assert name == again
    assert (state, back) == ("ALARM", "OK")
    reason = account.asked("cloudwatch:SetAlarmState")[0]["StateReason"]
    assert reason.startswith(MARK)
    assert "drill of Monday" in reason
    assert "the test page arrived\nSNS counts 2 delivered, 0 failed\n" in out
    assert f"{name} was set to ALARM" in err


def test_a_composite_is_never_forced(account: Account, run: Run) -> None:
    code, _, err = run("page-test", "--yes", "--alarm", "database/incident")
    assert code == 2
    assert "is a composite: forced into ALARM it may stay there" in err
    run("page-test", "--yes", "--wait", "1")
    kinds = {name: type(a) for a in account.companion.alarms for name in [a.name]}
    assert all(kinds[name] is MetricAlarm for name, _ in forced(account))


def test_it_asks_first(account: Account, run: Run) -> None:
    code, _, err = run("page-test")
    assert code == 2
    assert "add --yes" in err
    assert forced(account) == []


def test_a_page_that_failed_is_told(account: Account, run: Run) -> None:
    counted(account, 0, 1)
    code, out, _ = run("page-test", "--yes", "--wait", "1")
    assert code == 1
    assert "the test page did not arrive" in out


def test_a_page_that_is_not_proved_is_not_called_arrived(account: Account, run: Run) -> None:
    counted(account, 0, 0)
    code, out, err = run("page-test", "--yes", "--wait", "1")
    assert code == 0
    assert "the test page not proved" in out
    assert "look in the mailbox" in err


def test_the_message_in_a_queue_is_the_proof(account: Account, run: Run) -> None:
    def receive(_: dict[str, Any]) -> dict[str, Any]:
        reason = account.asked("cloudwatch:SetAlarmState")[0]["StateReason"]
        arn = f"arn:aws:cloudwatch:us-east-1:{ACCOUNT}:alarm:{STORAGE}"
        whole = {"AlarmName": STORAGE, "AlarmArn": arn, "AWSAccountId": ACCOUNT}
        inner = json.dumps(whole | {"NewStateReason": reason})
        return {
            "Messages": [
                {"Body": "somebody else's", "ReceiptHandle": "theirs"},
                {"Body": json.dumps({"Message": inner}), "ReceiptHandle": "ours"},
            ]
        }

    account.on("sqs", "ReceiveMessage", receive)
    code, out, _ = run("page-test", "--yes", "--alarm", "storage-low", "--queue", "https://q/1")
    assert code == 0
    assert "the test page arrived" in out
    assert MARK in out
    assert '"AWSAccountId": "<account>"' in out
    assert ACCOUNT not in out
    assert [asked["ReceiptHandle"] for asked in account.asked("sqs:DeleteMessage")] == ["ours"]
    assert forced(account) == [(STORAGE, "ALARM"), (STORAGE, "OK")]


def test_a_message_that_does_not_come_into_the_queue_did_not_arrive(
    account: Account, run: Run
) -> None:
    account.on("sqs", "ReceiveMessage", {"Messages": []})
    counted(account, 5, 0)  # others' pages: no proof of ours
    words = ["--yes", "--alarm", "storage-low", "--queue", "https://q/1", "--wait", "1"]
    code, out, err = run("page-test", *words)
    assert code == 1
    assert out == "the test page did not arrive\n"
    assert "does its policy let sns.amazonaws.com send?" in err
    assert forced(account) == [(STORAGE, "ALARM"), (STORAGE, "OK")]


def test_an_alarm_that_is_in_alarm_already_tells_nobody(account: Account, run: Run) -> None:
    account.alarm(STORAGE, StateValue="ALARM")
    code, _, err = run("page-test", "--yes", "--alarm", "storage-low")
    assert code == 3
    assert "is in ALARM already" in err
    assert forced(account) == []


def test_without_an_alarm_that_can_carry_it_it_says_why(account: Account, run: Run) -> None:
    for name in account.alarms:
        account.alarm(name, ActionsEnabled=False)
    code, _, err = run("page-test", "--yes")
    assert code == 3
    assert "no alarm of severity page can carry a test" in err


def test_faults_of_the_path_are_told_before(account: Account, run: Run) -> None:
    account.subscribers[TOPIC][0]["SubscriptionArn"] = "PendingConfirmation"
    counted(account, 0, 0)
    _, _, err = run("page-test", "--yes", "--wait", "1")
    assert "has not confirmed its subscription" in err


def drill(account: Account, **more: Any) -> tuple[Drill, list[str]]:
    told: list[str] = []
    return Drill(account, told.append, Clock().watch(every=1.0, limit=5.0), **more), told


CANDIDATE = Candidate(STORAGE, "OK", (TOPIC,))


def test_ctrl_c_sets_it_back(account: Account) -> None:
    def pressed(_: dict[str, Any]) -> Any:
        raise KeyboardInterrupt

    account.on("sqs", "ReceiveMessage", pressed)
    made, _ = drill(account)
    with pytest.raises(KeyboardInterrupt):
        made.run(CANDIDATE, "x", "https://q/1")
    assert forced(account) == [(STORAGE, "ALARM"), (STORAGE, "OK")]


@pytest.mark.parametrize("code", ["InternalFailure", "ThrottlingException"])
def test_an_answer_that_was_lost_may_have_forced_it_so_it_is_set_back(
    account: Account, code: str
) -> None:
    account.on("cloudwatch", "SetAlarmState", client_error(code), {})
    made, _ = drill(account)
    with pytest.raises(Exception, match=r"AWS"):
        made.run(CANDIDATE, "x", None)
    assert forced(account) == [(STORAGE, "ALARM"), (STORAGE, "OK")]


def test_a_denied_force_is_not_set_back(account: Account) -> None:
    account.denied = {"cloudwatch:SetAlarmState"}
    made, _ = drill(account)
    with pytest.raises(Exception, match="SetAlarmState was denied"):
        made.run(CANDIDATE, "x", None)
    assert forced(account) == [(STORAGE, "ALARM")]


def test_setting_back_is_tried_again_and_else_told(account: Account) -> None:
    counted(account, 1, 0)
    lost = client_error("InternalFailure")
    account.on("cloudwatch", "SetAlarmState", {}, lost, lost, lost)
    made, told = drill(account)
    assert made.run(CANDIDATE, "x", None).has_arrived
    assert "CloudWatch sets" in told[1]
    account.on("cloudwatch", "SetAlarmState", {}, lost, {})
    made, told = drill(account)
    made.run(CANDIDATE, "x", None)
    assert told[1] == f"{STORAGE} was set back to OK"


def test_json_says_whether_it_arrived(account: Account, run: Run) -> None:
    counted(account, 1, 0)
    _, out, err = run("page-test", "--yes", "--wait", "1", "--json")
    record = json.loads(out)
    assert record["arrived"] is True
    assert record["topics"] == ["axonflow-prod-alerts-page"]
    assert ACCOUNT not in out + err


def test_a_foreign_endpoint_must_be_named(account: Account, run: Run) -> None:
    account.is_foreign = True
    account.endpoint = "http://localhost:4566"
    code, _, err = run("page-test", "--yes")
    assert code == 3
    assert "which is not AWS" in err
    assert forced(account) == []


def test_the_packaged_example_is_not_deployed_tried_or_muted_on_aws(
    account: Account, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    from axonwatch.catalog import load

    companion = account.companion
    example = replace(companion.inventory, discovered_at="", account_check="")
    made = replace(loaded(), companion=replace(companion, inventory=example))
    monkeypatch.setattr(load, "load_companion", lambda _: made)
    for argv in (
        ["page-test", "--yes"],
        ["mute", "storage-low", "--for", "2h", "--why", "x"],
        ["deploy", "--yes"],
        ["destroy", "--yes"],
    ):
        code, _, err = run(*argv)
        assert code == 3, argv
        assert "was never discovered: it is the example" in err
        assert account.calls == []
    code, _, err = run("status")
    assert code == 0
    assert "is the example of axonwatch" in err

"""Each live command, the real one, over real HTTP against a moto server.

A main stack is created there, `axonwatch init` reads it, and the companion of what it wrote is put
resource by resource out of the very templates that `deploy` sends (see `tests.fakes.deployed`).

What moto does not do, measured here by the tests themselves, so that a newer moto breaks them:

- composite alarms, log alarms, mute rules, query definitions, alarm history and StopQuery are
  refused with status 500. What commands do with those answers is tested on botocore's Stubber and
  on the fake account (`tests/unit/live/test_stubbed.py`, `test_live_status.py`, ...); here it is
  tested that they name what could not be looked at, and go on.
- SetAlarmState runs no action. `page-test` is proved up to there; for the way from the topic into
  the queue the test publishes in CloudWatch's place, with what the account says of the alarm. The
  whole way is `test_live_localstack.py`.
- percentiles end GetMetricData with 500, expressions give nothing; filter and stats of a query are
  ignored. Answers are right only for plain statistics and for fields, sort and limit.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.fakes.aws import ACCOUNT
from tests.fakes.project import Project, publish

from axonwatch.live import clients
from axonwatch.live.page_test import MARK
from axonwatch.model.alarms import CompositeAlarm, LogAlarm, MetricAlarm
from axonwatch.model.metrics import Dimension, Metric

pytestmark = pytest.mark.filterwarnings("ignore:Tried to parse:UserWarning")
STORAGE = "axonflow-prod-database-storage-low"
PAGE_TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT}:axonflow-prod-alerts-page"
BROKEN = "AWS failed to answer, after all retries"
Run = Callable[..., tuple[int, str, str]]


def names(project: Project, *kinds: type) -> set[str]:
    return {one.name for one in project.companion.alarms if isinstance(one, kinds)}


def test_all_that_moto_takes_was_put(project: Project) -> None:
    assert project.deployed.names("CloudWatch::Alarm") == names(project, MetricAlarm)
    assert project.deployed.missing("CloudWatch::CompositeAlarm") == names(project, CompositeAlarm)
    assert project.deployed.missing("CloudWatch::LogAlarm") == names(project, LogAlarm)
    assert set(project.deployed.refused) == {
        f"AWS::{kind}"
        for kind in (
            "CloudWatch::CompositeAlarm",
            "CloudWatch::LogAlarm",
            "CloudWatch::AlarmMuteRule",
            "Logs::QueryDefinition",
        )
    }


# status


def test_status_says_what_is_there_and_what_is_gone(over_http: Run, project: Project) -> None:
    code, out, err = over_http("status", "--json")
    found = json.loads(out)
    assert code == 1, "alarms are gone"
    assert set(found["gone"]) == names(project, CompositeAlarm, LogAlarm)
    states = {one["name"]: one["state"] for one in found["alarms"]}
    assert {name for name, state in states.items() if state == "OK"} == names(project, MetricAlarm)
    assert f"unknown: muted alarms: {BROKEN}" in err


def test_status_of_an_alarm_that_pages(over_http: Run, project: Project) -> None:
    with project.state(STORAGE, "ALARM", "9.1E9 was less than the threshold"):
        code, out, err = over_http("status")
    assert code == 1
    assert f"page  {STORAGE}" in out
    assert "why      9.1E9 was less than the threshold" in out
    assert "runbook  runbooks/database-storage-low.md" in out
    assert "1 alarm pages now" in out
    assert f"unknown: last page: {BROKEN}" in err, "moto keeps no history"


def test_a_gate_closes_and_opens_with_the_account(
    over_http: Run, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The gate cannot open with alarms gone: so those are switched off, as one would."""
    gone = names(project, CompositeAlarm, LogAlarm)
    off = [
        f"{one.about.component}/{one.about.key}"
        for one in project.companion.alarms
        if one.about and one.name in gone
    ]
    stack_file = project.folder / "stack.yaml"
    before = stack_file.read_text()
    looks: list[float] = []

    def sleep(seconds: float) -> None:
        looks.append(seconds)
        project.on("cloudwatch").set_alarm_state(
            AlarmName=STORAGE, StateValue="OK", StateReason="grown"
        )

    stack_file.write_text(
        f"{before}off: {json.dumps(off)}\nfeatures: {{mute_rules: false, log_alarms: false}}\n"
    )
    try:
        with project.state(STORAGE, "ALARM", "full"):
            monkeypatch.setattr("time.sleep", lambda _: None)
            code, out, _ = over_http("status", "--until-ok", "0s")
            assert (code, f"page  {STORAGE}" in out) == (1, True)
            monkeypatch.setattr("axonwatch.cli.status.time.sleep", sleep)
            code, out, err = over_http("status", "--until-ok", "10m")
        assert (code, out) == (0, "nothing pages\n")
        assert looks, "it waited"
        assert "muted alarms" not in err, "mute rules are switched off"
    finally:
        stack_file.write_text(before)


# verify


def test_verify_finds_what_moto_lacks_and_nothing_else(over_http: Run, project: Project) -> None:
    code, out, _ = over_http("verify", "--json")
    results = json.loads(out)["results"]
    assert code == 1
    faults = {(one["code"], one["subject"]) for one in results if one["verdict"] == "fault"}
    gone = names(project, CompositeAlarm, LogAlarm)
    assert faults == {("missing-alarm", name) for name in gone}
    unknown = [one["subject"] for one in results if one["verdict"] == "unknown"]
    assert unknown == ["actions of late"], "moto keeps no history"
    fine = [one["matter"] for one in results if one["verdict"] == "fine"]
    assert fine.count("metric") > 50
    assert fine.count("saved query") == len(project.companion.queries)
    assert "inventory" in fine


def test_verify_tells_another_case_from_what_nobody_publishes(
    over_http: Run, project: Project
) -> None:
    """The inventory names a database that publishes nothing, and one metric in another case."""
    other = Metric(
        "AWS/RDS", "FreeStorageSpace", (Dimension("DBInstanceIdentifier", "Axonflow-Prod-DB2"),)
    )
    publish(project, [other], [timedelta(minutes=5)])
    inventory = project.folder / "inventory.json"
    before = inventory.read_text()
    inventory.write_text(before.replace("axonflow-prod-db", "axonflow-prod-db2"))
    try:
        code, out, _ = over_http("verify", "--only", "metrics", "--json")
    finally:
        inventory.write_text(before)
    assert code == 1
    faults = {
        one["subject"]: one["code"]
        for one in json.loads(out)["results"]
        if one["verdict"] == "fault"
    }
    place = "(DBInstanceIdentifier=axonflow-prod-db2)"
    assert faults[f"AWS/RDS FreeStorageSpace {place}"] == "wrong-case-dimension"
    assert faults[f"AWS/RDS CPUUtilization {place}"] == "unseen-metric"
    assert all(place in subject for subject in faults)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"ActionsEnabled": False}, "its actions are switched off: it tells nobody"),
        ({"AlarmActions": []}, "it has no action: it tells nobody"),
    ],
)
def test_verify_finds_an_alarm_that_somebody_silenced(
    over_http: Run, project: Project, change: dict[str, Any], said: str
) -> None:
    cloudwatch = project.on("cloudwatch")
    with project.changed(STORAGE, **change):
        code, out, _ = over_http("verify", "--only", "alarms")
    assert code == 1
    assert f"fault   {STORAGE}: {said}" in out
    assert cloudwatch.describe_alarms(AlarmNames=[STORAGE])["MetricAlarms"][0]["ActionsEnabled"]


def test_verify_finds_a_topic_without_subscriber_and_one_that_is_gone(
    over_http: Run, project: Project
) -> None:
    sns = project.on("sns")
    topic = sns.list_subscriptions_by_topic(TopicArn=PAGE_TOPIC)["Subscriptions"]
    for one in topic:
        sns.unsubscribe(SubscriptionArn=one["SubscriptionArn"])
    try:
        code, out, _ = over_http("verify", "--only", "paging")
        assert code == 1
        assert "nobody is subscribed: a page reaches no one" in out
    finally:
        sns.subscribe(TopicArn=PAGE_TOPIC, Protocol="email", Endpoint="oncall@example.com")
    assert over_http("verify", "--only", "paging")[0] == 0


# page-test


def test_a_forced_alarm_is_set_back_and_not_called_arrived(
    over_http: Run, project: Project
) -> None:
    code, out, err = over_http("page-test", "--yes", "--alarm", "storage-low", "--wait", "0")
    assert code == 0
    assert "the test page not proved" in out
    assert f"{STORAGE} was set back to OK" in err
    found = project.on("cloudwatch").describe_alarms(AlarmNames=[STORAGE])["MetricAlarms"][0]
    assert found["StateValue"] == "OK"
    assert found["StateReason"] == f"{MARK}: over"


def test_what_sns_counted_is_the_proof(over_http: Run, project: Project) -> None:
    name = PAGE_TOPIC.rpartition(":")[2]
    metric = Metric("AWS/SNS", "NumberOfNotificationsDelivered", (Dimension("TopicName", name),))
    publish(project, [metric], [-timedelta(seconds=20)], value=2.0)
    code, out, _ = over_http("page-test", "--yes", "--alarm", "storage-low", "--wait", "5")
    assert code == 0
    assert "the test page arrived\nSNS counts 2 delivered, 0 failed" in out


@pytest.fixture
def queue(project: Project) -> Iterator[str]:
    """A queue behind the page topic."""
    sqs, sns = project.on("sqs"), project.on("sns")
    url = str(sqs.create_queue(QueueName="drill")["QueueUrl"])
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    made = sns.subscribe(TopicArn=PAGE_TOPIC, Protocol="sqs", Endpoint=arn["QueueArn"])
    yield url
    sns.unsubscribe(SubscriptionArn=made["SubscriptionArn"])
    sqs.delete_queue(QueueUrl=url)


def in_cloudwatchs_place(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """After SetAlarmState, publish for each alarm in ALARM, as CloudWatch does and moto does not.

    Form: "Example SNS notification" of the CloudWatch User Guide, AlarmThatSendsEmail.
    """

    def act(**_: object) -> None:
        found = project.on("cloudwatch").describe_alarms(StateValue="ALARM")["MetricAlarms"]
        for alarm in found:
            message = {
                "AlarmName": alarm["AlarmName"],
                "AlarmDescription": alarm["AlarmDescription"],
                "NewStateValue": alarm["StateValue"],
                "NewStateReason": alarm["StateReason"],
                "StateChangeTime": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.000+0000}",
            }
            for topic in alarm["AlarmActions"]:
                project.on("sns").publish(
                    TopicArn=topic,
                    Subject=f'ALARM: "{alarm["AlarmName"]}" in US East (N. Virginia)',
                    Message=json.dumps(message),
                )

    real = clients.new_session

    def session(profile: str | None) -> Any:
        opened = real(profile)
        opened.register("after-call.cloudwatch.SetAlarmState", act)
        return opened

    monkeypatch.setattr(clients, "new_session", session)


def test_the_page_comes_out_of_the_queue_with_our_text(
    over_http: Run, project: Project, queue: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_cloudwatchs_place(project, monkeypatch)
    project.on("sqs").send_message(QueueUrl=queue, MessageBody="somebody else's")
    code, out, err = over_http(
        *("page-test", "--yes", "--alarm", "storage-low", "--queue", queue, "--wait", "20")
    )
    assert code == 0, err
    assert out.startswith("the test page arrived\n")
    message = json.loads(out.split("\n", 1)[1])
    alarm = next(one for one in project.companion.alarms if one.name == STORAGE)
    assert message["AlarmDescription"] == alarm.description
    assert "Runbook: runbooks/database-storage-low.md" in message["AlarmDescription"]
    assert message["NewStateReason"].startswith(MARK)
    monkeypatch.undo()
    left = project.on("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10)
    assert MARK not in json.dumps(left.get("Messages", [])), "ours was taken out"


def test_a_page_that_does_not_come_out_of_the_queue_is_a_failure(
    over_http: Run, project: Project, queue: str
) -> None:
    code, out, err = over_http(
        *("page-test", "--yes", "--alarm", "storage-low", "--queue", queue, "--wait", "1")
    )
    assert code == 1, "moto ran no action"
    assert out == "the test page did not arrive\n"
    assert "no message of this test came into the queue" in err
    found = project.on("cloudwatch").describe_alarms(AlarmNames=[STORAGE])["MetricAlarms"][0]
    assert found["StateValue"] == "OK"

"""A forced alarm's page, through a real topic into a real queue: what only LocalStack does.

Start LocalStack (it needs Python 3.12 or newer, and GATEWAY_SERVER=hypercorn to stay on loopback) and
set AXONWATCH_LOCALSTACK to its address; without it these tests are skipped, CI does not need them.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable
from typing import Any

import pytest
from tests.fakes.account import described, loaded

from axonwatch.catalog import load
from axonwatch.cli.main import main
from axonwatch.live.clients import Aws, Target, connect
from axonwatch.live.page_test import MARK

URL = os.environ.get("AXONWATCH_LOCALSTACK", "")
pytestmark = pytest.mark.skipif(
    not URL,
    reason="set AXONWATCH_LOCALSTACK=http://127.0.0.1:4566 (moto sends nothing on SetAlarmState)",
)
STORAGE = "axonflow-prod-database-storage-low"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def aws(fake_credentials: None) -> Aws:
    del fake_credentials
    return connect(Target("us-east-1", endpoint_url=URL))


@pytest.fixture
def queue(aws: Aws) -> str:
    """A queue behind the page topic, and the alarm that tells it."""
    topic = aws.call("sns", "CreateTopic", Name="axonflow-prod-alerts-page")["TopicArn"]
    name = f"drill-{secrets.token_hex(4)}"
    address = str(aws.call("sqs", "CreateQueue", QueueName=name)["QueueUrl"])
    attributes = aws.call(
        "sqs", "GetQueueAttributes", QueueUrl=address, AttributeNames=["QueueArn"]
    )["Attributes"]
    aws.call(
        "sns",
        "Subscribe",
        TopicArn=topic,
        Protocol="sqs",
        Endpoint=attributes["QueueArn"],
    )
    alarm = next(a for a in loaded().companion.alarms if a.name == STORAGE)
    _, one = described(alarm)
    wanted: dict[str, Any] = {
        key: value
        for key, value in one.items()
        if not key.startswith("State") and key != "AlarmArn" and value != []
    }
    wanted |= {"AlarmActions": [topic], "OKActions": [topic]}
    aws.call("cloudwatch", "PutMetricAlarm", **wanted)
    aws.call(
        "cloudwatch", "SetAlarmState", AlarmName=STORAGE, StateValue="OK", StateReason="before"
    )
    return address


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.setattr(load, "load_companion", lambda _: loaded())

    def command(*argv: str) -> tuple[int, str, str]:
        code = main([*argv, "--endpoint-url", URL])
        out, err = capsys.readouterr()
        return code, out, err

    return command


def test_the_page_arrives_with_our_text_and_the_alarm_is_set_back(
    aws: Aws, queue: str, run: Run
) -> None:
    code, out, err = run(
        *("page-test", "--yes", "--alarm", "storage-low", "--queue", queue, "--wait", "60")
    )
    assert code == 0, err
    assert out.startswith("the test page arrived\n")
    message = json.loads(out.split("\n", 1)[1])
    alarm = next(a for a in loaded().companion.alarms if a.name == STORAGE)
    assert message["AlarmName"] == STORAGE
    assert message["AlarmDescription"] == alarm.description
    assert message["NewStateValue"] == "ALARM"
    assert MARK in message["NewStateReason"]
    assert f"{STORAGE} was set back to OK" in err
    answer = aws.call("cloudwatch", "DescribeAlarms", AlarmNames=[STORAGE])
    assert answer["MetricAlarms"][0]["StateValue"] != "ALARM"


def test_status_sees_a_forced_alarm_and_its_page(aws: Aws, queue: str, run: Run) -> None:
    del queue
    aws.call(
        "cloudwatch", "SetAlarmState", AlarmName=STORAGE, StateValue="ALARM", StateReason="because"
    )
    code, out, _ = run("status")
    assert code == 1
    assert f"page  {STORAGE}" in out

"""What LocalStack does more than moto, the real commands over real HTTP.

Composite alarms, alarm history, alarms that are evaluated, and an alarm's action: a page forced by
SetAlarmState arrives in a queue behind the topic. Start LocalStack (it needs Python 3.12 or newer,
and GATEWAY_SERVER=hypercorn to stay on loopback) and set AXONWATCH_LOCALSTACK to its address;
without it these tests are skipped, CI does not need them. Every run has an account of its own: for
LocalStack an access key of twelve digits is one.

What it does not do, measured here: log alarms, mute rules and query definitions; composites stay
INSUFFICIENT_DATA whatever their children say; GetMetricData fails on some queries; filter and stats
of a query are ignored. Its CloudFormation makes no dashboard, query definition, metric filter or
log alarm and calls the stack complete; and of a stack whose creation failed it deletes resources
that were never made: DELETE_FAILED for a moment, with SNS as the cause, then DELETE_COMPLETE. AWS
does not know that: there DELETE_FAILED stays until somebody deletes again.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.fakes.deployed import client, deploy_by_api, templates_of
from tests.fakes.project import Project, credentials, write_lines

from axonwatch.catalog.load import load_companion
from axonwatch.catalog.project import find_project
from axonwatch.cli.main import main
from axonwatch.live.page_test import MARK
from axonwatch.model.alarms import LogAlarm, MetricAlarm

URL = os.environ.get("AXONWATCH_LOCALSTACK", "")
pytestmark = pytest.mark.skipif(
    not URL,
    reason="set AXONWATCH_LOCALSTACK=http://127.0.0.1:4566 (moto sends nothing on SetAlarmState)",
)
ROOT = Path(__file__).parents[2]
STORAGE = "axonflow-prod-database-storage-low"
INCIDENT = "axonflow-prod-database-incident"
VIEWS = "axonflow-prod-observability-views"
BASE = "axonflow-prod-observability"
Run = Callable[..., tuple[int, str, str]]


def fresh_account() -> str:
    return f"{secrets.randbelow(9 * 10**11) + 10**11}"


def a_project(folder: Path) -> Path:
    for name in ("stack.yaml", "inventory.json"):
        shutil.copy(ROOT / name, folder / name)
    return folder / "stack.yaml"


@pytest.fixture(scope="module")
def account() -> str:
    return fresh_account()


@pytest.fixture(scope="module")
def companion(account: str, tmp_path_factory: pytest.TempPathFactory) -> Project:
    folder = tmp_path_factory.mktemp("localstack")
    stack_file = a_project(folder)
    found = load_companion(find_project(stack_file=stack_file)).companion
    with credentials(account):
        deployed = deploy_by_api(URL, of=templates_of(found), account=account)
        made = Project(URL, folder, found, deployed)
        write_lines(made, [f"line {n}" for n in range(5)])
    return made


@pytest.fixture
def run(
    companion: Project,
    account: str,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Run]:
    def command(*argv: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = companion.run(*argv)
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        assert account not in out + err
        return code, out, err

    with credentials(account):
        yield command


@pytest.fixture
def queue(companion: Project, account: str) -> Iterator[str]:
    """A queue behind the page topic."""
    sqs, sns = companion.on("sqs"), companion.on("sns")
    name = f"drill-{secrets.token_hex(4)}"
    url = str(sqs.create_queue(QueueName=name)["QueueUrl"])
    topic = f"arn:aws:sns:us-east-1:{account}:axonflow-prod-alerts-page"
    endpoint = f"arn:aws:sqs:us-east-1:{account}:{name}"
    made = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=endpoint)
    yield url
    sns.unsubscribe(SubscriptionArn=made["SubscriptionArn"])
    sqs.delete_queue(QueueUrl=url)


def test_the_page_arrives_with_our_text_and_the_alarm_is_set_back(
    companion: Project, queue: str, run: Run
) -> None:
    code, out, err = run(
        *("page-test", "--yes", "--alarm", "storage-low", "--queue", queue, "--wait", "60")
    )
    assert code == 0, err
    assert out.startswith("the test page arrived\n")
    message = json.loads(out.split("\n", 1)[1])
    alarm = next(a for a in companion.companion.alarms if a.name == STORAGE)
    assert message["AlarmName"] == STORAGE
    assert message["AlarmDescription"] == alarm.description
    assert "Runbook: runbooks/database-storage-low.md" in message["AlarmDescription"]
    assert message["NewStateValue"] == "ALARM"
    assert MARK in message["NewStateReason"]
    assert f"{STORAGE} was set back to " in err
    answer = companion.on("cloudwatch").describe_alarms(AlarmNames=[STORAGE])
    assert answer["MetricAlarms"][0]["StateValue"] != "ALARM"


def test_a_queue_that_nobody_subscribed_gets_no_page(companion: Project, run: Run) -> None:
    url = companion.on("sqs").create_queue(QueueName=f"deaf-{secrets.token_hex(4)}")["QueueUrl"]
    code, out, err = run(
        *("page-test", "--yes", "--alarm", "storage-low", "--queue", url, "--wait", "4")
    )
    assert (code, out) == (1, "the test page did not arrive\n")
    assert "is it subscribed to the topic" in err


def test_status_sees_a_forced_alarm_and_composites(companion: Project, run: Run) -> None:
    with companion.state(STORAGE, "ALARM", "because"):
        code, out, err = run("status", "--json")
    assert code == 1
    found = json.loads(out)
    assert STORAGE in found["paging"]
    states = {one["name"]: one for one in found["alarms"]}
    assert states[STORAGE]["reason"] == "because"
    alarms = companion.companion.alarms
    assert set(found["gone"]) == {a.name for a in alarms if isinstance(a, LogAlarm)}
    assert states[INCIDENT]["state"] == "INSUFFICIENT_DATA", "composites are not evaluated here"
    assert "last page" not in err, "there is a history"


def test_verify_finds_all_alarms_and_a_path_for_the_pages(companion: Project, run: Run) -> None:
    words = ("--only", "alarms", "--only", "paging", "--only", "logs")
    code, out, _ = run("verify", *words, "--json")
    assert code == 1
    results = json.loads(out)["results"]
    log_alarms = {a.name for a in companion.companion.alarms if isinstance(a, LogAlarm)}
    faults = {(one["code"], one["subject"]) for one in results if one["verdict"] == "fault"}
    assert faults == {("missing-alarm", name) for name in log_alarms}
    assert [one for one in results if one["verdict"] == "unknown"] == []
    fine = [one["matter"] for one in results if one["verdict"] == "fine"]
    assert fine.count("saved query") == len(companion.companion.queries)


def test_a_composite_is_compared_whole(companion: Project, run: Run) -> None:
    def differences() -> dict[str, list[str]]:
        _, out, _ = run("drift", "--json")
        return {
            one["name"]: [field["name"] for field in one["fields"]]
            for one in json.loads(out)["differences"]
            if one["kind"] == "changed"
        }

    warm = {a.name for a in companion.companion.alarms if isinstance(a, MetricAlarm) and a.warm_up}
    assert differences() == {name: ["warm-up minutes"] for name in warm}, "it keeps none"
    cloudwatch = companion.on("cloudwatch")
    found = cloudwatch.describe_alarms(AlarmNames=[INCIDENT], AlarmTypes=["CompositeAlarm"])
    (one,) = found["CompositeAlarms"]
    wanted = {
        key: value
        for key, value in one.items()
        if not key.startswith(("State", "AlarmArn", "AlarmConfiguration"))
    }
    cloudwatch.put_composite_alarm(**wanted | {"AlarmRule": f'ALARM("{STORAGE}")'})
    try:
        assert differences()[INCIDENT] == ["rule"]
    finally:
        cloudwatch.put_composite_alarm(**wanted)


def test_a_query_runs_and_says_what_is_found(run: Run) -> None:
    words = ("query", "fields @message | limit 2", "--log-group", "agent", "--since", "1h")
    code, out, err = run(*words, "--json")
    assert code == 0, err
    assert len(json.loads(out)["rows"]) == 2


def test_triage_knows_when_people_were_told(companion: Project, run: Run) -> None:
    with companion.state(STORAGE, "ALARM", "because"):
        code, out, _ = run("triage", "storage-low", "--since", "20m")
    assert code == 0
    assert out.startswith(f"# ALARM: {STORAGE}\n")
    assert "- reason: `because`" in out
    code, out, _ = run("triage", "database/incident", "--no-queries")
    assert code == 0
    assert out.count("axonflow-prod-database-") > 3, "its children"


# deploy and destroy, through LocalStack's CloudFormation


@pytest.fixture
def elsewhere(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Run]:
    """Commands in an empty account."""
    place = ("--stack-file", str(a_project(tmp_path)), "--endpoint-url", URL)

    def command(*argv: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main([*argv, *place])
        out, err = capsys.readouterr()
        return code, out, err

    with credentials(fresh_account()):
        yield command


def test_a_companion_comes_with_its_alarms_and_goes(elsewhere: Run) -> None:
    code, out, err = elsewhere("deploy", "--yes")
    assert code == 0, err
    assert f"{VIEWS}: created" in out
    code, out, _ = elsewhere("status", "--json")
    states = [one["state"] for one in json.loads(out)["alarms"]]
    assert states.count("gone") == 1, "it makes no log alarm"
    assert len(states) > 90
    code, out, err = elsewhere("destroy", "--yes")
    assert code == 0, err
    assert f"{BASE}: deleted" in out
    code, out, _ = elsewhere("status")
    assert "none of the companion's alarms is there" in out


def test_a_creation_that_failed_names_its_cause_and_is_taken_away(elsewhere: Run) -> None:
    """A topic of that name made by hand: CloudFormation cannot make it."""
    client("sns", URL).create_topic(Name="axonflow-prod-alerts-page")
    code, _, err = elsewhere("deploy", "--yes")
    assert code == 3
    assert f"`{BASE}` is ROLLBACK_COMPLETE. First cause: AWS::SNS::Topic PageTopic" in err
    assert "Topic already exists with different attributes" in err
    code, out, err = elsewhere("destroy", "--yes")
    if code:  # LocalStack's DELETE_FAILED of what was never made; see above
        assert f"`{BASE}` is DELETE_FAILED; what is stuck: " in err
        assert "AWS::SNS::" in err
    for _ in range(20):
        code, out, err = elsewhere("destroy", "--yes")
        if "there is no companion" in err:
            break
        time.sleep(0.5)
    assert (code, out) == (0, "")

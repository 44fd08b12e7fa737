"""The live commands over real HTTP, against a moto server; and every fault on the wire.

moto has no log alarms, mute rules or alarm history, and answers those with 500: the commands then
say what they could not look at, which is tested here too.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.fakes import main_stack
from tests.fakes.account import described, loaded
from tests.fakes.embedded_aws import complete, embedded_aws, reset
from tests.fakes.wire import FAULTS, Fault, Saboteur

from axonwatch.catalog import load
from axonwatch.cli.main import main
from axonwatch.live import clients
from axonwatch.live.clients import Aws, Target, connect
from axonwatch.model.alarms import MetricAlarm

pytestmark = pytest.mark.filterwarnings("ignore:Tried to parse:UserWarning")
STORAGE = "axonflow-prod-database-storage-low"
AGENT = "/ecs/axonflow-prod/agent"
Cli = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with embedded_aws() as url:
        yield url


@pytest.fixture(scope="module")
def prepared(server: str) -> str:
    """A main stack, and the companion's plain metric alarms, topics and log events."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "testing")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        reset(server)
        aws = connect(Target("us-east-1", endpoint_url=server))
        body = json.dumps(main_stack.template())
        aws.call("cloudformation", "CreateStack", StackName="axonflow-prod", TemplateBody=body)
        complete(aws, "axonflow-prod")
        for topic in loaded().companion.notifications.topics:
            made = aws.call("sns", "CreateTopic", Name=topic.name)["TopicArn"]
            aws.call("sns", "Subscribe", TopicArn=made, Protocol="sms", Endpoint="+15555550100")
        _put_alarms(aws)
        aws.call("logs", "CreateLogStream", logGroupName=AGENT, logStreamName="agent/agent/1")
        events = [
            {"timestamp": _now_ms() - 1000 * n, "message": f"line {n}"} for n in range(5, 0, -1)
        ]
        aws.call(
            "logs",
            "PutLogEvents",
            logGroupName=AGENT,
            logStreamName="agent/agent/1",
            logEvents=events,
        )
    return server


def _now_ms() -> int:
    import time

    return int(time.time() * 1000)


def _put_alarms(aws: Aws) -> None:
    for alarm in loaded().companion.alarms:
        if not isinstance(alarm, MetricAlarm) or alarm.stat is None:
            continue
        if not alarm.stat.stat.isalpha():
            continue
        _, one = described(alarm)
        wanted = {
            key: value
            for key, value in one.items()
            if not key.startswith("State") and key not in {"AlarmArn", "WarmUpConfiguration"}
        }
        aws.call("cloudwatch", "PutMetricAlarm", **wanted)


@pytest.fixture
def saboteur(monkeypatch: pytest.MonkeyPatch) -> Callable[[Fault | None, int], Saboteur]:
    """Registers a fault on the sessions that commands open; nobody sleeps between retries."""
    monkeypatch.setattr("time.sleep", lambda _: None)
    real = clients.new_session
    models = real(None).get_component("data_loader")  # read once: they are large

    def register(fault: Fault | None, n: int) -> Saboteur:
        made = Saboteur(fault or FAULTS[0], n)

        def session(profile: str | None) -> Any:
            opened = real(profile)
            opened.register_component("data_loader", models)
            opened.register("before-send", made)  # type: ignore[arg-type]
            return opened

        monkeypatch.setattr(clients, "new_session", session)
        return made

    return register


@pytest.fixture
def cli(
    prepared: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    fake_credentials: None,
) -> Cli:
    del fake_credentials
    monkeypatch.setattr(load, "load_companion", lambda _: loaded())

    def run(*argv: str) -> tuple[int, str, str]:
        code = main([*argv, "--endpoint-url", prepared, "--region", "us-east-1"])
        out, err = capsys.readouterr()
        return code, out, err

    return run


NEVER = 10**9


def test_status_over_http(
    cli: Cli, saboteur: Callable[[Fault | None, int], Saboteur], prepared: str
) -> None:
    saboteur(None, NEVER)
    connect(Target("us-east-1", endpoint_url=prepared)).call(
        "cloudwatch", "SetAlarmState", AlarmName=STORAGE, StateValue="ALARM", StateReason="because"
    )
    code, out, err = cli("status")
    assert code == 1
    assert f"page  {STORAGE}" in out
    assert "why      because" in out
    assert "1 alarm pages now" in out
    assert " gone, though" in out or "gone" in out  # moto has no composites and log alarms
    assert "unknown: muted alarms" in err


def test_a_query_over_http(cli: Cli, saboteur: Callable[[Fault | None, int], Saboteur]) -> None:
    saboteur(None, NEVER)
    code, out, err = cli(
        "query",
        "fields @timestamp, @message | sort @timestamp desc",
        "--log-group",
        "agent",
        "--json",
    )
    assert code == 0, err
    assert json.loads(out)["rows"][0]["@message"] == "line 1"


def test_verify_over_http(cli: Cli, saboteur: Callable[[Fault | None, int], Saboteur]) -> None:
    saboteur(None, NEVER)
    code, out, _ = cli("verify", "--only", "paging", "--only", "logs", "--no-queries", "--all")
    assert code == 1  # nobody of stack.yaml is subscribed
    assert "fine    /ecs/axonflow-prod/agent" in out
    assert "oncall" not in out
    assert "is in stack.yaml and not subscribed" in out


def test_a_test_page_over_http(
    cli: Cli, saboteur: Callable[[Fault | None, int], Saboteur], prepared: str
) -> None:
    saboteur(None, NEVER)
    aws = connect(Target("us-east-1", endpoint_url=prepared))
    aws.call("cloudwatch", "SetAlarmState", AlarmName=STORAGE, StateValue="OK", StateReason="over")
    code, out, err = cli("page-test", "--yes", "--alarm", "storage-low", "--wait", "0")
    assert code == 0, err
    assert "was set back to OK" in err
    assert "the test page not proved" in out
    answer = aws.call("cloudwatch", "DescribeAlarms", AlarmNames=[STORAGE])
    assert answer["MetricAlarms"][0]["StateValue"] == "OK"


def test_drift_over_http(cli: Cli, saboteur: Callable[[Fault | None, int], Saboteur]) -> None:
    saboteur(None, NEVER)
    code, out, _ = cli("drift", "--json")
    assert code == 1
    differences = json.loads(out)["differences"]
    changed = {
        field["name"]
        for one in differences
        if one["kind"] == "changed" and one["what"] == "alarm"
        for field in one["fields"]
    }
    assert changed <= {"warm-up minutes"}  # moto does not keep them
    missing = {one["name"] for one in differences if one["kind"] == "missing"}
    assert STORAGE not in missing


COMMANDS = {
    "init": ("init", "--stack", "axonflow-prod", "--out"),
    "status": ("status",),
    "query": ("query", "fields @message", "--log-group", "agent"),
    "verify": ("verify", "--only", "paging"),
    "triage": ("triage", "storage-low"),
    "drift": ("drift",),
    "page-test": ("page-test", "--yes", "--alarm", "storage-low", "--wait", "0"),
    "cost": ("cost", "--measure"),
}


def check(code: int, out: str, err: str, fault: Fault) -> None:
    assert code in {0, 1, 2, 3, 130}
    assert "Traceback" not in out + err
    assert "123456789012" not in out + err
    if code == 3:
        assert "error: " in err or "nothing could be " in err
    if fault.name in {"throttled once", "unavailable once"}:
        assert code in {0, 1}, err  # one refusal is retried
    if fault.name == "expired" and "was not set back" not in err:
        assert code == 3
        assert "aws sso login" in err
    if fault.name == "Ctrl-C":
        assert code == 130


def calm(url: str) -> None:
    """What CloudWatch does at its next evaluation, and moto never: a forced alarm is OK again."""
    connect(Target("us-east-1", endpoint_url=url)).call(
        "cloudwatch", "SetAlarmState", AlarmName=STORAGE, StateValue="OK", StateReason="over"
    )


def sabotage(
    cli: Cli,
    saboteur: Callable[[Fault | None, int], Saboteur],
    tmp_path: Path,
    *,
    prepared: str,
    command: str,
    fault: Fault,
    places: Callable[[int], list[int]],
) -> None:
    calm(prepared)
    counting = saboteur(None, NEVER)
    words = [*COMMANDS[command], *([str(tmp_path / "made")] if command == "init" else [])]
    cli(*words)
    shutil.rmtree(tmp_path / "made", ignore_errors=True)
    for n in places(counting.requests):
        saboteur(None, NEVER)
        calm(prepared)
        made = saboteur(fault, n)
        code, out, err = cli(*words)
        assert made.met, f"request {n} of {command} was never made"
        check(code, out, err, fault)
        left = sorted(path.name for path in tmp_path.rglob("*.*"))
        assert left in ([], ["inventory.json", "stack.yaml"])
        shutil.rmtree(tmp_path / "made", ignore_errors=True)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
@pytest.mark.parametrize("command", ["status", "query"])
def test_the_last_request_meets_a_fault(
    cli: Cli,
    saboteur: Callable[[Fault | None, int], Saboteur],
    tmp_path: Path,
    prepared: str,
    *,
    command: str,
    fault: Fault,
) -> None:
    sabotage(
        cli,
        saboteur,
        tmp_path,
        prepared=prepared,
        command=command,
        fault=fault,
        places=lambda last: [last],
    )


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
@pytest.mark.parametrize("command", COMMANDS)
def test_every_request_meets_a_fault(
    cli: Cli,
    saboteur: Callable[[Fault | None, int], Saboteur],
    tmp_path: Path,
    prepared: str,
    *,
    command: str,
    fault: Fault,
) -> None:
    def all_of_them(last: int) -> list[int]:
        return list(range(1, last + 1))

    sabotage(
        cli,
        saboteur,
        tmp_path,
        prepared=prepared,
        command=command,
        fault=fault,
        places=all_of_them,
    )

"""The network and the user between us and AWS: cuts in mid query, Ctrl-C, thousands of alarms.

Real HTTP through a proxy of our own (`tests.fakes.proxy`), against moto. Signals go to a real
process of axonwatch. moto has no StopQuery: what is shown is that it is asked for, and that the
user is told what to do when it fails; that it then is stopped is in `test_live_query.py`.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.fakes.account import loaded
from tests.fakes.aws import ACCOUNT
from tests.fakes.project import Project
from tests.fakes.proxy import Network, network, operation_of

from axonwatch.catalog import load
from axonwatch.model.alarms import MetricAlarm

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")
ROOT = Path(__file__).parents[2]
STORAGE = "axonflow-prod-database-storage-low"
QUERY = ("query", "fields @message | limit 2", "--log-group", "agent", "--since", "1h")
Run = Callable[..., tuple[int, str, str]]
MANY = 5_000


@pytest.fixture
def wire(project: Project) -> Iterator[Network]:
    with network(project.url) as made:
        yield made


@pytest.fixture
def through(
    over_http: Run, project: Project, wire: Network, monkeypatch: pytest.MonkeyPatch
) -> Run:
    """A command whose calls go through the wire."""
    monkeypatch.setattr(project, "url", wire.url)
    return over_http


def first(n: int, operation: str, act: str) -> Callable[[str], str]:
    """What happens to the first `n` requests for an operation; all others pass."""
    left = [n]

    def decide(asked: str) -> str:
        if asked != operation or left[0] == 0:
            return "pass"
        left[0] -= 1
        return act

    return decide


def test_operations_are_read_in_every_protocol() -> None:
    assert operation_of(b"POST / HTTP/1.1\r\nX-Amz-Target: Logs_20140328.StartQuery\r\n") == (
        "StartQuery"
    )
    cbor = b"POST /service/GraniteServiceVersion20100801/operation/DescribeAlarms HTTP/1.1\r\n"
    assert operation_of(cbor) == "DescribeAlarms"
    assert operation_of(b"POST / HTTP/1.1\r\n\r\nAction=Subscribe&Version=1") == "Subscribe"


@pytest.mark.parametrize(("act", "times"), [("reset", 8), ("lost", 8), ("half", 8), ("head", 8)])
def test_a_query_outlives_a_network_that_comes_back(
    through: Run, wire: Network, act: str, times: int
) -> None:
    """Longer away than one call's retries: the query goes on at AWS, and is found again."""
    wire.act = first(times, "GetQueryResults", act)
    code, out, err = through(*QUERY, "--json")
    assert code == 0, err
    assert len(json.loads(out)["rows"]) == 2
    assert wire.asked.count("StartQuery") == 1, "a second query would cost a second time"
    assert wire.asked.count("GetQueryResults") > times


def test_a_network_that_stays_away_names_the_query(through: Run, wire: Network) -> None:
    wire.act = first(10**6, "GetQueryResults", "reset")
    code, out, err = through(*QUERY)
    assert (code, out) == (3, "")
    assert "the connection was lost while query " in err
    assert "aws logs get-query-results --query-id " in err
    assert "StopQuery" in wire.asked


def test_a_server_that_dies_in_mid_query_is_one_error(through: Run, wire: Network) -> None:
    """Nothing answers any more, StopQuery neither."""
    died: list[str] = []

    def die(asked: str) -> str:
        if asked == "GetQueryResults":
            died.append(asked)
        return "reset" if died else "pass"

    wire.act = die
    code, out, err = through(*QUERY)
    assert (code, out) == (3, "")
    assert err.count("error: ") == 1
    assert "its answer waits: aws logs get-query-results --query-id " in err


@pytest.mark.parametrize("act", ["half", "head"])
def test_a_cut_answer_is_asked_for_again(through: Run, wire: Network, act: str) -> None:
    wire.act = first(3, "DescribeAlarms", act)
    code, out, _ = through("status", "--json")
    assert code == 1
    assert STORAGE not in json.loads(out)["gone"]


def test_a_query_whose_id_was_cut_off_is_not_started_again(through: Run, wire: Network) -> None:
    """It would cost twice: only what reads is asked again."""
    wire.act = first(1, "StartQuery", "half")
    code, out, err = through(*QUERY)
    assert (code, out) == (3, "")
    assert wire.asked.count("StartQuery") == 1
    assert "logs:StartQuery in us-east-1: the connection broke" in err


def test_a_query_that_was_never_started_is_not_looked_for(through: Run, wire: Network) -> None:
    wire.act = first(10**6, "StartQuery", "reset")
    code, out, err = through(*QUERY)
    assert (code, out) == (3, "")
    assert "GetQueryResults" not in wire.asked
    assert "check the network and run it again; nothing was lost" in err


def test_a_forced_alarm_is_set_back_although_the_network_was_cut(
    through: Run, project: Project, wire: Network
) -> None:
    """The answer to SetAlarmState is lost on its way: it may have been done, so it is undone."""
    seen: list[str] = []

    def cut(asked: str) -> str:
        if asked == "SetAlarmState":
            seen.append(asked)
            return "lost" if len(seen) <= 6 else "pass"
        return "pass"

    wire.act = cut
    code, _, err = through("page-test", "--yes", "--alarm", "storage-low", "--wait", "0")
    assert code == 3
    assert f"{STORAGE} was set back to OK" in err
    found = project.on("cloudwatch").describe_alarms(AlarmNames=[STORAGE])["MetricAlarms"]
    assert found[0]["StateValue"] == "OK"


def test_triage_shows_what_it_read_before_the_network_went(
    through: Run, project: Project, wire: Network
) -> None:
    wire.act = lambda asked: "reset" if asked in {"StartQuery", "DescribeServices"} else "pass"
    with project.state(STORAGE, "ALARM", "because"):
        code, out, err = through("triage", "storage-low", "--since", "20m")
    assert code == 3
    assert err.count("error: ") == 1
    assert out.startswith(f"# ALARM: {STORAGE}\n")
    assert "## Graph" in out
    assert "- the rest: " in out


@pytest.mark.parametrize("act", ["half", "head"])
@pytest.mark.parametrize(
    ("argv", "operation"),
    [
        (("drift",), "DescribeMetricFilters"),
        (("drift",), "DescribeAlarms"),
        (("status",), "DescribeAlarms"),
        (("verify", "--only", "paging"), "ListSubscriptionsByTopic"),
        (("verify", "--only", "metrics"), "ListMetrics"),
    ],
)
def test_half_an_answer_is_never_taken_for_nothing(
    through: Run, wire: Network, argv: tuple[str, ...], operation: str, act: str
) -> None:
    """Else all alarms would be gone, all filters missing, and nobody subscribed."""
    wire.act = first(10**6, operation, act)
    code, _, err = through(*argv)
    assert code == 3
    assert err.count("error: ") == 1
    assert operation in err.split("error: ")[1]


# Ctrl-C, in a process of its own


def interrupted(project: Project, wire: Network, *argv: str) -> tuple[int, str, str]:
    """A command that is interrupted while the wire holds a request of it."""
    place = ("--stack-file", str(project.folder / "stack.yaml"), "--endpoint-url", wire.url)
    process = subprocess.Popen(
        [sys.executable, "-m", "axonwatch", *argv, *place],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"AWS_MAX_ATTEMPTS": "1"},
    )
    try:
        assert wire.held.wait(60), "the request was never made"
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        time.sleep(0.2)
        wire.act = lambda _: "pass"
        wire.stop()
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert "Traceback" not in out + err
    assert ACCOUNT not in out + err
    return process.returncode, out, err


@pytest.mark.parametrize(
    ("argv", "operation"),
    [
        (("status",), "DescribeAlarms"),
        (("status",), "GetCallerIdentity"),
        (("drift",), "GetDashboard"),
        (("verify", "--only", "metrics"), "ListMetrics"),
        (("triage", "storage-low"), "DescribeServices"),
    ],
)
def test_ctrl_c_ends_a_command_that_reads(
    project: Project,
    fake_credentials: None,
    wire: Network,
    argv: tuple[str, ...],
    operation: str,
) -> None:
    del fake_credentials
    wire.act = first(1, operation, "hold")
    code, _, err = interrupted(project, wire, *argv)
    assert code == 130, err


def test_ctrl_c_stops_the_query_at_aws(
    project: Project, fake_credentials: None, wire: Network
) -> None:
    del fake_credentials
    wire.act = first(1, "GetQueryResults", "hold")
    code, _, err = interrupted(project, wire, *QUERY)
    assert code == 130, err
    assert "StopQuery" in wire.asked
    assert "stopped: interrupted; query " in err, "moto does not know StopQuery, which is said"
    assert "may still be running" in err


def test_ctrl_c_while_a_query_starts_stops_it_all_the_same(
    project: Project, fake_credentials: None, wire: Network
) -> None:
    """Its id is still on its way: it is waited for, else the query would run and cost unseen."""
    del fake_credentials
    wire.act = first(1, "StartQuery", "hold")
    code, _, err = interrupted(project, wire, *QUERY)
    assert code == 130, err
    assert wire.asked.count("StartQuery") == 2, "held, let go without an answer, asked again"
    assert "StopQuery" in wire.asked


def test_ctrl_c_sets_a_forced_alarm_back(
    project: Project, fake_credentials: None, wire: Network
) -> None:
    del fake_credentials
    sqs = project.on("sqs")
    queue = sqs.create_queue(QueueName="interrupted")["QueueUrl"]
    wire.act = first(1, "ReceiveMessage", "hold")
    words = ("page-test", "--yes", "--alarm", "storage-low", "--queue", queue)
    code, _, err = interrupted(project, wire, *words)
    assert code == 130, err
    assert f"{STORAGE} was set back to OK" in err
    found = project.on("cloudwatch").describe_alarms(AlarmNames=[STORAGE])["MetricAlarms"]
    assert found[0]["StateValue"] == "OK"


# thousands


@pytest.fixture
def crowd(through: Run, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A companion of 5,000 alarms, all in the account: put into moto's memory, without calls."""
    del through  # the account is there
    from moto.cloudwatch.models import cloudwatch_backends

    found = loaded()
    plain = next(a for a in found.companion.alarms if a.name == STORAGE)
    assert isinstance(plain, MetricAlarm)
    many = tuple(replace(plain, name=f"axonflow-prod-crowd-{n:04}") for n in range(MANY))
    companion = replace(found.companion, alarms=many)
    monkeypatch.setattr(load, "load_companion", lambda _: replace(found, companion=companion))
    backend: Any = cloudwatch_backends[ACCOUNT]["us-east-1"]
    pattern = backend.alarms[STORAGE]
    copies = {}
    for alarm in many:
        copies[alarm.name] = copy(pattern)
        copies[alarm.name].name = alarm.name
    monkeypatch.setattr(backend, "alarms", backend.alarms | copies)
    return [alarm.name for alarm in many]


def test_five_thousand_alarms_are_all_read(
    through: Run, project: Project, wire: Network, crowd: list[str]
) -> None:
    with project.state(crowd[4_321], "ALARM", "one of many"):
        code, out, _ = through("status", "--json")
    found = json.loads(out)
    assert code == 1
    assert (len(found["alarms"]), found["gone"]) == (MANY, [])
    assert found["paging"] == [crowd[4_321]]
    assert wire.asked.count("DescribeAlarms") == MANY // 100


def test_half_of_five_thousand_alarms_deleted_is_half_of_them_gone(
    through: Run, project: Project, crowd: list[str]
) -> None:
    cloudwatch = project.on("cloudwatch")
    for at in range(0, MANY, 200):
        cloudwatch.delete_alarms(AlarmNames=crowd[at : at + 100])
    code, out, _ = through("status")
    assert code == 1
    assert "and 2495 more" in out, "five are named"
    assert "2500 gone, 2500 OK" in out
    code, out, _ = through("drift", "--json")
    found = [one for one in json.loads(out)["differences"] if one["what"] == "alarm"]
    assert len([one for one in found if one["kind"] == "missing"]) == MANY // 2
    code, out, _ = through("verify", "--only", "alarms", "--json")
    faults = [one for one in json.loads(out)["results"] if one["verdict"] == "fault"]
    assert len(faults) == MANY // 2

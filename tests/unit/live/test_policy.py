"""Least privilege, proved: each command works with its own actions alone, and needs each of them.

`make golden` rewrites docs/iam.md, as `assert_golden` does with golden files.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from tests.fakes.account import NOW, Account, action, arn, loaded
from tests.fakes.aws import client_error
from tests.fakes.cloudformation import NAME, Clock, Script, Terminal, change_set

from axonwatch.catalog import load
from axonwatch.cli.drift import _bodies
from axonwatch.cli.main import COMMANDS as ALL_COMMANDS
from axonwatch.cli.main import main
from axonwatch.errors import AxonwatchError
from axonwatch.live import clients
from axonwatch.live.changeset import Options, deploy, preview
from axonwatch.live.drafts import Body
from axonwatch.live.policy import COMMANDS, in_your_name, policy_of, resources_of
from axonwatch.live.policy_text import iam_page
from axonwatch.live.teardown import destroy

ROOT = Path(__file__).parents[3]
PAGE_ALARM = "axonflow-prod-database-storage-low"


@dataclass
class Scenario:
    """A command line, and what the account is like."""

    argv: list[str]
    prepare: Callable[[Account], None] = field(default=lambda _: None)
    covers: set[str] = field(default_factory=set)


def in_alarm(account: Account) -> None:
    account.alarm(PAGE_ALARM, StateValue="ALARM", StateTransitionedTimestamp=NOW)
    account.history[PAGE_ALARM] = [action("sent")]


def muted(account: Account) -> None:
    in_alarm(account)
    account.mutes["axonflow-prod-mute-x"] = {
        "Name": "axonflow-prod-mute-x",
        "AlarmMuteRuleArn": arn("cloudwatch", "alarm-mute-rule:axonflow-prod-mute-x"),
        "MuteTargets": {"AlarmNames": [PAGE_ALARM]},
        "Status": "ACTIVE",
    }


def interrupted(account: Account) -> None:
    def stop(_: dict[str, Any]) -> Any:
        raise KeyboardInterrupt

    results = {"status": "Cancelled", "results": [], "statistics": {}}
    account.on("logs", "GetQueryResults", stop, results)


def page_in_queue(account: Account) -> None:
    def receive(_: dict[str, Any]) -> dict[str, Any]:
        asked = account.asked("cloudwatch:SetAlarmState")
        reason = asked[0]["StateReason"] if asked else ""
        return {"Messages": [{"Body": json.dumps({"Message": reason}), "ReceiptHandle": "r"}]}

    account.on("sqs", "ReceiveMessage", receive)


def several_balancers(account: Account) -> None:
    listed = account.call("cloudformation", "ListStackResources", StackName="axonflow-prod")
    for entry in listed["StackResourceSummaries"]:
        if entry["ResourceType"].endswith("LoadBalancer"):
            entry["ResourceType"] = "AWS::Elsewhere"
    full = account.companion.inventory.load_balancer.full_name
    balancer = arn("elasticloadbalancing", f"loadbalancer/{full}")
    account.on(
        "elbv2", "DescribeTargetGroups", {"TargetGroups": [{"LoadBalancerArns": [balancer]}]}
    )


def strange_database(account: Account) -> None:
    answer = account.call("rds", "DescribeDBInstances", DBInstanceIdentifier="x")
    answer["DBInstances"][0] |= {
        "DBInstanceClass": "db.z9.large",
        "DBParameterGroups": [{"DBParameterGroupName": "ours"}],
    }
    limit = {"ParameterName": "max_connections", "ParameterValue": "405"}
    account.on("rds", "DescribeDBParameters", {"Parameters": [limit]})
    ebs = {"EbsOptimizedInfo": {"BaselineIops": 2000, "BaselineThroughputInMBps": 43.375}}
    account.on(
        "ec2",
        "DescribeInstanceTypes",
        {
            "InstanceTypes": [
                {
                    "VCpuInfo": {"DefaultVCpus": 2},
                    "MemoryInfo": {"SizeInMiB": 4096},
                    "EbsInfo": ebs,
                    "BurstablePerformanceSupported": True,
                }
            ]
        },
    )


def muted_by_hand(account: Account) -> None:
    main(["mute", "database/storage-low", "--for", "1h", "--why", "test"])
    account.calls.clear()


RARE = {
    "elasticloadbalancing:DescribeTargetGroups",
    "rds:DescribeDBParameters",
    "ec2:DescribeInstanceTypes",
}
SCENARIOS: dict[str, list[Scenario]] = {
    "init": [
        Scenario(["init", "--stack", "axonflow-prod", "--region", "us-east-1", "--dry-run"]),
        Scenario(
            ["init", "--stack", "axonflow-prod", "--region", "us-east-1", "--dry-run"],
            several_balancers,
        ),
        Scenario(
            ["init", "--stack", "axonflow-prod", "--region", "us-east-1", "--dry-run"],
            strange_database,
        ),
    ],
    "status": [Scenario(["status"], muted)],
    "verify": [
        Scenario(["verify"], in_alarm),
        Scenario(["verify", "--only", "inventory"], several_balancers),
        Scenario(["verify", "--only", "inventory"], strange_database),
    ],
    "query": [
        Scenario(["query", "agent-outcomes", "--since", "1h"]),
        Scenario(["query", "agent-outcomes", "--since", "1h"], interrupted),
    ],
    "triage": [
        Scenario(["triage", "database/storage-low"], muted),
        Scenario(["triage", "database/incident"]),
    ],
    "page-test": [
        Scenario(["page-test", "--yes", "--wait", "1"]),
        Scenario(["page-test", "--yes", "--wait", "1", "--queue", "https://sqs/q"], page_in_queue),
    ],
    "drift": [Scenario(["drift"])],
    "mute": [
        Scenario(["mute", "database/storage-low", "--for", "2h", "--why", "test"]),
        Scenario(["mute", "--list"], muted),
    ],
    "unmute": [Scenario(["unmute", "database/storage-low"], muted_by_hand)],
    "cost": [Scenario(["cost", "--measure"])],
    "backtest": [Scenario(["backtest", "database/cpu-high", "--since", "1h"])],
    "preview": [Scenario(["preview", "--live", "--out", "{folder}"])],
}


def account_for(monkeypatch: pytest.MonkeyPatch) -> Account:
    account = Account()
    account.dashboards = _bodies(account, account.companion)  # type: ignore[arg-type]
    monkeypatch.setattr(clients, "connect", account.opened())
    monkeypatch.setattr(load, "load_companion", lambda _: loaded())
    return account


def run(
    scenario: Scenario, denied: Callable[[str], bool], monkeypatch: pytest.MonkeyPatch
) -> tuple[str, set[str]]:
    """Everything that the user sees, and what was called."""
    account = account_for(monkeypatch)
    scenario.prepare(account)
    account.calls.clear()
    account.refuses = denied
    out, err = StringIO(), StringIO()
    with redirect_stdout(out), redirect_stderr(err), TemporaryDirectory() as folder:
        monkeypatch.setenv("XDG_CACHE_HOME", folder)
        code = main([word.replace("{folder}", folder) for word in scenario.argv])
    seen = f"exit {code}\n{out.getvalue()}\n{err.getvalue()}"
    return seen, {name for name, _ in account.calls}


@pytest.mark.parametrize("command", sorted(SCENARIOS))
def test_a_command_works_with_its_own_actions_alone(
    command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    granted = {grant.action for grant in COMMANDS[command]}
    for scenario in SCENARIOS[command]:
        free, asked = run(scenario, lambda _: False, monkeypatch)
        assert asked <= granted
        least, _ = run(scenario, lambda name: name not in granted, monkeypatch)
        assert "needs " not in least.replace("needs its", "")
        assert least.splitlines()[0] == free.splitlines()[0]


# What each scenario shows when everything is allowed.
FREE: dict[tuple[str, int], tuple[str, set[str]]] = {}
PAIRS = [
    (command, grant.action, grant.vital)
    for command in sorted(SCENARIOS)
    for grant in COMMANDS[command]
]


@pytest.mark.parametrize(("command", "denied", "vital"), PAIRS)
def test_each_action_is_necessary_and_named_when_it_is_missing(
    command: str, denied: str, vital: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without it something is missing, and the user is told what to add."""
    told = []
    for index, scenario in enumerate(SCENARIOS[command]):
        if (command, index) not in FREE:
            FREE[command, index] = run(scenario, lambda _: False, monkeypatch)
        free, asked = FREE[command, index]
        if denied not in asked:
            continue
        without, _ = run(scenario, lambda name: name == denied, monkeypatch)
        assert denied in without, f"{denied} is not named:\n{without}"
        told.append(without.splitlines()[0] != free.splitlines()[0])
    assert told, f"no scenario of {command} asks for {denied}"
    if vital:
        assert any(told)


# deploy, diff and destroy: against the scripted CloudFormation

BODY = Body(NAME, json.dumps({"Resources": {"A": {"Type": "AWS::SNS::Topic", "Properties": {}}}}))
ALARM = {"Type": "AWS::CloudWatch::Alarm", "Properties": {"AlarmName": "axonflow-prod-a"}}
ALARMS = Body(NAME, json.dumps({"Resources": {"A": ALARM}}))


def cloudformation(command: str, case: str, denied: set[str]) -> tuple[str, set[str]]:
    statuses: dict[str, list[Any]] = {
        "update": ["UPDATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_IN_PROGRESS", "UPDATE_COMPLETE"],
        "decline": [None, "REVIEW_IN_PROGRESS"],
        "alarms": ["UPDATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_IN_PROGRESS", "UPDATE_COMPLETE"],
        "in review": ["REVIEW_IN_PROGRESS"],
        "failed": ["ROLLBACK_COMPLETE", "DELETE_IN_PROGRESS", None, None, "CREATE_COMPLETE"],
        "stuck": [
            "UPDATE_ROLLBACK_FAILED",
            "UPDATE_ROLLBACK_IN_PROGRESS",
            "UPDATE_ROLLBACK_COMPLETE",
            "UPDATE_ROLLBACK_COMPLETE",
            "UPDATE_IN_PROGRESS",
            "UPDATE_COMPLETE",
        ],
        "delete": ["UPDATE_COMPLETE", "DELETE_IN_PROGRESS", None],
    }
    script = Script(*statuses[case])
    script.on("cloudwatch", "DescribeAlarms", {"MetricAlarms": []})
    script.aws.denied = denied
    body = ALARMS if case == "alarms" else BODY
    screen = Terminal(answers=case not in {"decline", "in review"})
    watch = Clock().watch()
    try:
        if command == "deploy":
            wishes = Options(continue_rollback=case == "stuck")
            outcome: object = deploy(script.aws, body, screen, wishes, watch)
        elif command == "diff":
            outcome = preview(script.aws, BODY, screen, watch)
        else:
            outcome = destroy(script.aws, NAME, screen, watch=watch)
    except AxonwatchError as error:
        outcome = f"{error.message} {error.help}"
    return f"{outcome}\n{screen.text}", {name for name, _ in script.aws.calls}


CASES = {
    "deploy": ["update", "decline", "in review", "failed", "stuck", "alarms"],
    "diff": ["update", "decline", "in review"],
    "destroy": ["delete"],
}


@pytest.mark.parametrize("command", sorted(CASES))
def test_a_deployment_asks_for_nothing_else(command: str) -> None:
    asked = set().union(*(cloudformation(command, case, set())[1] for case in CASES[command]))
    granted = {grant.action for grant in COMMANDS[command]}
    assert asked == granted


@pytest.mark.parametrize(
    ("command", "denied"),
    [(command, grant.action) for command in sorted(CASES) for grant in COMMANDS[command]],
)
def test_each_action_of_a_deployment_is_necessary(command: str, denied: str) -> None:
    for case in CASES[command]:
        free, asked = cloudformation(command, case, set())
        if denied in asked:
            without, _ = cloudformation(command, case, {denied})
            if denied in without and without != free:
                return
    pytest.fail(f"nothing of {command} misses {denied}")


def test_every_command_that_calls_aws_has_a_policy() -> None:
    offline = {
        *("demo", "check", "explain", "test", "evaluate", "why", "replay"),
        *("reference", "synth", "page", "policy", "completion", "conformance"),
    }
    assert set(COMMANDS) == set(ALL_COMMANDS) - offline
    assert set(SCENARIOS) | set(CASES) == set(COMMANDS)


def test_resources_are_those_of_the_main_stack_and_no_account_is_named() -> None:
    companion = loaded().companion
    words = {grant.on for grants in COMMANDS.values() for grant in grants}
    words |= {grant.on for grant in in_your_name()}
    for word in words:
        for resource in resources_of(word, companion):
            assert resource == "*" or resource.split(":")[4] == "*"
    text = json.dumps(policy_of(COMMANDS, companion))
    assert "axonflow-production" not in text
    assert "111122223333" not in text


def test_a_policy_is_small_enough_to_be_one() -> None:
    for command in COMMANDS:
        document = json.dumps(policy_of([command], loaded().companion), separators=(",", ":"))
        assert len(document) <= 6144  # characters of a managed policy


def test_the_page_says_what_the_table_says() -> None:
    page = ROOT / "docs" / "iam.md"
    text = iam_page(loaded().companion)
    if os.environ.get("GOLDEN") == "write":
        page.write_text(text, encoding="utf-8")
    assert page.read_text(encoding="utf-8") == text, "run `make golden`"


def test_a_refused_change_set_leaves_no_trace_in_the_policy() -> None:
    script = Script("UPDATE_COMPLETE")
    script.on("cloudformation", "DescribeChangeSet", change_set())
    script.on("cloudformation", "DeleteChangeSet", client_error("InternalFailure"))
    assert preview(script.aws, BODY, Terminal(), Clock().watch()) is None

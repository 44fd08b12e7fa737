"""Each fault of the account is told apart: one thing is broken, and exactly that is named."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.fakes.account import NOW, Account, action, arn, described
from tests.fakes.aws import ACCOUNT, client_error

from axonwatch.live.verification import pages
from axonwatch.live.verification.result import Verdict
from axonwatch.model.alarms import MetricAlarm
from axonwatch.model.companion import Companion
from axonwatch.model.metrics import Dimension, Metric

Run = Callable[..., tuple[int, str, str]]
PAGE = arn("sns", "axonflow-prod-alerts-page")
STORAGE = "axonflow-prod-database-storage-low"


def faults(run: Run, *more: str) -> dict[str, dict[str, str]]:
    """Faults by code, the first of each."""
    code, out, _ = run("verify", "--json", *more)
    found: dict[str, dict[str, str]] = {}
    for result in json.loads(out)["results"]:
        if result["verdict"] == "fault":
            found.setdefault(result["code"], result)
    assert code == (1 if found else 0)
    return found


def only(found: dict[str, dict[str, str]], code: str) -> dict[str, str]:
    assert list(found) == [code]
    assert found[code]["help"]
    return found[code]


def metric(account: Account, name: str) -> Metric:
    return next(one for one in sorted(account.metrics, key=repr) if one.name == name)


def test_an_account_in_order_has_no_fault(run: Run) -> None:
    code, out, _ = run("verify")
    assert code == 0
    assert all(line.startswith(". ") for line in out.splitlines()), out


def test_everything_may_be_listed(run: Run) -> None:
    _, out, _ = run("verify", "--all", "--only", "paging")
    assert "fine    axonflow-prod-alerts-page: CloudWatch may publish" in out
    assert "1 confirmed subscriber" in out


# metrics


def test_a_metric_in_another_case(account: Account, run: Run) -> None:
    wanted = metric(account, "UnHealthyHostCount")
    account.metrics.remove(wanted)
    account.metrics.add(replace(wanted, name="UnhealthyHostCount"))
    found = only(faults(run, "--only", "metrics"), "wrong-case-metric")
    assert "there is `UnhealthyHostCount`" in found["text"]


def test_a_load_balancer_that_was_replaced(account: Account, run: Run) -> None:
    def replaced(one: Metric) -> Metric:
        return replace(
            one,
            dimensions=tuple(
                Dimension(d.name, d.value[:-16] + "0123456789abcdef")
                if d.name in {"LoadBalancer", "TargetGroup"}
                else d
                for d in one.dimensions
            ),
        )

    account.metrics = {replaced(one) for one in account.metrics}
    found = only(faults(run, "--only", "metrics"), "dead-arn-suffix")
    assert "0123456789abcdef" in found["text"]
    assert "axonwatch init --stack axonflow-prod" in found["help"]


def test_container_insights_that_is_off(account: Account, run: Run) -> None:
    account.metrics = {m for m in account.metrics if m.namespace != "ECS/ContainerInsights"}
    found = only(faults(run, "--only", "metrics"), "container-insights-off")
    assert "aws ecs update-cluster-settings --cluster axonflow-prod-cluster" in found["help"]


def test_a_dimension_in_another_case(account: Account, run: Run) -> None:
    mine = {m for m in account.metrics if m.namespace == "AWS/RDS"}
    account.metrics -= mine
    account.metrics |= {
        replace(m, dimensions=tuple(Dimension(d.name, d.value.upper()) for d in m.dimensions))
        for m in mine
    }
    found = only(faults(run, "--only", "metrics"), "wrong-case-dimension")
    assert "AXONFLOW-PROD-DB" in found["text"]


def test_a_metric_that_nobody_publishes(account: Account, run: Run) -> None:
    account.metrics = {m for m in account.metrics if m.namespace != "AWS/RDS"}
    found = only(faults(run, "--only", "metrics"), "unseen-metric")
    assert "AWS/RDS" in found["subject"]


def test_a_metric_that_fell_silent(account: Account, run: Run) -> None:
    account.fresh.discard(metric(account, "FreeStorageSpace"))
    found = only(faults(run, "--only", "metrics"), "silent-metric")
    assert "FreeStorageSpace" in found["subject"]


def test_a_metric_that_is_only_published_when_something_happens_is_fine(
    account: Account, run: Run
) -> None:
    quiet = metric(account, "HTTPCode_Target_5XX_Count")
    account.metrics.discard(quiet)
    account.fresh.discard(quiet)
    code, out, _ = run("verify", "--only", "metrics", "--all")
    assert code == 0
    assert "not seen in two weeks, as when" in out


def test_our_own_metrics_wait_for_a_matching_line(account: Account, run: Run) -> None:
    ours = {m for m in account.metrics if m.namespace == "Axonwatch/axonflow-prod"}
    assert ours
    account.metrics -= ours
    assert faults(run, "--only", "metrics") == {}


# paging


def subscribe(account: Account, **change: str) -> None:
    account.subscribers[PAGE][0] |= change


def test_nobody_is_subscribed(account: Account, run: Run) -> None:
    account.subscribers[PAGE] = []
    assert "no one" in only(faults(run, "--only", "paging"), "no-subscriber")["text"]


def test_a_subscriber_that_has_not_confirmed(account: Account, run: Run) -> None:
    subscribe(account, SubscriptionArn="PendingConfirmation")
    found = only(faults(run, "--only", "paging"), "unconfirmed-subscriber")
    assert "oncall@example.com" not in found["text"]
    assert "three days" in found["help"]


def test_a_subscriber_that_left(account: Account, run: Run) -> None:
    subscribe(account, Endpoint="somebody@else.example")
    only(faults(run, "--only", "paging"), "missing-subscriber")


def test_a_topic_that_is_gone(account: Account, run: Run) -> None:
    del account.topic_attributes[PAGE]
    only(faults(run, "--only", "paging"), "missing-topic")


@pytest.mark.parametrize(
    "change",
    [
        {"Principal": {"Service": "events.amazonaws.com"}},
        {"Condition": {"StringEquals": {"aws:SourceAccount": "210987654321"}}},
        {"Action": "sns:Subscribe"},
        {"Resource": PAGE + "-other"},
        {"Effect": "Deny"},
    ],
    ids=["another principal", "another account", "another action", "another topic", "a deny"],
)
def test_a_topic_that_refuses_cloudwatch(
    account: Account, run: Run, change: dict[str, Any]
) -> None:
    policy = json.loads(account.topic_attributes[PAGE]["Policy"])
    policy["Statement"] = [one | change for one in policy["Statement"]]
    account.topic_attributes[PAGE]["Policy"] = json.dumps(policy)
    only(faults(run, "--only", "paging"), "topic-refuses-cloudwatch")


def test_a_key_that_refuses_cloudwatch(account: Account, run: Run) -> None:
    for statement in account.key_policy["Statement"]:
        statement["Action"] = ["kms:Decrypt"]
    found = only(faults(run, "--only", "paging"), "key-refuses-cloudwatch")
    assert "kms:GenerateDataKey" in found["text"]


def test_aws_own_key(account: Account, run: Run) -> None:
    account.topic_attributes[PAGE]["KmsMasterKeyId"] = "alias/aws/sns"
    only(faults(run, "--only", "paging"), "aws-managed-key")


@pytest.mark.parametrize("state", ["Disabled", "PendingDeletion"])
def test_a_key_that_is_not_enabled(account: Account, run: Run, state: str) -> None:
    account.key_state = state
    assert state in only(faults(run, "--only", "paging"), "key-not-enabled")["text"]


# alarms


def test_an_alarm_that_is_gone(account: Account, run: Run) -> None:
    del account.alarms[STORAGE]
    only(faults(run, "--only", "alarms"), "missing-alarm")


def test_an_alarm_whose_actions_somebody_switched_off(account: Account, run: Run) -> None:
    account.alarm(STORAGE, ActionsEnabled=False)
    found = only(faults(run, "--only", "alarms"), "actions-disabled")
    assert "enable-alarm-actions" in found["help"]


def test_an_alarm_that_lost_its_action(account: Account, run: Run) -> None:
    account.alarm(STORAGE, AlarmActions=[])
    only(faults(run, "--only", "alarms"), "no-action")


def test_an_alarm_that_cannot_be_evaluated(account: Account, run: Run) -> None:
    account.alarm(STORAGE, EvaluationState="EVALUATION_ERROR", StateReason="no role")
    assert "no role" in only(faults(run, "--only", "alarms"), "evaluation-trouble")["text"]


def test_a_page_that_did_not_get_out_of_late(account: Account, run: Run) -> None:
    account.alarm(STORAGE, StateTransitionedTimestamp=NOW)
    account.history[STORAGE] = [action("Service: AWSKMS; AccessDeniedException", failed=True)]
    assert "AWSKMS" in only(faults(run, "--only", "alarms"), "failing-action")["text"]


def test_a_failure_that_was_mended_or_is_old_is_no_news(account: Account, run: Run) -> None:
    account.alarm(STORAGE, StateTransitionedTimestamp=NOW)
    account.history[STORAGE] = [
        action("sent", when=NOW),
        action("denied", failed=True, when=NOW - timedelta(days=1)),
    ]
    assert faults(run, "--only", "alarms") == {}
    account.history[STORAGE] = [action("denied", failed=True, when=NOW - timedelta(days=30))]
    assert faults(run, "--only", "alarms") == {}


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (
            {"lastExecutionStatus": "Failed", "lastTriggeredTime": 1795551045},
            "log-alarm-query-fails",
        ),
        ({"lastExecutionStatus": "Complete", "state": "DISABLED"}, "log-alarm-query-off"),
    ],
)
def test_a_log_alarm_whose_query_does_not_run(
    account: Account, run: Run, answer: dict[str, Any], code: str
) -> None:
    account.on("logs", "GetScheduledQuery", answer)
    only(faults(run, "--only", "alarms"), code)


# logs


def test_a_log_group_that_is_gone(account: Account, run: Run) -> None:
    account.groups = {"/ecs/axonflow-prod/agent-old", "/ecs/axonflow-prod/orchestrator"}
    found = only(faults(run, "--only", "logs"), "missing-log-group")
    assert found["subject"] == "/ecs/axonflow-prod/agent"


def test_a_saved_query_that_cloudwatch_refuses(account: Account, run: Run) -> None:
    account.on("logs", "StartQuery", client_error("MalformedQueryException", "unexpected symbol"))
    found = only(faults(run, "--only", "logs"), "query-refused")
    assert "unexpected symbol" in found["text"]


def test_queries_need_not_be_run(account: Account, run: Run) -> None:
    run("verify", "--only", "logs", "--no-queries")
    assert account.asked("logs:StartQuery") == []


# inventory


def test_an_instance_class_that_changed(account: Account, run: Run) -> None:
    answer = account.call("rds", "DescribeDBInstances", DBInstanceIdentifier="x")
    answer["DBInstances"][0]["DBInstanceClass"] = "db.r5.large"
    code, out, _ = run("verify", "--only", "inventory")
    assert code == 1
    assert "database.instance_class: was db.t3.medium, is db.r5.large" in out
    assert "database.max_connections: was 405, is 1" in out
    assert "axonwatch init --stack axonflow-prod, then: axonwatch deploy" in out


def test_tasks_that_auto_scaling_moved_are_no_fault(account: Account, run: Run) -> None:
    real = account.table["ecs:DescribeServices"][0]
    assert callable(real)

    def scaled(given: dict[str, Any]) -> Any:
        answer = real(given)
        for service in answer["services"]:
            service["desiredCount"] += 3
        return answer

    account.on("ecs", "DescribeServices", scaled)
    assert faults(run, "--only", "inventory") == {}


def test_a_main_stack_that_is_gone_does_not_end_the_rest(account: Account, run: Run) -> None:
    account.on(
        "cloudformation", "DescribeStacks", client_error("ValidationError", "does not exist")
    )
    code, out, _ = run("verify", "--only", "inventory", "--only", "paging")
    assert code == 1
    assert "fault   axonflow-prod: there is no stack `axonflow-prod`" in out
    assert ". pages can arrive" in out


# runbook links


def with_links(companion: Companion) -> Companion:
    alarms = tuple(
        replace(alarm, description=alarm.description.replace("Runbook: ", "Runbook: https://wiki/"))
        for alarm in companion.alarms
    )
    return replace(companion, alarms=alarms)


@pytest.mark.parametrize(
    ("status", "verdict"),
    [(200, Verdict.FINE), (404, Verdict.FAULT), (500, Verdict.FAULT), (403, Verdict.UNKNOWN)],
)
def test_runbook_links_are_looked_at(account: Account, status: int, verdict: Verdict) -> None:
    companion = with_links(account.companion)
    found = list(pages.verify_links(companion, lambda _: status))
    assert {one.verdict for one in found} == {verdict}
    assert len(found) == len(pages.runbook_links(companion)) > 10


def test_a_runbook_that_cannot_be_reached_is_not_called_dead(account: Account) -> None:
    def lost(_: str) -> int:
        raise OSError("no route to host")

    found = list(pages.verify_links(with_links(account.companion), lost))
    assert {one.verdict for one in found} == {Verdict.UNKNOWN}


# what may not be looked at


def test_what_may_not_be_looked_at_is_unknown_and_names_the_action(
    account: Account, run: Run
) -> None:
    account.denied = {"sns:GetTopicAttributes", "kms:DescribeKey", "cloudwatch:ListMetrics"}
    code, out, _ = run("verify", "--only", "paging", "--only", "metrics")
    assert code == 0
    assert "unknown axonflow-prod-alerts-page: needs sns:GetTopicAttributes" in out
    assert "unknown all: needs cloudwatch:ListMetrics" in out


def test_when_nothing_may_be_looked_at_it_could_not_run(account: Account, run: Run) -> None:
    account.refuses = lambda _: True
    code, _, err = run("verify", "--only", "metrics", "--only", "alarms")
    assert code == 3
    assert "nothing could be looked at" in err


def test_the_account_id_is_in_no_output(account: Account, run: Run) -> None:
    account.alarms.clear()
    account.subscribers[PAGE] = []
    for more in ((), ("--json",), ("--all",)):
        _, out, err = run("verify", *more)
        assert ACCOUNT not in out + err


def test_an_alarm_over_one_metric_in_either_form_reads_the_same_metric(account: Account) -> None:
    one = next(a for a in account.companion.alarms if isinstance(a, MetricAlarm) and a.stat)
    assert described(one)[1]["MetricName"] == one.stat.metric.name  # type: ignore[union-attr]

"""Everything in the templates that decides whether someone is paged."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.unit.deploy import samples
from tests.unit.deploy.samples import NAMES, PAGE, TICKET, companion
from tests.unit.deploy.test_kinds import resources_of

from axonwatch.model.alarms import Actions, Severity
from axonwatch.model.companion import Companion
from axonwatch.model.notifications import Notifications, Subscription, Topic

ACCOUNT = {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
ENCRYPT = ["kms:Decrypt", "kms:GenerateDataKey*"]
ALARMS = {"AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm", "AWS::CloudWatch::LogAlarm"}


def statements(resource: dict[str, Any], document: str = "PolicyDocument") -> list[dict[str, Any]]:
    """A policy's statements."""
    return list(resource["Properties"][document]["Statement"])


def by_service(found: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Statements by the service that they let in."""
    return {
        statement["Principal"]["Service"]: statement
        for statement in found
        if isinstance(statement["Principal"], dict) and "Service" in statement["Principal"]
    }


# ---- the real companion -------------------------------------------------------------------------


def test_every_alarm_of_the_definitions_tells_whom_its_model_says(
    companion: Companion, resources: dict[str, Any]
) -> None:
    """The topic is named in every way that a stack can: by reference, or by name."""
    made = {
        resource["Properties"]["AlarmName"]: resource["Properties"]
        for resource in resources.values()
        if resource["Type"] in ALARMS
    }
    assert set(made) == {alarm.name for alarm in companion.alarms}
    for alarm in companion.alarms:
        for key, targets in (
            ("AlarmActions", alarm.actions.alarm),
            ("OKActions", alarm.actions.ok),
            ("InsufficientDataActions", alarm.actions.insufficient_data),
        ):
            written = [_topic_name(action) for action in made[alarm.name].get(key, [])]
            assert written == [target.rpartition(":")[2] for target in targets], alarm.name
        assert made[alarm.name].get("ActionsEnabled", True) is alarm.actions.enabled
        assert made[alarm.name].get("AlarmDescription", "") == alarm.description


def _topic_name(action: Any) -> str:
    if "Ref" in action:
        return f"axonflow-prod-alerts-{action['Ref'].removesuffix('Topic').lower()}"
    return str(action["Fn::Sub"]).rpartition(":")[2]


def test_pages_and_tickets_go_to_topics_of_their_own(companion: Companion) -> None:
    pages = [a for a in companion.alarms if a.about and a.about.severity is Severity.PAGE]
    assert any(alarm.actions.alarm for alarm in pages)
    for alarm in pages:
        assert all(target.endswith("-alerts-page") for target in alarm.actions.alarm)


# ---- topics, key and queues ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    return resources_of(companion(samples.METRIC_FULL))


@pytest.mark.parametrize("severity", ["Page", "Ticket"])
def test_a_topic_is_encrypted_with_our_own_key(made: dict[str, Any], severity: str) -> None:
    topic = made[f"{severity}Topic"]["Properties"]
    assert topic["KmsMasterKeyId"] == {"Fn::GetAtt": ["TopicKey", "Arn"]}
    assert topic["TopicName"] == f"shop-prod-alerts-{severity.lower()}"
    assert "FifoTopic" not in topic, "an alarm cannot publish to a FIFO topic"


def test_the_key_lets_in_who_publishes_and_turns(made: dict[str, Any]) -> None:
    key = made["TopicKey"]["Properties"]
    assert key["EnableKeyRotation"] is True
    assert key["PendingWindowInDays"] == 30
    found = statements(made["TopicKey"], "KeyPolicy")
    (account,) = [s for s in found if "AWS" in s["Principal"]]
    assert account["Principal"]["AWS"]["Fn::Join"][1][1] == {"Ref": "AWS::Partition"}
    services = by_service(found)
    assert set(services) == {
        "cloudwatch.amazonaws.com",
        "events.amazonaws.com",
        "events.rds.amazonaws.com",
        "sns.amazonaws.com",
    }
    assert all(statement["Action"] == ENCRYPT for statement in services.values())
    assert services["cloudwatch.amazonaws.com"]["Condition"] == ACCOUNT
    assert services["events.rds.amazonaws.com"]["Condition"] == ACCOUNT
    assert services["sns.amazonaws.com"]["Condition"] == ACCOUNT, "for undelivered messages"
    assert "Condition" not in services["events.amazonaws.com"], "EventBridge fills none"
    assert all(statement["Principal"] != "*" for statement in found)


def test_the_page_topic_takes_alarms_and_nothing_else(made: dict[str, Any]) -> None:
    found = statements(made["PageTopicPolicy"])
    assert list(by_service(found)) == ["cloudwatch.amazonaws.com"]
    assert by_service(found)["cloudwatch.amazonaws.com"]["Condition"] == ACCOUNT


def test_the_ticket_topic_takes_events_too(made: dict[str, Any]) -> None:
    services = by_service(statements(made["TicketTopicPolicy"]))
    assert services["cloudwatch.amazonaws.com"]["Condition"] == ACCOUNT
    assert services["events.rds.amazonaws.com"]["Condition"] == ACCOUNT
    assert "Condition" not in services["events.amazonaws.com"], "with one, messages are dropped"


@pytest.mark.parametrize("severity", ["Page", "Ticket"])
def test_a_topic_policy_names_its_own_topic_and_refuses_plain_http(
    made: dict[str, Any], severity: str
) -> None:
    policy = made[f"{severity}TopicPolicy"]
    found = statements(policy)
    assert policy["Properties"]["Topics"] == [{"Ref": f"{severity}Topic"}]
    assert all(statement["Resource"] == {"Ref": f"{severity}Topic"} for statement in found)
    (deny,) = [statement for statement in found if statement["Effect"] == "Deny"]
    assert deny["Action"] == "sns:Publish"
    assert deny["Principal"] == "*"
    assert deny["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert all(s["Action"] == "sns:Publish" for s in found)


def test_what_is_not_delivered_is_kept(made: dict[str, Any]) -> None:
    (email,) = [r for n, r in made.items() if n.startswith("PageEmail")]
    assert email["Properties"]["Endpoint"] == "oncall@example.com"
    assert email["Properties"]["TopicArn"] == {"Ref": "PageTopic"}
    assert email["Properties"]["RedrivePolicy"] == {
        "deadLetterTargetArn": {"Fn::GetAtt": ["PageUndelivered", "Arn"]}
    }
    queue = made["PageUndelivered"]["Properties"]
    assert queue["QueueName"] == NAMES.dead_letters(Severity.PAGE)
    assert queue["MessageRetentionPeriod"] == 1_209_600
    assert queue["KmsMasterKeyId"] == {"Fn::GetAtt": ["TopicKey", "Arn"]}
    allow, deny = statements(made["PageUndeliveredPolicy"])
    assert allow["Principal"] == {"Service": "sns.amazonaws.com"}
    assert allow["Condition"] == {"ArnEquals": {"aws:SourceArn": {"Ref": "PageTopic"}}}
    assert deny["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_events_go_to_the_ticket_topic_only(made: dict[str, Any]) -> None:
    rds = made["DatabaseEvents"]["Properties"]
    assert rds["SnsTopicArn"] == {"Ref": "TicketTopic"}
    assert rds["SourceIds"] == ["axonflow-prod-db"]
    assert {"failover", "failure", "low storage"} <= set(rds["EventCategories"])
    assert "backup" not in rds["EventCategories"], "one a day would hide the rest"
    rule = made["DeploymentEvents"]["Properties"]
    (target,) = rule["Targets"]
    assert target["Arn"] == {"Ref": "TicketTopic"}
    assert target["DeadLetterConfig"] == {"Arn": {"Fn::GetAtt": ["TicketUndelivered", "Arn"]}}
    assert "RoleArn" not in target, "delivery to an encrypted topic may fail with a role"
    assert rule["EventPattern"]["detail"] == {"eventName": ["SERVICE_DEPLOYMENT_FAILED"]}
    assert len(rule["EventPattern"]["resources"]) == 2
    queue = by_service(statements(made["TicketUndeliveredPolicy"]))["events.amazonaws.com"]
    assert queue["Condition"] == {
        "ArnEquals": {"aws:SourceArn": {"Fn::GetAtt": ["DeploymentEvents", "Arn"]}}
    }


# ---- what a user may choose ---------------------------------------------------------------------


def test_without_events_nobody_else_may_publish() -> None:
    quiet = replace(samples.NOTIFICATIONS, rds_events=False, ecs_deployment_events=False)
    made = resources_of(companion(samples.METRIC_FULL, notifications=quiet))
    assert "DatabaseEvents" not in made
    assert "DeploymentEvents" not in made
    for policy in ("PageTopicPolicy", "TicketTopicPolicy"):
        assert list(by_service(statements(made[policy]))) == ["cloudwatch.amazonaws.com"]
    assert list(by_service(statements(made["TopicKey"], "KeyPolicy"))) == [
        "cloudwatch.amazonaws.com",
        "sns.amazonaws.com",
    ]


def test_a_topic_of_ones_own_is_used_and_left_alone() -> None:
    arn = "arn:aws:sns:eu-west-1:444455556666:paging"
    notifications = Notifications(
        topics=(
            Topic(Severity.PAGE, PAGE, (Subscription("email", "a@example.com"),), arn=arn),
            Topic(Severity.TICKET, TICKET, arn=arn),
        )
    )
    page = replace(samples.METRIC_FULL, actions=Actions(alarm=(arn,), ok=(arn,)))
    made = resources_of(companion(page, samples.COMPOSITE_FULL, notifications=notifications))
    kinds = {resource["Type"] for resource in made.values()}
    assert not kinds & {"AWS::SNS::Topic", "AWS::SNS::TopicPolicy", "AWS::KMS::Key"}
    assert made["LoadBalancerLatencyHigh"]["Properties"]["AlarmActions"] == [arn]
    assert made["DatabaseEvents"]["Properties"]["SnsTopicArn"] == arn
    (email,) = [r for n, r in made.items() if n.startswith("PageEmail")]
    assert email["Properties"]["TopicArn"] == arn
    assert made["PageUndelivered"]["Properties"]["SqsManagedSseEnabled"] is True


def test_a_subscribed_lambda_may_be_called() -> None:
    function = "arn:aws:lambda:eu-west-1:444455556666:function:pager"
    notifications = Notifications(
        topics=(Topic(Severity.PAGE, PAGE, (Subscription("lambda", function),)),)
    )
    made = resources_of(companion(samples.METRIC_FULL, notifications=notifications))
    (permission,) = [r for r in made.values() if r["Type"] == "AWS::Lambda::Permission"]
    assert permission["Properties"] == {
        "Action": "lambda:InvokeFunction",
        "FunctionName": function,
        "Principal": "sns.amazonaws.com",
        "SourceArn": {"Ref": "PageTopic"},
    }


def test_the_order_of_subscribers_does_not_matter() -> None:
    one, two = Subscription("email", "a@example.com"), Subscription("email", "b@example.com")
    first, second = (
        resources_of(
            companion(notifications=Notifications(topics=(Topic(Severity.PAGE, PAGE, order),)))
        )
        for order in ((one, two), (two, one))
    )
    assert {n: r for n, r in first.items() if "Email" in n} == {
        n: r for n, r in second.items() if "Email" in n
    }


def test_chat_may_look_and_nothing_else() -> None:
    chatty = replace(
        samples.NOTIFICATIONS,
        chat=(
            (Severity.PAGE, "slack", "T0001/C0001"),
            (Severity.TICKET, "teams", "tenant-1/team-1/19:x@thread.tacv2"),
        ),
    )
    made = resources_of(companion(samples.METRIC_FULL, notifications=chatty))
    (slack,) = [r["Properties"] for n, r in made.items() if n.startswith("Slack")]
    assert slack["SnsTopicArns"] == [{"Ref": "PageTopic"}]
    assert (slack["SlackWorkspaceId"], slack["SlackChannelId"]) == ("T0001", "C0001")
    (teams,) = [r["Properties"] for n, r in made.items() if n.startswith("Teams")]
    assert teams["SnsTopicArns"] == [{"Ref": "TicketTopic"}]
    assert (teams["TeamsTenantId"], teams["TeamId"]) == ("tenant-1", "team-1")
    assert teams["TeamsChannelId"] == "19:x@thread.tacv2"
    (statement,) = statements(made["ChatPolicy"])
    assert all(a.startswith("cloudwatch:") and "Put" not in a for a in statement["Action"])
    assert slack["GuardrailPolicies"] == teams["GuardrailPolicies"] == [{"Ref": "ChatPolicy"}]


def test_log_lines_are_read_by_a_role_only_when_a_page_carries_them() -> None:
    made = resources_of(companion(samples.LOG_BARE))
    assert "LogLinesRole" not in made
    assert "ActionLogLineCount" not in made["OrchestratorLog"]["Properties"]


@pytest.mark.parametrize("role", ["LogAlarmRole", "LogLinesRole"])
def test_both_services_that_could_run_a_log_alarm_are_trusted_for_this_account(role: str) -> None:
    made = resources_of(companion(samples.LOG_FULL))
    trusted = by_service(statements(made[role], "AssumeRolePolicyDocument"))
    assert set(trusted) == {"cloudwatch.amazonaws.com", "logs.amazonaws.com"}
    assert all(statement["Condition"] == ACCOUNT for statement in trusted.values())


def test_one_group_alone_is_named_whole() -> None:
    made = resources_of(companion(samples.LOG_BARE))
    start = statements(made["LogAlarmPolicy"])[0]
    (arn,) = start["Resource"]
    assert arn["Fn::Join"][1][-1] == ":log-group:/ecs/shop-prod/orchestrator:*"

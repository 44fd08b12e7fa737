"""The least-privilege IAM policy of each command: actions, on what, and what each is for.

`tests/unit/live/test_policy.py` runs every command with all else denied, and with each action
taken away in turn: none is missing, none is idle. What CloudFormation does in the deployer's name
comes from AWS's schemas of the resource types, see `live.handlers`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from axonwatch.live.handlers import HANDLERS, handlers_of
from axonwatch.model.companion import Companion
from axonwatch.model.stack import Names

MAX_SID = 64
CHAT_ROLE = "management.chatbot.amazonaws.com/AWSServiceRoleForAWSChatbot"


@dataclass(frozen=True)
class Grant:
    """One action. `on` names what it is about (see `resources_of`); `*` takes no resource.

    Without a `vital` one the command ends; without another it says what it could not look at.
    """

    action: str
    on: str
    why: str
    vital: bool = True


def _some(action: str, on: str, why: str) -> Grant:
    return Grant(action, on, why, vital=False)


_DISCOVER = (
    Grant("cloudformation:DescribeStacks", "main stack", "status, outputs"),
    Grant("cloudformation:ListStackResources", "main stack", "names of its parts"),
    Grant("ecs:DescribeClusters", "cluster", "Container Insights"),
    Grant("ecs:DescribeServices", "services", "task counts, target group"),
    Grant("ecs:DescribeTaskDefinition", "*", "sizes, log groups, tier"),
    Grant("application-autoscaling:DescribeScalableTargets", "*", "fewest and most tasks"),
    Grant("elasticloadbalancing:DescribeListeners", "*", "the certificate"),
    Grant("rds:DescribeDBInstances", "database", "class, storage, windows"),
    Grant("logs:DescribeLogGroups", "*", "retention"),
)
_RARE_DISCOVER = (
    _some("elasticloadbalancing:DescribeTargetGroups", "*", "if the stack made not one balancer"),
    _some("rds:DescribeDBParameters", "*", "if the parameter group is your own"),
    _some("ec2:DescribeInstanceTypes", "*", "if our table lacks the instance class"),
)
_STATES = Grant("cloudwatch:DescribeAlarms", "*", "states of alarms")
_HISTORY = _some("cloudwatch:DescribeAlarmHistory", "alarms", "who was told, and failed actions")
_MUTES = (
    _some("cloudwatch:ListAlarmMuteRules", "*", "what is muted"),
    _some("cloudwatch:GetAlarmMuteRule", "mutes", "what is muted"),
)
_RUN_QUERY = (
    Grant("logs:StartQuery", "log groups", "start it"),
    Grant("logs:GetQueryResults", "*", "read it"),
    _some("logs:StopQuery", "*", "stop it on Ctrl-C and at --max-cost"),
)
_SUBSCRIBERS = "sns:ListSubscriptionsByTopic"

COMMANDS: Mapping[str, tuple[Grant, ...]] = {
    "init": (*_DISCOVER, *_RARE_DISCOVER),
    "deploy": (
        Grant("cloudformation:DescribeStacks", "companion", "its state"),
        Grant("cloudformation:CreateChangeSet", "companion", "what would change"),
        Grant("cloudformation:DescribeChangeSet", "companion", "what would change"),
        Grant("cloudformation:ExecuteChangeSet", "companion", "change it"),
        Grant("cloudformation:DeleteChangeSet", "companion", "clean up when declined"),
        _some("cloudformation:DescribeStackEvents", "companion", "progress and causes"),
        _some("cloudformation:GetStackPolicy", "companion", "what a stack policy forbids"),
        _some("cloudformation:ListChangeSets", "companion", "others' change sets in review"),
        _some("cloudformation:ListStackResources", "companion", "what a failed creation left"),
        _some("cloudformation:DeleteStack", "companion", "a creation that failed or was declined"),
        _some("cloudformation:ContinueUpdateRollback", "companion", "--continue-rollback"),
        _some("cloudwatch:DescribeAlarms", "*", "names that are taken, alarms that are gone"),
    ),
    "diff": (
        Grant("cloudformation:DescribeStacks", "companion", "its state"),
        Grant("cloudformation:CreateChangeSet", "companion", "what would change"),
        Grant("cloudformation:DescribeChangeSet", "companion", "what would change"),
        _some("cloudformation:DeleteChangeSet", "companion", "clean up"),
        _some("cloudformation:DeleteStack", "companion", "the empty stack of a first change set"),
        _some("cloudformation:ListChangeSets", "companion", "others' change sets in review"),
    ),
    "destroy": (
        Grant("cloudformation:DescribeStacks", "companion", "its state"),
        Grant("cloudformation:ListStackResources", "companion", "how much is deleted"),
        Grant("cloudformation:DeleteStack", "companion", "delete it"),
        _some("cloudformation:DescribeStackEvents", "companion", "progress and causes"),
    ),
    "status": (_STATES, _HISTORY, *_MUTES),
    "verify": (
        *(_some(one.action, one.on, one.why) for one in (*_DISCOVER, *_RARE_DISCOVER)),
        _some("sns:GetTopicAttributes", "topics", "the topic's policy and key"),
        _some(_SUBSCRIBERS, "topics", "who has confirmed"),
        _some("kms:DescribeKey", "key", "whether the topics' key is enabled"),
        _some("kms:GetKeyPolicy", "key", "whether CloudWatch may use it"),
        _some("cloudwatch:DescribeAlarms", "*", "alarms that are gone or disabled"),
        _HISTORY,
        _some("logs:GetScheduledQuery", "*", "queries of log alarms"),
        _some("cloudwatch:ListMetrics", "*", "metrics that exist"),
        _some("cloudwatch:GetMetricData", "*", "metrics that have data"),
        *(_some(one.action, one.on, "saved queries run") for one in _RUN_QUERY[:2]),
    ),
    "query": (
        *_RUN_QUERY,
        _some("cloudwatch:GetMetricData", "*", "the price beforehand"),
    ),
    "triage": (
        _some("cloudwatch:DescribeAlarms", "*", "states of alarms"),
        _HISTORY,
        *_MUTES,
        _some("cloudwatch:GetMetricData", "*", "the graph, the queries' price"),
        *(_some(one.action, one.on, "the runbook's queries") for one in _RUN_QUERY[:2]),
        _some("ecs:DescribeServices", "services", "the last deployment"),
    ),
    "page-test": (
        Grant("cloudwatch:DescribeAlarms", "*", "an alarm that is OK"),
        Grant("cloudwatch:SetAlarmState", "alarms", "force it, and set it back"),
        _some("sns:GetTopicAttributes", "topics", "whether it can arrive"),
        _some(_SUBSCRIBERS, "topics", "whether it can arrive"),
        _some("kms:DescribeKey", "key", "whether it can arrive"),
        _some("kms:GetKeyPolicy", "key", "whether it can arrive"),
        _some("cloudwatch:GetMetricData", "*", "proof: SNS's own count"),
        _some("sqs:ReceiveMessage", "your queue", "proof, with --queue"),
        _some("sqs:DeleteMessage", "your queue", "take the test's message out"),
    ),
    "drift": (
        _some("cloudwatch:DescribeAlarms", "*", "alarms"),
        _some("cloudformation:ListStackResources", "companion", "alarms no longer defined"),
        _some("cloudwatch:GetDashboard", "dashboards", "dashboards"),
        _some("logs:DescribeQueryDefinitions", "*", "saved queries"),
        _some("logs:DescribeMetricFilters", "log groups", "metric filters"),
        _some(_SUBSCRIBERS, "topics", "subscribers"),
        _some("cloudwatch:GetAlarmMuteRule", "mutes", "mute rules"),
    ),
    "mute": (
        Grant("cloudwatch:DescribeAlarms", "*", "that the alarm exists"),
        Grant("cloudwatch:PutAlarmMuteRule", "alarms and mutes", "asked of the rule and the alarm"),
        _some("cloudwatch:ListAlarmMuteRules", "*", "--list"),
        _some("cloudwatch:GetAlarmMuteRule", "mutes", "--list"),
    ),
    "unmute": (
        Grant("cloudwatch:GetAlarmMuteRule", "mutes", "that it was muted by hand"),
        Grant("cloudwatch:DeleteAlarmMuteRule", "mutes", "end it"),
    ),
    "cost": (Grant("cloudwatch:GetMetricData", "*", "--measure: volume of the logs"),),
    "backtest": (Grant("cloudwatch:GetMetricData", "*", "--since: the alarms' series"),),
    "preview": (Grant("cloudwatch:GetMetricData", "*", "--live: series of alarms and graphs"),),
}


def in_your_name(companion: Companion | None = None) -> tuple[Grant, ...]:
    """What CloudFormation calls in the deployer's name, for this companion or for any."""
    kinds = HANDLERS if companion is None else handlers_of(companion)
    asked: dict[tuple[str, str], list[str]] = {}
    for kind, handler in kinds.items():
        for action, on in handler.grants.items():
            asked.setdefault((action, on), []).append(kind.removeprefix("AWS::"))
    return tuple(Grant(action, on, ", ".join(kinds)) for (action, on), kinds in asked.items())


def resources_of(on: str, companion: Companion) -> list[str]:
    """The ARNs that a word stands for; the account is left open."""
    names, inventory = companion.names, companion.inventory

    def arn(service: str, rest: str, *, region: bool = True) -> str:
        return f"arn:{inventory.partition}:{service}:{inventory.region if region else ''}:*:{rest}"

    groups = [service.log_group for service in inventory.services]
    table: dict[str, list[str]] = {
        "*": ["*"],
        # A stack nested in the main stack begins with its name.
        "main stack": [arn("cloudformation", f"stack/{names.stack}{end}") for end in ("/*", "-*")],
        "companion": [arn("cloudformation", f"stack/{one}/*") for one in _stacks(names)],
        "cluster": [arn("ecs", f"cluster/{inventory.cluster}")],
        "services": [
            arn("ecs", f"service/{inventory.cluster}/{one.name}") for one in inventory.services
        ],
        "database": [arn("rds", f"db:{inventory.database.identifier}")],
        "log groups": [arn("logs", f"log-group:{group}:*") for group in groups],
        "alarms": [arn("cloudwatch", f"alarm:{names.stack}-*")],
        "mutes": [arn("cloudwatch", f"alarm-mute-rule:{names.mute_rule('*')}")],
        "dashboards": [arn("cloudwatch", f"dashboard/{names.stack}-*", region=False)],
        "topics": [topic.arn or arn("sns", topic.name) for topic in companion.notifications.topics],
        "key": [arn("kms", "key/*")],
        "your queue": [arn("sqs", "*")],
        "your functions": [
            one.endpoint
            for topic in companion.notifications.topics
            for one in topic.subscriptions
            if one.protocol == "lambda"
        ],
        # A log alarm's query bears a name that CloudWatch gives it.
        "scheduled queries": [arn("logs", "scheduled-query:*")],
        "chat": [arn("chatbot", "chat-configuration/*", region=False)],
        "chat role": [arn("iam", f"role/aws-service-role/{CHAT_ROLE}", region=False)],
        "dead letters": [
            arn("sqs", names.dead_letters(topic.severity))
            for topic in companion.notifications.topics
        ],
        "roles": [
            arn("iam", f"{kind}/{names.stack}-*", region=False) for kind in ("role", "policy")
        ],
        "event rules": [
            arn("events", f"rule/{names.event_rule('*')}"),
            arn("rds", f"es:{names.event_rule('*')}"),
            arn("rds", "db:*"),
        ],
    }
    table["alarms and mutes"] = table["alarms"] + table["mutes"]
    return table[on]


def _stacks(names: Names) -> list[str]:
    return [f"{names.companion_stack}{end}" for end in ("", "-*")]


def policy_of(
    commands: Iterable[str], companion: Companion, *, for_cloudformation: bool = True
) -> dict[str, Any]:
    """The policy document of these commands together: one statement for each kind of resource."""
    wanted = list(commands)
    grants = [grant for command in wanted for grant in COMMANDS[command]]
    if for_cloudformation and {"deploy", "destroy"} & set(wanted):
        grants += in_your_name(companion)
    by_resource: dict[tuple[str, ...], set[str]] = {}
    for grant in grants:
        resources = tuple(resources_of(grant.on, companion))
        by_resource.setdefault(resources, set()).add(grant.action)
    everywhere = by_resource.get(("*",), set())
    statements = []
    for resources, actions in sorted(by_resource.items()):
        left = actions if resources == ("*",) else actions - everywhere
        if left:
            statements.append(
                {"Effect": "Allow", "Action": sorted(left), "Resource": list(resources)}
            )
    return {"Version": "2012-10-17", "Statement": statements}

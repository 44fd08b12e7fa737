"""Topics by severity with their key, policies, subscriptions and dead-letter queues.

Every statement here decides whether a page arrives; `docs/adr/0024` says why each reads as it does.
Called by `companion.py` first, because alarms name the topics.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs

from axonwatch.deploy.policies import document
from axonwatch.model.alarms import Severity
from axonwatch.model.notifications import Notifications, Subscription, Topic
from axonwatch.model.stack import Names

# Long enough to undo a deletion; then nothing of the key is left. AWS allows 7 to 30.
KEY_DELETION_DAYS = 30
# The longest that SQS keeps a message: two weeks to see that a page was never delivered.
KEEP_UNDELIVERED_SECONDS = 1_209_600
CLOUDWATCH, RDS_EVENTS, EVENTBRIDGE = (
    "cloudwatch.amazonaws.com",
    "events.rds.amazonaws.com",
    "events.amazonaws.com",
)
SNS = "sns.amazonaws.com"


@dataclass(frozen=True)
class Channel:
    """Where messages of one severity go: the topic's ARN, ours or the user's own."""

    topic: Topic
    arn: str
    queue: sqs.CfnQueue | None = None


@dataclass
class Channels:
    """All channels; resolves what an alarm's actions name."""

    by_severity: dict[Severity, Channel] = field(default_factory=dict)
    allowed_senders: dict[Severity, list[tuple[str, str]]] = field(default_factory=dict)

    def arn_of(self, target: str) -> str:
        """The ARN that CloudFormation will fill in, for an action written offline."""
        for channel in self.by_severity.values():
            topic = channel.topic
            if target == topic.arn or target.rpartition(":")[2] == topic.name:
                return channel.arn
        return target

    def elsewhere(self) -> Channels:
        """The same channels for another stack, which names the topics instead of importing them."""
        return Channels(
            {
                severity: Channel(channel.topic, channel.topic.arn or _arn(channel.topic.name))
                for severity, channel in self.by_severity.items()
            }
        )

    def severity_of(self, target: str) -> Severity | None:
        """The severity whose topic an action names, or None when it is not ours to know."""
        for severity, channel in self.by_severity.items():
            topic = channel.topic
            if target == topic.arn or target.rpartition(":")[2] == topic.name:
                return severity
        return None


def add_channels(stack: cdk.Stack, names: Names, notifications: Notifications) -> Channels:
    """A topic for each severity that has none of the user's own, and who subscribes to it."""
    channels = Channels()
    own = [topic for topic in notifications.topics if topic.arn is None]
    ticket_is_own = any(topic.severity is Severity.TICKET for topic in own)
    key = _add_key(stack, notifications, events=ticket_is_own) if own else None
    for topic in notifications.topics:
        arn = topic.arn
        if arn is None:
            made = sns.CfnTopic(
                stack,
                _id(topic.severity, "Topic"),
                topic_name=topic.name,
                display_name=f"{names.stack} {topic.severity}"[:100],
                kms_master_key_id=key and key.attr_arn,
            )
            arn = str(made.ref)
            _add_topic_policy(stack, topic.severity, arn, notifications)
        queue = None
        if topic.subscriptions or _carries_events(topic.severity, notifications):
            queue = sqs.CfnQueue(
                stack,
                _id(topic.severity, "Undelivered"),
                queue_name=names.dead_letters(topic.severity),
                message_retention_period=KEEP_UNDELIVERED_SECONDS,
                kms_master_key_id=key and key.attr_arn,
                sqs_managed_sse_enabled=None if key else True,
            )
        for subscription in topic.subscriptions:
            _subscribe(stack, topic.severity, arn, subscription, queue)
        channels.by_severity[topic.severity] = Channel(topic, arn, queue)
        channels.allowed_senders[topic.severity] = [(SNS, arn)] if topic.subscriptions else []
    return channels


def close_queues(stack: cdk.Stack, channels: Channels) -> None:
    """The queues' policies, once all who may send to them are known."""
    for severity, channel in channels.by_severity.items():
        if channel.queue is None:
            continue
        statements = [
            {
                "Effect": "Allow",
                "Principal": {"Service": service},
                "Action": "sqs:SendMessage",
                "Resource": channel.queue.attr_arn,
                "Condition": {"ArnEquals": {"aws:SourceArn": source}},
            }
            for service, source in channels.allowed_senders[severity]
        ]
        sqs.CfnQueuePolicy(
            stack,
            _id(severity, "UndeliveredPolicy"),
            queues=[channel.queue.ref],
            policy_document=document([*statements, _tls_only("sqs:*", channel.queue.attr_arn)]),
        )


def _arn(topic: str) -> str:
    sub = "arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:"  # half of Fn::Join's bytes
    return str(cdk.Fn.sub(sub + topic))


def same_account() -> dict[str, Any]:
    """The condition that keeps a service from acting for another account."""
    return {"StringEquals": {"aws:SourceAccount": cdk.Aws.ACCOUNT_ID}}


def _add_key(stack: cdk.Stack, notifications: Notifications, *, events: bool) -> kms.CfnKey:
    """One key for topics and queues, open to all who write: SNS does not call KMS for them."""
    account = f"arn:{cdk.Aws.PARTITION}:iam::{cdk.Aws.ACCOUNT_ID}:root"
    statements: list[Mapping[str, Any]] = [
        {
            "Effect": "Allow",
            "Principal": {"AWS": account},
            "Action": "kms:*",
            "Resource": "*",
        },
        _may_encrypt(CLOUDWATCH, same_account()),
    ]
    if any(topic.subscriptions for topic in notifications.topics):
        # For the queues: SNS puts there what it could not deliver.
        statements.append(_may_encrypt(SNS, same_account()))
    if events and notifications.rds_events:
        statements.append(_may_encrypt(RDS_EVENTS, same_account()))
    if events and notifications.ecs_deployment_events:
        statements.append(_may_encrypt(EVENTBRIDGE, None))
    return kms.CfnKey(
        stack,
        "TopicKey",
        description="Encrypts pages and tickets, and those that were not delivered",
        enable_key_rotation=True,
        pending_window_in_days=KEY_DELETION_DAYS,
        key_policy=document(statements),
    )


def _may_encrypt(service: str, condition: Mapping[str, Any] | None) -> Mapping[str, Any]:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
        "Resource": "*",
    }
    return statement if condition is None else {**statement, "Condition": condition}


def _add_topic_policy(
    stack: cdk.Stack, severity: Severity, arn: str, notifications: Notifications
) -> None:
    statements = [_may_publish(CLOUDWATCH, arn, same_account())]
    if severity is Severity.TICKET and notifications.rds_events:
        statements.append(_may_publish(RDS_EVENTS, arn, same_account()))
    if severity is Severity.TICKET and notifications.ecs_deployment_events:
        # EventBridge fills no condition key here: with one, messages are dropped without a word.
        statements.append(_may_publish(EVENTBRIDGE, arn, None))
    sns.CfnTopicPolicy(
        stack,
        _id(severity, "TopicPolicy"),
        topics=[arn],
        policy_document=document([*statements, _tls_only("sns:Publish", arn)]),
    )


def _may_publish(service: str, arn: str, condition: Mapping[str, Any] | None) -> Mapping[str, Any]:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sns:Publish",
        "Resource": arn,
    }
    return statement if condition is None else {**statement, "Condition": condition}


def _tls_only(action: str, arn: str) -> Mapping[str, Any]:
    return {
        "Effect": "Deny",
        "Principal": "*",
        "Action": action,
        "Resource": arn,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def _subscribe(
    stack: cdk.Stack,
    severity: Severity,
    arn: str,
    subscription: Subscription,
    queue: sqs.CfnQueue | None,
) -> None:
    """One subscription; its id follows from its content, so that the order does not matter."""
    digest = hashlib.sha256(subscription.endpoint.encode()).hexdigest()[:8]
    name = _id(severity, f"{subscription.protocol.replace('-', ' ').title()}{digest}")
    sns.CfnSubscription(
        stack,
        name.replace(" ", ""),
        topic_arn=arn,
        protocol=subscription.protocol,
        endpoint=subscription.endpoint,
        redrive_policy=queue and {"deadLetterTargetArn": queue.attr_arn},
    )
    if subscription.protocol == "lambda":
        lambda_.CfnPermission(
            stack,
            f"{name}Permission",
            action="lambda:InvokeFunction",
            function_name=subscription.endpoint,
            principal=SNS,
            source_arn=arn,
        )


def _carries_events(severity: Severity, notifications: Notifications) -> bool:
    return severity is Severity.TICKET and notifications.ecs_deployment_events


def _id(severity: Severity, what: str) -> str:
    return f"{severity.title()}{what}"

"""What AWS tells by itself: RDS events and failed ECS deployments, to the ticket topic only.

Part of the companion stack, after the topics. The page topic takes no events: EventBridge needs a
publish statement without a condition, and nobody is woken by a notice.
"""

from __future__ import annotations

import json

import aws_cdk as cdk
from aws_cdk import aws_events as events
from aws_cdk import aws_rds as rds

from axonwatch.deploy.topics import EVENTBRIDGE, Channels
from axonwatch.model.alarms import Severity
from axonwatch.model.companion import Companion

# Backups, creations and read replicas happen every day, or not here; they would hide the rest.
RDS_CATEGORIES = (
    "availability",
    "deletion",
    "failover",
    "failure",
    "low storage",
    "maintenance",
    "recovery",
)
DEPLOYMENT_FAILED = "SERVICE_DEPLOYMENT_FAILED"


def add_events(stack: cdk.Stack, companion: Companion, channels: Channels) -> None:
    """The RDS event subscription and the EventBridge rule, as far as they are wanted."""
    ticket = channels.by_severity.get(Severity.TICKET)
    if ticket is None:
        return
    if companion.notifications.rds_events:
        rds.CfnEventSubscription(
            stack,
            "DatabaseEvents",
            subscription_name=companion.names.event_rule("database"),
            sns_topic_arn=ticket.arn,
            source_type="db-instance",
            source_ids=[companion.inventory.database.identifier],
            event_categories=list(RDS_CATEGORIES),
            enabled=True,
        )
    if companion.notifications.ecs_deployment_events and ticket.queue is not None:
        rule = events.CfnRule(
            stack,
            "DeploymentEvents",
            name=companion.names.event_rule("deployments"),
            description="A deployment of a service failed",
            event_pattern={
                "source": ["aws.ecs"],
                "detail-type": ["ECS Deployment State Change"],
                "resources": [
                    _service_arn(companion.inventory.cluster, service.name)
                    for service in companion.inventory.services
                ],
                "detail": {"eventName": [DEPLOYMENT_FAILED]},
            },
            targets=[
                {
                    "id": "tickets",
                    "arn": ticket.arn,
                    "deadLetterConfig": {"arn": ticket.queue.attr_arn},
                    "inputTransformer": _readable(companion.names.stack),
                }
            ],
        )
        channels.allowed_senders[Severity.TICKET].append((EVENTBRIDGE, rule.attr_arn))


def _service_arn(cluster: str, service: str) -> str:
    return (
        f"arn:{cdk.Aws.PARTITION}:ecs:{cdk.Aws.REGION}:{cdk.Aws.ACCOUNT_ID}"
        f":service/{cluster}/{service}"
    )


def _readable(stack: str) -> dict[str, object]:
    """A line that a person can read, in place of the event's JSON."""
    text = (
        f"A deployment in {stack} failed at <time>: <reason>. Service: <service>. "
        "ECS keeps the tasks of the last good deployment if rollback is on; "
        "see the service's Events tab."
    )
    return {
        "inputPathsMap": {
            "time": "$.time",
            "reason": "$.detail.reason",
            "service": "$.resources[0]",
        },
        "inputTemplate": json.dumps(text),
    }

"""Slack and Teams channels of the topics, through Amazon Q Developer in chat applications.

Part of the companion stack, only when `stack.yaml` names a channel. The role may look at metrics
and alarms and do nothing else, whatever a user of the channel may do elsewhere.
"""

from __future__ import annotations

import hashlib

import aws_cdk as cdk
from aws_cdk import aws_chatbot as chatbot
from aws_cdk import aws_iam as iam

from axonwatch.deploy.policies import document, trust
from axonwatch.deploy.topics import Channels
from axonwatch.model.companion import Companion

LOOK = ("cloudwatch:DescribeAlarms", "cloudwatch:GetMetricData", "cloudwatch:GetMetricWidgetImage")


def add_chat(stack: cdk.Stack, companion: Companion, channels: Channels) -> None:
    """One configuration for each (severity, program, place): `workspace/channel` in Slack."""
    chat = companion.notifications.chat
    if not chat:
        return
    policy = iam.CfnManagedPolicy(
        stack,
        "ChatPolicy",
        policy_document=document([{"Effect": "Allow", "Action": list(LOOK), "Resource": "*"}]),
    )
    role = iam.CfnRole(
        stack,
        "ChatRole",
        description="Lets chat show alarms and graphs",
        managed_policy_arns=[policy.ref],
        assume_role_policy_document=trust("chatbot.amazonaws.com"),
    )
    for severity, program, place in chat:
        digest = hashlib.sha256(f"{severity} {program} {place}".encode()).hexdigest()[:8]
        settings = {
            "configuration_name": companion.names.chat(severity, digest),
            "iam_role_arn": role.attr_arn,
            "sns_topic_arns": [channels.by_severity[severity].arn],
            "logging_level": "ERROR",
            "guardrail_policies": [policy.ref],
        }
        if program == "teams":
            tenant, team, channel = place.split("/", 2)
            chatbot.CfnMicrosoftTeamsChannelConfiguration(
                stack,
                f"Teams{digest}",
                teams_tenant_id=tenant,
                team_id=team,
                teams_channel_id=channel,
                **settings,
            )
        else:
            workspace, channel = place.split("/", 1)
            chatbot.CfnSlackChannelConfiguration(
                stack,
                f"Slack{digest}",
                slack_workspace_id=workspace,
                slack_channel_id=channel,
                **settings,
            )

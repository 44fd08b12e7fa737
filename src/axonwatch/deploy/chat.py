"""Slack channels of the topics, through Amazon Q Developer in chat applications.

Part of the companion stack, only when `stack.yaml` names a channel. The role may look at metrics
and alarms and do nothing else, whatever a user of the channel may do elsewhere.
"""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_chatbot as chatbot
from aws_cdk import aws_iam as iam

from axonwatch.deploy.policies import document, trust
from axonwatch.deploy.topics import Channels
from axonwatch.model.companion import Companion

LOOK = ("cloudwatch:DescribeAlarms", "cloudwatch:GetMetricData", "cloudwatch:GetMetricWidgetImage")


def add_chat(stack: cdk.Stack, companion: Companion, channels: Channels) -> None:
    """One configuration for each (severity, workspace, channel)."""
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
    for number, (severity, workspace, channel) in enumerate(chat, 1):
        chatbot.CfnSlackChannelConfiguration(
            stack,
            f"Chat{number}",
            configuration_name=companion.names.chat(severity, channel),
            iam_role_arn=role.attr_arn,
            slack_workspace_id=workspace,
            slack_channel_id=channel,
            sns_topic_arns=[channels.by_severity[severity].arn],
            logging_level="ERROR",
        )

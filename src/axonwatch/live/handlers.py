"""What CloudFormation calls in the deployer's name, by the types of resources in our templates.

AWS publishes it: every resource type's schema lists the permissions of its handlers. `actions` and
`unneeded` together are exactly those of create, read, update and delete; a test holds both against
AWS's schemas, and the types against the templates.
Source: https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html
(`handlers`), https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resource-type-schemas.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from axonwatch.model.companion import Companion

NO_DELIVERY_ROLE = "no topic of ours logs its deliveries, no subscriber is a Firehose"


def _always(_: Companion) -> bool:
    return True


@dataclass(frozen=True)
class Handler:
    """A type's needs. `on` is a word of `policy.resources_of`.

    `elsewhere` are actions on something else than the resource itself; `unneeded` are in AWS's list
    for properties that we never set, with the reason; `is_used` tells which companions have it.
    """

    on: str
    actions: str
    elsewhere: Mapping[str, str] = field(default_factory=dict)
    unneeded: Mapping[str, str] = field(default_factory=dict)
    is_used: Callable[[Companion], bool] = _always

    @property
    def grants(self) -> dict[str, str]:
        """What each action is asked on."""
        return dict.fromkeys(self.actions.split(), self.on) | dict(self.elsewhere)


def _unneeded(why: str, *actions: str) -> dict[str, str]:
    return dict.fromkeys(actions, why)


def _has_lambda(companion: Companion) -> bool:
    return any(
        one.protocol == "lambda"
        for topic in companion.notifications.topics
        for one in topic.subscriptions
    )


def _chat_by(program: str) -> Callable[[Companion], bool]:
    return lambda companion: any(by == program for _, by, _ in companion.notifications.chat)


def _has_role(companion: Companion) -> bool:
    return bool(companion.log_alarms or companion.notifications.chat)


_ALARM = (
    "cloudwatch:TagResource cloudwatch:UntagResource cloudwatch:ListTagsForResource "
    "cloudwatch:DeleteAlarms"
)
_CHAT = (
    "chatbot:TagResource chatbot:UntagResource chatbot:AssociateToConfiguration "
    "chatbot:DisassociateFromConfiguration chatbot:ListAssociations"
)
_DESCRIBE = {"cloudwatch:DescribeAlarms": "*"}

HANDLERS: Mapping[str, Handler] = {
    "AWS::CloudWatch::Alarm": Handler("alarms", f"cloudwatch:PutMetricAlarm {_ALARM}", _DESCRIBE),
    "AWS::CloudWatch::CompositeAlarm": Handler(
        "alarms",
        f"cloudwatch:PutCompositeAlarm {_ALARM}",
        _DESCRIBE,
        is_used=lambda companion: bool(companion.composite_alarms),
    ),
    "AWS::CloudWatch::LogAlarm": Handler(
        "alarms",
        f"cloudwatch:PutLogAlarm {_ALARM}",
        {
            **_DESCRIBE,
            "iam:PassRole": "roles",
            **dict.fromkeys(
                (
                    "logs:CreateScheduledQuery",
                    "logs:GetScheduledQuery",
                    "logs:UpdateScheduledQuery",
                    "logs:DeleteScheduledQuery",
                    "logs:TagResource",
                    "logs:UntagResource",
                ),
                "scheduled queries",
            ),
            "logs:ListTagsForResource": "*",
        },
        is_used=lambda companion: bool(companion.log_alarms),
    ),
    "AWS::CloudWatch::AlarmMuteRule": Handler(
        "mutes",
        "cloudwatch:GetAlarmMuteRule cloudwatch:DeleteAlarmMuteRule "
        "cloudwatch:TagResource cloudwatch:UntagResource cloudwatch:ListTagsForResource",
        {"cloudwatch:PutAlarmMuteRule": "alarms and mutes"},
        is_used=lambda companion: bool(companion.mute_rules),
    ),
    "AWS::CloudWatch::Dashboard": Handler(
        "dashboards",
        "cloudwatch:PutDashboard cloudwatch:GetDashboard cloudwatch:DeleteDashboards "
        "cloudwatch:TagResource cloudwatch:UntagResource cloudwatch:ListTagsForResource",
    ),
    "AWS::Logs::QueryDefinition": Handler(
        "*", "logs:PutQueryDefinition logs:DeleteQueryDefinition logs:DescribeQueryDefinitions"
    ),
    "AWS::Logs::MetricFilter": Handler(
        "log groups", "logs:PutMetricFilter logs:DeleteMetricFilter logs:DescribeMetricFilters"
    ),
    "AWS::SNS::Topic": Handler(
        "topics",
        "sns:CreateTopic sns:DeleteTopic sns:GetTopicAttributes sns:SetTopicAttributes "
        "sns:Subscribe sns:Unsubscribe sns:ListSubscriptionsByTopic sns:TagResource "
        "sns:UntagResource sns:ListTagsForResource sns:GetDataProtectionPolicy",
        unneeded={
            "sns:PutDataProtectionPolicy": "no topic of ours has a data protection policy",
            **_unneeded(NO_DELIVERY_ROLE, "iam:GetRole", "iam:PassRole"),
        },
    ),
    "AWS::SNS::TopicPolicy": Handler("topics", "sns:SetTopicAttributes"),
    "AWS::SNS::Subscription": Handler(
        "topics",
        "sns:Subscribe sns:Unsubscribe sns:GetSubscriptionAttributes sns:SetSubscriptionAttributes",
        unneeded=_unneeded(NO_DELIVERY_ROLE, "iam:GetRole", "iam:PassRole"),
    ),
    "AWS::SQS::Queue": Handler(
        "dead letters",
        "sqs:CreateQueue sqs:DeleteQueue sqs:GetQueueUrl sqs:GetQueueAttributes "
        "sqs:SetQueueAttributes sqs:TagQueue sqs:UntagQueue sqs:ListQueueTags",
    ),
    "AWS::SQS::QueuePolicy": Handler("dead letters", "sqs:SetQueueAttributes"),
    "AWS::KMS::Key": Handler(
        "key",
        "kms:DescribeKey kms:GetKeyPolicy kms:PutKeyPolicy kms:EnableKeyRotation "
        "kms:GetKeyRotationStatus kms:ScheduleKeyDeletion kms:UpdateKeyDescription "
        "kms:TagResource kms:UntagResource kms:ListResourceTags",
        {"kms:CreateKey": "*"},
        unneeded=_unneeded(
            "the key is enabled, and rotates, from its creation on",
            "kms:DisableKey",
            "kms:EnableKey",
            "kms:DisableKeyRotation",
        ),
    ),
    "AWS::IAM::Role": Handler(
        "roles",
        "iam:CreateRole iam:DeleteRole iam:GetRole iam:UpdateRole iam:UpdateRoleDescription "
        "iam:UpdateAssumeRolePolicy iam:AttachRolePolicy iam:DetachRolePolicy iam:GetRolePolicy "
        "iam:PutRolePolicy iam:DeleteRolePolicy iam:ListRolePolicies "
        "iam:ListAttachedRolePolicies iam:TagRole iam:UntagRole",
        unneeded=_unneeded(
            "no role of ours has a boundary",
            "iam:PutRolePermissionsBoundary",
            "iam:DeleteRolePermissionsBoundary",
        ),
        is_used=_has_role,
    ),
    "AWS::IAM::ManagedPolicy": Handler(
        "roles",
        "iam:CreatePolicy iam:DeletePolicy iam:GetPolicy iam:GetPolicyVersion "
        "iam:ListPolicyVersions iam:CreatePolicyVersion iam:DeletePolicyVersion "
        "iam:ListEntitiesForPolicy iam:AttachRolePolicy iam:DetachRolePolicy",
        unneeded=_unneeded(
            "ours are of roles only",
            "iam:AttachGroupPolicy",
            "iam:AttachUserPolicy",
            "iam:DetachGroupPolicy",
            "iam:DetachUserPolicy",
        ),
        is_used=_has_role,
    ),
    "AWS::Events::Rule": Handler(
        "event rules",
        "events:PutRule events:DeleteRule events:DescribeRule events:PutTargets "
        "events:RemoveTargets events:ListTargetsByRule events:TagResource events:UntagResource "
        "events:ListTagsForResource",
        unneeded={"iam:PassRole": "the target is a topic, which takes no role"},
        is_used=lambda companion: companion.notifications.ecs_deployment_events,
    ),
    "AWS::RDS::EventSubscription": Handler(
        "event rules",
        "rds:CreateEventSubscription rds:DeleteEventSubscription rds:ModifyEventSubscription "
        "rds:DescribeEventSubscriptions rds:AddSourceIdentifierToSubscription "
        "rds:RemoveSourceIdentifierFromSubscription rds:AddTagsToResource "
        "rds:RemoveTagsFromResource rds:ListTagsForResource",
        unneeded={"iam:CreateServiceLinkedRole": "it came with the database"},
        is_used=lambda companion: companion.notifications.rds_events,
    ),
    "AWS::Lambda::Permission": Handler(
        "your functions",
        "lambda:AddPermission lambda:GetPolicy lambda:RemovePermission",
        is_used=_has_lambda,
    ),
    "AWS::Chatbot::SlackChannelConfiguration": Handler(
        "chat",
        _CHAT,
        {
            "chatbot:ListTagsForResource": "*",
            "chatbot:CreateSlackChannelConfiguration": "*",
            "chatbot:DescribeSlackChannelConfigurations": "*",
            "chatbot:UpdateSlackChannelConfiguration": "chat",
            "chatbot:DeleteSlackChannelConfiguration": "chat",
            "iam:PassRole": "roles",
            "iam:CreateServiceLinkedRole": "chat role",
        },
        is_used=_chat_by("slack"),
    ),
    "AWS::Chatbot::MicrosoftTeamsChannelConfiguration": Handler(
        "chat",
        _CHAT,
        {
            "chatbot:ListTagsForResource": "*",
            "chatbot:CreateMicrosoftTeamsChannelConfiguration": "*",
            "chatbot:GetMicrosoftTeamsChannelConfiguration": "*",
            "chatbot:UpdateMicrosoftTeamsChannelConfiguration": "chat",
            "chatbot:DeleteMicrosoftTeamsChannelConfiguration": "chat",
            "iam:PassRole": "roles",
            "iam:CreateServiceLinkedRole": "chat role",
        },
        is_used=_chat_by("teams"),
    ),
}


def handlers_of(companion: Companion) -> dict[str, Handler]:
    """The types that the templates of this companion may hold."""
    return {kind: one for kind, one in HANDLERS.items() if one.is_used(companion)}

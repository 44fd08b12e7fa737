"""Log alarms, the roles under which their queries run, and metric filters.

Part of the companion stack. AWS names no principal that runs a log alarm's query, so both that
could be asked are trusted, each for this account alone; see docs/adr/0024.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs

from axonwatch.deploy.policies import document, trust
from axonwatch.deploy.topics import CLOUDWATCH, same_account
from axonwatch.durations import DAY, HOUR, MINUTE
from axonwatch.model.alarms import LogAlarm, MetricFilter

LOGS = "logs.amazonaws.com"
# Neither takes a resource; DescribeLogGroups is asked when the query is scheduled.
WITHOUT_RESOURCE = ("logs:StopQuery", "logs:GetQueryResults", "logs:DescribeLogGroups")
_RATES = ((DAY, "day"), (HOUR, "hour"), (MINUTE, "minute"))


@dataclass(frozen=True)
class LogRoles:
    """ARNs of the role that runs queries, and of the one that reads lines for the page."""

    query: str
    lines: str | None


def add_roles(stack: cdk.Stack, alarms: Iterable[LogAlarm]) -> LogRoles | None:
    """The roles that the log alarms need; None without a log alarm."""
    wanted = list(alarms)
    if not wanted:
        return None
    query = _role(stack, "LogAlarm", "Runs the queries of log alarms", wanted)
    with_lines = [alarm for alarm in wanted if alarm.log_line_count]
    lines = (
        _role(stack, "LogLines", "Reads log lines for the page of a log alarm", with_lines)
        if with_lines
        else None
    )
    return LogRoles(query, lines)


def log_alarm_properties(alarm: LogAlarm, roles: LogRoles) -> dict[str, Any]:
    """All properties of a log alarm but its actions, in L1's words."""
    properties: dict[str, Any] = {
        "alarm_name": alarm.name,
        "alarm_description": alarm.description or None,
        "comparison_operator": str(alarm.comparison),
        "threshold": alarm.threshold,
        "query_results_to_evaluate": alarm.results_to_evaluate,
        "query_results_to_alarm": alarm.results_to_alarm,
        "treat_missing_data": str(alarm.missing),
        "scheduled_query_configuration": {
            "queryString": alarm.query,
            "aggregationExpression": alarm.aggregation,
            "logGroupIdentifiers": list(alarm.log_groups),
            "scheduledQueryRoleArn": roles.query,
            "scheduleConfiguration": {
                "scheduleExpression": rate(alarm.every),
                "startTimeOffset": alarm.start_offset,
                "endTimeOffset": alarm.end_offset,
            },
        },
    }
    if alarm.log_line_count:
        properties["action_log_line_count"] = alarm.log_line_count
        properties["action_log_line_role_arn"] = roles.lines
    return properties


def metric_filter(stack: cdk.Stack, id: str, source: MetricFilter) -> logs.CfnMetricFilter:
    """A metric made of log lines."""
    transformation: dict[str, Any] = {
        "metricNamespace": source.namespace,
        "metricName": source.metric,
        "metricValue": source.value,
    }
    if source.default is not None:
        transformation["defaultValue"] = source.default
    if source.unit is not None:
        transformation["unit"] = source.unit
    if source.dimensions:
        transformation["dimensions"] = [
            {"key": key, "value": value} for key, value in source.dimensions
        ]
    return logs.CfnMetricFilter(
        stack,
        id,
        filter_name=source.name,
        log_group_name=source.log_group,
        filter_pattern=source.pattern,
        metric_transformations=[transformation],
    )


def rate(seconds: int) -> str:
    """A schedule expression: 300 -> `rate(5 minutes)`."""
    for size, unit in _RATES:
        if seconds % size == 0:
            count = seconds // size
            return f"rate({count} {unit}{'s' if count > 1 else ''})"
    message = f"a log alarm runs every whole minute, not every {seconds} seconds"
    raise ValueError(message)


def _role(stack: cdk.Stack, id: str, description: str, alarms: list[LogAlarm]) -> str:
    """A role with a managed policy: its name is CloudFormation's, which asks less of a deployer."""
    groups = sorted({group for alarm in alarms for group in alarm.log_groups})
    policy = iam.CfnManagedPolicy(
        stack,
        f"{id}Policy",
        description=description,
        policy_document=document(
            [
                {
                    "Effect": "Allow",
                    "Action": "logs:StartQuery",
                    "Resource": [_group_arn(pattern) for pattern in _patterns(groups)],
                },
                {"Effect": "Allow", "Action": list(WITHOUT_RESOURCE), "Resource": "*"},
            ]
        ),
    )
    role = iam.CfnRole(
        stack,
        f"{id}Role",
        description=description,
        managed_policy_arns=[policy.ref],
        assume_role_policy_document=trust(CLOUDWATCH, LOGS, condition=same_account()),
    )
    return str(role.attr_arn)


def _patterns(groups: list[str]) -> list[str]:
    """One ARN pattern for groups of one folder (`/ecs/axonflow-prod/`), else one a group."""
    folders = {group.rpartition("/")[0] for group in groups}
    folder = folders.pop()
    if len(groups) > 1 and not folders and folder.count("/") > 1:
        return [f"{folder}/*"]
    return [f"{group}:*" for group in groups]


def _group_arn(pattern: str) -> str:
    return f"arn:{cdk.Aws.PARTITION}:logs:{cdk.Aws.REGION}:{cdk.Aws.ACCOUNT_ID}:log-group:{pattern}"

"""Roles with exactly the seed's permissions, and the secret of the database.

Part of the reference main stack.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_rds as rds
from aws_cdk import aws_secretsmanager as secretsmanager

from axonwatch.deploy.policies import document, trust
from axonwatch.model.stack import MainNames

TASKS = "ecs-tasks.amazonaws.com"
EXECUTION_POLICY = "service-role/AmazonECSTaskExecutionRolePolicy"
MONITORING_POLICY = "service-role/AmazonRDSEnhancedMonitoringRole"


@dataclass(frozen=True)
class Roles:
    """The two roles of the tasks, as CDK objects, and what each may do by a policy of its own."""

    execution: iam.CfnRole
    task: iam.CfnRole
    execution_statements: list[dict[str, Any]]
    task_statements: list[dict[str, Any]]


def add_secret(
    stack: cdk.Stack, names: MainNames, database: rds.CfnDBInstance, password: cdk.CfnParameter
) -> secretsmanager.CfnSecret:
    """The password as JSON, with everything that a client needs to connect."""
    return secretsmanager.CfnSecret(
        stack,
        "DatabaseSecret",
        name=names.secret,
        description="Master password of the database",
        secret_string=secret_string(database, password.value_as_string),
    )


def secret_string(database: rds.CfnDBInstance, password: str) -> str:
    """The seed's six entries, filled in at deployment."""
    return str(
        cdk.Fn.sub(
            '{"username":"axonflow","password":"${Password}","engine":"postgres",'
            '"host":"${Host}","port":5432,"dbname":"axonflow"}',
            {"Password": password, "Host": database.attr_endpoint_address},
        )
    )


def add_roles(
    stack: cdk.Stack, names: MainNames, secret: secretsmanager.CfnSecret, log_group_arns: list[str]
) -> Roles:
    """The task execution role and the task role."""
    execution_statements: list[dict[str, Any]] = [
        {
            "Effect": "Allow",
            "Action": "secretsmanager:GetSecretValue",
            "Resource": secret.ref,
        }
    ]
    task_statements: list[dict[str, Any]] = [
        {
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": log_group_arns,
        },
        {"Effect": "Allow", "Action": "cloudwatch:PutMetricData", "Resource": "*"},
    ]
    execution = iam.CfnRole(
        stack,
        "TaskExecutionRole",
        role_name=names.role("task-execution"),
        description="Allows ECS to manage task lifecycle",
        assume_role_policy_document=trust(TASKS),
        managed_policy_arns=[aws_managed(EXECUTION_POLICY)],
        policies=[_inline("database-password", execution_statements)],
    )
    task = iam.CfnRole(
        stack,
        "TaskRole",
        role_name=names.role("task"),
        description="Permissions for running containers",
        assume_role_policy_document=trust(TASKS),
        policies=[_inline("logs-and-metrics", task_statements)],
    )
    return Roles(execution, task, execution_statements, task_statements)


def add_monitoring_role(stack: cdk.Stack, names: MainNames) -> iam.CfnRole:
    """What RDS assumes to publish Enhanced Monitoring."""
    return iam.CfnRole(
        stack,
        "DatabaseMonitoringRole",
        role_name=names.role("rds-monitoring"),
        description="Allows RDS to publish Enhanced Monitoring",
        assume_role_policy_document=trust("monitoring.rds.amazonaws.com"),
        managed_policy_arns=[aws_managed(MONITORING_POLICY)],
    )


def aws_managed(name: str) -> str:
    """ARN of a policy of AWS, in whichever partition."""
    return f"arn:{cdk.Aws.PARTITION}:iam::aws:policy/{name}"


def _inline(name: str, statements: list[dict[str, Any]]) -> dict[str, Any]:
    return {"policyName": name, "policyDocument": document(statements)}

"""What the seed leaves for after the deployment, switched on: `axonwatch reference --hardened`.

Works on the finished reference stack, so that every other module says the seed and nothing else.
Four findings of the scanners stay, see `acknowledged.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_backup as backup
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_rds as rds
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_ssm as ssm
from aws_cdk import aws_wafv2 as waf

from axonwatch.deploy.policies import document
from axonwatch.deploy.reference.compute import Task
from axonwatch.deploy.reference.identity import Roles, secret_string
from axonwatch.deploy.reference.load_balancer import (
    HTTP_LISTENER,
    SEED_ATTRIBUTES,
    Balancer,
    attributes,
)
from axonwatch.deploy.reference.network import HTTPS, SecurityGroups, tcp_rule
from axonwatch.deploy.reference.parameters import Parameters
from axonwatch.model.stack import MainNames

ROTATION_DAYS = 30
# AWS Backup's own minimum for compliance frameworks.
BACKUP_DAYS = 35


@dataclass(frozen=True)
class Parts:
    """The constructs that hardening changes."""

    parameters: Parameters
    groups: SecurityGroups
    balancer: Balancer
    database: rds.CfnDBInstance
    secret: secretsmanager.CfnSecret
    log_groups: dict[str, logs.CfnLogGroup]
    roles: Roles
    tasks: dict[str, Task]


def harden(stack: cdk.Stack, names: MainNames, parts: Parts) -> None:
    """Change `parts` in place and add what they then need."""
    _harden_load_balancer(stack, parts)
    _harden_database(stack, names, parts)
    _encrypt(stack, names, parts)
    _password_from_a_secret(stack, parts)
    _rotate(stack, parts.secret)
    variables = _variables_from_parameter_store(stack, names, parts.tasks)
    _policies_of_their_own(stack, parts, variables)


def _harden_load_balancer(stack: cdk.Stack, parts: Parts) -> None:
    """Protection, access logs, a web ACL, no invalid headers, HTTPS alone from known clients."""
    bucket = _parameter(stack, "AccessLogsBucket", "Existing bucket for access logs")
    clients = _parameter(stack, "ClientPrefixList", "Prefix list of the clients' networks")
    acl = _parameter(stack, "WebAclArn", "Web ACL of AWS WAF for the load balancer")
    parts.balancer.load_balancer.load_balancer_attributes = attributes(
        SEED_ATTRIBUTES
        | {
            "deletion_protection.enabled": "true",
            "routing.http.drop_invalid_header_fields.enabled": "true",
            "access_logs.s3.enabled": "true",
            "access_logs.s3.bucket": bucket,
        }
    )
    waf.CfnWebACLAssociation(
        stack,
        "WebAclAssociation",
        resource_arn=parts.balancer.load_balancer.ref,
        web_acl_arn=acl,
    )
    stack.node.try_remove_child(HTTP_LISTENER)
    parts.groups.load_balancer.security_group_ingress = [
        tcp_rule(HTTPS, "HTTPS from clients", sourcePrefixListId=clients)
    ]


def _harden_database(stack: cdk.Stack, names: MainNames, parts: Parts) -> None:
    """Protection, every log, IAM authentication, and a backup plan beside RDS's own backups."""
    database = parts.database
    database.deletion_protection = True
    database.enable_cloudwatch_logs_exports = ["postgresql", "upgrade"]
    database.enable_iam_database_authentication = True
    database.copy_tags_to_snapshot = True
    database.auto_minor_version_upgrade = True
    role = _parameter(stack, "BackupRoleArn", "Role under which AWS Backup works")
    plan = backup.CfnBackupPlan(
        stack,
        "BackupPlan",
        backup_plan={
            "backupPlanName": names.backup_plan,
            "backupPlanRule": [
                {
                    "ruleName": "daily",
                    "targetBackupVault": "Default",
                    "scheduleExpression": "cron(0 5 * * ? *)",
                    "lifecycle": {"deleteAfterDays": BACKUP_DAYS},
                }
            ],
        },
    )
    backup.CfnBackupSelection(
        stack,
        "BackupSelection",
        backup_plan_id=plan.attr_backup_plan_id,
        backup_selection={
            "selectionName": "database",
            "iamRoleArn": role,
            "resources": [database.attr_db_instance_arn],
        },
    )


def _encrypt(stack: cdk.Stack, names: MainNames, parts: Parts) -> None:
    """One customer-managed key for the secret and the log groups."""
    account = {"AWS": f"arn:{cdk.Aws.PARTITION}:iam::{cdk.Aws.ACCOUNT_ID}:root"}
    groups = f"arn:{cdk.Aws.PARTITION}:logs:{cdk.Aws.REGION}:{cdk.Aws.ACCOUNT_ID}:log-group"
    key = kms.CfnKey(
        stack,
        "DataKey",
        description="Secret and log groups of the main stack",
        enable_key_rotation=True,
        key_policy=document(
            [
                {
                    "Effect": "Allow",
                    "Principal": account,
                    "Action": "kms:*",
                    "Resource": "*",
                },
                {
                    "Effect": "Allow",
                    "Principal": {"Service": f"logs.{cdk.Aws.REGION}.{cdk.Aws.URL_SUFFIX}"},
                    "Action": ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*"],
                    "Resource": "*",
                    "Condition": {
                        "ArnEquals": {
                            "kms:EncryptionContext:aws:logs:arn": [
                                f"{groups}:{names.log_group(component)}"
                                for component in parts.log_groups
                            ]
                        }
                    },
                },
            ]
        ),
    )
    parts.secret.kms_key_id = key.attr_arn
    for group in parts.log_groups.values():
        group.kms_key_id = key.attr_arn


def _rotate(stack: cdk.Stack, secret: secretsmanager.CfnSecret) -> None:
    """A new password every month, by a function that the user has (AWS publishes one)."""
    function = _parameter(stack, "RotationFunctionArn", "Lambda function that rotates the secret")
    secretsmanager.CfnRotationSchedule(
        stack,
        "SecretRotation",
        secret_id=secret.ref,
        rotation_lambda_arn=function,
        rotation_rules={"automaticallyAfterDays": ROTATION_DAYS},
        rotate_immediately_on_update=False,
    )


def _variables_from_parameter_store(
    stack: cdk.Stack, names: MainNames, tasks: dict[str, Task]
) -> list[str]:
    """Move the containers' plain variables to Parameter Store; returns the parameters' ARNs."""
    arns = []
    for component, task in tasks.items():
        moved = []
        for variable in task.container["environment"]:
            parameter = ssm.CfnParameter(
                stack,
                f"{component.capitalize()}{variable['name'].title().replace('_', '')}",
                name=names.setting(component, variable["name"]),
                type="String",
                value=variable["value"],
            )
            arn = (
                f"arn:{cdk.Aws.PARTITION}:ssm:{cdk.Aws.REGION}:{cdk.Aws.ACCOUNT_ID}"
                f":parameter{parameter.ref}"
            )
            arns.append(arn)
            moved.append({"name": variable["name"], "valueFrom": arn})
        rest = {key: value for key, value in task.container.items() if key != "environment"}
        task.definition.container_definitions = [
            {**rest, "secrets": [*task.container["secrets"], *moved]}
        ]
    return arns


def _policies_of_their_own(stack: cdk.Stack, parts: Parts, variables: list[str]) -> None:
    """Managed policies instead of inline ones; what else the execution role now reads."""
    roles = parts.roles
    reading = [
        *roles.execution_statements,
        {"Effect": "Allow", "Action": "ssm:GetParameters", "Resource": variables},
        {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": parts.secret.kms_key_id},
    ]
    for name, role, statements in (
        ("TaskExecutionPolicy", roles.execution, reading),
        ("TaskPolicy", roles.task, roles.task_statements),
    ):
        role.policies = None
        iam.CfnManagedPolicy(stack, name, policy_document=document(statements), roles=[role.ref])


def _password_from_a_secret(stack: cdk.Stack, parts: Parts) -> None:
    """The first password from a secret that the user made: no parameter holds it."""
    given = _parameter(
        stack, "DBPasswordSecret", "Secret that holds the first master password", no_echo=True
    )
    password = f"{{{{resolve:secretsmanager:{given}}}}}"
    stack.node.try_remove_child(parts.parameters.password.node.id)
    parts.database.master_user_password = password
    parts.secret.secret_string = secret_string(parts.database, password)


def _parameter(stack: cdk.Stack, name: str, description: str, **options: bool) -> str:
    return str(cdk.CfnParameter(stack, name, description=description, **options).value_as_string)

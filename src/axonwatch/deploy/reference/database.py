"""The RDS instance, its subnet group and its parameter group.

Part of the reference main stack.
"""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_rds as rds

from axonwatch.deploy.reference.network import SecurityGroups
from axonwatch.deploy.reference.parameters import Parameters, major
from axonwatch.model.stack import MainNames

ALLOCATED_GB = "100"


def add_database(
    stack: cdk.Stack,
    names: MainNames,
    parameters: Parameters,
    groups: SecurityGroups,
    monitoring_role: iam.CfnRole,
    *,
    engine_version: str,
) -> rds.CfnDBInstance:
    """PostgreSQL on gp3: below 400 GB it has the baseline of 3,000 IOPS and 125 MB/s."""
    subnets = rds.CfnDBSubnetGroup(
        stack,
        "DBSubnetGroup",
        db_subnet_group_name=names.database_subnets,
        db_subnet_group_description="Multi-AZ deployment for RDS",
        subnet_ids=parameters.subnet_ids,
    )
    settings = rds.CfnDBParameterGroup(
        stack,
        "DBParameterGroup",
        db_parameter_group_name=names.database_parameters,
        description="SSL/TLS required",
        family=f"postgres{major(engine_version)}",
        parameters={"rds.force_ssl": "1"},
    )
    database = rds.CfnDBInstance(
        stack,
        "AxonFlowDatabase",
        db_instance_identifier=parameters.database_identifier.value_as_string,
        engine="postgres",
        engine_version=parameters.engine_version.value_as_string,
        db_instance_class=parameters.instance_class.value_as_string,
        db_name="axonflow",
        master_username="axonflow",
        master_user_password=parameters.password.value_as_string,
        allocated_storage=ALLOCATED_GB,
        storage_type="gp3",
        storage_encrypted=True,
        multi_az=True,
        publicly_accessible=False,
        db_subnet_group_name=subnets.ref,
        db_parameter_group_name=settings.ref,
        vpc_security_groups=[groups.database.attr_group_id],
        backup_retention_period=7,
        preferred_backup_window="03:00-04:00",
        preferred_maintenance_window="sun:04:00-sun:05:00",
        monitoring_interval=60,
        monitoring_role_arn=monitoring_role.attr_arn,
        enable_performance_insights=True,
        performance_insights_retention_period=7,
        enable_cloudwatch_logs_exports=["postgresql"],
    )
    database.apply_removal_policy(cdk.RemovalPolicy.SNAPSHOT)
    return database

"""The cluster, log groups, task definitions, services and their auto scaling.

Part of the reference main stack.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_applicationautoscaling as scaling
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_logs as logs
from aws_cdk import aws_rds as rds
from aws_cdk import aws_secretsmanager as secretsmanager

from axonwatch.deploy.reference.identity import Roles
from axonwatch.deploy.reference.load_balancer import Balancer
from axonwatch.deploy.reference.network import AGENT_PORT, ORCHESTRATOR_PORT, SecurityGroups
from axonwatch.deploy.reference.parameters import MAX_TASKS, TIER_REQUESTS, Parameters
from axonwatch.model.stack import MainNames

PORTS = {"agent": AGENT_PORT, "orchestrator": ORCHESTRATOR_PORT}
CPU_UNITS, MEMORY_MIB = "1024", "2048"
LOG_RETENTION_DAYS = 30


@dataclass(frozen=True)
class Task:
    """A task definition, and its one container as it was given to CDK."""

    definition: ecs.CfnTaskDefinition
    container: dict[str, Any]


def add_log_groups(stack: cdk.Stack, names: MainNames) -> dict[str, logs.CfnLogGroup]:
    """One log group a service, kept for 30 days."""
    return {
        component: logs.CfnLogGroup(
            stack,
            f"{component.capitalize()}LogGroup",
            log_group_name=names.log_group(component),
            retention_in_days=LOG_RETENTION_DAYS,
        )
        for component in PORTS
    }


def add_cluster(stack: cdk.Stack, names: MainNames) -> ecs.CfnCluster:
    """The cluster: both Fargate providers, 100 % FARGATE, Container Insights, execute command."""
    return ecs.CfnCluster(
        stack,
        "Cluster",
        cluster_name=names.cluster,
        capacity_providers=["FARGATE", "FARGATE_SPOT"],
        default_capacity_provider_strategy=[{"capacityProvider": "FARGATE", "weight": 1}],
        cluster_settings=[{"name": "containerInsights", "value": "enabled"}],
        configuration={"executeCommandConfiguration": {"logging": "DEFAULT"}},
    )


def add_task_definitions(
    stack: cdk.Stack,
    names: MainNames,
    parameters: Parameters,
    *,
    roles: Roles,
    groups: dict[str, logs.CfnLogGroup],
    database: rds.CfnDBInstance,
    secret: secretsmanager.CfnSecret,
) -> dict[str, Task]:
    """Both task definitions: 1 vCPU, 2 GB, one container each."""
    requests = cdk.CfnMapping(
        stack,
        "TierLimits",
        mapping={tier: {"MaxRequests": limit} for tier, limit in TIER_REQUESTS.items()},
    )
    # Without the password: that comes as PGPASSWORD from the secret, see docs/adr.
    url = f"postgres://axonflow@{database.attr_endpoint_address}:5432/axonflow?sslmode=require"
    tier = parameters.tier.value_as_string
    environments = {
        "agent": {
            "PORT": str(AGENT_PORT),
            "DATABASE_URL": url,
            "ORCHESTRATOR_URL": parameters.orchestrator_url.value_as_string,
            "TIER": tier,
            "MAX_REQUESTS": requests.find_in_map(tier, "MaxRequests"),
        },
        "orchestrator": {"PORT": str(ORCHESTRATOR_PORT), "DATABASE_URL": url},
    }
    tasks = {}
    for component, port in PORTS.items():
        container = {
            "name": component,
            "image": parameters.images[component].value_as_string,
            "essential": True,
            "portMappings": [{"containerPort": port, "protocol": "tcp"}],
            "environment": [
                {"name": name, "value": value} for name, value in environments[component].items()
            ],
            "secrets": [{"name": "PGPASSWORD", "valueFrom": f"{secret.ref}:password::"}],
            "healthCheck": {"command": ["CMD-SHELL", f"curl -f http://localhost:{port}/health"]},
            "logConfiguration": {
                "logDriver": "awslogs",
                "options": {
                    "awslogs-group": groups[component].ref,
                    "awslogs-region": cdk.Aws.REGION,
                    "awslogs-stream-prefix": component,
                },
            },
        }
        definition = ecs.CfnTaskDefinition(
            stack,
            f"{component.capitalize()}TaskDefinition",
            family=names.task_family(component),
            cpu=CPU_UNITS,
            memory=MEMORY_MIB,
            network_mode="awsvpc",
            requires_compatibilities=["FARGATE"],
            execution_role_arn=roles.execution.attr_arn,
            task_role_arn=roles.task.attr_arn,
            container_definitions=[container],
        )
        tasks[component] = Task(definition, container)
    return tasks


def add_services(
    stack: cdk.Stack,
    names: MainNames,
    parameters: Parameters,
    *,
    cluster: ecs.CfnCluster,
    tasks: dict[str, Task],
    security_groups: SecurityGroups,
    balancer: Balancer,
) -> dict[str, ecs.CfnService]:
    """Both services, rolling with 200 % and 100 %, scaled on CPU."""
    services = {}
    for component in PORTS:
        behind_balancer: dict[str, Any] = {}
        if component == "agent":
            behind_balancer = {
                "load_balancers": [
                    {
                        "containerName": component,
                        "containerPort": AGENT_PORT,
                        "targetGroupArn": balancer.target_group.ref,
                    }
                ],
                "health_check_grace_period_seconds": 60,
            }
        service = ecs.CfnService(
            stack,
            f"{component.capitalize()}Service",
            service_name=names.service(component),
            cluster=cluster.ref,
            task_definition=tasks[component].definition.ref,
            desired_count=parameters.counts[component].value_as_number,
            launch_type="FARGATE",
            enable_execute_command=True,
            deployment_controller={"type": "ECS"},
            deployment_configuration={"maximumPercent": 200, "minimumHealthyPercent": 100},
            network_configuration={
                "awsvpcConfiguration": {
                    "subnets": parameters.subnet_ids,
                    "securityGroups": [security_groups.of(component).attr_group_id],
                    "assignPublicIp": "DISABLED",
                }
            },
            **behind_balancer,
        )
        if component == "agent":
            service.add_resource_dependency(balancer.https)
        _scale(stack, component, cluster, service, parameters.counts[component])
        services[component] = service
    return services


def _scale(
    stack: cdk.Stack,
    component: str,
    cluster: ecs.CfnCluster,
    service: ecs.CfnService,
    count: cdk.CfnParameter,
) -> None:
    """Target tracking at 70 % CPU between the desired count and 50 tasks."""
    target = scaling.CfnScalableTarget(
        stack,
        f"{component.capitalize()}ScalableTarget",
        service_namespace="ecs",
        scalable_dimension="ecs:service:DesiredCount",
        resource_id=f"service/{cluster.ref}/{service.attr_name}",
        min_capacity=count.value_as_number,
        max_capacity=MAX_TASKS,
    )
    scaling.CfnScalingPolicy(
        stack,
        f"{component.capitalize()}ScalingPolicy",
        policy_name=f"{component}-cpu",
        policy_type="TargetTrackingScaling",
        scaling_target_id=target.ref,
        target_tracking_scaling_policy_configuration={
            "predefinedMetricSpecification": {
                "predefinedMetricType": "ECSServiceAverageCPUUtilization"
            },
            "targetValue": 70,
            "scaleOutCooldown": 60,
            "scaleInCooldown": 300,
        },
    )

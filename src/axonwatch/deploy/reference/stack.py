"""Builds the reference main stack and its outputs.

Called by `synthesis.synthesize_reference`; everything here follows the seed line by line, and
`tests/unit/deploy/test_reference_seed.py` holds each line against the template.
"""

from __future__ import annotations

from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_elasticloadbalancingv2 as elb
from aws_cdk import aws_rds as rds

from axonwatch.deploy.reference.compute import (
    add_cluster,
    add_log_groups,
    add_services,
    add_task_definitions,
)
from axonwatch.deploy.reference.database import add_database
from axonwatch.deploy.reference.hardening import Parts, harden
from axonwatch.deploy.reference.identity import add_monitoring_role, add_roles, add_secret
from axonwatch.deploy.reference.load_balancer import add_load_balancer
from axonwatch.deploy.reference.network import add_security_groups
from axonwatch.deploy.reference.parameters import SEED_ENGINE_VERSION, Parameters, add_parameters
from axonwatch.model.stack import MainNames


@dataclass(frozen=True)
class ReferenceOptions:
    """What `axonwatch reference` lets a user choose."""

    stack: str
    engine_version: str = SEED_ENGINE_VERSION
    hardened: bool = False


def build_reference(app: cdk.App, options: ReferenceOptions) -> cdk.Stack:
    """The main stack as a CDK stack in `app`."""
    names = MainNames(options.stack)
    stack = cdk.Stack(
        app,
        options.stack,
        stack_name=options.stack,
        description="AxonFlow main stack, as its documentation describes it",
        synthesizer=cdk.LegacyStackSynthesizer(),
    )
    parameters = add_parameters(stack, names, options.engine_version)
    groups = add_security_groups(stack, names, parameters)
    balancer = add_load_balancer(stack, names, parameters, groups)
    database = add_database(
        stack,
        names,
        parameters,
        groups,
        add_monitoring_role(stack, names),
        engine_version=options.engine_version,
    )
    secret = add_secret(stack, names, database, parameters.password)
    log_groups = add_log_groups(stack, names)
    roles = add_roles(stack, names, secret, [group.attr_arn for group in log_groups.values()])
    tasks = add_task_definitions(
        stack,
        names,
        parameters,
        roles=roles,
        groups=log_groups,
        database=database,
        secret=secret,
    )
    cluster = add_cluster(stack, names)
    services = add_services(
        stack,
        names,
        parameters,
        cluster=cluster,
        tasks=tasks,
        security_groups=groups,
        balancer=balancer,
    )
    _add_outputs(
        stack,
        parameters=parameters,
        cluster=cluster,
        load_balancer=balancer.load_balancer,
        database=database,
        services=services,
    )
    if options.hardened:
        harden(
            stack,
            names,
            Parts(parameters, groups, balancer, database, secret, log_groups, roles, tasks),
        )
    return stack


def _add_outputs(
    stack: cdk.Stack,
    *,
    parameters: Parameters,
    cluster: ecs.CfnCluster,
    load_balancer: elb.CfnLoadBalancer,
    database: rds.CfnDBInstance,
    services: dict[str, ecs.CfnService],
) -> None:
    outputs = {
        "ClusterName": (cluster.ref, "ECS cluster name"),
        "AgentEndpoint": (
            f"https://{load_balancer.attr_dns_name}",
            "HTTPS endpoint for Agent API",
        ),
        "DatabaseEndpoint": (database.attr_endpoint_address, "PostgreSQL endpoint"),
        "PricingTierDeployed": (parameters.tier.value_as_string, "Selected pricing tier"),
        "AgentServiceName": (services["agent"].attr_name, "Agent ECS service name"),
        "OrchestratorServiceName": (
            services["orchestrator"].attr_name,
            "Orchestrator ECS service name",
        ),
    }
    for name, (value, description) in outputs.items():
        cdk.CfnOutput(stack, name, value=value, description=description)

"""The four security groups of the seed, with exactly its rules.

Part of the reference main stack.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2

from axonwatch.deploy.reference.parameters import Parameters
from axonwatch.model.stack import MainNames

ANYWHERE = "0.0.0.0/0"
HTTPS, HTTP, AGENT_PORT, ORCHESTRATOR_PORT, POSTGRES = 443, 80, 8080, 8081, 5432
ALL_OUTBOUND = [
    {"ipProtocol": "-1", "cidrIp": ANYWHERE, "description": "All traffic"},
]
# A group without an egress rule gets "allow all" from EC2: a rule that no packet meets stands for
# "none required".
NO_OUTBOUND = [
    {
        "ipProtocol": "icmp",
        "fromPort": 252,
        "toPort": 86,
        "cidrIp": "255.255.255.255/32",
        "description": "None required",
    },
]


@dataclass(frozen=True)
class SecurityGroups:
    """The groups, as CDK objects."""

    load_balancer: ec2.CfnSecurityGroup
    agent: ec2.CfnSecurityGroup
    orchestrator: ec2.CfnSecurityGroup
    database: ec2.CfnSecurityGroup

    def of(self, component: str) -> ec2.CfnSecurityGroup:
        """The group of a service."""
        return self.agent if component == "agent" else self.orchestrator


def add_security_groups(
    stack: cdk.Stack, names: MainNames, parameters: Parameters
) -> SecurityGroups:
    """The groups for the load balancer, the agent, the orchestrator and the database."""

    def group(
        id: str, component: str, purpose: str, inbound: list[Any], outbound: list[Any]
    ) -> ec2.CfnSecurityGroup:
        name = names.security_group(component)
        return ec2.CfnSecurityGroup(
            stack,
            id,
            group_name=name,
            group_description=purpose,
            vpc_id=parameters.vpc.value_as_string,
            security_group_ingress=inbound,
            security_group_egress=outbound,
            tags=[{"key": "Name", "value": name}],
        )

    load_balancer = group(
        "ALBSecurityGroup",
        "alb",
        "Controls traffic to the Application Load Balancer",
        [
            _from_cidr(HTTPS, "HTTPS"),
            _from_cidr(HTTP, "HTTP (redirects to HTTPS)"),
        ],
        ALL_OUTBOUND,
    )
    agent = group(
        "AgentSecurityGroup",
        "agent",
        "Controls traffic to Agent ECS tasks",
        [_from_group(AGENT_PORT, load_balancer, "ALB Security Group only")],
        ALL_OUTBOUND,
    )
    orchestrator = group(
        "OrchestratorSecurityGroup",
        "orchestrator",
        "Controls traffic to Orchestrator ECS tasks",
        [_from_group(ORCHESTRATOR_PORT, agent, "Agent Security Group only")],
        ALL_OUTBOUND,
    )
    database = group(
        "DBSecurityGroup",
        "db",
        "Controls traffic to RDS PostgreSQL",
        [
            _from_group(POSTGRES, agent, "Agent Security Group"),
            _from_group(POSTGRES, orchestrator, "Orchestrator Security Group"),
        ],
        NO_OUTBOUND,
    )
    return SecurityGroups(load_balancer, agent, orchestrator, database)


def _from_cidr(port: int, description: str) -> dict[str, Any]:
    return tcp_rule(port, description, cidrIp=ANYWHERE)


def _from_group(port: int, group: ec2.CfnSecurityGroup, description: str) -> dict[str, Any]:
    return tcp_rule(port, description, sourceSecurityGroupId=group.attr_group_id)


def tcp_rule(port: int, description: str, **source: str) -> dict[str, Any]:
    """One inbound rule for one TCP port."""
    return {
        "ipProtocol": "tcp",
        "fromPort": port,
        "toPort": port,
        "description": description,
        **source,
    }

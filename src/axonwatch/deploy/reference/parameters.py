"""The template's parameters: what the seed lets a user choose, with the seed's defaults.

Part of the reference main stack. Tiers and their request limits are the seed's pricing page.
"""

from __future__ import annotations

from dataclasses import dataclass

import aws_cdk as cdk

from axonwatch.model.stack import MainNames

SEED_ENGINE_VERSION = "15.4"
DEFAULT_COUNTS = {"agent": 5, "orchestrator": 10}
MIN_TASKS = 1
MAX_TASKS = 50
TIER_REQUESTS = {"Pilot": "50000", "Growth": "500000", "Enterprise": "unlimited"}
# The registry account of AWS Marketplace; the repository is given to subscribers of the product.
MARKETPLACE_REGISTRY = "709825985650.dkr.ecr.us-east-1.amazonaws.com"


@dataclass(frozen=True)
class Parameters:
    """The CloudFormation parameters, each a CDK object whose value is known at deployment."""

    vpc: cdk.CfnParameter
    subnets: tuple[cdk.CfnParameter, cdk.CfnParameter]
    password: cdk.CfnParameter
    instance_class: cdk.CfnParameter
    engine_version: cdk.CfnParameter
    counts: dict[str, cdk.CfnParameter]
    images: dict[str, cdk.CfnParameter]
    tier: cdk.CfnParameter
    certificate: cdk.CfnParameter
    orchestrator_url: cdk.CfnParameter
    load_balancer_name: cdk.CfnParameter
    database_identifier: cdk.CfnParameter

    @property
    def subnet_ids(self) -> list[str]:
        """Both private subnets, in the order of the zones."""
        return [subnet.value_as_string for subnet in self.subnets]


def add_parameters(stack: cdk.Stack, names: MainNames, engine_version: str) -> Parameters:
    """Declare all parameters on `stack`."""
    return Parameters(
        vpc=_parameter(stack, "VpcId", "VPC of the deployment", type="AWS::EC2::VPC::Id"),
        subnets=(
            _parameter(stack, "PrivateSubnet1", "Private subnet in AZ1", type=_SUBNET),
            _parameter(stack, "PrivateSubnet2", "Private subnet in AZ2", type=_SUBNET),
        ),
        password=_parameter(
            stack,
            "DBPassword",
            "Master password of the database",
            no_echo=True,
            min_length=8,
            max_length=128,
            # It becomes part of a JSON text: no quotes, backslashes, slashes, @ or spaces.
            allowed_pattern="[A-Za-z0-9!#$%^&*()_+=.,-]+",
        ),
        instance_class=_parameter(
            stack, "DBInstanceClass", "Instance class of the database", default="db.t3.medium"
        ),
        engine_version=_parameter(
            stack,
            "DBEngineVersion",
            "PostgreSQL version; AWS no longer creates the seed's 15.4",
            default=engine_version,
            allowed_pattern=rf"{major(engine_version)}\.\d+",
        ),
        counts={
            component: _parameter(
                stack,
                f"{component.capitalize()}DesiredCount",
                f"Number of {component} tasks",
                type="Number",
                default=count,
                min_value=MIN_TASKS,
                max_value=MAX_TASKS,
            )
            for component, count in DEFAULT_COUNTS.items()
        },
        images={
            component: _parameter(
                stack,
                f"{component.capitalize()}Image",
                f"Image of the {component}, from AWS Marketplace",
                default=f"{MARKETPLACE_REGISTRY}/axonflow/{component}:latest",
            )
            for component in DEFAULT_COUNTS
        },
        tier=_parameter(
            stack,
            "PricingTier",
            "Pricing tier",
            default="Growth",
            allowed_values=list(TIER_REQUESTS),
        ),
        certificate=_parameter(
            stack,
            "CertificateArn",
            "Certificate of the listener; empty to request one, as the seed does",
            default="",
        ),
        orchestrator_url=_parameter(
            stack,
            "OrchestratorUrl",
            "Where agents reach the orchestrator",
            default=f"http://orchestrator.{names.certificate_label}.internal:8081",
        ),
        load_balancer_name=_parameter(
            stack,
            "LoadBalancerName",
            "Name of the load balancer",
            default=names.load_balancer,
            max_length=32,
        ),
        database_identifier=_parameter(
            stack,
            "DBIdentifier",
            "Identifier of the database instance",
            default=names.database,
            max_length=63,
        ),
    )


def major(version: str) -> str:
    """The major version of PostgreSQL: `15.4` -> `15`."""
    return version.partition(".")[0]


_SUBNET = "AWS::EC2::Subnet::Id"


def _parameter(
    stack: cdk.Stack, name: str, description: str, **options: object
) -> cdk.CfnParameter:
    return cdk.CfnParameter(stack, name, description=description, **options)

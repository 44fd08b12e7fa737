"""The internal load balancer, its target group, listeners and certificate.

Part of the reference main stack.
"""

from __future__ import annotations

from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_elasticloadbalancingv2 as elb

from axonwatch.deploy.reference.network import AGENT_PORT, HTTP, HTTPS, SecurityGroups
from axonwatch.deploy.reference.parameters import Parameters
from axonwatch.model.stack import MainNames

# TLS 1.2 at least, TLS 1.3 where the client can.
TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-2021-06"
SEED_ATTRIBUTES = {
    "routing.http2.enabled": "true",
    "idle_timeout.timeout_seconds": "60",
    "load_balancing.cross_zone.enabled": "true",
    "deletion_protection.enabled": "false",
}
HTTP_LISTENER = "HttpListener"


@dataclass(frozen=True)
class Balancer:
    """The load balancer's parts, as CDK objects."""

    load_balancer: elb.CfnLoadBalancer
    target_group: elb.CfnTargetGroup
    https: elb.CfnListener


def add_load_balancer(
    stack: cdk.Stack,
    names: MainNames,
    parameters: Parameters,
    groups: SecurityGroups,
) -> Balancer:
    """The ALB in both private subnets, HTTPS to the agents, HTTP redirected."""
    load_balancer = elb.CfnLoadBalancer(
        stack,
        "LoadBalancer",
        name=parameters.load_balancer_name.value_as_string,
        type="application",
        scheme="internal",
        subnets=parameters.subnet_ids,
        security_groups=[groups.load_balancer.attr_group_id],
        load_balancer_attributes=attributes(SEED_ATTRIBUTES),
    )
    target_group = elb.CfnTargetGroup(
        stack,
        "AgentTargetGroup",
        name=names.target_group,
        target_type="ip",
        protocol="HTTP",
        port=AGENT_PORT,
        vpc_id=parameters.vpc.value_as_string,
        health_check_protocol="HTTP",
        health_check_path="/health",
        health_check_interval_seconds=30,
        matcher={"httpCode": "200"},
        target_group_attributes=attributes({"deregistration_delay.timeout_seconds": "300"}),
    )
    https = elb.CfnListener(
        stack,
        "HttpsListener",
        load_balancer_arn=load_balancer.ref,
        port=HTTPS,
        protocol="HTTPS",
        ssl_policy=TLS_POLICY,
        certificates=[{"certificateArn": _certificate(stack, names, parameters)}],
        default_actions=[{"type": "forward", "targetGroupArn": target_group.ref}],
    )
    elb.CfnListener(
        stack,
        HTTP_LISTENER,
        load_balancer_arn=load_balancer.ref,
        port=HTTP,
        protocol="HTTP",
        default_actions=[
            {
                "type": "redirect",
                "redirectConfig": {
                    "protocol": "HTTPS",
                    "port": str(HTTPS),
                    "statusCode": "HTTP_301",
                },
            }
        ],
    )
    return Balancer(load_balancer, target_group, https)


def _certificate(stack: cdk.Stack, names: MainNames, parameters: Parameters) -> str:
    """ARN of the certificate that the user gave, or of the seed's own.

    ACM renews a certificate validated by DNS by itself as long as the record stands.
    """
    wanted = cdk.CfnCondition(
        stack,
        "RequestCertificate",
        expression=cdk.Fn.condition_equals(parameters.certificate.value_as_string, ""),
    )
    certificate = acm.CfnCertificate(
        stack,
        "Certificate",
        domain_name=f"{names.certificate_label}.{cdk.Aws.REGION}.axonflow.internal",
        validation_method="DNS",
    )
    certificate.cfn_options.condition = wanted
    return str(
        cdk.Fn.condition_if(
            wanted.logical_id, certificate.ref, parameters.certificate.value_as_string
        ).to_string()
    )


def attributes(values: dict[str, str]) -> list[dict[str, str]]:
    """Attributes of a load balancer or target group, as the API lists them."""
    return [{"key": key, "value": value} for key, value in values.items()]

"""The load balancer and the agent's target group, by ARN: their 16-hex suffix is in no output."""

from __future__ import annotations

from collections.abc import Mapping

from axonwatch.live.clients import Answer, Calls
from axonwatch.live.discovery.found import Found
from axonwatch.live.discovery.stack import Stack

LOAD_BALANCER = "AWS::ElasticLoadBalancingV2::LoadBalancer"
TARGET_GROUP = "AWS::ElasticLoadBalancingV2::TargetGroup"
NAMES = ("load_balancer.name", "load_balancer.full_name")
TARGETS = ("load_balancer.target_group_full_name",)
CERTIFICATE = ("load_balancer.certificate_id",)


def find_load_balancer(
    aws: Calls, stack: Stack, found: Found, services: Mapping[str, Answer]
) -> None:
    """Full names of both, and the certificate of the HTTPS listener."""
    group = _target_group(stack, found, services)
    balancers: list[str] = [r.physical for r in stack.of_kind(LOAD_BALANCER)]
    if group:
        found.put(load_balancer__target_group_full_name=group.rsplit(":", 1)[-1])
    if found.needs(*NAMES, *CERTIFICATE) and group and len(balancers) != 1:
        # The stack made none, or several: the target group knows its own.
        answer = found.attempt(
            NAMES,
            lambda: aws.call(
                "elbv2", "DescribeTargetGroups", about="the target group", TargetGroupArns=[group]
            ),
        )
        if answer is not None:
            groups = answer.get("TargetGroups") or [{}]
            balancers = [str(arn) for arn in groups[0].get("LoadBalancerArns", ())]
    arns = [arn for arn in balancers if ":loadbalancer/app/" in arn]
    if len(arns) != 1:
        found.miss(
            (*NAMES, *CERTIFICATE),
            f"the stack has {len(arns) or 'no'} application load balancers for the agent",
            "name it: --set load_balancer.full_name=app/NAME/16-HEX (the end of its ARN)",
        )
        return
    full_name = arns[0].split(":loadbalancer/", 1)[1]
    found.put(load_balancer__full_name=full_name, load_balancer__name=full_name.split("/")[1])
    if found.needs(*CERTIFICATE):
        _find_certificate(aws, found, arns[0])


def _target_group(stack: Stack, found: Found, services: Mapping[str, Answer]) -> str:
    """The ARN of the group that the agent's service registers with, else the stack's own."""
    attached = [
        str(one["targetGroupArn"])
        for one in services.get("agent", {}).get("loadBalancers", ())
        if one.get("targetGroupArn")
    ]
    made = [r for r in stack.of_kind(TARGET_GROUP) if ":targetgroup/" in r.physical]
    for_agent = [r.physical for r in made if "agent" in r.logical.lower()]
    candidates = attached or for_agent or [r.physical for r in made]
    if len(candidates) == 1:
        return candidates[0]
    found.miss(
        TARGETS,
        f"the stack has {len(candidates) or 'no'} target groups for the agent",
        "name it: --set load_balancer.target_group_full_name=targetgroup/NAME/16-HEX",
    )
    return ""


def _find_certificate(aws: Calls, found: Found, arn: str) -> None:
    listeners = found.attempt(
        CERTIFICATE,
        lambda: list(
            aws.pages(
                "elbv2",
                "DescribeListeners",
                "Listeners",
                about=f"load balancer `{found.text('load_balancer.name')}`",
                LoadBalancerArn=arn,
            )
        ),
    )
    if listeners is None:
        return
    certificates = [
        str(certificate["CertificateArn"])
        for listener in listeners
        for certificate in listener.get("Certificates") or ()
        if certificate.get("CertificateArn")
    ]
    if not certificates:
        found.notes.append(
            "the load balancer has no HTTPS listener: certificate alarms are left out"
        )
    # AWS/CertificateManager's metrics carry the whole ARN as their dimension; it holds the account
    # id, so the inventory keeps the certificate's own id and the deployment adds the rest.
    found.put(
        load_balancer__certificate_id=certificates[0].rsplit("/", 1)[-1] if certificates else None
    )

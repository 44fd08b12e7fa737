"""A dimension that holds an ARN or URL where CloudWatch has a name: there is no data.

`Ref` of a load balancer, target group, ECS service or topic returns its ARN, `Ref` of a queue its
URL; the metrics are stamped with names.
"""

from __future__ import annotations

from collections.abc import Iterator

from axonwatch.catalog.evidence import Evidence, finding, stats_of
from axonwatch.diagnostics import Diagnostic, Level

CODE = "dimension-is-arn"
LEVEL = Level.ERROR


# Dimension -> (resource type whose `Ref` is no name, what to write).
_REFS = {
    "LoadBalancer": ("AWS::ElasticLoadBalancingV2::LoadBalancer", "LoadBalancerFullName"),
    "TargetGroup": ("AWS::ElasticLoadBalancingV2::TargetGroup", "TargetGroupFullName"),
    "ServiceName": ("AWS::ECS::Service", "Name"),
    "TopicName": ("AWS::SNS::Topic", "TopicName"),
    "QueueName": ("AWS::SQS::Queue", "QueueName"),
}


def check(evidence: Evidence) -> Iterator[Diagnostic]:
    """Every dimension whose value is an ARN."""
    for subject in evidence.alarms:
        for stat, suffix in stats_of(subject):
            for dimension in stat.metric.dimensions:
                wanted = _REFS.get(dimension.name)
                if wanted is None or not stat.metric.namespace.startswith(("AWS/", "ECS/")):
                    continue
                cure = _cure(evidence, dimension.value, *wanted)
                if cure:
                    title = f"the dimension `{dimension.name}` holds an ARN or URL, not a name"
                    span = subject.at(f"dimensions{suffix}", "dimensions")
                    label = "no metric has this value: the alarm never has data"
                    yield finding(CODE, LEVEL, title, span, label, cure)


def _cure(evidence: Evidence, value: str, kind: str, attribute: str) -> str:
    if value.startswith("arn:") or (value.startswith("https://") and attribute == "QueueName"):
        return f"write the {attribute} alone"
    name, _, written = value.removeprefix("${").removesuffix("}").partition(".")
    resource = evidence.template.resources.get(name) if evidence.template else None
    is_arn = written in {"", "Arn", "LoadBalancerArn", "TargetGroupArn", "ServiceArn", "TopicArn"}
    if value.startswith("${") and resource is not None and resource.type == kind and is_arn:
        return f"write `!GetAtt {name}.{attribute}`"
    return ""

"""AWS in this process: a moto server on a free loopback port, real HTTP, one for all tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.request import Request, urlopen

from axonwatch.live import embedded
from axonwatch.live.clients import Aws


@contextmanager
def embedded_aws() -> Iterator[str]:
    """The address of a running server; `reset` empties it between tests."""
    with embedded.embedded_aws() as (url, _):
        yield url


def reset(url: str) -> None:
    """Forget all that was created."""
    request = Request(f"{url}/moto-api/reset", method="POST")  # noqa: S310 - our own server
    with urlopen(request, timeout=30) as answer:  # noqa: S310
        answer.read()


def complete(aws: Aws, stack: str) -> None:
    """Set by API what moto's CloudFormation drops: scaling, task size, settings, attachments."""
    made = {
        entry["LogicalResourceId"]: entry["PhysicalResourceId"]
        for entry in aws.pages(
            "cloudformation", "ListStackResources", "StackResourceSummaries", StackName=stack
        )
        if entry.get("LogicalResourceId")
    }
    cluster = made["Cluster"]
    aws.call(
        "ecs",
        "UpdateCluster",
        cluster=cluster,
        settings=[{"name": "containerInsights", "value": "enabled"}],
    )
    for logical, tasks in (("AgentService", 5), ("OrchestratorService", 10)):
        service = made[logical].rsplit("/", 1)[-1]
        described = aws.call("ecs", "DescribeServices", cluster=cluster, services=[service])
        old = described["services"][0]["taskDefinition"]
        task = aws.call("ecs", "DescribeTaskDefinition", taskDefinition=old)["taskDefinition"]
        new = aws.call(
            "ecs",
            "RegisterTaskDefinition",
            family=task["family"],
            cpu="1024",
            memory="2048",
            networkMode="awsvpc",
            requiresCompatibilities=["FARGATE"],
            containerDefinitions=task["containerDefinitions"],
        )["taskDefinition"]["taskDefinitionArn"]
        aws.call("ecs", "UpdateService", cluster=cluster, service=service, taskDefinition=new)
        aws.call(
            "application-autoscaling",
            "RegisterScalableTarget",
            ServiceNamespace="ecs",
            ScalableDimension="ecs:service:DesiredCount",
            ResourceId=f"service/{cluster}/{service}",
            MinCapacity=tasks,
            MaxCapacity=50,
        )

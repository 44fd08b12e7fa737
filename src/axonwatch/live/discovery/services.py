"""Cluster and services: names, task counts, task sizes, log groups, Container Insights, tier."""

from __future__ import annotations

from axonwatch.live.clients import Answer, Calls
from axonwatch.live.discovery.by_hand import COMPONENTS
from axonwatch.live.discovery.found import Found, Value
from axonwatch.live.discovery.stack import Stack

CLUSTER = "AWS::ECS::Cluster"
SERVICE = "AWS::ECS::Service"
SCALING_DIMENSION = "ecs:service:DesiredCount"
_WAIT = "wait until the stack is complete, then run it again"


def find_cluster(aws: Calls, stack: Stack, found: Found) -> None:
    """The cluster's name, and whether it publishes Container Insights."""
    if found.needs("cluster"):
        made = [r.physical for r in stack.of_kind(CLUSTER)]
        named = stack.output("ClusterName")
        cluster = named or (made[0] if len(made) == 1 else "")
        if not cluster:
            found.miss(
                ("cluster",),
                f"the stack has {len(made) or 'no'} clusters, and no output ClusterName",
                "name it: --set cluster=NAME",
            )
            return
        found.put(cluster=cluster.rsplit("/", 1)[-1])
    if not found.needs("container_insights"):
        return
    name = found.text("cluster")
    answer = found.attempt(
        ("container_insights",),
        lambda: aws.call(
            "ecs",
            "DescribeClusters",
            about=f"cluster `{name}`",
            clusters=[name],
            include=["SETTINGS"],
        ),
    )
    if answer is None:
        return
    if not answer.get("clusters"):
        found.miss(("container_insights",), f"ecs:DescribeClusters knows no `{name}`", _WAIT)
        return
    settings = {s["name"]: s["value"] for s in answer["clusters"][0].get("settings", ())}
    on = settings.get("containerInsights", "disabled") in {"enabled", "enhanced"}
    found.put(container_insights=on)
    if not on:
        found.notes.append(
            f"Container Insights is off for `{name}`: alarms on running and desired tasks have no "
            f"data; run: aws ecs update-cluster-settings --cluster {name} "
            "--settings name=containerInsights,value=enabled"
        )


def find_services(aws: Calls, stack: Stack, found: Found) -> dict[str, Answer]:
    """Both services; the answers of AWS by component, for what else hangs on them."""
    names = _service_names(stack, found)
    answers: dict[str, Answer] = {}
    for component, name in names.items():
        keys = tuple(f"{component}.{key}" for key in ("desired", *_TASK_KEYS))
        if not found.needs(f"{component}.name", *keys):
            continue
        found.keep(component, {"name": name})
        answer = found.attempt(keys, lambda name=name: _describe(aws, found, name))  # type: ignore[misc]
        if answer is None:
            continue
        if not answer.get("services") or answer["services"][0].get("status") != "ACTIVE":
            state = str((answer.get("services") or [{}])[0].get("status") or "missing")
            found.miss(keys, f"ecs:DescribeServices says that `{name}` is {state}", _WAIT)
            continue
        service: Answer = answer["services"][0]
        answers[component] = service
        found.keep(component, {"desired": int(service["desiredCount"])})
        if len(service.get("deployments", ())) > 1:
            found.notes.append(f"a deployment of `{name}` is under way; its newest task is taken")
        _find_task(aws, found, component, service)
    return answers


def _describe(aws: Calls, found: Found, name: str) -> Answer:
    return aws.call(
        "ecs",
        "DescribeServices",
        about=f"service `{name}`",
        cluster=found.text("cluster"),
        services=[name],
    )


def _service_names(stack: Stack, found: Found) -> dict[str, str]:
    """Names by component: given by hand, by the seed's outputs, by logical id, by name."""
    made = stack.of_kind(SERVICE)
    unfinished = [r for r in stack.resources if r.kind == SERVICE and not r.physical]
    names: dict[str, str] = {}
    for component in COMPONENTS:
        given = found.text(f"{component}.name") or stack.output(f"{component}ServiceName")
        others = [c for c in COMPONENTS if c != component]
        by_logical = [r.physical for r in made if _is_of(r.logical, component, others)]
        by_name = [r.physical for r in made if _is_of(r.physical, component, others)]
        candidates = [given] if given else by_logical or by_name
        if len(candidates) == 1:
            names[component] = candidates[0].rsplit("/", 1)[-1]
            continue
        why = (
            f"the stack's {component} service is still being created"
            if unfinished and not candidates
            else f"the stack has {len(candidates) or 'no'} services for it, and no output names one"
        )
        keys = (f"{component}.name", f"{component}.desired")
        fix = _WAIT if unfinished else f"name it: --set {component}.name=NAME"
        found.miss((*keys, *(f"{component}.{key}" for key in _TASK_KEYS)), why, fix)
    return names


def _is_of(text: str, component: str, others: list[str]) -> bool:
    """Whether a name speaks of `component` and of no other."""
    lower = text.rsplit("/", 1)[-1].lower()
    return component in lower and not any(other in lower for other in others)


_TASK_KEYS = ("cpu_units", "memory_mib", "log_group", "container", "log_stream_prefix")


def _find_task(aws: Calls, found: Found, component: str, service: Answer) -> None:
    """What the newest task definition says: size, log group, tier, quota."""
    keys = tuple(f"{component}.{key}" for key in _TASK_KEYS)
    if not found.needs(*keys):
        return
    # The service's own word is the newest that was asked for, also while a deployment is under way.
    arn = str(service["taskDefinition"])
    short = arn.rsplit("/", 1)[-1]
    answer = found.attempt(
        keys,
        lambda: aws.call(
            "ecs", "DescribeTaskDefinition", about=f"task definition `{short}`", taskDefinition=arn
        ),
    )
    if answer is None:
        return
    task: Answer = answer["taskDefinition"]
    containers = list(task.get("containerDefinitions", ()))
    container = _main_container(containers, component)
    options = (container.get("logConfiguration") or {}).get("options") or {}
    values: dict[str, Value] = {
        "container": str(container.get("name", "")),
        "log_stream_prefix": str(options.get("awslogs-stream-prefix", "")),
    }
    for key, whole, part in (("cpu_units", "cpu", "cpu"), ("memory_mib", "memory", "memory")):
        size = int(task.get(whole) or sum(int(c.get(part) or 0) for c in containers))
        if size:
            values[key] = size
    if options.get("awslogs-group"):
        values["log_group"] = str(options["awslogs-group"])
    found.keep(component, values)
    for key in ("cpu_units", "memory_mib", "log_group"):
        if key not in values:
            found.miss(
                (f"{component}.{key}",),
                f"task definition `{short}` does not say it",
                f"give it by hand: --set {component}.{key}=...",
            )
    variables = {str(e["name"]): str(e.get("value", "")) for e in container.get("environment", ())}
    # TIER and MAX_REQUESTS only: DATABASE_URL stands beside them.
    for name in ("TIER", "MAX_REQUESTS"):
        if variables.get(name):
            found.values.setdefault(f"environment.{name}", variables[name])


def _main_container(containers: list[Answer], component: str) -> Answer:
    """The container of the component: by its name, else the first essential one."""
    for container in containers:
        if str(container.get("name", "")).lower() == component:
            return container
    essential = [c for c in containers if c.get("essential", True)]
    return (essential or containers or [{}])[0]


def find_scaling(aws: Calls, found: Found) -> None:
    """Fewest and most tasks; without auto scaling both are the desired count."""
    for component in COMPONENTS:
        keys = (f"{component}.minimum", f"{component}.maximum")
        if not found.needs(*keys) or f"{component}.desired" not in found.values:
            continue
        identity = f"service/{found.text('cluster')}/{found.text(f'{component}.name')}"
        answer = found.attempt(
            keys,
            lambda identity=identity: aws.call(  # type: ignore[misc]
                "application-autoscaling",
                "DescribeScalableTargets",
                about=f"`{identity}`",
                ServiceNamespace="ecs",
                ResourceIds=[identity],
                ScalableDimension=SCALING_DIMENSION,
            ),
        )
        if answer is None:
            continue
        targets = answer.get("ScalableTargets") or ()
        desired = int(str(found.values.get(f"{component}.desired") or 0))
        low, high = (
            (int(targets[0]["MinCapacity"]), int(targets[0]["MaxCapacity"]))
            if targets
            else (desired, desired)
        )
        found.keep(component, {"minimum": low, "maximum": high})
        if not targets:
            found.notes.append(
                f"`{found.text(f'{component}.name')}` has no auto scaling: its minimum and maximum "
                f"are taken as {desired}"
            )

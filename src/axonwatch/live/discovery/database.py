"""The RDS instance: class, storage, windows, and the limits that follow from them."""

from __future__ import annotations

from axonwatch.live.clients import Answer, Calls
from axonwatch.live.discovery.found import Found, Value
from axonwatch.live.discovery.stack import Stack
from axonwatch.live.instances import (
    MIB,
    InstanceFacts,
    class_memory,
    connections_of_formula,
    default_connections,
    known_instance,
    storage_gives,
)

INSTANCE = "AWS::RDS::DBInstance"
CLUSTER = "AWS::RDS::DBCluster"
GIB = 1024**3
STATED = (
    "instance_class",
    "engine",
    "engine_version",
    "resource_id",
    "multi_az",
    "allocated_storage",
    "iops",
    "throughput",
    "backup_window",
    "maintenance_window",
    "log_group",
)
DERIVED = ("memory", "vcpus", "ebs_baseline_iops", "ebs_baseline_throughput", "burstable")


def _keys(*names: str) -> tuple[str, ...]:
    return tuple(f"database.{name}" for name in names)


def find_database(aws: Calls, stack: Stack, found: Found) -> None:
    """All of the database."""
    everything = _keys("identifier", *STATED, *DERIVED, "max_connections")
    if not found.needs(*everything):
        return
    identifier = _identifier(stack, found, everything)
    if not identifier:
        return
    found.put(database__identifier=identifier)
    instance: Answer = {}
    if found.needs(*_keys(*STATED)):
        answer = found.attempt(
            everything[1:],
            lambda: aws.call(
                "rds",
                "DescribeDBInstances",
                about=f"database `{identifier}`",
                DBInstanceIdentifier=identifier,
            ),
        )
        if answer is None:
            return
        instance = answer["DBInstances"][0]
        found.keep("database", _stated(instance, identifier))
        pending = ", ".join(sorted(instance.get("PendingModifiedValues") or {}))
        if pending:
            found.notes.append(
                f"`{identifier}` has pending changes ({pending}): run `axonwatch init` again "
                "after its maintenance window"
            )
    _find_class(aws, found)
    _find_connections(aws, found, instance)


def _identifier(stack: Stack, found: Found, keys: tuple[str, ...]) -> str:
    given = found.text("database.identifier")
    made = [r.physical for r in stack.of_kind(INSTANCE)]
    endpoint = stack.output("DatabaseEndpoint").split("//")[-1]
    if given:
        return given
    if len(made) == 1:
        return made[0]
    by_endpoint = endpoint.split(".")[0] if ".rds." in endpoint else ""
    if by_endpoint and (not made or by_endpoint in made):
        return by_endpoint
    aurora = stack.of_kind(CLUSTER)
    why = (
        "the stack has an Aurora cluster, which AxonFlow's template does not make"
        if aurora and not made
        else f"the stack has {len(made) or 'no'} RDS instances, and no output DatabaseEndpoint"
    )
    found.miss(keys, why, "name it: --set database.identifier=NAME")
    return ""


def _stated(instance: Answer, identifier: str) -> dict[str, Value]:
    """What AWS says of the instance, in our units."""
    gib = int(instance["AllocatedStorage"])
    iops, megabytes = storage_gives(
        str(instance.get("StorageType", "gp3")),
        gib,
        instance.get("Iops"),
        instance.get("StorageThroughput"),
    )
    exported = "postgresql" in (instance.get("EnabledCloudwatchLogsExports") or ())
    return {
        "instance_class": str(instance["DBInstanceClass"]),
        "engine": str(instance["Engine"]),
        "engine_version": str(instance["EngineVersion"]),
        "resource_id": instance.get("DbiResourceId"),
        "multi_az": bool(instance.get("MultiAZ")),
        "allocated_storage": gib * GIB,
        "iops": iops,
        "throughput": megabytes * MIB,
        "backup_window": str(instance.get("PreferredBackupWindow", "")),
        "maintenance_window": str(instance.get("PreferredMaintenanceWindow", "")),
        "log_group": f"/aws/rds/instance/{identifier}/postgresql" if exported else None,
    }


def _find_class(aws: Calls, found: Found) -> None:
    """Memory, vCPUs and EBS baseline of the class: from our table, else from EC2."""
    if not found.needs(*_keys(*DERIVED)):
        return
    name = found.text("database.instance_class")
    facts = known_instance(name)
    if facts is None:
        facts = found.attempt(_keys(*DERIVED), lambda: _ask_ec2(aws, name))
    if facts is None:
        return
    found.keep(
        "database",
        {
            "memory": facts.memory,
            "vcpus": facts.vcpus,
            "ebs_baseline_iops": facts.ebs_iops,
            "ebs_baseline_throughput": facts.ebs_throughput,
            "burstable": facts.burstable,
        },
    )


def _ask_ec2(aws: Calls, name: str) -> InstanceFacts:
    """Facts of a class that our table does not hold, from EC2's type of the same name."""
    answer = aws.call(
        "ec2",
        "DescribeInstanceTypes",
        about=f"instance class `{name}`",
        InstanceTypes=[name.removeprefix("db.")],
    )
    one = answer["InstanceTypes"][0]
    ebs = one["EbsInfo"]["EbsOptimizedInfo"]
    return InstanceFacts(
        memory=int(one["MemoryInfo"]["SizeInMiB"]) * MIB,
        vcpus=int(one["VCpuInfo"]["DefaultVCpus"]),
        ebs_iops=int(ebs["BaselineIops"]),
        ebs_throughput=int(float(ebs["BaselineThroughputInMBps"]) * 1_000_000),
        burstable=bool(one.get("BurstablePerformanceSupported")),
    )


def _find_connections(aws: Calls, found: Found, instance: Answer) -> None:
    """max_connections: the parameter group's word, or the default formula."""
    keys = _keys("max_connections")
    if not found.needs(*keys) or "database.memory" not in found.values:
        found.miss(
            keys, "it follows from the memory", "give it: --set database.max_connections=405"
        )
        return
    memory = int(str(found.values["database.memory"]))
    group = str((instance.get("DBParameterGroups") or [{}])[0].get("DBParameterGroupName") or "")
    formula = ""
    if group and not group.startswith("default."):
        parameters = found.attempt(
            keys,
            lambda: list(
                aws.pages(
                    "rds",
                    "DescribeDBParameters",
                    "Parameters",
                    about=f"parameter group `{group}`",
                    DBParameterGroupName=group,
                )
            ),
        )
        if parameters is None:
            return
        formula = next(
            (
                str(p.get("ParameterValue") or "")
                for p in parameters
                if p.get("ParameterName") == "max_connections"
            ),
            "",
        )
    if not formula:
        found.put(database__max_connections=default_connections(memory))
        return
    limit = connections_of_formula(formula, class_memory(memory))
    if limit is None:
        found.miss(
            keys,
            f"parameter group `{group}` sets max_connections to `{formula}`, which we cannot read",
            "run `show max_connections` in the database and give it with --set",
        )
        return
    found.put(database__max_connections=limit)

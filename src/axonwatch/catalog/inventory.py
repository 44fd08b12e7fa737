"""`inventory.json`: read, written, and the limits that thresholds may refer to.

Discovery (`live.discover`) makes the value; this module alone knows the file's form.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from axonwatch.catalog.json_source import parse_json
from axonwatch.catalog.nodes import Node, plain
from axonwatch.catalog.reading import read_text, refuse
from axonwatch.catalog.schema_check import check_schema
from axonwatch.diagnostics import Diagnostic, InvalidInput
from axonwatch.model.inventory import Database, Inventory, LoadBalancer, Service

SCHEMA = "inventory"
MIB = 1_048_576
REMEDY = "run `axonwatch init --stack NAME`, or correct the value by hand"

# Every limit, and what it is: the documentation and the did-you-mean of thresholds.
LIMITS: Mapping[str, str] = {
    "max_connections": "connections that the database takes",
    "memory": "bytes of memory of the database, or of one task",
    "storage": "bytes of allocated storage",
    "iops": "operations a second that the storage gives",
    "throughput": "bytes a second that the storage gives",
    "ebs_iops": "operations a second that the instance class sustains",
    "ebs_throughput": "bytes a second that the instance class sustains",
    "vcpus": "vCPUs of the database, or of one task",
    "desired_count": "tasks that the service should run",
    "max_count": "tasks that auto scaling may start",
    "min_count": "tasks that auto scaling keeps",
    "monthly_requests": "requests a month that the tier allows",
}


def read_inventory(path: Path, *, root: Path | None = None) -> Inventory:
    """The inventory of a file. Raises InvalidInput with every finding."""
    if not path.exists():
        title = f"there is no inventory `{path.name}`"
        cure = "run `axonwatch init --stack NAME` to write it from the deployed main stack"
        raise InvalidInput([refuse("missing-inventory", title, None, help=cure)])
    node, findings = parse_json(read_text(path, root=root))
    if node is None or findings:
        raise InvalidInput(findings)
    return inventory_of(node)


def inventory_of(node: Node) -> Inventory:
    """The inventory that a tree holds. Raises InvalidInput with every finding."""
    findings: list[Diagnostic] = check_schema(SCHEMA, node)
    if findings:
        raise InvalidInput(findings)
    data: Any = plain(node)
    return Inventory(
        stack_name=data["stack_name"],
        region=data["region"],
        cluster=data["cluster"],
        services=tuple(Service(**one) for one in data["services"]),
        load_balancer=LoadBalancer(**data["load_balancer"]),
        database=Database(**data["database"]),
        tier=data["tier"],
        monthly_requests=data["monthly_requests"],
        container_insights=data["container_insights"],
        partition=data.get("partition", "aws"),
        account_check=data.get("account_check", ""),
        discovered_at=data.get("discovered_at", ""),
        given_by_hand=tuple(data.get("given_by_hand", ())),
    )


def write_inventory(path: Path, inventory: Inventory) -> None:
    """Write the file, whole or not at all."""
    text = json.dumps(asdict(inventory), indent=2, ensure_ascii=False) + "\n"
    write_atomically(path, text)


def write_atomically(path: Path, text: str) -> None:
    """Replace a file's content in one step; the old content stays if anything fails."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def limits_of(inventory: Inventory, component: str) -> Mapping[str, float]:
    """The limits of a component (`agent`, `database`, `load_balancer`, ...), by name.

    Limits that exist once in a main stack (those of the database, the monthly requests) may be
    named from `service` too. Empty for a component that has none.
    """
    database = inventory.database
    of_database: dict[str, float] = {
        "max_connections": database.max_connections,
        "memory": database.memory,
        "storage": database.allocated_storage,
        "iops": database.iops,
        "throughput": database.throughput,
        "ebs_iops": database.ebs_baseline_iops,
        "ebs_throughput": database.ebs_baseline_throughput,
        "vcpus": database.vcpus,
    }
    requests: dict[str, float] = {}
    if inventory.monthly_requests is not None:
        requests["monthly_requests"] = inventory.monthly_requests
    if component == "database":
        return of_database
    if component == "load_balancer":
        return {**requests, **_counts(inventory, "agent")}
    if component == "service":
        return {**of_database, **requests}
    of_task = _counts(inventory, component)
    return {**of_task, **requests} if of_task else {}


def _counts(inventory: Inventory, component: str) -> dict[str, float]:
    try:
        service = inventory.service(component)
    except KeyError:
        return {}
    counts: dict[str, float] = {
        "desired_count": service.desired,
        "min_count": service.minimum,
        "max_count": service.maximum,
    }
    if component != "load_balancer":
        counts |= {"memory": service.memory_mib * MIB, "vcpus": service.cpu_units / 1024}
    return counts

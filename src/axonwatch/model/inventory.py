"""What discovery found of the main stack, and the limits that thresholds may refer to.

`live.discover` makes one, `catalog.inventory` reads and writes the file; the rest only reads.
No account id is kept: `account_check` is a salted digest that tells another account from the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Service:
    """One ECS service of the main stack."""

    component: str
    name: str
    desired: int
    minimum: int
    maximum: int
    cpu_units: int
    memory_mib: int
    log_group: str
    log_retention_days: int | None
    container: str = ""
    log_stream_prefix: str = ""


@dataclass(frozen=True)
class LoadBalancer:
    """The internal ALB. Full names are the dimension values: `app/<name>/<16 hex>`."""

    name: str
    full_name: str
    target_group_full_name: str
    certificate_id: str | None = None


@dataclass(frozen=True)
class Database:
    """The RDS instance. Sizes in bytes, throughput in bytes a second."""

    identifier: str
    resource_id: str | None
    instance_class: str
    engine: str
    engine_version: str
    allocated_storage: int
    iops: int
    throughput: int
    multi_az: bool
    max_connections: int
    memory: int
    vcpus: int
    ebs_baseline_iops: int
    ebs_baseline_throughput: int
    burstable: bool
    backup_window: str
    maintenance_window: str
    log_group: str | None = None


@dataclass(frozen=True)
class Inventory:
    """The main stack as it is; `tier` is Pilot, Growth or Enterprise."""

    stack_name: str
    region: str
    cluster: str
    services: tuple[Service, ...]
    load_balancer: LoadBalancer
    database: Database
    tier: str
    monthly_requests: int | None
    container_insights: bool
    partition: str = "aws"
    account_check: str = ""
    discovered_at: str = ""
    given_by_hand: tuple[str, ...] = field(default=())

    def service(self, component: str) -> Service:
        """The service of a component (`agent`, `orchestrator`). Raises KeyError."""
        for service in self.services:
            if service.component == component:
                return service
        raise KeyError(component)

"""`axonwatch init`: a deployed main stack becomes an inventory.

From the stack's outputs and resources, never from a match of names. What cannot be found is told
all at once, each with the call that was refused and the way round it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from importlib import resources
from typing import Any

from axonwatch.live.accounts import make_account_check
from axonwatch.live.clients import Calls
from axonwatch.live.discovery.by_hand import COMPONENTS
from axonwatch.live.discovery.database import find_database
from axonwatch.live.discovery.found import Found, Value
from axonwatch.live.discovery.load_balancer import find_load_balancer
from axonwatch.live.discovery.services import find_cluster, find_scaling, find_services
from axonwatch.live.discovery.stack import Stack, read_stack
from axonwatch.model.inventory import Database, Inventory, LoadBalancer, Service


@dataclass(frozen=True)
class Discovery:
    """An inventory, and what the user should know of it."""

    inventory: Inventory
    notes: tuple[str, ...]


def discover(
    aws: Calls,
    stack_name: str,
    by_hand: Mapping[str, Value] | None = None,
    *,
    now: datetime | None = None,
) -> Discovery:
    """The inventory of a deployed main stack.

    Raises CouldNotRun if there is no such stack, DiscoveryIncomplete with every gap, and what
    `Calls` raises when no call can succeed.
    """
    account = aws.identity.account
    found = Found(dict(by_hand or {}))
    stack = read_stack(aws, stack_name)
    if stack.is_changing:
        found.notes.append(
            f"stack `{stack_name}` is {stack.status}: what was read may be half old and half new; "
            "run `axonwatch init` again when it is complete"
        )
    find_cluster(aws, stack, found)
    services = find_services(aws, stack, found)
    find_scaling(aws, found)
    find_load_balancer(aws, stack, found, services)
    find_database(aws, stack, found)
    _find_retention(aws, found)
    _find_tier(stack, found)
    _take_all_else(found)
    found.complete(stack_name)
    stamp = (now or datetime.now(UTC)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    inventory = Inventory(
        stack_name=stack_name,
        region=aws.region,
        partition=aws.partition,
        cluster=found.text("cluster"),
        services=tuple(
            Service(component=component, **_part(found, component, Service))
            for component in COMPONENTS
        ),
        load_balancer=LoadBalancer(**_part(found, "load_balancer", LoadBalancer)),
        database=Database(**_part(found, "database", Database)),
        tier=found.text("tier"),
        monthly_requests=_number(found.values["monthly_requests"]),
        container_insights=bool(found.values["container_insights"]),
        account_check=make_account_check(account),
        discovered_at=stamp,
        given_by_hand=tuple(sorted(found.by_hand)),
    )
    return Discovery(inventory, tuple(found.notes))


def _part(found: Found, part: str, kind: type) -> dict[str, Any]:
    """The values of one dataclass of the inventory."""
    return {
        one.name: found.values[f"{part}.{one.name}"]
        for one in fields(kind)
        if f"{part}.{one.name}" in found.values
    }


def _number(value: Value) -> int | None:
    return None if value is None else int(value)


def _find_retention(aws: Calls, found: Found) -> None:
    """How long each log group keeps its events; also the proof that it exists."""
    for component in COMPONENTS:
        keys = (f"{component}.log_retention_days",)
        name = found.text(f"{component}.log_group")
        if not found.needs(*keys) or not name:
            continue
        groups = found.attempt(
            keys,
            lambda name=name: list(  # type: ignore[misc]
                aws.pages(
                    "logs",
                    "DescribeLogGroups",
                    "logGroups",
                    about=f"log group `{name}`",
                    logGroupNamePrefix=name,
                )
            ),
        )
        if groups is None:
            continue
        # The prefix `/ecs/axonflow-prod/agent` finds `/ecs/axonflow-prod/agent-old` too.
        exact = [group for group in groups if group["logGroupName"] == name]
        if not exact:
            found.miss(
                keys,
                f"logs:DescribeLogGroups knows no `{name}`",
                "ECS makes it with the first task: start one, or give --set "
                f"{component}.log_retention_days=30",
            )
            continue
        days = exact[0].get("retentionInDays")
        found.keep(component, {"log_retention_days": None if days is None else int(days)})


def _find_tier(stack: Stack, found: Found) -> None:
    """The pricing tier and its quota: output, environment, parameter."""
    tiers: dict[str, Any] = json.loads(
        (resources.files("axonwatch.catalog") / "data" / "tiers.json").read_text("utf-8")
    )["tiers"]
    by_parameter = next((v for k, v in stack.parameters.items() if "tier" in k.lower()), "")
    stated = (
        found.text("tier")
        or stack.output("PricingTierDeployed")
        or found.text("environment.TIER")
        or by_parameter
    )
    known = {name.lower(): name for name in tiers}
    tier = known.get(stated.lower())
    if tier is None:
        found.values.pop("tier", None)
        found.miss(
            ("tier",),
            f"the tier `{stated}` is none of {', '.join(tiers)}"
            if stated
            else "no output PricingTierDeployed, no variable TIER, no parameter of that name",
            "give it: --set tier=Growth",
        )
        found.values.setdefault("monthly_requests", None)
        return
    found.values["tier"] = tier
    if found.needs("monthly_requests"):
        quota = found.text("environment.MAX_REQUESTS").replace(",", "").replace("_", "")
        stated_quota = int(quota) if quota.isdigit() and int(quota) > 0 else None
        found.put(monthly_requests=stated_quota or tiers[tier]["monthly_requests"])


def _take_all_else(found: Found) -> None:
    """Whatever is required, not found, and not yet told as missing: our last line of defence."""
    told = {key for gap in found.gaps for key in gap.keys}
    required = [
        *("cluster", "container_insights", "tier", "monthly_requests"),
        *(f"{c}.{f.name}" for c in COMPONENTS for f in fields(Service) if f.name != "component"),
        *(f"load_balancer.{f.name}" for f in fields(LoadBalancer)),
        *(f"database.{f.name}" for f in fields(Database)),
    ]
    missing = tuple(key for key in required if key not in found.values and key not in told)
    if missing and not found.gaps:
        found.miss(missing, "nothing that was read says it", "give it by hand with --set")

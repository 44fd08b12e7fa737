"""Whether the inventory is still true: a new instance class moves all thresholds it gives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from axonwatch.live.clients import Calls
from axonwatch.live.discover import discover
from axonwatch.live.discovery.found import DiscoveryIncomplete, Value
from axonwatch.live.discovery.stack import NoMainStack
from axonwatch.live.verification.result import Result, Verdict, fault, fine
from axonwatch.model.inventory import Inventory

MATTER = "inventory"
# What a service scales by itself, and what is no fact of the main stack.
MOVING = frozenset({"desired", "account_check", "discovered_at", "given_by_hand"})


def verify_inventory(aws: Calls, inventory: Inventory) -> Iterator[Result]:
    """What differs between the inventory and the main stack as it is now."""
    cure = f"run: axonwatch init --stack {inventory.stack_name}, then: axonwatch deploy"
    try:
        now = discover(aws, inventory.stack_name, _by_hand(inventory)).inventory
    except DiscoveryIncomplete as incomplete:
        for gap in incomplete.gaps:
            subject = ", ".join(gap.keys[:3]) + (" ..." if len(gap.keys) > 3 else "")
            yield Result(MATTER, subject, Verdict.UNKNOWN, gap.why, "not-discovered", gap.fix)
        return
    except NoMainStack as gone:
        # The other matters are still to be told: pages, alarms and logs do not need it.
        yield fault(MATTER, inventory.stack_name, "no-main-stack", gone.message, gone.help)
        return
    different = list(differences(asdict(inventory), asdict(now)))
    for name, before, after in different:
        yield fault(MATTER, name, "stale-inventory", f"was {before}, is {after}", cure)
    if not different:
        yield fine(MATTER, inventory.stack_name, "as it was discovered")


def _by_hand(inventory: Inventory) -> dict[str, Value]:
    """The values that the user gave: they are not for discovery to contradict."""
    found: dict[str, Value] = {}
    whole = asdict(inventory)
    services = {one["component"]: one for one in whole["services"]}
    for key in inventory.given_by_hand:
        part, _, name = key.rpartition(".")
        holder: Mapping[str, Any] = whole if not part else services.get(part) or whole.get(part, {})
        if name in holder:
            found[key] = holder[name]
    return found


def differences(
    before: Mapping[str, Any], after: Mapping[str, Any], path: str = ""
) -> Iterator[tuple[str, Any, Any]]:
    """(name, before, after) of every value that differs and should not."""
    for key, value in after.items():
        old = before.get(key)
        if key in MOVING or value == old:
            continue
        if isinstance(value, Mapping) and isinstance(old, Mapping):
            yield from differences(old, value, f"{path}{key}.")
        elif key == "services" and isinstance(old, tuple | list):
            olds = {one["component"]: one for one in old}
            for one in value:
                component = one["component"]
                yield from differences(olds.get(component, {}), one, f"{component}.")
        else:
            yield f"{path}{key}", old, value

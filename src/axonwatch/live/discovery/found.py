"""What discovery has found so far: values by key, what is missing and why, what to mention.

A call that is denied does not end the run: its values become a gap, and all gaps are told at once.
Whatever was given by hand wins, and saves the call.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from axonwatch.errors import CallDenied, CouldNotRun
from axonwatch.live.faults import NotFound, Refused, Throttled

T = TypeVar("T")
Value = str | int | bool | None


@dataclass(frozen=True)
class Gap:
    """Values that could not be found: which, why, and what to do."""

    keys: tuple[str, ...]
    why: str
    fix: str


class DiscoveryIncomplete(CouldNotRun):
    """The main stack is there, but not all of it could be read. `gaps` is never empty."""

    def __init__(self, stack: str, gaps: tuple[Gap, ...]) -> None:
        missing = sum(len(gap.keys) for gap in gaps)
        lines = [f"{missing} value{'s' * (missing != 1)} of `{stack}` could not be discovered"]
        for gap in gaps:
            lines += [f"  {', '.join(gap.keys)}", f"      {gap.why}", f"      {gap.fix}"]
        super().__init__(
            "\n".join(lines),
            help="any value may be given by hand, as in: --set " + example(gaps[0].keys[0]),
        )
        self.gaps = gaps


@dataclass
class Found:
    """The values of one discovery. Keys are `part.field`, as `--set` takes them."""

    by_hand: Mapping[str, Value]
    values: dict[str, Value] = field(default_factory=dict)
    gaps: list[Gap] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """What was given by hand is there from the start."""
        self.values.update(self.by_hand)

    def needs(self, *keys: str) -> bool:
        """Whether any of `keys` was not given by hand."""
        return any(key not in self.by_hand for key in keys)

    def put(self, **values: Value) -> None:
        """Keep values that were found, unless they were given by hand; `__` stands for a dot."""
        for name, value in values.items():
            self.values.setdefault(name.replace("__", "."), value)

    def keep(self, part: str, values: Mapping[str, Value]) -> None:
        """Keep the values of a part of the main stack."""
        for name, value in values.items():
            self.values.setdefault(f"{part}.{name}", value)

    def text(self, key: str) -> str:
        """The value of `key` as text; empty if it is not known."""
        value = self.values.get(key)
        return "" if value is None else str(value)

    def miss(self, keys: tuple[str, ...], why: str, fix: str) -> None:
        """Record that `keys` were not found; those given by hand are not missing."""
        open_keys = tuple(key for key in keys if key not in self.values)
        if open_keys:
            self.gaps.append(Gap(open_keys, why, fix))

    def attempt(self, keys: tuple[str, ...], look: Callable[[], T]) -> T | None:
        """What `look` gives; if AWS refuses, a gap of `keys` and None.

        Lost credentials, throttling and a broken network end the run: they would be the cause of
        every gap that follows.
        """
        try:
            return look()
        except CallDenied as denied:
            fix = denied.help.partition(";")[0]
            self.miss(keys, denied.message, fix)
        except Throttled:
            raise
        except NotFound as absent:
            self.miss(keys, absent.message, "was it deleted, or is the stack half updated?")
        except Refused as refused:
            self.miss(keys, refused.message, refused.help or "see AWS's message")
        return None

    def complete(self, stack: str) -> None:
        """Raise DiscoveryIncomplete if anything is missing."""
        if self.gaps:
            raise DiscoveryIncomplete(stack, tuple(self.gaps))


EXAMPLES: Mapping[str, str] = {
    "full_name": "app/axonflow-prod-alb/50dc6c495c0c9188",
    "target_group_full_name": "targetgroup/axonflow-prod-agent/73e2d6bc24d8a067",
    "identifier": "axonflow-prod-db",
    "instance_class": "db.t3.medium",
    "max_connections": "405",
    "desired": "5",
    "log_group": "/ecs/axonflow-prod/agent",
    "log_retention_days": "30",
    "cluster": "axonflow-prod-cluster",
    "tier": "Growth",
    "monthly_requests": "500000",
    "container_insights": "true",
}


def example(key: str) -> str:
    """How `key` is given by hand."""
    return f"{key}={EXAMPLES.get(key.rpartition('.')[2], 'VALUE')}"

"""The metric catalogue: what AWS publishes, of which unit, how often, when not.

Data in `data/metrics.json` (see its `about`); this module answers questions about it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources
from typing import Any

from axonwatch.model.alarms import Severity
from axonwatch.model.inventory import Inventory
from axonwatch.model.metrics import Dimension, Metric
from axonwatch.model.stack import Names

BASIC_STATISTICS = ("Average", "Sum", "Minimum", "Maximum", "SampleCount")
_PERCENTILE = re.compile(r"[pP](\d{1,2}(\.\d{1,10})?|100)")
_TRIMMED = re.compile(r"(tm|tc|ts|wm)(\d{1,2}(\.\d{1,10})?|100)", re.IGNORECASE)
_RANGE = re.compile(r"(TM|TC|TS|WM|PR)\([0-9.]*%?:[0-9.]*%?\)", re.IGNORECASE)


@dataclass(frozen=True)
class MetricFacts:
    """What the catalogue knows of one metric. `key` is the word that definitions use for it."""

    key: str
    namespace: str
    name: str
    dimensions: Mapping[str, str]
    unit: str
    statistics: tuple[str, ...]
    lowest: float | None
    highest: float | None
    interval: int
    absent_when: str | None
    description: str
    needs: str | None = None

    def takes(self, statistic: str) -> bool:
        """Whether a statistic means something for this metric."""
        if statistic in self.statistics:
            return True
        family = statistic_family(statistic)
        return family is not None and f"{family}*" in self.statistics


def statistic_family(statistic: str) -> str | None:
    """`p` of `p99`, `tm` of `tm(10%:90%)`; None for what is no extended statistic."""
    if _PERCENTILE.fullmatch(statistic):
        return "p"
    if statistic.lower() == "iqm":
        return "iqm"
    match = _TRIMMED.fullmatch(statistic) or _RANGE.fullmatch(statistic)
    return match[1].lower() if match else None


def is_statistic(statistic: str) -> bool:
    """Whether CloudWatch has such a statistic."""
    return statistic in BASIC_STATISTICS or statistic_family(statistic) is not None


class Catalogue:
    """All metrics of the catalogue."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._components: Mapping[str, Any] = data["components"]
        self._sources: Mapping[str, Any] = data["sources"]

    @cached_property
    def by_component(self) -> Mapping[str, Mapping[str, MetricFacts]]:
        """The metrics of each component by their keys."""
        return {
            component: {
                facts.key: facts for source in about["sources"] for facts in self._facts(source)
            }
            for component, about in self._components.items()
        }

    @cached_property
    def by_name(self) -> Mapping[tuple[str, str], MetricFacts]:
        """(namespace, CloudWatch name) -> metric, whatever its component."""
        return {
            (facts.namespace, facts.name): facts
            for source in self._sources
            for facts in self._facts(source)
        }

    @cached_property
    def namespaces(self) -> frozenset[str]:
        """The namespaces that the catalogue knows."""
        return frozenset(source["namespace"] for source in self._sources.values())

    @property
    def components(self) -> tuple[str, ...]:
        """The parts of a main stack."""
        return tuple(self._components)

    def metrics(self, component: str) -> Mapping[str, MetricFacts]:
        """The metrics of a component, by key; empty for an unknown component."""
        return self.by_component.get(component, {})

    def _facts(self, source: str) -> Iterable[MetricFacts]:
        about = self._sources[source]
        for key, one in about["metrics"].items():
            lowest, highest = one["range"]
            yield MetricFacts(
                key=key,
                namespace=about["namespace"],
                name=one.get("name", key),
                dimensions=about["dimensions"],
                unit=one["unit"],
                statistics=tuple(one["statistics"]),
                lowest=lowest,
                highest=highest,
                interval=one.get("interval_seconds", about["interval_seconds"]),
                absent_when=one.get("absent_when"),
                description=one.get("description", ""),
                needs=one.get("needs", about.get("needs")),
            )


@cache
def load_catalogue() -> Catalogue:
    """The catalogue that comes with axonwatch."""
    path = resources.files("axonwatch.catalog") / "data" / "metrics.json"
    return Catalogue(json.loads(path.read_text(encoding="utf-8")))


def dimension_value(word: str, component: str, inventory: Inventory, names: Names) -> str | None:
    """The value that a dimension's word stands for; None if the inventory does not have it."""
    match word:
        case "cluster":
            return inventory.cluster
        case "service" | "log_group":
            service = next((one for one in inventory.services if one.component == component), None)
            if service is None:
                return None
            return service.name if word == "service" else service.log_group
        case "load_balancer":
            return inventory.load_balancer.full_name
        case "target_group":
            return inventory.load_balancer.target_group_full_name
        case "certificate":
            return inventory.load_balancer.certificate_id
        case "database":
            return inventory.database.identifier
        case "page_topic":
            return names.topic(Severity.PAGE)
        case "ticket_topic":
            return names.topic(Severity.TICKET)
        case "page_dead_letters":
            return names.dead_letters(Severity.PAGE)
        case "ticket_dead_letters":
            return names.dead_letters(Severity.TICKET)
        case _:
            return None


def resolve_metric(
    facts: MetricFacts, component: str, inventory: Inventory, names: Names
) -> Metric | str:
    """The metric with its dimensions; or, as text, what the main stack lacks for it."""
    if facts.needs and not getattr(inventory, facts.needs, True):
        return f"the main stack has no {facts.needs.replace('_', ' ')}"
    dimensions = []
    for name, word in facts.dimensions.items():
        value = dimension_value(word, component, inventory, names)
        if value is None:
            return f"the inventory has no {word.replace('_', ' ')}"
        dimensions.append(Dimension(name, value))
    return Metric(facts.namespace, facts.name, tuple(dimensions))

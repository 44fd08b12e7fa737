"""Metric filters: `filters` of alarms/*.yaml."""

from __future__ import annotations

from collections.abc import Iterable

from axonwatch.catalog.definitions.bench import Bench, Entity, places, text
from axonwatch.catalog.definitions.metric_queries import defined_twice
from axonwatch.catalog.nodes import MapNode, ScalarNode
from axonwatch.catalog.subject import Subject, texts_of
from axonwatch.model.alarms import MetricFilter

WORDS = {
    "pattern": "pattern",
    "log_group": "log_group",
    "value": "value",
    "default": "default",
    "unit": "unit",
    "dimensions": "dimensions",
}


def build_filters(bench: Bench, entities: Iterable[Entity]) -> list[Subject[MetricFilter]]:
    """The metric filters; their keys are unique over all files."""
    built: dict[str, Subject[MetricFilter]] = {}
    for entity in entities:
        if entity.key in built:
            first = built[entity.key].origin
            defined_twice(bench, f"the metric filter `{entity.key}`", entity.origin, first)
            continue
        subject = _build(bench, entity)
        if subject is None:
            bench.broken_filters.add(entity.key)
        else:
            built[entity.key] = subject
    return list(built.values())


def _build(bench: Bench, entity: Entity) -> Subject[MetricFilter] | None:
    node = entity.node
    group = bench.log_group(text(node, "log_group"), node.value_span("log_group"))
    if group is None:
        return None
    default = node.get("default")
    dimensions = node.get("dimensions")
    pairs = (
        [(key, text(dimensions, key)) for key in dimensions.entries]
        if isinstance(dimensions, MapNode)
        else []
    )
    number = default.value if isinstance(default, ScalarNode) else None
    piece = MetricFilter(
        name=bench.names.metric_filter(entity.key),
        log_group=group,
        pattern=text(node, "pattern"),
        namespace=bench.names.metric_namespace,
        metric=entity.key,
        value=text(node, "value", "1"),
        default=float(number) if isinstance(number, int | float) else None,
        unit=text(node, "unit") or None,
        dimensions=tuple(pairs),
        origin=entity.origin,
    )
    return Subject(
        piece, entity.path, entity.origin, places(node, WORDS), WORDS, texts=texts_of(node, WORDS)
    )

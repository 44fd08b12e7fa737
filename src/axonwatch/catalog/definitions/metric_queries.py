"""Metrics that definitions name, as the model holds them: one metric, metric math, a filter's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from axonwatch.catalog.definitions.bench import Bench, period_of, text
from axonwatch.catalog.metrics import MetricFacts, is_statistic, resolve_metric
from axonwatch.catalog.nodes import Entry, MapNode, ScalarNode
from axonwatch.catalog.schema_check import nearest, suggest
from axonwatch.diagnostics import Label, Level, Span
from axonwatch.model.alarms import MetricFilter
from axonwatch.model.metrics import Metric, MetricQuery, MetricStat


@dataclass(frozen=True)
class Source:
    """A metric that was found, with what is known of it.

    `facts` is None for a filter's metric; `lost` says why the main stack cannot have the metric.
    """

    stat: MetricStat | None
    unit: str | None
    facts: MetricFacts | None = None
    lost: str = ""


Filters = Mapping[str, MetricFilter]


def find_facts(
    bench: Bench, component: str, name: ScalarNode, *, report: bool = True
) -> MetricFacts | None:
    """The catalogue's facts of a metric of a component, or a finding."""
    metrics = bench.metrics(component)
    if name.text in metrics:
        return metrics[name.text]
    if not report:
        return None
    same = next((key for key in metrics if key.lower() == name.text.lower()), None)
    if same:
        bench.error(
            "wrong-case-metric",
            f"`{name.text}` is not spelled as CloudWatch spells it",
            name.span,
            "names of metrics are case-sensitive: this one never has data",
            f"write `{same}`",
        )
        return None
    owner = next(
        (one for one in bench.catalogue.components if name.text in bench.catalogue.metrics(one)),
        None,
    )
    title = f"`{component}` has no metric `{name.text}`"
    if nearest(name.text, metrics) or not owner:
        cure = suggest(name.text, metrics) or "see docs/definitions.md for the metrics"
    else:
        cure = f"it is a metric of `{owner}`: add `component: {owner}`"
    bench.error("unknown-metric", title, name.span, help=cure)
    return None


def metric_source(
    bench: Bench, node: MapNode, component: str, filters: Filters, period: int
) -> Source | None:
    """What `metric:` or `filter:` of `node` reads; None if a finding says why not."""
    component = text(node, "component", component)
    period = period_of(bench, node, period)
    statistic = _statistic(bench, node)
    if statistic is None:
        return None
    unit = text(node, "unit") or None
    name = node.get("filter")
    if isinstance(name, ScalarNode):
        one = filters.get(name.text)
        if name.text in bench.broken_filters:
            return None  # its own finding says why
        if one is None:
            bench.unknown("unknown-filter", "metric filter", name.text, name.span, dict(filters))
            return None
        metric = Metric(one.namespace, one.metric)
        return Source(MetricStat(metric, statistic, period, unit), one.unit)
    name = node.get("metric")
    if not isinstance(name, ScalarNode):
        return None
    facts = find_facts(bench, component, name)
    if facts is None:
        return None
    if unit and unit != facts.unit:
        title = f"`{facts.name}` is published in {facts.unit}, not in {unit}"
        label = "no datapoint has this unit"
        bench.error("wrong-unit", title, node.value_span("unit"), label, "delete the line")
        return None
    resolved = resolve_metric(facts, component, bench.inventory, bench.names)
    if isinstance(resolved, str):
        return Source(None, facts.unit, facts, resolved)
    return Source(MetricStat(resolved, statistic, period, unit), facts.unit, facts)


def _statistic(bench: Bench, node: MapNode) -> str | None:
    value = node.get("statistic")
    if not isinstance(value, ScalarNode):
        above = node.key_span("metric" if "metric" in node else "filter")
        cure = "add `statistic: Average`, Sum, Minimum, Maximum, SampleCount, or p99 and its kin"
        bench.error("missing-key", "a metric has no `statistic`", above, help=cure)
        return None
    if not is_statistic(value.text):
        cure = suggest(value.text, ["Average", "Sum", "Minimum", "Maximum", "SampleCount"])
        title = f"`{value.text}` is not a statistic"
        bench.error("unknown-statistic", title, value.span, help=cure)
        return None
    return value.text


@dataclass(frozen=True)
class Math:
    """An expression's queries, the expression's own last; `lost` as in `Source`."""

    queries: tuple[MetricQuery, ...]
    periods: tuple[int, ...]
    lost: str = ""
    unit: str | None = None


def math_queries(
    bench: Bench,
    node: MapNode,
    component: str,
    filters: Filters,
    period: int,
    *,
    result_id: str = "result",
    label: str | None = None,
) -> Math | None:
    """The queries of `expression:` with its `metrics:`; None if a finding says why not."""
    metrics = node.get("metrics")
    entries: dict[str, Entry] = metrics.entries if isinstance(metrics, MapNode) else {}
    queries = []
    lost = ""
    broken = False
    for name, entry in entries.items():
        if not isinstance(entry.value, MapNode):
            continue
        source = metric_source(bench, entry.value, component, filters, period)
        if source is None:
            broken = True
        elif source.stat is None:
            lost = source.lost
        else:
            named = text(entry.value, "label") or None
            queries.append(MetricQuery(name, stat=source.stat, label=named, return_data=False))
    if broken:
        return None
    while result_id in entries:
        result_id += "_"
    expression = text(node, "expression").strip()
    own_period = None if queries else period
    result = MetricQuery(result_id, expression=expression, label=label, period=own_period)
    periods = tuple(one.stat.period for one in queries if one.stat)
    return Math((*queries, result), periods, lost)


def without_data(query: MetricQuery) -> MetricQuery:
    """The same query, hidden."""
    return replace(query, return_data=False)


def lost_piece(bench: Bench, what: str, why: str, span: Span) -> None:
    """Note what the companion cannot have, and why."""
    title = f"{what} is left out: {why}"
    cure = "give the main stack what is missing, or live without it"
    if "stack.yaml" in why:
        cure = "switch it on in stack.yaml, or live without it"
    bench.note("lost-alarm", title, span, "not deployed", cure, level=Level.INFO)


def defined_twice(bench: Bench, what: str, here: Span, first: Span) -> None:
    """Note a name that is given twice."""
    label = Label(first, "first defined here")
    cure = "rename one of the two, or delete it"
    bench.error(
        "duplicate-name", f"{what} is defined twice", here, "again here", cure, others=(label,)
    )

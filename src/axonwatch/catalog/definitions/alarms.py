"""Metric alarms of definitions: over one metric, metric math, a filter's metric, or a band."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from axonwatch.catalog.definitions.about import ABOUT_WORDS, tell
from axonwatch.catalog.definitions.bench import Bench, Entity, period_of, places, text
from axonwatch.catalog.definitions.metric_queries import (
    Filters,
    lost_piece,
    math_queries,
    metric_source,
)
from axonwatch.catalog.inventory import limits_of
from axonwatch.catalog.nodes import MapNode, ScalarNode
from axonwatch.catalog.subject import Subject, texts_of
from axonwatch.catalog.thresholds import Condition, human, parse_condition
from axonwatch.diagnostics import Span
from axonwatch.durations import format_duration, parse_duration
from axonwatch.model.alarms import Alarm, MetricAlarm, Missing, WarmUp
from axonwatch.model.metrics import MetricQuery, MetricStat
from axonwatch.model.notifications import Notifications
from axonwatch.syntax.text import SyntaxFault

METRIC_WORDS: Mapping[str, str] = {
    **ABOUT_WORDS,
    "metric": "metric",
    "statistic": "statistic",
    "period": "period",
    "unit": "unit",
    "expression": "expression",
    "threshold": "when",
    "comparison": "when",
    "window": "for",
    "datapoints": "for",
    "missing": "missing",
    "low_samples": "low_samples",
    "warm_up": "warm_up",
    "wall_clock": "wall_clock",
    "query": "log_query",
}
_MISSING = {"not_breaching": Missing.NOT_BREACHING}
_FOR = re.compile(r"(\d+) of (\d+)")
MAX_N = 10_080


@dataclass(frozen=True)
class Judged:
    """`when`, `for` and `missing`, read."""

    condition: Condition
    needed: int
    window: int
    missing: Missing


def judge(bench: Bench, entity: Entity, unit: str | None) -> Judged | None:
    """What `when`, `for` and `missing` say; None if a finding says why not."""
    node = entity.node
    when = node.get("when")
    if not isinstance(when, ScalarNode):
        return None
    try:
        limits = limits_of(bench.inventory, entity.component)
        condition = parse_condition(when.text, unit=unit, limits=limits)
    except SyntaxFault as fault:
        span = when.span_of(fault.span.start, fault.span.end)
        bench.error(fault.code, fault.title, span, fault.label, fault.help)
        return None
    match = _FOR.fullmatch(text(node, "for"))
    needed, window = (int(match[1]), int(match[2])) if match else (1, 1)
    if not 0 < window <= MAX_N or needed < 1:
        title = f"`for: {needed} of {window}` is not a number of datapoints"
        bench.error("bad-value", title, node.value_span("for"), help="for example `3 of 5`")
        return None
    written = text(node, "missing")
    return Judged(condition, needed, window, _MISSING.get(written) or Missing(written))


def build_metric_alarm(
    bench: Bench, entity: Entity, notifications: Notifications, filters: Filters
) -> Subject[Alarm] | None:
    """The alarm, or None if it cannot be made: findings say why."""
    node = entity.node
    period = period_of(bench, node)
    unit: str | None = None
    stat: MetricStat | None = None
    queries: tuple[MetricQuery, ...] = ()
    if "expression" in node:
        math = math_queries(bench, node, entity.component, filters, period)
        if math is None:
            return None
        queries, lost = math.queries, math.lost
        period = max((*math.periods, 0)) or period
    else:
        source = metric_source(bench, node, entity.component, filters, period)
        if source is None:
            return None
        stat, unit, lost = source.stat, source.unit, source.lost
    judged = judge(bench, entity, unit)
    if judged is None:
        return None
    if lost:
        lost_piece(bench, f"`{entity.path}`", lost, entity.origin)
        return None
    values = placeholders(judged, unit, period)
    shape = _shape(judged, period)
    told = tell(bench, entity, notifications, values, shape)
    band = judged.condition.band
    if band is not None:
        if stat is not None:
            queries = (MetricQuery("m1", stat=stat),)
            stat = None
        subject_id = queries[-1].id
        expression = f"ANOMALY_DETECTION_BAND({subject_id}, {band:g})"
        queries = (*queries, MetricQuery("band", expression=expression, label="band"))
    piece = MetricAlarm(
        name=bench.names.alarm(entity.component, entity.key),
        description=told.description,
        actions=told.actions,
        about=told.about,
        origin=entity.origin,
        comparison=judged.condition.comparison,
        evaluation_periods=judged.window,
        threshold=judged.condition.threshold,
        threshold_query="band" if band is not None else None,
        datapoints_to_alarm=judged.needed,
        missing=judged.missing,
        stat=stat,
        queries=queries,
        ignore_low_samples=text(node, "low_samples") == "ignore",
        wall_clock=text(node, "wall_clock") or None,
        warm_up=_warm_up(bench, entity),
    )
    where = {**places(node, METRIC_WORDS), **math_places(node)}
    return Subject(
        piece, entity.path, entity.origin, where, METRIC_WORDS, texts=texts_of(node, METRIC_WORDS)
    )


def math_places(node: MapNode) -> dict[str, Span]:
    """Where each metric of an expression stands: `metric ID`, `statistic ID`, `period ID`."""
    metrics = node.get("metrics")
    found: dict[str, Span] = {}
    if "filter" in node:
        found["metric"] = node.value_span("filter")
    if not isinstance(metrics, MapNode):
        return found
    for name, entry in metrics.items():
        found[f"id {name}"] = entry.key.span
        if isinstance(entry.value, MapNode):
            for fact in ("metric", "statistic", "period"):
                if fact in entry.value:
                    found[f"{fact} {name}"] = entry.value.value_span(fact)
    return found


def _warm_up(bench: Bench, entity: Entity) -> WarmUp | None:
    if "warm_up" not in entity.node:
        return None
    if not bench.features.warm_up:
        why = "warm-ups are switched off in stack.yaml"
        lost_piece(bench, f"the warm-up of `{entity.path}`", why, entity.node.key_span("warm_up"))
        return None
    return WarmUp(max(parse_duration(text(entity.node, "warm_up")) // 60, 1))


def placeholders(judged: Judged, unit: str | None, period: int) -> dict[str, str]:
    """What the summary's placeholders stand for.

    `{threshold}`, and `{limit}` which says the same, is the number at which the alarm breaches;
    `{capacity}` the whole limit that it is a share of, `{percent}` the share.
    """
    condition = judged.condition
    values = {"minutes": f"{judged.window * period / 60:g}"}
    if condition.threshold is not None:
        number = condition.threshold
        whole = number if condition.share is None else _settled(condition)
        values["threshold"] = values["limit"] = human(whole, unit)
    if condition.share is not None and condition.capacity is not None:
        values["percent"] = f"{condition.share * 100:g} %"
        values["capacity"] = human(condition.capacity, "Bytes" if _in_bytes(unit) else unit)
    elif unit == "Percent" and condition.threshold is not None:
        values["percent"] = f"{condition.threshold:g} %"
    if condition.band is not None:
        values["threshold"] = values["limit"] = f"{condition.band:g} deviations"
    return values


def _in_bytes(unit: str | None) -> bool:
    return unit in {"Bytes", "Kilobytes", "Megabytes", "Gigabytes"}


def _settled(condition: Condition) -> float:
    """A share of a whole number of things is said as a whole number, on the breaching side."""
    value = condition.threshold or 0.0
    if value == int(value) or (condition.capacity or 0) < 10:
        return value
    upwards = condition.comparison.value.startswith("Greater")
    return float(-(-value // 1)) if upwards else float(value // 1)


def _shape(judged: Judged, period: int) -> str:
    each = "minutes" if period == 60 else f"periods of {format_duration(period)}"
    return f"{judged.needed} of {judged.window} {each}"

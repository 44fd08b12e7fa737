"""Alarms, metric filters and mute rules of a template, as the model holds them.

What the template does not tell is noted in the subject's `unknown`; the model's field then holds
something harmless. An alarm with unknown facts is shown to checks, and not to the evaluator.
"""

from __future__ import annotations

from axonwatch.catalog.cloudformation.reader import Reader
from axonwatch.catalog.cloudformation.resource import Resource
from axonwatch.catalog.cloudformation.values import (
    Unknown,
    Value,
    boolean,
    is_symbolic,
    items,
    whole,
)
from axonwatch.catalog.nodes import MapNode
from axonwatch.catalog.subject import Subject
from axonwatch.model.alarms import (
    Alarm,
    Comparison,
    CompositeAlarm,
    MetricAlarm,
    Missing,
    WarmUp,
)
from axonwatch.model.metrics import Dimension, Metric, MetricQuery, MetricStat

METRIC_WORDS = {
    "name": "AlarmName",
    "description": "AlarmDescription",
    "metric": "MetricName",
    "namespace": "Namespace",
    "statistic": "Statistic",
    "period": "Period",
    "unit": "Unit",
    "dimensions": "Dimensions",
    "threshold": "Threshold",
    "comparison": "ComparisonOperator",
    "window": "EvaluationPeriods",
    "datapoints": "DatapointsToAlarm",
    "missing": "TreatMissingData",
    "low_samples": "EvaluateLowSampleCountPercentile",
    "expression": "Metrics",
    "actions": "AlarmActions",
    "rule": "AlarmRule",
    "suppressor": "ActionsSuppressor",
    "wait": "ActionsSuppressorWaitPeriod",
    "extension": "ActionsSuppressorExtensionPeriod",
}


def metric_stat(reader: Reader, value: Value, suffix: str = "") -> MetricStat | None:
    """A metric with its statistic, from `MetricStat` or from the alarm's own properties."""
    if not isinstance(value, dict):
        return None
    metric = value.get("Metric")
    metric = metric if isinstance(metric, dict) else {}
    dimensions = []
    for one in items(metric.get("Dimensions")):
        if not isinstance(one, dict) or isinstance(one.get("Value"), Unknown):
            reader.unknown.add(f"dimensions{suffix}")
            continue
        dimensions.append(Dimension(str(one.get("Name", "")), str(one.get("Value", ""))))
    facts = {}
    for fact, given in (
        ("metric", metric.get("MetricName")),
        ("namespace", metric.get("Namespace")),
        ("statistic", value.get("Stat")),
    ):
        if isinstance(given, Unknown) or (isinstance(given, str) and is_symbolic(given)):
            reader.unknown.add(f"{fact}{suffix}")
        facts[fact] = given if isinstance(given, str) else ""
    period = whole(value.get("Period"))
    if period is None:
        reader.unknown.add(f"period{suffix}")
    unit = value.get("Unit")
    return MetricStat(
        Metric(facts["namespace"], facts["metric"], tuple(dimensions)),
        facts["statistic"],
        period or 60,
        unit if isinstance(unit, str) else None,
    )


def read_metric_alarm(resource: Resource) -> Subject[Alarm]:
    """`AWS::CloudWatch::Alarm`."""
    reader = Reader(resource)
    queries: tuple[MetricQuery, ...] = ()
    stat = None
    if resource.node_of("Metrics") is not None:
        reader.raw("expression", "Metrics")
        queries = _queries(reader)
    elif resource.node_of("MetricName") is not None:
        statistic = reader.text("statistic", "Statistic")
        if not statistic:
            reader.places.pop("statistic", None)
            statistic = reader.text("statistic", "ExtendedStatistic")
        reader.raw("dimensions", "Dimensions")
        stat = metric_stat(
            reader,
            {
                "Metric": {
                    "Namespace": reader.text("namespace", "Namespace"),
                    "MetricName": reader.text("metric", "MetricName"),
                    "Dimensions": resource.get("Dimensions"),
                },
                "Stat": statistic,
                "Period": reader.raw("period", "Period"),
                "Unit": reader.text("unit", "Unit") or None,
            },
        )
    else:
        reader.unknown.add("source")
    comparison = reader.text("comparison", "ComparisonOperator")
    if comparison not in set(Comparison):
        reader.unknown.add("comparison")
        comparison = Comparison.GT
    window = reader.whole("window", "EvaluationPeriods")
    if window is None or window < 1:
        reader.unknown.add("window")
    threshold = reader.number("threshold", "Threshold")
    band = reader.text("threshold_query", "ThresholdMetricId") or None
    if threshold is None and band is None:
        reader.unknown.add("threshold")
    missing = reader.text("missing", "TreatMissingData", default=Missing.MISSING)
    low = reader.text("low_samples", "EvaluateLowSampleCountPercentile")
    warm = reader.whole("warm_up", "WarmUpConfiguration", "WarmUpPeriodDurationInMinutes")
    waits = reader.flag(
        "warm_up", "WarmUpConfiguration", "OnlyStartEvaluatingAfterWarmUpPeriodEnds"
    )
    zone = reader.text("wall_clock", "EvaluationWindow", "WallClockWindow", "Timezone")
    alarm = MetricAlarm(
        name=reader.name("AlarmName"),
        description=reader.text("description", "AlarmDescription"),
        actions=reader.actions(),
        origin=resource.origin,
        comparison=Comparison(comparison),
        evaluation_periods=max(window or 1, 1),
        threshold=threshold,
        threshold_query=band,
        datapoints_to_alarm=reader.whole("datapoints", "DatapointsToAlarm"),
        missing=Missing(missing) if missing in set(Missing) else Missing.MISSING,
        stat=stat,
        queries=queries,
        ignore_low_samples=low == "ignore",
        wall_clock=zone or None,
        warm_up=WarmUp(warm, wait_full_time=waits is True) if warm else None,
    )
    if missing not in set(Missing):
        reader.unknown.add("missing")
    return reader.subject(alarm, METRIC_WORDS)


_STAT_FACTS = ("metric", "namespace", "dimensions", "statistic", "period", "unit")


def _queries(reader: Reader) -> tuple[MetricQuery, ...]:
    resource = reader.resource
    value = resource.get("Metrics")
    if not isinstance(value, list):
        reader.unknown.add("source")
        return ()
    nodes = resource.item_nodes("Metrics")
    queries = []
    aligned = len(nodes) == len(value)
    for index, one in enumerate(value):
        if not isinstance(one, dict) or not isinstance(one.get("Id"), str):
            reader.unknown.add("source")
            continue
        name = str(one["Id"])
        node = nodes[index] if aligned else None
        _note_places(reader, name, node)
        before = resource.resolver.assumed
        if (
            node is None
            or resource.resolver.value(node) is None
            or (resource.resolver.assumed > before)
        ):
            reader.assumed |= {f"{fact} {name}" for fact in _STAT_FACTS}
        stat_value = one.get("MetricStat")
        expression = one.get("Expression")
        if isinstance(expression, Unknown) or isinstance(stat_value, Unknown):
            reader.unknown.add("source")
        returns = boolean(one.get("ReturnData"))
        label = one.get("Label")
        queries.append(
            MetricQuery(
                id=name,
                stat=metric_stat(reader, stat_value, f" {name}"),
                expression=expression if isinstance(expression, str) else None,
                label=label if isinstance(label, str) else None,
                period=whole(one.get("Period")),
                return_data=returns is not False,
                account_id=str(one["AccountId"]) if "AccountId" in one else None,
            )
        )
    return tuple(queries)


def _note_places(reader: Reader, name: str, node: object) -> None:
    if not isinstance(node, MapNode):
        return
    reader.places[f"id {name}"] = node.value_span("Id")
    if "Expression" in node:
        reader.places[f"expression {name}"] = node.value_span("Expression")
    stat = node.get("MetricStat")
    if not isinstance(stat, MapNode):
        return
    for fact, key in (("statistic", "Stat"), ("period", "Period"), ("unit", "Unit")):
        if key in stat:
            reader.places[f"{fact} {name}"] = stat.value_span(key)
    metric = stat.get("Metric")
    if isinstance(metric, MapNode):
        for fact, key in (
            ("metric", "MetricName"),
            ("namespace", "Namespace"),
            ("dimensions", "Dimensions"),
        ):
            if key in metric:
                reader.places[f"{fact} {name}"] = metric.value_span(key)


def read_composite_alarm(resource: Resource) -> Subject[Alarm]:
    """`AWS::CloudWatch::CompositeAlarm`."""
    reader = Reader(resource)
    return reader.subject(
        CompositeAlarm(
            name=reader.name("AlarmName"),
            description=reader.text("description", "AlarmDescription"),
            actions=reader.actions(),
            origin=resource.origin,
            rule=reader.text("rule", "AlarmRule"),
            suppressor=reader.text("suppressor", "ActionsSuppressor") or None,
            suppressor_wait=reader.whole("wait", "ActionsSuppressorWaitPeriod") or 0,
            suppressor_extension=reader.whole("extension", "ActionsSuppressorExtensionPeriod") or 0,
        ),
        METRIC_WORDS,
    )

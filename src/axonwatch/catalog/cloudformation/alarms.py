"""Alarms, metric filters and mute rules of a template, as the model holds them.

What the template does not tell is noted in the subject's `unknown`; the model's field then holds
something harmless. An alarm with unknown facts is shown to checks, and not to the evaluator.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from axonwatch.catalog.cloudformation.resource import Resource
from axonwatch.catalog.cloudformation.values import (
    Unknown,
    Value,
    boolean,
    is_symbolic,
    items,
    number,
    whole,
)
from axonwatch.catalog.nodes import MapNode
from axonwatch.catalog.subject import Subject
from axonwatch.diagnostics import Span
from axonwatch.model.alarms import (
    Actions,
    Alarm,
    Comparison,
    CompositeAlarm,
    LogAlarm,
    MetricAlarm,
    MetricFilter,
    Missing,
    MuteRule,
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
_DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?")
_RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")


class _Reader:
    """Properties of one resource, with a note of what is not known."""

    def __init__(self, resource: Resource) -> None:
        self.resource = resource
        self.unknown: set[str] = set()
        self.places: dict[str, Span] = {}

    def raw(self, fact: str, *path: str) -> Value:
        value = self.resource.get(*path)
        if self.resource.node_of(*path) is not None:
            self.places[fact] = self.resource.at(*path)
        if isinstance(value, Unknown):
            self.unknown.add(fact)
            return None
        return value

    def text(self, fact: str, *path: str, default: str = "") -> str:
        value = self.raw(fact, *path)
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            return default
        written = str(value)
        if is_symbolic(written):
            self.unknown.add(fact)
        return written

    def _typed(self, fact: str, path: tuple[str, ...], read: Callable[[Value], object]) -> Value:
        value = self.raw(fact, *path)
        result = read(value)
        if result is None and value is not None:
            self.unknown.add(fact)
        return result  # type: ignore[return-value]

    def number(self, fact: str, *path: str) -> float | None:
        value = self._typed(fact, path, number)
        return value if isinstance(value, float) else None

    def whole(self, fact: str, *path: str) -> int | None:
        value = self._typed(fact, path, whole)
        return value if isinstance(value, int) else None

    def flag(self, fact: str, *path: str) -> bool | None:
        value = self._typed(fact, path, boolean)
        return value if isinstance(value, bool) else None

    def actions(self) -> Actions:
        lists = {}
        for fact, key in (
            ("actions", "AlarmActions"),
            ("ok_actions", "OKActions"),
            ("insufficient_actions", "InsufficientDataActions"),
        ):
            self.raw(fact, key)
            lists[fact], complete = self.resource.texts(key)
            if not complete:
                self.unknown.add(fact)
        enabled = self.flag("actions_enabled", "ActionsEnabled")
        return Actions(
            tuple(lists["actions"]),
            tuple(lists["ok_actions"]),
            tuple(lists["insufficient_actions"]),
            enabled=enabled is not False,
        )

    def subject(self, piece: Alarm) -> Subject[Alarm]:
        return Subject(
            piece,
            self.resource.id,
            self.resource.origin,
            self.places,
            METRIC_WORDS,
            frozenset(self.unknown),
        )

    def name(self, *path: str) -> str:
        """The name; CloudFormation makes one of the logical id if none is given."""
        written = self.text("name", *path)
        return written or self.resource.id


def metric_stat(reader: _Reader, value: Value, suffix: str = "") -> MetricStat | None:
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
    reader = _Reader(resource)
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
        warm_up=WarmUp(warm) if warm else None,
    )
    if missing not in set(Missing):
        reader.unknown.add("missing")
    return reader.subject(alarm)


def _queries(reader: _Reader) -> tuple[MetricQuery, ...]:
    resource = reader.resource
    value = resource.get("Metrics")
    if not isinstance(value, list):
        reader.unknown.add("source")
        return ()
    nodes = resource.item_nodes("Metrics")
    queries = []
    for index, one in enumerate(value):
        if not isinstance(one, dict) or not isinstance(one.get("Id"), str):
            reader.unknown.add("source")
            continue
        name = str(one["Id"])
        node = nodes[index] if index < len(nodes) and len(nodes) == len(value) else None
        _note_places(reader, name, node)
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


def _note_places(reader: _Reader, name: str, node: object) -> None:
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
    reader = _Reader(resource)
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
        )
    )


def read_log_alarm(resource: Resource) -> Subject[Alarm]:
    """`AWS::CloudWatch::LogAlarm`."""
    reader = _Reader(resource)
    query = ("ScheduledQueryConfiguration",)
    groups, complete = resource.texts(*query, "LogGroupIdentifiers")
    if not complete:
        reader.unknown.add("log_groups")
    schedule = ("ScheduledQueryConfiguration", "ScheduleConfiguration")
    rate = _RATE.fullmatch(reader.text("schedule", *schedule, "ScheduleExpression"))
    every = int(rate[1]) * {"minute": 60, "hour": 3600, "day": 86400}[rate[2]] if rate else 300
    if not rate:
        reader.unknown.add("schedule")
    comparison = reader.text("comparison", "ComparisonOperator")
    if comparison not in set(Comparison):
        reader.unknown.add("comparison")
        comparison = Comparison.GT
    threshold = reader.number("threshold", "Threshold")
    if threshold is None:
        reader.unknown.add("threshold")
    window = reader.whole("window", "QueryResultsToEvaluate")
    needed = reader.whole("datapoints", "QueryResultsToAlarm")
    missing = reader.text("missing", "TreatMissingData", default=Missing.MISSING)
    return reader.subject(
        LogAlarm(
            name=reader.name("AlarmName"),
            description=reader.text("description", "AlarmDescription"),
            actions=reader.actions(),
            origin=resource.origin,
            query=reader.text("query", *query, "QueryString"),
            log_groups=tuple(groups),
            aggregation=reader.text("aggregation", *query, "AggregationExpression"),
            comparison=Comparison(comparison),
            threshold=threshold or 0.0,
            results_to_evaluate=window or 1,
            results_to_alarm=needed or window or 1,
            every=every,
            start_offset=reader.whole("start_offset", *schedule, "StartTimeOffset") or every,
            end_offset=reader.whole("end_offset", *schedule, "EndTimeOffset") or 0,
            missing=Missing(missing) if missing in set(Missing) else Missing.MISSING,
            log_line_count=reader.whole("log_lines", "ActionLogLineCount") or 0,
        )
    )


def read_metric_filter(resource: Resource) -> Subject[MetricFilter]:
    """`AWS::Logs::MetricFilter`."""
    reader = _Reader(resource)
    transformations = resource.get("MetricTransformations")
    first = transformations[0] if isinstance(transformations, list) and transformations else None
    one = first if isinstance(first, dict) else {}
    if not one:
        reader.unknown.add("metric")
    dimensions = tuple(
        (str(pair.get("Key", "")), str(pair.get("Value", "")))
        for pair in items(one.get("Dimensions"))
        if isinstance(pair, dict)
    )
    unit = one.get("Unit")
    return Subject(
        MetricFilter(
            name=reader.name("FilterName"),
            log_group=reader.text("log_group", "LogGroupName"),
            pattern=reader.text("pattern", "FilterPattern"),
            namespace=_plain_text(one.get("MetricNamespace")),
            metric=_plain_text(one.get("MetricName")),
            value=_plain_text(one.get("MetricValue")) or "1",
            default=number(one.get("DefaultValue")),
            unit=unit if isinstance(unit, str) else None,
            dimensions=dimensions,
            origin=resource.origin,
        ),
        resource.id,
        resource.origin,
        reader.places,
        {"pattern": "FilterPattern", "log_group": "LogGroupName"},
        frozenset(reader.unknown),
    )


def _plain_text(value: Value) -> str:
    return str(value) if isinstance(value, str | int | float) else ""


def read_mute_rule(resource: Resource) -> Subject[MuteRule]:
    """`AWS::CloudWatch::AlarmMuteRule`."""
    reader = _Reader(resource)
    names, complete = resource.texts("MuteTargets", "AlarmNames")
    if not complete:
        reader.unknown.add("alarms")
    schedule = ("Rule", "Schedule")
    match = _DURATION.fullmatch(reader.text("duration", *schedule, "Duration"))
    days, hours, minutes = (int(part or 0) for part in match.groups()) if match else (0, 0, 0)
    return Subject(
        MuteRule(
            name=reader.name("Name"),
            schedule=reader.text("schedule", *schedule, "Expression"),
            duration=days * 86400 + hours * 3600 + minutes * 60,
            alarm_names=tuple(names),
            timezone=reader.text("timezone", *schedule, "Timezone", default="UTC"),
            description=reader.text("description", "Description"),
            start=reader.text("start", "StartDate") or None,
            expire=reader.text("expire", "ExpireDate") or None,
            origin=resource.origin,
        ),
        resource.id,
        resource.origin,
        reader.places,
        {"schedule": "Schedule", "duration": "Duration", "alarms": "MuteTargets"},
        frozenset(reader.unknown),
    )

"""Log alarms, metric filters and mute rules of a template, as the model holds them."""

from __future__ import annotations

import re

from axonwatch.catalog.cloudformation.reader import Reader
from axonwatch.catalog.cloudformation.resource import Resource
from axonwatch.catalog.cloudformation.values import Value, items, number
from axonwatch.catalog.subject import Subject
from axonwatch.model.alarms import Alarm, Comparison, LogAlarm, MetricFilter, Missing, MuteRule

LOG_WORDS = {
    "query": "QueryString",
    "aggregation": "AggregationExpression",
    "threshold": "Threshold",
    "comparison": "ComparisonOperator",
    "window": "QueryResultsToEvaluate",
    "datapoints": "QueryResultsToAlarm",
    "log_lines": "ActionLogLineCount",
    "start_offset": "StartTimeOffset",
    "end_offset": "EndTimeOffset",
}
_DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?")
_RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")


def read_log_alarm(resource: Resource) -> Subject[Alarm]:
    """`AWS::CloudWatch::LogAlarm`."""
    reader = Reader(resource)
    query = ("ScheduledQueryConfiguration",)
    language = resource.get(*query, "QueryLanguage")
    if language is not None and language != "CWLI":
        reader.unknown.add("query")
    groups, complete = resource.texts(*query, "LogGroupIdentifiers")
    if not complete:
        reader.unknown.add("log_groups")
    schedule = ("ScheduledQueryConfiguration", "ScheduleConfiguration")
    rate = _RATE.fullmatch(reader.text("schedule", *schedule, "ScheduleExpression"))
    every = int(rate[1]) * {"minute": 60, "hour": 3600, "day": 86400}[rate[2]] if rate else 300
    if not rate:
        reader.unknown.add("schedule")
    comparison = reader.text("comparison", "ComparisonOperator")
    if comparison not in set(Comparison) or Comparison(comparison).is_band:
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
        ),
        LOG_WORDS,
    )


def read_metric_filter(resource: Resource) -> Subject[MetricFilter]:
    """`AWS::Logs::MetricFilter`."""
    reader = Reader(resource)
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
    return reader.subject(
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
        {"pattern": "FilterPattern", "log_group": "LogGroupName"},
    )


def _plain_text(value: Value) -> str:
    return str(value) if isinstance(value, str | int | float) else ""


def read_mute_rule(resource: Resource) -> Subject[MuteRule]:
    """`AWS::CloudWatch::AlarmMuteRule`."""
    reader = Reader(resource)
    names, complete = resource.texts("MuteTargets", "AlarmNames")
    if not complete:
        reader.unknown.add("alarms")
    schedule = ("Rule", "Schedule")
    match = _DURATION.fullmatch(reader.text("duration", *schedule, "Duration"))
    days, hours, minutes = (int(part or 0) for part in match.groups()) if match else (0, 0, 0)
    return reader.subject(
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
        {"schedule": "Schedule", "duration": "Duration", "alarms": "MuteTargets"},
    )

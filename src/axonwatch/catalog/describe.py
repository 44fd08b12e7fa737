"""What `aws cloudwatch describe-alarms` prints, as the model: alarms of a live account.

All findings of the file at once, each with its place. What the alarm is evaluated with (metric
math, rules) is judged by the evaluator; here only the form is. Source:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from axonwatch.catalog.api_fields import Fields
from axonwatch.catalog.json_source import parse_json
from axonwatch.catalog.nodes import MapNode, SourceText
from axonwatch.catalog.reading import decode, display_path, refuse
from axonwatch.diagnostics import InvalidInput, Span
from axonwatch.durations import is_alarm_period
from axonwatch.model.alarms import (
    Actions,
    Alarm,
    Comparison,
    CompositeAlarm,
    LogAlarm,
    MetricAlarm,
    Missing,
    WarmUp,
)
from axonwatch.model.metrics import Dimension, Metric, MetricQuery, MetricStat

MAX_BYTES = 64 * 1_048_576
KINDS = ("MetricAlarms", "CompositeAlarms", "LogAlarms")
_RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
_UNITS = {"minute": 60, "hour": 3600, "day": 86_400}


class _Plain(StrEnum):
    SAMPLE_COUNT = "SampleCount"
    AVERAGE = "Average"
    SUM = "Sum"
    MINIMUM = "Minimum"
    MAXIMUM = "Maximum"


class _LowSamples(StrEnum):
    EVALUATE = "evaluate"
    IGNORE = "ignore"


@dataclass(frozen=True)
class Described:
    """The alarms in the order of the file, and their ARNs by name where they are given."""

    alarms: tuple[Alarm, ...]
    arns: Mapping[str, str]

    @property
    def place(self) -> tuple[str, str, str] | None:
        """Partition, region and account of the alarms, from the first ARN."""
        for arn in self.arns.values():
            parts = arn.split(":", 6)
            if len(parts) == 7:
                return parts[1], parts[3], parts[4]
        return None


def read_described(path: Path) -> Described:
    """The alarms of a file. Raises InvalidInput with every finding."""
    shown = display_path(path, None)
    try:
        if path.stat().st_size > MAX_BYTES:
            title = f"`{shown}` is larger than {MAX_BYTES // 1_048_576} MiB"
            raise InvalidInput([refuse("file-too-large", title, None)])
        data = path.read_bytes()
    except OSError as error:
        title = f"cannot read `{shown}`: {(error.strerror or 'unreadable').lower()}"
        raise InvalidInput([refuse("unreadable-file", title, None)]) from error
    return parse_described(decode(data, shown))


def parse_described(source: SourceText) -> Described:
    """The alarms of a text. Raises InvalidInput with every finding."""
    node, broken = parse_json(source)
    findings = list(broken)
    if node is None or findings:
        raise InvalidInput(findings)
    if not isinstance(node, MapNode) or not any(kind in node for kind in KINDS):
        raise InvalidInput(
            [
                refuse(
                    "no-alarms",
                    "this is not the output of describe-alarms",
                    Span.point(source.file),
                    "has neither MetricAlarms nor CompositeAlarms",
                    "write it with `aws cloudwatch describe-alarms --alarm-types "
                    "MetricAlarm CompositeAlarm --output json`",
                )
            ]
        )
    whole = Fields(node, "describe-alarms", findings)
    alarms: dict[str, Alarm | None] = {}
    arns: dict[str, str] = {}
    for kind, read in zip(KINDS, (_metric, _composite, _log), strict=True):
        for fields in whole.list(kind):
            name = fields.text("AlarmName", required=True) or ""
            fields.owner = f"alarm `{name}`"
            if name in alarms:
                span = fields.node.value_span("AlarmName")
                fields.fault("duplicate-alarm", "is given twice", span)
            arn = fields.text("AlarmArn")
            if arn is not None:
                arns[name] = arn
            alarms[name] = read(fields) if name else None
    if findings:
        raise InvalidInput(findings)
    return Described(tuple(alarm for alarm in alarms.values() if alarm is not None), arns)


def _origin(fields: Fields) -> Span:
    return fields.node.value_span("AlarmName")


def _actions(fields: Fields) -> Actions:
    return Actions(
        alarm=fields.texts("AlarmActions"),
        ok=fields.texts("OKActions"),
        insufficient_data=fields.texts("InsufficientDataActions"),
        enabled=fields.flag("ActionsEnabled", default=True),
    )


def _metric(fields: Fields) -> Alarm | None:
    if fields.has("EvaluationCriteria"):
        fields.fault(
            "promql-alarm",
            "is on a PromQL query, which is not evaluated here",
            fields.node.key_span("EvaluationCriteria"),
            "PromQL needs Prometheus's own engine",
            "test the query with promtool",
        )
        return None
    comparison = fields.choice("ComparisonOperator", Comparison, None)
    periods = fields.whole("EvaluationPeriods", required=True)
    needed = fields.whole("DatapointsToAlarm")
    if periods is not None and needed is not None and needed > periods:
        span = fields.node.value_span("DatapointsToAlarm")
        title = f"DatapointsToAlarm {needed} is more than EvaluationPeriods {periods}"
        fields.fault("bad-number", title, span)
    queries = tuple(q for q in map(_query, fields.list("Metrics")) if q is not None)
    stat = None if fields.has("Metrics") and queries else _stat_of_alarm(fields)
    if comparison is None or periods is None or (stat is None and not queries):
        return None
    band = fields.text("ThresholdMetricId", required=comparison.is_band)
    threshold = None if band else fields.number("Threshold", required=not comparison.is_band)
    if band and not comparison.is_band:
        span = fields.node.value_span("ComparisonOperator")
        fields.fault("wrong-comparison", "ThresholdMetricId needs a band operator", span)
    return MetricAlarm(
        name=str(fields.text("AlarmName")),
        description=fields.text("AlarmDescription") or "",
        actions=_actions(fields),
        origin=_origin(fields),
        comparison=comparison,
        evaluation_periods=periods,
        threshold=threshold,
        threshold_query=band,
        datapoints_to_alarm=needed,
        missing=fields.choice("TreatMissingData", Missing, Missing.MISSING) or Missing.MISSING,
        missing_is_set=fields.text("TreatMissingData") is not None,
        stat=stat,
        queries=queries,
        ignore_low_samples=fields.choice(
            "EvaluateLowSampleCountPercentile", _LowSamples, _LowSamples.EVALUATE
        )
        is _LowSamples.IGNORE,
        wall_clock=_wall_clock(fields),
        warm_up=_warm_up(fields),
    )


def _dimensions(fields: Fields) -> tuple[Dimension, ...]:
    found = []
    for dimension in fields.list("Dimensions"):
        name = dimension.text("Name", required=True)
        value = dimension.text("Value", required=True)
        if name is not None and value is not None:
            found.append(Dimension(name, value))
    return tuple(found)


def _metric_of(fields: Fields) -> Metric | None:
    namespace = fields.text("Namespace", required=True)
    name = fields.text("MetricName", required=True)
    dimensions = _dimensions(fields)
    if namespace is None or name is None:
        return None
    return Metric(namespace, name, dimensions)


def _period(fields: Fields) -> int | None:
    period = fields.whole("Period", required=True)
    if period is not None and not is_alarm_period(period):
        span = fields.node.value_span("Period")
        fields.fault("bad-period", "Period must be 10, 20, 30 or a multiple of 60", span)
        return None
    return period


def _stat_of_alarm(fields: Fields) -> MetricStat | None:
    metric, period = _metric_of(fields), _period(fields)
    plain = fields.choice("Statistic", _Plain, None) if fields.has("Statistic") else None
    extended = fields.text("ExtendedStatistic")
    if bool(plain) == bool(extended) and not (fields.has("Statistic") and not plain):
        title = "needs either Statistic or ExtendedStatistic"
        fields.fault("missing-field", title, fields.node.span)
    stat = str(plain) if plain else extended
    if metric is None or period is None or stat is None:
        return None
    return MetricStat(metric, stat, period, fields.text("Unit"))


def _query(fields: Fields) -> MetricQuery | None:
    name = fields.text("Id", required=True)
    inner = fields.below("MetricStat")
    expression = fields.text("Expression")
    if (inner is None) == (expression is None):
        title = f"`{name}` needs either MetricStat or Expression"
        fields.fault("missing-field", title, fields.node.span)
        return None
    stat = None
    if inner is not None:
        below = inner.below("Metric")
        if below is None:
            inner.fault("missing-field", f"`{name}` has no Metric", inner.node.span)
            return None
        metric, period = _metric_of(below), _period(inner)
        text = inner.text("Stat", required=True)
        if metric is None or period is None or text is None:
            return None
        stat = MetricStat(metric, text, period, inner.text("Unit"))
    return MetricQuery(
        id=name or "",
        stat=stat,
        expression=expression,
        label=fields.text("Label"),
        period=fields.whole("Period"),
        return_data=fields.flag("ReturnData", default=True),
        account_id=fields.text("AccountId"),
    )


def _wall_clock(fields: Fields) -> str | None:
    window = fields.below("EvaluationWindow")
    clock = window.below("WallClockWindow") if window is not None else None
    if clock is None:
        return None
    return clock.text("Timezone") or "UTC"


def _warm_up(fields: Fields) -> WarmUp | None:
    given = fields.below("WarmUpConfiguration")
    minutes = given.whole("WarmUpPeriodDurationInMinutes") if given is not None else None
    if given is None or minutes is None:
        return None
    return WarmUp(minutes, given.flag("OnlyStartEvaluatingAfterWarmUpPeriodEnds", default=False))


def _composite(fields: Fields) -> Alarm | None:
    rule = fields.text("AlarmRule", required=True)
    if rule is None:
        return None
    return CompositeAlarm(
        name=str(fields.text("AlarmName")),
        description=fields.text("AlarmDescription") or "",
        actions=_actions(fields),
        origin=_origin(fields),
        rule=rule,
        suppressor=fields.text("ActionsSuppressor"),
        suppressor_wait=fields.whole("ActionsSuppressorWaitPeriod", least=0) or 0,
        suppressor_extension=fields.whole("ActionsSuppressorExtensionPeriod", least=0) or 0,
    )


def _log(fields: Fields) -> Alarm | None:
    query = fields.below("ScheduledQueryConfiguration")
    schedule = query.below("ScheduleConfiguration") if query is not None else None
    comparison = fields.choice("ComparisonOperator", Comparison, None)
    threshold = fields.number("Threshold", required=True)
    evaluated = fields.whole("QueryResultsToEvaluate", required=True)
    if query is None or schedule is None or comparison is None:
        fields.fault("missing-field", "has no whole query", fields.node.span)
        return None
    if comparison.is_band:
        span = fields.node.value_span("ComparisonOperator")
        fields.fault("wrong-comparison", "a log alarm has a threshold and no band", span)
        return None
    rate = _RATE.fullmatch(schedule.text("ScheduleExpression", required=True) or "")
    if rate is None:
        span = schedule.node.value_span("ScheduleExpression")
        fields.fault("bad-schedule", "its schedule is no rate(...)", span)
    if threshold is None or evaluated is None or rate is None:
        return None
    return LogAlarm(
        name=str(fields.text("AlarmName")),
        description=fields.text("AlarmDescription") or "",
        actions=_actions(fields),
        origin=_origin(fields),
        query=query.text("QueryString", required=True) or "",
        log_groups=query.texts("LogGroupIdentifiers"),
        aggregation=query.text("AggregationExpression", required=True) or "",
        comparison=comparison,
        threshold=threshold,
        results_to_evaluate=evaluated,
        results_to_alarm=fields.whole("QueryResultsToAlarm") or evaluated,
        every=int(rate[1]) * _UNITS[rate[2]],
        start_offset=schedule.whole("StartTimeOffset", least=0) or 0,
        end_offset=schedule.whole("EndTimeOffset", least=0) or 0,
        missing=fields.choice("TreatMissingData", Missing, Missing.MISSING) or Missing.MISSING,
        log_line_count=fields.whole("ActionLogLineCount", least=0) or 0,
    )

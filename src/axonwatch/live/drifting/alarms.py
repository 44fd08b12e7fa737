"""Alarms: what the definitions say against what DescribeAlarms says, property by property.

Both become the model first (`catalog.describe`), then a flat list of words and numbers, in which
ARNs are names: the account stands in no definition.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from axonwatch.catalog.describe import parse_described
from axonwatch.catalog.nodes import SourceText
from axonwatch.diagnostics import InvalidInput
from axonwatch.live.alarms import describe_alarms
from axonwatch.live.clients import Answer, Calls
from axonwatch.live.drifting.difference import Difference, Kind, compare
from axonwatch.model.alarms import Alarm, CompositeAlarm, LogAlarm, MetricAlarm
from axonwatch.model.companion import Companion
from axonwatch.model.metrics import MetricQuery, MetricStat
from axonwatch.syntax.alarm_rule import alarm_name, parse_rule, write_rule
from axonwatch.syntax.text import SyntaxFault

WHAT = "alarm"


def alarm_drift(aws: Calls, companion: Companion) -> Iterator[Difference]:
    """Differences of all alarms. Raises CallDenied without cloudwatch:DescribeAlarms."""
    names = [alarm.name for alarm in companion.alarms]
    there = {str(one["AlarmName"]): (kind, one) for kind, one in describe_alarms(aws, names)}
    for alarm in companion.alarms:
        if alarm.name not in there:
            yield Difference(WHAT, alarm.name, Kind.MISSING, why="the account does not have it")
            continue
        kind, one = there[alarm.name]
        found = _model(kind, one)
        if found is None:
            why = "its description in the account cannot be read back"
            yield Difference(WHAT, alarm.name, Kind.UNKNOWN, why=why)
        else:
            yield from compare(WHAT, alarm.name, plain(alarm), plain(found))


def _model(kind: str, one: Answer) -> Alarm | None:
    text = json.dumps({kind: [one]}, default=_as_text)
    try:
        return parse_described(SourceText("describe-alarms", text)).alarms[0]
    except (InvalidInput, IndexError):
        return None


def _as_text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def plain(alarm: Alarm) -> dict[str, Any]:
    """The properties that decide what an alarm does, in plain values."""
    common: dict[str, Any] = {
        "kind": type(alarm).__name__,
        "description": alarm.description,
        "actions enabled": alarm.actions.enabled,
        "actions in ALARM": [_last(arn) for arn in alarm.actions.alarm],
        "actions in OK": [_last(arn) for arn in alarm.actions.ok],
        "actions without data": [_last(arn) for arn in alarm.actions.insufficient_data],
    }
    match alarm:
        case MetricAlarm():
            return common | _metric(alarm)
        case CompositeAlarm():
            return common | _composite(alarm)
        case LogAlarm():
            return common | _log(alarm)
        case _:
            return common


def _last(arn: str) -> str:
    return arn.rsplit(":", 1)[-1]


def _metric(alarm: MetricAlarm) -> dict[str, Any]:
    queries = {query.id: _query(query) for query in alarm.queries}
    stat = alarm.stat
    if stat is None and len(alarm.queries) == 1 and alarm.queries[0].stat is not None:
        # One metric written as a list of one: the same alarm.
        stat, queries = alarm.queries[0].stat, {}
    return {
        "metric": _stat(stat) if stat else {},
        "queries": queries,
        "comparison": str(alarm.comparison),
        "threshold": alarm.threshold,
        "band": alarm.threshold_query,
        "datapoints": f"{alarm.needed} of {alarm.evaluation_periods}",
        "missing data": str(alarm.missing),
        "low samples": "ignore" if alarm.ignore_low_samples else "evaluate",
        "wall clock": alarm.wall_clock,
        "warm-up minutes": alarm.warm_up.minutes if alarm.warm_up else None,
    }


def _stat(stat: MetricStat) -> dict[str, Any]:
    return {
        "name": f"{stat.metric.namespace} {stat.metric.name}",
        # A certificate's ARN holds the account; the inventory has its id.
        "dimensions": {d.name: d.value.rsplit("/", 1)[-1] if d.name == "CertificateArn" else d.value
                       for d in stat.metric.dimensions},
        "statistic": stat.stat,
        "period": stat.period,
        "unit": stat.unit,
    }  # fmt: skip


def _query(query: MetricQuery) -> dict[str, Any]:
    return {
        "expression": query.expression,
        "metric": _stat(query.stat) if query.stat else {},
        "returned": query.return_data,
    }


def _composite(alarm: CompositeAlarm) -> dict[str, Any]:
    try:
        rule = write_rule(parse_rule(alarm.rule), lambda child: child.name)
    except SyntaxFault:
        rule = alarm.rule
    return {
        "rule": rule,
        "suppressed by": alarm_name(alarm.suppressor) if alarm.suppressor else None,
        "suppressor wait": alarm.suppressor_wait,
        "suppressor extension": alarm.suppressor_extension,
    }


def _log(alarm: LogAlarm) -> dict[str, Any]:
    return {
        "query": alarm.query.strip(),
        "log groups": [_group(group) for group in alarm.log_groups],
        "aggregation": alarm.aggregation,
        "comparison": str(alarm.comparison),
        "threshold": alarm.threshold,
        "results": f"{alarm.results_to_alarm} of {alarm.results_to_evaluate}",
        "every": alarm.every,
        "window": f"{alarm.start_offset} to {alarm.end_offset} s before",
        "missing data": str(alarm.missing),
        "log lines": alarm.log_line_count,
    }


def _group(identifier: str) -> str:
    """A log group's name, of an ARN or of the name itself."""
    name = identifier.partition(":log-group:")[2] or identifier
    return name.removesuffix(":*")


def extra_alarms(aws: Calls, companion: Companion) -> Iterator[Difference]:
    """Alarms that our stacks hold and the definitions no longer have."""
    defined = {alarm.name for alarm in companion.alarms}
    for stack in companion.names.stacks:
        for entry in _resources(aws, stack):
            kind = str(entry.get("ResourceType") or "")
            name = str(entry.get("PhysicalResourceId") or "").rsplit(":", 1)[-1]
            is_alarm = kind.startswith("AWS::CloudWatch::") and kind.endswith("Alarm")
            if is_alarm and name and name not in defined:
                why = f"`{stack}` holds it, no definition does: deploy to remove it"
                yield Difference(WHAT, name, Kind.EXTRA, why=why)


def _resources(aws: Calls, stack: str) -> Iterator[Mapping[str, Any]]:
    from axonwatch.live.faults import NotFound  # noqa: PLC0415 - one use

    try:
        yield from aws.pages(
            "cloudformation",
            "ListStackResources",
            "StackResourceSummaries",
            about=f"stack `{stack}`",
            StackName=stack,
        )
    except NotFound:
        return

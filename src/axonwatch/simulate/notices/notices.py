"""What a notification says: the SNS message, its subject, and the e-mail that SNS makes of it.

Key order and spelling are CloudWatch's own since 2022, from public captures. No reason data stand
in the message; doubles are printed as Java prints them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from axonwatch.model.alarms import Alarm, CompositeAlarm, LogAlarm, MetricAlarm, State
from axonwatch.model.metrics import Dimension, MetricQuery, MetricStat
from axonwatch.simulate.evaluation.actions import Action
from axonwatch.simulate.evaluation.texts import java_double, java_json
from axonwatch.simulate.moments import java_iso, long_date
from axonwatch.simulate.notices.regions import region_name
from axonwatch.simulate.series.statistics import PLAIN

_ALARM_COLUMN = 28
_METRIC_COLUMN = 39
_PLAIN_WORDS = {
    "SampleCount": "SAMPLE_COUNT",
    "Average": "AVERAGE",
    "Sum": "SUM",
    "Minimum": "MINIMUM",
    "Maximum": "MAXIMUM",
}
MAX_CHILDREN = 10


@dataclass(frozen=True)
class Notice:
    """One notification as it arrives. `message` is JSON text, what SNS delivers to machines."""

    subject: str
    message: str
    email: str


@dataclass(frozen=True)
class Sender:
    """The account that sends, and since when its alarms are as they are."""

    account: str
    region: str
    arn: Callable[[str], str]
    updated: int = 0


def notice_of(action: Action, sender: Sender) -> Notice:
    """What the targets of an action are told."""
    return Notice(
        subject_of(action.alarm.name, action.state, sender.region),
        java_json(message_of(action, sender)),
        email_of(action, sender),
    )


def subject_of(name: str, state: State, region: str) -> str:
    """`ALARM: "name" in EU (Ireland)`; letters outside ASCII become `_`."""
    subject = f'{state}: "{name}" in {region_name(region)}'
    return "".join(letter if letter.isascii() else "_" for letter in subject)


def message_of(action: Action, sender: Sender) -> dict[str, object]:
    """The SNS message in the order of its keys."""
    alarm, entry = action.alarm, action.evaluation
    found: dict[str, object] = {
        "AlarmName": alarm.name,
        "AlarmDescription": alarm.description or None,
        "AWSAccountId": sender.account,
        "AlarmConfigurationUpdatedTimestamp": java_iso(sender.updated),
        "NewStateValue": action.state.value,
        "NewStateReason": entry.reason,
        "StateChangeTime": java_iso(entry.time),
        "Region": region_name(sender.region),
        "AlarmArn": sender.arn(alarm.name),
        "OldStateValue": entry.previous.value,
        "OKActions": list(alarm.actions.ok),
        "AlarmActions": list(alarm.actions.alarm),
        "InsufficientDataActions": list(alarm.actions.insufficient_data),
    }
    if action.after_mute:
        found["ActionExecutedAfterMuteWindow"] = True
    if isinstance(alarm, MetricAlarm):
        found["Trigger"] = trigger_of(alarm)
    elif isinstance(alarm, LogAlarm):
        found["Trigger"] = _log_trigger(alarm)
    elif isinstance(alarm, CompositeAlarm):
        found["AlarmRule"] = alarm.rule
        found["TriggeringChildren"] = [
            {
                "Arn": child.arn,
                "State": {"Value": child.state.value, "Timestamp": java_iso(child.since)},
            }
            for child in entry.explanation.children
        ]
    return found


def trigger_of(alarm: MetricAlarm) -> dict[str, object]:
    """The Trigger of a metric alarm; DatapointsToAlarm only if it is set."""
    found: dict[str, object] = {}
    stat = alarm.stat
    if stat is not None:
        found["MetricName"] = stat.metric.name
        found["Namespace"] = stat.metric.namespace
        if stat.stat in PLAIN:
            found |= {"StatisticType": "Statistic", "Statistic": _PLAIN_WORDS[stat.stat]}
        else:
            found |= {"StatisticType": "ExtendedStatistic", "ExtendedStatistic": stat.stat}
        found["Unit"] = stat.unit
        found["Dimensions"] = _dimensions(stat.metric.dimensions)
    found["Period"] = alarm.period
    found["EvaluationPeriods"] = alarm.evaluation_periods
    if alarm.datapoints_to_alarm is not None:
        found["DatapointsToAlarm"] = alarm.datapoints_to_alarm
    found["ComparisonOperator"] = alarm.comparison.value
    if alarm.threshold_query is None:
        found["Threshold"] = float(alarm.threshold or 0.0)
    else:
        found["ThresholdMetricId"] = alarm.threshold_query
    found["TreatMissingData"] = alarm.missing.value if alarm.missing_is_set else ""
    found["EvaluateLowSampleCountPercentile"] = "ignore" if alarm.ignore_low_samples else ""
    if alarm.queries:
        found["Metrics"] = [_query(query) for query in alarm.queries]
    return found


def _log_trigger(alarm: LogAlarm) -> dict[str, object]:
    """Never captured: the words of the API, in the order of a metric's Trigger."""
    return {
        "QueryString": alarm.query,
        "LogGroupIdentifiers": list(alarm.log_groups),
        "AggregationExpression": alarm.aggregation,
        "QueryResultsToEvaluate": alarm.results_to_evaluate,
        "QueryResultsToAlarm": alarm.results_to_alarm,
        "ComparisonOperator": alarm.comparison.value,
        "Threshold": float(alarm.threshold),
        "TreatMissingData": alarm.missing.value,
    }


def _dimensions(dimensions: tuple[Dimension, ...]) -> list[dict[str, str]]:
    return [{"value": d.value, "name": d.name} for d in dimensions]


def _query(query: MetricQuery) -> dict[str, object]:
    found: dict[str, object] = {}
    if query.expression is not None:
        found["Expression"] = query.expression
    found["Id"] = query.id
    if query.label is not None:
        found["Label"] = query.label
    if query.stat is not None:
        found["MetricStat"] = _metric_stat(query.stat)
    found["ReturnData"] = query.return_data
    if query.account_id is not None:
        found["AccountId"] = query.account_id
    return found


def _metric_stat(stat: MetricStat) -> dict[str, object]:
    found: dict[str, object] = {
        "Metric": {
            "Dimensions": _dimensions(stat.metric.dimensions),
            "MetricName": stat.metric.name,
            "Namespace": stat.metric.namespace,
        },
        "Period": stat.period,
        "Stat": stat.stat,
    }
    if stat.unit is not None:
        found["Unit"] = stat.unit
    return found


def email_of(action: Action, sender: Sender) -> str:
    """The e-mail of a notification, without SNS's own footer."""
    alarm, entry = action.alarm, action.evaluation
    region = region_name(sender.region)
    when = long_date(entry.time)
    if isinstance(alarm, CompositeAlarm):
        opening = (
            f'You are receiving this email because your Amazon CloudWatch Alarm "{alarm.name}" in '
            f"the {region} region has transitioned to {action.state} state on {when}, because "
            f'"{entry.reason}".'
        )
    else:
        opening = (
            f'You are receiving this email because your Amazon CloudWatch Alarm "{alarm.name}" in '
            f"the {region} region has entered the {action.state} state, because "
            f'"{entry.reason}" at "{when}".'
        )
    console = f"https://{sender.region}.console.aws.amazon.com/cloudwatch/deeplink.js"
    lines = [
        opening,
        "",
        "View this alarm in the AWS Management Console:",
        f"{console}?region={sender.region}#alarmsV2:alarm/{_quoted(alarm.name)}",
        "",
        "Alarm Details:",
        *_column(
            _ALARM_COLUMN,
            {
                "Name": alarm.name,
                "Description": alarm.description,
                "State Change": f"{entry.previous} -> {action.state}",
                "Reason for State Change": entry.reason,
                "Timestamp": when,
                "AWS Account": sender.account,
                "Alarm Arn": sender.arn(alarm.name),
                **({"Alarm Rule": alarm.rule} if isinstance(alarm, CompositeAlarm) else {}),
            },
        ),
        *_details(alarm, action),
        "",
        "State Change Actions:",
        *(f"- {state}: {_targets(alarm, state)}".rstrip() for state in State),
    ]
    return "\n".join(lines) + "\n"


def _details(alarm: Alarm, action: Action) -> list[str]:
    if isinstance(alarm, CompositeAlarm):
        found = action.evaluation.explanation.children[:MAX_CHILDREN]
        told = (f"- {c.arn}: {c.state} since {long_date(c.since)}" for c in found)
        return ["", "Triggering children (max. 10):", *told]
    if isinstance(alarm, LogAlarm):
        condition = _condition(alarm.comparison.value, alarm.threshold)
        lasting = (
            f"for at least {alarm.results_to_alarm} of the last {alarm.results_to_evaluate} "
            "query result(s)."
        )
        return ["", "Threshold:", f"- {_threshold(condition)} {lasting}"]
    if not isinstance(alarm, MetricAlarm):
        return []
    condition = _condition(alarm.comparison.value, alarm.threshold)
    lasting = (
        f"for at least {alarm.needed} of the last {alarm.evaluation_periods} period(s) of "
        f"{alarm.period} seconds."
    )
    return ["", "Threshold:", f"- {_threshold(condition)} {lasting}", *_monitored(alarm)]


def _threshold(condition: str) -> str:
    return f"The alarm is in the ALARM state when the metric is {condition}"


def _condition(comparison: str, threshold: float | None) -> str:
    return comparison if threshold is None else f"{comparison} {java_double(threshold)}"


def _monitored(alarm: MetricAlarm) -> list[str]:
    treat = {"TreatMissingData": alarm.missing.value}
    if alarm.stat is None:
        queries = [f"- {q.id}: {q.expression or _named(q)}" for q in alarm.queries]
        return ["", "Monitored Metrics:", *queries, *_column(_METRIC_COLUMN, treat)]
    metric = alarm.stat.metric
    dimensions = ", ".join(f"{d.name} = {d.value}" for d in metric.dimensions)
    values = {
        "MetricNamespace": metric.namespace,
        "MetricName": metric.name,
        "Dimensions": f"[{dimensions}]",
        "Period": f"{alarm.period} seconds",
        "Statistic": alarm.stat.stat,
        "Unit": alarm.stat.unit or "not specified",
    }
    return ["", "Monitored Metric:", *_column(_METRIC_COLUMN, values | treat)]


def _named(query: MetricQuery) -> str:
    stat = query.stat
    return "" if stat is None else f"{stat.stat} of {stat.metric.namespace} {stat.metric.name}"


def _column(width: int, values: Mapping[str, str]) -> list[str]:
    return [f"{f'- {label}:':<{width}}{value}".rstrip() for label, value in values.items()]


def _targets(alarm: Alarm, state: State) -> str:
    return ", ".join(f"[{target}]" for target in alarm.actions.on(state))


def _quoted(name: str) -> str:
    from urllib.parse import quote  # noqa: PLC0415 - only e-mails need it

    return quote(name, safe="")

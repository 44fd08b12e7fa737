"""Metric alarms and composites of the companion stack.

An alarm over one metric goes through cdk-monitoring-constructs' facade and alarm factory, whose
defaults and SNS strategies are then there for a team's own monitors too. What the factory cannot
say faithfully (metric math with ids of its own, bands, composites) is L1; see docs/adr/0022.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import Any

import aws_cdk as cdk
import cdk_monitoring_constructs as monitoring
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sns as sns

from axonwatch.deploy.topics import Channels
from axonwatch.model.alarms import (
    Actions,
    Comparison,
    CompositeAlarm,
    MetricAlarm,
    Severity,
    State,
)
from axonwatch.model.metrics import Dimension, Metric, MetricQuery, MetricStat

IGNORE_LOW_SAMPLES = "ignore"
CERTIFICATE = "CertificateArn"
CERTIFICATE_ARN = "arn:${AWS::Partition}:acm:${AWS::Region}:${AWS::AccountId}:certificate/"
_PLAIN_STATISTICS = {"SampleCount", "Average", "Sum", "Minimum", "Maximum"}
_PERCENTILE = re.compile(r"p\d+(\.\d+)?")
_OPERATORS = {
    Comparison.GE: "GREATER_THAN_OR_EQUAL_TO_THRESHOLD",
    Comparison.GT: "GREATER_THAN_THRESHOLD",
    Comparison.LT: "LESS_THAN_THRESHOLD",
    Comparison.LE: "LESS_THAN_OR_EQUAL_TO_THRESHOLD",
}


class Foreman:
    """Builds the alarms of one stack, each with its actions and its logical id."""

    def __init__(self, stack: cdk.Stack, prefix: str, channels: Channels) -> None:
        self.stack = stack
        self.channels = channels
        self.prefix = prefix
        self._topics: dict[str, sns.ITopic] = {}
        self._strategies: dict[Actions, monitoring.IAlarmActionStrategy] = {}

    @cached_property
    def facade(self) -> monitoring.MonitoringFacade:
        """cdk-monitoring-constructs' door: defaults, and who is told by severity.

        It makes no dashboard of its own; whoever adds monitors passes a factory that does.
        """
        by_severity = {
            str(severity): monitoring.SnsAlarmActionStrategy(
                on_alarm_topic=self._topic(channel.arn),
                on_ok_topic=self._topic(channel.arn) if severity is Severity.PAGE else None,
            )
            for severity, channel in self.channels.by_severity.items()
        }
        return monitoring.MonitoringFacade(
            self.stack,
            "Monitoring",
            alarm_factory_defaults=monitoring.AlarmFactoryDefaults(
                alarm_name_prefix=self.prefix,
                actions_enabled=True,
                disambiguator_action=by_severity,
            ),
            dashboard_factory=monitoring.DefaultDashboardFactory(
                self.stack,
                "Dashboards",
                dashboard_name_prefix=self.prefix,
                create_dashboard=False,
            ),
        )

    @cached_property
    def _factory(self) -> monitoring.AlarmFactory:
        return self.facade.create_alarm_factory(self.prefix)

    def make(self, alarm: MetricAlarm | CompositeAlarm) -> cdk.CfnResource:
        """The alarm, through the factory where that says all of it, else as L1."""
        if isinstance(alarm, CompositeAlarm):
            # Actions written out: the factory would send a composite's to the default topic.
            made = cloudwatch.CfnCompositeAlarm
        elif alarm.stat is not None and self._is_for_the_factory(alarm, alarm.stat):
            return self._from_factory(alarm, alarm.stat)
        else:
            made = cloudwatch.CfnAlarm
        return made(self.stack, self.logical_id(alarm.name), **self.properties(alarm))

    def properties(self, alarm: MetricAlarm | CompositeAlarm) -> dict[str, Any]:
        """All properties of an alarm, in L1's words."""
        own = (
            composite_properties(alarm)
            if isinstance(alarm, CompositeAlarm)
            else metric_properties(alarm)
        )
        return {
            "alarm_name": alarm.name,
            "alarm_description": alarm.description or None,
            **own,
            **self.actions(alarm.actions),
        }

    def logical_id(self, name: str) -> str:
        """`axonflow-prod-database-connections-high` -> `DatabaseConnectionsHigh`."""
        return logical_id(name.removeprefix(f"{self.prefix}-"))

    def actions(self, actions: Actions) -> dict[str, Any]:
        """The action properties of an L1 alarm."""
        properties: dict[str, Any] = {} if actions.enabled else {"actions_enabled": False}
        for state, name in (
            (State.ALARM, "alarm_actions"),
            (State.OK, "ok_actions"),
            (State.INSUFFICIENT_DATA, "insufficient_data_actions"),
        ):
            targets = [self.channels.arn_of(target) for target in actions.on(state)]
            if targets:
                properties[name] = targets
        return properties

    def _is_for_the_factory(self, alarm: MetricAlarm, stat: MetricStat) -> bool:
        """Whether the factory says all of this alarm, and in the same form."""
        targets = [target for state in State for target in alarm.actions.on(state)]
        return (
            not alarm.comparison.is_band
            and alarm.datapoints_to_alarm is not None
            and stat.unit is None
            and (stat.stat in _PLAIN_STATISTICS or bool(_PERCENTILE.fullmatch(stat.stat)))
            and all(self.channels.severity_of(target) for target in targets)
            and all(len(alarm.actions.on(state)) <= 1 for state in State)
            and (bool(alarm.actions.alarm) or not targets)
        )

    def _from_factory(self, alarm: MetricAlarm, stat: MetricStat) -> cloudwatch.CfnAlarm:
        made = self._factory.add_alarm(
            cloudwatch.Metric(
                namespace=stat.metric.namespace,
                metric_name=stat.metric.name,
                dimensions_map={d["name"]: d["value"] for d in _dimensions(stat.metric)},
                statistic=stat.stat,
                period=cdk.Duration.seconds(stat.period),
            ),
            alarm_name_suffix=alarm.name,
            alarm_name_override=alarm.name,
            alarm_description=alarm.description,
            alarm_description_override=alarm.description,
            threshold=alarm.threshold,
            comparison_operator=cloudwatch.ComparisonOperator[_OPERATORS[alarm.comparison]],
            treat_missing_data=cloudwatch.TreatMissingData[alarm.missing.name],
            datapoints_to_alarm=alarm.datapoints_to_alarm,
            evaluation_periods=alarm.evaluation_periods,
            evaluate_low_sample_count_percentile=False if alarm.ignore_low_samples else None,
            actions_enabled=alarm.actions.enabled,
            action_override=self._strategy(alarm.actions),
        )
        resource = made.alarm.node.default_child
        resource.override_logical_id(self.logical_id(alarm.name))
        if alarm.actions.enabled:
            resource.actions_enabled = None  # CloudWatch's own default, and 23 bytes an alarm
        for name, value in _windows(alarm).items():
            setattr(resource, name, value)
        return resource

    def _strategy(self, actions: Actions) -> monitoring.IAlarmActionStrategy:
        """Who is told, as the factory wants it; one object for all alarms that tell the same."""
        if actions not in self._strategies:
            topics = {
                state: self._topic(self.channels.arn_of(target))
                for state in State
                for target in actions.on(state)
            }
            strategies = []
            if State.ALARM in topics:
                strategies.append(
                    monitoring.SnsAlarmActionStrategy(
                        on_alarm_topic=topics[State.ALARM],
                        on_ok_topic=topics.get(State.OK),
                        on_insufficient_data_topic=topics.get(State.INSUFFICIENT_DATA),
                    )
                )
            self._strategies[actions] = monitoring.MultipleAlarmActionStrategy(strategies)
        return self._strategies[actions]

    def _topic(self, arn: str) -> sns.ITopic:
        if arn not in self._topics:
            name = f"Topic{len(self._topics) + 1}"
            self._topics[arn] = sns.Topic.from_topic_arn(self.stack, name, arn)
        return self._topics[arn]


def logical_id(name: str) -> str:
    """A name as CloudFormation's logical id: `database-refused` -> `DatabaseRefused`."""
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"[^A-Za-z0-9]+", name))


def metric_properties(alarm: MetricAlarm) -> dict[str, Any]:
    """What a metric alarm has besides name, description and actions."""
    properties: dict[str, Any] = {
        "comparison_operator": str(alarm.comparison),
        "evaluation_periods": alarm.evaluation_periods,
        "datapoints_to_alarm": alarm.datapoints_to_alarm,
        "treat_missing_data": str(alarm.missing),
        "threshold": alarm.threshold,
        "threshold_metric_id": alarm.threshold_query,
        **_windows(alarm),
    }
    if alarm.stat is not None:
        properties |= _stat_properties(alarm.stat)
    if alarm.queries:
        properties["metrics"] = [query_properties(query) for query in alarm.queries]
    if alarm.ignore_low_samples:
        properties["evaluate_low_sample_count_percentile"] = IGNORE_LOW_SAMPLES
    return properties


def composite_properties(alarm: CompositeAlarm) -> dict[str, Any]:
    """What a composite has besides name, description and actions."""
    if alarm.suppressor is None:
        return {"alarm_rule": alarm.rule}
    return {
        "alarm_rule": alarm.rule,
        "actions_suppressor": alarm.suppressor,
        "actions_suppressor_wait_period": alarm.suppressor_wait,
        "actions_suppressor_extension_period": alarm.suppressor_extension,
    }


def _windows(alarm: MetricAlarm) -> dict[str, Any]:
    """What is new since the factory was written: wall-clock windows and warm-up."""
    properties: dict[str, Any] = {}
    if alarm.wall_clock is not None:
        properties["evaluation_window"] = {"wallClockWindow": {"timezone": alarm.wall_clock}}
    if alarm.warm_up is not None:
        warm_up: dict[str, Any] = {"warmUpPeriodDurationInMinutes": alarm.warm_up.minutes}
        if alarm.warm_up.wait_full_time:
            warm_up["onlyStartEvaluatingAfterWarmUpPeriodEnds"] = True
        properties["warm_up_configuration"] = warm_up
    return properties


def query_properties(query: MetricQuery) -> dict[str, Any]:
    """One entry of `Metrics`, as L1 wants it."""
    properties: dict[str, Any] = {"id": query.id}
    if query.stat is not None:
        properties["metricStat"] = {
            "metric": _metric_properties(query.stat.metric),
            "period": query.stat.period,
            "stat": query.stat.stat,
            **({"unit": query.stat.unit} if query.stat.unit else {}),
        }
    if query.expression is not None:
        properties["expression"] = query.expression
    optional = {"label": query.label, "period": query.period, "accountId": query.account_id}
    properties |= {name: value for name, value in optional.items() if value is not None}
    if not query.return_data:
        properties["returnData"] = False
    return properties


def _stat_properties(stat: MetricStat) -> dict[str, Any]:
    plain = stat.stat in _PLAIN_STATISTICS
    return {
        "namespace": stat.metric.namespace,
        "metric_name": stat.metric.name,
        "dimensions": _dimensions(stat.metric),
        "period": stat.period,
        "statistic" if plain else "extended_statistic": stat.stat,
        **({"unit": stat.unit} if stat.unit else {}),
    }


def _metric_properties(metric: Metric) -> dict[str, Any]:
    return {
        "namespace": metric.namespace,
        "metricName": metric.name,
        **({"dimensions": _dimensions(metric)} if metric.dimensions else {}),
    }


def _dimensions(metric: Metric) -> list[dict[str, str]]:
    return [{"name": d.name, "value": _whole_value(d)} for d in metric.dimensions]


def _whole_value(dimension: Dimension) -> str:
    """A certificate's metric has its ARN, and an inventory its id: it keeps no account."""
    if dimension.name != CERTIFICATE or dimension.value.startswith("arn:"):
        return dimension.value
    return str(cdk.Fn.sub(CERTIFICATE_ARN + dimension.value))

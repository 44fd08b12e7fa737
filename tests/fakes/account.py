"""An account in which the example companion is deployed and everything is as it should be.

Every answer is made of the companion itself; tests then break one thing.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from tests.fakes.aws import ACCOUNT, FakeAws, client_error

from axonwatch.catalog.load import Loaded, load_companion
from axonwatch.catalog.project import find_project
from axonwatch.live.accounts import make_account_check
from axonwatch.live.clients import Target
from axonwatch.live.mute import iso_duration
from axonwatch.live.verification.metrics import metrics_of
from axonwatch.model.alarms import Alarm, CompositeAlarm, LogAlarm, MetricAlarm
from axonwatch.model.companion import Companion
from axonwatch.model.metrics import Metric, MetricStat

ROOT = Path(__file__).parents[2]
NOW = datetime.now(UTC).replace(microsecond=0)
LONG_AGO = NOW - timedelta(days=3)
PLAIN = {"SampleCount", "Average", "Sum", "Minimum", "Maximum"}
PUBLISHERS = ("cloudwatch.amazonaws.com", "events.rds.amazonaws.com")


@cache
def loaded() -> Loaded:
    """The repository's own definitions, once for all tests, as if discovered in this account."""
    found = load_companion(find_project(ROOT))
    found.valid()
    inventory = replace(
        found.companion.inventory,
        account_check=make_account_check(ACCOUNT),
        discovered_at="2026-11-24T12:00:00Z",
    )
    return replace(found, companion=replace(found.companion, inventory=inventory))


def arn(service: str, rest: str) -> str:
    """An ARN of the account."""
    return f"arn:aws:{service}:us-east-1:{ACCOUNT}:{rest}"


def described(alarm: Alarm, **changes: Any) -> tuple[str, dict[str, Any]]:
    """An alarm as DescribeAlarms gives it, and the list that it stands in."""
    one: dict[str, Any] = {
        "AlarmName": alarm.name,
        "AlarmArn": arn("cloudwatch", f"alarm:{alarm.name}"),
        "AlarmDescription": alarm.description,
        "ActionsEnabled": alarm.actions.enabled,
        "AlarmActions": [_here(target) for target in alarm.actions.alarm],
        "OKActions": [_here(target) for target in alarm.actions.ok],
        "InsufficientDataActions": [_here(t) for t in alarm.actions.insufficient_data],
        "StateValue": "OK",
        "StateReason": "Threshold Crossed: 1 datapoint was not greater than the threshold.",
        "StateTransitionedTimestamp": LONG_AGO,
        "StateUpdatedTimestamp": LONG_AGO,
    }
    kind = "MetricAlarms"
    if isinstance(alarm, MetricAlarm):
        one |= _metric(alarm)
    elif isinstance(alarm, CompositeAlarm):
        kind = "CompositeAlarms"
        one |= {"AlarmRule": alarm.rule}
        if alarm.suppressor:
            one |= {
                "ActionsSuppressor": arn("cloudwatch", f"alarm:{alarm.suppressor}"),
                "ActionsSuppressorWaitPeriod": alarm.suppressor_wait,
                "ActionsSuppressorExtensionPeriod": alarm.suppressor_extension,
            }
    elif isinstance(alarm, LogAlarm):
        kind = "LogAlarms"
        one |= _log(alarm)
    return kind, one | changes


def _here(target: str) -> str:
    """A target's ARN with this account instead of the offline one."""
    parts = target.split(":", 5)
    return ":".join([*parts[:4], ACCOUNT, *parts[5:]])


def _metric(alarm: MetricAlarm) -> dict[str, Any]:
    made: dict[str, Any] = {
        "ComparisonOperator": str(alarm.comparison),
        "EvaluationPeriods": alarm.evaluation_periods,
        "TreatMissingData": str(alarm.missing),
    }
    if alarm.datapoints_to_alarm is not None:
        made["DatapointsToAlarm"] = alarm.datapoints_to_alarm
    if alarm.threshold is not None:
        made["Threshold"] = alarm.threshold
    if alarm.threshold_query:
        made["ThresholdMetricId"] = alarm.threshold_query
    if alarm.ignore_low_samples:
        made["EvaluateLowSampleCountPercentile"] = "ignore"
    if alarm.warm_up:
        made["WarmUpConfiguration"] = {"WarmUpPeriodDurationInMinutes": alarm.warm_up.minutes}
    if alarm.stat is not None:
        key = "Statistic" if alarm.stat.stat in PLAIN else "ExtendedStatistic"
        made |= {
            "Namespace": alarm.stat.metric.namespace,
            "MetricName": alarm.stat.metric.name,
            "Dimensions": dimensions(alarm.stat.metric),
            "Period": alarm.stat.period,
            key: alarm.stat.stat,
        }
        return made
    made["Metrics"] = [
        {
            "Id": query.id,
            "ReturnData": query.return_data,
            **({"Label": query.label} if query.label else {}),
            **({"Expression": query.expression} if query.expression else {}),
            **({"MetricStat": _stat(query.stat)} if query.stat else {}),
            **({"Period": query.period} if query.period else {}),
        }
        for query in alarm.queries
    ]
    return made


def _stat(stat: MetricStat) -> dict[str, Any]:
    metric = stat.metric
    return {
        "Metric": {
            "Namespace": metric.namespace,
            "MetricName": metric.name,
            "Dimensions": dimensions(metric),
        },
        "Period": stat.period,
        "Stat": stat.stat,
    }


def dimensions(metric: Metric) -> list[dict[str, str]]:
    """A metric's dimensions in the API's form."""
    return [{"Name": d.name, "Value": d.value} for d in metric.dimensions]


def _log(alarm: LogAlarm) -> dict[str, Any]:
    return {
        "ScheduledQueryConfiguration": {
            "QueryString": alarm.query,
            "LogGroupIdentifiers": [arn("logs", f"log-group:{g}") for g in alarm.log_groups],
            "QueryARN": arn("logs", f"scheduled-query:{alarm.name}"),
            "ScheduledQueryRoleARN": arn("iam", "role/log-alarms"),
            "ScheduleConfiguration": {
                "ScheduleExpression": f"rate({alarm.every // 60} minutes)",
                "StartTimeOffset": alarm.start_offset,
                "EndTimeOffset": alarm.end_offset,
            },
            "AggregationExpression": alarm.aggregation,
        },
        "QueryResultsToEvaluate": alarm.results_to_evaluate,
        "QueryResultsToAlarm": alarm.results_to_alarm,
        "Threshold": alarm.threshold,
        "ComparisonOperator": str(alarm.comparison),
        "TreatMissingData": str(alarm.missing),
        "ActionLogLineCount": alarm.log_line_count,
    }


@dataclass
class Account(FakeAws):
    """The account. Change `alarms`, `metrics`, `topics`, ... before asking it."""

    companion: Companion = field(default_factory=lambda: loaded().companion)
    target: Target = field(default_factory=Target)
    endpoint: str = "https://cloudformation.us-east-1.amazonaws.com"
    is_foreign: bool = False
    alarms: dict[str, tuple[str, dict[str, Any]]] = field(default_factory=dict)
    history: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    metrics: set[Metric] = field(default_factory=set)
    fresh: set[Metric] = field(default_factory=set)
    groups: set[str] = field(default_factory=set)
    rows: list[list[dict[str, str]]] = field(default_factory=list)
    scanned: float = 0.0
    dashboards: dict[str, str] = field(default_factory=dict)
    mutes: dict[str, dict[str, Any]] = field(default_factory=dict)
    subscribers: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    topic_attributes: dict[str, dict[str, str]] = field(default_factory=dict)
    key_policy: dict[str, Any] = field(default_factory=dict)
    key_state: str = "Enabled"
    logged_bytes: float = 1_000_000.0

    def __post_init__(self) -> None:
        """Everything as the definitions say."""
        companion = self.companion
        self.alarms = {alarm.name: described(alarm) for alarm in companion.alarms}
        self.metrics = set(metrics_of(companion))
        self.fresh = set(self.metrics)
        self.groups = {service.log_group for service in companion.inventory.services}
        self.groups |= {one.log_group for one in companion.metric_filters}
        self.mutes = {rule.name: self._rule(rule) for rule in companion.mute_rules}
        for topic in companion.notifications.topics:
            topic_arn = arn("sns", topic.name)
            self.subscribers[topic_arn] = [
                {
                    "Protocol": one.protocol,
                    "Endpoint": one.endpoint,
                    "SubscriptionArn": f"{topic_arn}:1f2e",
                    "TopicArn": topic_arn,
                }
                for one in topic.subscriptions
            ]
            self.topic_attributes[topic_arn] = {
                "Policy": json.dumps(_policy(["sns:Publish"], topic_arn)),
                "KmsMasterKeyId": arn("kms", "key/1234"),
            }
        self.key_policy = _policy(["kms:Decrypt", "kms:GenerateDataKey*"], "*")
        self._answer()

    def _rule(self, rule: Any) -> dict[str, Any]:
        return {
            "Name": rule.name,
            "AlarmMuteRuleArn": arn("cloudwatch", f"alarm-mute-rule:{rule.name}"),
            "Description": rule.description,
            "Rule": {
                "Schedule": {
                    "Expression": rule.schedule,
                    "Duration": iso_duration(rule.duration),
                    "Timezone": rule.timezone,
                }
            },
            "MuteTargets": {"AlarmNames": list(rule.alarm_names)},
            "Status": "SCHEDULED",
        }

    def _answer(self) -> None:
        on = self.on
        on("cloudwatch", "DescribeAlarms", self._describe_alarms)
        on("cloudwatch", "DescribeAlarmHistory", self._alarm_history)
        on("cloudwatch", "ListAlarmMuteRules", self._list_mutes)
        on("cloudwatch", "GetAlarmMuteRule", self._get_mute)
        on("cloudwatch", "PutAlarmMuteRule", self._put_mute)
        on("cloudwatch", "DeleteAlarmMuteRule", self._delete_mute)
        on("cloudwatch", "ListMetrics", self._list_metrics)
        on("cloudwatch", "GetMetricData", self._metric_data)
        on("cloudwatch", "SetAlarmState", self._set_state)
        on("cloudwatch", "GetDashboard", self._dashboard)
        on("logs", "DescribeLogGroups", self._log_groups)
        on("logs", "StartQuery", {"queryId": "q-1"})
        on("logs", "StopQuery", {"success": True})
        on("logs", "GetQueryResults", self._results)
        on("logs", "GetScheduledQuery", {"lastExecutionStatus": "Complete", "state": "ENABLED"})
        on("logs", "DescribeQueryDefinitions", self._definitions)
        on("logs", "DescribeMetricFilters", self._filters)
        on("sns", "GetTopicAttributes", self._topic)
        on("sns", "ListSubscriptionsByTopic", self._subscriptions)
        on("kms", "DescribeKey", self._key)
        on("kms", "GetKeyPolicy", lambda _: {"Policy": json.dumps(self.key_policy)})
        on("sqs", "ReceiveMessage", {"Messages": []})
        on("sqs", "DeleteMessage", {})
        self._answer_for_discovery()

    def _answer_for_discovery(self) -> None:
        inventory = self.companion.inventory
        balancer, database = inventory.load_balancer, inventory.database
        group = arn("elasticloadbalancing", balancer.target_group_full_name)
        services = {one.name: one for one in inventory.services}
        by_component = {one.component: one for one in inventory.services}
        self.on(
            "cloudformation",
            "DescribeStacks",
            lambda given: {
                "Stacks": [
                    {
                        "StackName": given.get("StackName", inventory.stack_name),
                        "StackId": arn("cloudformation", f"stack/{given.get('StackName')}/1"),
                        "CreationTime": LONG_AGO,
                        "StackStatus": "UPDATE_COMPLETE",
                        "Outputs": [
                            {"OutputKey": "ClusterName", "OutputValue": inventory.cluster},
                            {"OutputKey": "PricingTierDeployed", "OutputValue": inventory.tier},
                        ],
                    }
                ]
            },
        )
        entries = [
            ("AWS::ECS::Cluster", "Cluster", inventory.cluster),
            *(
                ("AWS::ECS::Service", f"{one.component.title()}Service", f"a/{one.name}")
                for one in inventory.services
            ),
            (
                "AWS::ElasticLoadBalancingV2::LoadBalancer",
                "LoadBalancer",
                arn("elasticloadbalancing", f"loadbalancer/{balancer.full_name}"),
            ),
            ("AWS::ElasticLoadBalancingV2::TargetGroup", "AgentTargetGroup", group),
            ("AWS::RDS::DBInstance", "Database", database.identifier),
        ]
        main = [_resource(*entry) for entry in entries]
        companion = [
            _resource("AWS::CloudWatch::Alarm", f"A{index}", name)
            for index, name in enumerate(self.alarms)
        ]
        self.on(
            "cloudformation",
            "ListStackResources",
            lambda given: {
                "StackResourceSummaries": main
                if given["StackName"] == inventory.stack_name
                else companion
            },
        )
        setting = {"name": "containerInsights", "value": "enabled"}
        self.on(
            "ecs",
            "DescribeClusters",
            {"clusters": [{"clusterName": inventory.cluster, "settings": [setting]}]},
        )
        self.on(
            "ecs",
            "DescribeServices",
            lambda given: {
                "services": [
                    {
                        "serviceName": name,
                        "status": "ACTIVE",
                        "desiredCount": services[name].desired,
                        "taskDefinition": f"arn:task/{services[name].component}:1",
                        "deployments": [
                            {
                                "status": "PRIMARY",
                                "rolloutState": "COMPLETED",
                                "createdAt": LONG_AGO,
                                "taskDefinition": f"arn:task/{services[name].component}:1",
                            }
                        ],
                        "loadBalancers": [{"targetGroupArn": group}]
                        if services[name].component == "agent"
                        else [],
                    }
                    for name in given["services"]
                ]
            },
        )
        self.on(
            "ecs",
            "DescribeTaskDefinition",
            lambda given: {
                "taskDefinition": _task(by_component[given["taskDefinition"][9:].split(":")[0]])
            },
        )
        self.on(
            "application-autoscaling",
            "DescribeScalableTargets",
            lambda given: {
                "ScalableTargets": [
                    {
                        "ServiceNamespace": "ecs",
                        "ResourceId": given["ResourceIds"][0],
                        "ScalableDimension": "ecs:service:DesiredCount",
                        "MinCapacity": services[given["ResourceIds"][0].split("/")[-1]].minimum,
                        "MaxCapacity": services[given["ResourceIds"][0].split("/")[-1]].maximum,
                        "RoleARN": "arn:role",
                        "CreationTime": LONG_AGO,
                    }
                ]
            },
        )
        certificate = balancer.certificate_id
        self.on(
            "elbv2",
            "DescribeListeners",
            {
                "Listeners": [
                    {"Certificates": [{"CertificateArn": f"arn:x/{certificate}"}]}
                    if certificate
                    else {"Port": 80}
                ]
            },
        )
        self.on(
            "rds",
            "DescribeDBInstances",
            {
                "DBInstances": [
                    {
                        "DBInstanceIdentifier": database.identifier,
                        "DBInstanceClass": database.instance_class,
                        "Engine": database.engine,
                        "EngineVersion": database.engine_version,
                        **({"DbiResourceId": database.resource_id} if database.resource_id else {}),
                        "AllocatedStorage": database.allocated_storage // 1024**3,
                        "StorageType": "gp3",
                        "Iops": database.iops,
                        "StorageThroughput": database.throughput // 1024**2,
                        "MultiAZ": database.multi_az,
                        "PreferredBackupWindow": database.backup_window,
                        "PreferredMaintenanceWindow": database.maintenance_window,
                        "EnabledCloudwatchLogsExports": ["postgresql"]
                        if database.log_group
                        else [],
                        "DBParameterGroups": [{"DBParameterGroupName": "default.postgres15"}],
                    }
                ]
            },
        )

    def alarm(self, name: str, **changes: Any) -> None:
        """Change what the account says of one alarm."""
        kind, one = self.alarms[name]
        self.alarms[name] = (kind, one | changes)

    def _describe_alarms(self, given: dict[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = {"MetricAlarms": [], "CompositeAlarms": [], "LogAlarms": []}
        for name in given["AlarmNames"]:
            if name in self.alarms:
                kind, one = self.alarms[name]
                answer[kind].append(one)
        return answer

    def _alarm_history(self, given: dict[str, Any]) -> dict[str, Any]:
        return {"AlarmHistoryItems": self.history.get(given["AlarmName"], [])}

    def _list_mutes(self, given: dict[str, Any]) -> dict[str, Any]:
        wanted = given.get("Statuses") or ["ACTIVE", "SCHEDULED", "EXPIRED"]
        return {
            "AlarmMuteRuleSummaries": [
                {"AlarmMuteRuleArn": one["AlarmMuteRuleArn"], "Status": one["Status"]}
                for one in self.mutes.values()
                if one["Status"] in wanted
            ]
        }

    def _get_mute(self, given: dict[str, Any]) -> Any:
        found = self.mutes.get(given["AlarmMuteRuleName"])
        return found or client_error("ResourceNotFoundException", "no such rule")

    def _put_mute(self, given: dict[str, Any]) -> dict[str, Any]:
        name = given["Name"]
        mute_arn = arn("cloudwatch", f"alarm-mute-rule:{name}")
        self.mutes[name] = given | {"AlarmMuteRuleArn": mute_arn, "Status": "ACTIVE"}
        return {}

    def _delete_mute(self, given: dict[str, Any]) -> dict[str, Any]:
        del self.mutes[given["AlarmMuteRuleName"]]
        return {}

    def _list_metrics(self, given: dict[str, Any]) -> dict[str, Any]:
        wanted = {(d["Name"], d["Value"]) for d in given.get("Dimensions") or ()}
        found = [
            metric
            for metric in sorted(self.metrics, key=repr)
            if metric.namespace == given["Namespace"]
            and given.get("MetricName") in {None, metric.name}
            and wanted <= {(d.name, d.value) for d in metric.dimensions}
        ]
        return {
            "Metrics": [
                {
                    "Namespace": metric.namespace,
                    "MetricName": metric.name,
                    "Dimensions": dimensions(metric),
                }
                for metric in found
            ]
        }

    def _metric_data(self, given: dict[str, Any]) -> dict[str, Any]:
        times = [given["EndTime"] - timedelta(minutes=n) for n in (3, 2, 1)]
        results = []
        for query in given["MetricDataQueries"]:
            if not query.get("ReturnData", True):
                continue
            metric = _metric_of(query)
            is_volume = metric is not None and metric.name == "IncomingBytes"
            known = metric is None or is_volume or metric in self.fresh
            values = [self.logged_bytes] if is_volume else [1.0, 2.0, 3.0]
            results.append(
                {
                    "Id": query["Id"],
                    "Label": query.get("Label", query["Id"]),
                    "Timestamps": times[: len(values)] if known else [],
                    "Values": values if known else [],
                }
            )
        return {"MetricDataResults": results}

    def _set_state(self, given: dict[str, Any]) -> dict[str, Any]:
        self.alarm(given["AlarmName"], StateValue=given["StateValue"])
        return {}

    def _dashboard(self, given: dict[str, Any]) -> Any:
        name = given["DashboardName"]
        if name not in self.dashboards:
            return client_error("DashboardNotFoundError", "no such dashboard")
        return {"DashboardName": name, "DashboardBody": self.dashboards[name]}

    def _log_groups(self, given: dict[str, Any]) -> dict[str, Any]:
        prefix = given["logGroupNamePrefix"]
        names = [name for name in sorted(self.groups) if name.startswith(prefix)]
        return {"logGroups": [{"logGroupName": name, "retentionInDays": 30} for name in names]}

    def _results(self, given: dict[str, Any]) -> dict[str, Any]:
        del given
        return {
            "status": "Complete",
            "results": self.rows,
            "statistics": {
                "recordsMatched": 1.0,
                "recordsScanned": 5.0,
                "bytesScanned": self.scanned,
            },
        }

    def _definitions(self, given: dict[str, Any]) -> dict[str, Any]:
        names = self.companion.names
        return {
            "queryDefinitions": [
                {
                    "name": names.saved_query(query.folder, query.name),
                    "queryString": query.text,
                    "logGroupNames": list(query.log_groups),
                    "parameters": [
                        {"name": p.name, **({"defaultValue": p.default} if p.default else {})}
                        for p in query.parameters
                    ],
                }
                for query in self.companion.queries
            ]
        } if given["queryDefinitionNamePrefix"] == f"{names.stack}/" else {}  # fmt: skip

    def _filters(self, given: dict[str, Any]) -> dict[str, Any]:
        return {
            "metricFilters": [
                {
                    "filterName": one.name,
                    "filterPattern": one.pattern,
                    "logGroupName": one.log_group,
                    "metricTransformations": [
                        {
                            "metricName": one.metric,
                            "metricNamespace": one.namespace,
                            "metricValue": one.value,
                            **({} if one.default is None else {"defaultValue": one.default}),
                            **({"unit": one.unit} if one.unit else {}),
                            **({"dimensions": dict(one.dimensions)} if one.dimensions else {}),
                        }
                    ],
                }
                for one in self.companion.metric_filters
                if one.log_group == given["logGroupName"]
            ]
        }

    def _topic(self, given: dict[str, Any]) -> Any:
        found = self.topic_attributes.get(given["TopicArn"])
        return {"Attributes": found} if found else client_error("NotFound", "no such topic")

    def _subscriptions(self, given: dict[str, Any]) -> Any:
        found = self.subscribers.get(given["TopicArn"])
        return client_error("NotFound", "none") if found is None else {"Subscriptions": found}

    def _key(self, given: dict[str, Any]) -> dict[str, Any]:
        del given
        return {
            "KeyMetadata": {
                "KeyId": "1234",
                "Arn": arn("kms", "key/1234"),
                "KeyState": self.key_state,
            }
        }

    def opened(self) -> Callable[..., Account]:
        """A stand-in for `live.clients.connect`."""

        def connect(target: Target, **_: object) -> Account:
            self.target = target
            return self

        return connect


def _policy(actions: list[str], resource: str) -> dict[str, Any]:
    return {
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": service},
                "Action": actions,
                "Resource": resource,
                "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
            }
            for service in PUBLISHERS
        ]
    }


def _metric_of(query: dict[str, Any]) -> Metric | None:
    from axonwatch.model.metrics import Dimension

    if "MetricStat" not in query:
        return None
    one = query["MetricStat"]["Metric"]
    pairs = tuple(Dimension(d["Name"], d["Value"]) for d in one.get("Dimensions") or ())
    return Metric(one["Namespace"], one["MetricName"], pairs)


def _resource(kind: str, logical: str, physical: str) -> dict[str, Any]:
    return {
        "ResourceType": kind,
        "LogicalResourceId": logical,
        "PhysicalResourceId": physical,
        "ResourceStatus": "CREATE_COMPLETE",
        "LastUpdatedTimestamp": LONG_AGO,
    }


def _task(service: Any) -> dict[str, Any]:
    return {
        "cpu": str(service.cpu_units),
        "memory": str(service.memory_mib),
        "containerDefinitions": [
            {
                "name": service.container,
                "logConfiguration": {
                    "logDriver": "awslogs",
                    "options": {
                        "awslogs-group": service.log_group,
                        "awslogs-stream-prefix": service.log_stream_prefix,
                    },
                },
            }
        ],
    }


def action(text: str, *, failed: bool = False, when: datetime = NOW) -> dict[str, Any]:
    """An item of an alarm's history of actions."""
    data = {"actionState": "Failed" if failed else "Succeeded", "error": text if failed else None}
    summary = "Failed to execute action" if failed else "Successfully executed action"
    return {
        "Timestamp": when,
        "HistoryItemType": "Action",
        "HistorySummary": f"{summary} {arn('sns', 'axonflow-prod-alerts-page')}",
        "HistoryData": json.dumps(data),
    }

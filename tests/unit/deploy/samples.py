"""Companions made by hand: one alarm of each kind, bare and with everything on."""

from __future__ import annotations

from dataclasses import replace

from axonwatch.catalog.inventory import read_inventory
from axonwatch.catalog.project import packaged_root
from axonwatch.model.alarms import (
    About,
    Actions,
    Alarm,
    Comparison,
    CompositeAlarm,
    LogAlarm,
    MetricAlarm,
    MetricFilter,
    Missing,
    MuteRule,
    Severity,
    WarmUp,
)
from axonwatch.model.companion import Companion
from axonwatch.model.dashboards import (
    AlarmStatusWidget,
    Axis,
    Dashboard,
    Line,
    LogWidget,
    MetricWidget,
    Place,
    TextWidget,
    Threshold,
    Variable,
)
from axonwatch.model.metrics import Dimension, Metric, MetricQuery, MetricStat
from axonwatch.model.notifications import Notifications, Subscription, Topic
from axonwatch.model.queries import QueryParameter, SavedQuery
from axonwatch.model.stack import Names

NAMES = Names("shop-prod")
INVENTORY = replace(
    read_inventory(packaged_root() / "inventory.json"), stack_name="shop-prod", region="eu-west-1"
)
PAGE, TICKET = NAMES.topic(Severity.PAGE), NAMES.topic(Severity.TICKET)
TO_PAGE = Actions(alarm=(PAGE,), ok=(PAGE,))
TO_BOTH = Actions(alarm=(PAGE, TICKET), ok=(PAGE,), insufficient_data=(TICKET,))
AGENT_LOG, ORCHESTRATOR_LOG = "/ecs/shop-prod/agent", "/ecs/shop-prod/orchestrator"

CONNECTIONS = MetricStat(
    Metric("AWS/RDS", "DatabaseConnections", (Dimension("DBInstanceIdentifier", "shop-prod-db"),)),
    "Maximum",
    60,
)
LATENCY = MetricStat(
    Metric("AWS/ApplicationELB", "TargetResponseTime", (Dimension("LoadBalancer", "app/a/1"),)),
    "p99",
    300,
)
NOTIFICATIONS = Notifications(
    topics=(
        Topic(Severity.PAGE, PAGE, (Subscription("email", "oncall@example.com"),)),
        Topic(Severity.TICKET, TICKET, (Subscription("https", "https://tickets.example.com/x"),)),
    )
)


def about(component: str, severity: Severity = Severity.PAGE) -> About:
    """What a definition says of an alarm."""
    return About(component, "key", severity, "summary", "because", "runbooks/x.md")


def companion(*alarms: Alarm, **changes: object) -> Companion:
    """A companion of these alarms."""
    whole = Companion(
        names=NAMES, inventory=INVENTORY, notifications=NOTIFICATIONS, alarms=tuple(alarms)
    )
    return replace(whole, **changes)  # type: ignore[arg-type]


METRIC_BARE = MetricAlarm(
    name="shop-prod-database-bare",
    comparison=Comparison.GT,
    evaluation_periods=1,
    threshold=0.0,
    stat=CONNECTIONS,
)
METRIC_FULL = MetricAlarm(
    name="shop-prod-load-balancer-latency-high",
    description="slow\nImpact: requests wait\nseverity=page",
    actions=TO_PAGE,
    comparison=Comparison.GE,
    evaluation_periods=5,
    datapoints_to_alarm=3,
    threshold=1.5,
    missing=Missing.NOT_BREACHING,
    stat=LATENCY,
    ignore_low_samples=True,
    wall_clock="Europe/Berlin",
    warm_up=WarmUp(15, wait_full_time=True),
)
MATH_BARE = MetricAlarm(
    name="shop-prod-load-balancer-ratio",
    comparison=Comparison.GT,
    evaluation_periods=1,
    threshold=5.0,
    queries=(
        MetricQuery("m1", stat=CONNECTIONS, return_data=False),
        MetricQuery("e1", expression="m1 * 2"),
    ),
)
MATH_FULL = MetricAlarm(
    name="shop-prod-load-balancer-errors-ratio",
    description="errors",
    actions=TO_BOTH,
    comparison=Comparison.GT,
    evaluation_periods=3,
    datapoints_to_alarm=2,
    threshold=5.0,
    missing=Missing.BREACHING,
    queries=(
        MetricQuery("requests", stat=replace(LATENCY, stat="Sum", unit="Count"), return_data=False),
        MetricQuery("errors", stat=replace(LATENCY, stat="Sum"), return_data=False),
        MetricQuery(
            "ratio",
            expression="IF(requests > 100, 100 * FILL(errors, 0) / requests, 0)",
            label="% errors",
            period=300,
        ),
    ),
    warm_up=WarmUp(30),
)
BAND_BARE = MetricAlarm(
    name="shop-prod-load-balancer-band",
    comparison=Comparison.OUTSIDE_BAND,
    evaluation_periods=1,
    threshold_query="band",
    queries=(
        MetricQuery("m1", stat=CONNECTIONS),
        MetricQuery("band", expression="ANOMALY_DETECTION_BAND(m1, 2)"),
    ),
)
BAND_FULL = replace(
    BAND_BARE,
    name="shop-prod-load-balancer-band-full",
    description="unusual",
    actions=Actions(alarm=(TICKET,), enabled=False),
    comparison=Comparison.ABOVE_BAND,
    evaluation_periods=6,
    datapoints_to_alarm=4,
    missing=Missing.IGNORE,
)
COMPOSITE_BARE = CompositeAlarm(
    name="shop-prod-service-bare", rule='ALARM("shop-prod-database-bare")'
)
COMPOSITE_FULL = CompositeAlarm(
    name="shop-prod-service-incident",
    description="an incident",
    actions=TO_PAGE,
    rule='ALARM("shop-prod-service-bare") OR AT_LEAST(1, ALARM, ("shop-prod-database-bare"))',
    suppressor="shop-prod-load-balancer-ratio",
    suppressor_wait=120,
    suppressor_extension=300,
)
LOG_BARE = LogAlarm(
    name="shop-prod-orchestrator-log",
    query="filter @message like /x/",
    log_groups=(ORCHESTRATOR_LOG,),
    aggregation="count(*)",
    comparison=Comparison.GT,
    threshold=0.0,
    results_to_evaluate=1,
    results_to_alarm=1,
)
LOG_FULL = replace(
    LOG_BARE,
    name="shop-prod-agent-log",
    description="the agent says so",
    actions=TO_PAGE,
    log_groups=(AGENT_LOG, ORCHESTRATOR_LOG),
    every=60,
    start_offset=120,
    end_offset=0,
    results_to_evaluate=3,
    results_to_alarm=2,
    missing=Missing.NOT_BREACHING,
    log_line_count=5,
)
FILTER_BARE = MetricFilter(
    name="shop-prod-filter-bare",
    log_group="/aws/rds/instance/shop-prod-db/postgresql",
    pattern="FATAL",
    namespace="Axonwatch/shop-prod",
    metric="bare",
)
FILTER_FULL = replace(
    FILTER_BARE,
    name="shop-prod-filter-full",
    log_group=AGENT_LOG,
    metric="full",
    value="$ms",
    unit="Milliseconds",
    dimensions=(("Client", "$client"),),
)
MUTE_BARE = MuteRule(
    name="shop-prod-mute-bare",
    schedule="cron(0 3 * * *)",
    duration=3600,
    alarm_names=("shop-prod-database-bare",),
)
MUTE_FULL = replace(
    MUTE_BARE,
    name="shop-prod-mute-full",
    schedule="at(2026-12-24T18:00)",
    duration=93_600,
    alarm_names=("shop-prod-database-bare", "shop-prod-service-incident"),
    timezone="Europe/Berlin",
    description="holidays",
    start="2026-12-01T00:00",
    expire="2027-01-31T00:00",
)
QUERY_FULL = SavedQuery(
    name="who",
    text='filter @message like "{{client}}" | stats count(*) as n by ${x}',
    log_groups=(AGENT_LOG, ORCHESTRATOR_LOG),
    folder="traffic",
    parameters=(QueryParameter("client", ".*", "whose"), QueryParameter("user")),
)
DASHBOARD_FULL = Dashboard(
    key="database",
    name="shop-prod-database",
    start="-PT6H",
    variables=(
        Variable("stack", "Stack", "shop-prod", "shop-prod"),
        Variable("zone", "Zone", "eu", "eu", (("eu", "Europe"), ("us", "America"))),
    ),
    widgets=(
        TextWidget(place=Place(0, 0, 24, 2), markdown="**Text** with ${dollar} and “quotes”"),
        AlarmStatusWidget(
            place=Place(0, 2, 24, 4),
            title="States",
            alarm_names=("shop-prod-database-bare", "shop-prod-service-incident"),
        ),
        MetricWidget(
            place=Place(0, 6, 12, 6),
            title="Graph",
            lines=(
                Line(MetricQuery("c", stat=CONNECTIONS, label="connections"), color="#1f77b4"),
                Line(MetricQuery("l", stat=LATENCY), axis=Axis.RIGHT),
                Line(MetricQuery("e", expression="c * 2", label="twice", period=300)),
                Line(MetricQuery("h", stat=CONNECTIONS, return_data=False)),
            ),
            stacked=True,
            thresholds=(
                Threshold(324.0, "page", fill="above", color="#d62728"),
                Threshold(1.5, "slow", Axis.RIGHT),
            ),
            left_label="connections",
            left_range=(0.0, None),
            right_range=(None, 2.5),
        ),
        MetricWidget(
            place=Place(12, 6, 12, 6),
            view="singleValue",
            period=300,
            lines=(Line(MetricQuery("m1", stat=CONNECTIONS)),),
        ),
        LogWidget(place=Place(0, 12, 24, 6), title="Who", query="who", log_groups=(AGENT_LOG,)),
        LogWidget(place=Place(0, 18, 24, 6), query="fields @message", log_groups=(AGENT_LOG,)),
    ),
)

"""What the companion costs a month, from its model and list prices, before it is deployed.

What scans logs (log alarms, log widgets, saved queries) is priced by a volume of logs that is
measured or given; without one it is named, and not added up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from axonwatch.live.prices import Prices
from axonwatch.model.alarms import LogAlarm, MetricAlarm
from axonwatch.model.companion import Companion
from axonwatch.model.dashboards import LogWidget, MetricWidget
from axonwatch.model.metrics import MetricQuery

MONTH = 30 * 86_400
HIGH_RESOLUTION = 60


@dataclass(frozen=True)
class Item:
    """One line of the bill. `dollars` is None for what depends on a volume that is not known."""

    group: str
    name: str
    basis: str
    dollars: float | None


@dataclass(frozen=True)
class Habits:
    """How often people look. Dashboards refresh by themselves while they are open."""

    dashboard_minutes_a_day: float = 60.0
    refreshes_an_hour: float = 12.0
    queries_a_day: float = 5.0
    query_hours: float = 1.0


def price_companion(
    companion: Companion,
    prices: Prices,
    *,
    bytes_a_day: Mapping[str, float] | None = None,
    habits: Habits | None = None,
) -> list[Item]:
    """Every line of the month's bill, without the free tier. `bytes_a_day` is by log group."""
    habits = habits or Habits()
    items = [
        *_alarms(companion, prices, bytes_a_day),
        *_metrics(companion, prices),
        *_dashboards(companion, prices, bytes_a_day, habits),
        *_queries(companion, prices, bytes_a_day, habits),
    ]
    topics = [topic for topic in companion.notifications.topics if topic.arn is None]
    if topics:
        key = prices.rates["kms_key_month"]
        items.append(Item("notifications", "key of the topics", "one key", key))
    return items


def _alarms(companion: Companion, prices: Prices, volume: Mapping[str, float] | None) -> list[Item]:
    items = []
    rates = prices.rates
    for alarm in companion.alarms:
        if isinstance(alarm, MetricAlarm):
            count, basis = _metrics_of(alarm, rates)
            fast = alarm.period < HIGH_RESOLUTION
            rate = rates["alarm_metric_high_resolution_month" if fast else "alarm_metric_month"]
            items.append(Item("alarms", alarm.name, basis, count * rate))
        elif isinstance(alarm, LogAlarm):
            runs = MONTH / alarm.every
            seconds = alarm.start_offset - alarm.end_offset
            cost = _scan(prices, volume, alarm.log_groups, seconds * runs)
            items.append(Item("log alarms", alarm.name, f"{runs:,.0f} runs of {seconds} s", cost))
        else:
            cost = rates["composite_alarm_month"]
            items.append(Item("composite alarms", alarm.name, "composite", cost))
    return items


def _metrics_of(alarm: MetricAlarm, rates: Mapping[str, float]) -> tuple[int, str]:
    """How many metrics an alarm pays for: each in its math, three for an anomaly band."""
    if alarm.threshold_query is not None:
        return int(rates["anomaly_alarm_metrics"]), "anomaly: 3 metrics"
    count = len({query.stat.metric for query in alarm.queries if query.stat}) or 1
    return count, "1 metric" if count == 1 else f"math over {count} metrics"


def _metrics(companion: Companion, prices: Prices) -> list[Item]:
    rate = prices.rates["custom_metric_month"]
    return [
        Item("custom metrics", one.metric, f"metric filter on {one.log_group}", rate)
        for one in companion.metric_filters
    ]


def _dashboards(
    companion: Companion, prices: Prices, volume: Mapping[str, float] | None, habits: Habits
) -> list[Item]:
    items = []
    looks = habits.dashboard_minutes_a_day / 60 * habits.refreshes_an_hour * 30
    for dashboard in companion.dashboards:
        items.append(
            Item("dashboards", dashboard.name, "dashboard", prices.rates["dashboard_month"])
        )
        queries: list[MetricQuery] = [
            line.query
            for widget in dashboard.widgets
            if isinstance(widget, MetricWidget)
            for line in widget.lines
        ]
        asked = sum(1 for query in queries if query.stat)
        items.append(
            Item(
                "looking",
                dashboard.name,
                f"{asked} metrics, {looks:,.0f} refreshes",
                asked * looks / 1000 * prices.rates["metrics_requested_thousand"],
            )
        )
        for widget in dashboard.widgets:
            if isinstance(widget, LogWidget):
                hours = _hours(dashboard.start)
                cost = _scan(prices, volume, widget.log_groups, hours * 3600 * looks)
                basis = f"log widget, {looks:,.0f} refreshes of {hours} h"
                items.append(Item("looking", f"{dashboard.name}: {widget.title}", basis, cost))
    return items


def _queries(
    companion: Companion, prices: Prices, volume: Mapping[str, float] | None, habits: Habits
) -> list[Item]:
    runs = habits.queries_a_day * 30
    if not companion.queries:
        return []
    seconds = habits.query_hours * 3600 * runs / len(companion.queries)
    costs = [_scan(prices, volume, query.log_groups, seconds) for query in companion.queries]
    known = [cost for cost in costs if cost is not None]
    total = sum(known) if len(known) == len(costs) else None
    basis = f"{runs:,.0f} runs over {habits.query_hours:g} h"
    return [Item("looking", "saved queries", basis, total)]


def _scan(
    prices: Prices, volume: Mapping[str, float] | None, groups: tuple[str, ...], seconds: float
) -> float | None:
    """What scanning so many seconds of these groups costs; None without figures."""
    if volume is None or any(group not in volume for group in groups):
        return None
    return prices.scanned(sum(volume[group] for group in groups) / 86_400 * seconds)


def _hours(start: str) -> int:
    """The hours of `-PT3H`; days too."""
    text = start.removeprefix("-P")
    if text.startswith("T") and text.endswith("H"):
        return int(text[1:-1])
    return int(text[:-1]) * 24 if text.endswith("D") else 3

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from tests.fakes.account import Account

from axonwatch.live.cost import Habits, price_companion
from axonwatch.live.prices import prices_of
from axonwatch.model.alarms import CompositeAlarm, LogAlarm, MetricAlarm

Run = Callable[..., tuple[int, str, str]]


def record(run: Run, *more: str) -> dict[str, Any]:
    code, out, _ = run("cost", "--json", *more)
    assert code == 0
    found: dict[str, Any] = json.loads(out)
    return found


def test_it_needs_no_account(account: Account, run: Run) -> None:
    code, out, err = run("cost")
    assert code == 0
    assert account.calls == []
    assert "together $" in out
    assert "that scan logs; give --logs-gb-a-day, or --measure" in err


def test_every_alarm_has_its_price(account: Account, run: Run) -> None:
    items = {
        item["name"]: item
        for item in record(run, "--logs-gb-a-day", "1")["items"]
        if "alarms" in item["group"]
    }
    assert set(items) == {alarm.name for alarm in account.companion.alarms}
    for alarm in account.companion.alarms:
        price = items[alarm.name]["dollars"]
        if isinstance(alarm, CompositeAlarm):
            assert price == 0.5
        elif isinstance(alarm, LogAlarm):
            assert price > 0
        elif isinstance(alarm, MetricAlarm) and alarm.threshold_query:
            assert price == pytest.approx(0.3)
        elif isinstance(alarm, MetricAlarm):
            metrics = {q.stat.metric for q in alarm.queries if q.stat}
            assert price == pytest.approx(0.1 * max(len(metrics), 1))


def test_the_sum_is_the_sum(run: Run) -> None:
    found = record(run, "--logs-gb-a-day", "1")
    assert found["month"] == pytest.approx(sum(i["dollars"] for i in found["items"]), abs=0.001)
    assert found["without_volume"] == []


def test_a_log_alarm_pays_for_what_it_scans(account: Account) -> None:
    alarm = account.companion.log_alarms[0]
    volume = dict.fromkeys((s.log_group for s in account.companion.inventory.services), 86.4e9)
    items = price_companion(account.companion, prices_of("us-east-1"), bytes_a_day=volume)
    one = next(item for item in items if item.name == alarm.name)
    seconds = alarm.start_offset - alarm.end_offset
    runs = 30 * 86_400 / alarm.every
    expected = len(alarm.log_groups) * 1e6 * seconds * runs / 1e9 * 0.005
    assert one.dollars == pytest.approx(expected)


def test_what_depends_on_volume_is_named_not_guessed(account: Account) -> None:
    items = price_companion(account.companion, prices_of("us-east-1"))
    unknown = {item.name for item in items if item.dollars is None}
    assert account.companion.log_alarms[0].name in unknown
    assert "saved queries" in unknown


def test_nobody_looks_nobody_pays(account: Account) -> None:
    habits = Habits(dashboard_minutes_a_day=0, queries_a_day=0)
    volume = dict.fromkeys((s.log_group for s in account.companion.inventory.services), 1e9)
    prices = prices_of("us-east-1")
    items = price_companion(account.companion, prices, bytes_a_day=volume, habits=habits)
    assert sum(item.dollars or 0 for item in items if item.group == "looking") == 0


def test_the_volume_can_be_measured(account: Account, run: Run) -> None:
    found = record(run, "--measure")
    assert found["without_volume"] == []
    assert len(account.asked("cloudwatch:GetMetricData")) == 2


def test_each_line_can_be_seen(account: Account, run: Run) -> None:
    _, out, _ = run("cost", "--each")
    assert all(alarm.name in out for alarm in account.companion.alarms)


def test_another_regions_prices_are_told(run: Run) -> None:
    _, out, err = run("cost", "--region", "eu-central-1")
    assert "us-east-1, list prices" in out
    assert "this region's may differ" in err


def test_two_volumes_are_one_too_many(run: Run) -> None:
    code, _, _ = run("cost", "--measure", "--logs-gb-a-day", "1")
    assert code == 2

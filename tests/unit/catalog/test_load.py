"""Definitions become the model: every kind of thing, with limits resolved and names in full."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import pytest
from tests.unit.catalog.cases import BASE
from tests.unit.catalog.test_definitions_page import FILES

from axonwatch.catalog.definitions.composites import window_schedule
from axonwatch.catalog.inventory import limits_of, read_inventory, write_inventory
from axonwatch.catalog.load import Loaded, load_companion
from axonwatch.catalog.project import find_project, packaged_root
from axonwatch.diagnostics import InvalidInput
from axonwatch.model.alarms import CompositeAlarm, LogAlarm, MetricAlarm
from axonwatch.model.dashboards import AlarmStatusWidget, LogWidget, MetricWidget, TextWidget
from axonwatch.model.metrics import Dimension


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """The files of docs/definitions.md, which show every kind of thing."""
    shutil.copytree(BASE, tmp_path, dirs_exist_ok=True)
    for name, text in FILES:
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def load(folder: Path) -> Loaded:
    return load_companion(find_project(stack_file=folder / "stack.yaml"))


def alarm(loaded: Loaded, key: str) -> object:
    return next(one.piece for one in loaded.alarms if one.key == f"database/{key}")


def edit(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_metric_alarm(shop: Path) -> None:
    loaded = load(shop)
    one = alarm(loaded, "connections-high")
    assert isinstance(one, MetricAlarm)
    assert one.name == "shop-prod-database-connections-high"
    assert one.threshold == 364.5  # 90 % of 405, by the override in stack.yaml
    assert (one.needed, one.evaluation_periods, one.period) == (3, 5, 60)
    assert one.stat is not None
    assert one.stat.metric.dimensions == (Dimension("DBInstanceIdentifier", "shop-prod-db"),)
    page = "arn:aws:sns:us-east-1:111122223333:shop-prod-alerts-page"
    assert (one.actions.alarm, one.actions.ok) == ((page,), (page,))
    assert one.about is not None
    assert one.about.first == ("look for idle sessions", "restart the agents one by one")
    assert one.description == (
        "database holds 365 or more of 405 connections\n"
        "Impact: requests that need a new connection fail\n"
        "Shape: 3 of 5 minutes\n"
        "Do first:\n"
        "1. look for idle sessions\n"
        "2. restart the agents one by one\n"
        "Runbook: https://wiki.example.com/runbooks/database-connections-high\n"
        "Dashboard: https://us-east-1.console.aws.amazon.com/cloudwatch/home"
        "?region=us-east-1#dashboards:name=shop-prod-database\n"
        "Look: axonwatch query refusals --since 1h\n"
        "severity=page component=database stack=shop-prod"
    )


def test_metric_math_a_filter_and_a_band(shop: Path) -> None:
    edit(shop, "stack.yaml", "off: {database/busy: the nights are quiet here}\n", "")
    loaded = load(shop)
    slow = alarm(loaded, "slow")
    assert isinstance(slow, MetricAlarm)
    assert [(q.id, q.return_data) for q in slow.queries] == [
        ("reads", False),
        ("latency", False),
        ("result", True),
    ]
    assert slow.actions.alarm == ()
    refused = alarm(loaded, "refused")
    assert isinstance(refused, MetricAlarm)
    assert refused.stat is not None
    assert refused.stat.metric.namespace == "Axonwatch/shop-prod"
    assert refused.actions.ok == ()  # a ticket does not tell its end
    busy = alarm(loaded, "busy")
    assert isinstance(busy, MetricAlarm)
    assert busy.threshold is None
    assert busy.queries[-1].expression == "ANOMALY_DETECTION_BAND(m1, 2)"
    assert busy.threshold_query == "band"


def test_a_log_alarm_runs_the_saved_query_at_its_defaults(shop: Path) -> None:
    hung = alarm(load(shop), "hung")
    assert isinstance(hung, LogAlarm)
    assert "like /refused/" in hung.query
    assert hung.log_groups == ("/ecs/shop-prod/agent",)
    assert (hung.every, hung.start_offset, hung.end_offset) == (300, 360, 60)


def test_a_composite_names_alarms_in_full_and_drops_what_is_off(shop: Path) -> None:
    incident = alarm(load(shop), "incident")
    assert isinstance(incident, CompositeAlarm)
    assert incident.rule == (
        'ALARM("shop-prod-database-refused") OR ALARM("shop-prod-database-slow")'
    )
    assert incident.suppressor is None  # `busy` is off


@pytest.mark.parametrize(
    ("rule", "resolved"),
    [
        ("AT_LEAST(1, ALARM, (refused, slow))", "AT_LEAST(1, ALARM, ({r}, {s}))"),
        ("AT_LEAST(50%, NOT OK, (refused, busy, slow))", "AT_LEAST(50%, NOT OK, ({r}, {s}))"),
        ("ALARM(busy) OR ALARM(slow)", "FALSE OR ALARM({s})"),
        ('NOT ALARM("database/slow")', "NOT ALARM({s})"),
        (
            "AT_LEAST(1, ALARM, (slow)) AND OK(refused) OR AT_LEAST(1, OK, (slow))",
            "AT_LEAST(1, ALARM, ({s})) AND OK({r}) OR AT_LEAST(1, OK, ({s}))",
        ),
    ],
)
def test_rules_are_resolved(shop: Path, rule: str, resolved: str) -> None:
    edit(shop, "alarms/database.yaml", "ALARM(database/refused) OR ALARM(slow)", f"'{rule}'")
    incident = alarm(load(shop), "incident")
    assert isinstance(incident, CompositeAlarm)
    assert incident.rule == resolved.format(
        r='"shop-prod-database-refused"', s='"shop-prod-database-slow"'
    )


def test_a_composite_of_a_lost_composite_is_lost(shop: Path) -> None:
    text = (
        "composites:\n  outer:\n    severity: ticket\n    rule: ALARM(inner)\n    because: x\n"
        "    summary: x\n    runbook: runbooks/database-slow.md\n  inner:\n    severity: ticket\n"
        "    rule: ALARM(busy)\n    because: x\n    summary: x\n"
        "    runbook: runbooks/database-slow.md\n"
    )
    edit(shop, "alarms/database.yaml", "composites:\n", text)
    loaded = load(shop)
    assert {"database/outer", "database/inner"} <= loaded.left_out
    assert [d.code for d in loaded.diagnostics].count("lost-alarm") == 3  # and the suppressor


def test_features_that_are_off_are_said(shop: Path) -> None:
    edit(
        shop,
        "stack.yaml",
        "features: {log_alarms: true, mute_rules: true, query_parameters: true, warm_up: true}",
        "features: {log_alarms: false, mute_rules: false, query_parameters: false}",
    )
    loaded = load(shop)
    lost = [one.title for one in loaded.diagnostics if one.code == "lost-alarm"]
    assert [title.partition(" is left out")[0] for title in lost] == [
        "`database/hung`",
        "the suppressor of `database/incident`",
        "the mute rule `database/backup`",
        "the choice of parameters of the query `refusals`",
    ]
    assert "{{" not in loaded.companion.queries[0].text
    assert loaded.companion.mute_rules == ()


def test_a_dashboard_is_laid_out(shop: Path) -> None:
    board = load(shop).companion.dashboards[0]
    assert (board.name, board.start) == ("shop-prod-database", "-PT3H")
    assert [(type(w), dataclasses.astuple(w.place)) for w in board.widgets] == [
        (AlarmStatusWidget, (0, 0, 16, 4)),
        (TextWidget, (16, 0, 8, 4)),
        (MetricWidget, (0, 4, 8, 6)),
        (MetricWidget, (8, 4, 8, 6)),
        (LogWidget, (16, 4, 8, 6)),
        (MetricWidget, (0, 10, 12, 3)),
        (MetricWidget, (12, 10, 12, 3)),
    ]
    graph = board.widgets[2]
    assert isinstance(graph, MetricWidget)
    assert [(t.value, t.fill, t.axis) for t in graph.thresholds] == [(364.5, "above", "left")]
    text = board.widgets[1]
    assert isinstance(text, TextWidget)
    assert "#dashboards:name=shop-prod-database) of shop-prod in us-east-1" in text.markdown


def test_tests_of_queries_have_events_at_their_times(shop: Path) -> None:
    test = load(shop).companion.queries[0].tests[0]
    ((group, events),) = test.events
    assert group == "/ecs/shop-prod/agent"
    assert events[0] == {"timestamp": 1767225601000, "message": "connection refused"}
    assert events[1]["logStream"] == "agent/agent/1"
    assert events[1]["message"] == '{"level": "ERROR", "message": "refused"}'


@pytest.mark.parametrize(
    ("window", "schedule"),
    [
        ("03:00-04:00", ("cron(0 3 * * *)", 3600)),
        ("23:30-00:15", ("cron(30 23 * * *)", 2700)),
        ("sun:04:00-sun:05:00", ("cron(0 4 * * SUN)", 3600)),
        ("sat:23:00-sun:01:30", ("cron(0 23 * * SAT)", 9000)),
    ],
)
def test_windows_of_the_database_become_schedules(window: str, schedule: tuple[str, int]) -> None:
    assert window_schedule(window) == schedule


def test_the_inventory_goes_to_the_file_and_back(tmp_path: Path) -> None:
    inventory = read_inventory(BASE / "inventory.json")
    write_inventory(tmp_path / "inventory.json", inventory)
    assert read_inventory(tmp_path / "inventory.json") == inventory
    assert [path.name for path in tmp_path.iterdir()] == ["inventory.json"]


def test_limits_belong_to_components() -> None:
    inventory = read_inventory(BASE / "inventory.json")
    assert limits_of(inventory, "database")["max_connections"] == 405
    assert limits_of(inventory, "agent")["memory"] == 2 * 1024**3
    assert limits_of(inventory, "load_balancer")["max_count"] == 50
    assert limits_of(inventory, "paging") == {}


def test_a_project_is_found_upwards_to_the_git_root(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AXONWATCH_STACK_FILE", raising=False)
    inner = shop / "a" / "b"
    inner.mkdir(parents=True)
    assert find_project(inner).root == shop.resolve()
    (shop / "a" / ".git").mkdir()
    assert find_project(inner).root == packaged_root()
    monkeypatch.setenv("AXONWATCH_STACK_FILE", str(shop / "stack.yaml"))
    assert find_project(inner).root == shop.resolve()


def test_a_project_of_two_files_takes_our_definitions(tmp_path: Path) -> None:
    shutil.copy(BASE / "stack.yaml", tmp_path)
    shutil.copy(BASE / "inventory.json", tmp_path)
    loaded = load(tmp_path)
    assert len(loaded.valid().alarms) > 20
    assert all(one.name.startswith("shop-prod-") for one in loaded.companion.alarms)


def test_a_link_that_leads_out_is_refused(
    shop: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "x.yaml"
    outside.write_text("component: agent\n", encoding="utf-8")
    (shop / "alarms" / "x.yaml").symlink_to(outside)
    with pytest.raises(InvalidInput) as caught:
        load(shop).valid()
    assert [one.code for one in caught.value.diagnostics] == ["path-outside"]


def test_a_broken_entry_hides_nothing_else_and_its_consequences_stay_unsaid(shop: Path) -> None:
    (shop / "alarms" / "x.yaml").write_text(
        """component: agent
alarms:
  broken: {severity: page, metric: CPUUtilization, statistic: Average, period: 1m, fro: 1 of 1,
          when: ">= 80 percent", missing: ignore, because: b, summary: s, runbook: runbooks/x.md}
  short: {severity: page, metric: CPUUtilization, statistic: Average, period: 90s,
          when: ">= 80 percent", for: 1 of 1, missing: ignore, because: b, summary: s,
          runbook: runbooks/x.md}
composites:
  both: {severity: page, rule: ALARM(broken) OR ALARM(short), because: b, summary: s,
         runbook: runbooks/x.md}
""",
        encoding="utf-8",
    )
    codes = [one.code for one in load(shop).errors]
    assert codes == ["unknown-key", "bad-period"]

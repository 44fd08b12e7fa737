"""Dashboards: alarm states first, thresholds drawn, a way to another stack, links to the rest."""

from __future__ import annotations

import pytest

from axonwatch.model.companion import Companion
from axonwatch.model.dashboards import AlarmStatusWidget, Dashboard, MetricWidget, TextWidget

KEYS = ["on_call", "agent", "orchestrator", "load_balancer", "database"]
FREE_METRICS = 50  # a dashboard of up to 50 metrics is free for the first three


def dashboard(companion: Companion, key: str) -> Dashboard:
    return next(one for one in companion.dashboards if one.key == key)


def test_there_are_five(companion: Companion) -> None:
    assert sorted(one.key for one in companion.dashboards) == sorted(KEYS)


@pytest.mark.parametrize("key", KEYS)
def test_alarm_states_stand_above_every_graph(companion: Companion, key: str) -> None:
    widgets = dashboard(companion, key).widgets
    first_alarms = min(one.place.y for one in widgets if isinstance(one, AlarmStatusWidget))
    first_graph = min(one.place.y for one in widgets if isinstance(one, MetricWidget))
    assert first_alarms < first_graph


@pytest.mark.parametrize("key", KEYS)
def test_a_variable_switches_the_stack(companion: Companion, key: str) -> None:
    variables = dashboard(companion, key).variables
    assert [(one.pattern, one.default) for one in variables] == [("axonflow-prod", "axonflow-prod")]


@pytest.mark.parametrize("key", KEYS)
def test_it_links_to_another_dashboard_and_names_queries(companion: Companion, key: str) -> None:
    text = "\n".join(
        one.markdown for one in dashboard(companion, key).widgets if isinstance(one, TextWidget)
    )
    assert "dashboards" in text
    assert "Queries" in text or "axonwatch query" in text


@pytest.mark.parametrize("key", KEYS)
def test_it_draws_thresholds(companion: Companion, key: str) -> None:
    widgets = [one for one in dashboard(companion, key).widgets if isinstance(one, MetricWidget)]
    assert sum(bool(one.thresholds) for one in widgets) >= 2


@pytest.mark.parametrize("key", KEYS)
def test_it_stays_within_the_free_number_of_metrics(companion: Companion, key: str) -> None:
    lines = [
        line
        for one in dashboard(companion, key).widgets
        if isinstance(one, MetricWidget)
        for line in one.lines
    ]
    assert len(lines) <= FREE_METRICS


def test_every_alarm_of_a_part_is_seen_on_its_dashboard(companion: Companion) -> None:
    shown = {
        name
        for one in companion.dashboards
        for widget in one.widgets
        if isinstance(widget, AlarmStatusWidget)
        for name in widget.alarm_names
    }
    assert {alarm.name for alarm in companion.alarms} - shown == set()

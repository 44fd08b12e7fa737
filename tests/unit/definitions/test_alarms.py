"""What every alarm of ours must be: named for a page, reasoned, and not able to lie."""

from __future__ import annotations

import re

from axonwatch.model.alarms import Missing, Severity
from axonwatch.model.companion import Companion

CHILD = re.compile(r"(?:ALARM|OK|INSUFFICIENT_DATA)\(\"?([^\")]+)\"?\)")


def test_names_survive_a_mails_subject(companion: Companion) -> None:
    names = [alarm.name for alarm in companion.alarms]
    assert [name for name in names if len(name) > 62 or not name.isascii()] == []
    assert len(names) == len(set(names))


def test_a_reason_is_given_for_threshold_and_missing_data(companion: Companion) -> None:
    bare = [
        alarm.name
        for alarm in (*companion.metric_alarms, *companion.log_alarms)
        if alarm.about is None or len(alarm.about.because) < 60
    ]
    assert bare == []


def test_silence_that_breaches_waits_for_a_warm_up_and_needs_every_datapoint(
    companion: Companion,
) -> None:
    """Else the alarm pages in the minute of its creation, or two minutes into a recording."""
    hasty = [
        alarm.name
        for alarm in companion.metric_alarms
        if alarm.missing is Missing.BREACHING
        and (alarm.warm_up is None or alarm.needed != alarm.evaluation_periods)
    ]
    assert hasty == []


def test_a_percentile_keeps_its_state_with_few_samples(companion: Companion) -> None:
    unguarded = [
        alarm.name
        for alarm in companion.metric_alarms
        if alarm.stat and re.match(r"p\d", alarm.stat.stat) and not alarm.ignore_low_samples
    ]
    assert unguarded == []


def test_a_ratio_asks_for_a_minimum_of_traffic(companion: Companion) -> None:
    """100 * a / b needs IF(b >= n, ...), unless it compares a metric with itself."""
    ratios = [
        (alarm.name, query.expression)
        for alarm in companion.metric_alarms
        for query in alarm.queries
        if query.expression and "/" in query.expression and len(alarm.queries) > 2
    ]
    assert ratios
    assert [name for name, text in ratios if not re.match(r"IF\(.+ >= \d+, ", text)] == []


def test_no_window_is_longer_than_cloudwatch_takes(companion: Companion) -> None:
    long = [
        alarm.name
        for alarm in companion.metric_alarms
        if alarm.period * alarm.evaluation_periods > (86_400 if alarm.period < 3600 else 604_800)
    ]
    assert long == []


def test_silent_alarms_are_part_of_something_that_speaks_or_suppresses(
    companion: Companion,
) -> None:
    used = {
        name
        for composite in companion.composite_alarms
        for name in (*CHILD.findall(composite.rule), composite.suppressor or "")
    }
    silent = {alarm.name for alarm in companion.alarms if not alarm.actions.alarm}
    assert silent - used == set()


def test_an_alarm_that_does_not_tell_says_at_least_that_it_went_blind(companion: Companion) -> None:
    """To the ticket topic, and rarely: a gap in its data does not lead to INSUFFICIENT_DATA."""
    silent = [one for one in companion.metric_alarms if not one.actions.alarm]
    told = {target.rpartition("-")[2] for one in silent for target in one.actions.insufficient_data}
    assert len(silent) >= 30
    assert all(len(one.actions.insufficient_data) == 1 for one in silent)
    assert told == {"ticket"}
    assert {one.missing for one in silent} <= {
        Missing.IGNORE,
        Missing.BREACHING,
        Missing.NOT_BREACHING,
    }
    loud = [one for one in companion.alarms if one.actions.alarm]
    assert not any(one.actions.insufficient_data for one in loud)


def test_no_page_comes_twice_for_one_cause(companion: Companion) -> None:
    """A child of a paging composite does not page as well."""
    paging = [
        one
        for one in companion.composite_alarms
        if one.actions.alarm and one.about and one.about.severity is Severity.PAGE
    ]
    children = {name for one in paging for name in CHILD.findall(one.rule)}
    loud = {
        alarm.name
        for alarm in companion.alarms
        if alarm.actions.alarm and alarm.about and alarm.about.severity is Severity.PAGE
    }
    assert len(paging) >= 6
    assert children & loud == set()


def test_symptoms_wait_for_causes(companion: Companion) -> None:
    alarms = {alarm.name.removeprefix("axonflow-prod-"): alarm for alarm in companion.alarms}
    composites = {one.name: one for one in companion.composite_alarms}
    incident = composites["axonflow-prod-service-incident"]
    known = set(CHILD.findall(composites["axonflow-prod-service-cause-known"].rule))
    assert incident.suppressor == "axonflow-prod-service-cause-known"
    causes = {
        alarm.name
        for key, alarm in alarms.items()
        if alarm.about
        and alarm.about.severity is Severity.PAGE
        and alarm.actions.alarm
        and key not in {"service-incident", "paging-ticket-topic-failing", "database-storage-low"}
    }
    assert known == causes


def test_a_mute_rule_never_silences_a_database_that_does_not_answer(companion: Companion) -> None:
    rules = {rule.name: rule for rule in companion.mute_rules}
    assert set(rules) == {"axonflow-prod-mute-backup", "axonflow-prod-mute-maintenance"}
    backup, maintenance = rules.values()
    assert (backup.duration, maintenance.duration) == (3600, 3600)
    by_name = {alarm.name: alarm for alarm in companion.alarms}
    pages = [
        name
        for name in backup.alarm_names
        if (about := by_name[name].about) and about.severity is Severity.PAGE
    ]
    assert pages == []
    assert "axonflow-prod-database-incident" not in maintenance.alarm_names


def test_failures_of_a_topic_are_told_through_the_other_one(companion: Companion) -> None:
    by_name = {alarm.name.removeprefix("axonflow-prod-"): alarm for alarm in companion.alarms}
    for failing, told in (("page", "ticket"), ("ticket", "page")):
        targets = by_name[f"paging-{failing}-topic-failing"].actions.alarm
        assert all(target.endswith(f"axonflow-prod-alerts-{told}") for target in targets)
        assert targets


def test_no_page_carries_log_lines(companion: Companion) -> None:
    """They hold secrets and users' text."""
    assert {alarm.log_line_count for alarm in companion.log_alarms} == {0}

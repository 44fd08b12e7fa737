"""Backtests: how often, how long, and how right."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.unit.simulate.scenario_samples import PREFIX, addresses, suite

from axonwatch.model.alarms import MetricAlarm
from axonwatch.simulate.answers.backtest import (
    Interval,
    Outcome,
    Recording,
    as_json,
    backtest,
    fitted,
    score,
)
from axonwatch.simulate.evaluation.evaluate import Settings
from axonwatch.simulate.series.series import Series, SeriesStore

START = 1_767_225_600
WEEK = 7 * 86_400
CPU, _ = addresses().metric("database/CPUUtilization")


def alarm(name: str = "cpu-high") -> MetricAlarm:
    found = next(one for one in suite().alarms if one.name == f"{PREFIX}database-{name}")
    assert isinstance(found, MetricAlarm)
    return found


def recording(
    values: list[float], period: int = 300, windows: tuple[Interval, ...] | None = None
) -> Recording:
    times = [START + period * i for i in range(len(values))]
    return Recording("r", SeriesStore.of([Series.of(CPU, period, times, values)]), windows)


def run(found: Recording, one: MetricAlarm | None = None) -> Outcome:
    return backtest(one or alarm(), "", found, Settings())


BUSY = [50.0] * 20 + [95.0] * 10 + [50.0] * 20 + [95.0] * 4


def test_stays_minutes_and_rate() -> None:
    found = run(recording(BUSY))
    begins = [(begin - START) / 300 for begin, _ in found.stays]
    assert begins == [22, 52]
    assert found.stays[1][1] == found.end  # still in ALARM at the end
    assert found.minutes == (31 - 22) * 5 + 2 * 5
    assert found.per_week == pytest.approx(2 / ((found.end - found.start) / WEEK))


def test_an_alarm_that_never_fires() -> None:
    found = run(recording([50.0] * 50))
    assert (found.stays, found.minutes, found.per_week) == ((), 0, 0)


def test_alternatives_are_other_alarms_over_the_same_recording() -> None:
    quick = replace(alarm(), evaluation_periods=1, datapoints_to_alarm=1)
    slow = replace(alarm(), evaluation_periods=6, datapoints_to_alarm=6)
    assert run(recording(BUSY), quick).stays[0][0] < run(recording(BUSY)).stays[0][0]
    assert len(run(recording(BUSY), slow).stays) == 1


def test_the_score_counts_windows_and_stays_that_touch() -> None:
    found = run(recording(BUSY, windows=((START + 20 * 300, START + 30 * 300), (0, 10))))
    assert found.score is not None
    assert (found.score.windows, found.score.found) == (1, 1)  # the other is not in the recording
    assert (found.score.right, found.score.stays) == (1, 2)
    assert (found.score.precision, found.score.recall) == (0.5, 1.0)
    assert found.score.delay == 600


@pytest.mark.parametrize(
    ("stays", "windows", "found", "right", "delay"),
    [
        ([], [(0, 10)], 0, 0, None),
        ([(10, 20)], [(0, 10)], 1, 1, 10),  # ends touch
        ([(11, 20)], [(0, 10)], 0, 0, None),
        ([(0, 100)], [(10, 20), (30, 40)], 2, 1, 0),  # one stay finds two windows, at once
        ([(12, 13), (15, 16)], [(10, 20)], 1, 2, 2),
        ([(10, 20)], [], 0, 0, None),
    ],
)
def test_scores(
    stays: list[Interval], windows: list[Interval], found: int, right: int, delay: float | None
) -> None:
    one = score(stays, windows, 2.0)
    assert (one.found, one.right, one.delay) == (found, right, delay)
    assert one.false_per_week == (len(stays) - right) / 2
    assert (one.precision is None) is not bool(stays)
    assert (one.recall is None) is not bool(windows)


def test_coarser_series_stand_for_each_period_in_them() -> None:
    minute = replace(alarm(), stat=replace(alarm().stat, period=60))  # type: ignore[type-var]
    store, notes = fitted(recording([1.0, 2.0, 3.0]).store, minute)
    (series,) = store.metrics[CPU]
    assert series.period == 60
    assert series.values.tolist() == [1.0] * 5 + [2.0] * 5 + [3.0] * 5
    assert notes == (
        "CPUUtilization was recorded each 300 s: each datapoint stands for every 60 s in it",
    )


def test_irregular_series_stretch_without_overlap() -> None:
    series = Series.of(CPU, 300, [START, START + 120, START + 420], [1.0, 2.0, 3.0])
    minute = replace(alarm(), stat=replace(alarm().stat, period=60))  # type: ignore[type-var]
    store, _ = fitted(SeriesStore.of([series]), minute)
    times = store.metrics[CPU][0].times.tolist()
    assert times == sorted(set(times))


def test_finer_series_are_taken_as_they_are() -> None:
    store, notes = fitted(recording([1.0], period=60).store, alarm())
    assert store.metrics[CPU][0].period == 60
    assert notes == ()


def test_an_anomaly_band_is_seen_with_its_edges() -> None:
    metric, _ = addresses().metric("database/DatabaseConnections")
    times = [START + 60 * i for i in range(300)]
    store = SeriesStore.of([Series.of(metric, 60, times, [50.0 + i % 7 for i in range(300)])])
    found = run(Recording("r", store), alarm("connections-odd"))
    assert found.seen is not None
    assert found.seen.lower is not None
    assert found.seen.upper is not None


def test_a_recording_reaches_an_alarm_if_it_has_all_its_metrics() -> None:
    assert recording([1.0]).reaches(alarm())
    assert not recording([1.0]).reaches(alarm("connections-high"))


def test_json() -> None:
    one = recording(BUSY, windows=((START + 6000, START + 9000),))
    document = as_json([(one, [run(one)]), (recording(BUSY), [run(recording(BUSY))])])
    first = document["recordings"][0]
    assert first["windows"] == [["2026-01-01T01:40:00Z", "2026-01-01T02:30:00Z"]]
    assert first["alarms"][0]["fired"] == 2
    assert first["alarms"][0]["score"]["recall"] == 1.0
    assert document["recordings"][1]["windows"] is None
    assert "score" not in document["recordings"][1]["alarms"][0]

"""The work of the alarm benchmark, each part in a process of its own so that its memory is its own.

    python -m benchmarks.alarm_work states DAYS       seconds from datapoints to states, a run each
    python -m benchmarks.alarm_work year DAYS         sixty recorded series -> transitions and actions
    python -m benchmarks.alarm_work scenarios AMOUNT  sixty alarms over an hour, again and again

Sixty alarms (2 of 3) over minutes with 3 % missing and a gap of 500 minutes, as in the probe that
set the goal. `states` takes its noise, which crosses the threshold all the time; in `year` the
same lies so far below that the alarms go off as seldom as real ones.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator

import numpy as np

from axonwatch.model.alarms import (
    Actions,
    Alarm,
    Comparison,
    CompositeAlarm,
    MetricAlarm,
    Missing,
    State,
)
from axonwatch.model.metrics import Metric, MetricQuery, MetricStat
from axonwatch.simulate.evaluation.evaluate import Settings, evaluate, path_of
from axonwatch.simulate.evaluation.states import MetricPath
from axonwatch.simulate.series.series import Series, SeriesStore

ALARMS, NEEDED, PERIODS, THRESHOLD, MINUTE = 60, 2, 3, 80.0, 60
RUNS = 5
Values = np.ndarray[tuple[int], np.dtype[np.float64]]


def make(minutes: int, mean: float) -> Iterator[Values]:
    """Noise with holes."""
    for at in range(ALARMS):
        chance = np.random.default_rng(at)
        values = chance.normal(mean, 10.0, minutes)
        values[chance.random(minutes) < 0.03] = np.nan
        begin = int(chance.integers(0, minutes - 500))
        values[begin : begin + 500] = np.nan
        yield values


def alarm_of(at: int, missing: Missing) -> MetricAlarm:
    """The alarm of series number `at`."""
    return MetricAlarm(
        name=f"a{at}",
        comparison=Comparison.GT,
        threshold=THRESHOLD,
        evaluation_periods=PERIODS,
        datapoints_to_alarm=NEEDED,
        stat=MetricStat(Metric("N", f"m{at}"), "Average", MINUTE),
        missing=missing,
    )


def recorded(minutes: int, mean: float) -> SeriesStore:
    """The sixty series as a recording holds them: what is missing is not there."""
    stamps = np.arange(minutes, dtype=np.int64) * MINUTE
    store = SeriesStore()
    for at, values in enumerate(make(minutes, mean)):
        real = ~np.isnan(values)
        store.add(Series.of(Metric("N", f"m{at}"), MINUTE, stamps[real], values[real]))
    return store


def states(days: int) -> dict[str, object]:
    """Seconds from datapoints to states for all sixty, as any command gets them."""
    minutes = days * 1440
    store = recorded(minutes, 70.0)
    taken = []
    paths = [
        path_of(
            alarm_of(at, Missing.MISSING), store, start=60, end=minutes * 60, settings=Settings()
        )
        for at in range(ALARMS)
    ]
    for _ in range(RUNS):
        begin = time.perf_counter()
        for path in paths:
            assert isinstance(path, MetricPath)
            MetricPath.of(path.alarm, path.frame, path.reading, State.INSUFFICIENT_DATA)
        taken.append(time.perf_counter() - begin)
    return {"seconds": taken}


def year(days: int) -> dict[str, object]:
    """Seconds from sixty recorded series to all transitions and actions."""
    minutes = days * 1440
    store = recorded(minutes, 50.0)
    alarms = [alarm_of(at, list(Missing)[at % 4]) for at in range(ALARMS)]
    begin = time.perf_counter()
    timeline = evaluate(alarms, store, start=60, end=minutes * 60)
    taken = time.perf_counter() - begin
    amount = sum(len(timeline.transitions(alarm.name)) for alarm in alarms)
    return {"seconds": taken, "transitions": amount}


def sixty_alarms() -> tuple[list[Alarm], list[tuple[Metric, list[float]]]]:
    """A stack like ours: most alarms on one metric, some on expressions, some composite."""
    told = Actions(alarm=("arn:aws:sns:us-east-1:111122223333:page",))
    alarms: list[Alarm] = []
    series = []
    for at in range(ALARMS):
        metric, other = Metric("N", f"m{at}"), Metric("N", f"o{at}")
        burst = [float((k * 37 + at * 11) % 120) if 20 < k < 40 else 10.0 for k in range(60)]
        series.append((metric, burst))
        if at >= 56:
            rule = f"ALARM(a{at - 50}) OR (ALARM(a{at - 40}) AND NOT ALARM(a{at - 30}))"
            alarms.append(CompositeAlarm(name=f"a{at}", rule=rule, actions=told))
        elif at % 8 == 6:
            series.append((other, [float(k % 7) for k in range(60)]))
            queries = (
                MetricQuery("r", MetricStat(metric, "Sum", 60), return_data=False),
                MetricQuery("e", MetricStat(other, "Sum", 60), return_data=False),
                MetricQuery("x", expression="IF(r > 100, 100 * FILL(e, 0) / r, 0)"),
            )
            alarms.append(
                MetricAlarm(
                    name=f"a{at}",
                    comparison=Comparison.GT,
                    threshold=5.0,
                    evaluation_periods=3,
                    datapoints_to_alarm=2,
                    queries=queries,
                    actions=told,
                )
            )
        else:
            alarms.append(
                MetricAlarm(
                    name=f"a{at}",
                    comparison=Comparison.GT,
                    threshold=80.0,
                    evaluation_periods=5,
                    datapoints_to_alarm=3,
                    stat=MetricStat(metric, "Average", 300 if at % 8 == 7 else 60),
                    missing=list(Missing)[at % 4],
                    actions=told,
                )
            )
    return alarms, series


def scenarios(amount: int) -> dict[str, object]:
    """So many scenarios of an hour: each with its own series, all sixty alarms evaluated."""
    alarms, series = sixty_alarms()
    times = range(0, 3600, 60)
    fired = 0
    for _ in range(amount):
        store = SeriesStore.of(Series.of(metric, 60, times, values) for metric, values in series)
        timeline = evaluate(alarms, store, start=60, end=3600)
        fired += sum(e.state is State.ALARM for a in alarms for e in timeline.transitions(a.name))
    return {"fired": fired}


if __name__ == "__main__":
    parts = {"states": states, "year": year, "scenarios": scenarios}
    print(json.dumps(parts[sys.argv[1]](int(sys.argv[2]))))

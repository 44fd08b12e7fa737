"""Alarm evaluation: points a second, and ratios to a plain loop and to an emulator's logic.

    python -m benchmarks alarms          (BENCH_DAYS, 365, sets the length)

Sixty alarms (2 of 3) over minutes with 3 % missing and a gap of 500 minutes, as in the probe that
set the goal. Every engine gets the same values; the plain loop and ours give the same states. The
emulator's logic is LocalStack's scheduler re-told: it fetches N + max(N // 3, 2) datapoints, drops
the missing ones, counts breaches over all of them, and alarms early only at an age of exactly M.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable

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
from axonwatch.simulate.evaluation import evaluate
from axonwatch.simulate.series import Series, SeriesStore
from axonwatch.simulate.vectorised import ORDER, evaluate_grid, mark

ALARMS, NEEDED, PERIODS, RANGE, THRESHOLD = 60, 2, 3, 5, 80.0
GOAL_POINTS, GOAL_SCENARIOS = 100e6, 1.0
Values = np.ndarray[tuple[int], np.dtype[np.float64]]


def make(minutes: int) -> list[Values]:
    """Noise with holes: the worst that a real metric can be."""
    made = []
    for at in range(ALARMS):
        chance = np.random.default_rng(at)
        values = chance.normal(70.0, 10.0, minutes)
        values[chance.random(minutes) < 0.03] = np.nan
        begin = int(chance.integers(0, minutes - 500))
        values[begin : begin + 500] = np.nan
        made.append(values)
    return made


def ours(values: Values, missing: Missing) -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
    """From values to states, as `axonwatch backtest` does it."""
    return evaluate_grid(
        mark(values > THRESHOLD, ~np.isnan(values)),
        needed=NEEDED,
        periods=PERIODS,
        size=RANGE,
        missing=missing,
        initial=State.INSUFFICIENT_DATA,
    )


def plain(values: list[float], missing: Missing) -> list[State]:
    """The rule as a person would write it down, one minute after the other."""
    state = State.INSUFFICIENT_DATA
    found = []
    for at in range(len(values)):
        real = []
        for age in range(1, RANGE + 1):
            value = values[at + 1 - age] if at + 1 >= age else None
            if value is not None and value == value:  # noqa: PLR0124 - NaN is missing
                real.append((age, value > THRESHOLD))
        breaching = sum(breach for _, breach in real[:PERIODS])
        if len(real) >= PERIODS:
            state = State.ALARM if breaching >= NEEDED else State.OK
        elif breaching >= NEEDED:
            state = State.ALARM
        elif missing is Missing.BREACHING:
            state = State.ALARM if breaching + PERIODS - len(real) >= NEEDED else State.OK
        elif missing is Missing.NOT_BREACHING:
            state = State.OK
        elif not real:
            state = state if missing is Missing.IGNORE else State.INSUFFICIENT_DATA
        elif all(breach for _, breach in real) and real[-1][0] >= NEEDED:
            state = state if missing is Missing.IGNORE else State.ALARM
        else:
            state = State.OK
        found.append(state)
    return found


def emulator(values: list[float], missing: Missing) -> list[State]:
    """LocalStack's decision, re-told, asked each minute (it asks only every N periods)."""
    fetched = PERIODS + max(PERIODS // 3, 2)
    state = State.INSUFFICIENT_DATA
    found = []
    for at in range(len(values)):
        window = values[max(0, at + 1 - fetched) : at + 1]
        real = [value > THRESHOLD for value in window if value == value]  # noqa: PLR0124
        breaching = sum(real)
        if not real:
            if missing is Missing.BREACHING:
                state = State.ALARM
            elif missing is Missing.NOT_BREACHING:
                state = State.OK
            elif missing is Missing.MISSING:
                state = State.INSUFFICIENT_DATA
        elif breaching >= NEEDED or (
            missing is Missing.BREACHING and breaching + max(0, PERIODS - len(real)) >= NEEDED
        ):
            state = State.ALARM
        elif (
            missing in {Missing.MISSING, Missing.IGNORE}
            and breaching == len(real)
            and len(window) >= NEEDED
            and window[-NEEDED] == window[-NEEDED]
        ):
            state = State.ALARM if missing is Missing.MISSING else state
        else:
            state = State.OK
        found.append(state)
    return found


def seconds(run: Callable[[], object], times: int = 3) -> float:
    """The median of wall times."""
    taken = []
    for _ in range(times):
        begin = time.perf_counter()
        run()
        taken.append(time.perf_counter() - begin)
    return statistics.median(taken)


def points_a_second(days: int) -> bool:
    series = make(days * 1440)
    points = sum(values.size for values in series)
    one = series[0].tolist()
    for missing in Missing:
        expected = plain(one, missing)
        assert [ORDER[code] for code in ours(series[0], missing).tolist()] == expected
    print(f"{ALARMS} alarms x {days} days of minutes: {points / 1e6:.1f} M points")
    print(f"{'engine':<34}{'s':>9}{'M points/s':>12}{'ratio':>9}")
    taken = seconds(lambda: [ours(values, Missing.MISSING) for values in series])
    fast = points / taken
    print(f"{'axonwatch, vectorised':<34}{taken:>9.3f}{fast / 1e6:>12.1f}{1:>9.0f}")
    for name, run in (
        ("plain Python loop (1 alarm)", plain),
        ("LocalStack's logic (1 alarm)", emulator),
    ):
        taken = seconds(lambda run=run: run(one, Missing.MISSING))  # type: ignore[misc]
        speed = len(one) / taken
        print(f"{name:<34}{taken:>9.3f}{speed / 1e6:>12.2f}{fast / speed:>9.0f}")
    differing = sum(
        a is not b
        for a, b in zip(plain(one, Missing.MISSING), emulator(one, Missing.MISSING), strict=True)
    )
    print(f"LocalStack's logic gives another state in {differing / len(one):.1%} of the minutes")
    met = "met" if fast >= GOAL_POINTS else "MISSED"
    print(f"goal: {GOAL_POINTS / 1e6:.0f} M points/s: {met}\n")
    return fast >= GOAL_POINTS


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


def scenarios(amount: int = 120) -> bool:
    alarms, series = sixty_alarms()
    times = range(0, 3600, 60)

    def one() -> None:
        store = SeriesStore.of(Series.of(metric, 60, times, values) for metric, values in series)
        evaluate(alarms, store, start=60, end=3600)

    one()
    begin = time.process_time()
    for _ in range(amount):
        one()
    taken = time.process_time() - begin
    met = "met" if taken <= GOAL_SCENARIOS else "MISSED"
    print(f"{amount} scenarios x {ALARMS} alarms x 60 minutes: {taken:.2f} CPU-s")
    print("promtool test rules, 120 groups of 60 rules (measured elsewhere): 5.45 CPU-s")
    print(f"goal: {GOAL_SCENARIOS} CPU-s: {met}")
    return taken <= GOAL_SCENARIOS


def main() -> int:
    """Print both tables; how many goals were missed."""
    met = [points_a_second(int(os.environ.get("BENCH_DAYS", "365"))), scenarios()]
    return met.count(False)


if __name__ == "__main__":
    raise SystemExit(main())

"""Alarm evaluation: points a second, memory, and ratios to a plain loop and to two peers.

    python -m benchmarks alarms          (BENCH_DAYS, 365, sets the length; BENCH_RUNS the repeats)

Every engine gets the same values; the plain loop and ours give the same states. The emulator's
logic is LocalStack's scheduler re-told: it fetches N + max(N // 3, 2) datapoints, drops the
missing ones, counts breaches over all of them, and alarms early only at an age of exactly M.
promtool runs the same sixty alarms as Prometheus rules, in turn with ours, both as whole processes.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial

import numpy as np

from axonwatch.model.alarms import Missing, State
from axonwatch.model.metrics import Metric
from axonwatch.simulate.evaluation.evaluate import Settings, path_of
from axonwatch.simulate.series.series import Series, SeriesStore
from benchmarks import promtool
from benchmarks.alarm_work import (
    ALARMS,
    NEEDED,
    PERIODS,
    THRESHOLD,
    Values,
    alarm_of,
    make,
    sixty_alarms,
)
from benchmarks.measure import Sample, interleave, run

RANGE = PERIODS + 2
GOAL_POINTS, GOAL_SCENARIOS, GOAL_MB = 100e6, 1.0, 1500.0
SCENARIOS = 120


def ours(values: Values, missing: Missing) -> list[State]:
    """The states of one alarm, as every command gets them."""
    real = ~np.isnan(values)
    stamps = np.arange(values.size, dtype=np.int64) * 60
    series = Series.of(Metric("N", "m0"), 60, stamps[real], values[real])
    alarm, store = alarm_of(0, missing), SeriesStore.of([series])
    path = path_of(alarm, store, start=60, end=values.size * 60, settings=Settings())
    return list(path.states)


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


def seconds(run: Callable[[], object], times: int = 5) -> float:
    """The median of wall times."""
    taken = []
    for _ in range(times):
        begin = time.perf_counter()
        run()
        taken.append(time.perf_counter() - begin)
    return statistics.median(taken)


def work(part: str, amount: int) -> Sample:
    """One part of the work in a process of its own."""
    return run([sys.executable, "-m", "benchmarks.alarm_work", part, str(amount)])


def points_a_second(days: int) -> bool:
    """The table of engines; whether the goal is met."""
    values = next(make(days * 1440, 70.0))
    one = values.tolist()
    for missing in Missing:
        assert ours(values, missing) == plain(one, missing)
    points = ALARMS * days * 1440
    print(f"{ALARMS} alarms x {days} days of minutes: {points / 1e6:.1f} M points")
    print(f"{'engine':<40}{'s':>9}{'M points/s':>12}{'ratio':>9}")
    taken = statistics.median(json.loads(work("states", days).output)["seconds"])
    fast = points / taken
    print(f"{'axonwatch, datapoints to states':<40}{taken:>9.3f}{fast / 1e6:>12.1f}{1:>9.0f}")
    for name, engine in (
        ("plain Python loop (1 alarm)", plain),
        ("LocalStack's logic (1 alarm)", emulator),
    ):
        taken = seconds(partial(engine, one, Missing.MISSING))
        speed = len(one) / taken
        print(f"{name:<40}{taken:>9.3f}{speed / 1e6:>12.2f}{fast / speed:>9.0f}")
    differing = sum(
        a is not b
        for a, b in zip(plain(one, Missing.MISSING), emulator(one, Missing.MISSING), strict=True)
    )
    print(f"LocalStack's logic gives another state in {differing / len(one):.1%} of the minutes")
    return _goal(f"{GOAL_POINTS / 1e6:.0f} M points/s", met=fast >= GOAL_POINTS)


def whole_year(days: int) -> bool:
    """From recorded series to transitions and actions, and what it takes of memory."""
    found = interleave({"year": {"axonwatch": partial(work, "year", days)}})["year", "axonwatch"]
    told = [json.loads(sample.output) for sample in found.samples]
    taken = statistics.median(one["seconds"] for one in told)
    points = ALARMS * days * 1440
    print(
        f"recorded series to {told[0]['transitions']} transitions, with the reading of windows: "
        f"{taken:.2f} s, {points / taken / 1e6:.0f} M points/s; whole process, with making the "
        f"data: {found.cpu:.2f} CPU-s, peak memory {found.rss_mb:.0f} MB"
    )
    return _goal(f"{GOAL_MB:.0f} MB", met=found.rss_mb <= GOAL_MB)


def scenarios() -> bool:
    """Ours and promtool in turn: whole processes."""
    engines: dict[str, Callable[[], Sample]] = {"axonwatch": partial(work, "scenarios", SCENARIOS)}
    tool, why = promtool.build()
    if tool is not None:
        tests = promtool.write_tests(*sixty_alarms(), SCENARIOS)
        engines["promtool"] = partial(run, [str(tool), "test", "rules", str(tests)])
    found = interleave({"scenarios": engines})
    print(f"{SCENARIOS} scenarios x {ALARMS} alarms x 60 minutes, whole processes")
    print(f"{'engine':<26}{'CPU-s':>8}{'min-max':>14}{'wall s':>9}{'peak MB':>9}{'ratio':>8}")
    mine = found["scenarios", "axonwatch"]
    for name in engines:
        one = found["scenarios", name]
        shown = f"promtool {promtool.VERSION}" if name == "promtool" else name
        print(
            f"{shown:<26}{one.cpu:>8.2f}{one.spread:>14}{one.wall:>9.2f}{one.rss_mb:>9.0f}"
            f"{one.cpu / mine.cpu:>8.1f}"
        )
    if tool is None:
        print(f"promtool left out: {why}")
    return _goal(f"{GOAL_SCENARIOS} CPU-s", met=mine.cpu <= GOAL_SCENARIOS)


def _goal(what: str, *, met: bool) -> bool:
    print(f"goal: {what}: {'met' if met else 'MISSED'}\n")
    return met


def main() -> int:
    """Print the tables; how many goals were missed."""
    days = int(os.environ.get("BENCH_DAYS", "365"))
    return [points_a_second(days), whole_year(days), scenarios()].count(False)


if __name__ == "__main__":
    raise SystemExit(main())

"""The engine against docs/evaluate.md written down naively: one tick, one bucket, one loop each."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from axonwatch.model.alarms import Comparison, MetricAlarm, Missing, State
from axonwatch.model.metrics import Metric, MetricStat
from axonwatch.simulate.evaluation import states as plain_states
from axonwatch.simulate.evaluation.clock import Range
from axonwatch.simulate.evaluation.evaluate import Settings, evaluate
from axonwatch.simulate.series.series import Series, SeriesStore

METRIC = Metric("N", "m")
Points = dict[int, tuple[int, int]]


def naive_value(found: list[tuple[int, int]], stat: str) -> Fraction | None:
    if not found:
        return None
    match stat:
        case "Average":
            return Fraction(sum(v * c for v, c in found), sum(c for _, c in found))
        case "Sum":
            return Fraction(sum(v * c for v, c in found))
        case "SampleCount":
            return Fraction(sum(c for _, c in found))
        case "Minimum":
            return Fraction(min(v for v, _ in found))
        case _:
            return Fraction(max(v for v, _ in found))


def naive_state(window: list[bool | None], m: int, n: int, missing: Missing, old: State) -> State:
    """`window` newest first; True is breaching, None missing."""
    real = [(age, breach) for age, breach in enumerate(window, 1) if breach is not None]
    if len(real) >= n:
        return State.ALARM if sum(b for _, b in real[:n]) >= m else State.OK
    breaching = sum(b for _, b in real)
    if breaching >= m:
        return State.ALARM
    if missing is Missing.BREACHING:
        return State.ALARM if breaching + n - len(real) >= m else State.OK
    if missing is Missing.NOT_BREACHING:
        return State.OK
    if not real:
        return old if missing is Missing.IGNORE else State.INSUFFICIENT_DATA
    if all(b for _, b in real) and real[-1][0] >= m:
        return old if missing is Missing.IGNORE else State.ALARM
    return State.OK


def naive_states(
    points: Points, series_period: int, alarm: MetricAlarm, start: int, end: int, *, exact: bool
) -> list[State]:
    period, n = alarm.period, alarm.evaluation_periods
    step = 10 if period < 60 else 3600 if n * period > 86_400 else 60
    size = n if exact else n + 2
    assert alarm.stat is not None
    state = State.INSUFFICIENT_DATA
    states = []
    for tick in range(start, end + 1, step):
        now = tick - tick % 3600 if step == 3600 else tick
        window: list[bool | None] = []
        for i in range(size):
            low, high = now - (i + 1) * period, now - i * period
            inside = [
                value
                for time, value in points.items()
                if low <= time < high and time + series_period <= now
            ]
            value = naive_value(inside, alarm.stat.stat)
            window.append(None if value is None else value > alarm.threshold)  # type: ignore[operator]
        state = naive_state(window, alarm.needed, n, alarm.missing, state)
        states.append(state)
    return states


@settings(max_examples=150, deadline=None)
@given(
    points=st.dictionaries(
        st.integers(0, 30), st.tuples(st.integers(0, 8), st.integers(1, 5)), max_size=30
    ),
    offset=st.sampled_from([0, 0, 0, 7, 30]),
    series_period=st.sampled_from([10, 60, 60, 300]),
    period=st.sampled_from([10, 30, 60, 60, 120, 300]),
    n=st.integers(1, 5),
    data=st.data(),
    stat=st.sampled_from(["Average", "Sum", "SampleCount", "Minimum", "Maximum"]),
    missing=st.sampled_from(Missing),
    exact=st.booleans(),
    long=st.sampled_from([2_000, 0]),
)
def test_states_are_what_the_contract_says(  # noqa: PLR0917
    points: Points,
    offset: int,
    series_period: int,
    period: int,
    n: int,
    data: st.DataObject,
    stat: str,
    missing: Missing,
    exact: bool,
    long: int,
) -> None:
    base = 1_767_225_600
    placed = {base + offset + at * series_period: value for at, value in points.items()}
    alarm = MetricAlarm(
        name="a",
        comparison=Comparison.GT,
        threshold=float(data.draw(st.integers(0, 12))),
        evaluation_periods=n,
        datapoints_to_alarm=data.draw(st.integers(1, n)),
        missing=missing,
        stat=MetricStat(METRIC, stat, period),
    )
    series = Series.of(
        METRIC,
        series_period,
        list(placed),
        [value for value, _ in placed.values()],
        counts=[count for _, count in placed.values()],
    )
    start, end = base + 60, base + 3600
    chosen = Settings(range=Range.EXACT if exact else Range.DOC)
    with patch.object(plain_states, "LONG", long):  # 0: the vectorised evaluator
        store = SeriesStore.of([series])
        each = evaluate([alarm], store, start=start, end=end, settings=replace(chosen, every=True))
        found = evaluate([alarm], store, start=start, end=end, settings=chosen)
    expected = naive_states(placed, series_period, alarm, start, end, exact=exact)
    assert [entry.state for entry in each.evaluations["a"]] == expected
    moves = [(e.time, e.previous, e.state) for e in each.evaluations["a"] if e.is_transition]
    assert [(e.time, e.previous, e.state) for e in found.evaluations["a"]] == moves


@settings(max_examples=30, deadline=None)
@given(
    points=st.dictionaries(
        st.integers(0, 3000), st.tuples(st.integers(0, 8), st.integers(1, 5)), max_size=60
    ),
    period=st.sampled_from([3600, 21_600, 90_000]),
    shift=st.integers(0, 59),
    missing=st.sampled_from(Missing),
)
def test_hourly_states_are_what_the_contract_says(
    points: Points, period: int, shift: int, missing: Missing
) -> None:
    base = 1_767_225_600
    placed = {base + at * 60: value for at, value in points.items()}
    n = 86_400 // period + 1
    alarm = MetricAlarm(
        name="a",
        comparison=Comparison.GT,
        threshold=4.0,
        evaluation_periods=n,
        datapoints_to_alarm=1,
        missing=missing,
        stat=MetricStat(METRIC, "Maximum", period),
    )
    series = Series.of(METRIC, 60, list(placed), [float(v) for v, _ in placed.values()])
    start, end = base + 3600 + shift * 60, base + 2 * 86_400
    found = evaluate(
        [alarm], SeriesStore.of([series]), start=start, end=end, settings=Settings(every=True)
    )
    expected = naive_states(placed, 60, alarm, start, end, exact=False)
    assert [entry.state for entry in found.evaluations["a"]] == expected

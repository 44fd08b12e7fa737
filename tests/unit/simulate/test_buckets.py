from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from axonwatch.model.alarms import Comparison, MetricAlarm
from axonwatch.model.metrics import Metric, MetricStat
from axonwatch.simulate.evaluation.buckets import datapoints, sample_counts
from axonwatch.simulate.evaluation.clock import frame_of
from axonwatch.simulate.series.series import Series
from axonwatch.simulate.series.statistics import PLAIN, compute, parse_statistic

METRIC = Metric("N", "m")


def alarm(period: int, stat: str = "Average") -> MetricAlarm:
    return MetricAlarm(
        name="a",
        comparison=Comparison.GT,
        threshold=1.0,
        evaluation_periods=1,
        stat=MetricStat(METRIC, stat, period),
    )


@settings(max_examples=120, deadline=None)
@given(
    points=st.dictionaries(
        st.integers(0, 40), st.tuples(st.integers(-9, 9), st.integers(1, 4)), max_size=40
    ),
    stat=st.sampled_from(
        [*PLAIN, "p0", "p50", "p90", "p99", "p100", "tm90", "IQM", "wm80", "tc90", "PR(:3)"]
    ),
    period=st.sampled_from([60, 120, 300]),
    counted=st.booleans(),
)
def test_a_datapoint_is_the_statistic_of_its_samples(
    points: dict[int, tuple[int, int]], stat: str, period: int, counted: bool
) -> None:
    times = [60 * at for at in points]
    values = [float(value) for value, _ in points.values()]
    counts = [float(count) if counted else 1.0 for _, count in points.values()]
    series = Series.of(METRIC, 60, times, values, counts=counts if counted else None)
    frame = frame_of(alarm(period), 60, 2400, 3)
    found = datapoints(series, stat, frame)
    for at, tick in enumerate(frame.ticks.tolist()):
        for i in range(3):
            begin, end = tick - (3 - i) * period, tick - (2 - i) * period
            inside = [k for k, time in enumerate(times) if begin <= time < end]
            expected = compute(
                parse_statistic(stat), [values[k] for k in inside], [counts[k] for k in inside]
            )
            value = float(found[at, i])
            assert math.isnan(value) if expected is None else value == pytest.approx(expected)


def test_sample_counts_follow_the_same_windows() -> None:
    series = Series.of(METRIC, 60, [0, 60], [1, 2], counts=[3, 4])
    found = sample_counts(series, frame_of(alarm(120), 60, 180, 1))
    assert found.tolist() == [[3.0], [7.0], [4.0]]


def test_a_distribution_is_all_its_samples() -> None:
    series = Series.of_distributions(METRIC, 60, [(0, [1.0, 100.0], [99.0, 1.0])])
    frame = frame_of(alarm(60), 60, 60, 1)
    assert datapoints(series, "p99", frame).tolist() == [[1.0]]
    assert datapoints(series, "Maximum", frame).tolist() == [[100.0]]
    assert datapoints(series, "SampleCount", frame).tolist() == [[100.0]]


def test_off_the_clock_a_point_waits_until_its_period_is_over() -> None:
    series = Series.of(METRIC, 60, [30], [5.0])
    found = datapoints(series, "Average", frame_of(alarm(60), 60, 120, 2))
    np.testing.assert_array_equal(found, [[np.nan, np.nan], [5.0, np.nan]])

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from axonwatch.simulate.series.statistics import PLAIN, compute, parse_statistic

TEN = [float(value) for value in range(1, 11)]
ONES = [1.0] * 10


@pytest.mark.parametrize(
    ("stat", "expected"),
    [
        ("SampleCount", 10),
        ("Sum", 55),
        ("Average", 5.5),
        ("Minimum", 1),
        ("Maximum", 10),
        ("p50", 5),
        ("p90", 9),
        ("p99", 10),
        ("p0", 1),
        ("p100", 10),
        ("tm90", 5),
        ("TM(10%:90%)", 5.5),
        ("TM(:90%)", 5),
        ("TM(20%:)", 6.5),
        ("tc90", 9),
        ("TC(10%:90%)", 8),
        ("ts90", 45),
        ("TS(10%:90%)", 44),
        ("wm90", 5.4),
        ("WM(10%:90%)", 5.4),
        ("IQM", 5.5),
        ("TM(2:8)", 5.5),
        ("TC(2:8)", 6),
        ("TS(2:8)", 33),
        ("WM(3:8)", 5.5),
        ("PR(:3)", 30),
        ("PR(3:)", 70),
        ("PR(3:8)", 50),
        ("tm99.5", 5.477386934673367),
    ],
)
def test_of_one_to_ten(stat: str, expected: float) -> None:
    assert compute(parse_statistic(stat), TEN, ONES) == pytest.approx(expected)


def test_counts_weigh() -> None:
    assert compute(parse_statistic("p90"), [10, 500], [985, 15]) == 10
    assert compute(parse_statistic("p99"), [10, 500], [985, 15]) == 500
    assert compute(parse_statistic("Average"), [10, 100], [9, 1]) == 19


def test_a_percentile_takes_the_sample_at_its_rank_despite_floating_point() -> None:
    assert compute(parse_statistic("p99"), [1, 2], [990, 10]) == 1
    assert compute(parse_statistic("p99"), [1, 2], [989, 11]) == 2


def test_nothing_of_no_samples() -> None:
    assert compute(parse_statistic("Average"), [], []) is None
    assert compute(parse_statistic("p50"), [1.0], [0.0]) is None
    assert compute(parse_statistic("TM(20:30)"), TEN, ONES) is None


@pytest.mark.parametrize(
    ("stat", "enough"),
    [
        ("p99", 1000),
        ("p99.9", 10_000),
        ("p95", 200),
        ("p90", 100),
        ("p50", 20),
        ("p10", 100),
        ("p1", 1000),
        ("p100", 0),
        ("tm99", 0),
        ("Average", 0),
    ],
)
def test_how_many_samples_are_enough(stat: str, enough: int) -> None:
    assert parse_statistic(stat).enough_samples == enough


@pytest.mark.parametrize(
    "text",
    [
        "Mean",
        "p",
        "p101",
        "pp9",
        "TM",
        "TM()",
        "TM(:)",
        "TM(90%:10%)",
        "TM(10%:90)",
        "PR(10%:20%)",
        "average",
        "tm-1",
    ],
)
def test_what_is_no_statistic(text: str) -> None:
    with pytest.raises(ValueError, match=r"`|PR"):
        parse_statistic(text)


def test_names_are_read_in_either_case() -> None:
    assert parse_statistic("TM90").kind == "tm"
    assert parse_statistic("P99").kind == "p"


samples = st.lists(
    st.tuples(st.integers(-100, 100).map(float), st.integers(1, 9).map(float)),
    min_size=1,
    max_size=9,
)


@given(samples, st.sampled_from(["Average", "p50", "p90", "IQM", "tm90", "wm90", "WM(10%:90%)"]))
def test_a_middle_lies_between_the_extremes(found: list[tuple[float, float]], stat: str) -> None:
    values, counts = [v for v, _ in found], [c for _, c in found]
    middle = compute(parse_statistic(stat), values, counts)
    assert middle is not None
    assert min(values) - 1e-9 <= middle <= max(values) + 1e-9


@given(samples, st.sampled_from([*PLAIN, "p50", "p99", "TM(10%:90%)", "tc90", "PR(:0)", "wm95"]))
def test_samples_may_come_one_by_one(found: list[tuple[float, float]], stat: str) -> None:
    values, counts = [v for v, _ in found], [c for _, c in found]
    single = [v for v, c in found for _ in range(int(c))]
    expected = compute(parse_statistic(stat), single, [1.0] * len(single))
    assert compute(parse_statistic(stat), values, counts) == pytest.approx(expected)

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from axonwatch.simulate.series.notation import Distribution, is_endless, parse_notation
from axonwatch.syntax.text import SyntaxFault


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("5", [5]),
        ("5 -2.5 1e3 +4", [5, -2.5, 1000, 4]),
        ("1x4", [1, 1, 1, 1, 1]),
        ("-2+4x3", [-2, 2, 6, 10]),
        ("1-2x4", [1, -1, -3, -5, -7]),
        ("_ 1 _x3", [None, 1, None, None, None]),
        ("0..6x3", [0, 2, 4, 6]),
        ("6..0x2", [6, 3, 0]),
        ("-1..-2x1", [-1, -2]),
        ("(1 2x1)*3", [1, 2, 2, 1, 2, 2, 1, 2, 2]),
        ("((1)*2 _)*2 3", [1, 1, None, 1, 1, None, 3]),
        ("  7\n8\t9 ", [7, 8, 9]),
        ("5x0", [5]),
    ],
)
def test_points(text: str, points: list[float | None]) -> None:
    assert parse_notation(text) == points


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("1 2x*", [1, 2, 2, 2, 2]),
        ("1x2 _x*", [1, 1, 1, None, None]),
        ("1 2+1x*", [1, 2, 3, 4, 5]),
        ("1x9 2x*", [1] * 10 + [2]),
        ("(1 2)*2 3x*", [1, 2, 1, 2, 3]),
    ],
)
def test_on_to_the_end(text: str, points: list[float | None]) -> None:
    assert parse_notation(text, length=5) == points
    assert is_endless(text)


def test_noise_stays_in_its_bounds_and_is_always_the_same() -> None:
    points = parse_notation("40~5x999")
    assert points == parse_notation("40~5x999")
    numbers = [p for p in points if isinstance(p, float)]
    assert len(set(numbers)) == 1000
    assert min(numbers) >= 35
    assert max(numbers) <= 45
    assert abs(sum(numbers) / 1000 - 40) < 0.05


def test_noise_on_a_slope_and_on_a_ramp() -> None:
    for text in ("100+10~1x9", "100..190~1x9"):
        points = parse_notation(text)
        for i, point in enumerate(points):
            assert isinstance(point, float)
            assert abs(point - (100 + 10 * i)) <= 1


def nearest_rank(d: Distribution, percentile: float) -> float:
    wanted = percentile / 100 * d.samples
    seen = 0
    for value, count in zip(d.values, d.counts, strict=True):
        seen += count
        if seen >= wanted - 1e-9:
            return value
    raise AssertionError(percentile)


def test_a_distribution_has_the_percentiles_that_it_names() -> None:
    points = parse_notation("{p50=20 p99=300 max=900 n=1000}x2")
    assert len(points) == 3
    one = points[0]
    assert isinstance(one, Distribution)
    assert one.samples == 1000
    assert [nearest_rank(one, p) for p in (50, 99, 100)] == pytest.approx([20, 300, 900])
    assert nearest_rank(one, 74.5) == pytest.approx(160)  # half way between


def test_a_distribution_of_one_percentile_is_one_value() -> None:
    (one,) = parse_notation("{p99=12 n=50}")
    assert one == Distribution((12.0,), (50,))


def test_listed_samples() -> None:
    (one,) = parse_notation("{300 10*5 10}")
    assert one == Distribution((10.0, 300.0), (6, 1))
    assert one.average == pytest.approx(360 / 7)


@pytest.mark.parametrize(
    ("text", "stretch", "title"),
    [
        ("", "", "a series without datapoints"),
        ("1 two 3", "two", "`two` is no datapoint"),
        ("1 NaN", "NaN", "`NaN` is no datapoint"),
        ("inf", "inf", "`inf` is no datapoint"),
        ("-Inf", "-Inf", "`-Inf` is no datapoint"),
        ("1e999", "1e999", "a datapoint is a finite number"),
        ("1e308+1e308x2", "1e308+1e308x2", "a datapoint is a finite number"),
        ("5 stale", "stale", "`stale` is no datapoint"),
        ("5+2", "5+2", "`5+2` does not say how often"),
        ("5x* 3", "5x*", "only the last datapoint can go on to the end"),
        ("(5x*)*3", "5x*", "only the last datapoint can go on to the end"),
        ("5y3", "5y3", "`5y3` is no datapoint"),
        ("1,2", "1,2", "`1,2` is no datapoint"),
        ("1..2x0", "1..2x0", "a ramp has at least one step"),
        ("1..2", "1..2", "`1..2` is no datapoint"),
        ("(1 2", "(1 2", "a group needs its number of times"),
        ("(1 2) 3", "(1 2)", "a group needs its number of times"),
        ("1 2)*3", ")", "`)` closes nothing"),
        ("5x1000000", "5x1000000", "a series of more than 1,000,000 datapoints"),
        ("(5x999)*1001", "(5x999)*1001", "a series of more than 1,000,000 datapoints"),
        ("5 _x99999999999", "_x99999999999", "a series of more than 1,000,000 datapoints"),
        ("((((((((((1)*9)*9)*9)*9)*9)*9)*9)*9)*9)*9", "(", "parentheses nested more than 8 deep"),
        ("{p50=20", "{p50=20", "a brace is not closed"),
        ("{p50=20}", "{p50=20}", "samples need a number and a percentile"),
        ("{n=20}", "{n=20}", "samples need a number and a percentile"),
        ("{p50=20 p50=30 n=1}", "p50=30", "`p50=30` is given twice"),
        ("{p50=20 p99=10 n=1}", "{p50=20 p99=10 n=1}", "percentiles must rise"),
        ("{p50=nan n=5}", "p50=nan", "`p50=nan` says nothing about samples"),
        ("{p50=1 n=1.5}", "n=1.5", "`n=1.5` is no number of samples"),
        ("{p50=1 n=99999}", "n=99999", "`n=99999` is no number of samples"),
        ("{a b}", "a", "`a` is no sample"),
        ("{}", "{}", "a period without samples"),
        ("{5*0}", "{5*0}", "a period without samples"),
    ],
)
def test_refused_with_its_place(text: str, stretch: str, title: str) -> None:
    with pytest.raises(SyntaxFault) as refusal:
        parse_notation(text)
    fault = refusal.value
    assert (fault.code, fault.title) == ("bad-series", title)
    assert text[fault.span.start : fault.span.end] == stretch


@given(st.text(alphabet="0123456789.+-x_~ (){}*pne=", max_size=20))
def test_any_text_is_a_series_or_a_fault_in_its_bounds(text: str) -> None:
    try:
        points = parse_notation(text)
    except SyntaxFault as fault:
        assert 0 <= fault.span.start < fault.span.end <= max(len(text) + 1, 1)  # noqa: PT017
    else:
        assert points

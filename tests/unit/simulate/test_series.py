from __future__ import annotations

import json
from typing import Any

import pytest

from axonwatch.model.metrics import Dimension, Metric, MetricStat
from axonwatch.simulate.refusal import Refusal
from axonwatch.simulate.series.api_json import read_series, store_of
from axonwatch.simulate.series.series import Series, SeriesStore

METRIC = Metric("N", "m", (Dimension("b", "2"), Dimension("a", "1")))
GOOD: dict[str, Any] = {
    "namespace": "N",
    "metric": "m",
    "dimensions": {"a": "1", "b": "2"},
    "period": 60,
    "timestamps": ["2026-01-01T00:01:00Z", "2026-01-01T00:00:00Z"],
    "values": [2, 1],
}


def stat(name: str = "Average", period: int = 60, unit: str | None = None) -> MetricStat:
    return MetricStat(METRIC, name, period, unit)


def test_dimensions_match_in_any_order_and_points_are_sorted() -> None:
    found = store_of([GOOD]).find(stat())
    assert found is not None
    assert found.values.tolist() == [1.0, 2.0]


def test_dimensions_match_exactly() -> None:
    fewer = MetricStat(Metric("N", "m", (Dimension("a", "1"),)), "Average", 60)
    assert store_of([GOOD]).find(fewer) is None


@pytest.mark.parametrize(
    ("change", "code", "where"),
    [
        ({"values": [1]}, "unequal-lengths", "values"),
        ({"values": [1, "2"]}, "wrong-type", "values"),
        ({"values": [1, True]}, "wrong-type", "values"),
        ({"values": [1, 10**400]}, "not-a-number", "values"),
        ({"sample_counts": [1]}, "unequal-lengths", "sample_counts"),
        ({"sample_counts": [1, -1]}, "bad-count", "m"),
        ({"sample_counts": [1, None]}, "wrong-type", "sample_counts"),
        ({"timestamps": ["2026-01-01T00:00:00Z"] * 2}, "duplicate-timestamp", "m"),
        ({"timestamps": ["2026-01-01T00:00:00Z", "noon"]}, "bad-time", "timestamps"),
        ({"timestamps": [None, None]}, "wrong-type", "timestamps"),
        ({"period": 0}, "bad-period", "period"),
        ({"period": "60"}, "bad-period", "period"),
        ({"period": 0.5}, "bad-period", "period"),
        ({"stat": "Mean"}, "unknown-statistic", "stat"),
        ({"dimensions": {"a": 1}}, "wrong-type", "dimensions"),
        ({"dimensions": ["a"]}, "wrong-type", "dimensions"),
        ({"metric": None}, "missing-key", "metric"),
        ({"metric": 5}, "wrong-type", "metric"),
        ({"band": "middle"}, "wrong-value", "band"),
    ],
    ids=str,
)
def test_one_thing_wrong(change: dict[str, Any], code: str, where: str) -> None:
    with pytest.raises(Refusal) as caught:
        store_of([GOOD | change], name="S")
    assert caught.value.code == code
    assert caught.value.where == f"S[0].{where}"
    assert caught.value.message.startswith("S[0]: ")


@pytest.mark.parametrize("key", ["namespace", "metric", "timestamps", "values", "period"])
def test_a_key_left_out(key: str) -> None:
    with pytest.raises(Refusal) as caught:
        store_of([{k: v for k, v in GOOD.items() if k != key}])
    assert caught.value.code == "missing-key"


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ({}, "wrong-type"),
        ([1], "wrong-type"),
        ([GOOD | {"sample_count": [1, 1]}], "unknown-key"),
        ([GOOD, GOOD], "overlapping-series"),
        ([GOOD | {"band": "lower"}], "half-a-band"),
        ([GOOD | {"call": "F()"}, GOOD | {"call": "F()"}], "duplicate-series"),
    ],
)
def test_documents_that_are_refused(document: object, code: str) -> None:
    with pytest.raises(Refusal) as caught:
        store_of(document)
    assert caught.value.code == code


@pytest.mark.parametrize(
    "text", ["", "[", "[{]", '[{"a": NaN}]', '[{"values": [Infinity]}]', "[" * 100_000]
)
def test_texts_that_are_refused(text: str) -> None:
    with pytest.raises(Refusal) as caught:
        read_series(text)
    assert caught.value.code in {"broken-json", "not-a-number"}


def test_pieces_of_one_series_are_joined() -> None:
    later = GOOD | {"timestamps": ["2026-01-01T00:02:00Z"], "values": [3]}
    found = store_of([later, GOOD]).find(stat())
    assert found is not None
    assert found.values.tolist() == [1.0, 2.0, 3.0]


def test_an_empty_series_is_known_and_has_no_points() -> None:
    found = store_of([GOOD | {"timestamps": [], "values": []}])
    assert found.find(stat()) is not None
    assert found.span() is None


def test_a_null_value_is_missing() -> None:
    found = store_of([GOOD | {"values": [None, 1]}]).find(stat())
    assert found is not None
    assert found.values.tolist() == [1.0]


def test_points_of_no_sample_are_missing() -> None:
    found = store_of([GOOD | {"sample_counts": [0, 4]}]).find(stat())
    assert found is not None
    assert found.values.tolist() == [1.0]


def test_that_very_statistic_comes_first_then_that_period_then_the_finest() -> None:
    store = store_of(
        [
            GOOD,
            GOOD | {"stat": "Maximum", "values": [20, 10]},
            GOOD | {"period": 300, "values": [200, 100]},
        ]
    )

    def values(name: str, period: int) -> list[float]:
        found = store.find(stat(name, period))
        assert found is not None
        return list(found.values.tolist())

    assert values("Maximum", 60) == [10, 20]
    assert values("Average", 300) == [100, 200]
    assert values("Average", 60) == [1, 2]
    assert values("Average", 600) == [1, 2]


def test_another_statistic_cannot_stand_in() -> None:
    with pytest.raises(Refusal) as caught:
        store_of([GOOD | {"stat": "Maximum"}]).find(stat("Average"))
    assert caught.value.code == "other-statistic"
    assert caught.value.message == "Average of N m {a=1, b=2} cannot be had from Maximum"


def test_percentiles_cannot_be_combined_over_a_longer_period() -> None:
    with pytest.raises(Refusal) as caught:
        store_of([GOOD | {"stat": "p99"}]).find(stat("p99", 300))
    assert caught.value.code == "cannot-combine"


def test_samples_stand_in_where_percentiles_cannot_be_combined() -> None:
    percentiles = GOOD | {"stat": "p99", "sample_counts": [5, 5]}
    samples = GOOD | {"sample_counts": [5, 5]}
    maxima = GOOD | {"stat": "Maximum", "sample_counts": [5, 5]}
    store = store_of([maxima, percentiles, samples])
    for name, period, label in (
        ("p99", 60, "p99"),
        ("p99", 300, "Average"),
        ("p90", 60, "Average"),
        ("Maximum", 300, "Maximum"),
        ("Average", 300, "Average"),
    ):
        found = store.find(stat(name, period))
        assert found is not None
        assert found.stat == label


def test_maxima_are_samples_only_where_their_number_is_given() -> None:
    counted = store_of([GOOD | {"stat": "Maximum", "sample_counts": [5, 5]}])
    assert counted.find(stat("SampleCount")) is not None
    assert counted.find(stat("Sum")) is not None
    with pytest.raises(Refusal):
        store_of([GOOD | {"stat": "Maximum"}]).find(stat("Sum"))


def test_a_sum_with_counts_gives_an_average() -> None:
    found = store_of([GOOD | {"stat": "Sum", "values": [20, 9], "sample_counts": [4, 3]}])
    series = found.find(stat("Average"))
    assert series is not None
    assert series.values.tolist() == [3.0, 5.0]


def test_a_distribution_has_a_time_once() -> None:
    with pytest.raises(Refusal):
        Series.of_distributions(METRIC, 60, [(0, [1.0], [1.0]), (0, [2.0], [1.0])])


def test_the_span_of_a_store() -> None:
    store = SeriesStore.of([Series.of(METRIC, 60, [0, 60], [1, 2])])
    assert store.span() == (60, 120)


def test_the_file_of_the_contract_reads() -> None:
    assert read_series(json.dumps([GOOD])).span() is not None

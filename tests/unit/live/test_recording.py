from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from axonwatch.live.recording import QUERIES_A_CALL, record
from axonwatch.model.links import Window
from axonwatch.model.metrics import Dimension, Metric, MetricStat
from axonwatch.simulate.series.api_json import store_of

NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)
WINDOW = Window(NOW - timedelta(hours=1), NOW)


def stat(number: int, name: str = "Average") -> MetricStat:
    return MetricStat(Metric("AWS/RDS", f"M{number}", (Dimension("D", "x"),)), name, 60)


class TwoPages:
    """Answers each call in two pages of one datapoint each."""

    region = "us-east-1"
    partition = "aws"

    def __init__(self) -> None:
        self.asked: list[list[dict[str, Any]]] = []

    def answers(self, service: str, operation: str, /, **given: Any) -> Iterator[dict[str, Any]]:
        assert (service, operation) == ("cloudwatch", "GetMetricData")
        queries = given["MetricDataQueries"]
        self.asked.append(queries)
        for minute in (2, 1):
            yield {
                "MetricDataResults": [
                    {
                        "Id": query["Id"],
                        "Timestamps": [NOW - timedelta(minutes=minute)],
                        "Values": [float(minute)],
                    }
                    for query in queries
                    if not query["MetricStat"]["Metric"]["MetricName"].endswith("9")
                ]
            }


def test_pages_are_joined_and_the_engine_reads_what_comes_of_it() -> None:
    found = record(TwoPages(), [stat(1)], WINDOW)  # type: ignore[arg-type]  # only what is called
    assert found[0]["timestamps"] == ["2026-11-24T02:58:00Z", "2026-11-24T02:59:00Z"]
    assert found[0]["values"] == [2.0, 1.0]
    store = store_of(found)
    (series,) = store.metrics[stat(1).metric]
    assert list(series.values) == [2.0, 1.0]


def test_five_hundred_queries_go_into_a_call() -> None:
    account, told = TwoPages(), []
    wanted = [stat(number) for number in range(QUERIES_A_CALL + 1)]
    found = record(account, wanted, WINDOW, lambda *so_far: told.append(so_far))  # type: ignore[arg-type]  # only what is called
    assert [len(queries) for queries in account.asked] == [500, 1]
    assert told == [(500, 501), (501, 501)]
    assert len(found) == 501


def test_a_metric_without_datapoints_is_there_and_empty() -> None:
    (one,) = record(TwoPages(), [stat(9)], WINDOW)  # type: ignore[arg-type]  # only what is called
    assert one["timestamps"] == one["values"] == []


def test_the_same_metric_is_asked_once_for_each_statistic() -> None:
    account = TwoPages()
    record(account, [stat(1), stat(1), stat(1, "p90")], WINDOW)  # type: ignore[arg-type]  # only what is called
    assert [q["MetricStat"]["Stat"] for q in account.asked[0]] == ["Average", "p90"]

from __future__ import annotations

import pytest

from axonwatch.model.alarms import Comparison, MetricAlarm
from axonwatch.model.metrics import Metric, MetricQuery, MetricStat
from axonwatch.simulate.answers.graphs import graph_of, graphs_of_alarm
from axonwatch.simulate.refusal import Refusal
from axonwatch.simulate.series.series import Series, SeriesStore

START = 1_800_000_000 - 1_800_000_000 % 3600
REQUESTS = Metric("AWS/ApplicationELB", "RequestCount")


def store(*values: float) -> SeriesStore:
    times = [START + 60 * at for at in range(len(values))]
    return SeriesStore.of([Series.of(REQUESTS, 60, times, list(values), stat="Sum")])


def summed(id: str, period: int = 60) -> MetricQuery:
    return MetricQuery(id, stat=MetricStat(REQUESTS, "Sum", period))


def test_a_metric_is_drawn_in_clock_aligned_periods() -> None:
    drawn = graph_of(
        [summed("m", 300)], "m", store(*range(10)), start=START, end=START + 600, period=300
    )
    assert drawn.times == (START, START + 300)
    assert drawn.values == (10.0, 35.0)


def test_minutes_without_a_datapoint_are_gaps() -> None:
    drawn = graph_of([summed("m")], "m", store(1, 2), start=START, end=START + 240, period=60)
    assert drawn.values == (1.0, 2.0, None, None)
    assert not drawn.is_empty


def test_an_expression_sees_the_whole_stretch() -> None:
    queries = [summed("m"), MetricQuery("e", expression="RUNNING_SUM(m)")]
    drawn = graph_of(queries, "e", store(1, 2, 3), start=START, end=START + 180, period=60)
    assert drawn.values == (1.0, 3.0, 6.0)


def test_what_cannot_be_evaluated_is_refused_by_name() -> None:
    queries = [MetricQuery("e", expression="SEARCH('x', 'Sum', 60)")]
    with pytest.raises(Refusal, match="SEARCH"):
        graph_of(queries, "e", store(), start=START, end=START + 60, period=60)


def test_an_alarm_is_drawn_on_what_it_watches() -> None:
    alarm = MetricAlarm(
        name="a",
        comparison=Comparison.GT,
        threshold=1.0,
        evaluation_periods=1,
        stat=MetricStat(REQUESTS, "Sum", 60),
    )
    (drawn,) = graphs_of_alarm(alarm, store(1, 2), start=START, end=START + 120)
    assert drawn.values == (1.0, 2.0)

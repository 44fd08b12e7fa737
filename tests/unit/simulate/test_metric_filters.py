from __future__ import annotations

import json

import pytest

from axonwatch.model.alarms import MetricFilter
from axonwatch.model.metrics import Dimension, Metric
from axonwatch.simulate.recordings.log_events import LogEvent
from axonwatch.simulate.recordings.metric_filters import Samples, apply_filters
from axonwatch.simulate.refusal import Refusal

GROUP = "/ecs/axonflow-prod/agent"


def make(pattern: str, **changes: object) -> MetricFilter:
    fields: dict[str, object] = {
        "name": "f",
        "log_group": GROUP,
        "pattern": pattern,
        "namespace": "N",
        "metric": "M",
    }
    return MetricFilter(**{**fields, **changes})  # type: ignore[arg-type]


def run(metric_filter: MetricFilter, *events: tuple[float, str]) -> dict[Metric, Samples]:
    stream = [LogEvent(int(second * 1000), message) for second, message in events]
    return {one.metric: one.samples for one in apply_filters([metric_filter], {GROUP: stream})}


M = Metric("N", "M")


def test_matches_are_counted_by_minute() -> None:
    events = ((0, "x FAIL"), (59.999, "FAIL"), (60, "FAIL"), (61, "ok"), (200, "FAIL"))
    assert run(make("FAIL"), *events) == {M: {0: {1.0: 2}, 60: {1.0: 1}, 180: {1.0: 1}}}


def test_an_event_that_does_not_match_gives_the_default() -> None:
    events = ((0, "FAIL"), (1, "ok"), (2, "ok"), (65, "ok"))
    assert run(make("FAIL", default=0.0), *events) == {M: {0: {1.0: 1, 0.0: 2}, 60: {0.0: 1}}}


def test_a_silent_group_is_a_metric_without_data() -> None:
    assert run(make("FAIL", default=0.0)) == {M: {}}


def test_a_group_that_is_not_given_is_no_metric() -> None:
    assert apply_filters([make("FAIL")], {"/other": [LogEvent(0, "FAIL")]}) == []


def test_the_value_of_a_field() -> None:
    one = make("{ $.ms > 0 }", value="$.ms", unit="Milliseconds")
    texts = ['{"ms": 12.5}', '{"ms": 12.5}', '{"ms": 7}', '{"other": 1}', "not json"]
    assert run(one, *((i, text) for i, text in enumerate(texts))) == {M: {0: {12.5: 2, 7.0: 1}}}


def test_a_field_that_is_no_number_publishes_nothing_and_no_default() -> None:
    one = make("{ $.v = * }", value="$.v", default=0.0)
    assert run(one, (0, '{"v": "many"}'), (1, '{"v": "8"}')) == {M: {0: {8.0: 1}}}


def test_the_value_of_a_word() -> None:
    one = make("[ip, ..., status, bytes]", value="$bytes")
    assert run(one, (0, '1.1.1.1 - "GET /" 200 1534')) == {M: {0: {1534.0: 1}}}


def test_dimensions_are_fields_and_exclude_the_default() -> None:
    one = make(
        '{ $.level = "ERROR" }',
        default=0.0,
        dimensions=(("Client", "$.client"), ("Code", "$.code")),
    )
    texts = [
        {"level": "ERROR", "client": "a", "code": 7},
        {"level": "ERROR", "client": "b", "code": 7},
        {"level": "ERROR", "client": "a"},
        {"level": "INFO", "client": "a", "code": 7},
    ]
    found = run(one, *((0, json.dumps(text)) for text in texts))
    assert found == {
        Metric("N", "M", (Dimension("Client", "a"), Dimension("Code", "7"))): {0: {1.0: 1}},
        Metric("N", "M", (Dimension("Client", "b"), Dimension("Code", "7"))): {0: {1.0: 1}},
    }


def test_two_filters_of_one_metric_add_up() -> None:
    stream = [LogEvent(0, "FAIL DISK")]
    found = apply_filters([make("FAIL"), make("DISK", value="5")], {GROUP: stream})
    assert [one.samples for one in found] == [{0: {1.0: 1, 5.0: 1}}]


def test_a_pattern_that_does_not_parse_is_refused() -> None:
    with pytest.raises(Refusal, match="filter `f` of `/ecs/axonflow-prod/agent`"):
        run(make('"FAIL'))

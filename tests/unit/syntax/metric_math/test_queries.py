from __future__ import annotations

import pytest

from axonwatch.syntax.metric_math import (
    FUNCTIONS,
    Kind,
    Query,
    Scope,
    Type,
    check_queries,
    parse,
    type_of_expression,
)

METRICS = [Query("m1", None, return_data=False), Query("m2", None, return_data=False)]


def codes(
    *queries: Query, threshold: str | None = None, in_alarm: bool = True
) -> list[tuple[str, str]]:
    found = check_queries(queries, threshold_query=threshold, in_alarm=in_alarm)
    return [(fault.id, fault.code) for fault in found]


def test_a_sound_request_has_no_fault() -> None:
    assert codes(*METRICS, Query("e1", "100 * m1 / m2")) == []


def test_one_metric_returned_by_itself() -> None:
    assert codes(Query("m1")) == []


def test_expressions_may_stand_before_what_they_name() -> None:
    assert codes(Query("e1", "e2 + 1"), Query("e2", "m1 * 2", return_data=False), *METRICS) == []


def test_two_returned() -> None:
    assert codes(*METRICS, Query("e1", "m1"), Query("e2", "m2")) == [("e2", "two-returned")]


def test_none_returned() -> None:
    found = codes(Query("m1", None, return_data=False))
    assert found == [("m1", "nothing-returned")]


def test_a_circle_is_reported_once_for_each_of_its_members() -> None:
    found = codes(Query("e1", "e2"), Query("e2", "e1", return_data=False))
    assert found == [("e1", "circular-expression"), ("e2", "circular-expression")]


def test_an_expression_that_names_itself() -> None:
    assert codes(Query("e1", "e1 + 1")) == [("e1", "circular-expression")]


def test_one_cause_is_reported_once() -> None:
    found = codes(*METRICS, Query("e1", "zz + 1", return_data=False), Query("e2", "e1 * 2"))
    assert found == [("e1", "unknown-id")]


def test_all_faults_come_at_once() -> None:
    found = codes(*METRICS, Query("e1", "avg(m1) + zz + SEARCH('x')"))
    assert found == [
        ("e1", "lower-case-function"),
        ("e1", "unknown-id"),
        ("e1", "barred-function"),
    ]


@pytest.mark.parametrize("name", ["M1", "1m", "m-1", "", "m 1"])
def test_ids_begin_with_a_lower_case_letter(name: str) -> None:
    assert (name, "bad-id") in codes(Query(name, None))


def test_an_id_given_twice() -> None:
    assert ("m1", "duplicate-id") in codes(Query("m1"), Query("m1", None, return_data=False))


def test_an_alarm_takes_ten_metrics() -> None:
    metrics = [Query(f"m{at}", None, return_data=False) for at in range(11)]
    assert codes(*metrics, Query("e1", "m1")) == [("m10", "too-many-queries")]


def test_a_band_is_a_threshold_beside_the_metric() -> None:
    band = Query("ad1", "ANOMALY_DETECTION_BAND(m1, 2)")
    assert codes(Query("m1"), band, threshold="ad1") == []


def test_a_threshold_that_is_no_band() -> None:
    assert codes(Query("m1"), Query("ad1", "m1 * 2"), threshold="ad1") == [("ad1", "no-band")]


def test_a_dashboard_may_return_several_and_search() -> None:
    found = codes(
        *METRICS,
        Query("e1", "SEARCH('{N} cpu', 'Average')"),
        Query("e2", "AVG(m1)"),
        in_alarm=False,
    )
    assert found == []


def test_a_metrics_insights_query_stands_alone() -> None:
    query = Query("q1", "SELECT AVG(cpu) FROM N")
    assert codes(query) == []
    assert codes(query, *METRICS) == [("q1", "insights-not-alone")]


def test_a_broken_metrics_insights_query_has_its_place() -> None:
    (found,) = check_queries([Query("q1", "SELECT AVG(cpu) FORM N")])
    assert (found.code, found.fault.span.start) == ("unexpected-token", 16)


def test_an_expression_of_too_many_characters() -> None:
    assert codes(Query("m1", None, return_data=False), Query("e1", "m1" + " " * 2050)) == [
        ("e1", "too-long")
    ]


def test_help_names_the_nearest_word() -> None:
    (found,) = check_queries(
        [Query("requests", None, return_data=False), Query("e1", "request * 2")]
    )
    assert found.fault.title == "`request` is not an id of this alarm's metrics"
    assert found.fault.label == "no metric or expression has this id"
    assert found.fault.help == "write `requests`"


@pytest.mark.parametrize(
    ("expression", "kind", "size"),
    [
        ("1 + 2", Kind.SCALAR, None),
        ("m1 + 1", Kind.SERIES, None),
        ("[m1, m2]", Kind.ARRAY, 2),
        ("[m1, m2] * m1", Kind.ARRAY, 2),
        ("AVG(m1)", Kind.SCALAR, None),
        ("AVG([m1, m2])", Kind.SERIES, None),
        ("IF(1, 2, 3)", Kind.SCALAR, None),
        ("IF(1, m1)", Kind.SERIES, None),
        ("METRICS()", Kind.ARRAY, 2),
        ("METRICS('1')", Kind.ARRAY, 1),
        ("SLICE([m1, m2], 0, 1)", Kind.SERIES, None),
        ("SLICE([m1, m2], 0)", Kind.ARRAY, 2),
        ("SLICE(REMOVE_EMPTY([m1, m2]), 1)", Kind.ARRAY, None),
        ("SORT([m1, m2], AVG, ASC, 1)", Kind.ARRAY, 1),
        ("FIRST([m1])", Kind.SERIES, None),
        ("METRIC_COUNT([m1, m2])", Kind.SCALAR, None),
        ("REMOVE_EMPTY([m1, m2])", Kind.ARRAY, None),
        ("PERIOD(m1)", Kind.SCALAR, None),
        ("ANOMALY_DETECTION_BAND(m1)", Kind.ARRAY, 2),
        ("DB_PERF_INSIGHTS('RDS', 'x', 'y')", Kind.SERIES, None),
        ("LAMBDA('f', m1, 2, 'x')", Kind.SERIES, None),
        ("-[m1, m2]", Kind.ARRAY, 2),
    ],
)
def test_types(expression: str, kind: Kind, size: int | None) -> None:
    metric = Type(Kind.SERIES, is_metric=True)
    scope = Scope({"m1": metric, "m2": metric}, ("m1", "m2"))
    found, faults = type_of_expression(parse(expression), scope)
    assert faults == ()
    assert (found.kind, found.size) == (kind, size)


def test_every_function_is_known_to_the_evaluator() -> None:
    from axonwatch.simulate.evaluation.math_functions import FUNCTIONS as EVALUATED

    assert set(FUNCTIONS) - {"SEARCH"} == set(EVALUATED)

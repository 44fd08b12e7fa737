from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.simulate.alarm_cases import load_cases, moment, name_of, run_case

from axonwatch.model.alarms import Comparison, Missing, State
from axonwatch.simulate.evaluation.explanation import Datapoint
from axonwatch.simulate.evaluation.texts import MetricTexts, java_double, java_json


@pytest.mark.parametrize("case", load_cases("alarm_texts"), ids=name_of)
def test_case(case: dict[str, Any]) -> None:
    found = run_case(case)
    for kind, of in (("reasons", "reason"), ("data", "reason_data")):
        for place, expected in case.get(kind, {}).items():
            minute, name = place.split(" ", 1)
            entry = found.at(name, moment(minute))
            assert entry is not None
            assert entry.time == moment(minute)
            assert getattr(entry.explanation, of) == expected


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (5.0, "5.0"),
        (100_000.0, "100000.0"),
        (860_604_416.0, "8.60604416E8"),
        (3_088_453_632.0, "3.088453632E9"),
        (15_075_595_059.2, "1.50755950592E10"),
        (1.6e10, "1.6E10"),
        (1e9, "1.0E9"),
        (2_126_585.0, "2126585.0"),
        (9_999_999.0, "9999999.0"),
        (1e7, "1.0E7"),
        (0.002, "0.002"),
        (0.001, "0.001"),
        (0.00099, "9.9E-4"),
        (1e-5, "1.0E-5"),
        (0.1 + 0.2, "0.30000000000000004"),
        (0.0, "0.0"),
        (-0.0, "-0.0"),
        (-12_345_678.9, "-1.23456789E7"),
        (1.7976931348623157e308, "1.7976931348623157E308"),
    ],
)
def test_a_double_as_java_prints_it(value: float, text: str) -> None:
    assert java_double(value) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_printed_double_reads_back(value: float) -> None:
    assert float(java_double(value)) == value


def test_json_is_compact_with_doubles_and_integers_apart() -> None:
    found = {"a": 1, "b": 1.0, "c": [True, None, 'ü"'], "d": {"e": 1e9}}
    assert java_json(found) == '{"a":1,"b":1.0,"c":[true,null,"ü\\""],"d":{"e":1.0E9}}'


def test_one_contributor_has_the_long_form_even_of_one_datapoint() -> None:
    texts = MetricTexts(
        comparison=Comparison.LT, threshold=1.0, periods=1, needed=None, missing=Missing.MISSING
    )
    found = texts.contributor_reason(State.ALARM, [Datapoint(0, 0.0, breaching=True)])
    assert found == (
        "Threshold Crossed: 1 datapoint was less than the threshold (1.0). The most recent "
        "datapoint which crossed the threshold: [0.0 (01/01/70 00:00:00)]."
    )

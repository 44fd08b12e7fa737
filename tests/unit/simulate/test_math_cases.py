"""Every case under tests/cases/metric_math, through an alarm's own reading."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from tests.unit.simulate.alarm_cases import (
    EPOCH,
    described,
    load_cases,
    name_of,
    store_from,
    values_of,
)

from axonwatch.catalog.describe import parse_described
from axonwatch.catalog.nodes import SourceText
from axonwatch.model.alarms import MetricAlarm
from axonwatch.simulate.evaluation.clock import frame_of
from axonwatch.simulate.evaluation.evaluate import evaluate
from axonwatch.simulate.evaluation.readings import read_alarm, refuse_faults
from axonwatch.simulate.refusal import Refusal

CASES = load_cases("metric_math")
RESULTS = [case for case in CASES if "expected" in case]
REFUSED = [case for case in CASES if "code" in case]


def alarm_of(case: dict[str, Any]) -> MetricAlarm:
    ids = {name: name for name in case.get("inputs", {})}
    alarms = {"x": {"when": "> 0", "math": ids | {"result": case["math"]}}}
    found = parse_described(SourceText("case", json.dumps(described({"alarms": alarms}))))
    (alarm,) = found.alarms
    assert isinstance(alarm, MetricAlarm)
    return alarm


def series_from(case: dict[str, Any]) -> dict[str, Any]:
    series = dict(case.get("inputs", {}))
    for call, values in case.get("calls", {}).items():
        series[call] = {"values": values, "call": call}
    if "band" in case:
        for edge in ("lower", "upper"):
            series[edge] = {
                "metric": case["band"]["metric"],
                "values": case["band"][edge],
                "band": edge,
            }
    return series


@pytest.mark.parametrize("case", RESULTS, ids=name_of)
def test_result(case: dict[str, Any]) -> None:
    alarm, expected = alarm_of(case), values_of(case["expected"])
    refuse_faults(alarm)
    size = len(expected)
    frame = frame_of(alarm, EPOCH + 60 * size, EPOCH + 60 * size, size)
    found = read_alarm(alarm, store_from(series_from(case)), frame).values[0].tolist()
    assert [None if math.isnan(value) else pytest.approx(value) for value in found] == expected


@pytest.mark.parametrize("case", REFUSED, ids=name_of)
def test_refused(case: dict[str, Any]) -> None:
    with pytest.raises(Refusal) as caught:
        evaluate([alarm_of(case)], store_from(series_from(case)), start=EPOCH + 60, end=EPOCH + 60)
    assert caught.value.code == case["code"]
    assert caught.value.alarm == "x"
    assert "x" in caught.value.message
    for key in ("id", "function"):
        if key in case:
            assert getattr(caught.value, key) == case[key]
            assert case[key] in caught.value.message

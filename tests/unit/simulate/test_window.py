from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from axonwatch.model.alarms import Missing, State
from axonwatch.simulate.evaluation.window import ABSENT, BREACHING, FEW, GOOD, Rule, judge

ROWS = json.loads(
    (Path(__file__).parents[2] / "cases" / "alarm_state" / "missing_data.json").read_text()
)
MARKS = {"0": GOOD, "X": BREACHING, "-": ABSENT}


def window(text: str) -> bytes:
    return bytes(MARKS[mark] for mark in text.replace(" ", ""))


@pytest.mark.parametrize(
    "row",
    ROWS,
    ids=lambda r: f"{''.join(r['datapoints'])} {r['m']} of {r['n']} {r['treat_missing']}",
)
def test_every_row_of_the_tables_of_aws(row: dict[str, Any]) -> None:
    found = judge(
        window("".join(row["datapoints"])), row["m"], row["n"], Missing(row["treat_missing"])
    )
    if row["expected"] == "RETAIN":
        assert found.state is None
    elif row["expected"] == "NOT_ALARM":
        assert found.state is not State.ALARM
    else:
        assert found.state == row["expected"]


@pytest.mark.parametrize(
    ("text", "m", "n", "missing", "rule"),
    [
        ("000X0", 1, 3, Missing.MISSING, Rule.NEWEST),
        ("0XX-X", 3, 3, Missing.MISSING, Rule.REACHED_BACK),
        ("---XX", 2, 3, Missing.MISSING, Rule.BREACHES_SUFFICE),
        ("0----", 3, 3, Missing.BREACHING, Rule.FILLED),
        ("-----", 3, 3, Missing.IGNORE, Rule.ALL_MISSING),
        ("--X--", 3, 3, Missing.MISSING, Rule.PREMATURE),
        ("0-X--", 2, 3, Missing.MISSING, Rule.TOO_FEW),
    ],
)
def test_the_verdict_names_the_rule_that_decided(
    text: str, m: int, n: int, missing: Missing, rule: Rule
) -> None:
    assert judge(window(text), m, n, missing).rule is rule


def test_counted_datapoints_are_the_newest_real_ones_newest_first() -> None:
    assert judge(window("0XX-X"), 3, 3, Missing.MISSING).counted == (4, 2, 1)


def test_too_few_samples_keep_the_state() -> None:
    few = bytes([GOOD, GOOD, BREACHING | FEW])
    found = judge(few, 1, 1, Missing.MISSING)
    assert (found.state, found.rule) == (None, Rule.FEW_SAMPLES)


def test_too_few_samples_outside_the_judged_ones_do_not_matter() -> None:
    assert judge(bytes([FEW | GOOD, GOOD, BREACHING]), 1, 1, Missing.MISSING).state is State.ALARM


windows = st.lists(st.sampled_from([ABSENT, GOOD, BREACHING]), min_size=1, max_size=9).map(bytes)


@given(windows, st.data(), st.sampled_from(Missing))
def test_m_of_n_is_monotone(marks: bytes, data: st.DataObject, missing: Missing) -> None:
    """What alarms at M alarms at every smaller M."""
    n = data.draw(st.integers(1, len(marks)))
    m = data.draw(st.integers(1, n))
    if m > 1 and judge(marks, m, n, missing).state is State.ALARM:
        assert judge(marks, m - 1, n, missing).state is State.ALARM


@given(windows, st.data())
def test_filling_with_breaches_never_alarms_less(marks: bytes, data: st.DataObject) -> None:
    n = data.draw(st.integers(1, len(marks)))
    m = data.draw(st.integers(1, n))
    if judge(marks, m, n, Missing.NOT_BREACHING).state is State.ALARM:
        assert judge(marks, m, n, Missing.BREACHING).state is State.ALARM


@given(windows, st.data(), st.sampled_from(Missing))
def test_only_a_wholly_empty_range_lacks_data(
    marks: bytes, data: st.DataObject, missing: Missing
) -> None:
    n = data.draw(st.integers(1, len(marks)))
    m = data.draw(st.integers(1, n))
    found = judge(marks, m, n, missing).state
    assert (found is State.INSUFFICIENT_DATA) == (not any(marks) and missing is Missing.MISSING)

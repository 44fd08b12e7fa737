from __future__ import annotations

from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from axonwatch.model.alarms import Missing, State
from axonwatch.simulate.evaluation import vectorised
from axonwatch.simulate.evaluation.states import walk
from axonwatch.simulate.evaluation.vectorised import CODED, states_of, states_on_grid
from axonwatch.simulate.evaluation.window import ABSENT, BREACHING, FEW, GOOD

symbols = st.lists(st.sampled_from([ABSENT, GOOD, BREACHING]), min_size=1, max_size=120)
# Long gaps are where the rules differ, and random symbols hardly ever make one.
gappy = st.lists(
    st.tuples(st.sampled_from([ABSENT, GOOD, BREACHING]), st.integers(1, 14)),
    min_size=1,
    max_size=14,
).map(lambda runs: [symbol for symbol, length in runs for _ in range(length)])


def rolling(found: list[int], size: int) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    padded = np.array([ABSENT] * (size - 1) + found, dtype=np.uint8)
    return np.ascontiguousarray(np.lib.stride_tricks.sliding_window_view(padded, size))


@settings(max_examples=400, deadline=None)
@given(
    symbols | gappy,
    st.integers(1, 12),
    st.data(),
    st.sampled_from(Missing),
    st.sampled_from(State),
)
def test_the_vectorised_evaluator_agrees_with_the_plain_one_state_by_state(
    found: list[int], n: int, data: st.DataObject, missing: Missing, initial: State
) -> None:
    m = data.draw(st.integers(1, n))
    size = n + data.draw(st.integers(0, 4))
    windows = rolling(found, size)
    plain = walk(windows, needed=m, periods=n, missing=missing, initial=initial)
    rule: dict[str, Any] = {"needed": m, "periods": n, "missing": missing, "initial": initial}
    assert list(states_of(windows, **rule)) == plain
    for many in (1, len(found) + size):  # with the table of all answers, and without
        with patch.object(vectorised, "MANY", many):
            assert list(states_of(windows, **rule)) == plain
            padded = np.array([ABSENT] * (size - 1) + found, dtype=np.uint8)
            assert list(states_on_grid(padded, stride=1, size=size, **rule)) == plain


@settings(max_examples=200, deadline=None)
@given(symbols, st.integers(1, 6), st.integers(1, 5), st.data(), st.sampled_from(Missing))
def test_windows_that_move_by_a_part_of_their_period(
    found: list[int], n: int, stride: int, data: st.DataObject, missing: Missing
) -> None:
    m, size = data.draw(st.integers(1, n)), n + 2
    grid = np.array([ABSENT] * ((size - 1) * stride) + found, dtype=np.uint8)
    windows = np.array(
        [grid[at : at + (size - 1) * stride + 1 : stride] for at in range(len(found))],
        dtype=np.uint8,
    )
    rule: dict[str, Any] = {"needed": m, "periods": n, "missing": missing, "initial": State.OK}
    states = states_on_grid(grid, stride=stride, size=size, **rule)
    plain = walk(windows, **rule)
    assert list(states) == plain
    assert [states[at] for at in range(len(states))] == plain
    assert list(states[1:3]) == plain[1:3]
    before = [State.OK, *plain]
    assert states.changes(State.OK) == [at for at, one in enumerate(plain) if one is not before[at]]


@given(
    st.lists(st.sampled_from([ABSENT, GOOD, BREACHING, GOOD | FEW, BREACHING | FEW]), min_size=4)
)
def test_few_samples_are_kept_by_both(found: list[int]) -> None:
    windows = rolling(found, 4)
    rule: dict[str, Any] = {"needed": 1, "periods": 2}
    plain = walk(windows, **rule, missing=Missing.MISSING, initial=State.OK)
    assert list(states_of(windows, **rule, missing=Missing.MISSING, initial=State.OK)) == plain


@pytest.mark.parametrize("size", [CODED, CODED + 1])
def test_a_series_shorter_than_its_range(size: int) -> None:
    grid = np.array([ABSENT] * (size - 1) + [BREACHING], dtype=np.uint8)
    rule: dict[str, Any] = {
        "needed": 1,
        "periods": 1,
        "missing": Missing.MISSING,
        "initial": State.OK,
    }
    assert list(states_on_grid(grid, stride=1, size=size, **rule)) == [State.ALARM]

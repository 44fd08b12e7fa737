from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from axonwatch.model.alarms import Missing, State
from axonwatch.simulate.states import walk
from axonwatch.simulate.vectorised import CODED, ORDER, evaluate_grid, states_of
from axonwatch.simulate.window import ABSENT, BREACHING, FEW, GOOD

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
    grid = evaluate_grid(
        np.array(found, dtype=np.uint8),
        needed=m,
        periods=n,
        size=size,
        missing=missing,
        initial=initial,
    )
    assert [ORDER[code] for code in grid.tolist()] == plain
    assert states_of(windows, needed=m, periods=n, missing=missing, initial=initial) == plain


@given(
    st.lists(st.sampled_from([ABSENT, GOOD, BREACHING, GOOD | FEW, BREACHING | FEW]), min_size=4)
)
def test_few_samples_are_kept_by_both(found: list[int]) -> None:
    windows = rolling(found, 4)
    rule = {"needed": 1, "periods": 2}
    plain = walk(windows, **rule, missing=Missing.MISSING, initial=State.OK)
    assert states_of(windows, **rule, missing=Missing.MISSING, initial=State.OK) == plain


@pytest.mark.parametrize("size", [CODED, CODED + 1])
def test_a_series_shorter_than_its_range(size: int) -> None:
    found = evaluate_grid(
        np.array([BREACHING], dtype=np.uint8),
        needed=1,
        periods=1,
        size=size,
        missing=Missing.MISSING,
        initial=State.OK,
    )
    assert [ORDER[code] for code in found] == [State.ALARM]

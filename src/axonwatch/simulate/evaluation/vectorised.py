"""The same rule as `window.judge`, for long series: states of all ticks at once.

Two ways. A short range is coded as a number, and the plain rule is asked once for each different
code; a long one is counted with running sums over the real datapoints. Both give, for each tick, a
state or KEEP, and kept states are then carried forward.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import overload

import numpy as np
from numpy.typing import NDArray

from axonwatch.model.alarms import Missing, State
from axonwatch.simulate.evaluation.window import ABSENT, BREACHING, judge

Symbols = NDArray[np.uint8]
Codes = NDArray[np.uint8]

ORDER = (State.OK, State.ALARM, State.INSUFFICIENT_DATA)
OK, ALARM, INSUFFICIENT, KEEP = range(4)
# 4 ** 8 answers are 64 KB: they stay in the processor's nearest cache.
CODED = 8
_BITS = 2
# Below this many windows the table of all answers takes longer to make than the answers.
MANY = 100_000


def mark(breach: NDArray[np.bool_], real: NDArray[np.bool_]) -> Symbols:
    """ABSENT, GOOD or BREACHING for each datapoint."""
    return (breach & real).view(np.uint8) + real.view(np.uint8)


class States(Sequence[State]):
    """States that are kept as codes, a byte each: indexes into ORDER."""

    def __init__(self, codes: Codes) -> None:
        self.codes = codes

    def __len__(self) -> int:
        """How many there are."""
        return self.codes.size

    @overload
    def __getitem__(self, at: int) -> State: ...
    @overload
    def __getitem__(self, at: slice) -> States: ...
    def __getitem__(self, at: int | slice) -> State | States:
        """The state at a place, or those of a stretch."""
        return States(self.codes[at]) if isinstance(at, slice) else ORDER[self.codes[at]]

    def __iter__(self) -> Iterator[State]:
        """All of them, in their order."""
        return map(ORDER.__getitem__, self.codes.tolist())

    def changes(self, before: State) -> list[int]:
        """The places at which the state is another than the one before it."""
        found = np.flatnonzero(np.diff(self.codes, prepend=np.uint8(ORDER.index(before))))
        places: list[int] = found.tolist()
        return places


def states_of(
    symbols: Symbols, *, needed: int, periods: int, missing: Missing, initial: State
) -> States:
    """As `states.walk`: the state at every tick, from windows of symbols."""
    if (symbols > BREACHING).any():
        asked = _of_unique(symbols, needed, periods, missing)
    else:
        asked = _of_windows(symbols, needed, periods, missing)
    return States(carry(asked, ORDER.index(initial)))


def states_on_grid(
    symbols: Symbols,
    *,
    stride: int,
    size: int,
    needed: int,
    periods: int,
    missing: Missing,
    initial: State,
) -> States:
    """The same from the grid that the windows share.

    Tick j sees the `size` datapoints j, j + stride, j + 2 stride and so on.
    """
    asked = np.empty(max(symbols.size - (size - 1) * stride, 0), dtype=np.uint8)
    for phase in range(stride):
        whole = _of_series(symbols[phase::stride], needed, periods, size, missing)
        asked[phase::stride] = whole[size - 1 :]
    return States(carry(asked, ORDER.index(initial)))


def _of_series(symbols: Symbols, needed: int, periods: int, size: int, missing: Missing) -> Codes:
    """What is asked for at each datapoint of a series, whose range is the `size` up to it."""
    if size <= CODED and symbols.size >= MANY:
        return answers(needed, periods, size, missing).take(_rolling_codes(symbols, size))
    return _by_sums(symbols, needed, periods, size, missing)


def carry(asked: Codes, initial: int) -> Codes:
    """States with each KEEP replaced by the state before it."""
    kept = asked == KEEP
    if not kept.any():
        return asked
    last = np.where(kept, -1, np.arange(asked.size, dtype=np.int32))
    np.maximum.accumulate(last, out=last)
    found = asked[np.maximum(last, 0)]
    found[last < 0] = initial
    return found


@lru_cache(maxsize=64)
def answers(needed: int, periods: int, size: int, missing: Missing) -> Codes:
    """The plain rule's answer to every window of `size` symbols, by code (newest lowest)."""
    table = np.full(1 << (_BITS * size), KEEP, dtype=np.uint8)
    for number in range(3**size):
        digits = []
        rest = number
        for _ in range(size):
            rest, digit = divmod(rest, 3)
            digits.append(digit)
        code = sum(digit << (_BITS * age) for age, digit in enumerate(digits))
        table[code] = _answer(bytes(reversed(digits)), needed, periods, missing)
    return table


def _answer(window: bytes, needed: int, periods: int, missing: Missing) -> int:
    state = judge(window, needed, periods, missing).state
    return KEEP if state is None else ORDER.index(state)


def _rolling_codes(symbols: Symbols, size: int) -> NDArray[np.uint16]:
    codes = symbols.astype(np.uint16)
    newest = codes.copy()
    for age in range(1, size):
        codes[age:] += newest[:-age] << (_BITS * age)
    return codes


def _of_windows(symbols: Symbols, needed: int, periods: int, missing: Missing) -> Codes:
    size = symbols.shape[1]
    if size > CODED or len(symbols) < MANY:
        return _of_unique(symbols, needed, periods, missing)
    codes = np.zeros(len(symbols), dtype=np.uint16)
    for age in range(size):
        codes += symbols[:, size - 1 - age].astype(np.uint16) << (_BITS * age)
    return answers(needed, periods, size, missing).take(codes)


def _of_unique(symbols: Symbols, needed: int, periods: int, missing: Missing) -> Codes:
    """The plain rule, asked once for each different window, each run of one window once."""
    rows = np.ascontiguousarray(symbols)
    size = rows.shape[1]
    changes = np.flatnonzero((rows[1:] != rows[:-1]).any(axis=1)) + 1
    heads = np.concatenate([[0], changes]) if len(rows) else changes
    whole = rows[heads].tobytes()
    known: dict[bytes, int] = {}
    asked = np.empty(len(heads), dtype=np.uint8)
    for at in range(len(heads)):
        window = whole[at * size : (at + 1) * size]
        if window not in known:
            known[window] = _answer(window, needed, periods, missing)
        asked[at] = known[window]
    return np.repeat(asked, np.diff(np.append(heads, len(rows))))


def _by_sums(symbols: Symbols, needed: int, periods: int, size: int, missing: Missing) -> Codes:
    """The rule by counting: how many real, how many of the newest N real breach, how old."""
    real = symbols != ABSENT
    breach = symbols == BREACHING
    places = np.flatnonzero(real).astype(np.int32)
    upto = np.cumsum(real, dtype=np.int32)  # real ones up to and with each tick
    before = np.concatenate([np.zeros(size, np.int32), upto[:-size]])[: upto.size]
    inside = upto - before
    sums = np.concatenate([[0], np.cumsum(breach[places], dtype=np.int32)])
    counted = np.minimum(inside, periods)
    worst = sums[upto] - sums[upto - counted]
    filled = periods - counted
    asked = np.full(symbols.size, OK, dtype=np.uint8)
    few = filled > 0
    if missing is Missing.BREACHING:
        asked[few & (worst + filled >= needed)] = ALARM
    elif missing is not Missing.NOT_BREACHING:
        kept = missing is Missing.IGNORE
        oldest = places[np.minimum(upto - inside, max(places.size - 1, 0))] if places.size else 0
        age = np.arange(symbols.size, dtype=np.int32) - oldest + 1
        premature = few & (inside > 0) & (worst == inside) & (age >= needed)
        asked[premature] = KEEP if kept else ALARM
        asked[inside == 0] = KEEP if kept else INSUFFICIENT
    asked[worst >= needed] = ALARM
    return asked

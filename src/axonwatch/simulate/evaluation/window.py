"""The rule: from one window of datapoints to a state, and why.

The plain form, one window at a time. `states.walk` remembers its answers, `vectorised` applies
them to long series. Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/
alarms-and-missing-data.html; its two tables are `tests/cases/alarm_state/missing_data.json`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

from axonwatch.model.alarms import Comparison, Missing, State

# One datapoint of a window; FEW is added when a percentile has too few samples.
ABSENT, GOOD, BREACHING, FEW = 0, 1, 2, 4
# Whether a value, or each of an array, breaches a threshold. Bands have edges, and are not here.
BREACHES: Mapping[Comparison, Callable[[Any, float], Any]] = {
    Comparison.GT: operator.gt,
    Comparison.GE: operator.ge,
    Comparison.LT: operator.lt,
    Comparison.LE: operator.le,
}


class Rule(StrEnum):
    """What decided, in words that complete "because"."""

    NEWEST = "the newest datapoints have no gap, so they alone decide"
    REACHED_BACK = "gaps among the newest: older datapoints of the range stand in"
    BREACHES_SUFFICE = "the datapoints that are there breach often enough by themselves"
    FILLED = "missing datapoints were filled as the alarm says"
    ALL_MISSING = "no datapoint in the whole evaluation range"
    PREMATURE = "everything since the oldest breaching datapoint is breaching or missing"
    TOO_FEW = "some datapoints are there, but too few of them breach"
    FEW_SAMPLES = "a percentile rests on too few samples, so the state is kept"
    WARM_UP = "the alarm is warming up"
    CONTRIBUTORS = "each series of the query is judged by itself"


@dataclass(frozen=True)
class Verdict:
    """The state that a window asks for (None: keep the old one), and how it was found.

    `counted` are indexes into the window (oldest first) of the real datapoints that decided,
    newest first; `filled` is how many missing ones were added to them.
    """

    state: State | None
    rule: Rule
    counted: tuple[int, ...]
    breaching: int
    filled: int


@lru_cache(maxsize=65_536)
def judge(window: bytes, needed: int, periods: int, missing: Missing) -> Verdict:
    """Judge one evaluation range, oldest datapoint first: M of N is `needed` of `periods`."""
    size = len(window)
    real = [at for at in range(size - 1, -1, -1) if window[at]]
    counted = tuple(real[:periods])
    breaching = sum(1 for at in counted if window[at] & BREACHING)
    filled = periods - len(counted)
    if any(window[at] & FEW for at in counted):
        return Verdict(None, Rule.FEW_SAMPLES, counted, breaching, filled)
    if not filled:
        rule = Rule.NEWEST if counted[-1] == size - periods else Rule.REACHED_BACK
        state = State.ALARM if breaching >= needed else State.OK
        return Verdict(state, rule, counted, breaching, 0)
    if breaching >= needed:
        return Verdict(State.ALARM, Rule.BREACHES_SUFFICE, counted, breaching, filled)
    if missing is Missing.BREACHING or missing is Missing.NOT_BREACHING:
        worst = breaching + filled if missing is Missing.BREACHING else breaching
        state = State.ALARM if worst >= needed else State.OK
        return Verdict(state, Rule.FILLED, counted, breaching, filled)
    kept = missing is Missing.IGNORE
    if not counted:
        unknown = None if kept else State.INSUFFICIENT_DATA
        return Verdict(unknown, Rule.ALL_MISSING, counted, 0, filled)
    if breaching == len(counted) and size - counted[-1] >= needed:
        alarm = None if kept else State.ALARM
        return Verdict(alarm, Rule.PREMATURE, counted, breaching, filled)
    return Verdict(State.OK, Rule.TOO_FEW, counted, breaching, filled)

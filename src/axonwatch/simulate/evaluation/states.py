"""A metric alarm over time: its state at every tick, and the explanation of any of them.

States come from windows of symbols, each different window judged once; explanations are made when
they are asked for, from the same windows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray

from axonwatch.durations import MINUTE
from axonwatch.model.alarms import Comparison, MetricAlarm, Missing, State
from axonwatch.simulate.evaluation.buckets import windows_of
from axonwatch.simulate.evaluation.clock import Frame
from axonwatch.simulate.evaluation.explanation import Datapoint, Explanation
from axonwatch.simulate.evaluation.readings import Reading
from axonwatch.simulate.evaluation.texts import CREATED, MetricTexts
from axonwatch.simulate.evaluation.vectorised import mark, states_of, states_on_grid
from axonwatch.simulate.evaluation.window import (
    ABSENT,
    BREACHES,
    BREACHING,
    FEW,
    Rule,
    Verdict,
    judge,
)
from axonwatch.simulate.series.series import Floats

Symbols = NDArray[np.uint8]
# From this many ticks on the vectorised evaluator is the quicker one.
LONG = 2_000


def missing_policy(alarm: MetricAlarm) -> Missing:
    """TreatMissingData; alarms on AWS/DynamoDB always ignore, whatever they say.

    Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
    """
    if alarm.stat is not None and alarm.stat.metric.namespace == "AWS/DynamoDB":
        return Missing.IGNORE
    return alarm.missing


def symbols_of(alarm: MetricAlarm, reading: Reading) -> Symbols:
    """Each datapoint as ABSENT, GOOD or BREACHING, with FEW added; ticks by periods."""
    values = reading.values
    real = ~np.isnan(values)
    if reading.lower is not None and reading.upper is not None:
        real &= ~(np.isnan(reading.lower) | np.isnan(reading.upper))
        breach = np.zeros(values.shape, dtype=bool)
        if alarm.comparison is not Comparison.ABOVE_BAND:
            breach |= values < reading.lower
        if alarm.comparison is not Comparison.BELOW_BAND:
            breach |= values > reading.upper
    else:
        breach = _breaches(alarm, values)
    found = mark(breach, real)
    if reading.few is not None:
        found[real & reading.few] |= FEW
    return found


def _breaches(alarm: MetricAlarm, values: Floats) -> NDArray[np.bool_]:
    breach: NDArray[np.bool_] = BREACHES[alarm.comparison](values, alarm.threshold or 0.0)
    return breach


def grid_symbols(alarm: MetricAlarm, reading: Reading) -> Symbols | None:
    """The same on the grid that all windows share, if they do."""
    if reading.grid is None or reading.few is not None:
        return None
    return mark(_breaches(alarm, reading.grid), ~np.isnan(reading.grid))


def walk(
    symbols: Symbols, *, needed: int, periods: int, missing: Missing, initial: State
) -> list[State]:
    """The state at every tick, one after the other: the plain evaluator."""
    size = symbols.shape[1]
    rows = np.ascontiguousarray(symbols).tobytes()
    state = initial
    found = []
    for at in range(0, len(rows), size):
        verdict = judge(rows[at : at + size], needed, periods, missing)
        if verdict.state is not None:
            state = verdict.state
        found.append(state)
    return found


@dataclass(frozen=True, eq=False)
class MetricPath:
    """One alarm's states over the ticks of its frame."""

    alarm: MetricAlarm
    frame: Frame
    reading: Reading
    symbols: Symbols
    initial: State
    states: Sequence[State]
    warm_until: int = 0
    sample_counts: Callable[[], Floats | None] = field(default=lambda: None, repr=False)

    @classmethod
    def of(
        cls,
        alarm: MetricAlarm,
        frame: Frame,
        reading: Reading,
        initial: State,
        *,
        sample_counts: Callable[[], Floats | None] = lambda: None,
    ) -> MetricPath:
        """Evaluate an alarm over all ticks."""
        grid = grid_symbols(alarm, reading)
        symbols = symbols_of(alarm, reading) if grid is None else windows_of(grid, frame)
        warm_until = warm_end(alarm, frame, symbols, initial)
        first = int(np.searchsorted(frame.ticks, warm_until)) if warm_until else 0
        source = symbols if grid is None else grid
        judge_all: Callable[..., Sequence[State]] = walk
        if len(symbols) - first >= LONG:
            on_grid = partial(states_on_grid, stride=frame.stride, size=frame.size)
            judge_all = states_of if grid is None else on_grid
        else:
            source = symbols
        states = judge_all(
            source[first:],
            needed=alarm.needed,
            periods=alarm.evaluation_periods,
            missing=missing_policy(alarm),
            initial=initial,
        )
        if first:
            states = [*[State.INSUFFICIENT_DATA] * first, *states]
        return cls(alarm, frame, reading, symbols, initial, states, warm_until, sample_counts)

    @property
    def ticks(self) -> list[int]:
        """When the alarm is evaluated."""
        return self.frame.moments

    def before(self, at: int) -> State:
        """The state before tick number `at`."""
        return self.states[at - 1] if at else self.initial

    def is_warming_up(self, at: int) -> bool:
        """Whether the alarm is not evaluated yet at tick number `at`."""
        return int(self.frame.ticks[at]) < self.warm_until

    def verdict(self, at: int) -> Verdict:
        """What decided at tick number `at`."""
        alarm = self.alarm
        if self.is_warming_up(at):
            return Verdict(State.INSUFFICIENT_DATA, Rule.WARM_UP, (), 0, 0)
        window = self.symbols[at].tobytes()
        return judge(window, alarm.needed, alarm.evaluation_periods, missing_policy(alarm))

    def window(self, at: int) -> tuple[Datapoint, ...]:
        """The evaluation range at tick number `at`, oldest first."""
        reading = self.reading
        counted = set(self.verdict(at).counted)
        samples = self.sample_counts()
        values, marks = reading.values[at].tolist(), self.symbols[at].tolist()
        found = []
        for i, start in enumerate(self.frame.starts[at].tolist()):
            known = marks[i] != ABSENT
            found.append(
                Datapoint(
                    start,
                    values[i] if known else None,
                    breaching=bool(marks[i] & BREACHING),
                    counted=i in counted,
                    samples=float(samples[at, i]) if samples is not None and known else None,
                    lower=_edge(reading.lower, at, i),
                    upper=_edge(reading.upper, at, i),
                )
            )
        return tuple(found)

    def explain(self, at: int) -> Explanation:
        """Why the state at tick number `at`. A kept state keeps the reason it was entered with."""
        alarm = self.alarm
        verdict = self.verdict(at)
        window = self.window(at)
        stat = alarm.stat
        found = Explanation(
            reason="",
            rule=verdict.rule,
            datapoints=window,
            needed=alarm.needed,
            periods=alarm.evaluation_periods,
            breaching=verdict.breaching,
            filled=verdict.filled,
            notes=self.reading.notes,
        )
        if verdict.state is None or verdict.rule is Rule.WARM_UP:
            return self._kept(at, found)
        texts = MetricTexts(
            comparison=alarm.comparison,
            threshold=alarm.threshold,
            periods=alarm.evaluation_periods,
            needed=alarm.datapoints_to_alarm,
            missing=missing_policy(alarm),
        )
        counted = [window[i] for i in verdict.counted]
        return replace(
            found,
            reason=texts.reason(verdict.state, counted, verdict.filled),
            reason_data=texts.reason_data(
                verdict.state,
                window,
                time=int(self.frame.ticks[at]),
                period=alarm.period,
                statistic=stat.stat if stat is not None else None,
                unit=stat.unit if stat is not None else None,
            ),
        )

    def _kept(self, at: int, found: Explanation) -> Explanation:
        decided = self._decided[at]
        if decided < 0:
            return replace(found, reason=CREATED)
        then = self.explain(decided)
        return replace(found, reason=then.reason, reason_data=then.reason_data)

    @cached_property
    def _decided(self) -> list[int]:
        """For each tick the last one, up to it, whose window asked for a state; -1 for none."""
        found = []
        latest = -1
        for at in range(len(self.states)):
            if not self.is_warming_up(at) and self.verdict(at).state is not None:
                latest = at
            found.append(latest)
        return found


def _edge(edges: Floats | None, tick: int, period: int) -> float | None:
    """A band's edge; None where there is no band, or none yet."""
    if edges is None or np.isnan(edges[tick, period]):
        return None
    return float(edges[tick, period])


def warm_end(alarm: MetricAlarm, frame: Frame, symbols: Symbols, initial: State) -> int:
    """When a new alarm begins to be evaluated; 0 without a warm-up.

    The alarm is new at the first tick if it begins in INSUFFICIENT_DATA. Unless it must wait the
    full time, it begins once its data span N periods and the newest period has a datapoint.
    Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-warm-up.html
    """
    if alarm.warm_up is None or initial is not State.INSUFFICIENT_DATA or not len(frame.ticks):
        return 0
    created = int(frame.ticks[0])
    full = created + alarm.warm_up.minutes * MINUTE
    if alarm.warm_up.wait_full_time:
        return full
    span = alarm.evaluation_periods * alarm.period
    first: int | None = None
    for at, tick in enumerate(frame.ticks.tolist()):
        present = symbols[at] != ABSENT
        if first is None and present.any():
            # A datapoint that appears was taken in the step before; older ones begin their period.
            oldest = int(frame.starts[at][present][0])
            first = max(oldest, tick - frame.step) if at else oldest
        if first is not None and present[-1] and tick - first >= span:
            return min(int(tick), full)
        if tick >= full:
            break
    return full

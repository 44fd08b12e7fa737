"""Log alarms over time: M of the last N results of a scheduled Logs Insights query.

The query engine is another wing: whoever runs this hands in a `LogQueryRunner`, see docs/adr/0007.
CloudWatch's text for log alarms was never captured; they get the form of metric alarms.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from axonwatch.model.alarms import Comparison, LogAlarm, State
from axonwatch.simulate.evaluation.explanation import Datapoint, Explanation
from axonwatch.simulate.evaluation.texts import CREATED, MetricTexts
from axonwatch.simulate.evaluation.window import ABSENT, BREACHES, BREACHING, GOOD, Verdict, judge

TICK = 60


@dataclass(frozen=True)
class LogResult:
    """One run of the query: its values by contributor (one, unnamed, without `by`), and lines."""

    values: tuple[tuple[str, float], ...] = ()
    lines: tuple[str, ...] = ()


class LogQueryRunner(Protocol):
    """Runs a log alarm's query as scheduled for a moment, in epoch seconds."""

    def run(self, alarm: LogAlarm, at: int) -> LogResult:
        """The result over [at - start_offset, at - end_offset], aggregated."""


class LogPath:
    """One log alarm's states over the ticks from `start` to `end`, each minute."""

    def __init__(
        self, alarm: LogAlarm, runner: LogQueryRunner, start: int, end: int, initial: State
    ) -> None:
        self.alarm = alarm
        self.initial = initial
        self.ticks = list(range(start, end + 1, TICK))
        self._run = lru_cache(maxsize=None)(lambda at: runner.run(alarm, at))
        self.states: list[State] = []
        state = initial
        for tick in self.ticks:
            if tick - self._scheduled(tick) < TICK:
                state = self.verdict(tick).state or state
            self.states.append(state)

    def _scheduled(self, tick: int) -> int:
        """When the query ran last: schedules keep the clock."""
        return tick - tick % self.alarm.every

    def before(self, at: int) -> State:
        """The state before tick number `at`."""
        return self.states[at - 1] if at else self.initial

    def _runs(self, tick: int) -> list[int]:
        newest = self._scheduled(tick)
        every, amount = self.alarm.every, self.alarm.results_to_evaluate
        return [newest - every * back for back in range(amount - 1, -1, -1)]

    def verdict(self, tick: int) -> Verdict:
        """What decides at a moment."""
        marks = bytes(self._mark(at) for at in self._runs(tick))
        alarm = self.alarm
        return judge(marks, alarm.results_to_alarm, alarm.results_to_evaluate, alarm.missing)

    def _mark(self, at: int) -> int:
        value = self._worst(at)
        if value is None:
            return ABSENT
        return BREACHING if self._breaches(value) else GOOD

    def _breaches(self, value: float) -> bool:
        return bool(BREACHES[self.alarm.comparison](value, self.alarm.threshold))

    def _worst(self, at: int) -> float | None:
        """The value that is nearest to breaching: any contributor may alarm."""
        values = [value for _, value in self._run(at).values]
        if not values:
            return None
        low = self.alarm.comparison in {Comparison.LT, Comparison.LE}
        return min(values) if low else max(values)

    def lines(self, at: int) -> tuple[str, ...]:
        """The log lines of the newest run that go into the notification at tick number `at`."""
        run: LogResult = self._run(self._scheduled(self.ticks[at]))
        return run.lines[: self.alarm.log_line_count]

    def explain(self, at: int) -> Explanation:
        """Why the state at tick number `at`."""
        tick, alarm = self.ticks[at], self.alarm
        verdict = self.verdict(tick)
        runs = self._runs(tick)
        window = tuple(
            Datapoint(
                run,
                self._worst(run),
                breaching=self._mark(run) == BREACHING,
                counted=i in verdict.counted,
            )
            for i, run in enumerate(runs)
        )
        texts = MetricTexts(
            comparison=alarm.comparison,
            threshold=alarm.threshold,
            periods=alarm.results_to_evaluate,
            needed=alarm.results_to_alarm,
            missing=alarm.missing,
        )
        state = verdict.state
        reason, data = CREATED, "{}"
        if state is not None:
            counted = [window[i] for i in verdict.counted]
            reason = texts.reason(state, counted, verdict.filled)
            data = texts.reason_data(
                state, window, time=tick, period=alarm.every, statistic=None, unit=None
            )
        named = self._run(runs[-1]).values
        return Explanation(
            reason=reason,
            rule=verdict.rule,
            datapoints=window,
            needed=alarm.results_to_alarm,
            periods=alarm.results_to_evaluate,
            breaching=verdict.breaching,
            filled=verdict.filled,
            reason_data=data,
            contributors=tuple(
                (name, State.ALARM if self._breaches(value) else State.OK)
                for name, value in named
                if name
            ),
        )

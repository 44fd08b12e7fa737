"""Evaluate alarms over a stretch of time: states with their reasons, and the actions that run.

A pure function of alarms, series and a clock. Metric alarms come first, each over all its ticks;
then the moments at which anything changes are gone through in order: composites after their
children, suppressors with their timers, mute windows, actions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from typing import Protocol

import numpy as np

from axonwatch.model.alarms import Alarm, LogAlarm, MetricAlarm, MuteRule, State
from axonwatch.model.stack import OFFLINE_ACCOUNT
from axonwatch.simulate.evaluation.buckets import sample_counts
from axonwatch.simulate.evaluation.clock import Range, frame_of, range_of
from axonwatch.simulate.evaluation.composites import read_composites
from axonwatch.simulate.evaluation.contributors import InsightsPath, query_of, run_insights
from axonwatch.simulate.evaluation.explanation import Evaluation, Explanation
from axonwatch.simulate.evaluation.logs import LogPath, LogQueryRunner
from axonwatch.simulate.evaluation.readings import Reading, read_alarm, refuse_faults
from axonwatch.simulate.evaluation.states import MetricPath
from axonwatch.simulate.evaluation.timeline import Run, Timeline
from axonwatch.simulate.evaluation.vectorised import States
from axonwatch.simulate.refusal import Refusal
from axonwatch.simulate.series.series import Floats, SeriesStore


@dataclass(frozen=True)
class Settings:
    """What CloudWatch does not disclose or the input does not say.

    `range` and `minimum_look_back` (seconds) fix the evaluation range; every alarm begins in
    `initial_state`. `arns` are known ARNs by alarm name; others are made from `region`, `account`
    and `partition`. With `every` the timeline has one entry a tick, not only transitions.
    """

    range: Range | int = Range.DOC
    minimum_look_back: int = 0
    initial_state: State = State.INSUFFICIENT_DATA
    region: str = "us-east-1"
    account: str = OFFLINE_ACCOUNT
    partition: str = "aws"
    arns: Mapping[str, str] = field(default_factory=dict)
    every: bool = False

    def arn(self, name: str) -> str:
        """The ARN of an alarm."""
        made = f"arn:{self.partition}:cloudwatch:{self.region}:{self.account}:alarm:{name}"
        return self.arns.get(name, made)


class Path(Protocol):
    """One alarm's states over its ticks."""

    @property
    def ticks(self) -> Sequence[int]:
        """When it is evaluated."""

    @property
    def states(self) -> Sequence[State]:
        """Its state at each tick."""

    def before(self, at: int) -> State:
        """The state before tick number `at`."""

    def explain(self, at: int) -> Explanation:
        """Why the state at tick number `at`."""


def evaluate(
    alarms: Sequence[Alarm],
    store: SeriesStore,
    *,
    start: int,
    end: int,
    settings: Settings | None = None,
    mute_rules: Sequence[MuteRule] = (),
    log_runner: LogQueryRunner | None = None,
) -> Timeline:
    """All alarms from `start` to `end`, both included, in epoch seconds.

    Raises Refusal, with the alarm's name, for whatever CloudWatch or we refuse: nothing is skipped.
    """
    chosen = settings or Settings()
    check_alarms(alarms)
    composites = read_composites(alarms)
    paths = {
        alarm.name: path_of(
            alarm, store, start=start, end=end, settings=chosen, log_runner=log_runner
        )
        for alarm in alarms
        if isinstance(alarm, MetricAlarm | LogAlarm)
    }
    changes = {
        alarm.name: evaluations(alarm, paths[alarm.name], every=chosen.every)
        for alarm in alarms
        if alarm.name in paths
    }
    run = Run(
        alarms=alarms,
        composites=composites,
        changes=changes,
        start=start,
        end=end,
        initial=chosen.initial_state,
        arn=chosen.arn,
        mute_rules=mute_rules,
        every=chosen.every,
        contributor_changes=[
            change
            for path in paths.values()
            if isinstance(path, InsightsPath)
            for change in path.contributor_changes
        ],
    )
    notes = tuple(
        f"alarm `{name}`: {note}"
        for name, path in paths.items()
        if isinstance(path, MetricPath)
        for note in path.reading.notes
    )
    return replace(run.timeline(), notes=notes)


def check_alarms(alarms: Sequence[Alarm]) -> None:
    """Raises Refusal for the first alarm that cannot be evaluated whatever the data are."""
    seen: set[str] = set()
    for alarm in alarms:
        if alarm.name in seen:
            raise Refusal(
                "duplicate-alarm", f"alarm `{alarm.name}` is given twice", alarm=alarm.name
            )
        seen.add(alarm.name)
        if isinstance(alarm, MetricAlarm):
            if alarm.stat is None and not alarm.queries:
                raise _no_metric(alarm)
            refuse_faults(alarm)
            try:
                _ = alarm.period
            except ValueError:
                raise _no_metric(alarm) from None


def _no_metric(alarm: MetricAlarm) -> Refusal:
    return Refusal(
        "no-metric",
        f"alarm `{alarm.name}` reads no metric and has no period",
        alarm=alarm.name,
        help="give an expression that reads no metric a Period",
    )


def path_of(
    alarm: Alarm,
    store: SeriesStore,
    *,
    start: int,
    end: int,
    settings: Settings,
    log_runner: LogQueryRunner | None = None,
) -> Path:
    """The states of one metric or log alarm. Raises Refusal."""
    initial = settings.initial_state
    if isinstance(alarm, LogAlarm):
        if log_runner is None:
            raise Refusal(
                "no-logs",
                f"log alarm `{alarm.name}` needs log events, which were not given",
                alarm=alarm.name,
                help="run `axonwatch replay` with --local",
            )
        return LogPath(alarm, log_runner, start, end, initial)
    assert isinstance(alarm, MetricAlarm)  # noqa: S101 - composites have no path of their own
    size = range_of(
        alarm.evaluation_periods, alarm.period, settings.range, settings.minimum_look_back
    )
    try:
        frame = frame_of(alarm, start, end, size)
    except ValueError as wrong:
        raise Refusal(
            "bad-window",
            f"alarm `{alarm.name}`: {wrong}",
            alarm=alarm.name,
            where="EvaluationWindow" if alarm.wall_clock else "EvaluationPeriods",
        ) from None
    query = query_of(alarm)
    if query is not None:
        found = run_insights(query, store, frame)
        if query.group_by:
            return InsightsPath(alarm, frame, found, initial)
        values = found.get("", np.full(frame.starts.shape, np.nan))
        return MetricPath.of(alarm, frame, Reading(values), initial)
    reading = read_alarm(alarm, store, frame)

    @cache
    def samples() -> Floats | None:
        series = store.find(alarm.stat) if alarm.stat is not None else None
        return None if series is None else sample_counts(series, frame)

    return MetricPath.of(alarm, frame, reading, initial, sample_counts=samples)


def evaluations(alarm: Alarm, path: Path, *, every: bool) -> tuple[Evaluation, ...]:
    """An alarm's transitions, or with `every` one evaluation for each tick."""
    ticks, states = path.ticks, path.states
    if every:
        places: Iterable[int] = range(len(states))
    elif isinstance(states, States):
        places = states.changes(path.before(0))
    else:
        places = [at for at, state in enumerate(states) if state is not path.before(at)]
    return tuple(
        Evaluation(ticks[at], alarm, path.before(at), states[at], partial(path.explain, at))
        for at in places
    )

"""Runs scenario tests: inputs, alarms, timeline, verdict, and whether the verdict is sure.

How many periods CloudWatch looks back is not disclosed. Every test is judged with N + 2, the one
example in its documentation, and again with at least six minutes, as was measured on 60-second
alarms; a verdict that differs is flagged.
"""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import pairwise

from axonwatch.model.alarms import (
    Alarm,
    LogAlarm,
    MetricAlarm,
    MetricFilter,
    MuteRule,
    Severity,
    State,
)
from axonwatch.simulate.evaluation.actions import Action
from axonwatch.simulate.evaluation.clock import Range, range_of
from axonwatch.simulate.evaluation.evaluate import Settings, evaluate, path_of
from axonwatch.simulate.evaluation.explanation import Explanation
from axonwatch.simulate.evaluation.logs import LogQueryRunner
from axonwatch.simulate.evaluation.look_back import MINIMUM_LOOK_BACK
from axonwatch.simulate.evaluation.timeline import Timeline
from axonwatch.simulate.moments import read_zone
from axonwatch.simulate.notices.notices import Notice, Sender, notice_of
from axonwatch.simulate.recordings.inputs import Inputs, Selection, gather, select
from axonwatch.simulate.recordings.log_alarms import LogAlarms
from axonwatch.simulate.recordings.log_events import LogEvent, QueryRunner
from axonwatch.simulate.refusal import Refusal
from axonwatch.simulate.scenarios.expectations import Expectation, Outcome, judge
from axonwatch.simulate.scenarios.expectations import Timeline as States
from axonwatch.simulate.scenarios.messages import channel_of, judge_messages
from axonwatch.simulate.scenarios.scenario import ScenarioTest
from axonwatch.simulate.scenarios.verdicts import Failure, Place, Row, cure_of, reason_of, rows_of

# Refusals that mean "this alarm has nothing to read here", not "this alarm is wrong".
_NO_INPUT = frozenset({"needs-input", "other-statistic", "cannot-combine"})
OpenLogs = Callable[[Mapping[str, Sequence[LogEvent]]], AbstractContextManager[QueryRunner]]


@dataclass(frozen=True, eq=False)
class Suite:
    """What all tests of a run share: the alarms, and what is known around them.

    `severities` are those of topics by ARN, `place` finds a fact of an alarm in its file, `short`
    is what a person calls an alarm, `open_logs` opens the query engine.
    """

    alarms: Sequence[Alarm]
    filters: Sequence[MetricFilter] = ()
    mute_rules: Sequence[MuteRule] = ()
    settings: Settings = field(default_factory=Settings)
    severities: Mapping[str, Severity] = field(default_factory=dict)
    place: Place = lambda _name, _fact: None
    short: Callable[[str], str] = str
    open_logs: OpenLogs | None = None

    def notice(self, action: Action) -> Notice:
        """What the targets of an action are told."""
        settings = self.settings
        return notice_of(action, Sender(settings.account, settings.region, settings.arn))

    def text_of(self, action: Action) -> str:
        """Subject and mail of an action, in one text."""
        notice = self.notice(action)
        return f"{notice.subject}\n{notice.email}"


@dataclass(frozen=True, eq=False)
class ScenarioResult:
    """What came of one test. `refused` is why it could not be run at all, empty if it could."""

    test: ScenarioTest
    failures: tuple[Failure, ...]
    seconds: float
    timeline: Timeline | None = None
    selection: Selection | None = None
    refused: str = ""
    depends_on_range: bool = False

    @property
    def passed(self) -> bool:
        """Whether everything is as expected."""
        return not self.failures and not self.refused


@dataclass(frozen=True, eq=False)
class Evaluated:
    """A run of all alarms that have input."""

    inputs: Inputs
    selection: Selection
    timeline: Timeline
    settings: Settings
    log_runner: LogQueryRunner | None = None

    def states(self, name: str) -> States | None:
        """An alarm's states as (moment, state) pairs; None if it was not evaluated."""
        if name in self.selection.stubs or name not in self.timeline.evaluations:
            return None
        entries = self.timeline.transitions(name)
        found = [(entry.time, entry.state) for entry in entries]
        if not found or found[0][0] > self.timeline.start:
            found.insert(0, (self.timeline.start, self.timeline.initial))
        return tuple(found)

    def explain(self, alarm: Alarm, moment: int) -> Explanation | None:
        """Why an alarm was in its state at a moment: of its last evaluation until then."""
        if isinstance(alarm, MetricAlarm | LogAlarm):
            path = path_of(
                alarm,
                self.inputs.store,
                start=self.timeline.start,
                end=self.timeline.end,
                settings=self.settings,
                log_runner=self.log_runner,
            )
            at = bisect_right(list(path.ticks), moment) - 1
            return path.explain(max(at, 0))
        latest = self.timeline.at(alarm.name, moment)
        return latest.explanation if latest is not None else None

    def children(self, alarm: Alarm, moment: int) -> str:
        """The states of a composite's children at a moment, in one sentence."""
        known = next((one for one in self.selection.composites if one.alarm is alarm), None)
        names = known.children if known is not None else ()
        return "; ".join(f"{name} is {self.timeline.state_at(name, moment)}" for name in names)


def evaluate_inputs(
    suite: Suite,
    inputs: Inputs,
    span: tuple[int, int],
    settings: Settings,
    log_runner: LogQueryRunner | None,
) -> Evaluated:
    """Evaluate every alarm that has input. Raises Refusal."""
    barred = frozenset[str]()
    if log_runner is None:
        barred = frozenset(a.name for a in suite.alarms if isinstance(a, LogAlarm))
    while True:
        selection = select(suite.alarms, inputs, barred)
        try:
            timeline = evaluate(
                selection.alarms,
                inputs.store,
                start=span[0],
                end=span[1],
                settings=settings,
                mute_rules=suite.mute_rules,
                log_runner=log_runner,
            )
        except Refusal as refusal:
            if refusal.code not in _NO_INPUT or refusal.alarm in {"", *barred}:
                raise
            barred |= {refusal.alarm}
            continue
        return Evaluated(inputs, selection, timeline, settings, log_runner)


def run_test(test: ScenarioTest, suite: Suite) -> ScenarioResult:
    """Run one test."""
    begun = time.perf_counter()
    settings = replace(suite.settings, initial_state=test.initial)
    with ExitStack() as stack:
        try:
            inputs = gather(
                test.series, test.events, suite.filters, bands=test.bands, calls=test.calls
            )
            runner = _open_logs(suite, inputs, test.events, stack)
            run = evaluate_inputs(suite, inputs, (test.start, test.end), settings, runner)
            failures = _judge(test, suite, run)
            depends = _depends_on_range(test, suite, run, failures)
        except Refusal as refusal:
            seconds = time.perf_counter() - begun
            cure = f" ({refusal.help})" if refusal.help else ""
            return ScenarioResult(test, (), seconds, refused=refusal.message + cure)
    seconds = time.perf_counter() - begun
    return ScenarioResult(test, tuple(failures), seconds, run.timeline, run.selection, "", depends)


def _open_logs(
    suite: Suite, inputs: Inputs, events: Mapping[str, Sequence[LogEvent]], stack: ExitStack
) -> LogQueryRunner | None:
    """The query engine over the events, if some log alarm can read them."""
    wanted = [a for a in suite.alarms if isinstance(a, LogAlarm) and inputs.reaches(a)]
    if not wanted or suite.open_logs is None:
        return None
    return LogAlarms(stack.enter_context(suite.open_logs(events)))


def _judge(test: ScenarioTest, suite: Suite, run: Evaluated) -> list[Failure]:
    failures: list[Failure] = []
    by_name = {alarm.name: alarm for alarm in suite.alarms}
    for expectation in _expectations(test, run):
        alarm = by_name[expectation.alarm]
        outcome = judge(expectation, run.states(alarm.name), test.start, test.end)
        if not outcome.holds:
            failures.append(_failure(test, suite, run, expectation, outcome))
    for expected in test.messages:
        sent = channel_of(expected.channel, run.timeline.actions, suite.severities)
        failures += judge_messages(
            expected,
            sent,
            short=suite.short,
            text_of=suite.text_of,
            show=lambda moment: show_moment(moment, test),
            place=suite.place,
            end=test.end,
        )
    return failures


def _expectations(test: ScenarioTest, run: Evaluated) -> list[Expectation]:
    """The sentences by name, then those about every other alarm that was evaluated."""
    named = {one.alarm for one in test.expectations}
    rest = [alarm.name for alarm in run.selection.evaluated if alarm.name not in named]
    others = [replace(one, alarm=name) for name in rest for one in test.others]
    return [*test.expectations, *others]


def _failure(
    test: ScenarioTest,
    suite: Suite,
    run: Evaluated,
    expectation: Expectation,
    outcome: Outcome,
) -> Failure:
    alarm = next(one for one in suite.alarms if one.name == expectation.alarm)
    where = suite.place(alarm.name, "name")
    actual = "not evaluated" if outcome.actual is None else _since(test, run, alarm, outcome)
    because, cure = outcome.note, ""
    rows: tuple[Row, ...] = ()
    explanation = None if outcome.actual is None else run.explain(alarm, outcome.moment)
    if explanation is not None:
        because = reason_of(alarm, explanation)
        rows = rows_of(explanation)
        wanted = outcome.expected.split()[-1]
        target = State.OK if outcome.expected.startswith("never") else None
        if target is None and wanted in set(State):
            target = State(wanted)
        cure = cure_of(alarm, target, explanation, suite.place) if target else ""
    elif outcome.actual is not None:  # a composite whose children have not moved yet
        because = run.children(alarm, outcome.moment)
    return Failure(
        span=expectation.span or test.origin,
        subject=alarm.name,
        moment=outcome.moment,
        expected=outcome.expected if outcome.note != "too early" else expectation.text,
        actual=actual,
        because=because or outcome.note,
        place=where[0] if where else None,
        rows=rows,
        help=cure,
    )


def _since(test: ScenarioTest, run: Evaluated, alarm: Alarm, outcome: Outcome) -> str:
    begin = test.start
    for moment, _ in run.states(alarm.name) or ():
        if moment <= outcome.moment:
            begin = moment
    since = "from the start" if begin == test.start else f"since {show_moment(begin, test)}"
    return f"{outcome.actual} {since}"


def show_moment(moment: int, test: ScenarioTest) -> str:
    """`12:03 (3m into the test)`, in the test's zone; with the date beyond a day."""
    zone = read_zone(test.zone)
    local = datetime.fromtimestamp(moment, zone)
    long = test.end - test.start >= 86_400
    clock = local.strftime("%Y-%m-%d %H:%M" if long else "%H:%M")
    return clock + (local.strftime(":%S") if local.second else "")


def _depends_on_range(
    test: ScenarioTest, suite: Suite, run: Evaluated, failures: Sequence[Failure]
) -> bool:
    """Whether the verdict is another one if CloudWatch looks back at least six minutes."""
    other = replace(run.settings, range=Range.DOC, minimum_look_back=MINIMUM_LOOK_BACK)
    if not any(_differs(alarm, run, other) for alarm in run.selection.evaluated):
        return False
    try:
        again = evaluate_inputs(suite, run.inputs, (test.start, test.end), other, run.log_runner)
    except Refusal:
        return True
    return bool(_judge(test, suite, again)) is not bool(failures)


def _differs(alarm: Alarm, run: Evaluated, other: Settings) -> bool:
    """Whether an alarm's states are others with a longer evaluation range."""
    if not isinstance(alarm, MetricAlarm):
        return False
    sizes = [
        range_of(alarm.evaluation_periods, alarm.period, s.range, s.minimum_look_back)
        for s in (run.settings, other)
    ]
    if sizes[0] == sizes[1]:
        return False
    store, timeline = run.inputs.store, run.timeline
    longer = path_of(alarm, store, start=timeline.start, end=timeline.end, settings=other)
    states = [longer.before(0), *longer.states]
    moves = [
        (tick, after)
        for tick, (before, after) in zip(longer.ticks, pairwise(states), strict=True)
        if before is not after
    ]
    return moves != [(e.time, e.state) for e in timeline.transitions(alarm.name)]

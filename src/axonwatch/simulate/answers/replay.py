"""What would we have been paged for: all alarms over a recorded stretch of logs and series.

The public way in for `replay`, `demo` and `preview`: inputs in, timeline and pages out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from axonwatch.durations import MINUTE
from axonwatch.model.alarms import Severity, State
from axonwatch.simulate.answers.answer import answer
from axonwatch.simulate.evaluation.actions import Action
from axonwatch.simulate.evaluation.explanation import Evaluation
from axonwatch.simulate.evaluation.logs import LogQueryRunner
from axonwatch.simulate.notices.notices import Notice
from axonwatch.simulate.recordings.inputs import Inputs
from axonwatch.simulate.scenarios.runner import Evaluated, Suite, evaluate_inputs


@dataclass(frozen=True)
class Page:
    """One message that goes out: when, by which alarm, to whom, and its text.

    `severity` is the highest of the topics it goes to, None for other targets.
    """

    time: int
    action: Action
    severity: Severity | None
    notice: Notice

    @property
    def alarm(self) -> str:
        """The alarm's full name."""
        return self.action.alarm.name

    @property
    def state(self) -> State:
        """What it tells."""
        return self.action.state


@dataclass(frozen=True)
class Stay:
    """An alarm's stay in ALARM; `end` is None if it lasted to the end of the replay."""

    alarm: str
    begin: int
    end: int | None
    entry: Evaluation


@dataclass(frozen=True, eq=False)
class Replay:
    """A replay: the run with its inputs, and what came of it."""

    run: Evaluated
    pages: tuple[Page, ...]

    @property
    def start(self) -> int:
        """The first tick."""
        return self.run.timeline.start

    @property
    def end(self) -> int:
        """The last tick."""
        return self.run.timeline.end

    @property
    def without_input(self) -> tuple[str, ...]:
        """Alarms whose metrics or log groups were not given: not evaluated, and never OK."""
        return self.run.selection.without_input

    @property
    def stays(self) -> tuple[Stay, ...]:
        """Every stay in ALARM, in the order of time."""
        found = []
        for alarm in self.run.selection.evaluated:
            entries = self.run.timeline.transitions(alarm.name)
            for number, entry in enumerate(entries):
                if entry.state is State.ALARM:
                    after = entries[number + 1].time if number + 1 < len(entries) else None
                    found.append(Stay(alarm.name, entry.time, after, entry))
        return tuple(sorted(found, key=lambda stay: stay.begin))


def replay(
    suite: Suite,
    inputs: Inputs,
    span: tuple[int, int],
    *,
    initial: State = State.INSUFFICIENT_DATA,
    log_runner: LogQueryRunner | None = None,
) -> Replay:
    """Replay all alarms that have input, each minute from `span[0]` to `span[1]`.

    Raises Refusal.
    """
    settings = replace(suite.settings, initial_state=initial)
    run = evaluate_inputs(suite, inputs, span, settings, log_runner)
    return Replay(run, pages_of(suite, run.timeline.actions))


def pages_of(suite: Suite, actions: Sequence[Action]) -> tuple[Page, ...]:
    """The messages of actions, in order; an Auto Scaling action that repeats is none."""
    return tuple(
        Page(action.time, action, _severity(suite, action), suite.notice(action))
        for action in actions
        if not action.repeated
    )


def _severity(suite: Suite, action: Action) -> Severity | None:
    found = {suite.severities[arn] for arn in action.targets if arn in suite.severities}
    return next((severity for severity in Severity if severity in found), None)


def span_of(inputs: Inputs, events: tuple[int, int] | None) -> tuple[int, int] | None:
    """The ticks of a replay: from the first event's minute to the end of the last one's.

    `events` are the milliseconds of the first and the last event; without any, the series say.
    """
    if events is None:
        return inputs.store.span()
    first, last = events
    return first // 60_000 * MINUTE, (last // 60_000 + 1) * MINUTE


def as_json(found: Replay) -> dict[str, Any]:
    """The answer of `replay --json`: as that of `evaluate`, and what had no input."""
    timeline = found.run.timeline
    names = [alarm.name for alarm in found.run.selection.evaluated]
    kept = {name: timeline.evaluations[name] for name in names}
    document = answer(replace(timeline, evaluations=kept))
    document["without_input"] = list(found.without_input)
    return document

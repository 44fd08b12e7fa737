"""Which alarms the tests have seen fire, and stay quiet; which branches of composites ever decided.

A branch of a rule has decided when the composite was in ALARM and would not have been with this
branch alone the other way round.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from axonwatch.model.alarms import Alarm, CompositeAlarm, State
from axonwatch.simulate.evaluation.composites import Composite, read_composites
from axonwatch.simulate.scenarios.runner import ScenarioResult
from axonwatch.syntax.alarm_rule import (
    AllOf,
    AnyOf,
    AtLeast,
    Constant,
    InState,
    Not,
    Rule,
    is_true,
)


@dataclass(frozen=True)
class Gap:
    """Something that no test has seen: `what` of an alarm, or a branch of its rule."""

    alarm: str
    what: str
    branch: str = ""

    def __str__(self) -> str:
        """As reports say it."""
        return f"{self.branch} {self.what}" if self.branch else self.what


NEVER_FIRED = "never reached ALARM"
NEVER_QUIET = "never stayed out of ALARM"
NEVER_DECIDED = "never decided"


@dataclass
class Coverage:
    """What all tests have seen so far."""

    alarms: Sequence[Alarm]
    fired: dict[str, int] = field(default_factory=dict)
    quiet: dict[str, int] = field(default_factory=dict)
    decided: dict[str, set[str]] = field(default_factory=dict)

    def add(self, result: ScenarioResult) -> None:
        """Take in what a test has seen, whether it passed or not."""
        if result.timeline is None or result.selection is None:
            return
        timeline = result.timeline
        for alarm in result.selection.evaluated:
            name = alarm.name
            entries = timeline.transitions(name)
            seen = {entry.state for entry in entries}
            if not entries or entries[0].time > timeline.start:
                seen.add(timeline.initial)
            if State.ALARM in seen:
                self.fired[name] = self.fired.get(name, 0) + 1
            if seen - {State.ALARM}:
                self.quiet[name] = self.quiet.get(name, 0) + 1
        for composite in result.selection.composites:
            decided = self.decided.setdefault(composite.alarm.name, set())
            decided |= _decided(composite, result)

    def merge(self, other: Coverage) -> None:
        """Take in what another run has seen."""
        for mine, theirs in ((self.fired, other.fired), (self.quiet, other.quiet)):
            for name, count in theirs.items():
                mine[name] = mine.get(name, 0) + count
        for name, branches in other.decided.items():
            self.decided.setdefault(name, set()).update(branches)

    def gaps(self) -> list[Gap]:
        """Everything that no test has seen, in the order of the alarms."""
        composites = {one.alarm.name: one for one in read_composites(self.alarms)}
        found = []
        for alarm in self.alarms:
            if alarm.name not in self.fired:
                found.append(Gap(alarm.name, NEVER_FIRED))
            if alarm.name not in self.quiet:
                found.append(Gap(alarm.name, NEVER_QUIET))
            if isinstance(alarm, CompositeAlarm):
                text = alarm.rule
                decided = self.decided.get(alarm.name, set())
                found += [
                    Gap(alarm.name, NEVER_DECIDED, branch)
                    for branch in _branches(composites[alarm.name].rule, text)
                    if branch not in decided
                ]
        return found

    @property
    def points(self) -> tuple[int, int]:
        """What the tests have seen, of how much there is."""
        composites = read_composites(self.alarms)
        branches = sum(len(_branches(one.rule, one.alarm.rule)) for one in composites)
        total = 2 * len(self.alarms) + branches
        return total - len(self.gaps()), total

    @property
    def percent(self) -> float:
        """The share that the tests have seen; 100 where there is nothing to see."""
        seen, total = self.points
        return 100 * seen / total if total else 100.0


def _branches(rule: Rule, text: str) -> list[str]:
    """The leaves of a rule as they are written, each once, in order."""
    return list(dict.fromkeys(text[leaf.span.start : leaf.span.end] for leaf in leaves(rule)))


def leaves(rule: Rule) -> Iterator[InState | AtLeast]:
    """The conditions of a rule, from left to right."""
    match rule:
        case InState() | AtLeast():
            yield rule
        case Not(operand=operand):
            yield from leaves(operand)
        case AllOf(operands=operands) | AnyOf(operands=operands):
            for operand in operands:
                yield from leaves(operand)
        case Constant():
            pass


def _decided(composite: Composite, result: ScenarioResult) -> set[str]:
    """The branches without which the composite would not have been in ALARM at some moment."""
    timeline = result.timeline
    assert timeline is not None  # noqa: S101 - asked of results that have one
    text = composite.alarm.rule
    found: set[str] = set()
    moments = {timeline.start}
    for child in composite.children:
        moments.update(entry.time for entry in timeline.transitions(child))
    seen: set[tuple[State, ...]] = set()
    for moment in sorted(moments):
        states = {child: timeline.state_at(child, moment) for child in composite.children}
        key = tuple(states.values())
        if key in seen or not is_true(composite.rule, states):
            continue
        seen.add(key)
        found.update(text[a:b] for a, b in _deciding(composite.rule, states))
    return found


def _deciding(rule: Rule, states: Mapping[str, State]) -> Iterable[tuple[int, int]]:
    for leaf in leaves(rule):
        flipped = Constant(not is_true(leaf, states), leaf.span)
        if not is_true(_replaced(rule, leaf, flipped), states):
            yield leaf.span.start, leaf.span.end


def _replaced(rule: Rule, old: Rule, new: Rule) -> Rule:
    """The rule with one leaf replaced, wherever the same words stand."""
    if rule == old or (isinstance(rule, InState | AtLeast) and rule.span == old.span):
        return new
    match rule:
        case Not(operand=operand, span=span):
            return Not(_replaced(operand, old, new), span)
        case AllOf(operands=operands, span=span):
            return AllOf(tuple(_replaced(one, old, new) for one in operands), span)
        case AnyOf(operands=operands, span=span):
            return AnyOf(tuple(_replaced(one, old, new) for one in operands), span)
        case _:
            return rule

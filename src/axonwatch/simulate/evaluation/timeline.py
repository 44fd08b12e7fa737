"""Everything that happens, moment by moment: composites, suppression, mutes, and actions.

`Run` goes from one moment at which something changes to the next; nothing happens in between.
"""

from __future__ import annotations

import heapq
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from axonwatch.durations import MINUTE
from axonwatch.model.alarms import Alarm, MetricAlarm, MuteRule, State
from axonwatch.simulate.evaluation.actions import SCALING, Action
from axonwatch.simulate.evaluation.clock import FINE_STEP
from axonwatch.simulate.evaluation.composites import Composite, explain_composite
from axonwatch.simulate.evaluation.contributors import ContributorChange
from axonwatch.simulate.evaluation.explanation import Child, Evaluation
from axonwatch.simulate.evaluation.schedule import mute_windows
from axonwatch.simulate.evaluation.suppression import Phase, Suppression


@dataclass(frozen=True)
class Timeline:
    """What happened. `evaluations` hold each alarm's transitions (or each tick), by name.

    `actions` ran; `withheld` would have but for a mute rule, a suppressor or ActionsEnabled;
    `notes` say what stands in for something that only CloudWatch has.
    """

    start: int
    end: int
    initial: State
    evaluations: Mapping[str, tuple[Evaluation, ...]]
    actions: tuple[Action, ...]
    withheld: tuple[Action, ...]
    notes: tuple[str, ...] = ()

    def state_at(self, name: str, time: int) -> State:
        """An alarm's state at a moment. Raises KeyError."""
        latest = self.at(name, time)
        return self.initial if latest is None else latest.state

    def at(self, name: str, time: int) -> Evaluation | None:
        """The newest entry of an alarm at or before a moment. Raises KeyError."""
        entries = self.evaluations[name]
        found = bisect_right(entries, time, key=lambda entry: entry.time)
        return entries[found - 1] if found else None

    def transitions(self, name: str) -> tuple[Evaluation, ...]:
        """An alarm's transitions. Raises KeyError."""
        return tuple(entry for entry in self.evaluations[name] if entry.is_transition)


@dataclass
class Run:
    """One run over all alarms; `changes` are the evaluations of all but composites."""

    alarms: Sequence[Alarm]
    composites: Sequence[Composite]
    changes: Mapping[str, tuple[Evaluation, ...]]
    start: int
    end: int
    initial: State
    arn: Callable[[str], str]
    mute_rules: Sequence[MuteRule] = ()
    every: bool = False
    contributor_changes: Sequence[ContributorChange] = ()

    _actions: list[Action] = field(default_factory=list)
    _withheld: list[Action] = field(default_factory=list)

    def timeline(self) -> Timeline:
        """Go through all moments."""
        self._prepare()
        while self._moments:
            time = heapq.heappop(self._moments)
            if time > self.end:
                break
            while self._moments and self._moments[0] == time:
                heapq.heappop(self._moments)
            self._moment(time)
        self._repeat_scaling()
        found = dict(self.changes)
        for composite in self.composites:
            name = composite.alarm.name
            entries = tuple(self._entries[name])
            found[name] = self._each_tick(composite, entries) if self.every else entries
        rank = {alarm.name: at for at, alarm in enumerate(self.alarms)}
        for composite in self.composites:
            rank[composite.alarm.name] += len(rank)
        self._actions.sort(key=lambda action: (action.time, rank[action.alarm.name]))
        return Timeline(
            self.start,
            self.end,
            self.initial,
            {alarm.name: found[alarm.name] for alarm in self.alarms},
            tuple(self._actions),
            tuple(self._withheld),
        )

    def _prepare(self) -> None:
        self._states: dict[str, State] = {alarm.name: self.initial for alarm in self.alarms}
        self._latest: dict[str, Evaluation] = {}
        self._first: dict[str, Evaluation] = {}  # of each composite, at the start
        self._entries: dict[str, list[Evaluation]] = defaultdict(list)
        self._due: dict[int, list[Evaluation]] = defaultdict(list)
        for entries in self.changes.values():
            for entry in entries:
                if entry.is_transition:
                    self._due[entry.time].append(entry)
        self._due_contributors: dict[int, list[ContributorChange]] = defaultdict(list)
        for change in self.contributor_changes:
            self._due_contributors[change.entry.time].append(change)
        self._steps = self._find_steps()
        self._suppressions = {
            c.alarm.name: Suppression(
                c.alarm.suppressor_wait, c.alarm.suppressor_extension, self.initial
            )
            for c in self.composites
            if c.suppressor is not None
        }
        self._moments: list[int] = [*self._due, *self._due_contributors]
        if self.composites:
            self._moments.append(self.start)
        self._prepare_mutes()
        heapq.heapify(self._moments)

    def _find_steps(self) -> dict[str, int]:
        """The ticks of each alarm; a composite's are as fine as its finest child's."""
        steps = {
            alarm.name: FINE_STEP
            if isinstance(alarm, MetricAlarm) and alarm.period < MINUTE
            else MINUTE
            for alarm in self.alarms
        }
        for composite in self.composites:
            below = [*composite.children, *([composite.suppressor] if composite.suppressor else [])]
            name = composite.alarm.name
            steps[name] = min([steps[child] for child in below], default=MINUTE)
        return steps

    def _prepare_mutes(self) -> None:
        self._mutes: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
        self._mute_ends: dict[int, dict[str, None]] = defaultdict(dict)
        known = set(self._states)
        for rule in self.mute_rules:
            for begin, stop in mute_windows(rule, self.start, self.end):
                for name in known.intersection(rule.alarm_names):
                    self._mutes[name].append((begin, stop, rule.name))
                    tick = self._tick_from(name, stop)
                    self._mute_ends[tick][name] = None
                    self._moments.append(tick)

    def _tick_from(self, name: str, time: int) -> int:
        """The first tick of an alarm at or after a moment."""
        step = self._steps[name]
        return self.start + -(-(max(time, self.start) - self.start) // step) * step

    def _moment(self, time: int) -> None:
        changed: dict[str, Evaluation] = {}
        for entry in self._due.get(time, ()):
            changed[entry.alarm.name] = entry
            self._note(entry)
        for composite in self.composites:
            if time == self.start or any(child in changed for child in composite.children):
                entry_of = self._judge(composite, time, changed)
                self._first.setdefault(composite.alarm.name, entry_of)
                if entry_of.is_transition:
                    changed[composite.alarm.name] = entry_of
                    self._entries[composite.alarm.name].append(entry_of)
                    self._note(entry_of)
        for name, entry in changed.items():
            if name not in self._suppressions:
                self._act(time, entry)
        for change in self._due_contributors.get(time, ()):
            alarm_entry = changed.get(change.entry.alarm.name)
            if alarm_entry is None or alarm_entry.state is not change.entry.state:
                self._act(time, change.entry, contributor=change.contributor)
        for composite in self.composites:
            self._advance(composite, time, changed)
        for name in self._mute_ends.get(time, ()):
            self._after_mute(name, time, changed)

    def _note(self, entry: Evaluation) -> None:
        self._states[entry.alarm.name] = entry.state
        self._latest[entry.alarm.name] = entry

    def _judge(
        self, composite: Composite, time: int, changed: Mapping[str, Evaluation]
    ) -> Evaluation:
        name = composite.alarm.name
        state = composite.judge(self._states)
        everyone = tuple(self._child(child) for child in composite.children)
        is_new = name not in self._latest and time == self.start
        moved = () if is_new else tuple(c for c in everyone if c.name in changed)
        explain = partial(
            explain_composite,
            state,
            arn=self.arn(name),
            changed=moved,
            everyone=everyone,
            time=time,
        )
        return Evaluation(time, composite.alarm, self._states[name], state, explain)

    def _child(self, name: str) -> Child:
        latest = self._latest.get(name)
        since = self.start if latest is None else latest.time
        return Child(name, self.arn(name), self._states[name], since)

    def _advance(self, composite: Composite, time: int, changed: Mapping[str, Evaluation]) -> None:
        name = composite.alarm.name
        suppression = self._suppressions.get(name)
        if suppression is None or composite.suppressor is None:
            return
        runs = suppression.advance(
            time, self._states[composite.suppressor], transition=name in changed
        )
        if suppression.until is not None:
            heapq.heappush(self._moments, self._tick_from(name, suppression.until))
        if runs:
            self._act(time, self._latest.get(name) or self._first[name])
        elif name in changed:
            self._act(time, changed[name], withheld_by=suppression.phase)

    def _act(
        self,
        time: int,
        entry: Evaluation,
        *,
        withheld_by: str = "",
        after_mute: bool = False,
        contributor: str = "",
    ) -> None:
        alarm = entry.alarm
        targets = alarm.actions.on(entry.state)
        if not targets:
            return
        withheld = withheld_by
        if not alarm.actions.enabled:
            withheld = "disabled"
        else:
            muted = self._muted(alarm.name, time)
            withheld = f"mute rule {muted}" if muted else withheld
        action = Action(
            time,
            alarm,
            entry.state,
            targets,
            entry,
            after_mute=after_mute,
            contributor=contributor,
            withheld_by=withheld,
        )
        (self._withheld if withheld else self._actions).append(action)

    def _muted(self, name: str, time: int) -> str:
        for begin, stop, rule in self._mutes.get(name, ()):
            if begin <= time < stop:
                return rule
        return ""

    def _after_mute(self, name: str, time: int, changed: Mapping[str, Evaluation]) -> None:
        """When a mute window ends, the actions of an alarm still in ALARM run."""
        entry = self._latest.get(name)
        if entry is None or entry.state is not State.ALARM or name in changed:
            return
        suppression = self._suppressions.get(name)
        if suppression is not None and suppression.phase is not Phase.NONE:
            return
        told = (action for action in reversed(self._actions) if action.time == time)
        if not any(action.alarm.name == name for action in told):
            self._act(time, entry, after_mute=True)

    def _repeat_scaling(self) -> None:
        """Auto Scaling actions run again each minute while the state lasts."""
        for name, entries in self.changes.items():
            moves = [entry for entry in entries if entry.is_transition]
            for at, entry in enumerate(moves):
                actions = entry.alarm.actions
                targets = tuple(t for t in actions.on(entry.state) if SCALING in t)
                if not targets or not actions.enabled:
                    continue
                stop = moves[at + 1].time if at + 1 < len(moves) else self.end + 1
                for time in range(entry.time + MINUTE, stop, MINUTE):
                    if not self._muted(name, time):
                        self._actions.append(
                            Action(time, entry.alarm, entry.state, targets, entry, repeated=True)
                        )

    def _each_tick(
        self, composite: Composite, entries: Sequence[Evaluation]
    ) -> tuple[Evaluation, ...]:
        """One entry a tick: a state that lasts keeps the reason that it was entered with."""
        by_time = {entry.time: entry for entry in entries}
        found: list[Evaluation] = []
        latest = self._first[composite.alarm.name]
        for time in range(self.start, self.end + 1, self._steps[composite.alarm.name]):
            latest = by_time.get(time, latest)
            if time in by_time:
                found.append(latest)
            else:
                state = latest.state
                found.append(Evaluation(time, composite.alarm, state, state, latest.explain))
        return tuple(found)

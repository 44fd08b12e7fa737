"""Composite alarms among all alarms: who is whose child, in which order they are judged, and why.

States are judged first, in dependency order; suppression comes after (see `suppression`), so a
suppressor may even stand above the composite that it suppresses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from axonwatch.model.alarms import Alarm, CompositeAlarm, State
from axonwatch.simulate.evaluation.explanation import Child, Explanation
from axonwatch.simulate.evaluation.texts import java_json
from axonwatch.simulate.moments import java_iso, long_date
from axonwatch.simulate.refusal import Refusal
from axonwatch.syntax.alarm_rule import Rule, alarm_name, children, is_true, parse_rule
from axonwatch.syntax.text import SyntaxFault, line_and_column

_parse = lru_cache(maxsize=1024)(parse_rule)


@dataclass(frozen=True)
class Composite:
    """A composite alarm with its rule read: `children` by name, each once, in the rule's order."""

    alarm: CompositeAlarm
    rule: Rule
    children: tuple[str, ...]
    suppressor: str | None

    def judge(self, states: Mapping[str, State]) -> State:
        """ALARM when the rule is true, else OK: a composite never lacks data."""
        return State.ALARM if is_true(self.rule, states) else State.OK


def read_composites(alarms: Sequence[Alarm]) -> tuple[Composite, ...]:
    """All composites in the order in which they must be judged. Raises Refusal."""
    names = {alarm.name for alarm in alarms}
    found = {
        alarm.name: _read(alarm, names) for alarm in alarms if isinstance(alarm, CompositeAlarm)
    }
    ordered: list[Composite] = []
    done: set[str] = set()
    waiting = dict(found)
    while waiting:
        ready = [
            composite
            for composite in waiting.values()
            if all(child in done or child not in found for child in composite.children)
        ]
        if not ready:
            raise _circle(waiting)
        for composite in ready:
            ordered.append(composite)
            done.add(composite.alarm.name)
            del waiting[composite.alarm.name]
    return tuple(ordered)


def _read(alarm: CompositeAlarm, names: set[str]) -> Composite:
    try:
        rule = _parse(alarm.rule)
    except SyntaxFault as fault:
        line, column = line_and_column(alarm.rule, fault.span.start)
        raise Refusal(
            fault.code,
            f"the rule of composite alarm `{alarm.name}` does not parse: {fault.title}",
            alarm=alarm.name,
            id=alarm.rule[fault.span.start : fault.span.end],
            where=f"line {line}, column {column} of AlarmRule",
            help=fault.help,
        ) from None
    named = tuple(dict.fromkeys(child.name for child in children(rule)))
    suppressor = alarm_name(alarm.suppressor) if alarm.suppressor else None
    for name, role in [*((n, "child") for n in named), (suppressor, "suppressor")]:
        if name is not None and name not in names:
            raise Refusal(
                "unknown-alarm",
                f"{role} `{name}` of composite alarm `{alarm.name}` is not among the alarms",
                alarm=alarm.name,
                id=name,
                help="give that alarm too",
            )
    return Composite(alarm, rule, named, suppressor)


def _circle(waiting: Mapping[str, Composite]) -> Refusal:
    path = [next(iter(waiting))]
    while path[-1] not in path[:-1]:
        path.append(next(child for child in waiting[path[-1]].children if child in waiting))
    circle = path[path.index(path[-1]) :]
    return Refusal(
        "composite-cycle",
        f"composite alarms stand in a circle: {' -> '.join(circle)}",
        alarm=circle[0],
        id=circle[1],
        help="CloudWatch stops evaluating such alarms; take one rule out of the circle",
    )


def explain_composite(
    state: State,
    *,
    arn: str,
    changed: Sequence[Child],
    everyone: Sequence[Child],
    time: int,
) -> Explanation:
    """CloudWatch's words for a composite's transition.

    `changed` are the children that just changed (none when the alarm is new), `everyone` all.
    """
    if not changed:
        reason = f"{arn} was created and its alarm rule evaluates to {state}"
    else:
        first = changed[0]
        reason = f"{first.arn} transitioned to {first.state} at {long_date(time)}"
    telling = [child for child in changed if child.state is State.ALARM]
    if state is not State.ALARM or not telling:
        telling = list(everyone)
    telling = sorted(telling, key=lambda child: -child.since)
    data = {
        "triggeringAlarms": [
            {"arn": c.arn, "state": {"value": c.state.value, "timestamp": java_iso(c.since)}}
            for c in telling
        ]
    }
    return Explanation(reason=reason, reason_data=java_json(data), children=tuple(telling))

"""In which order alarms are made, and how much room each takes: pure, knows nothing of CDK.

Sizes are upper bounds, a few per cent too high. Stacks are filled by them and measured when all
alarms are in, so that a bound costs a little room and nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from axonwatch.model.alarms import Alarm, CompositeAlarm, Severity
from axonwatch.model.companion import Companion
from axonwatch.syntax.alarm_rule import alarm_name, children, parse_rule

# Type, braces and the quotes of a resource's logical id.
_FRAME = 90


def sorted_alarms(companion: Companion) -> list[Alarm]:
    """Log alarms, then what composites rest on, composites, other pages, tickets.

    So the first stack holds whole page paths, and nothing comes before what it names.
    """
    alarms = {alarm.name: alarm for alarm in companion.alarms}
    ordered: dict[str, Alarm] = {}

    def add(alarm: Alarm) -> None:
        if alarm.name in ordered:
            return
        for name in needs(alarm):
            if name in alarms:
                add(alarms[name])
        ordered.setdefault(alarm.name, alarm)

    for group in (
        companion.log_alarms,
        companion.composite_alarms,
        tuple(alarm for alarm in companion.alarms if is_page(alarm)),
        companion.alarms,
    ):
        for alarm in group:
            add(alarm)
    return list(ordered.values())


def needs(alarm: Alarm) -> list[str]:
    """The alarms that a composite names: children and suppressor."""
    if not isinstance(alarm, CompositeAlarm):
        return []
    named = [child.name for child in children(parse_rule(alarm.rule))]
    if alarm.suppressor is not None:
        named.append(alarm_name(alarm.suppressor))
    return list(dict.fromkeys(named))


def is_page(alarm: Alarm) -> bool:
    """Whether the alarm wakes someone."""
    return alarm.about is not None and alarm.about.severity is Severity.PAGE


def size_of(properties: Mapping[str, object], *names: str) -> int:
    """Bytes that a resource with these L1 properties takes in a template, at most.

    L1's words are CloudFormation's, with underscores more. `names` stand in it besides: its
    logical id, and those that it depends on.
    """
    said = {name: value for name, value in properties.items() if value is not None}
    return _FRAME + len(json.dumps(said, ensure_ascii=False).encode()) + sum(map(len, names))

"""Composite alarms that watch each other in a circle: CloudWatch stops evaluating them."""

from __future__ import annotations

from collections.abc import Iterator

from axonwatch.catalog.composites import rule_of
from axonwatch.catalog.evidence import Evidence, called, finding
from axonwatch.diagnostics import Diagnostic, Level
from axonwatch.syntax.alarm_rule import children
from axonwatch.syntax.text import SyntaxFault

CODE = "composite-cycle"
LEVEL = Level.ERROR


def check(evidence: Evidence) -> Iterator[Diagnostic]:
    """Every circle, once."""
    below: dict[str, tuple[str, ...]] = {}
    subjects = {}
    for subject, alarm in evidence.composite_alarms:
        rule = rule_of(subject)
        if rule is not None and not isinstance(rule, SyntaxFault):
            below[alarm.name] = tuple(dict.fromkeys(child.name for child in children(rule)))
            subjects[alarm.name] = subject
    done: set[str] = set()
    for name in below:
        circle = _circle(name, below)
        if circle and not done & set(circle):
            done |= set(circle)
            subject = subjects[name]
            title = f"{called(subject)} watches itself"
            label = " -> ".join((*circle, circle[0]))
            yield finding(
                CODE, LEVEL, title, subject.at("rule"), label, "take one of them out of a rule"
            )


def _circle(start: str, below: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The names on a way from `start` back to itself; empty if there is none."""
    waiting: list[tuple[str, ...]] = [(start,)]
    seen: set[str] = set()
    while waiting:
        path = waiting.pop()
        for name in below.get(path[-1], ()):
            if name == start:
                return path
            if name not in seen:
                seen.add(name)
                waiting.append((*path, name))
    return ()

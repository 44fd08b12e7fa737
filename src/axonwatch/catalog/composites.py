"""Composite rules as checks read them: names of a template's alarms in place of references."""

from __future__ import annotations

from axonwatch.catalog.subject import Subject
from axonwatch.model.alarms import Alarm, CompositeAlarm
from axonwatch.syntax.alarm_rule import Rule, parse_rule
from axonwatch.syntax.text import SyntaxFault


def rule_of(subject: Subject[Alarm]) -> Rule | SyntaxFault | None:
    """The tree of a composite's rule, the fault in it, or None if the rule is not known."""
    alarm = subject.piece
    if not isinstance(alarm, CompositeAlarm) or not alarm.rule.strip():
        return None
    try:
        return parse_rule(alarm.rule)
    except SyntaxFault as fault:
        return fault if subject.knows("rule") else None

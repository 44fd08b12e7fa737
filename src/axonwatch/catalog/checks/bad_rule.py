"""A composite rule that does not parse, or has more children than CloudWatch takes."""

from __future__ import annotations

from collections.abc import Iterator

from axonwatch.catalog.composites import rule_of
from axonwatch.catalog.evidence import Evidence, called, finding
from axonwatch.catalog.faults import fault_finding
from axonwatch.catalog.subject import Subject
from axonwatch.diagnostics import Diagnostic, Level
from axonwatch.model.alarms import Alarm
from axonwatch.syntax.alarm_rule import parse_rule
from axonwatch.syntax.text import SyntaxFault

CODE = "bad-rule"
LEVEL = Level.ERROR


def check(evidence: Evidence) -> Iterator[Diagnostic]:
    """Every rule that is not one."""
    for subject, alarm in evidence.composite_alarms:
        rule = rule_of(subject)
        if isinstance(rule, SyntaxFault):
            yield _placed(subject, rule)
        elif rule is None and subject.knows("rule") and not alarm.rule.strip():
            title = f"{called(subject)} has no rule"
            yield finding(CODE, LEVEL, title, subject.at("rule"), "", "add an AlarmRule")


def _placed(subject: Subject[Alarm], fault: SyntaxFault) -> Diagnostic:
    """The fault at its place in the file; definitions name alarms shorter than the rule does."""
    written = subject.texts.get("rule")
    span = subject.at("rule")
    if written is not None:
        try:
            parse_rule(written.text)
        except SyntaxFault as shorter:
            fault = shorter
            span = written.span_of(fault.span.start, fault.span.end)
    return fault_finding(CODE, LEVEL, fault, span, about=called(subject))

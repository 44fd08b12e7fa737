"""A composite rule that does not parse, or has more children than CloudWatch takes."""

from __future__ import annotations

from collections.abc import Iterator

from axonwatch.catalog.composites import rule_of
from axonwatch.catalog.evidence import Evidence, called, finding
from axonwatch.catalog.faults import fault_finding
from axonwatch.diagnostics import Diagnostic, Level
from axonwatch.syntax.text import SyntaxFault

CODE = "bad-rule"
LEVEL = Level.ERROR


def check(evidence: Evidence) -> Iterator[Diagnostic]:
    """Every rule that is not one."""
    for subject, alarm in evidence.composite_alarms:
        rule = rule_of(subject)
        if isinstance(rule, SyntaxFault):
            written = subject.texts.get("rule")
            same = written is not None and written.text == alarm.rule
            start, end = rule.span.start, rule.span.end
            span = written.span_of(start, end) if written and same else subject.at("rule")
            yield fault_finding(CODE, LEVEL, rule, span, about=called(subject))
        elif rule is None and subject.knows("rule") and not alarm.rule.strip():
            title = f"{called(subject)} has no rule"
            yield finding(CODE, LEVEL, title, subject.at("rule"))

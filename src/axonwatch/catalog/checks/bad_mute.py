"""A mute rule that CloudWatch refuses: its schedule, its length, or too many alarms."""

from __future__ import annotations

from collections.abc import Iterator

from axonwatch.catalog.evidence import Evidence, finding
from axonwatch.catalog.faults import fault_finding
from axonwatch.diagnostics import Diagnostic, Level
from axonwatch.durations import DAY, format_duration
from axonwatch.syntax.schedule import parse_schedule
from axonwatch.syntax.text import SyntaxFault

LONGEST = 15 * DAY

CODE = "bad-mute"
LEVEL = Level.ERROR


def check(evidence: Evidence) -> Iterator[Diagnostic]:
    """Every mute rule with a fault."""
    for subject in evidence.mute_rules:
        rule = subject.piece
        if subject.knows("schedule"):
            try:
                parse_schedule(rule.schedule)
            except SyntaxFault as fault:
                written = subject.texts.get("schedule")
                start, end = fault.span.start, fault.span.end
                span = written.span_of(start, end) if written else subject.at("schedule")
                yield fault_finding(CODE, LEVEL, fault, span)
        if subject.knows("duration") and not 60 <= rule.duration <= LONGEST:
            title = f"the mute rule `{rule.name}` lasts {format_duration(rule.duration)}"
            cure = "from 1m to 15d"
            yield finding(CODE, LEVEL, title, subject.at("duration"), "", cure)
        if subject.knows("alarms") and len(rule.alarm_names) > 100:
            title = f"the mute rule `{rule.name}` names {len(rule.alarm_names)} alarms; at most 100"
            yield finding(CODE, LEVEL, title, subject.at("alarms"), "", "split it in two")

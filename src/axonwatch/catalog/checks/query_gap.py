"""A log alarm whose runs leave a gap: events in it are never looked at."""

from __future__ import annotations

from collections.abc import Iterator

from axonwatch.catalog.evidence import Evidence, called, finding
from axonwatch.diagnostics import Diagnostic, Level
from axonwatch.durations import format_duration

CODE = "query-gap"
LEVEL = Level.WARNING


def check(evidence: Evidence) -> Iterator[Diagnostic]:
    """Every log alarm whose window is shorter than the time between two runs."""
    for subject, alarm in evidence.log_alarms:
        if not subject.knows("schedule", "start_offset", "end_offset"):
            continue
        length = alarm.start_offset - alarm.end_offset
        if length < alarm.every:
            gap = format_duration(alarm.every - max(length, 0))
            title = f"{called(subject)} never looks at {gap} of each {format_duration(alarm.every)}"
            label = f"a window of {format_duration(max(length, 0))}"
            cure = "let `look_back` minus `delay` be `every`, or more"
            span = subject.at("start_offset", "period")
            yield finding(CODE, LEVEL, title, span, label, cure)

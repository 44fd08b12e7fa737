"""A period that CloudWatch does not take."""

from __future__ import annotations

from collections.abc import Iterator

from axonwatch.catalog.evidence import Evidence, finding, stats_of
from axonwatch.diagnostics import Diagnostic, Level
from axonwatch.durations import is_alarm_period

CODE = "bad-period"
LEVEL = Level.ERROR


def check(evidence: Evidence) -> Iterator[Diagnostic]:
    """Every period that is neither 10, 20, 30 nor a multiple of 60 seconds."""
    for subject in evidence.alarms:
        for stat, suffix in stats_of(subject):
            if not subject.knows(f"period{suffix}", "period") or is_alarm_period(stat.period):
                continue
            title = f"a period of {stat.period} seconds does not exist"
            span = subject.at(f"period{suffix}", "period")
            cure = "write 10, 20, 30 or a multiple of 60 seconds"
            yield finding(CODE, LEVEL, title, span, "CloudWatch refuses it", cure)

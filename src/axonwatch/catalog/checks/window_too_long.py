"""An alarm that looks back further than CloudWatch does: a day, or a week from hourly periods.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
"""

from __future__ import annotations

from collections.abc import Iterator

from axonwatch.catalog.evidence import Evidence, called, finding
from axonwatch.diagnostics import Diagnostic, Level
from axonwatch.durations import DAY, HOUR, WEEK, format_duration

CODE = "window-too-long"
LEVEL = Level.ERROR


def check(evidence: Evidence) -> Iterator[Diagnostic]:
    """Every alarm whose window is too long."""
    for subject, alarm in evidence.metric_alarms:
        if any(fact.startswith(("period", "window", "source")) for fact in subject.unknown):
            continue
        try:
            period = alarm.period
        except ValueError:
            continue
        limit = WEEK if period >= HOUR else DAY
        window = period * alarm.evaluation_periods
        if window > limit:
            title = f"{called(subject)} looks back {format_duration(window)}"
            allowed = format_duration(limit)
            label = f"{alarm.evaluation_periods} periods of {format_duration(period)}"
            cure = f"at most {allowed}: {limit // period} periods, or a longer period"
            yield finding(CODE, LEVEL, title, subject.at("window", "period"), label, cure)

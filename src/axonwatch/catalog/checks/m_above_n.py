"""More datapoints to alarm than datapoints to look at: M is above N."""

from __future__ import annotations

from collections.abc import Iterator

from axonwatch.catalog.evidence import Evidence, called, finding
from axonwatch.catalog.subject import Subject
from axonwatch.diagnostics import Diagnostic, Level
from axonwatch.model.alarms import Alarm

CODE = "m-above-n"
LEVEL = Level.ERROR


def check(evidence: Evidence) -> Iterator[Diagnostic]:
    """Every alarm that needs more breaching datapoints than it looks at."""
    for subject, alarm in evidence.metric_alarms:
        yield from _judge(subject, alarm.datapoints_to_alarm or 0, alarm.evaluation_periods)
    for subject, log in evidence.log_alarms:
        yield from _judge(subject, log.results_to_alarm, log.results_to_evaluate)


def _judge(subject: Subject[Alarm], needed: int, window: int) -> Iterator[Diagnostic]:
    if needed > window and subject.knows("datapoints", "window"):
        title = f"{called(subject)} needs {needed} of {window} datapoints"
        cure = f"write at most {window} of {window}"
        yield finding(CODE, LEVEL, title, subject.at("datapoints"), "CloudWatch refuses it", cure)

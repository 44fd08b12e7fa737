"""Missing data breaches, and the metric is missing whenever there is nothing to count.

CloudWatch does not publish a zero for such metrics, so every quiet minute counts as a failure.
"""

from __future__ import annotations

from collections.abc import Iterator

from axonwatch.catalog.evidence import Evidence, called, finding
from axonwatch.diagnostics import Diagnostic, Level
from axonwatch.model.alarms import Comparison, Missing

CODE = "sparse-metric-breaching"
LEVEL = Level.WARNING


_HIGH = {Comparison.GT, Comparison.GE, Comparison.ABOVE_BAND, Comparison.OUTSIDE_BAND}


def check(evidence: Evidence) -> Iterator[Diagnostic]:
    """Every alarm on high values of a sparse metric that breaches when data is missing."""
    for subject, alarm in evidence.metric_alarms:
        if alarm.missing is not Missing.BREACHING or alarm.comparison not in _HIGH:
            continue
        facts = evidence.facts(alarm.stat) if alarm.stat else None
        if facts is None or not facts.absent_when or not subject.knows("missing", "comparison"):
            continue
        if "zero is not published" in facts.absent_when:
            title = f"{called(subject)} goes into ALARM in every quiet minute"
            label = f"`{facts.name}` is absent when {facts.absent_when}"
            cure = "use `not_breaching`" if evidence.loaded else "use `notBreaching`"
            yield finding(CODE, LEVEL, title, subject.at("missing"), label, cure)

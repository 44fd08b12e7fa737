"""A metric filter whose metric nothing reads: it costs, and tells nobody."""

from __future__ import annotations

from collections.abc import Iterator

from axonwatch.catalog.evidence import Evidence, finding
from axonwatch.diagnostics import Diagnostic, Level
from axonwatch.model.alarms import MetricAlarm
from axonwatch.model.dashboards import MetricWidget
from axonwatch.model.metrics import MetricStat

CODE = "unused-filter"
LEVEL = Level.WARNING
NEEDS_ALL = True


def check(evidence: Evidence) -> Iterator[Diagnostic]:
    """Every metric filter of the definitions that no alarm and no dashboard reads."""
    if evidence.loaded is None:
        return
    read = {(stat.metric.namespace, stat.metric.name) for stat in _stats(evidence)}
    for subject in evidence.metric_filters:
        if (subject.piece.namespace, subject.piece.metric) not in read:
            title = f"nothing reads the metric filter `{subject.piece.metric}`"
            label = "a custom metric costs 0.30 USD a month"
            cure = "delete it, or put it into an alarm or on a dashboard"
            yield finding(CODE, LEVEL, title, subject.origin, label, cure)


def _stats(evidence: Evidence) -> Iterator[MetricStat]:
    for subject in evidence.alarms:
        if isinstance(subject.piece, MetricAlarm):
            stats = [subject.piece.stat, *(query.stat for query in subject.piece.queries)]
            yield from (stat for stat in stats if stat is not None)
    for dashboard in evidence.dashboards:
        for widget in dashboard.piece.widgets:
            for line in widget.lines if isinstance(widget, MetricWidget) else ():
                if line.query.stat is not None:
                    yield line.query.stat

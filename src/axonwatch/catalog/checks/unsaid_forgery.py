"""An alarm on log lines whose runbook does not say whether they can be forged.

Whoever can write a client id can write lines, line breaks and all: on-call must know which alarms
rest on claims.
"""

from __future__ import annotations

from collections.abc import Iterator

from axonwatch.catalog.evidence import Evidence, called, finding, stats_of
from axonwatch.catalog.subject import Subject
from axonwatch.diagnostics import Diagnostic, Level
from axonwatch.model.alarms import Alarm, LogAlarm

CODE = "unsaid-forgery"
LEVEL = Level.WARNING


def check(evidence: Evidence) -> Iterator[Diagnostic]:
    """Every alarm on a metric filter or a query whose runbook says nothing of forgery."""
    if evidence.loaded is None:
        return
    texts = {one.path: one.text.lower() for one in evidence.loaded.companion.runbooks}
    filters = {(one.piece.namespace, one.piece.metric) for one in evidence.metric_filters}
    for subject in evidence.alarms:
        about = subject.piece.about
        if about is None or about.runbook not in texts or not _reads_logs(subject, filters):
            continue
        if "forg" not in texts[about.runbook]:
            title = f"the runbook of {called(subject)} does not say whether it can be forged"
            label = "the alarm reads log lines"
            cure = "add a section `## Can it be forged?`"
            yield finding(CODE, LEVEL, title, subject.at("runbook"), label, cure)


def _reads_logs(subject: Subject[Alarm], filters: set[tuple[str, str]]) -> bool:
    if isinstance(subject.piece, LogAlarm):
        return True
    return any((s.metric.namespace, s.metric.name) in filters for s, _ in stats_of(subject))

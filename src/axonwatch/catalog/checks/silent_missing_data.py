"""An alarm on too little that stays OK when its metric stops.

What is watched for falling is most often absent because the thing that publishes it is gone.
"""

from __future__ import annotations

from collections.abc import Iterator

from axonwatch.catalog.evidence import Evidence, called, finding, tells_people
from axonwatch.diagnostics import Diagnostic, Label, Level
from axonwatch.model.alarms import Comparison, Missing

CODE = "silent-missing-data"
LEVEL = Level.WARNING


_LOW = {Comparison.LT, Comparison.LE, Comparison.BELOW_BAND}


def check(evidence: Evidence) -> Iterator[Diagnostic]:
    """Every alarm on low values whose missing data counts as healthy."""
    for subject, alarm in evidence.metric_alarms:
        if alarm.comparison not in _LOW or alarm.missing is not Missing.NOT_BREACHING:
            continue
        if not subject.knows("missing", "comparison") or not tells_people(evidence, subject):
            continue
        title = f"{called(subject)} stays OK when its metric stops"
        others: tuple[Label, ...] = ()
        facts = evidence.facts(alarm.stat) if alarm.stat else None
        if facts is not None and facts.absent_when and "metric" in subject.places:
            text = f"absent when {facts.absent_when}"
            others = (Label(subject.at("metric"), text),)
        cure = "use `breaching`, or say in an ignore why silence is healthy"
        span = subject.at("missing")
        yield finding(CODE, LEVEL, title, span, "no data counts as healthy", cure, others=others)

"""A unit that the metric is not published in: no datapoint passes the filter."""

from __future__ import annotations

from collections.abc import Iterator

from axonwatch.catalog.evidence import Evidence, finding, stats_of
from axonwatch.diagnostics import Diagnostic, Level

CODE = "wrong-unit"
LEVEL = Level.ERROR


def check(evidence: Evidence) -> Iterator[Diagnostic]:
    """Every `Unit` that differs from the metric's own."""
    for subject in evidence.alarms:
        for stat, suffix in stats_of(subject):
            facts = evidence.facts(stat)
            if facts is None or not stat.unit or not subject.knows(f"unit{suffix}", "unit"):
                continue
            if facts.unit not in {stat.unit, "None"}:
                title = f"`{facts.name}` is published in {facts.unit}, not in {stat.unit}"
                label = "no datapoint has this unit: the alarm stays in INSUFFICIENT_DATA"
                span = subject.at(f"unit{suffix}", "unit")
                yield finding(CODE, LEVEL, title, span, label, "delete the line")

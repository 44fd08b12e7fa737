"""A period below the interval at which the metric is published: most datapoints are missing."""

from __future__ import annotations

from collections.abc import Iterator

from axonwatch.catalog.evidence import Evidence, finding, stats_of
from axonwatch.diagnostics import Diagnostic, Level
from axonwatch.durations import format_duration

CODE = "short-period"
LEVEL = Level.WARNING


def check(evidence: Evidence) -> Iterator[Diagnostic]:
    """Every period that is shorter than the metric's publishing interval."""
    for subject in evidence.alarms:
        for stat, suffix in stats_of(subject):
            facts = evidence.facts(stat)
            if facts is None or not subject.knows(f"period{suffix}", "period"):
                continue
            if evidence.template and facts.namespace == "AWS/SNS":
                continue  # AWS names two intervals for it
            if 0 < stat.period < facts.interval:
                every = format_duration(facts.interval)
                title = f"`{facts.name}` is published every {every}, the period is shorter"
                label = f"a period of {format_duration(stat.period)}"
                span = subject.at(f"period{suffix}", "period", f"metric{suffix}")
                yield finding(CODE, LEVEL, title, span, label, f"make the period {every} or more")

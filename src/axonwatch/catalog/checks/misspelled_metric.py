"""A metric that AWS does not publish, and that looks like one that it does."""

from __future__ import annotations

from collections.abc import Iterator

from axonwatch.catalog.evidence import Evidence, finding, stats_of
from axonwatch.catalog.slips import metric_names, misspelling, other_case, other_namespace
from axonwatch.diagnostics import Diagnostic, Level

CODE = "misspelled-metric"
LEVEL = Level.WARNING


def check(evidence: Evidence) -> Iterator[Diagnostic]:
    """Every metric of a known namespace that looks like a slip, or belongs to another."""
    for subject in evidence.alarms:
        for stat, suffix in stats_of(subject):
            namespace, name = stat.metric.namespace, stat.metric.name
            if not subject.knows(f"metric{suffix}", f"namespace{suffix}"):
                continue
            span = subject.at(f"metric{suffix}", "metric")
            elsewhere = other_namespace(namespace, name)
            if elsewhere:
                title = f"`{namespace}` does not publish `{name}`"
                label = f"it is a metric of `{elsewhere}`"
                yield finding(CODE, LEVEL, title, span, label, f"write the namespace `{elsewhere}`")
                continue
            known = metric_names(namespace, evidence.catalogue)
            near = misspelling(name, known) if other_case(name, known) is None else None
            if near:
                title = f"`{name}` looks like a slip for `{near}`"
                label = "an alarm on a metric that does not exist never has data"
                yield finding(CODE, LEVEL, title, span, label, f"write `{near}`, or ignore this")

"""A namespace, metric or dimension in the wrong case: names are case-sensitive, so no data."""

from __future__ import annotations

from collections.abc import Iterator

from axonwatch.catalog.evidence import Evidence, finding, stats_of
from axonwatch.catalog.slips import (
    dimension_names,
    metric_names,
    other_case,
    other_namespace_case,
)
from axonwatch.diagnostics import Diagnostic, Level, Span

CODE = "wrong-case-metric"
LEVEL = Level.ERROR


def check(evidence: Evidence) -> Iterator[Diagnostic]:
    """Every name that differs from AWS's in case only."""
    for subject in evidence.alarms:
        for stat, suffix in stats_of(subject):
            namespace, name = stat.metric.namespace, stat.metric.name
            right = other_namespace_case(namespace, evidence.catalogue)
            if right and subject.knows(f"namespace{suffix}"):
                yield _finding(namespace, right, subject.at(f"namespace{suffix}", "namespace"))
                continue
            right = other_case(name, metric_names(namespace, evidence.catalogue))
            if right and subject.knows(f"metric{suffix}"):
                yield _finding(name, right, subject.at(f"metric{suffix}", "metric"))
            for dimension in stat.metric.dimensions:
                right = other_case(dimension.name, dimension_names(namespace))
                if right:
                    span = subject.at(f"dimensions{suffix}", "dimensions")
                    yield _finding(dimension.name, right, span)


def _finding(written: str, right: str, span: Span) -> Diagnostic:
    title = f"`{written}` is not spelled as CloudWatch spells it"
    label = "names are case-sensitive: this one never has data"
    return finding(CODE, LEVEL, title, span, label, f"write `{right}`")

"""A statistic that CloudWatch does not have."""

from __future__ import annotations

from collections.abc import Iterator

from axonwatch.catalog.evidence import Evidence, finding, stats_of
from axonwatch.catalog.metrics import BASIC_STATISTICS, is_statistic
from axonwatch.catalog.schema_check import suggest
from axonwatch.diagnostics import Diagnostic, Level

CODE = "unknown-statistic"
LEVEL = Level.ERROR


def check(evidence: Evidence) -> Iterator[Diagnostic]:
    """Every statistic of a template that does not exist; definitions are checked when loaded."""
    for subject in evidence.alarms:
        for stat, suffix in stats_of(subject):
            known = subject.knows(f"statistic{suffix}", "statistic")
            if not stat.stat or is_statistic(stat.stat) or not known:
                continue
            title = f"`{stat.stat}` is not a statistic"
            cure = suggest(stat.stat, BASIC_STATISTICS)
            if stat.stat.lower().startswith("p"):
                cure = "percentiles go from p0 to p100, with up to ten decimals"
            span = subject.at(f"statistic{suffix}", "statistic")
            yield finding(CODE, LEVEL, title, span, "CloudWatch refuses it", cure)

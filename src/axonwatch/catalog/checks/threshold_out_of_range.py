"""A threshold that the metric can never, or can only, be beyond."""

from __future__ import annotations

from collections.abc import Iterator

from axonwatch.catalog.evidence import Evidence, called, finding
from axonwatch.diagnostics import Diagnostic, Level
from axonwatch.model.alarms import Comparison

CODE = "threshold-out-of-range"
LEVEL = Level.WARNING


def check(evidence: Evidence) -> Iterator[Diagnostic]:
    """Every threshold outside the metric's possible values."""
    for subject, alarm in evidence.metric_alarms:
        if alarm.stat is None or alarm.threshold is None:
            continue
        facts = evidence.facts(alarm.stat)
        if facts is None or not subject.knows("threshold", "comparison", "statistic", "metric"):
            continue
        if alarm.stat.stat in {"Sum", "SampleCount"} or is_range_share(alarm.stat.stat):
            continue  # a sum, a count or a share is not bounded by the metric's range
        verdict = _verdict(alarm.comparison, alarm.threshold, facts.lowest, facts.highest)
        if verdict:
            ends = (facts.lowest, facts.highest)
            bounds = " to ".join("?" if end is None else f"{end:g}" for end in ends)
            title = f"{called(subject)} is {verdict} in ALARM"
            label = f"`{facts.name}` goes from {bounds} {facts.unit}"
            yield finding(CODE, LEVEL, title, subject.at("threshold"), label, "correct the number")


def is_range_share(statistic: str) -> bool:
    """Whether the statistic is a share, a count or a sum of samples, no value of the metric."""
    return statistic.lower().startswith(("pr(", "tc", "ts"))


def _verdict(
    comparison: Comparison, threshold: float, lowest: float | None, highest: float | None
) -> str:
    low = float("-inf") if lowest is None else lowest
    high = float("inf") if highest is None else highest
    match comparison:
        case Comparison.GT:
            return "never" if threshold >= high else "always" if threshold < low else ""
        case Comparison.GE:
            return "never" if threshold > high else "always" if threshold <= low else ""
        case Comparison.LT:
            return "never" if threshold <= low else "always" if threshold > high else ""
        case Comparison.LE:
            return "never" if threshold < low else "always" if threshold >= high else ""
        case _:
            return ""

"""A statistic that exists and says nothing of this metric.

The Average of a request count is always 1; the Sum of a gauge grows with the number of samples.
"""

from __future__ import annotations

from collections.abc import Iterator

from axonwatch.catalog.evidence import Evidence, finding, stats_of
from axonwatch.catalog.metrics import BASIC_STATISTICS, MetricFacts, is_statistic
from axonwatch.diagnostics import Diagnostic, Level
from axonwatch.model.alarms import Alarm, Comparison, MetricAlarm
from axonwatch.model.metrics import MetricStat

CODE = "meaningless-statistic"
LEVEL = Level.WARNING


def check(evidence: Evidence) -> Iterator[Diagnostic]:
    """Every statistic that the catalogue does not list for its metric."""
    for subject in evidence.alarms:
        for stat, suffix in stats_of(subject):
            facts = evidence.facts(stat)
            known = subject.knows(f"statistic{suffix}", "statistic", f"metric{suffix}")
            if facts is None or not known or not is_statistic(stat.stat):
                continue
            of_others = evidence.template is not None
            if facts.takes(stat.stat) or (of_others and _may_mean(stat, facts, subject.piece)):
                continue
            title = f"{stat.stat} of `{facts.name}` says nothing"
            label = f"unit {facts.unit}: {facts.description}"
            means = [s for s in facts.statistics if s != "SampleCount"]
            cure = "write " + " or ".join(f"`{s.replace('*', '99')}`" for s in means[:3])
            span = subject.at(f"statistic{suffix}", "statistic", f"metric{suffix}")
            yield finding(CODE, LEVEL, title, span, label, cure)


def _may_mean(stat: MetricStat, facts: MetricFacts, alarm: Alarm) -> bool:
    """Whether somebody may well mean it, so that nothing is said of a template of others.

    Extended statistics and counts of samples may be meant; the Sum of one sample is its value; and
    whether there is anything at all, the Sum tells as well.
    """
    if stat.stat == "Sum" and _asks_for_anything(alarm):
        return True
    if stat.stat not in BASIC_STATISTICS or stat.stat == "SampleCount":
        return True
    return stat.stat == "Sum" and stat.period <= facts.interval


def _asks_for_anything(alarm: Alarm) -> bool:
    """Whether an alarm is `> 0`."""
    if not isinstance(alarm, MetricAlarm):
        return False
    return alarm.comparison is Comparison.GT and alarm.threshold == 0

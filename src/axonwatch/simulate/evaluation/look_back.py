"""How far before a tick alarms look: what a scenario must know of the time before its start."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from axonwatch.durations import HOUR
from axonwatch.model.alarms import Alarm, MetricAlarm
from axonwatch.model.metrics import Metric
from axonwatch.simulate.evaluation.clock import Range, range_of

# The profile for 60-second alarms that was measured: six minutes, whatever N (see `runner`).
MINIMUM_LOOK_BACK = 360


def metrics_of(alarm: MetricAlarm) -> list[Metric]:
    """The metrics that an alarm reads."""
    stats = [alarm.stat, *(query.stat for query in alarm.queries)]
    return [stat.metric for stat in stats if stat is not None]


def look_back(alarms: Sequence[Alarm]) -> dict[Metric, int]:
    """For each metric the seconds before a tick that some alarm reads of it."""
    return _look_back(tuple(one for one in alarms if isinstance(one, MetricAlarm)))


@lru_cache(maxsize=8)
def _look_back(alarms: tuple[MetricAlarm, ...]) -> dict[Metric, int]:
    found: dict[Metric, int] = {}
    for alarm in alarms:
        try:
            period = alarm.period
        except ValueError:
            continue
        periods = range_of(alarm.evaluation_periods, period, Range.DOC, MINIMUM_LOOK_BACK)
        # One more period for windows that do not begin on a full one, an hour for hourly cuts.
        seconds = (periods + 1) * period + (HOUR if period * periods > HOUR else 0)
        for metric in metrics_of(alarm):
            found[metric] = max(found.get(metric, 0), seconds)
    return found

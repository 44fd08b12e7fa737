"""What a run has to read, and which alarms can be evaluated with it.

An alarm whose metrics or log groups were not given is not evaluated, and never counted as OK. A
composite is, as soon as one of its children is: the others stand in INSUFFICIENT_DATA, as they
would in an account where nobody publishes their metrics.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from axonwatch.model.alarms import (
    Actions,
    Alarm,
    Comparison,
    CompositeAlarm,
    LogAlarm,
    MetricAlarm,
    MetricFilter,
)
from axonwatch.model.metrics import Metric, MetricStat
from axonwatch.simulate.evaluation.composites import Composite, read_composites
from axonwatch.simulate.evaluation.contributors import query_of
from axonwatch.simulate.evaluation.look_back import metrics_of
from axonwatch.simulate.recordings.log_events import LogEvent
from axonwatch.simulate.recordings.metric_filters import FilteredMetric, apply_filters
from axonwatch.simulate.series.series import Series, SeriesStore
from axonwatch.syntax.alarm_rule import alarm_name
from axonwatch.syntax.text import SyntaxFault

# A metric's namespace and name, and the names of its dimensions.
_Kind: TypeAlias = tuple[str, str, frozenset[str]]

_NOTHING = MetricStat(Metric("axonwatch", "nothing"), "Average", 60)


def _kind(metric: Metric) -> _Kind:
    return metric.namespace, metric.name, frozenset(d.name for d in metric.dimensions)


@dataclass(frozen=True, eq=False)
class Inputs:
    """Series and log groups of one run. `groups` were given, also if they are silent.

    `filtered` are the metrics that their filters publish, whatever the values of the dimensions:
    given too, with or without data.
    """

    store: SeriesStore
    groups: frozenset[str] = frozenset()
    filtered: frozenset[_Kind] = frozenset()

    def reaches(self, alarm: Alarm) -> bool:
        """Whether everything that a metric or log alarm reads was given."""
        if isinstance(alarm, LogAlarm):
            return self.groups.issuperset(alarm.log_groups)
        if isinstance(alarm, MetricAlarm):
            return self._reaches_query(alarm) and all(map(self._has, metrics_of(alarm)))
        return False

    def _reaches_query(self, alarm: MetricAlarm) -> bool:
        """Whether any metric of an alarm's Metrics Insights query was given, if it has one."""
        try:
            query = query_of(alarm)
        except SyntaxFault:
            return True  # refused by name where the alarm is evaluated
        if query is None:
            return True
        asked = (query.namespace, query.metric)
        if any(kind[:2] == asked for kind in self.filtered):
            return True
        return any((metric.namespace, metric.name) == asked for metric in self.store.metrics)

    def _has(self, metric: Metric) -> bool:
        return metric in self.store.metrics or _kind(metric) in self.filtered


@dataclass(frozen=True, eq=False)
class Selection:
    """The alarms to evaluate, in their order. `stubs` stand in for children without input."""

    alarms: tuple[Alarm, ...]
    stubs: frozenset[str]
    without_input: tuple[str, ...]
    composites: tuple[Composite, ...] = field(default=())

    @property
    def evaluated(self) -> tuple[Alarm, ...]:
        """The alarms whose states mean something."""
        return tuple(alarm for alarm in self.alarms if alarm.name not in self.stubs)


def gather(
    series: Iterable[Series],
    events: Mapping[str, Sequence[LogEvent]],
    filters: Sequence[MetricFilter],
    *,
    bands: Mapping[Metric, tuple[Series, Series]] | None = None,
    calls: Mapping[str, Series] | None = None,
) -> Inputs:
    """The inputs of a run: the series given, and those that metric filters make of the events.

    A metric that is given as a series is taken from there, whatever the events say.
    """
    store = SeriesStore.of(series)
    store.bands.update(bands or {})
    store.calls.update(calls or {})
    return gather_store(store, events, filters)


def gather_store(
    store: SeriesStore,
    events: Mapping[str, Iterable[LogEvent]],
    filters: Sequence[MetricFilter],
) -> Inputs:
    """The same, with the series in a store already; it is added to."""
    for made in apply_filters(filters, events):
        if made.metric not in store.metrics:
            store.add(filtered_series(made))
    published = frozenset(
        (one.namespace, one.metric, frozenset(name for name, _ in one.dimensions))
        for one in filters
        if one.log_group in events
    )
    return Inputs(store, frozenset(events), published)


def filtered_series(made: FilteredMetric) -> Series:
    """A metric filter's samples as a series of minutes."""
    minutes = sorted(made.samples)
    points = [
        (minute, tuple(made.samples[minute]), tuple(made.samples[minute].values()))
        for minute in minutes
    ]
    return Series.of_distributions(made.metric, 60, points, unit=made.unit)


def select(
    alarms: Sequence[Alarm], inputs: Inputs, barred: frozenset[str] = frozenset()
) -> Selection:
    """Which alarms can be evaluated; `barred` are left out whatever their input.

    Raises Refusal for composites that do not parse, stand in a circle, or name no known alarm.
    """
    composites = read_composites(alarms)
    known = {alarm.name for alarm in alarms if alarm.name not in barred and inputs.reaches(alarm)}
    for composite in composites:  # children come first
        if composite.alarm.name not in barred and known.intersection(composite.children):
            known.add(composite.alarm.name)
    needed = {
        child
        for composite in composites
        if composite.alarm.name in known
        for child in composite.children
    }
    chosen: list[Alarm] = []
    stubs: set[str] = set()
    for alarm in alarms:
        if alarm.name in known:
            chosen.append(_without_lost_suppressor(alarm, known))
        elif alarm.name in needed:
            stubs.add(alarm.name)
            chosen.append(_stub(alarm.name))
    without = tuple(alarm.name for alarm in alarms if alarm.name not in known)
    kept = tuple(one for one in composites if one.alarm.name in known)
    return Selection(tuple(chosen), frozenset(stubs), without, kept)


def _stub(name: str) -> MetricAlarm:
    """An alarm in whose place nothing is known: it lacks data."""
    return MetricAlarm(
        name=name,
        comparison=Comparison.GT,
        evaluation_periods=1,
        threshold=0.0,
        stat=_NOTHING,
        actions=Actions(),
    )


def _without_lost_suppressor(alarm: Alarm, known: set[str]) -> Alarm:
    """A composite whose suppressor has no input is suppressed by nothing."""
    if isinstance(alarm, CompositeAlarm) and alarm.suppressor:
        name = alarm_name(alarm.suppressor)
        if name not in known:
            return replace(alarm, suppressor=None)
    return alarm

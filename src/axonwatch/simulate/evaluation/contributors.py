"""Alarms on a Metrics Insights query: one contributor for each series that the query returns.

With GROUP BY each series is judged by itself; the alarm is in ALARM when any contributor is, and
in INSUFFICIENT_DATA when the query returns nothing, whatever the missing-data policy. A series that
vanishes goes to OK. Without GROUP BY there is one series, and the ordinary rules hold.
Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from axonwatch.model.alarms import MetricAlarm, Missing, State
from axonwatch.model.metrics import Metric, MetricStat
from axonwatch.simulate.evaluation.buckets import datapoints
from axonwatch.simulate.evaluation.clock import Frame
from axonwatch.simulate.evaluation.explanation import Datapoint, Evaluation, Explanation
from axonwatch.simulate.evaluation.readings import Reading
from axonwatch.simulate.evaluation.states import MetricPath, symbols_of
from axonwatch.simulate.evaluation.texts import MetricTexts, java_json
from axonwatch.simulate.evaluation.window import ABSENT, Rule
from axonwatch.simulate.moments import java_iso
from axonwatch.simulate.refusal import Refusal
from axonwatch.simulate.series.series import Floats, Series, SeriesStore
from axonwatch.syntax.metric_math import insights_of
from axonwatch.syntax.metric_math.insights_query import InsightsQuery

MANY = 100
_BRACKETS: Mapping[Missing, str] = {
    Missing.MISSING: "Missing",
    Missing.IGNORE: "Ignore",
    Missing.BREACHING: "Breaching",
    Missing.NOT_BREACHING: "NonBreaching",
}
_STATS = {
    "AVG": "Average",
    "COUNT": "SampleCount",
    "SUM": "Sum",
    "MIN": "Minimum",
    "MAX": "Maximum",
}


def query_of(alarm: MetricAlarm) -> InsightsQuery | None:
    """The Metrics Insights query of an alarm, if it has one. Raises SyntaxFault."""
    for query in alarm.queries:
        found = insights_of(query.expression or "")
        if found is not None:
            return found
    return None


def run_insights(query: InsightsQuery, store: SeriesStore, frame: Frame) -> dict[str, Floats]:
    """Each returned series by its label, ticks by periods. Without GROUP BY the label is empty."""
    groups: dict[str, list[Series]] = {}
    for metric in store.metrics:
        label = _label(query, metric)
        series = None if label is None else _read(query, metric, store, frame.period)
        if label is not None and series is not None:
            groups.setdefault(label, []).append(series)
    found = {label: _aggregate(query.function, members, frame) for label, members in groups.items()}
    return _limited(query, found)


def _read(query: InsightsQuery, metric: Metric, store: SeriesStore, period: int) -> Series | None:
    """The series of a metric that gives the query's function; another one is missing."""
    try:
        return store.find(MetricStat(metric, _STATS[query.function], period))
    except Refusal:
        return None


def _label(query: InsightsQuery, metric: Metric) -> str | None:
    labels = {dimension.name: dimension.value for dimension in metric.dimensions}
    if metric.namespace != query.namespace or metric.name != query.metric:
        return None
    if query.schema is not None and set(labels) != set(query.schema):
        return None
    for condition in query.where:
        if (labels.get(condition.label) == condition.value) is not condition.equal:
            return None
    if any(label not in labels for label in query.group_by):
        return None
    return " ".join(labels[label] for label in query.group_by)


def _aggregate(function: str, members: Iterable[Series], frame: Frame) -> Floats:
    listed = list(members)
    if function == "AVG":
        total = _combined("Sum", np.nansum, listed, frame)
        count = _combined("SampleCount", np.nansum, listed, frame)
        return total / count
    combine = {"MIN": np.nanmin, "MAX": np.nanmax}.get(function, np.nansum)
    return _combined(_STATS[function], combine, listed, frame)


def _combined(stat: str, combine: object, members: list[Series], frame: Frame) -> Floats:
    assert callable(combine)  # noqa: S101 - numpy's own
    stack = np.stack([datapoints(series, stat, frame) for series in members])
    absent = np.isnan(stack).all(axis=0)
    filler = {np.nanmin: np.inf, np.nanmax: -np.inf}.get(combine, 0.0)
    found = combine(np.where(np.isnan(stack), filler, stack), axis=0)
    return np.where(absent, np.nan, found)


def _limited(query: InsightsQuery, found: dict[str, Floats]) -> dict[str, Floats]:
    """At most LIMIT series a tick: the first by ORDER BY, or by label."""
    if len(found) <= query.limit:
        return found
    labels = sorted(found)
    stack = np.stack([found[label] for label in labels])
    empty = np.isnan(stack).all(axis=2)
    if query.order is None:
        key = np.repeat(np.arange(len(labels), dtype=float)[:, None], stack.shape[1], axis=1)
    else:
        function, largest_first = query.order
        key = _order_key(function, stack)
        key = -key if largest_first else key
    key = np.where(empty, np.inf, key)
    rank = np.argsort(np.argsort(key, axis=0, kind="stable"), axis=0, kind="stable")
    kept = np.where((rank < query.limit)[:, :, None], stack, np.nan)
    return {label: kept[at] for at, label in enumerate(labels)}


def _order_key(function: str, stack: Floats) -> Floats:
    real = ~np.isnan(stack)
    filled = np.where(real, stack, 0.0)
    match function:
        case "COUNT":
            return np.asarray(real.sum(axis=2), dtype=float)
        case "SUM":
            return np.asarray(filled.sum(axis=2))
        case "AVG":
            return np.asarray(filled.sum(axis=2) / np.maximum(real.sum(axis=2), 1))
        case "MIN":
            return np.asarray(np.where(real, stack, np.inf).min(axis=2))
        case _:
            return np.asarray(np.where(real, stack, -np.inf).max(axis=2))


@dataclass(frozen=True)
class ContributorChange:
    """A contributor's transition at a tick, as an entry with CloudWatch's words for it."""

    contributor: str
    entry: Evaluation


class InsightsPath:
    """A grouped alarm's states over the ticks of its frame."""

    def __init__(
        self, alarm: MetricAlarm, frame: Frame, found: dict[str, Floats], initial: State
    ) -> None:
        self.alarm = alarm
        self.initial = initial
        self._frame = frame
        self._paths = {
            label: MetricPath.of(alarm, frame, Reading(values), State.OK)
            for label, values in sorted(found.items())
        }
        self._present = {
            label: (symbols_of(alarm, path.reading) != ABSENT).any(axis=1)
            for label, path in self._paths.items()
        }
        self.states: list[State] = []
        self.contributor_changes: list[ContributorChange] = []
        self._by_tick: list[tuple[tuple[str, State], ...]] = []
        before = dict.fromkeys(self._paths, State.OK)
        for at, tick in enumerate(self.ticks):
            now = self._contributors(at)
            self._by_tick.append(tuple(now.items()))
            for label, was in before.items():
                state = now.get(label, State.OK)
                if state is not was:
                    explain = partial(self._explain_contributor, label, state, at)
                    entry = Evaluation(tick, alarm, was, state, explain)
                    self.contributor_changes.append(ContributorChange(label, entry))
                before[label] = state
            if not now:
                self.states.append(State.INSUFFICIENT_DATA)
            else:
                any_alarm = State.ALARM in now.values()
                self.states.append(State.ALARM if any_alarm else State.OK)

    @property
    def ticks(self) -> list[int]:
        """When the alarm is evaluated."""
        return self._frame.moments

    def before(self, at: int) -> State:
        """The state before tick number `at`."""
        return self.states[at - 1] if at else self.initial

    def _contributors(self, at: int) -> dict[str, State]:
        """The state of each series that the query returns at a tick."""
        return {
            label: path.states[at]
            for label, path in self._paths.items()
            if self._present[label][at]
        }

    def _explain_contributor(self, label: str, state: State, at: int) -> Explanation:
        path = self._paths[label]
        window = path.window(at)
        texts = MetricTexts(
            comparison=self.alarm.comparison,
            threshold=self.alarm.threshold,
            periods=self.alarm.evaluation_periods,
            needed=None,
            missing=self.alarm.missing,
        )
        counted = [window[i] for i in path.verdict(at).counted]
        return Explanation(
            reason=texts.contributor_reason(state, counted),
            rule=path.verdict(at).rule,
            datapoints=window,
            contributors=((label, state),),
        )

    def explain(self, at: int) -> Explanation:
        """Why the state at tick number `at`."""
        contributors = self._by_tick[at]
        breaching = sum(state is State.ALARM for _, state in contributors)
        telling = next((label for label, state in contributors if state is State.ALARM), None)
        window: tuple[Datapoint, ...] = ()
        if telling is not None:
            window = self._paths[telling].window(at)
        data = {"version": "1.0", "queryDate": java_iso(self.ticks[at])}
        return Explanation(
            reason=_reason(self.states[at], len(contributors), breaching, self.alarm.missing),
            rule=Rule.CONTRIBUTORS,
            datapoints=window,
            needed=self.alarm.needed,
            periods=self.alarm.evaluation_periods,
            breaching=breaching,
            reason_data=java_json(data),
            contributors=contributors,
        )


def _reason(state: State, amount: int, breaching: int, missing: Missing) -> str:
    if state is State.INSUFFICIENT_DATA:
        return (
            "No time series were returned by the query. Treat missing data is configured as "
            f"[{_BRACKETS[missing]}]."
        )
    if state is State.ALARM:
        some = f"{MANY}+" if breaching > MANY else f"{breaching} out of {amount}"
        return f"{some} time series evaluated to ALARM"
    return f"{amount} time series evaluated to OK"

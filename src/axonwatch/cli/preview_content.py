"""Fills the preview: the companion's dashboards, alarms and runbooks with the data of one run.

The wings do not know each other; this is where the alarm engine's timeline becomes what the
preview shows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from axonwatch.model.alarms import Alarm, CompositeAlarm, MetricAlarm, State
from axonwatch.model.companion import Runbook
from axonwatch.model.dashboards import Axis, Dashboard, Line, LogWidget, MetricWidget
from axonwatch.preview.layout import NO_DATA, board_of
from axonwatch.preview.view import AlarmCard, Chart, Grid, Interval, Mark, Preview, SentPage, Trace
from axonwatch.simulate.answers.graphs import graph_of, graphs_of_alarm
from axonwatch.simulate.answers.why import condition
from axonwatch.simulate.evaluation.actions import Action
from axonwatch.simulate.evaluation.composites import read_composites
from axonwatch.simulate.evaluation.timeline import Timeline
from axonwatch.simulate.notices.notices import Sender, notice_of
from axonwatch.simulate.refusal import Refusal
from axonwatch.simulate.series.series import SeriesStore

NOT_EVALUATED = "not evaluated"
KINDS = {
    "MetricAlarm": "metric alarm",
    "CompositeAlarm": "composite alarm",
    "LogAlarm": "log alarm",
}


@dataclass(frozen=True, eq=False)
class Content:
    """What the preview is about. `evaluated` are the names of alarms that had input."""

    stack: str
    source: str
    alarms: Sequence[Alarm]
    dashboards: Sequence[Dashboard]
    runbooks: Sequence[Runbook]
    store: SeriesStore
    timeline: Timeline
    evaluated: frozenset[str]
    sender: Sender
    answer: Callable[[LogWidget], Grid]
    shown_target: Callable[[str], str] = str
    notes: tuple[str, ...] = ()

    def preview(self) -> Preview:
        """The page's content."""
        reader = _Reader(self.store, self.timeline.start, self.timeline.end, self.answer)
        return Preview(
            stack=self.stack,
            source=self.source,
            start=self.timeline.start,
            end=self.timeline.end,
            boards=tuple(board_of(dashboard, reader) for dashboard in self._boards()),
            alarms=tuple(self._card(alarm) for alarm in self._in_order()),
            notes=self.notes,
        )

    def _boards(self) -> list[Dashboard]:
        """The on-call dashboard first: it is the one that a page leads to."""
        return sorted(self.dashboards, key=lambda dashboard: "on" not in dashboard.key.split("_"))

    def _in_order(self) -> list[Alarm]:
        """What fired first, composites before their children; then the rest as defined."""
        return sorted(
            self.alarms,
            key=lambda alarm: (not self._fired(alarm), not isinstance(alarm, CompositeAlarm)),
        )

    def _fired(self, alarm: Alarm) -> bool:
        return alarm.name in self.evaluated and any(
            entry.state is State.ALARM for entry in self.timeline.transitions(alarm.name)
        )

    def _card(self, alarm: Alarm) -> AlarmCard:
        known = alarm.name in self.evaluated
        latest = self.timeline.at(alarm.name, self.timeline.end) if known else None
        state = self.timeline.state_at(alarm.name, self.timeline.end) if known else NOT_EVALUATED
        about = alarm.about
        card = AlarmCard(
            name=alarm.name,
            kind=KINDS.get(type(alarm).__name__, "alarm"),
            severity=str(about.severity) if about else "",
            component=about.component if about else "",
            summary=about.summary if about else alarm.description.partition("\n")[0],
            state=str(state),
            reason=latest.reason if latest else "",
            condition="" if isinstance(alarm, CompositeAlarm) else condition(alarm),
            intervals=self._intervals(alarm.name) if known else (),
            pages=tuple(self._sent(a) for a in self.timeline.actions if a.alarm.name == alarm.name),
            runbook=self._runbook(alarm),
            note="" if known else "its metrics or log groups are not part of this data",
        )
        if isinstance(alarm, CompositeAlarm):
            return replace(card, rule=alarm.rule, children=self._children.get(alarm.name, ()))
        if isinstance(alarm, MetricAlarm) and known:
            return replace(card, chart=self._chart(alarm))
        return card

    @cached_property
    def _children(self) -> dict[str, tuple[str, ...]]:
        try:
            found = read_composites(self.alarms)
        except Refusal:
            return {}  # a rule that does not parse is `check`'s business
        return {composite.alarm.name: tuple(composite.children) for composite in found}

    def _intervals(self, name: str) -> tuple[Interval, ...]:
        changes = [(self.timeline.start, self.timeline.initial)]
        changes += [(entry.time, entry.state) for entry in self.timeline.transitions(name)]
        ends = [time for time, _ in changes[1:]] + [self.timeline.end]
        return tuple(
            Interval(start, end, str(state))
            for (start, state), end in zip(changes, ends, strict=True)
            if end > start
        )

    def _chart(self, alarm: MetricAlarm) -> Chart:
        try:
            graphs = graphs_of_alarm(
                alarm, self.store, start=self.timeline.start, end=self.timeline.end
            )
        except Refusal as refusal:
            return Chart(note=refusal.message)
        labels = [_watched(alarm), "lower edge of the band", "upper edge of the band"]
        traces = tuple(
            Trace(label, graph.times, graph.values)
            for label, graph in zip(labels, graphs, strict=False)
            if not graph.is_empty
        )
        fill = "above" if "Greater" in alarm.comparison else "below"
        marks = () if alarm.threshold is None else (Mark(alarm.threshold, "threshold", fill=fill),)
        return Chart(traces, marks, self._intervals(alarm.name), note="" if traces else NO_DATA)

    def _sent(self, action: Action) -> SentPage:
        notice = notice_of(action, self.sender)
        return SentPage(
            time=action.time,
            state=str(action.state),
            targets=tuple(self.shown_target(target) for target in action.targets),
            subject=notice.subject,
            email=notice.email,
            body=notice.message,
        )

    def _runbook(self, alarm: Alarm) -> str:
        if alarm.about is None:
            return ""
        path = alarm.about.runbook
        return next((book.text for book in self.runbooks if book.path.endswith(path)), "")


def _watched(alarm: MetricAlarm) -> str:
    if alarm.stat is not None:
        return f"{alarm.stat.metric.name} {alarm.stat.stat}"
    shown = next(q for q in alarm.queries if q.return_data and q.id != alarm.threshold_query)
    return shown.label or shown.expression or shown.id


@dataclass(frozen=True, eq=False)
class _Reader:
    """Widgets' data out of the series of a run."""

    store: SeriesStore
    start: int
    end: int
    answer_of: Callable[[LogWidget], Grid]

    def traces(self, widget: MetricWidget) -> tuple[Trace, ...]:
        shown = [line for line in widget.lines if line.query.return_data]
        return tuple(trace for line in shown if (trace := self._trace(widget, line)))

    def _trace(self, widget: MetricWidget, line: Line) -> Trace | None:
        try:
            graph = graph_of(
                [other.query for other in widget.lines],
                line.query.id,
                self.store,
                start=self.start,
                end=self.end,
                period=widget.period,
            )
        except Refusal:
            return None  # a line whose metric was recorded with another statistic has no data here
        if graph.is_empty:
            return None
        label = line.query.label or (
            line.query.stat.metric.name if line.query.stat else line.query.id
        )
        return Trace(
            label,
            graph.times,
            graph.values,
            "right" if line.axis is Axis.RIGHT else "left",
            line.color,
        )

    def answer(self, widget: LogWidget) -> Grid:
        return self.answer_of(widget)


def topic_names(severities: Mapping[str, str]) -> Callable[[str], str]:
    """Targets as people call them: `page`, `ticket`, else the last part of the ARN."""
    return lambda target: severities.get(target, target.rsplit(":", 1)[-1])

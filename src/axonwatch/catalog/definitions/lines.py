"""Lines of a widget, and the thresholds of alarms drawn over them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from axonwatch.catalog.definitions.bench import Bench, text
from axonwatch.catalog.definitions.composites import Directory
from axonwatch.catalog.definitions.metric_queries import (
    Filters,
    math_queries,
    metric_source,
    without_data,
)
from axonwatch.catalog.nodes import ListNode, MapNode, Node, ScalarNode
from axonwatch.catalog.subject import Subject
from axonwatch.model.alarms import Alarm, Comparison, LogAlarm, MetricAlarm, Severity
from axonwatch.model.dashboards import Axis, Line, Threshold
from axonwatch.model.metrics import Metric, MetricQuery

_COLOURS = {Severity.PAGE: "#d62728", Severity.TICKET: "#ff7f0e"}


@dataclass
class Palette:
    """What lines of one widget share: the component, the period, and the ids given so far."""

    bench: Bench
    filters: Filters
    component: str
    period: int
    ids: dict[str, MetricQuery] = field(default_factory=dict)
    count: int = 0

    def fresh(self, prefix: str) -> str:
        """An id that no line of the widget has."""
        while True:
            self.count += 1
            if f"{prefix}{self.count}" not in self.ids:
                return f"{prefix}{self.count}"

    def thresholds(
        self,
        names: Sequence[ScalarNode],
        alarms: Mapping[str, Subject[Alarm]],
        directory: Directory,
        lines: Sequence[Line],
    ) -> tuple[Threshold, ...]:
        """The thresholds of the named alarms, on the axis of the metric they watch."""
        found = []
        for name in names:
            path = directory.path(name.text, self.component)
            if path is None:
                directory.unknown(name.text, name.span)
                continue
            subject = alarms.get(path)
            alarm = subject.piece if subject else None
            if not isinstance(alarm, MetricAlarm | LogAlarm) or alarm.threshold is None:
                continue
            severity = alarm.about.severity if alarm.about else Severity.TICKET
            up = alarm.comparison in {Comparison.GE, Comparison.GT}
            found.append(
                Threshold(
                    value=alarm.threshold,
                    label=f"{severity}: {path.partition('/')[2]}",
                    axis=_axis(alarm, lines),
                    color=_COLOURS[severity],
                    fill="above" if up else "below",
                )
            )
        return tuple(found)


def _axis(alarm: Alarm, lines: Sequence[Line]) -> Axis:
    """The axis on which a line shows a metric of the alarm; left if none does."""
    watched: set[Metric] = set()
    if isinstance(alarm, MetricAlarm):
        stats = [alarm.stat, *(query.stat for query in alarm.queries)]
        watched = {stat.metric for stat in stats if stat}
    for line in lines:
        if line.query.stat and line.query.stat.metric in watched:
            return line.axis
    return Axis.LEFT


def draw_lines(palette: Palette, node: Node | None, side: str) -> tuple[Line, ...]:
    """The lines of one axis; those that the main stack cannot have are left out."""
    lines: list[Line] = []
    for one in node.items if isinstance(node, ListNode) else ():
        if isinstance(one, MapNode):
            lines += _line(palette, one, Axis(side))
    return tuple(lines)


def _line(palette: Palette, node: MapNode, axis: Axis) -> list[Line]:
    color = text(node, "color") or None
    label = text(node, "label") or None
    component = text(node, "component", palette.component)
    if "expression" not in node:
        source = metric_source(palette.bench, node, component, palette.filters, palette.period)
        if source is None or source.stat is None:
            return []
        query = MetricQuery(palette.fresh("m"), stat=source.stat, label=label)
        palette.ids[query.id] = query
        return [Line(query, axis, color)]
    math = math_queries(
        palette.bench,
        node,
        component,
        palette.filters,
        palette.period,
        result_id=palette.fresh("e"),
        label=label,
    )
    if math is None or math.lost:
        return []
    *inputs, result = math.queries
    lines = []
    for query in inputs:
        known = palette.ids.get(query.id)
        if known is None:
            palette.ids[query.id] = query
            lines.append(Line(without_data(query), axis))
        elif known.stat != query.stat:
            title = f"the id `{query.id}` stands for two metrics in one widget"
            cure = "give one of the two another id"
            palette.bench.error("duplicate-id", title, node.value_span("metrics"), help=cure)
    palette.ids[result.id] = result
    return [*lines, Line(result, axis, color)]

"""Dashboards: rows of widgets become places on the grid, names become metrics, alarms, queries."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from axonwatch.catalog.definitions.bench import Bench, period_of, places, seconds, text, texts
from axonwatch.catalog.definitions.composites import Directory
from axonwatch.catalog.definitions.lines import Palette, draw_lines
from axonwatch.catalog.definitions.log_alarms import with_defaults
from axonwatch.catalog.definitions.metric_queries import Filters
from axonwatch.catalog.nodes import ListNode, MapNode, Node, ScalarNode
from axonwatch.catalog.page_text import dashboard_link
from axonwatch.catalog.subject import Subject
from axonwatch.diagnostics import Span
from axonwatch.model.alarms import Alarm
from axonwatch.model.dashboards import (
    GRID_WIDTH,
    AlarmStatusWidget,
    Dashboard,
    LogWidget,
    MetricWidget,
    Place,
    TextWidget,
    Variable,
    Widget,
)
from axonwatch.model.queries import SavedQuery

KINDS = ("text", "alarms", "graph", "number", "gauge", "query")
WORDS = {"title": "title", "rows": "rows", "start": "start"}
_LINK = re.compile(r"\{dashboard:([a-z_-]+)\}")


@dataclass(frozen=True)
class Shelf:
    """What a dashboard may name."""

    alarms: Mapping[str, Subject[Alarm]]
    queries: Mapping[str, SavedQuery]
    filters: Filters
    directory: Directory
    dashboards: Sequence[str]


def build_dashboard(bench: Bench, path: Path, node: MapNode, shelf: Shelf) -> Subject[Dashboard]:
    """The dashboard of one file; its key is the file's name."""
    key = path.stem
    where = places(node, WORDS)
    widgets: list[Widget] = []
    rows = node.get("rows")
    y = 0
    component = text(node, "component", key if bench.catalogue.metrics(key) else "")
    for row in rows.items if isinstance(rows, ListNode) else ():
        if not isinstance(row, MapNode):
            continue
        height = int(text(row, "height", "6"))
        items = row.get("widgets")
        nodes = [
            n
            for n in (items.items if isinstance(items, ListNode) else ())
            if isinstance(n, MapNode)
        ]
        x = 0
        for one, width in zip(nodes, _widths(bench, nodes), strict=True):
            place = Place(x, y, width, height)
            widget = _Maker(bench, one, shelf, component, place).make()
            if widget is not None:
                where[f"widget {len(widgets)}"] = one.span
                widgets.append(widget)
            x += width
        y += height
    piece = Dashboard(
        key=key,
        name=bench.names.dashboard(key),
        widgets=tuple(widgets),
        variables=_variables(bench, node.get("variables")),
        start=_start(seconds(node, "start", 10_800)),
        origin=node.value_span("title"),
    )
    return Subject(piece, key, node.key_span("title"), where, WORDS)


def _widths(bench: Bench, nodes: Sequence[MapNode]) -> list[int]:
    """Each widget's columns: as written, else an equal share of what is left of the row."""
    given = [int(text(one, "width", "0")) for one in nodes]
    left = GRID_WIDTH - sum(given)
    free = given.count(0)
    if left < free:
        wide = next((n for n, width in zip(nodes, given, strict=True) if width), nodes[0])
        title = f"the row's widgets need {sum(given) + free} columns; the grid has {GRID_WIDTH}"
        span = wide.value_span("width") if "width" in wide else wide.span
        bench.error(
            "widget-off-grid", title, span, help="make widgets narrower, or begin a new row"
        )
        return [max(GRID_WIDTH // len(nodes), 1)] * len(nodes)
    widths = []
    for width in given:
        share = width or -(-left // free)
        if not width:
            left -= share
            free -= 1
        widths.append(share)
    return widths


def _start(length: int) -> str:
    if length % 3600 == 0:
        return f"-PT{length // 3600}H"
    return f"-PT{max(length // 60, 1)}M"


def _variables(bench: Bench, node: Node | None) -> tuple[Variable, ...]:
    def fill(written: str) -> str:
        return written.replace("{stack}", bench.names.stack)

    found = []
    for one in node.items if isinstance(node, ListNode) else ():
        if isinstance(one, MapNode):
            pattern = fill(text(one, "pattern"))
            found.append(
                Variable(
                    id=text(one, "id"),
                    label=text(one, "label", text(one, "id")),
                    pattern=pattern,
                    default=fill(text(one, "default", pattern)),
                    inputs=tuple((fill(i.text), fill(i.text)) for i in texts(one.get("inputs"))),
                )
            )
    return tuple(found)


@dataclass
class _Maker:
    """One widget."""

    bench: Bench
    node: MapNode
    shelf: Shelf
    component: str
    place: Place

    def make(self) -> Widget | None:
        node = self.node
        kind = next((kind for kind in KINDS if kind in node), "")
        title = text(node, "title")
        origin = node.key_span(kind)
        match kind:
            case "text":
                markdown = self._markdown(node.get("text"))
                return TextWidget(place=self.place, title=title, origin=origin, markdown=markdown)
            case "alarms":
                names = self._alarm_names(node.get("alarms"))
                return AlarmStatusWidget(
                    place=self.place, title=title, origin=origin, alarm_names=names
                )
            case "query":
                return self._log(title, origin)
            case "graph" | "number" | "gauge":
                return self._metric(kind, title, origin)
            case _:
                return None

    def _markdown(self, node: Node | None) -> str:
        if not isinstance(node, ScalarNode):
            return ""

        def link(match: re.Match[str]) -> str:
            if match[1] not in self.shelf.dashboards:
                names = list(self.shelf.dashboards)
                span = node.span_of(match.start(1), match.end(1))
                self.bench.unknown("unknown-dashboard", "dashboard", match[1], span, names)
            return dashboard_link(
                self.bench.names.dashboard(match[1]),
                partition=self.bench.inventory.partition,
                region=self.bench.inventory.region,
            )

        filled = _LINK.sub(link, node.text)
        filled = filled.replace("{stack}", self.bench.names.stack)
        return filled.replace("{region}", self.bench.inventory.region)

    def _alarm_names(self, node: Node | None) -> tuple[str, ...]:
        if isinstance(node, ScalarNode):
            return tuple(
                one.piece.name
                for one in self.shelf.alarms.values()
                if node.text == "all" or (one.piece.about and one.piece.about.severity == node.text)
            )[:100]
        names = []
        for one in texts(node):
            path = self.shelf.directory.path(one.text, self.component)
            if path is None:
                self.shelf.directory.unknown(one.text, one.span)
            elif path in self.shelf.alarms:
                names.append(self.shelf.alarms[path].piece.name)
        return tuple(names)

    def _log(self, title: str, origin: Span) -> Widget | None:
        name = self.node.get("query")
        if not isinstance(name, ScalarNode):
            return None
        saved = self.shelf.queries.get(name.text)
        if saved is None:
            queries = list(self.shelf.queries)
            self.bench.unknown("unknown-query", "saved query", name.text, name.span, queries)
            return None
        return LogWidget(
            place=self.place,
            title=title or saved.title,
            origin=origin,
            query=with_defaults(saved),
            log_groups=saved.log_groups,
            view=text(self.node, "view", "table"),
            saved=saved.name,
        )

    def _metric(self, kind: str, title: str, origin: Span) -> Widget | None:
        node = self.node
        graph = node.get(kind)
        component = text(node, "component", self.component)
        period = period_of(self.bench, node)
        palette = Palette(self.bench, self.shelf.filters, component, period)
        if isinstance(graph, MapNode):
            left = draw_lines(palette, graph.get("left"), "left")
            right = draw_lines(palette, graph.get("right"), "right")
        else:
            left, right = draw_lines(palette, graph, "left"), ()
        if not left and not right:
            return None
        views = {"number": "singleValue", "gauge": "gauge"}
        options = graph if isinstance(graph, MapNode) else node
        view = views.get(kind) or text(options, "view", "timeSeries")
        bounds = _range(node.get("range")) if not isinstance(graph, MapNode) else (None, None)
        if kind == "gauge" and bounds == (None, None):
            bounds = (0.0, 100.0)
        return MetricWidget(
            place=self.place,
            title=title,
            origin=origin,
            lines=(*left, *right),
            view=view,
            period=period,
            stacked=text(options, "stacked") == "true",
            thresholds=palette.thresholds(
                texts(node.get("thresholds")),
                self.shelf.alarms,
                self.shelf.directory,
                (*left, *right),
            ),
            left_label=text(options, "left_label"),
            right_label=text(options, "right_label"),
            left_range=_range(options.get("left_range")) if isinstance(graph, MapNode) else bounds,
            right_range=_range(options.get("right_range")),
        )


def _range(node: Node | None) -> tuple[float | None, float | None]:
    values = [
        float(one.value)
        if isinstance(one, ScalarNode) and isinstance(one.value, int | float)
        else None
        for one in (node.items if isinstance(node, ListNode) else ())
    ]
    return (values[0], values[1]) if len(values) == 2 else (None, None)

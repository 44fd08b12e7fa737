"""Dashboards of the model as boards of the page, at the places where CloudWatch puts them.

Data comes through a `Reader`, which `cli` makes of the engines or of the account: this wing knows
neither.
"""

from __future__ import annotations

from typing import Protocol

from axonwatch.model.dashboards import (
    AlarmStatusWidget,
    Dashboard,
    LogWidget,
    MetricWidget,
    TextWidget,
    Widget,
)
from axonwatch.preview.view import Board, Chart, Choice, Grid, Mark, Tile, Trace

NO_DATA = "no data in this time"


class Reader(Protocol):
    """Where widgets get their data."""

    def traces(self, widget: MetricWidget) -> tuple[Trace, ...]:
        """One trace per visible line of the widget; a line without data has no points."""

    def answer(self, widget: LogWidget) -> Grid:
        """The rows of the widget's query."""


def board_of(dashboard: Dashboard, reader: Reader) -> Board:
    """The dashboard with its data."""
    return Board(
        key=dashboard.key,
        name=dashboard.name,
        tiles=tuple(_tile(widget, reader) for widget in dashboard.widgets),
        variables=tuple(
            Choice(
                label=variable.label,
                default=variable.default,
                choices=variable.inputs or ((variable.default, variable.default),),
            )
            for variable in dashboard.variables
        ),
    )


def _tile(widget: Widget, reader: Reader) -> Tile:
    place = widget.place
    tile = Tile(place.x, place.y, place.width, place.height, widget.title)
    match widget:
        case MetricWidget():
            return _filled(tile, chart=_chart(widget, reader))
        case AlarmStatusWidget():
            return _filled(tile, alarms=widget.alarm_names)
        case LogWidget():
            return _filled(tile, grid=reader.answer(widget))
        case TextWidget():
            return _filled(tile, markdown=widget.markdown)
        case _:
            return _filled(tile, markdown="*a kind of widget that the preview does not draw*")


def _filled(
    tile: Tile,
    *,
    chart: Chart | None = None,
    alarms: tuple[str, ...] | None = None,
    grid: Grid | None = None,
    markdown: str | None = None,
) -> Tile:
    return Tile(
        tile.x,
        tile.y,
        tile.width,
        tile.height,
        tile.title,
        chart=chart,
        alarms=alarms,
        grid=grid,
        markdown=markdown,
    )


def _chart(widget: MetricWidget, reader: Reader) -> Chart:
    traces = tuple(trace for trace in reader.traces(widget) if trace.times)
    return Chart(
        traces=traces,
        marks=tuple(
            Mark(line.value, line.label, str(line.axis), line.color, line.fill)
            for line in widget.thresholds
        ),
        left_label=widget.left_label,
        right_label=widget.right_label,
        left_range=widget.left_range,
        right_range=widget.right_range,
        view=widget.view,
        stacked=widget.stacked,
        note="" if traces else NO_DATA,
    )

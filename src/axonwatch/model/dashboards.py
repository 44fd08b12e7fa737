"""Dashboards as CloudWatch lays them out: a grid 24 columns wide.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from axonwatch.diagnostics import Span
from axonwatch.model.ignored import Ignored
from axonwatch.model.metrics import MetricQuery

GRID_WIDTH = 24


class Axis(StrEnum):
    """Which y-axis a line or annotation belongs to."""

    LEFT = "left"
    RIGHT = "right"


@dataclass(frozen=True)
class Place:
    """Position and size on the grid; `x` + `width` is at most 24."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True)
class Line:
    """One graphed query and how it is drawn."""

    query: MetricQuery
    axis: Axis = Axis.LEFT
    color: str | None = None


@dataclass(frozen=True)
class Threshold:
    """A horizontal annotation; `fill` is `above`, `below` or None."""

    value: float
    label: str
    axis: Axis = Axis.LEFT
    color: str | None = None
    fill: str | None = None


@dataclass(frozen=True, kw_only=True)
class Widget:
    """What every widget has."""

    place: Place
    title: str = ""
    origin: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, kw_only=True)
class MetricWidget(Widget):
    """A graph (`timeSeries`), number (`singleValue`), `gauge`, `bar` or `pie` of metrics."""

    lines: tuple[Line, ...]
    view: str = "timeSeries"
    period: int = 60
    stacked: bool = False
    thresholds: tuple[Threshold, ...] = ()
    left_label: str = ""
    right_label: str = ""
    left_range: tuple[float | None, float | None] = (None, None)
    right_range: tuple[float | None, float | None] = (None, None)


@dataclass(frozen=True, kw_only=True)
class AlarmStatusWidget(Widget):
    """A grid of alarm states, by alarm name (ARNs are made by the one author of names)."""

    alarm_names: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class LogWidget(Widget):
    """The answer of a query. `query` is its text; `saved` the saved query's short name, if one."""

    query: str
    log_groups: tuple[str, ...]
    view: str = "table"
    saved: str | None = None


@dataclass(frozen=True, kw_only=True)
class TextWidget(Widget):
    """Markdown."""

    markdown: str


@dataclass(frozen=True)
class Variable:
    """A dashboard variable that replaces `pattern` wherever it stands in the body.

    `inputs` are (value, label) pairs to choose from.
    """

    id: str
    label: str
    pattern: str
    default: str
    inputs: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Dashboard:
    """A dashboard: full name, widgets in reading order, variables. `start` as in `-PT3H`."""

    key: str
    name: str
    widgets: tuple[Widget, ...]
    variables: tuple[Variable, ...] = ()
    start: str = "-PT3H"
    origin: Span | None = field(default=None, compare=False)
    ignored: tuple[Ignored, ...] = field(default=(), compare=False)

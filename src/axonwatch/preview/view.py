"""What the page shows, as plain values: `cli` fills it, `preview.page` draws it.

Times are epoch seconds, UTC. Everything here may be hostile text; escaping is the page's work.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Trace:
    """One line of a chart; None is a missing datapoint."""

    label: str
    times: tuple[int, ...]
    values: tuple[float | None, ...]
    axis: str = "left"
    color: str | None = None


@dataclass(frozen=True)
class Mark:
    """A horizontal annotation; `fill` shades `above` or `below` it."""

    value: float
    label: str
    axis: str = "left"
    color: str | None = None
    fill: str | None = None


@dataclass(frozen=True)
class Interval:
    """A stretch of time that an alarm spent in one state; `end` is exclusive."""

    start: int
    end: int
    state: str


@dataclass(frozen=True)
class Chart:
    """A graph with two axes. `note` says why there is nothing to draw."""

    traces: tuple[Trace, ...] = ()
    marks: tuple[Mark, ...] = ()
    intervals: tuple[Interval, ...] = ()
    left_label: str = ""
    right_label: str = ""
    left_range: tuple[float | None, float | None] = (None, None)
    right_range: tuple[float | None, float | None] = (None, None)
    view: str = "timeSeries"
    stacked: bool = False
    note: str = ""


@dataclass(frozen=True)
class Grid:
    """The answer of a query: a table."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


@dataclass(frozen=True)
class Tile:
    """One widget at its place on the grid of 24 columns.

    Exactly one of `chart`, `alarms` (names), `grid` and `markdown` is filled.
    """

    x: int
    y: int
    width: int
    height: int
    title: str = ""
    chart: Chart | None = None
    alarms: tuple[str, ...] | None = None
    grid: Grid | None = None
    markdown: str | None = None


@dataclass(frozen=True)
class Choice:
    """A dashboard variable with its choices as (value, label)."""

    label: str
    default: str
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Board:
    """One dashboard."""

    key: str
    name: str
    tiles: tuple[Tile, ...]
    variables: tuple[Choice, ...] = ()


@dataclass(frozen=True)
class SentPage:
    """One message that went out: as mail, as SMS and as the JSON that a receiver gets."""

    time: int
    state: str
    targets: tuple[str, ...]
    subject: str
    email: str
    body: str


@dataclass(frozen=True)
class AlarmCard:
    """One alarm beside its own series. `children` are names; `runbook` is Markdown."""

    name: str
    kind: str
    severity: str
    component: str
    summary: str
    state: str
    reason: str
    condition: str
    intervals: tuple[Interval, ...] = ()
    chart: Chart | None = None
    rule: str = ""
    children: tuple[str, ...] = ()
    pages: tuple[SentPage, ...] = ()
    runbook: str = ""
    note: str = ""

    @property
    def fired(self) -> bool:
        """Whether it was in ALARM at any time that is shown."""
        return any(interval.state == "ALARM" for interval in self.intervals)


@dataclass(frozen=True)
class Preview:
    """The whole page. `source` says where the data came from, `stack` names the main stack."""

    stack: str
    source: str
    start: int
    end: int
    boards: tuple[Board, ...] = ()
    alarms: tuple[AlarmCard, ...] = ()
    notes: tuple[str, ...] = field(default=())

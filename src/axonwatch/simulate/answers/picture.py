"""A backtest as one SVG: what the alarm saw, its threshold, its stays in ALARM, labelled windows.

One panel a recording. Drawn by hand, because a line, some bands and some bars need no library.
Colour is never the only sign: each strip has its label and its count beside it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape

import numpy as np

from axonwatch.durations import DAY, HOUR, MINUTE
from axonwatch.simulate.answers.backtest import Outcome, Recording, Seen
from axonwatch.simulate.scenarios.verdicts import number
from axonwatch.simulate.series.series import Floats

WIDTH = 1200
LEFT, RIGHT = 70, 250
CHART, STRIP, HEAD, FOOT = 220, 22, 54, 46
BREAK = 6  # times the usual step between datapoints: then the line is broken
LINE = "#1f4e79"
WINDOW = "#f0b429"
COLOURS = ("#c62828", "#6a1b9a", "#00796b", "#bf360c", "#283593")
_STEPS = (
    *(minutes * MINUTE for minutes in (1, 5, 15)),
    *(hours * HOUR for hours in (1, 3, 6, 12)),
    *(days * DAY for days in (1, 2, 7, 30, 90)),
)
_STYLE = (
    "text{font:13px system-ui,-apple-system,'Segoe UI',sans-serif;fill:#222}"
    ".small{font-size:11px;fill:#555}.title{font-size:16px;font-weight:600}"
    ".axis{stroke:#bbb;stroke-width:1}.grid{stroke:#e6e6e6;stroke-width:1}"
)


@dataclass(frozen=True)
class Scale:
    """Time and value to places in a panel."""

    start: int
    end: int
    low: float
    high: float
    top: float

    def x(self, time: float) -> float:
        """The place of a moment."""
        share = (time - self.start) / max(self.end - self.start, 1)
        return LEFT + min(max(share, 0.0), 1.0) * (WIDTH - LEFT - RIGHT)

    def y(self, value: float) -> float:
        """The place of a value."""
        share = (value - self.low) / ((self.high - self.low) or 1.0)
        return self.top + CHART * (1 - share)


def draw(panels: Sequence[tuple[Recording, Sequence[Outcome]]]) -> str:
    """The picture of some recordings, each with the outcomes of one alarm and its alternatives."""
    parts: list[str] = []
    top = 16.0
    for recording, outcomes in panels:
        parts += _panel(recording, outcomes, top)
        top += HEAD + CHART + FOOT + STRIP * len(outcomes) + 18
    height = math.ceil(top)
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        f'width="{WIDTH}" height="{height}" role="img" aria-label="backtest">'
    )
    frame = f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>'
    return "\n".join([opening, f"<style>{_STYLE}</style>", frame, *parts, "</svg>"]) + "\n"


def _panel(recording: Recording, outcomes: Sequence[Outcome], top: float) -> Iterator[str]:
    first = outcomes[0]
    chart_top = top + HEAD
    scale = _scale(outcomes, chart_top)
    yield _text(LEFT, top + 16, f"{recording.name}: {first.alarm.name}", "title")
    yield _text(LEFT, top + 36, _sentence(first), "small")
    yield from _windows(recording, scale, len(outcomes))
    yield from _axes(scale)
    if first.seen is not None:
        yield from _seen(first.seen, scale)
    for outcome, colour in zip(outcomes, _colours(len(outcomes)), strict=True):
        yield from _threshold(outcome, scale, colour, dashed=bool(outcome.label))
    strips = chart_top + CHART + FOOT
    for row, (outcome, colour) in enumerate(zip(outcomes, _colours(len(outcomes)), strict=True)):
        yield from _strip(outcome, scale, strips + row * STRIP, colour)


def _sentence(outcome: Outcome) -> str:
    begin, end = (datetime.fromtimestamp(t, UTC) for t in (outcome.start, outcome.end))
    return (
        f"{begin:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} UTC; shaded: windows that people labelled"
        if outcome.score is not None and outcome.score.windows
        else f"{begin:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} UTC"
    )


def _colours(count: int) -> list[str]:
    return [COLOURS[i % len(COLOURS)] for i in range(count)]


def _scale(outcomes: Sequence[Outcome], top: float) -> Scale:
    first = outcomes[0]
    values = [o.alarm.threshold for o in outcomes if o.alarm.threshold is not None]
    if first.seen is not None:
        real = first.seen.values[np.isfinite(first.seen.values)]
        if real.size:
            values += [float(real.min()), float(real.max())]
    low, high = min(values, default=0.0), max(values, default=1.0)
    low = min(low, 0.0) if low > 0 and low < 0.5 * high else low
    room = (high - low or abs(high) or 1.0) * 0.06
    return Scale(first.start, first.end, low if low == 0 else low - room, high + room, top)


def _axes(scale: Scale) -> Iterator[str]:
    right = WIDTH - RIGHT
    bottom = scale.top + CHART
    step = _nice((scale.high - scale.low) / 6)
    value = math.ceil(scale.low / step) * step
    while value <= scale.high:
        y = scale.y(value)
        yield f'<line class="grid" x1="{LEFT}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield _text(LEFT - 8, y + 4, number(round(value, 10)), "small", anchor="end")
        value += step
    yield f'<line class="axis" x1="{LEFT}" x2="{right}" y1="{bottom}" y2="{bottom}"/>'
    length = scale.end - scale.start
    tick = next((s for s in _STEPS if length / s <= 9), _STEPS[-1])
    moment = -(-scale.start // tick) * tick
    while moment <= scale.end:
        x = scale.x(moment)
        shown = datetime.fromtimestamp(moment, UTC).strftime(
            "%m-%d" if tick >= DAY else "%m-%d %H:%M"
        )
        yield f'<line class="axis" x1="{x:.1f}" x2="{x:.1f}" y1="{bottom}" y2="{bottom + 5}"/>'
        yield _text(x, bottom + 19, shown, "small", anchor="middle")
        moment += tick


def _nice(step: float) -> float:
    """The step of an axis: 1, 2 or 5 times a power of ten."""
    power = 10 ** math.floor(math.log10(step)) if step > 0 else 1.0
    return next((f * power for f in (1, 2, 5, 10) if f * power >= step), 10 * power)


def _windows(recording: Recording, scale: Scale, strips: int) -> Iterator[str]:
    height = CHART + FOOT + strips * STRIP
    for begin, end in recording.windows or ():
        if end <= scale.start or begin >= scale.end:
            continue
        x, width = scale.x(begin), max(scale.x(end) - scale.x(begin), 1.0)
        yield (
            f'<rect x="{x:.1f}" y="{scale.top}" width="{width:.1f}" height="{height}" '
            f'fill="{WINDOW}" opacity="0.28"/>'
        )


def _seen(seen: Seen, scale: Scale) -> Iterator[str]:
    if seen.lower is not None and seen.upper is not None:
        low = [point for run in _runs(seen, seen.lower, scale) for point in run]
        high = [point for run in _runs(seen, seen.upper, scale) for point in run]
        edge = " ".join(f"{x:.1f},{y:.1f}" for x, y in [*high, *reversed(low)])
        yield f'<polygon points="{edge}" fill="{LINE}" opacity="0.15"/>'
    for run in _runs(seen, seen.values, scale):
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in run)
        yield (
            f'<polyline points="{path}" fill="none" stroke="{LINE}" stroke-width="1.2" '
            'stroke-linecap="round"/>'
        )


def _runs(seen: Seen, values: Floats, scale: Scale) -> Iterator[list[tuple[float, float]]]:
    """Places of a line, no more than two a pixel; broken where datapoints are missing for long."""
    real = np.isfinite(values)
    times, found = seen.times[real], values[real]
    if not times.size:
        return
    steps = np.diff(times)
    usual = float(np.median(steps)) if steps.size else 0.0
    breaks = np.flatnonzero(steps > BREAK * max(usual, MINUTE)) + 1
    for some, those in zip(np.split(times, breaks), np.split(found, breaks), strict=True):
        yield _line(some.tolist(), those.tolist(), scale)


def _line(times: list[int], values: list[float], scale: Scale) -> list[tuple[float, float]]:
    by_column: dict[int, tuple[float, float]] = {}
    for time, value in zip(times, values, strict=True):
        x = round(scale.x(time))
        low, high = by_column.get(x, (value, value))
        by_column[x] = (min(low, value), max(high, value))
    found = []
    for x, bounds in by_column.items():
        inside = (min(max(value, scale.low), scale.high) for value in dict.fromkeys(bounds))
        found += [(float(x), scale.y(value)) for value in inside]
    return found if len(found) > 1 else found * 2


def _threshold(outcome: Outcome, scale: Scale, colour: str, *, dashed: bool) -> Iterator[str]:
    threshold = outcome.alarm.threshold
    if threshold is None:
        return
    y = scale.y(threshold)
    dash = ' stroke-dasharray="6 4"' if dashed else ""
    yield (
        f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="{colour}" '
        f'stroke-width="1.4"{dash}/>'
    )
    yield _text(WIDTH - RIGHT + 8, y + 4, number(threshold), "small")


def _strip(outcome: Outcome, scale: Scale, top: float, colour: str) -> Iterator[str]:
    right = WIDTH - RIGHT
    middle = top + STRIP / 2
    yield f'<line class="grid" x1="{LEFT}" x2="{right}" y1="{middle}" y2="{middle}"/>'
    for begin, end in outcome.stays:
        x, width = scale.x(begin), max(scale.x(end) - scale.x(begin), 2.0)
        yield (
            f'<rect x="{x:.1f}" y="{top + 4}" width="{width:.1f}" height="{STRIP - 8}" '
            f'fill="{colour}"/>'
        )
    label = outcome.label or "as it is"
    yield _text(LEFT - 8, middle + 4, "ALARM", "small", anchor="end")
    told = f"{len(outcome.stays)}x, {outcome.minutes} min  {label}"
    yield _text(right + 8, middle + 4, told, "small")


def _text(x: float, y: float, text: str, kind: str = "", *, anchor: str = "start") -> str:
    shown = "".join(letter if letter.isprintable() else "\ufffd" for letter in text)
    where = f' text-anchor="{anchor}"' if anchor != "start" else ""
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}"{where}>{escape(shown)}</text>'

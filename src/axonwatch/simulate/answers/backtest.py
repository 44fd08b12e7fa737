"""How often an alarm would have fired on recorded series, and whether that was right.

The vectorised evaluator runs the alarm over the whole series; its stays in ALARM are held against
windows that people labelled: a window counts as found if a stay touches it, a stay as right if it
touches a window.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from axonwatch.durations import MINUTE, WEEK
from axonwatch.model.alarms import MetricAlarm, State
from axonwatch.simulate.evaluation.evaluate import Path, Settings, path_of
from axonwatch.simulate.evaluation.look_back import metrics_of
from axonwatch.simulate.evaluation.states import MetricPath
from axonwatch.simulate.moments import iso
from axonwatch.simulate.series.series import Floats, Series, SeriesStore

Interval = tuple[int, int]


@dataclass(frozen=True)
class Score:
    """Stays in ALARM against labelled windows. None where there is nothing to divide by."""

    windows: int
    found: int
    right: int
    stays: int
    delay: float | None  # median seconds from a window's begin to the alarm
    false_per_week: float

    @property
    def precision(self) -> float | None:
        """The share of stays that touch a window."""
        return self.right / self.stays if self.stays else None

    @property
    def recall(self) -> float | None:
        """The share of windows that a stay touches."""
        return self.found / self.windows if self.windows else None


@dataclass(frozen=True, eq=False)
class Seen:
    """What the alarm saw: at each tick its newest datapoint, and a band's edges."""

    times: NDArray[np.int64]
    values: Floats
    lower: Floats | None = None
    upper: Floats | None = None


@dataclass(frozen=True)
class Outcome:
    """One alarm, or an alternative of it, over one recording. `label` is empty for the alarm."""

    alarm: MetricAlarm
    label: str
    start: int
    end: int
    stays: tuple[Interval, ...]
    score: Score | None = None
    notes: tuple[str, ...] = ()
    seen: Seen | None = field(default=None, compare=False, repr=False)

    @property
    def weeks(self) -> float:
        """How long the recording is."""
        return max(self.end - self.start, MINUTE) / WEEK

    @property
    def minutes(self) -> int:
        """Minutes in ALARM."""
        return sum(end - begin for begin, end in self.stays) // MINUTE

    @property
    def per_week(self) -> float:
        """How often it would have gone off, a week."""
        return len(self.stays) / self.weeks


@dataclass(frozen=True, eq=False)
class Recording:
    """Series that belong together, and what people labelled in them (None: nobody did)."""

    name: str
    store: SeriesStore
    windows: tuple[Interval, ...] | None = None

    def reaches(self, alarm: MetricAlarm) -> bool:
        """Whether it has every metric that the alarm reads."""
        return all(metric in self.store.metrics for metric in metrics_of(alarm))


def backtest(alarm: MetricAlarm, label: str, recording: Recording, settings: Settings) -> Outcome:
    """Run one alarm over a recording. Raises Refusal."""
    store, notes = fitted(recording.store, alarm)
    span = store.span()
    start, end = span if span is not None else (0, 0)
    base = replace(settings, initial_state=State.OK)
    path = path_of(alarm, store, start=start, end=end, settings=base)
    ticks = path.ticks
    in_alarm = np.fromiter((state is State.ALARM for state in path.states), dtype=np.int8)
    edges = np.diff(np.concatenate([[0], in_alarm, [0]]))
    begins, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    stays = tuple(
        (ticks[begin], ticks[stop] if stop < len(ticks) else end)
        for begin, stop in zip(begins.tolist(), ends.tolist(), strict=True)
    )
    if isinstance(path, MetricPath):
        notes += path.reading.notes
    found = Outcome(alarm, label, start, end, stays, notes=notes, seen=_seen(path))
    if recording.windows is None:
        return found
    inside = [w for w in recording.windows if w[1] > start and w[0] < end]
    return replace(found, score=score(stays, inside, found.weeks))


def _seen(path: Path) -> Seen | None:
    if not isinstance(path, MetricPath):
        return None
    reading = path.reading
    edges = [None if one is None else one[:, -1] for one in (reading.lower, reading.upper)]
    return Seen(path.frame.ticks, reading.values[:, -1], edges[0], edges[1])


def fitted(store: SeriesStore, alarm: MetricAlarm) -> tuple[SeriesStore, tuple[str, ...]]:
    """The store with series as fine as the alarm's periods.

    A five-minute average stands for each of its minutes when the alarm asks for minutes: the
    nearest that can be had from the recording.
    """
    stats = [alarm.stat, *(query.stat for query in alarm.queries)]
    wanted = {stat.metric: stat.period for stat in stats if stat is not None}
    made = SeriesStore(calls=dict(store.calls), bands=dict(store.bands))
    notes: dict[str, None] = {}
    for metric, known in store.metrics.items():
        for series in known:
            period = wanted.get(metric)
            if period is not None and series.period > period:
                notes[
                    f"{metric.name} was recorded each {series.period} s: each datapoint stands "
                    f"for every {period} s in it"
                ] = None
                made.add(_stretched(series, period))
            else:
                made.add(series)
    return made, tuple(notes)


def _stretched(series: Series, period: int) -> Series:
    times = -(-series.period // period)
    shifts = np.arange(times, dtype=np.int64) * period
    stamps = (series.times[:, None] + shifts[None, :]).ravel()
    keep = np.concatenate([[True], stamps[1:] > np.maximum.accumulate(stamps)[:-1]])

    def stretch(found: Floats) -> Floats:
        longer: Floats = np.repeat(found, times)[keep]
        return longer

    return replace(
        series,
        period=period,
        times=stamps[keep],
        values=stretch(series.values),
        counts=None if series.counts is None else stretch(series.counts),
        totals=None if series.totals is None else stretch(series.totals),
    )


def score(stays: Sequence[Interval], windows: Sequence[Interval], weeks: float) -> Score:
    """Hold stays in ALARM against labelled windows."""
    delays = []
    for begin, end in windows:
        first = min((b for b, e in stays if b <= end and e >= begin), default=None)
        if first is not None:
            delays.append(max(first - begin, 0))
    right = sum(any(b <= end and e >= begin for begin, end in windows) for b, e in stays)
    return Score(
        windows=len(windows),
        found=len(delays),
        right=right,
        stays=len(stays),
        delay=median(delays) if delays else None,
        false_per_week=(len(stays) - right) / weeks,
    )


def as_json(recordings: Iterable[tuple[Recording, Sequence[Outcome]]]) -> dict[str, Any]:
    """All outcomes as one document."""
    return {
        "schema_version": 1,
        "recordings": [
            {
                "name": recording.name,
                "windows": None
                if recording.windows is None
                else [[iso(a), iso(b)] for a, b in recording.windows],
                "alarms": [_record(outcome) for outcome in outcomes],
            }
            for recording, outcomes in recordings
        ],
    }


def _record(outcome: Outcome) -> dict[str, Any]:
    found: dict[str, Any] = {
        "alarm": outcome.alarm.name,
        "try": outcome.label,
        "start": iso(outcome.start),
        "end": iso(outcome.end),
        "fired": len(outcome.stays),
        "minutes_in_alarm": outcome.minutes,
        "per_week": round(outcome.per_week, 3),
        "in_alarm": [[iso(begin), iso(end)] for begin, end in outcome.stays],
        "notes": list(outcome.notes),
    }
    if outcome.score is not None:
        one = outcome.score
        found["score"] = {
            "windows": one.windows,
            "found": one.found,
            "precision": one.precision,
            "recall": one.recall,
            "median_delay_seconds": one.delay,
            "false_per_week": round(one.false_per_week, 3),
        }
    return found

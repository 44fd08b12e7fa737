"""The series of one scenario test: addressed, read, laid on the clock, extended before the start.

Each entry of `series:` is read into a `Draft` first; when the end of the test is known, the drafts
become series. One that ends before the test does is refused: promtool passes such tests silently.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from itertools import chain
from pathlib import Path

import numpy as np

from axonwatch.catalog.nodes import MapNode, Node, ScalarNode, plain
from axonwatch.diagnostics import Diagnostic, InvalidInput, Label, Span
from axonwatch.durations import format_duration, parse_duration
from axonwatch.model.metrics import Dimension, Metric
from axonwatch.simulate.recordings.addresses import UnknownName
from axonwatch.simulate.refusal import Refusal
from axonwatch.simulate.scenarios.context import Context
from axonwatch.simulate.series.files import (
    Table,
    as_series,
    read_csv,
    read_json,
)
from axonwatch.simulate.series.notation import Distribution, Point, is_endless, parse_notation
from axonwatch.simulate.series.series import AVERAGE, Series
from axonwatch.simulate.series.statistics import parse_statistic
from axonwatch.syntax.text import SyntaxFault

ReadMoment = Callable[[Node], "int | None"]


@dataclass(frozen=True, eq=False)
class Draft:
    """One series before the end of its test is known. Either `notation` or `series` is set.

    `begin` is where the first datapoint lies, None for a file that keeps its own times. A series
    that `goes_on` has its last value to the end of the test.
    """

    label: str
    metric: Metric
    span: Span
    stat: str = AVERAGE
    interval: int = 60
    notation: ScalarNode | None = None
    samples: ScalarNode | None = None
    series: Series | None = None
    begin: int | None = None
    sparse: bool = False
    goes_on: bool = False

    @property
    def address(self) -> tuple[Metric, str]:
        """What two series may not share."""
        return self.metric, self.stat

    @property
    def is_endless(self) -> bool:
        """Whether it goes on to the end of any test."""
        return self.goes_on or (self.notation is not None and is_endless(self.notation.text))

    def stop(self) -> int:
        """When its last datapoint is complete."""
        if self.series is not None:
            if not self.series.times.size:
                return 0
            moved = 0 if self.begin is None else self.begin - int(self.series.times[0])
            return int(self.series.times[-1]) + self.series.period + moved
        assert self.notation is not None  # noqa: S101 - one of the two
        return (self.begin or 0) + len(parse_notation(self.notation.text)) * self.interval


@dataclass
class SeriesReader:
    """Reads `series:` of a scenario file."""

    context: Context
    component: str
    interval: int
    zone: tzinfo
    read_moment: ReadMoment
    drafts: list[Draft] = field(default_factory=list)
    edges: dict[Metric, list[Draft]] = field(default_factory=dict)
    answers: dict[str, Draft] = field(default_factory=dict)
    calls: dict[str, Series] = field(default_factory=dict)
    bands: dict[Metric, tuple[Series, Series]] = field(default_factory=dict)

    def read(self, node: Node | None) -> None:
        """Read a mapping of series."""
        if isinstance(node, MapNode):
            for key, entry in node.items():
                self._read_one(key, entry.key.span, entry.value)

    def read_bands(self, node: Node | None) -> None:
        """Read the edges of anomaly bands, by metric."""
        for key, entry in node.items() if isinstance(node, MapNode) else ():
            found = self._address(key, entry.key.span, entry.value)
            if found is None or not isinstance(entry.value, MapNode):
                continue
            made = [
                self._notation(key, found[0], entry.key.span, edge)
                for edge in (entry.value.get("lower"), entry.value.get("upper"))
                if isinstance(edge, ScalarNode)
            ]
            self.edges[found[0]] = [draft for draft in made if draft is not None]

    def read_calls(self, node: Node | None) -> None:
        """Read what functions give that only the account can answer, by their text."""
        for key, entry in node.items() if isinstance(node, MapNode) else ():
            if isinstance(entry.value, ScalarNode):
                draft = self._notation(key, Metric("", key), entry.key.span, entry.value)
                if draft is not None:
                    self.answers[key] = draft

    def _notation(self, label: str, metric: Metric, span: Span, node: ScalarNode) -> Draft | None:
        begin = self.context.start
        draft = Draft(label, metric, span, interval=self.interval, notation=node, begin=begin)
        return draft if self._parses(draft) else None

    def _read_one(self, label: str, span: Span, node: Node) -> None:
        found = self._address(label, span, node)
        if found is None:
            return
        metric, stat = found
        draft = Draft(label, metric, span, stat, self.interval)
        if isinstance(node, ScalarNode):
            self._add_notation(replace(draft, notation=node, begin=self.context.start))
        elif isinstance(node, MapNode):
            self._read_long(draft, node)

    def _address(self, label: str, span: Span, node: Node) -> tuple[Metric, str] | None:
        stat: str | None = None
        if isinstance(node, MapNode) and ("namespace" in node or "metric" in node):
            about = {key: plain(node.get(key)) for key in ("namespace", "metric")}
            if not all(about.values()):
                self.context.error(
                    "unknown-metric",
                    "a metric in full has `namespace` and `metric`",
                    node.span,
                    "one of them is missing",
                )
                return None
            dimensions = plain(node.get("dimensions"))
            pairs = dimensions.items() if isinstance(dimensions, dict) else ()
            metric = Metric(
                str(about["namespace"]),
                str(about["metric"]),
                tuple(Dimension(name, str(value)) for name, value in pairs),
            )
        else:
            try:
                metric, stat = self.context.addresses.metric(label, self.component)
            except UnknownName as unknown:
                self.context.error(unknown.code, unknown.title, span, "", unknown.help)
                return None
        if isinstance(node, MapNode) and "statistic" in node:
            stat = str(plain(node.get("statistic")))
            try:
                parse_statistic(stat)
            except ValueError as wrong:
                self.context.error("bad-series", str(wrong), node.value_span("statistic"))
                return None
        return metric, stat or AVERAGE

    def _read_long(self, draft: Draft, node: MapNode) -> None:
        interval = node.get("interval")
        if isinstance(interval, ScalarNode):
            draft = replace(draft, interval=parse_duration(interval.text))
        at = node.get("at")
        begin = self.read_moment(at) if at is not None else None
        if at is not None and begin is None:
            return
        samples = node.get("samples")
        if isinstance(samples, ScalarNode):
            draft = replace(draft, samples=samples)
        values, file = node.get("values"), node.get("file")
        if isinstance(values, ScalarNode) and file is None:
            start = self.context.start if begin is None else begin
            self._add_notation(replace(draft, notation=values, begin=start))
        elif isinstance(file, ScalarNode) and values is None:
            draft = replace(draft, begin=begin, sparse=plain(node.get("sparse")) is True)
            given = draft.interval if interval is not None else None
            self._add_file(draft, file, given)
        else:
            self.context.error(
                "bad-series",
                f"the series `{draft.label}` has either `values` or `file`",
                node.span,
                "both, or neither",
            )

    def _add_notation(self, draft: Draft) -> None:
        if self._parses(draft):
            self.drafts.append(draft)

    def _parses(self, draft: Draft) -> bool:
        for node in (draft.notation, draft.samples):
            if node is None:
                continue
            try:
                parse_notation(node.text)
            except SyntaxFault as fault:
                self.context.fault(fault, node)
                return False
        return True

    def _add_file(self, draft: Draft, node: ScalarNode, interval: int | None) -> None:
        path = self.context.path(node)
        if path is None:
            return
        try:
            if path.suffix == ".json":
                store = self.context.once(path, lambda: read_json(path, node.text))
                for series in store.metrics.get(draft.metric, ()):
                    self.drafts.append(replace(draft, series=series, stat=series.stat))
                if draft.metric in store.metrics:
                    return
                title = f"`{node.text}` has no series of `{draft.label}`"
                self.context.error("unknown-metric", title, node.span)
                return
            table = self.context.once(path, lambda: self._read_table(path, node.text))
            series = as_series(table, draft.metric, stat=draft.stat, period=interval)
        except InvalidInput as invalid:
            self.context.findings += invalid.diagnostics
        except Refusal as refusal:
            self.context.error("bad-series", refusal.message, node.span, help=refusal.help)
        else:
            self.drafts.append(replace(draft, series=series))

    def _read_table(self, path: Path, shown: str) -> Table:
        if path.suffix == ".parquet":
            return self.context.read_table(path, self.zone)
        return read_csv(path, shown, self.zone)

    def add_recorded(self, path: Path, span: Span) -> None:
        """All series of a JSON file of a recording; they may be sparse."""
        try:
            store = self.context.once(path, lambda: read_json(path, self.context.shown(path)))
        except InvalidInput as invalid:
            self.context.findings += invalid.diagnostics
            return
        self.calls.update(store.calls)
        self.bands.update(store.bands)
        for series in chain.from_iterable(store.metrics.values()):
            label = f"{series.metric.name} of {path.name}"
            draft = Draft(label, series.metric, span, series.stat, series.period, series=series)
            self.drafts.append(replace(draft, sparse=True))

    def overlaps(self) -> list[Diagnostic]:
        """Findings about series of the same metric and statistic."""
        seen: dict[tuple[Metric, str], Draft] = {}
        found = []
        for draft in self.drafts:
            first = seen.setdefault(draft.address, draft)
            if first is not draft:
                found.append(
                    Diagnostic(
                        "overlapping-series",
                        self.context.level,
                        f"`{draft.label}` is given twice",
                        draft.span,
                        "the second time",
                        "keep one; a test's own series replaces the file's",
                        (Label(first.span, "first here"),),
                    )
                )
        return found


def finish(
    drafts: Iterable[Draft],
    context: Context,
    end: int,
    look_back: Mapping[Metric, int],
    *,
    lead: bool,
) -> list[Series]:
    """The series of a test that ends at `end`; findings for those that end before it."""
    made = []
    for draft in drafts:
        if not draft.sparse and not draft.is_endless and draft.stop() < end:
            missing = format_duration(end - draft.stop())
            context.error(
                "short-series",
                f"the series `{draft.label}` ends {missing} before the test",
                draft.span,
                f"its last datapoint is complete at {_offset(draft.stop(), context.start)}, "
                f"the test ends at {_offset(end, context.start)}",
                "add `sparse: true` if the metric has no datapoints when nothing happens"
                if draft.series is not None
                else "write `x*` behind the last datapoint to go on, or `_x*` for missing ones",
            )
            continue
        try:
            leads = lead and draft.begin == context.start
            made.append(_series(draft, end, look_back.get(draft.metric, 0) if leads else 0))
        except Refusal as refusal:
            context.error("bad-series", refusal.message, draft.span, help=refusal.help)
    return made


def _offset(moment: int, start: int) -> str:
    return format_duration(moment - start) if moment >= start else "before its start"


def _series(draft: Draft, end: int, look_back: int) -> Series:
    if draft.series is not None:
        if draft.goes_on:
            return _longer(draft.series, end)
        if draft.begin is None or not draft.series.times.size:
            return draft.series
        moved = draft.begin - int(draft.series.times[0])
        return replace(draft.series, times=draft.series.times + moved)
    assert draft.notation is not None  # noqa: S101 - one of the two
    begin = draft.begin or 0
    wanted = max(-(-(end - begin) // draft.interval), 1)
    points = parse_notation(draft.notation.text, wanted)
    counts = _counts(draft, len(points))
    before = -(-look_back // draft.interval)
    times = begin + np.arange(-before, len(points), dtype=np.int64) * draft.interval
    points = [points[0]] * before + points
    counts = None if counts is None else [counts[0]] * before + counts
    try:
        values = np.array(points, dtype=np.float64)  # a missing one becomes NaN
    except TypeError:
        return _distributed(draft, times.tolist(), points)
    real = ~np.isnan(values)
    return Series.of(
        draft.metric,
        draft.interval,
        times[real],
        values[real],
        counts=None if counts is None else np.array(counts)[real],
        stat=draft.stat,
    )


def _longer(series: Series, end: int) -> Series:
    more = np.arange(series.times[-1] + series.period, end, series.period, dtype=np.int64)
    values = np.concatenate([series.values, np.full(more.size, series.values[-1])])
    return replace(series, times=np.concatenate([series.times, more]), values=values)


def _counts(draft: Draft, length: int) -> list[float] | None:
    if draft.samples is None:
        return None
    written = parse_notation(draft.samples.text, length)
    if len(written) == 1:
        written = written * length
    numbers = [0.0 if not isinstance(one, float) else one for one in written[:length]]
    return numbers + [0.0] * (length - len(numbers))


def _distributed(draft: Draft, times: list[int], points: list[Point]) -> Series:
    listed = []
    for time, point in zip(times, points, strict=True):
        if isinstance(point, Distribution):
            listed.append((time, point.values, point.counts))
        elif point is not None:
            listed.append((time, (point,), (1,)))
    return Series.of_distributions(draft.metric, draft.interval, listed)

"""Metric filters: log events in, the samples of their metrics out, minute by minute.

An event that matches gives the filter's value, one that does not its default, if there is one: so
a minute with events but no match has the default, and a minute without events has nothing.
Sources: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_MetricTransformation.html
(`defaultValue`: "the value to emit when a filter pattern does not match a log event").
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeAlias

from axonwatch.durations import MINUTE
from axonwatch.model.alarms import MetricFilter
from axonwatch.model.metrics import Dimension, Metric
from axonwatch.simulate.recordings.log_events import LogEvent
from axonwatch.simulate.refusal import Refusal
from axonwatch.syntax.filter_pattern import (
    FilterPattern,
    ManyPatterns,
    Match,
    Message,
    parse_filter_pattern,
    parse_selector,
)
from axonwatch.syntax.filter_pattern.pattern import JsonPattern
from axonwatch.syntax.filter_pattern.value import read_number
from axonwatch.syntax.text import SyntaxFault

Samples: TypeAlias = dict[int, dict[float, int]]  # minute -> value -> how often
Extract: TypeAlias = Callable[[Match], "str | None"]
_REMEMBERED, _SHORT = 256, 4096


@dataclass
class FilteredMetric:
    """What one metric got from its filters: samples by the epoch second of their minute."""

    metric: Metric
    unit: str | None
    samples: Samples = field(default_factory=dict)

    def add(self, minute: int, value: float, count: int = 1) -> None:
        """Count a value in a minute."""
        values = self.samples.setdefault(minute, {})
        values[value] = values.get(value, 0) + count


def filter_metric(metric_filter: MetricFilter) -> Metric:
    """The metric of a filter without dimensions; with some, the one that has none of them yet."""
    return Metric(metric_filter.namespace, metric_filter.metric)


def apply_filters(
    filters: Sequence[MetricFilter], events: Mapping[str, Iterable[LogEvent]]
) -> list[FilteredMetric]:
    """The metrics that `filters` make of the events of each log group.

    A filter whose group is not among `events` makes nothing. A filter whose group is silent makes
    a metric without samples: it was given, and had no data. Raises Refusal for a pattern, or a
    field that a filter publishes, that does not parse.
    """
    found: dict[Metric, FilteredMetric] = {}
    for group, stream in events.items():
        mine = [one for one in filters if one.log_group == group]
        if not mine:
            continue
        compiled, patterns = _compile(mine, found)
        heard: dict[int, int] = {}
        known: dict[str, list[tuple[int, Match]]] = {}  # what is written again is not read again
        for time, text, *_ in stream:
            minute = time // 60_000 * MINUTE
            heard[minute] = heard.get(minute, 0) + 1
            matches = known.get(text)
            if matches is None:
                matches = list(patterns.matches(Message(text)))
                if len(known) < _REMEMBERED and len(text) < _SHORT:
                    known[text] = matches
            for index, match in matches:
                compiled[index].take(match, minute)
        for one in compiled:
            one.finish(heard)
    return list(found.values())


def _compile(
    filters: Sequence[MetricFilter], found: dict[Metric, FilteredMetric]
) -> tuple[list[_Filter], ManyPatterns]:
    try:
        parsed, patterns = _patterns(tuple(one.pattern for one in filters))
        pairs = zip(filters, parsed, strict=True)
        return [_Filter(one, pattern, found) for one, pattern in pairs], patterns
    except SyntaxFault:
        for one in filters:
            _refuse(one)
        raise


def _refuse(one: MetricFilter) -> None:
    """Raises Refusal for what does not parse in a filter."""
    try:
        _Filter(one, parse_filter_pattern(one.pattern), {})
    except SyntaxFault as fault:
        title = f"metric filter `{one.name}` of `{one.log_group}`: {fault.title}"
        raise Refusal("bad-filter-pattern", title, id=one.name, help=fault.help) from None


@lru_cache(maxsize=64)
def _patterns(texts: tuple[str, ...]) -> tuple[list[FilterPattern], ManyPatterns]:
    parsed = [parse_filter_pattern(text) for text in texts]
    return parsed, ManyPatterns(parsed)


class _Filter:
    """One filter, and how many events matched its pattern so far, by minute."""

    def __init__(
        self,
        definition: MetricFilter,
        pattern: FilterPattern,
        found: dict[Metric, FilteredMetric],
    ) -> None:
        self.definition = definition
        self.found = found
        self.matched: dict[int, int] = {}
        self.fixed = read_number(definition.value)
        self.extract = None if self.fixed is not None else _extractor(definition.value, pattern)
        self.dimensions = [
            (name, _extractor(value, pattern)) for name, value in definition.dimensions
        ]
        self.plain = None if self.dimensions else self._metric(filter_metric(definition))

    def take(self, match: Match, minute: int) -> None:
        """Publish what a match gives."""
        self.matched[minute] = self.matched.get(minute, 0) + 1
        value = self.fixed
        if self.extract is not None:
            text = self.extract(match)
            value = read_number(text) if text is not None else None
        if value is None:
            return  # a field that is no number publishes nothing
        if self.plain is not None:
            self.plain.add(minute, value)
            return
        dimensions = [(name, extract(match)) for name, extract in self.dimensions]
        if any(not text for _, text in dimensions):
            return  # without the field there is no metric to publish to
        definition = self.definition
        named = tuple(Dimension(name, text or "") for name, text in dimensions)
        self._metric(Metric(definition.namespace, definition.metric, named)).add(minute, value)

    def finish(self, heard: Mapping[int, int]) -> None:
        """Add the defaults of the events that did not match; dimensions exclude a default."""
        default = self.definition.default
        if default is None or self.plain is None:
            return
        for minute, count in heard.items():
            unmatched = count - self.matched.get(minute, 0)
            if unmatched:
                self.plain.add(minute, default, unmatched)

    def _metric(self, metric: Metric) -> FilteredMetric:
        if metric not in self.found:
            self.found[metric] = FilteredMetric(metric, self.definition.unit)
        return self.found[metric]


def _extractor(value: str, pattern: FilterPattern) -> Extract:
    """Takes a field of a match: `$.latency` of a JSON pattern, `$bytes` or `$3` of a delimited."""
    if isinstance(pattern, JsonPattern):
        selector = parse_selector(value)
        return lambda match: match.value(selector)
    name = value.removeprefix("$")
    return lambda match: match.value(name)

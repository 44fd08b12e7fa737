"""SERIES.json: recorded series as `evaluate` and `replay` take them (docs/evaluate.md).

A list of `{"namespace", "metric", "dimensions", "period", "timestamps", "values"}` with optional
`stat`, `sample_counts`, `unit`; beyond that `{"call": "SERVICE_QUOTA(m1)", ...}` gives the series
of a call that only the account can answer, and `"band": "lower"|"upper"` an anomaly band's edge.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence

from axonwatch.durations import DAY
from axonwatch.model.metrics import Dimension, Metric
from axonwatch.simulate.moments import parse_moment
from axonwatch.simulate.refusal import Refusal
from axonwatch.simulate.series.series import AVERAGE, Series, SeriesStore
from axonwatch.simulate.series.statistics import parse_statistic
from axonwatch.syntax.metric_math import parse, write
from axonwatch.syntax.text import SyntaxFault

_KNOWN = frozenset(
    {
        "namespace",
        "metric",
        "dimensions",
        "period",
        "timestamps",
        "values",
        "stat",
        "sample_counts",
        "unit",
        "call",
        "band",
    }
)
_EDGES = ("lower", "upper")
_LONGEST_PERIOD = 366 * DAY


def read_series(text: str, *, name: str = "the series") -> SeriesStore:
    """The store of a JSON text. Raises Refusal, naming the entry and the key."""
    try:
        document = json.loads(text, parse_constant=_constant)
    except json.JSONDecodeError as error:
        raise Refusal(
            "broken-json",
            f"{name} is not valid JSON: line {error.lineno}, column {error.colno}",
            where=f"{error.lineno}:{error.colno}",
        ) from None
    except RecursionError:
        raise Refusal("broken-json", f"{name} is nested too deep") from None
    return store_of(document, name=name)


def store_of(document: object, *, name: str = "the series") -> SeriesStore:
    """The store of a list of entries. Raises Refusal."""
    if not isinstance(document, list):
        raise Refusal("wrong-type", f"{name} must be a list of series")
    store = SeriesStore()
    edges: dict[Metric, dict[str, Series]] = {}
    for at, entry in enumerate(document):
        reader = _Entry(entry, f"{name}[{at}]")
        series = reader.series()
        call, edge = reader.call(), reader.edge()
        if call:
            if call in store.calls:
                raise Refusal("duplicate-series", f"{reader.place} gives `{call}` again")
            store.calls[call] = series
        elif edge:
            edges.setdefault(series.metric, {})[edge] = series
        else:
            store.add(series)
    for metric, found in edges.items():
        if len(found) < len(_EDGES):
            raise Refusal(
                "half-a-band",
                f"the anomaly band of {metric.name} has only one edge",
                help='give both, `"band": "lower"` and `"band": "upper"`',
            )
        store.bands[metric] = (found["lower"], found["upper"])
    return store


def _constant(word: str) -> float:
    raise Refusal("not-a-number", f"`{word}` is not a number that JSON or CloudWatch knows")


class _Entry:
    def __init__(self, entry: object, place: str) -> None:
        self.place = place
        if not isinstance(entry, Mapping):
            raise Refusal("wrong-type", f"{place} must be an object")
        self._entry: Mapping[str, object] = entry
        for key in entry:
            if key not in _KNOWN:
                raise Refusal("unknown-key", f"{place} has the unknown key `{key}`", where=str(key))

    def _fault(self, code: str, what: str, key: str) -> Refusal:
        return Refusal(code, f"{self.place}: {what}", where=f"{self.place}.{key}")

    def _text(self, key: str, default: str | None = None) -> str:
        found = self._entry.get(key, default)
        if isinstance(found, str) and found:
            return found
        code = "missing-key" if found is None else "wrong-type"
        raise self._fault(code, f"`{key}` must be a text", key)

    def _list(self, key: str) -> Sequence[object]:
        found = self._entry.get(key)
        if isinstance(found, list):
            return found
        code = "missing-key" if found is None else "wrong-type"
        raise self._fault(code, f"`{key}` must be a list", key)

    def call(self) -> str:
        """The canonical text of the call that this series answers, or the empty text."""
        if "call" not in self._entry:
            return ""
        text = self._text("call")
        try:
            return write(parse(text))
        except SyntaxFault:
            return text

    def edge(self) -> str:
        """`lower` or `upper` for an edge of an anomaly band, or the empty text."""
        if "band" not in self._entry:
            return ""
        edge = self._text("band")
        if edge not in _EDGES:
            raise self._fault("wrong-value", "`band` must be lower or upper", "band")
        return edge

    def _metric(self) -> Metric:
        if "call" in self._entry:
            return Metric("", self._text("call"))
        dimensions = self._entry.get("dimensions") or {}
        if not isinstance(dimensions, Mapping):
            raise self._fault("wrong-type", "`dimensions` must be an object", "dimensions")
        for name, value in dimensions.items():
            if not isinstance(value, str):
                raise self._fault("wrong-type", f"dimension `{name}` must be a text", "dimensions")
        pairs = tuple(Dimension(str(name), str(value)) for name, value in dimensions.items())
        return Metric(self._text("namespace"), self._text("metric"), pairs)

    def _period(self) -> int:
        found = self._entry.get("period")
        whole = isinstance(found, int) or (isinstance(found, float) and found.is_integer())
        if isinstance(found, bool) or not isinstance(found, int | float) or not whole or found < 1:
            code = "missing-key" if found is None else "bad-period"
            raise self._fault(code, "`period` must be whole seconds", "period")
        if found > _LONGEST_PERIOD:
            raise self._fault("bad-period", "`period` is longer than a year", "period")
        return int(found)

    def series(self) -> Series:
        """The entry as a series."""
        metric = self._metric()
        period = self._period()
        stat = self._text("stat", AVERAGE)
        try:
            parse_statistic(stat)
        except ValueError as wrong:
            raise self._fault("unknown-statistic", str(wrong), "stat") from None
        unit = self._text("unit") if self._entry.get("unit") is not None else None
        times = [self._moment(stamp) for stamp in self._list("timestamps")]
        values = [self._number("values", value) for value in self._list("values")]
        counts: list[float | None] | None = None
        if self._entry.get("sample_counts") is not None:
            counts = [self._number("sample_counts", n) for n in self._list("sample_counts")]
        for what, found in (("values", values), ("sample_counts", counts)):
            if found is not None and len(found) != len(times):
                amount = f"{len(times)} timestamps and {len(found)} {what}"
                raise self._fault("unequal-lengths", f"{metric.name} has {amount}", what)
        kept = [at for at, value in enumerate(values) if value is not None]
        try:
            return Series.of(
                metric,
                period,
                [times[at] for at in kept],
                [values[at] or 0.0 for at in kept],
                counts=None if counts is None else [counts[at] or 0.0 for at in kept],
                stat=stat,
                unit=unit,
            )
        except Refusal as refusal:
            raise self._fault(refusal.code, refusal.message, metric.name) from None

    def _moment(self, stamp: object) -> int:
        if isinstance(stamp, bool) or not isinstance(stamp, str | int | float):
            raise self._fault("wrong-type", f"`{stamp}` is not a time", "timestamps")
        try:
            return parse_moment(str(stamp))
        except ValueError as wrong:
            raise self._fault("bad-time", str(wrong), "timestamps") from None

    def _number(self, key: str, value: object) -> float | None:
        if value is None and key == "values":
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self._fault("wrong-type", f"`{value}` in `{key}` is not a number", key)
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            raise self._fault("not-a-number", f"`{key}` holds a number that is not finite", key)
        return number

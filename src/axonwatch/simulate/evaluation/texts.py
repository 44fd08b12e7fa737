"""CloudWatch's own words for a metric alarm's state: StateReason and StateReasonData.

A grammar from public captures, 2011 to 2026; what was never seen there is our reading and marked
so. Numbers are printed as Java prints doubles; datapoints newest first in the text.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from axonwatch.model.alarms import Comparison, Missing, State
from axonwatch.simulate.evaluation.explanation import Datapoint
from axonwatch.simulate.moments import java_iso, short_stamp

LONG_FORM = 5
CREATED = "Unchecked: Initial alarm creation"
_WORDS: Mapping[Comparison, str] = {
    Comparison.GT: "greater than",
    Comparison.GE: "greater than or equal to",
    Comparison.LT: "less than",
    Comparison.LE: "less than or equal to",
}
_BRACKETS: Mapping[Missing, str] = {
    Missing.BREACHING: "Breaching",
    Missing.NOT_BREACHING: "NonBreaching",
}


def java_double(value: float) -> str:
    """A double as Java's Double.toString writes it: `5.0`, `8.60604416E8`, `1.0E-5`."""
    value = float(value)
    if value == 0:
        return "-0.0" if str(value).startswith("-") else "0.0"
    if 1e-3 <= abs(value) < 1e7:
        text = repr(value)
        if "e" in text:  # Python turns to exponents below 1e-4 only, so this is never long
            text = f"{value:f}"
        return text
    digits, _, exponent = f"{value!r}".replace("E", "e").partition("e")
    sign, digits = ("-", digits[1:]) if digits.startswith("-") else ("", digits)
    whole, _, fraction = digits.partition(".")
    power = int(exponent or 0) + len(whole) - 1
    figures = (whole + fraction).rstrip("0")
    if figures.startswith("0"):
        stripped = (whole + fraction).lstrip("0")
        power -= len(whole + fraction) - len(stripped)
        figures = stripped.rstrip("0")
    return f"{sign}{figures[0]}.{figures[1:] or '0'}E{power}"


def java_json(value: object) -> str:
    """Compact JSON with doubles as Java writes them; integers stay integers."""
    if isinstance(value, bool) or value is None or isinstance(value, int):
        return json.dumps(value)
    if isinstance(value, float):
        return java_double(value)
    if isinstance(value, Mapping):
        inside = (f"{java_json(str(key))}:{java_json(item)}" for key, item in value.items())
        return "{" + ",".join(inside) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(java_json(item) for item in value) + "]"
    return json.dumps(str(value), ensure_ascii=False)


def counted_noun(count: int, noun: str = "datapoint") -> str:
    """`1 datapoint`, `3 datapoints`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


class MetricTexts:
    """Writes the texts of one metric alarm. `needed` is None when DatapointsToAlarm is not set."""

    def __init__(
        self,
        *,
        comparison: Comparison,
        threshold: float | None,
        periods: int,
        needed: int | None,
        missing: Missing,
    ) -> None:
        self._comparison = comparison
        self._threshold = threshold
        self._periods = periods
        self._needed = needed
        self._missing = missing

    def minimum(self, state: State) -> int:
        """How many datapoints a transition into `state` takes: M, or N - M + 1 back."""
        needed = self._needed or self._periods
        return needed if state is State.ALARM else self._periods - needed + 1

    def reason(self, state: State, counted: Sequence[Datapoint], filled: int) -> str:
        """StateReason for a state; `counted` newest first, `filled` missing ones beside them."""
        if state is State.INSUFFICIENT_DATA:
            were = "was" if self._periods == 1 else "were"
            return f"Insufficient Data: {counted_noun(self._periods)} {were} unknown."
        if not counted:
            return (
                f"Threshold Crossed: no datapoints were received for "
                f"{counted_noun(self._periods, 'period')}{self._treated(filled)}."
            )
        side = [point for point in counted if point.breaching == (state is State.ALARM)]
        if not side:
            # Never captured; one author quotes this form.
            were = "was" if len(counted) == 1 else "were"
            return (
                f"Threshold Crossed: {counted_noun(len(counted))} {were} received for "
                f"{counted_noun(self._periods, 'period')}{self._treated(filled)}."
            )
        if self._comparison.is_band:
            return self._band_reason(state, side, filled)
        return self._plain_reason(state, side, filled)

    def contributor_reason(self, state: State, counted: Sequence[Datapoint]) -> str:
        """The reason of one contributor of a grouped query: the long form even of one datapoint."""
        side = [point for point in counted if point.breaching == (state is State.ALARM)]
        if not side:
            return self.reason(state, counted, self._periods - len(counted))
        verb = "was" if len(side) == 1 else "were"
        negation, did = ("", "crossed") if state is State.ALARM else ("not ", "did not cross")
        noun = "datapoint" if len(side) == 1 else "datapoints"
        return (
            f"Threshold Crossed: {counted_noun(len(side))} {verb} {negation}"
            f"{_WORDS[self._comparison]} the threshold ({java_double(self._threshold or 0.0)}). "
            f"The most recent {noun} which {did} the threshold: {_listed(side[:LONG_FORM])}."
        )

    def _plain_reason(self, state: State, side: Sequence[Datapoint], filled: int) -> str:
        verb = "was" if len(side) == 1 else "were"
        negation = "" if state is State.ALARM else "not "
        crossed = (
            f"{verb} {negation}{_WORDS[self._comparison]} the threshold "
            f"({java_double(self._threshold or 0.0)}){self._treated(filled)}"
        )
        opening = f"Threshold Crossed: {self._amount(side)}"
        if len(side) < LONG_FORM:
            return f"{opening} {_listed(side)} {crossed}{self._closing(state)}."
        # The wording of a long form into OK was never captured.
        did = "crossed" if state is State.ALARM else "did not cross"
        recent = _listed(side[:LONG_FORM])
        return (
            f"{opening} {crossed}. The most recent datapoints which {did} the threshold: "
            f"{recent}{self._closing(state)}."
        )

    def _band_reason(self, state: State, side: Sequence[Datapoint], filled: int) -> str:
        verb = "was" if len(side) == 1 else "were"
        negation = "" if state is State.ALARM else "not "
        long = len(side) >= LONG_FORM
        edges = []
        recent = []
        if self._comparison is not Comparison.ABOVE_BAND:
            lower = "" if long else f" {_edges(side, lower=True)}"
            edges.append(f"{negation}less than the lower thresholds{lower}")
            recent.append(f"lower thresholds {_edges(side[:LONG_FORM], lower=True)}")
        if self._comparison is not Comparison.BELOW_BAND:
            upper = "" if long else f" {_edges(side, lower=False)}"
            edges.append(f"{negation}greater than the upper thresholds{upper}")
            recent.append(f"upper thresholds {_edges(side[:LONG_FORM], lower=False)}")
        opening = f"Thresholds Crossed: {self._amount(side)}"
        crossed = f"{verb} {' or '.join(edges)}{self._treated(filled)}"
        if not long:
            return f"{opening} {_listed(side)} {crossed}{self._closing(state)}."
        did = "crossed" if state is State.ALARM else "did not cross"
        return (
            f"{opening} {crossed}. Recent datapoints {_listed(side[:LONG_FORM])} {did} the "
            f"{' or '.join(recent)}{self._closing(state)}."
        )

    def _amount(self, side: Sequence[Datapoint]) -> str:
        if self._needed is None:
            return counted_noun(len(side))
        return f"{len(side)} out of the last {self._periods} datapoints"

    def _treated(self, filled: int) -> str:
        bracket = _BRACKETS.get(self._missing)
        if not filled or bracket is None:
            return ""
        were = "was" if filled == 1 else "were"
        return f" and {counted_noun(filled, 'missing datapoint')} {were} treated as [{bracket}]"

    def _closing(self, state: State) -> str:
        if self._needed is None:
            return ""
        minimum = counted_noun(self.minimum(state))
        into = "OK -> ALARM" if state is State.ALARM else "ALARM -> OK"
        return f" (minimum {minimum} for {into} transition)"

    def reason_data(
        self,
        state: State,
        window: Sequence[Datapoint],
        *,
        time: int,
        period: int,
        statistic: str | None,
        unit: str | None,
    ) -> str:
        """StateReasonData for a state; `window` is the evaluation range, oldest first."""
        counted = [point for point in window if point.counted]
        found: dict[str, object] = {"version": "1.0", "queryDate": java_iso(time)}
        if counted:
            found["startDate"] = java_iso(counted[0].time)
        if unit:
            found["unit"] = unit
        if statistic:
            found["statistic"] = statistic
        found["period"] = period
        found["recentDatapoints"] = [point.value for point in counted]
        if self._comparison.is_band:
            if self._comparison is not Comparison.ABOVE_BAND:
                found["recentLowerThresholds"] = [point.lower for point in counted]
            if self._comparison is not Comparison.BELOW_BAND:
                found["recentUpperThresholds"] = [point.upper for point in counted]
        else:
            found["threshold"] = float(self._threshold or 0.0)
        found["evaluatedDatapoints"] = self._evaluated(state, window)
        return java_json(found)

    def _evaluated(self, state: State, window: Sequence[Datapoint]) -> list[dict[str, object]]:
        """As many as the transition takes, newest first; all periods when nothing came."""
        newest = list(reversed(window))
        if not any(point.counted for point in window):
            return [{"timestamp": java_iso(p.time)} for p in newest[: self._periods]]
        fills = _BRACKETS.get(self._missing) == (
            "Breaching" if state is State.ALARM else "NonBreaching"
        )
        found: list[dict[str, object]] = []
        for point in newest[: self._periods] if fills else newest:
            if point.counted and point.breaching == (state is State.ALARM):
                found.append(self._evaluated_point(point))
            elif fills and point.value is None:
                found.append({"timestamp": java_iso(point.time)})
        return found[: self.minimum(state)]

    def _evaluated_point(self, point: Datapoint) -> dict[str, object]:
        found: dict[str, object] = {"timestamp": java_iso(point.time)}
        if point.samples is not None:
            found["sampleCount"] = float(point.samples)
        found["value"] = point.value
        if self._comparison is Comparison.ABOVE_BAND:
            found["threshold"] = point.upper
        return found


def _listed(points: Sequence[Datapoint]) -> str:
    inside = (f"{java_double(p.value or 0.0)} ({short_stamp(p.time)})" for p in points)
    return f"[{', '.join(inside)}]"


def _edges(points: Sequence[Datapoint], *, lower: bool) -> str:
    edges = ((p.lower if lower else p.upper) or 0.0 for p in points)
    return f"[{', '.join(java_double(edge) for edge in edges)}]"

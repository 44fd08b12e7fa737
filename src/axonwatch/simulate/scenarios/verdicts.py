"""What a failed test says: what was expected, what was there instead, and why.

The reason is the message (style.md, example 3): the datapoints that counted, M of N, the rule that
decided, and what to change where.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from axonwatch.diagnostics import Span
from axonwatch.model.alarms import Alarm, Comparison, LogAlarm, MetricAlarm, Missing, State
from axonwatch.simulate.evaluation.explanation import Datapoint, Explanation
from axonwatch.simulate.evaluation.window import Rule

# Where a fact of an alarm is written, and the file's word for it; None if that is not known.
Place = Callable[[str, str], "tuple[Span, str] | None"]

_WORDS = {
    Comparison.GT: "above",
    Comparison.GE: "at or above",
    Comparison.LT: "below",
    Comparison.LE: "at or below",
    Comparison.OUTSIDE_BAND: "outside the band",
    Comparison.ABOVE_BAND: "above the band",
    Comparison.BELOW_BAND: "below the band",
}
_TELLING = frozenset({Rule.REACHED_BACK, Rule.ALL_MISSING, Rule.PREMATURE, Rule.TOO_FEW})


@dataclass(frozen=True)
class Row:
    """One datapoint of the report: when, its value, and what it is."""

    time: int
    value: float | None
    mark: str


@dataclass(frozen=True)
class Failure:
    """One thing that is not as expected.

    `subject` is the alarm's full name, `place` where it is defined; `moment` is when it shows.
    """

    span: Span
    subject: str
    moment: int
    expected: str
    actual: str
    because: str
    place: Span | None = None
    rows: tuple[Row, ...] = ()
    help: str = ""
    hidden: int = field(default=0)


def number(value: float) -> str:
    """A number as people read it: no more digits than it has, at most six."""
    return f"{value:,.6g}" if abs(value) < 1e15 else f"{value:g}"


def reason_of(alarm: Alarm, explanation: Explanation) -> str:
    """Why a state, in one sentence."""
    if isinstance(alarm, MetricAlarm | LogAlarm):
        if explanation.rule in {Rule.WARM_UP, Rule.FEW_SAMPLES, Rule.ALL_MISSING, None}:
            return str(explanation.rule or explanation.reason)
        n, m = explanation.periods, explanation.needed
        counted = [point for point in explanation.datapoints if point.counted]
        said = [_said(explanation.breaching, len(counted), _limit(alarm))] if counted else []
        if explanation.filled:
            said.append(f"{explanation.filled} missing counted as {_treated(alarm)}")
        rule = f" ({explanation.rule})" if explanation.rule in _TELLING else ""
        return f"{', '.join(said)}; the alarm needs {m} of {n}{rule}"
    states = [f"{child.name} is {child.state}" for child in explanation.children]
    return "; ".join(states) if states else explanation.reason


def _said(breaching: int, counted: int, limit: str) -> str:
    if counted == 1:
        return f"the one datapoint was {'' if breaching else 'not '}{limit}"
    were = "was" if breaching == 1 else "were"
    return f"{breaching or 'none'} of the last {counted} datapoints {were} {limit}"


def _limit(alarm: MetricAlarm | LogAlarm) -> str:
    word = _WORDS[alarm.comparison]
    return word if alarm.threshold is None else f"{word} {number(alarm.threshold)}"


def _treated(alarm: MetricAlarm | LogAlarm) -> str:
    return {
        Missing.BREACHING: "breaching",
        Missing.NOT_BREACHING: "not breaching",
        Missing.IGNORE: "nothing",
        Missing.MISSING: "missing",
    }[alarm.missing]


def rows_of(explanation: Explanation) -> tuple[Row, ...]:
    """The datapoints that counted, and the missing ones among them."""
    points = explanation.datapoints
    first = next((i for i, point in enumerate(points) if point.counted), len(points))
    first = min(first, max(len(points) - explanation.periods, 0))
    return tuple(Row(point.time, point.value, _mark(point)) for point in points[first:])


def _mark(point: Datapoint) -> str:
    if point.value is None:
        return "missing"
    if not point.counted:
        return "not counted"
    mark = "breaching" if point.breaching else "ok"
    if point.lower is not None and point.upper is not None:
        mark += f" (band {number(point.lower)} to {number(point.upper)})"
    return mark


def cure_of(alarm: Alarm, wanted: State, explanation: Explanation, place: Place) -> str:
    """What to change so that the alarm does what was expected, if that can be said."""
    if not isinstance(alarm, MetricAlarm | LogAlarm):
        return ""
    m, n = explanation.needed, explanation.periods
    breaching = explanation.breaching
    where = place(alarm.name, "window")
    if where is None:
        return ""
    span, word = where
    at = f"at {span.file}:{span.line}"
    if wanted is State.ALARM and 0 < breaching < m:
        written = f"{breaching} of {n}" if word == "for" else str(breaching)
        return f"to alarm on {breaching} of {n}, set `{word}: {written}` {at}"
    if wanted is not State.ALARM and breaching >= m and breaching < n:
        written = f"{breaching + 1} of {n}" if word == "for" else str(breaching + 1)
        return f"to sit this out, set `{word}: {written}` {at}"
    nearest = _nearest(alarm, explanation)
    written_at = place(alarm.name, "threshold")
    if wanted is State.ALARM and not breaching and nearest is not None and written_at:
        span, word = written_at
        at = f"at {span.file}:{span.line}"
        return f"the nearest datapoint was {number(nearest)}; see `{word}` {at}"
    return ""


def _nearest(alarm: MetricAlarm | LogAlarm, explanation: Explanation) -> float | None:
    """The value that came nearest to breaching."""
    values = [p.value for p in explanation.datapoints if p.counted and p.value is not None]
    if not values or alarm.threshold is None:
        return None
    low = alarm.comparison in {Comparison.LT, Comparison.LE}
    return min(values) if low else max(values)

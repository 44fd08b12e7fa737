"""Why an alarm is in its state: one sentence, and the window drawn period by period."""

from __future__ import annotations

from axonwatch.model.alarms import Alarm, Comparison, LogAlarm, MetricAlarm, Missing, State
from axonwatch.simulate.evaluation.explanation import Datapoint, Evaluation, Explanation
from axonwatch.simulate.evaluation.states import missing_policy
from axonwatch.simulate.evaluation.texts import java_double
from axonwatch.simulate.evaluation.window import Rule
from axonwatch.simulate.moments import iso

WIDTH = 24
SIGNS = {Comparison.GT: ">", Comparison.GE: ">=", Comparison.LT: "<", Comparison.LE: "<="}


def sentence(entry: Evaluation, *, since: int | None) -> str:
    """What the state was and why, in one sentence; `since` is when it was entered."""
    lasting = f" (since {iso(since)})" if since is not None and since < entry.time else ""
    became = "became" if entry.is_transition else "was"
    return (
        f"{entry.alarm.name} {became} {entry.state} at {iso(entry.time)}{lasting}, because "
        f"{_because(entry)}."
    )


def _because(entry: Evaluation) -> str:
    found = entry.explanation
    if found.rule is None:
        return entry.reason.rstrip(".")
    if found.rule in {Rule.FEW_SAMPLES, Rule.WARM_UP, Rule.CONTRIBUTORS}:
        return str(found.rule)
    if found.rule is Rule.ALL_MISSING:
        kept = "" if entry.state is State.INSUFFICIENT_DATA else " and the state is then kept"
        return f"{found.rule}{kept}"
    counted = sum(point.counted for point in found.datapoints)
    noun = "datapoint that counts" if counted == 1 else "datapoints that count"
    breach = "breaches" if found.breaching == 1 else "breach"
    are = "is" if found.filled == 1 else "are"
    if found.rule is Rule.FILLED:
        treated = "breaching" if _treats(entry.alarm) is Missing.BREACHING else "not breaching"
        filled = f", the {found.filled} missing count as {treated}"
    else:
        filled = f", {found.filled} more {are} missing" if found.filled else ""
    text = (
        f"{found.breaching} of {counted} {noun} {breach} ({condition(entry.alarm)}"
        f"{filled}) and {found.needed} of {found.periods} must"
    )
    if found.rule is Rule.PREMATURE:
        then = "the state is kept" if _treats(entry.alarm) is Missing.IGNORE else "it alarms early"
        text += f", but {found.rule}: {then}"
    return text


def _treats(alarm: Alarm) -> Missing | None:
    """How missing datapoints are treated; a composite has none."""
    if isinstance(alarm, MetricAlarm):
        return missing_policy(alarm)
    return alarm.missing if isinstance(alarm, LogAlarm) else None


def condition(alarm: Alarm) -> str:
    """When a datapoint breaches: `>= 90.0`."""
    if not isinstance(alarm, MetricAlarm | LogAlarm):
        return ""
    if alarm.comparison is Comparison.OUTSIDE_BAND:
        return "outside its band"
    if alarm.comparison.is_band:
        side = "above" if alarm.comparison is Comparison.ABOVE_BAND else "below"
        return f"{side} its band"
    return f"{SIGNS[alarm.comparison]} {java_double(alarm.threshold or 0.0)}"


def drawing(found: Explanation) -> list[str]:
    """The window, oldest datapoint first, one line each, then M of N and the rule."""
    lines = []
    top = max((abs(p.value) for p in found.datapoints if p.value is not None), default=0.0)
    width = max((len(_value(p)) for p in found.datapoints), default=0)
    for point in found.datapoints:
        bar = "" if point.value is None or not top else "#" * round(WIDTH * abs(point.value) / top)
        word = "missing" if point.value is None else "breaching" if point.breaching else "ok"
        mark = "counts" if point.counted else ""
        line = f"  {iso(point.time)}  {_value(point):>{width}}  {bar:<{WIDTH}}  {word:<9}  {mark}"
        lines.append(line.rstrip())
    if found.rule is not None:
        lines += [
            f"  M of N: {found.needed} of {found.periods} must breach; {found.breaching} do"
            + (f", {found.filled} missing" if found.filled else ""),
            f"  rule: {found.rule}",
        ]
    for child in found.children:
        lines.append(f"  {child.state:<17}  {child.name}  since {iso(child.since)}")
    lines += [f"  {name}: {state}" for name, state in found.contributors]
    return lines + [f"  note: {note}" for note in found.notes]


def _value(point: Datapoint) -> str:
    text = "-" if point.value is None else f"{point.value:.6g}"
    if point.lower is not None and point.upper is not None:
        text += f" [{point.lower:.4g} .. {point.upper:.4g}]"
    return text

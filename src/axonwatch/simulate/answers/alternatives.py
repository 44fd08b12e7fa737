"""Alternatives of an alarm: `when=>= 85%; for=5 of 5`, in the words of definitions.

Pure: a metric alarm in, the changed one out. What cannot be said of the alarm is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from axonwatch.catalog.inventory import limits_of
from axonwatch.catalog.metrics import load_catalogue
from axonwatch.catalog.schema_check import suggest
from axonwatch.catalog.thresholds import Condition, parse_condition
from axonwatch.durations import is_alarm_period, parse_duration
from axonwatch.model.alarms import MetricAlarm, Missing
from axonwatch.model.inventory import Inventory
from axonwatch.model.metrics import MetricQuery
from axonwatch.simulate.refusal import Refusal
from axonwatch.simulate.series.statistics import parse_statistic
from axonwatch.syntax.text import SyntaxFault

KEYS = ("when", "for", "period", "statistic", "missing")
_FOR = re.compile(r"\s*(\d+)\s+of\s+(\d+)\s*")
_MISSING = {
    "missing": Missing.MISSING,
    "ignore": Missing.IGNORE,
    "breaching": Missing.BREACHING,
    "not_breaching": Missing.NOT_BREACHING,
}
_BAND = "ad1"
_WATCHED = "m1"


def change_alarm(alarm: MetricAlarm, text: str, inventory: Inventory) -> MetricAlarm:
    """The alarm with the changes of one `--try`. Raises Refusal."""
    changed = alarm
    for part in text.split(";"):
        key, equals, value = part.partition("=")
        key, value = key.strip(), value.strip()
        if not equals or not value:
            raise _refusal(text, f"`{part.strip()}` is not of the form key=value")
        if key not in KEYS:
            raise _refusal(text, f"`{key}` cannot be changed", suggest(key, KEYS))
        try:
            changed = _change(changed, key, value, inventory)
        except SyntaxFault as fault:
            raise _refusal(text, fault.title, fault.help) from None
        except ValueError as wrong:
            raise _refusal(text, str(wrong)) from None
    return changed


def _change(alarm: MetricAlarm, key: str, value: str, inventory: Inventory) -> MetricAlarm:
    match key:
        case "when":
            return _with_condition(alarm, _condition(alarm, value, inventory))
        case "for":
            counts = _FOR.fullmatch(value)
            if not counts or not 0 < int(counts[1]) <= int(counts[2]):
                message = f"`{value}` is not M of N, such as `3 of 5`"
                raise ValueError(message)
            return replace(
                alarm, datapoints_to_alarm=int(counts[1]), evaluation_periods=int(counts[2])
            )
        case "missing":
            if value not in _MISSING:
                message = f"`{value}` is no policy: {', '.join(_MISSING)}"
                raise ValueError(message)
            return replace(alarm, missing=_MISSING[value])
        case "period":
            seconds = parse_duration(value)
            if not is_alarm_period(seconds):
                message = f"a period of {value} does not exist"
                raise ValueError(message)
            return _with_stats(alarm, period=seconds)
        case _:
            parse_statistic(value)
            return _with_stats(alarm, stat=value)


def _with_stats(
    alarm: MetricAlarm, *, period: int | None = None, stat: str | None = None
) -> MetricAlarm:
    """The alarm with another period or statistic of everything that it reads."""
    changes: dict[str, object] = {}
    if period is not None:
        changes["period"] = period
    if stat is not None:
        changes["stat"] = stat
    queries = tuple(
        replace(
            query,
            stat=replace(query.stat, **changes) if query.stat else None,  # type: ignore[arg-type]
            period=period if query.period and period else query.period,
        )
        for query in alarm.queries
    )
    own = replace(alarm.stat, **changes) if alarm.stat else None  # type: ignore[arg-type]
    return replace(alarm, stat=own, queries=queries)


def _condition(alarm: MetricAlarm, text: str, inventory: Inventory) -> Condition:
    unit = None
    limits: Mapping[str, float] = {}
    if alarm.stat is not None:
        metric = alarm.stat.metric
        facts = load_catalogue().by_name.get((metric.namespace, metric.name))
        unit = facts.unit if facts else None
    if alarm.about is not None:
        limits = limits_of(inventory, alarm.about.component)
    return parse_condition(text, unit=unit, limits=limits)


def _with_condition(alarm: MetricAlarm, condition: Condition) -> MetricAlarm:
    stat = alarm.stat
    if alarm.threshold_query is not None:
        stat = next((q.stat for q in alarm.queries if q.stat is not None), None)
    if condition.band is not None:
        if stat is None:
            message = "a band needs an alarm over one metric"
            raise ValueError(message)
        band = f"ANOMALY_DETECTION_BAND({_WATCHED}, {condition.band:g})"
        return replace(
            alarm,
            comparison=condition.comparison,
            threshold=None,
            stat=None,
            queries=(MetricQuery(_WATCHED, stat), MetricQuery(_BAND, expression=band)),
            threshold_query=_BAND,
        )
    if alarm.threshold_query is None:
        return replace(alarm, comparison=condition.comparison, threshold=condition.threshold)
    return replace(
        alarm,
        comparison=condition.comparison,
        threshold=condition.threshold,
        stat=stat,
        queries=(),
        threshold_query=None,
    )


def _refusal(text: str, why: str, help: str = "") -> Refusal:
    keys = ", ".join(f"`{key}`" for key in KEYS)
    return Refusal(
        "bad-alternative", f"--try `{text}`: {why}", help=help or f"change {keys}; join with `;`"
    )

"""A timeline as the JSON that `evaluate` and `replay` print (docs/evaluate.md)."""

from __future__ import annotations

from typing import Any

from axonwatch.simulate.evaluation.explanation import Datapoint, Evaluation
from axonwatch.simulate.evaluation.timeline import Timeline
from axonwatch.simulate.moments import iso


def answer(timeline: Timeline) -> dict[str, Any]:
    """`{"alarms": {name: [entry]}, "actions": [...]}`, times in UTC."""
    return {
        "alarms": {
            name: [entry_of(entry) for entry in entries]
            for name, entries in timeline.evaluations.items()
        },
        "actions": [
            {
                "time": iso(action.time),
                "alarm": action.alarm.name,
                "state": action.state.value,
                "targets": list(action.targets),
            }
            for action in timeline.actions
        ],
    }


def entry_of(entry: Evaluation) -> dict[str, Any]:
    """One evaluation: its time, state, reason and evaluation range, oldest datapoint first."""
    return {
        "time": iso(entry.time),
        "state": entry.state.value,
        "reason": entry.reason,
        "datapoints": [datapoint_of(point) for point in entry.datapoints],
    }


def datapoint_of(point: Datapoint) -> dict[str, Any]:
    """One datapoint; a missing one has the value null."""
    found: dict[str, Any] = {
        "timestamp": iso(point.time),
        "value": point.value,
        "breaching": point.breaching,
        "counted": point.counted,
    }
    if point.lower is not None and point.upper is not None:
        found |= {"lower": point.lower, "upper": point.upper}
    return found

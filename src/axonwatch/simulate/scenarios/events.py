"""What happens to the main stack in a scenario: deployments, and windows of the inventory."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import numpy as np

from axonwatch.catalog.nodes import ListNode, MapNode, Node, ScalarNode, plain
from axonwatch.durations import DAY, MINUTE, parse_duration
from axonwatch.simulate.evaluation.look_back import look_back
from axonwatch.simulate.recordings.addresses import UnknownName
from axonwatch.simulate.scenarios.context import Context
from axonwatch.simulate.scenarios.series import Draft, ReadMoment
from axonwatch.simulate.series.series import Series

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WINDOW = re.compile(r"(?:(?P<day>[a-z]{3}):)?(?P<hour>\d\d):(?P<minute>\d\d)-.*")
_OFFSET = re.compile(r"\+?((?:\d+[smhdw])+)")
_LONGEST = 400 * DAY


def window_start(context: Context, event: MapNode) -> int | None:
    """The start of a test in which a window of the inventory begins at the event's offset.

    The first such start that is not before the one the test has.
    """
    word = str(plain(event.get("window")))
    at = event.get("at")
    offset = _OFFSET.fullmatch(at.text) if isinstance(at, ScalarNode) else None
    if offset is None:
        context.error(
            "bad-time",
            "a window begins at an offset from the start",
            event.value_span("at"),
            "the window sets the start of the test",
            "write `at: 10m`",
        )
        return None
    written = str(getattr(context.addresses.inventory.database, word))
    window = _WINDOW.fullmatch(written)
    if window is None:
        context.error(
            "bad-time",
            f"the inventory's {word} `{written}` cannot be read",
            event.value_span("window"),
        )
        return None
    before = parse_duration(offset[1])
    first = datetime.fromtimestamp(context.start + before, UTC)
    begin = first.replace(hour=int(window["hour"]), minute=int(window["minute"]), second=0)
    while begin < first or (window["day"] and _DAYS[begin.weekday()] != window["day"]):
        begin += timedelta(days=1)
    return int(begin.timestamp()) - before


def deploy_drafts(context: Context, test: MapNode, read_moment: ReadMoment) -> list[Draft]:
    """The DeploymentCount of components that are deployed: 2 while it lasts, else 1."""
    events = test.get("events")
    stretches: dict[str, list[tuple[int, int]]] = {}
    nodes: dict[str, MapNode] = {}
    for event in events.items if isinstance(events, ListNode) else ():
        if not isinstance(event, MapNode):
            continue
        if ("deploy" in event) is ("window" in event):
            context.error("bad-event", "an event is either a `deploy` or a `window`", event.span)
            continue
        if "deploy" not in event:
            continue
        begin = read_moment(_at(event))
        if begin is None:
            continue
        lasts = event.get("for")
        seconds = parse_duration(lasts.text) if isinstance(lasts, ScalarNode) else _LONGEST
        component = str(plain(event.get("deploy")))
        stretches.setdefault(component, []).append((begin, begin + seconds))
        nodes[component] = event
    drafts = []
    for component, times in stretches.items():
        node = nodes[component]
        try:
            metric, _ = context.addresses.metric(f"{component}/DeploymentCount")
        except UnknownName as unknown:
            context.error(unknown.code, unknown.title, node.value_span("deploy"), "", unknown.help)
            continue
        reach = look_back(context.addresses.alarms).get(metric, 0)
        first = context.start - -(-reach // MINUTE) * MINUTE
        # The last value goes on to the end of the test.
        known = [end if end - begin < _LONGEST else begin + MINUTE for begin, end in times]
        last = max([*known, context.start]) + MINUTE
        stamps = np.arange(first, last, MINUTE, dtype=np.int64)
        values = np.ones(stamps.size)
        for begin, end in times:
            values[(stamps >= begin) & (stamps < end)] = 2.0
        series = Series.of(metric, MINUTE, stamps, values)
        drafts.append(
            Draft(f"{component}/DeploymentCount", metric, node.span, series=series, goes_on=True)
        )
    return drafts


def _at(event: MapNode) -> Node:
    at = event.get("at")
    assert at is not None  # noqa: S101 - the schema requires it
    return at

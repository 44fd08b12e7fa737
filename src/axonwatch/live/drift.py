"""The account against the definitions: alarms, dashboards, queries, filters, topics, mute rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from axonwatch.errors import CallDenied
from axonwatch.live.clients import Calls
from axonwatch.live.drifting.alarms import alarm_drift, extra_alarms
from axonwatch.live.drifting.difference import Difference, Kind
from axonwatch.live.drifting.paging import mute_drift, topic_drift
from axonwatch.live.drifting.views import dashboard_drift, filter_drift, query_drift
from axonwatch.live.faults import Refused
from axonwatch.model.companion import Companion


def read_drift(
    aws: Calls,
    companion: Companion,
    bodies: Mapping[str, str],
    *,
    query_parameters: bool = True,
    tell: Callable[[str], None] = lambda _: None,
) -> Iterator[Difference]:
    """Every difference; what may not be read is one of kind UNKNOWN.

    `bodies` are the wanted dashboards by name, with this account's ARNs.
    """
    parts: list[tuple[str, Callable[[], Iterable[Difference]]]] = [
        ("alarm", lambda: alarm_drift(aws, companion)),
        ("alarm", lambda: extra_alarms(aws, companion)),
        ("dashboard", lambda: dashboard_drift(aws, bodies)),
        ("saved query", lambda: query_drift(aws, companion, parameters=query_parameters)),
        ("metric filter", lambda: filter_drift(aws, companion)),
        ("topic", lambda: topic_drift(aws, companion)),
        ("mute rule", lambda: mute_drift(aws, companion)),
    ]
    for what, look in parts:
        tell(f"comparing {what}s")
        try:
            yield from look()
        except CallDenied as denied:
            yield Difference(what, "all", Kind.UNKNOWN, why=f"needs {denied.action}")
        except Refused as refused:
            yield Difference(what, "all", Kind.UNKNOWN, why=refused.message)

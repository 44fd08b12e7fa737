"""Log alarms of definitions: on a Logs Insights text, or on a saved query at its defaults."""

from __future__ import annotations

from collections.abc import Mapping

from axonwatch.catalog.definitions.about import ABOUT_WORDS, tell
from axonwatch.catalog.definitions.alarms import judge, placeholders
from axonwatch.catalog.definitions.bench import Bench, Entity, places, seconds, text, texts
from axonwatch.catalog.definitions.metric_queries import lost_piece
from axonwatch.catalog.nodes import ScalarNode
from axonwatch.catalog.subject import Subject, texts_of
from axonwatch.durations import format_duration
from axonwatch.model.alarms import Alarm, LogAlarm
from axonwatch.model.notifications import Notifications
from axonwatch.model.queries import SavedQuery

LOG_WORDS: Mapping[str, str] = {
    **ABOUT_WORDS,
    "threshold": "when",
    "comparison": "when",
    "window": "for",
    "datapoints": "for",
    "missing": "missing",
    "log_groups": "log_groups",
    "aggregation": "aggregate",
    "period": "every",
    "start_offset": "look_back",
    "end_offset": "delay",
    "log_lines": "log_lines",
}


def build_log_alarm(
    bench: Bench,
    entity: Entity,
    notifications: Notifications,
    queries: Mapping[str, SavedQuery],
) -> Subject[Alarm] | None:
    """The alarm, or None if it cannot be made: findings say why."""
    node = entity.node
    judged = judge(bench, entity, None)
    groups: list[str | None] = [
        bench.log_group(one.text, one.span) for one in texts(node.get("log_groups"))
    ]
    query = text(node, "log_query").strip()
    named = node.get("query")
    if isinstance(named, ScalarNode):
        saved = queries.get(named.text)
        if saved is None:
            bench.unknown("unknown-query", "saved query", named.text, named.span, list(queries))
            return None
        query = with_defaults(saved)
        groups = groups or list(saved.log_groups)
    if not groups:
        cure = "add `log_groups: [agent]`, the component whose log is read"
        bench.error("missing-key", f"`{entity.key}` has no `log_groups`", entity.origin, help=cure)
        return None
    if judged is None or None in groups:
        return None
    if judged.condition.threshold is None:
        title = "a log alarm takes no anomaly band"
        bench.error("bad-condition", title, node.value_span("when"), help='for example `"> 0"`')
        return None
    if not bench.features.log_alarms:
        why = "log alarms are switched off in stack.yaml"
        lost_piece(bench, f"`{entity.path}`", why, entity.origin)
        return None
    every = seconds(node, "every", 300)
    shape = f"{judged.needed} of {judged.window} runs, each {format_duration(every)}"
    told = tell(bench, entity, notifications, placeholders(judged, None, every), shape)
    end = seconds(node, "delay", 60)
    piece = LogAlarm(
        name=bench.names.alarm(entity.component, entity.key),
        description=told.description,
        actions=told.actions,
        about=told.about,
        origin=entity.origin,
        query=query,
        log_groups=tuple(group for group in groups if group),
        aggregation=text(node, "aggregate", "count(*)"),
        comparison=judged.condition.comparison,
        threshold=judged.condition.threshold,
        results_to_evaluate=judged.window,
        results_to_alarm=judged.needed,
        every=every,
        start_offset=seconds(node, "look_back", every + end),
        end_offset=end,
        missing=judged.missing,
        log_line_count=int(text(node, "log_lines", "0")),
    )
    where = places(node, LOG_WORDS)
    where["query"] = node.value_span("log_query" if "log_query" in node else "query")
    words = {**LOG_WORDS, "query": "log_query" if "log_query" in node else "query"}
    return Subject(piece, entity.path, entity.origin, where, words, texts=texts_of(node, words))


def with_defaults(saved: SavedQuery) -> str:
    """A saved query's text with its parameters at their defaults."""
    filled = saved.text
    for parameter in saved.parameters:
        if parameter.default is not None:
            filled = filled.replace("{{" + parameter.name + "}}", parameter.default)
    return filled

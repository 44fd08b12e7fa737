"""Saved queries: log_insights/*.yaml, each with its own tests."""

from __future__ import annotations

import json
import re
from pathlib import Path

from axonwatch.catalog.definitions.bench import Bench, flag, places, text, texts
from axonwatch.catalog.nodes import ListNode, MapNode, ScalarNode, plain
from axonwatch.catalog.subject import Subject, texts_of
from axonwatch.model.queries import QueryParameter, QueryTest, SavedQuery

QUERY_WORDS = {
    "query": "query",
    "log_groups": "log_groups",
    "title": "title",
    "folder": "folder",
    "parameters": "parameters",
    "tests": "tests",
    "description": "description",
}
EPOCH_MS = 1_767_225_600_000  # 2026-01-01T00:00:00Z
_OFFSET = re.compile(r"(\d+)(ms|[smhdw])")
_MS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}


def build_query(bench: Bench, path: Path, node: MapNode) -> Subject[SavedQuery] | None:
    """The saved query of one file; its name is the file's."""
    groups = [bench.log_group(one.text, one.span) for one in texts(node.get("log_groups"))]
    query = node.get("query")
    if None in groups or not isinstance(query, ScalarNode):
        return None
    parameters = node.get("parameters")
    entries = parameters.entries if isinstance(parameters, MapNode) else {}
    declared = []
    for name, entry in entries.items():
        about = entry.value if isinstance(entry.value, MapNode) else None
        has_default = about is not None and "default" in about
        declared.append(
            QueryParameter(
                name,
                text(about, "default") if about is not None and has_default else None,
                text(about, "description") if about is not None else "",
            )
        )
    tests = node.get("tests")
    built = [
        _test(bench, one)
        for one in (tests.items if isinstance(tests, ListNode) else ())
        if isinstance(one, MapNode)
    ]
    piece = SavedQuery(
        name=path.stem,
        text=query.text.rstrip(),
        log_groups=tuple(group for group in groups if group),
        folder=text(node, "folder"),
        title=text(node, "title"),
        description=text(node, "description"),
        parameters=tuple(declared),
        tests=tuple(built),
        origin=node.key_span("query"),
        text_origin=query.span,
    )
    where = places(node, QUERY_WORDS)
    written = texts_of(node, QUERY_WORDS)
    return Subject(piece, path.stem, node.key_span("title"), where, QUERY_WORDS, texts=written)


def _test(bench: Bench, node: MapNode) -> QueryTest:
    events = node.get("events")
    rows = node.get("rows")
    parameters = node.get("parameters")
    by_group = []
    for component, entry in (events.entries if isinstance(events, MapNode) else {}).items():
        group = bench.log_group(component, entry.key.span)
        items = entry.value.items if isinstance(entry.value, ListNode) else ()
        found = tuple(_event(one) for one in items if isinstance(one, MapNode))
        if group is not None:
            by_group.append((group, found))
    return QueryTest(
        name=text(node, "name"),
        events=tuple(by_group),
        rows=tuple(
            {key: text(row, key) for key in row.entries}
            for row in (rows.items if isinstance(rows, ListNode) else ())
            if isinstance(row, MapNode)
        ),
        ordered=flag(node, "ordered", default=False),
        parameters=tuple(
            (key, text(parameters, key))
            for key in (parameters.entries if isinstance(parameters, MapNode) else ())
            if isinstance(parameters, MapNode)
        ),
        origin=node.value_span("name"),
    )


def _event(node: MapNode) -> dict[str, object]:
    written = text(node, "at", "0s")
    offset = sum(int(number) * _MS[unit] for number, unit in _OFFSET.findall(written))
    message = node.get("message")
    line = (
        message.text
        if isinstance(message, ScalarNode)
        else json.dumps(plain(message), ensure_ascii=False)
    )
    event: dict[str, object] = {"timestamp": EPOCH_MS + offset, "message": line}
    if "stream" in node:
        event["logStream"] = text(node, "stream")
    return event

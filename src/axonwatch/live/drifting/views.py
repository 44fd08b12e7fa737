"""Dashboards, saved queries and metric filters against what the account has."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from axonwatch.live.clients import Answer, Calls
from axonwatch.live.drifting.difference import Difference, Kind, compare
from axonwatch.live.faults import NotFound
from axonwatch.model.alarms import MetricFilter
from axonwatch.model.companion import Companion
from axonwatch.model.queries import SavedQuery

ABSENT = "the account does not have it"


def dashboard_drift(aws: Calls, bodies: Mapping[str, str]) -> Iterator[Difference]:
    """Differences of dashboards; `bodies` are the wanted ones by name, as JSON."""
    for name, wanted in bodies.items():
        try:
            answer = aws.call(
                "cloudwatch", "GetDashboard", about=f"dashboard `{name}`", DashboardName=name
            )
        except NotFound:
            yield Difference("dashboard", name, Kind.MISSING, why=ABSENT)
            continue
        try:
            found = json.loads(answer.get("DashboardBody") or "{}")
        except ValueError:
            yield Difference("dashboard", name, Kind.UNKNOWN, why="its body is no JSON")
            continue
        yield from compare("dashboard", name, _titled(json.loads(wanted)), _titled(found))


def _titled(body: Mapping[str, Any]) -> dict[str, Any]:
    """The body with its widgets by title, so that a difference names what a person sees."""
    widgets: dict[str, Any] = {}
    for index, widget in enumerate(body.get("widgets") or ()):
        properties = widget.get("properties") or {}
        title = str(properties.get("title") or f"{widget.get('type', 'widget')} {index + 1}")
        while title in widgets:
            title += "'"
        widgets[title] = widget
    return {**body, "widgets": widgets}


def query_drift(
    aws: Calls, companion: Companion, *, parameters: bool = True
) -> Iterator[Difference]:
    """Differences of saved queries, those that no definition has among them.

    With `parameters` False they are deployed with the defaults written into their text.
    """
    prefix = f"{companion.names.stack}/"
    there = {
        str(one["name"]): one
        for one in aws.pages(
            "logs",
            "DescribeQueryDefinitions",
            "queryDefinitions",
            about="saved queries",
            queryDefinitionNamePrefix=prefix,
        )
    }
    for query in companion.queries:
        name = companion.names.saved_query(query.folder, query.name)
        found = there.pop(name, None)
        if found is None:
            yield Difference("saved query", name, Kind.MISSING, why=ABSENT)
        else:
            yield from compare("saved query", name, _wanted(query, parameters), _found(found))
    for name in sorted(there):
        why = "no definition has it: made by hand, or of an earlier deployment"
        yield Difference("saved query", name, Kind.EXTRA, why=why)


def _wanted(query: SavedQuery, parameters: bool) -> dict[str, Any]:
    from axonwatch.live.verification.logs import filled_in  # noqa: PLC0415 - one use

    return {
        "text": (query.text if parameters else filled_in(query)).strip(),
        "log groups": sorted(query.log_groups),
        "parameters": {one.name: one.default for one in query.parameters} if parameters else {},
    }


def _found(one: Answer) -> dict[str, Any]:
    return {
        "text": str(one.get("queryString", "")).strip(),
        "log groups": sorted(one.get("logGroupNames") or ()),
        "parameters": {p["name"]: p.get("defaultValue") for p in one.get("parameters") or ()},
    }


def filter_drift(aws: Calls, companion: Companion) -> Iterator[Difference]:
    """Differences of metric filters, by log group."""
    groups: dict[str, list[MetricFilter]] = {}
    for one in companion.metric_filters:
        groups.setdefault(one.log_group, []).append(one)
    for group, wanted in groups.items():
        try:
            there = {
                str(found["filterName"]): found
                for found in aws.pages(
                    "logs",
                    "DescribeMetricFilters",
                    "metricFilters",
                    about=f"log group `{group}`",
                    logGroupName=group,
                )
            }
        except NotFound:
            yield Difference("log group", group, Kind.MISSING, why=ABSENT)
            continue
        for one in wanted:
            found = there.get(one.name)
            if found is None:
                yield Difference("metric filter", one.name, Kind.MISSING, why=ABSENT)
            else:
                yield from compare("metric filter", one.name, _of_filter(one), _of_answer(found))


def _of_filter(one: MetricFilter) -> dict[str, Any]:
    return {
        "pattern": one.pattern,
        "metric": f"{one.namespace} {one.metric}",
        "value": one.value,
        "default": one.default,
        "unit": one.unit or "None",
        "dimensions": dict(one.dimensions),
    }


def _of_answer(found: Answer) -> dict[str, Any]:
    made: Answer = (found.get("metricTransformations") or [{}])[0]
    return {
        "pattern": str(found.get("filterPattern", "")),
        "metric": f"{made.get('metricNamespace')} {made.get('metricName')}",
        "value": str(made.get("metricValue", "")),
        "default": made.get("defaultValue"),
        "unit": str(made.get("unit") or "None"),
        "dimensions": dict(made.get("dimensions") or {}),
    }

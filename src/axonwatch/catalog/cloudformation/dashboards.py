"""Dashboards and saved queries of a template, as the model holds them.

A dashboard's body is JSON in a string, often built by `Fn::Sub` or `Fn::Join`; references stay in
it as `${...}`. A body that cannot be known is noted and left alone.
"""

from __future__ import annotations

import json
from typing import Any

from axonwatch.catalog.cloudformation.resource import Resource
from axonwatch.catalog.cloudformation.values import is_symbolic, number, whole
from axonwatch.catalog.subject import Subject, literal_text
from axonwatch.diagnostics import Span
from axonwatch.model.dashboards import (
    AlarmStatusWidget,
    Axis,
    Dashboard,
    Line,
    LogWidget,
    MetricWidget,
    Place,
    TextWidget,
    Threshold,
    Variable,
    Widget,
)
from axonwatch.model.metrics import Dimension, Metric, MetricQuery, MetricStat
from axonwatch.model.queries import QueryParameter, SavedQuery

WORDS = {"name": "DashboardName", "body": "DashboardBody", "query": "QueryString"}


def read_dashboard(resource: Resource) -> tuple[Subject[Dashboard], str]:
    """`AWS::CloudWatch::Dashboard`, and why its body is not JSON (empty if it is)."""
    name = resource.get("DashboardName")
    before = resource.resolver.assumed
    body = resource.get("DashboardBody")
    is_assumed = resource.resolver.assumed > before
    span = resource.at("DashboardBody")
    places: dict[str, Span] = {"body": span}
    unknown = set()
    fault = ""
    document: dict[str, Any] = {}
    if isinstance(body, str):
        try:
            loaded = json.loads(body)
            document = loaded if isinstance(loaded, dict) else {}
        except (ValueError, RecursionError) as error:
            # A reference may stand for a number or an object: then it is no JSON before deployment.
            if is_symbolic(body) or is_assumed:
                unknown.add("body")
            else:
                fault = str(error).split(":", maxsplit=1)[0].lower()
    elif isinstance(body, dict):
        document = body
        unknown.add("body")
    else:
        unknown.add("body")
    widgets: list[Widget] = []
    listed = document.get("widgets")
    for one in listed if isinstance(listed, list) else []:
        widget = _widget(one, span) if isinstance(one, dict) else None
        if widget is not None:
            if not _is_placed(one):
                unknown.add(f"place {len(widgets)}")
            widgets.append(widget)
    piece = Dashboard(
        key=resource.id,
        name=name if isinstance(name, str) else resource.id,
        widgets=tuple(widgets),
        variables=_variables(document.get("variables")),
        start=str(document.get("start", "-PT3H")),
        origin=resource.origin,
    )
    where = {**places, "name": resource.at("DashboardName")}
    subject = Subject(piece, resource.id, resource.origin, where, WORDS, frozenset(unknown))
    return subject, fault


def _integer(value: object, default: int) -> int:
    found = whole(value) if isinstance(value, int | float | str) else None
    return default if found is None else found


def _is_placed(one: dict[str, Any]) -> bool:
    """Whether the body says where a widget is: without x or y it takes the next free place."""
    written = [one.get("x"), one.get("y"), one.get("width", 6), one.get("height", 6)]
    return all(
        isinstance(value, int | float | str) and whole(value) is not None for value in written
    )


def _widget(one: dict[str, Any], origin: Span) -> Widget | None:
    place = Place(
        _integer(one.get("x"), 0),
        _integer(one.get("y"), 0),
        _integer(one.get("width"), 6),
        _integer(one.get("height"), 6),
    )
    properties = one.get("properties")
    inner: dict[str, Any] = properties if isinstance(properties, dict) else {}
    title = str(inner.get("title", ""))
    match one.get("type"):
        case "metric":
            return _metric_widget(inner, place, title, origin)
        case "alarm":
            listed = inner.get("alarms")
            arns = [
                one for one in (listed if isinstance(listed, list) else []) if isinstance(one, str)
            ]
            names = [arn.split(":alarm:")[-1] for arn in arns]
            return AlarmStatusWidget(
                place=place, title=title, origin=origin, alarm_names=tuple(names)
            )
        case "log":
            groups, query = split_sources(str(inner.get("query", "")))
            return LogWidget(
                place=place,
                title=title,
                origin=origin,
                query=query,
                log_groups=groups,
                view=str(inner.get("view", "table")),
            )
        case "text":
            return TextWidget(
                place=place, title=title, origin=origin, markdown=str(inner.get("markdown", ""))
            )
        case _:
            return None


def split_sources(query: str) -> tuple[tuple[str, ...], str]:
    """The groups of leading `SOURCE 'a' | SOURCE 'b' |` commands, and the query behind them."""
    groups = []
    rest = query.strip()
    while rest.upper().startswith("SOURCE "):
        head, bar, tail = rest.partition("|")
        words = head[len("SOURCE ") :].strip()
        if "(" in words:
            break
        groups += [part.strip().strip("'\"") for part in words.split(",")]
        if not bar:
            return tuple(groups), ""
        rest = tail.strip()
    return tuple(groups), rest


def _metric_widget(inner: dict[str, Any], place: Place, title: str, origin: Span) -> MetricWidget:
    period = _integer(inner.get("period"), 300)
    stat = str(inner.get("stat", "Average"))
    lines: list[Line] = []
    previous: list[str] = []
    listed = inner.get("metrics")
    for index, entry in enumerate(listed if isinstance(listed, list) else []):
        if not isinstance(entry, list) or not entry:
            continue
        options = entry[-1] if isinstance(entry[-1], dict) else {}
        words = [str(word) for word in (entry[:-1] if options or entry[-1] == {} else entry)]
        words = _repeated(words, previous)
        previous = words or previous
        axis = Axis.RIGHT if options.get("yAxis") == "right" else Axis.LEFT
        name = str(options.get("id", f"m{index + 1}"))
        label = options.get("label")
        own_period = _integer(options.get("period"), period)
        query = MetricQuery(
            id=name,
            stat=None,
            expression=str(options["expression"]) if "expression" in options else None,
            label=str(label) if label is not None else None,
            period=own_period if "expression" in options else None,
            return_data=options.get("visible", True) is not False,
        )
        if "expression" not in options and len(words) >= 2:
            pairs = zip(words[2::2], words[3::2], strict=False)
            metric = Metric(words[0], words[1], tuple(Dimension(n, v) for n, v in pairs))
            query = MetricQuery(
                id=name,
                stat=MetricStat(metric, str(options.get("stat", stat)), own_period),
                label=query.label,
                return_data=query.return_data,
            )
        color = options.get("color")
        lines.append(Line(query, axis, str(color) if color else None))
    return MetricWidget(
        place=place,
        title=title,
        origin=origin,
        lines=tuple(lines),
        view=str(inner.get("view", "timeSeries")),
        period=period,
        stacked=inner.get("stacked") is True,
        thresholds=_thresholds(inner.get("annotations")),
    )


def _repeated(words: list[str], previous: list[str]) -> list[str]:
    """The words with `.` (the same as above) and `...` (all the same as above) written out."""
    if words and words[0] == "...":
        tail = words[1:]
        keep = max(len(previous) - len(tail), 0)
        words = [*previous[:keep], *tail]
    return [
        previous[i] if word == "." and i < len(previous) else word for i, word in enumerate(words)
    ]


def _thresholds(annotations: object) -> tuple[Threshold, ...]:
    horizontal = annotations.get("horizontal") if isinstance(annotations, dict) else None
    found = []
    for one in horizontal if isinstance(horizontal, list) else []:
        value = number(one.get("value")) if isinstance(one, dict) else None
        if value is not None:
            fill = one.get("fill")
            color = one.get("color")
            found.append(
                Threshold(
                    value,
                    str(one.get("label", "")),
                    Axis.RIGHT if one.get("yAxis") == "right" else Axis.LEFT,
                    str(color) if color else None,
                    str(fill) if fill else None,
                )
            )
    return tuple(found)


def _variables(listed: object) -> tuple[Variable, ...]:
    found = []
    for one in listed if isinstance(listed, list) else []:
        if not isinstance(one, dict):
            continue
        values = one.get("values")
        inputs = [
            (str(item.get("value", "")), str(item.get("label", item.get("value", ""))))
            for item in (values if isinstance(values, list) else [])
            if isinstance(item, dict)
        ]
        found.append(
            Variable(
                id=str(one.get("id", "")),
                label=str(one.get("label", "")),
                pattern=str(one.get("pattern", one.get("property", ""))),
                default=str(one.get("defaultValue", "")),
                inputs=tuple(inputs),
            )
        )
    return tuple(found)


def read_query(resource: Resource) -> Subject[SavedQuery]:
    """`AWS::Logs::QueryDefinition`."""
    name = resource.get("Name")
    text = resource.get("QueryString")
    groups, complete = resource.texts("LogGroupNames")
    unknown = set() if complete else {"log_groups"}
    written = text if isinstance(text, str) else ""
    if not isinstance(text, str) or is_symbolic(text):
        unknown.add("query")
    parameters = []
    listed = resource.get("Parameters")
    for one in listed if isinstance(listed, list) else []:
        if isinstance(one, dict) and isinstance(one.get("Name"), str):
            default = one.get("DefaultValue")
            parameters.append(
                QueryParameter(str(one["Name"]), default if isinstance(default, str) else None)
            )
    full = name if isinstance(name, str) else resource.id
    folder, _, short = full.rpartition("/")
    node = resource.node_of("QueryString")
    language = resource.get("QueryLanguage")
    if language is not None and language != "CWLI":
        unknown.add("query")
    piece = SavedQuery(
        name=short,
        text=written,
        log_groups=tuple(groups),
        folder=folder,
        title=full,
        parameters=tuple(parameters),
        origin=resource.origin,
        text_origin=node.span if node is not None else None,
    )
    places = {"query": resource.at("QueryString"), "name": resource.at("Name")}
    literal = literal_text(node, written)
    texts = {"query": literal} if literal is not None else {}
    return Subject(piece, resource.id, resource.origin, places, WORDS, frozenset(unknown), texts)

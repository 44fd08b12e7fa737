"""A dashboard's body as CloudWatch reads it; pure, knows nothing of CDK.

Alarms stand in it by ARN, which holds the account: `ALARM_ARN` marks the place, and CloudFormation
fills it in. Repeated parts of a metric are written with CloudWatch's own `"."`, for small bodies.
Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from axonwatch.model.dashboards import (
    AlarmStatusWidget,
    Axis,
    Dashboard,
    Line,
    LogWidget,
    MetricWidget,
    TextWidget,
    Threshold,
    Variable,
    Widget,
)
from axonwatch.model.metrics import Dimension
from axonwatch.model.queries import SavedQuery

# Stands for `arn:<partition>:cloudwatch:<region>:<account>:alarm:` and the main stack's name.
ALARM_ARN = "${A}"
# Stands for `arn:<partition>:acm:<region>:<account>:certificate/`.
CERTIFICATE_ARN = "${C}"


def dashboard_body(
    dashboard: Dashboard, *, region: str, stack: str, queries: Iterable[SavedQuery] = ()
) -> str:
    """The body as minified JSON, in which ARNs begin with `ALARM_ARN` or `CERTIFICATE_ARN`.

    A `$` of the content that would start a substitution of CloudFormation's is escaped.
    """
    saved = {query.name: query for query in queries}
    body: dict[str, Any] = {
        "start": dashboard.start,
        "periodOverride": "inherit",
        "widgets": [
            {
                "type": _kind(widget),
                "x": widget.place.x,
                "y": widget.place.y,
                "width": widget.place.width,
                "height": widget.place.height,
                "properties": _properties(widget, region, saved),
            }
            for widget in dashboard.widgets
        ],
    }
    if dashboard.variables:
        body["variables"] = [_variable(variable) for variable in dashboard.variables]
    text = json.dumps(_whole(body), ensure_ascii=False, separators=(",", ":"))
    text = text.replace("${", "${!")
    text = text.replace("\\u0002", CERTIFICATE_ARN)
    return text.replace("\\u0001", ALARM_ARN).replace(f"{ALARM_ARN}{stack}-", ALARM_ARN)


# Characters that no definition may hold, until the body's own `${` are escaped.
_ALARM_MARK, _CERTIFICATE_MARK = "\x01", "\x02"


# What CloudWatch takes for a graph that does not say.
_DEFAULT_VIEW, _DEFAULT_STAT = "timeSeries", "Average"


def _whole(value: Any) -> Any:  # noqa: ANN401 - JSON
    """Numbers without a fraction written without one."""
    match value:
        case dict():
            return {key: _whole(inner) for key, inner in value.items()}
        case list():
            return [_whole(inner) for inner in value]
        case float() if value.is_integer():
            return int(value)
        case _:
            return value


def _kind(widget: Widget) -> str:
    match widget:
        case MetricWidget():
            return "metric"
        case AlarmStatusWidget():
            return "alarm"
        case LogWidget():
            return "log"
        case _:
            return "text"


def _properties(widget: Widget, region: str, saved: Mapping[str, SavedQuery]) -> dict[str, Any]:
    titled = {"title": widget.title} if widget.title else {}
    match widget:
        case MetricWidget():
            return titled | _graph(widget, region)
        case AlarmStatusWidget():
            return titled | {"alarms": [f"{_ALARM_MARK}{name}" for name in widget.alarm_names]}
        case LogWidget():
            return titled | {
                "region": region,
                "view": widget.view,
                "query": _log_query(widget, saved),
            }
        case TextWidget():
            return {"markdown": widget.markdown}
        case _:
            message = f"no body for {type(widget).__name__}"
            raise TypeError(message)


def _graph(widget: MetricWidget, region: str) -> dict[str, Any]:
    stats = Counter(line.query.stat.stat for line in widget.lines if line.query.stat)
    stat = stats.most_common(1)[0][0] if stats else _DEFAULT_STAT
    properties: dict[str, Any] = {
        "region": region,
        "period": widget.period,
        "metrics": _lines(widget, stat),
    }
    if widget.view != _DEFAULT_VIEW:
        properties["view"] = widget.view
    if stat != _DEFAULT_STAT:
        properties["stat"] = stat
    if widget.stacked:
        properties["stacked"] = True
    if widget.thresholds:
        properties["annotations"] = {"horizontal": [_annotation(t) for t in widget.thresholds]}
    axes = {
        "left": _axis(widget.left_label, widget.left_range),
        "right": _axis(widget.right_label, widget.right_range),
    }
    if any(axes.values()):
        properties["yAxis"] = {side: axis for side, axis in axes.items() if axis}
    return properties


def _lines(widget: MetricWidget, stat: str) -> list[list[Any]]:
    needs_ids = any(line.query.expression for line in widget.lines)
    rows: list[list[Any]] = []
    before: Sequence[str] = ()
    for line in widget.lines:
        options = _options(line, widget, stat, needs_ids=needs_ids)
        if line.query.stat is None:
            rows.append([options])
            continue
        metric = line.query.stat.metric
        path = [
            metric.namespace,
            metric.name,
            *(text for d in metric.dimensions for text in (d.name, _whole_value(d))),
        ]
        row: list[Any] = [
            "." if place < len(before) and part == before[place] else part
            for place, part in enumerate(path)
        ]
        rows.append([*row, options] if options else row)
        before = path
    return rows


def _whole_value(dimension: Dimension) -> str:
    """A certificate's metric has its ARN, and an inventory its id."""
    is_id = dimension.name == "CertificateArn" and not dimension.value.startswith("arn:")
    return f"{_CERTIFICATE_MARK}{dimension.value}" if is_id else dimension.value


def _options(line: Line, widget: MetricWidget, stat: str, *, needs_ids: bool) -> dict[str, Any]:
    query = line.query
    options: dict[str, Any] = {}
    if query.expression is not None:
        options["expression"] = query.expression
        if query.period and query.period != widget.period:
            options["period"] = query.period
    if query.stat is not None:
        if query.stat.stat != stat:
            options["stat"] = query.stat.stat
        if query.stat.period != widget.period:
            options["period"] = query.stat.period
    if needs_ids:
        options["id"] = query.id
    optional = {"label": query.label, "color": line.color, "accountId": query.account_id}
    options |= {name: value for name, value in optional.items() if value}
    if line.axis is Axis.RIGHT:
        options["yAxis"] = "right"
    if not query.return_data:
        options["visible"] = False
    return options


def _annotation(threshold: Threshold) -> dict[str, Any]:
    annotation: dict[str, Any] = {"value": threshold.value, "label": threshold.label}
    if threshold.axis is Axis.RIGHT:
        annotation["yAxis"] = "right"
    if threshold.color:
        annotation["color"] = threshold.color
    if threshold.fill:
        annotation["fill"] = threshold.fill
    return annotation


def _axis(label: str, bounds: tuple[float | None, float | None]) -> dict[str, Any]:
    low, high = bounds
    axis: dict[str, Any] = {}
    if label:
        axis |= {"label": label, "showUnits": False}
    if low is not None:
        axis["min"] = low
    if high is not None:
        axis["max"] = high
    return axis


def _log_query(widget: LogWidget, saved: Mapping[str, SavedQuery]) -> str:
    """The query's text over its groups; a saved query by its name, with its defaults."""
    text, groups = widget.query, widget.log_groups
    query = saved.get(widget.query)
    if query is not None:
        text, groups = query.text, query.log_groups
        for parameter in query.parameters:
            text = text.replace(f"{{{{{parameter.name}}}}}", parameter.default or "")
    return " | ".join([*(f"SOURCE '{group}'" for group in groups), text.strip()])


def _variable(variable: Variable) -> dict[str, Any]:
    choices = {"values": [{"value": v, "label": label} for v, label in variable.inputs]}
    return {
        "type": "pattern",
        "pattern": variable.pattern,
        "inputType": "select" if variable.inputs else "input",
        "id": variable.id,
        "label": variable.label,
        "defaultValue": variable.default,
        "visible": True,
        **(choices if variable.inputs else {}),
    }

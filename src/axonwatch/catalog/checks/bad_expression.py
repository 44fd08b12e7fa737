"""Metric math that CloudWatch refuses: syntax, types, ids, or what alarms may not do (SEARCH)."""

from __future__ import annotations

from collections.abc import Iterator

from axonwatch.catalog.evidence import Evidence, called
from axonwatch.catalog.faults import fault_finding
from axonwatch.catalog.subject import Subject
from axonwatch.diagnostics import Diagnostic, Level
from axonwatch.model.alarms import Alarm, MetricAlarm
from axonwatch.model.dashboards import MetricWidget
from axonwatch.model.metrics import MetricQuery
from axonwatch.syntax.metric_math import Query, QueryFault, check_queries

CODE = "bad-expression"
LEVEL = Level.ERROR


def check(evidence: Evidence) -> Iterator[Diagnostic]:
    """Every fault in the metric math of alarms and of dashboards that are defined."""
    for subject, alarm in evidence.metric_alarms:
        if not alarm.queries or not subject.knows("source"):
            continue
        known = [q for q in alarm.queries if q.expression is None or "${" not in q.expression]
        if len(known) == len(alarm.queries):
            for fault in _faults(alarm.queries, alarm.threshold_query):
                yield _placed(subject, alarm, fault)
    for dashboard in evidence.dashboards:
        if not dashboard.knows("body"):
            continue
        for index, widget in enumerate(dashboard.piece.widgets):
            if not isinstance(widget, MetricWidget):
                continue
            queries = tuple(line.query for line in widget.lines)
            if any(q.expression and "${" in q.expression for q in queries):
                continue
            for fault in check_queries(_entries(queries), in_alarm=False):
                span = dashboard.at(f"widget {index}", "body")
                yield fault_finding(CODE, LEVEL, fault.fault, span)


def _entries(queries: tuple[MetricQuery, ...]) -> list[Query]:
    return [Query(query.id, query.expression, query.return_data) for query in queries]


def _faults(queries: tuple[MetricQuery, ...], band: str | None) -> list[QueryFault]:
    return check_queries(_entries(queries), threshold_query=band)


def _placed(subject: Subject[Alarm], alarm: MetricAlarm, fault: QueryFault) -> Diagnostic:
    """The fault in the expression's own text where that stands in the file, else on the whole."""
    query = next((query for query in alarm.queries if query.id == fault.id), None)
    has_expression = query is not None and query.expression is not None
    id_fact, own = f"id {fault.id}", f"expression {fault.id}"
    inner = subject.texts.get(own) or (subject.texts.get("expression") if has_expression else None)
    start, end = fault.fault.span.start, fault.fault.span.end
    if has_expression and inner is not None and end <= len(inner.text):
        span = inner.span_of(start, end)
    else:
        span = subject.at(own, id_fact, "expression")
    return fault_finding(CODE, LEVEL, fault.fault, span, about=called(subject))

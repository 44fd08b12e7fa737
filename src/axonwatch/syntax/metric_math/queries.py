"""The checker of a whole `Metrics` list: ids, circles, types, what an alarm may return.

`check_queries` knows nothing of AWS or files: it takes ids and texts, and gives faults with the
offending id, which callers place into the user's file.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from axonwatch.syntax.metric_math.functions import Kind
from axonwatch.syntax.metric_math.insights_query import InsightsQuery, parse_insights
from axonwatch.syntax.metric_math.nodes import Node
from axonwatch.syntax.metric_math.parser import parse
from axonwatch.syntax.metric_math.types import UNKNOWN, Scope, Type, order_of, type_of_expression
from axonwatch.syntax.text import SyntaxFault, TextSpan

ID = re.compile(r"[a-z][A-Za-z0-9_]*")
INSIGHTS = re.compile(r"\s*SELECT\b", re.IGNORECASE)
MAX_QUERIES = 20
MAX_EACH = 10
MAX_EXPRESSION = 2048


@dataclass(frozen=True)
class Query:
    """One entry: a metric when `expression` is None, else an expression."""

    id: str
    expression: str | None = None
    return_data: bool = True


@dataclass(frozen=True)
class QueryFault:
    """A fault in the entry of this id; its span is in the expression, or in the id without one."""

    id: str
    fault: SyntaxFault

    @property
    def code(self) -> str:
        """The fault's code."""
        return self.fault.code


def is_insights(expression: str) -> bool:
    """Whether an expression is a Metrics Insights query rather than metric math."""
    return INSIGHTS.match(expression) is not None


def insights_of(expression: str) -> InsightsQuery | None:
    """The Metrics Insights query of an expression, None for metric math. Raises SyntaxFault."""
    return parse_insights(expression) if is_insights(expression) else None


def check_queries(
    queries: Sequence[Query], *, threshold_query: str | None = None, in_alarm: bool = True
) -> list[QueryFault]:
    """Every fault of a `Metrics` list, in the order of the list.

    With `in_alarm` (not for dashboards) exactly one entry is returned, and it is one time series;
    with `threshold_query` that entry is the anomaly band, and may be returned too.
    """
    found = _check_ids(queries)
    trees: dict[str, Node] = {}
    for query in queries:
        if query.expression is None:
            continue
        try:
            if insights_of(query.expression) is None:
                trees[query.id] = _parse(query.expression)
        except SyntaxFault as fault:
            found.append(QueryFault(query.id, fault))
    types = _type_all(queries, trees, in_alarm, found)
    if in_alarm:
        found += _check_alone(queries)
    if in_alarm and not found:
        found = [*_check_sizes(queries), *_check_returned(queries, types, threshold_query)]
    order = {query.id: at for at, query in enumerate(queries)}
    return sorted(found, key=lambda f: (order.get(f.id, len(order)), f.fault.span))


def _parse(expression: str) -> Node:
    if len(expression) > MAX_EXPRESSION:
        raise SyntaxFault(
            "too-long",
            f"the expression has {len(expression)} characters, {MAX_EXPRESSION} are allowed",
            TextSpan(MAX_EXPRESSION, len(expression)),
            label="too long from here",
        )
    return parse(expression)


def _at_id(query: Query, code: str, title: str, label: str, help: str = "") -> QueryFault:
    span = TextSpan(0, len(query.id))
    return QueryFault(query.id, SyntaxFault(code, title, span, label=label, help=help))


def _check_ids(queries: Sequence[Query]) -> list[QueryFault]:
    found = []
    seen: set[str] = set()
    for query in queries:
        if not ID.fullmatch(query.id):
            found.append(
                _at_id(
                    query,
                    "bad-id",
                    f"`{query.id}` cannot be an id",
                    "not an id",
                    "begin with a lower-case letter; then letters, digits and `_`",
                )
            )
        if query.id in seen:
            found.append(
                _at_id(query, "duplicate-id", f"id `{query.id}` is given twice", "again here")
            )
        seen.add(query.id)
    return found


def _type_all(
    queries: Sequence[Query], trees: dict[str, Node], in_alarm: bool, found: list[QueryFault]
) -> dict[str, Type]:
    metrics = tuple(q.id for q in queries if q.expression is None)
    types = {name: Type(Kind.SERIES, is_metric=True) for name in metrics}
    for query in queries:
        if query.expression is not None and query.id not in trees:
            types[query.id] = Type(Kind.SERIES) if is_insights(query.expression) else UNKNOWN
    order, circle = order_of(trees)
    for name in circle:
        types[name] = UNKNOWN
        span = TextSpan(0, 1)
        fault = SyntaxFault(
            "circular-expression",
            f"`{name}` needs its own result",
            span,
            label="stands in a circle: " + ", ".join(circle),
        )
        found.append(QueryFault(name, fault))
    later = dict.fromkeys(trees, UNKNOWN)
    for name in (*order, *circle):
        scope = Scope({**later, **types}, metrics, in_alarm)
        types[name], faults = type_of_expression(trees[name], scope)
        found.extend(QueryFault(name, fault) for fault in faults)
    return types


def _check_alone(queries: Sequence[Query]) -> list[QueryFault]:
    """A Metrics Insights query of an alarm stands alone."""
    for query in queries:
        if query.expression is not None and is_insights(query.expression) and len(queries) > 1:
            title = "a Metrics Insights query of an alarm must be its only entry"
            return [_at_id(query, "insights-not-alone", title, "beside other entries")]
    return []


def _check_sizes(queries: Sequence[Query]) -> list[QueryFault]:
    metrics = [q for q in queries if q.expression is None]
    expressions = [q for q in queries if q.expression is not None]
    found = []
    for entries, most, what in (
        (list(queries), MAX_QUERIES, "entries"),
        (metrics, MAX_EACH, "metrics"),
        (expressions, MAX_EACH, "expressions"),
    ):
        if len(entries) > most:
            found.append(
                _at_id(
                    entries[most],
                    "too-many-queries",
                    f"an alarm may have {most} {what}, not {len(entries)}",
                    "one too many",
                )
            )
    return found


def _check_returned(
    queries: Sequence[Query], types: dict[str, Type], threshold_query: str | None
) -> list[QueryFault]:
    by_id = {query.id: query for query in queries}
    if threshold_query is not None:
        band = types.get(threshold_query)
        if band is None or not band.is_band:
            at = by_id.get(threshold_query, Query(threshold_query))
            return [
                _at_id(
                    at,
                    "no-band",
                    f"`{threshold_query}` is the threshold but no ANOMALY_DETECTION_BAND",
                    "not a band",
                )
            ]
    returned = [q for q in queries if q.return_data and q.id != threshold_query]
    if not returned:
        last = queries[-1] if queries else Query("")
        return [
            _at_id(last, "nothing-returned", "no entry has ReturnData true", "none is returned")
        ]
    if len(returned) > 1:
        names = " and ".join(f"`{q.id}`" for q in returned)
        return [
            _at_id(
                returned[1],
                "two-returned",
                f"{names} both have ReturnData true; an alarm watches one",
                "the second one",
                "set ReturnData to false on all others",
            )
        ]
    only = returned[0]
    found = types[only.id]
    if found.kind is Kind.SERIES:
        return []
    code = "scalar-result" if found.kind is Kind.SCALAR else "array-result"
    fault = SyntaxFault(
        code,
        f"`{only.id}` gives {found.words}; an alarm needs one time series",
        TextSpan(0, len(only.expression or only.id)),
        label=f"is {found.words}",
        help="write `TIME_SERIES(...)` around it"
        if found.kind is Kind.SCALAR
        else "take one with FIRST(...), or reduce it with SUM(...) or MAX(...)",
    )
    return [QueryFault(only.id, fault)]

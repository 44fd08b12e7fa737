"""A function in an alarm that sees datapoints beyond the window: its value moves by itself.

CloudWatch fetches more points than it judges. A scalar reduction (`AVG(m1)`), RUNNING_SUM and
DATAPOINT_COUNT take them all, and the number of extra points is not documented.
"""

from __future__ import annotations

from collections.abc import Iterator

from axonwatch.catalog.evidence import Evidence, called, finding
from axonwatch.diagnostics import Diagnostic, Level
from axonwatch.syntax.metric_math import parse
from axonwatch.syntax.metric_math.nodes import Array, Call, Node, Reference, walk
from axonwatch.syntax.text import SyntaxFault

_REDUCTIONS = {"AVG", "SUM", "MIN", "MAX", "STDDEV", "DATAPOINT_COUNT"}
_ALWAYS = {"RUNNING_SUM", "REMOVE_EMPTY"}
_ARRAYS = {"METRICS", "SEARCH", "SLICE", "SORT"}

CODE = "unsteady-function"
LEVEL = Level.WARNING


def check(evidence: Evidence) -> Iterator[Diagnostic]:
    """Every expression of an alarm that reduces a series over the range that was fetched."""
    for subject, alarm in evidence.metric_alarms:
        metrics = {query.id for query in alarm.queries if query.stat is not None}
        for query in alarm.queries:
            function = _unsteady(query.expression, metrics) if query.expression else None
            if function:
                title = f"{called(subject)} takes {function} over more points than it judges"
                label = f"{function} of one series sees the extra points that CloudWatch fetches"
                span = subject.at(f"expression {query.id}", "expression")
                cure = "compare the series itself, and let `M of N` count"
                yield finding(CODE, LEVEL, title, span, label, cure)


def _unsteady(expression: str, metrics: set[str]) -> str | None:
    try:
        tree = parse(expression)
    except SyntaxFault:
        return None
    for node in walk(tree):
        if not isinstance(node, Call):
            continue
        if node.function in _ALWAYS:
            return node.function
        alone = node.function in _REDUCTIONS and len(node.arguments) == 1
        if alone and _is_one_series(node.arguments[0], metrics):
            return node.function
    return None


def _is_one_series(node: Node, metrics: set[str]) -> bool:
    """Whether the node is surely one series: it names metrics, and makes no array."""
    below = walk(node)
    if any(isinstance(n, Array) or (isinstance(n, Call) and n.function in _ARRAYS) for n in below):
        return False
    names = [n.id for n in below if isinstance(n, Reference)]
    return bool(names) and all(name in metrics for name in names)

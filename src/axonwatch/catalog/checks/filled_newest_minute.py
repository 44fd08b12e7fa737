"""FILL makes the minute that has not arrived yet a datapoint: the alarm sticks, or flaps.

If every metric of the expression is filled, the newest period always has a value, the filler. With
M equal to N that value decides.
"""

from __future__ import annotations

from collections.abc import Iterator

from axonwatch.catalog.evidence import Evidence, called, finding
from axonwatch.diagnostics import Diagnostic, Level
from axonwatch.syntax.metric_math import parse
from axonwatch.syntax.metric_math.nodes import Call, Node, Reference, children, walk
from axonwatch.syntax.text import SyntaxFault

CODE = "filled-newest-minute"
LEVEL = Level.WARNING


def check(evidence: Evidence) -> Iterator[Diagnostic]:
    """Every alarm whose expression fills all its metrics, and that needs all its datapoints."""
    for subject, alarm in evidence.metric_alarms:
        if alarm.needed != alarm.evaluation_periods or not subject.knows("datapoints", "window"):
            continue
        metrics = {query.id for query in alarm.queries if query.stat is not None}
        for query in alarm.queries:
            if query.expression and query.return_data and _all_filled(query.expression, metrics):
                title = f"{called(subject)} judges the filler of a minute that has not arrived"
                span = subject.at(f"expression {query.id}", "expression")
                label = "every metric here is filled, so the newest period never waits for data"
                cure = "leave one metric unfilled, or let M be less than N"
                yield finding(CODE, LEVEL, title, span, label, cure)


def _all_filled(expression: str, metrics: set[str]) -> bool:
    try:
        tree = parse(expression)
    except SyntaxFault:
        return False
    names = [n.id for n in walk(tree) if isinstance(n, Reference)]
    fills = [n for n in walk(tree) if isinstance(n, Call) and n.function == "FILL"]
    return bool(fills and names) and all(n in metrics for n in names) and not _bare(tree)


def _bare(node: Node) -> bool:
    """Whether a metric is named outside of every FILL."""
    if isinstance(node, Call) and node.function == "FILL":
        return False
    if isinstance(node, Reference):
        return True
    return any(_bare(below) for below in children(node))

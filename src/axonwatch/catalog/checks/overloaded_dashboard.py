"""A dashboard beyond CloudWatch's limits: 500 widgets, 500 metrics a widget, 2,500 in all."""

from __future__ import annotations

from collections.abc import Iterator

from axonwatch.catalog.evidence import Evidence, finding
from axonwatch.diagnostics import Diagnostic, Level
from axonwatch.model.dashboards import MetricWidget

CODE = "overloaded-dashboard"
LEVEL = Level.ERROR


def check(evidence: Evidence) -> Iterator[Diagnostic]:
    """Every dashboard, and widget, with too much on it."""
    for subject in evidence.dashboards:
        board = subject.piece
        count = len(board.widgets)
        if count > 500:
            title = f"the dashboard `{board.name}` has {count} widgets; at most 500"
            yield finding(CODE, LEVEL, title, subject.at("rows", "body"), "", "split it in two")
        counts = [len(w.lines) if isinstance(w, MetricWidget) else 0 for w in board.widgets]
        for index, lines in enumerate(counts):
            if lines > 500:
                title = f"a widget of `{board.name}` has {lines} metrics; at most 500"
                span = subject.at(f"widget {index}", "body")
                yield finding(CODE, LEVEL, title, span, "", "split the widget")
        if sum(counts) > 2500:
            title = f"the dashboard `{board.name}` has {sum(counts)} metrics; at most 2,500"
            yield finding(CODE, LEVEL, title, subject.at("rows", "body"), "", "split it in two")

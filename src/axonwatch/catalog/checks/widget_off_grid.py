"""A widget that does not fit on the grid of 24 columns."""

from __future__ import annotations

from collections.abc import Iterator

from axonwatch.catalog.evidence import Evidence, finding
from axonwatch.diagnostics import Diagnostic, Level
from axonwatch.model.dashboards import GRID_WIDTH

CODE = "widget-off-grid"
LEVEL = Level.ERROR


def check(evidence: Evidence) -> Iterator[Diagnostic]:
    """Every widget that leaves the grid."""
    for subject in evidence.dashboards:
        for index, widget in enumerate(subject.piece.widgets):
            place = widget.place
            span = subject.at(f"widget {index}", "body")
            name = widget.title or f"number {index + 1}"
            if place.x < 0 or place.width < 1 or place.x + place.width > GRID_WIDTH:
                end = place.x + place.width
                title = f"the widget `{name}` of `{subject.piece.name}` ends in column {end}"
                yield finding(CODE, LEVEL, title, span, "the grid has 24 columns", "narrow it")
            elif not 1 <= place.height <= 1000:
                title = f"the widget `{name}` of `{subject.piece.name}` is {place.height} high"
                yield finding(CODE, LEVEL, title, span, "from 1 to 1,000", "correct the height")

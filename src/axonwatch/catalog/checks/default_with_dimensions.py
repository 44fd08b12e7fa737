"""A metric filter with both a default value and dimensions: CloudWatch Logs refuses it."""

from __future__ import annotations

from collections.abc import Iterator

from axonwatch.catalog.evidence import Evidence, finding
from axonwatch.diagnostics import Diagnostic, Level

CODE = "default-with-dimensions"
LEVEL = Level.ERROR


def check(evidence: Evidence) -> Iterator[Diagnostic]:
    """Every metric filter that has both."""
    for subject in evidence.metric_filters:
        piece = subject.piece
        if piece.dimensions and piece.default is not None:
            title = f"the metric filter `{piece.name}` has a default value and dimensions"
            cure = "take one of the two out"
            yield finding(CODE, LEVEL, title, subject.at("default", "dimensions"), "", cure)

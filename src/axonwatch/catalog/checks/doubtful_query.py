"""A query that Logs Insights takes, and that does not do what it seems to do."""

from __future__ import annotations

from collections.abc import Iterator

from axonwatch.catalog.evidence import Evidence
from axonwatch.catalog.query_texts import linted, placed
from axonwatch.diagnostics import Diagnostic, Level

CODE = "doubtful-query"
LEVEL = Level.WARNING


def check(evidence: Evidence) -> Iterator[Diagnostic]:
    """Every warning of every query."""
    for found, written, span, about in linted(evidence):
        for fault in found.warnings:
            yield placed(CODE, LEVEL, fault, written, span, about)

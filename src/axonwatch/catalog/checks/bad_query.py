"""A saved query, or a log alarm's, that Logs Insights refuses."""

from __future__ import annotations

from collections.abc import Iterator

from axonwatch.catalog.evidence import Evidence
from axonwatch.catalog.query_texts import linted, placed
from axonwatch.diagnostics import Diagnostic, Level

CODE = "bad-query"
LEVEL = Level.ERROR


def check(evidence: Evidence) -> Iterator[Diagnostic]:
    """Every error of every query."""
    for found, written, span, about in linted(evidence):
        for fault in found.errors:
            yield placed(CODE, LEVEL, fault, written, span, about)

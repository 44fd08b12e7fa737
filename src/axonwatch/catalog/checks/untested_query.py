"""A saved query without a test: nobody has seen it answer."""

from __future__ import annotations

from collections.abc import Iterator

from axonwatch.catalog.evidence import Evidence, finding
from axonwatch.diagnostics import Diagnostic, Level

CODE = "untested-query"
LEVEL = Level.WARNING


def check(evidence: Evidence) -> Iterator[Diagnostic]:
    """Every saved query of the definitions that has no test."""
    for subject in evidence.queries if evidence.loaded else ():
        if not subject.piece.tests:
            title = f"the query `{subject.piece.name}` has no test"
            cure = "add `tests` with a few events and the rows that must come out"
            yield finding(CODE, LEVEL, title, subject.origin, "never seen to answer", cure)

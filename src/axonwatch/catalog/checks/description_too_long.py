"""A description beyond the 1,024 characters that CloudWatch takes."""

from __future__ import annotations

from collections.abc import Iterator

from axonwatch.catalog.evidence import Evidence, called, finding
from axonwatch.catalog.page_text import MAX_DESCRIPTION
from axonwatch.diagnostics import Diagnostic, Level

CODE = "description-too-long"
LEVEL = Level.ERROR


def check(evidence: Evidence) -> Iterator[Diagnostic]:
    """Every description that is too long."""
    for subject in evidence.alarms:
        length = len(subject.piece.description)
        if length > MAX_DESCRIPTION and subject.knows("description"):
            title = f"the description of {called(subject)} has {length:,} characters"
            cure = "shorten `summary`, `impact` or `first`; the runbook has the rest"
            if evidence.template:
                cure = "shorten it; a runbook has room for the rest"
            span = subject.at("description", "summary")
            yield finding(CODE, LEVEL, title, span, f"at most {MAX_DESCRIPTION:,}", cure)

"""A filter pattern that CloudWatch Logs refuses."""

from __future__ import annotations

from collections.abc import Iterator

from axonwatch.catalog.evidence import Evidence, finding
from axonwatch.catalog.faults import fault_finding
from axonwatch.diagnostics import Diagnostic, Level
from axonwatch.syntax.filter_pattern import parse_filter_pattern
from axonwatch.syntax.text import SyntaxFault

MAX_PATTERN = 1024

CODE = "bad-filter-pattern"
LEVEL = Level.ERROR


def check(evidence: Evidence) -> Iterator[Diagnostic]:
    """Every pattern that does not parse, or is too long."""
    for subject in evidence.metric_filters:
        pattern = subject.piece.pattern
        if not subject.knows("pattern"):
            continue
        if len(pattern) > MAX_PATTERN:
            title = f"the pattern has {len(pattern):,} characters; at most {MAX_PATTERN:,}"
            yield finding(CODE, LEVEL, title, subject.at("pattern"), "", "shorten or split it")
            continue
        try:
            parse_filter_pattern(pattern)
        except SyntaxFault as fault:
            written = subject.texts.get("pattern")
            start, end = fault.span.start, fault.span.end
            span = written.span_of(start, end) if written else subject.at("pattern")
            yield fault_finding(CODE, LEVEL, fault, span)

"""Every query of definitions or of a template, with what its language says of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from axonwatch.catalog.evidence import Evidence, called
from axonwatch.catalog.faults import fault_finding
from axonwatch.catalog.log_lines import facts_of
from axonwatch.catalog.nodes import ScalarNode
from axonwatch.diagnostics import Diagnostic, Level, Span
from axonwatch.syntax.insights.advice import NO_LIMIT
from axonwatch.syntax.insights.known_lines import LogFacts
from axonwatch.syntax.insights.lint import Findings, lint_query
from axonwatch.syntax.text import SyntaxFault


def linted(evidence: Evidence) -> Iterator[tuple[Findings, ScalarNode | None, Span, str]]:
    """The lint of each query: with its node, its span, and how messages call it."""
    for subject in evidence.queries:
        if subject.knows("query"):
            declared = {one.name: one.default for one in subject.piece.parameters}
            facts = _facts(evidence, subject.piece.log_groups)
            found = lint_query(subject.piece.text, declared=declared, facts=facts)
            about = f"query `{subject.piece.name}`"
            yield found, subject.texts.get("query"), subject.at("query"), about
    for alarm_subject, alarm in evidence.log_alarms:
        # An alarm on a saved query's name has no text of its own.
        if alarm_subject.knows("query") and alarm_subject.word("query") != "query":
            found = lint_query(alarm.query, facts=_facts(evidence, alarm.log_groups))
            if alarm.aggregation:  # makes a value of the rows, that are more than enough
                counted = (one for one in found.warnings if one.code != NO_LIMIT)
                found = replace(found, warnings=tuple(counted))
            written = alarm_subject.texts.get("query")
            yield found, written, alarm_subject.at("query"), called(alarm_subject)


def _facts(evidence: Evidence, groups: Iterable[str]) -> LogFacts | None:
    """What is known of the groups' lines: nothing in a template, nor of another program's."""
    if evidence.loaded is None:
        return None
    known = {one.log_group: one.component for one in evidence.loaded.companion.inventory.services}
    services = {known.get(group) for group in groups}
    return (
        facts_of(frozenset(filter(None, services))) if services and None not in services else None
    )


def placed(  # noqa: PLR0917 - in the order of a message
    code: str, level: Level, fault: SyntaxFault, written: ScalarNode | None, span: Span, about: str
) -> Diagnostic:
    """The fault at its place in the file; on the whole query if the text is not word for word."""
    if written is not None:
        span = written.span_of(fault.span.start, fault.span.end)
    return fault_finding(code, level, fault, span, about=about)

"""A saved query, or a log alarm's, that Logs Insights refuses, or that does not do what it says."""

from __future__ import annotations

from collections.abc import Iterator

from axonwatch.catalog.evidence import Evidence, called
from axonwatch.catalog.faults import fault_finding
from axonwatch.catalog.nodes import ScalarNode
from axonwatch.diagnostics import Diagnostic, Level, Span
from axonwatch.syntax.insights.parser import parse_query
from axonwatch.syntax.text import SyntaxFault

CODE = "bad-query"
LEVEL = Level.ERROR


def check(evidence: Evidence) -> Iterator[Diagnostic]:
    """Every query that does not parse."""
    for subject in evidence.queries:
        if subject.knows("query"):
            about = f"query `{subject.piece.name}`"
            text = subject.piece.text
            for parameter in subject.piece.parameters:
                given = parameter.default if parameter.default is not None else "x"
                text = text.replace("{{" + parameter.name + "}}", given)
            yield from _judge(text, subject.texts.get("query"), subject.at("query"), about)
    for alarm_subject, alarm in evidence.log_alarms:
        if alarm_subject.knows("query") and "query" in alarm_subject.texts:
            written = alarm_subject.texts["query"]
            about = called(alarm_subject)
            yield from _judge(alarm.query, written, alarm_subject.at("query"), about)


def _judge(text: str, written: ScalarNode | None, span: Span, about: str) -> Iterator[Diagnostic]:
    try:
        parse_query(text)
    except SyntaxFault as fault:
        same = written is not None and written.text.startswith(text[: fault.span.end])
        if written is not None and same:
            span = written.span_of(fault.span.start, fault.span.end)
        yield fault_finding(CODE, LEVEL, fault, span, about=about)

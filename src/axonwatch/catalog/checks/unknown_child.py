"""A composite alarm that names an alarm which is not there."""

from __future__ import annotations

from collections.abc import Iterator

from axonwatch.catalog.composites import rule_of
from axonwatch.catalog.evidence import Evidence, called, finding
from axonwatch.diagnostics import Diagnostic, Level
from axonwatch.syntax.alarm_rule import children
from axonwatch.syntax.text import SyntaxFault

CODE = "unknown-child"
LEVEL = Level.ERROR


def check(evidence: Evidence) -> Iterator[Diagnostic]:
    """Every reference of a template to a resource that is no alarm of it.

    A literal name may belong to an alarm of another stack: nothing is said of those.
    """
    template = evidence.template
    if template is None or template.has_macros:
        return
    names = {subject.piece.name for subject in evidence.alarms}
    for subject, _ in evidence.composite_alarms:
        rule = rule_of(subject)
        for child in () if rule is None or isinstance(rule, SyntaxFault) else children(rule):
            text = child.text
            logical = text.removeprefix("${").removesuffix("}").partition(".")[0]
            if not text.startswith("${") or text in names or "::" in text:
                continue
            if logical in template.parameters or logical in template.resources:
                continue
            title = f"{called(subject)} names `{logical}`, which is not in the template"
            cure = "name an alarm's logical id"
            yield finding(CODE, LEVEL, title, subject.at("rule"), "no such resource", cure)

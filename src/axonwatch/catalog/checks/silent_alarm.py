"""An alarm that tells nobody and is nobody's child: it turns red unseen."""

from __future__ import annotations

from collections.abc import Iterator

from axonwatch.catalog.composites import rule_of
from axonwatch.catalog.evidence import Evidence, called, finding
from axonwatch.diagnostics import Diagnostic, Level
from axonwatch.syntax.alarm_rule import children
from axonwatch.syntax.text import SyntaxFault

CODE = "silent-alarm"
LEVEL = Level.WARNING
NEEDS_ALL = True


def check(evidence: Evidence) -> Iterator[Diagnostic]:
    """Every alarm of the definitions without actions that no composite names."""
    if evidence.loaded is None:
        return
    named = set()
    for subject, alarm in evidence.composite_alarms:
        rule = rule_of(subject)
        if rule is None or isinstance(rule, SyntaxFault):
            return  # whom it names is not known
        named |= {child.name for child in children(rule)}
        if alarm.suppressor:
            named.add(alarm.suppressor)
    for subject in evidence.alarms:
        actions = subject.piece.actions
        told = actions.alarm or actions.ok  # that it went blind says nothing of what it watches
        if not told and subject.piece.name not in named:
            title = f"{called(subject)} tells nobody, and no composite names it"
            cure = "delete `notify: false`, or name it in a composite"
            yield finding(CODE, LEVEL, title, subject.at("actions"), "it turns red unseen", cure)

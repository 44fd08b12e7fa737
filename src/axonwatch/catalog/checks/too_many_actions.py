"""More than five actions for one state."""

from __future__ import annotations

from collections.abc import Iterator

from axonwatch.catalog.evidence import Evidence, called, finding
from axonwatch.diagnostics import Diagnostic, Level

CODE = "too-many-actions"
LEVEL = Level.ERROR


def check(evidence: Evidence) -> Iterator[Diagnostic]:
    """Every state with more than five actions."""
    for subject in evidence.alarms:
        actions = subject.piece.actions
        for fact, targets in (
            ("actions", actions.alarm),
            ("ok_actions", actions.ok),
            ("insufficient_actions", actions.insufficient_data),
        ):
            if len(targets) > 5 and subject.knows(fact):
                title = f"{called(subject)} has {len(targets)} actions for one state; at most 5"
                cure = "let one topic have many subscribers"
                yield finding(CODE, LEVEL, title, subject.at(fact), "", cure)

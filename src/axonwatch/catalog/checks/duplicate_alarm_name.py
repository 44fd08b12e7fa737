"""Two alarms of a template with one name: the second replaces the first."""

from __future__ import annotations

from collections.abc import Iterator

from axonwatch.catalog.evidence import Evidence, finding
from axonwatch.catalog.subject import Subject
from axonwatch.diagnostics import Diagnostic, Label, Level
from axonwatch.model.alarms import Alarm

CODE = "duplicate-alarm-name"
LEVEL = Level.ERROR


def check(evidence: Evidence) -> Iterator[Diagnostic]:
    """Every alarm name that a template gives twice; definitions are checked when loaded."""
    seen: dict[str, Subject[Alarm]] = {}
    for subject in evidence.alarms if evidence.template else ():
        name = subject.piece.name
        first = seen.setdefault(name, subject)
        if first is not subject and _may_meet(evidence, first, subject):
            title = f"two alarms have the name `{name}`"
            label = Label(first.at("name"), "first given here")
            span = subject.at("name")
            yield finding(CODE, LEVEL, title, span, "again here", "rename one", others=(label,))


def _may_meet(evidence: Evidence, one: Subject[Alarm], other: Subject[Alarm]) -> bool:
    """Whether both are surely made: alarms under conditions may exclude each other."""
    resources = evidence.template.resources if evidence.template else {}
    return not any(resources[s.key].condition for s in (one, other) if s.key in resources)

"""A name that the subject of the page cannot hold: not ASCII, or longer than 62 characters.

An SNS subject has 100 characters of printable ASCII: `ALARM: "<name>" in US East (N. Virginia)`.
"""

from __future__ import annotations

from collections.abc import Iterator

from axonwatch.catalog.evidence import Evidence, called, finding, tells_people
from axonwatch.diagnostics import Diagnostic, Level
from axonwatch.model.stack import MAX_ALARM_NAME

CODE = "bad-alarm-name"
LEVEL = Level.WARNING


def check(evidence: Evidence) -> Iterator[Diagnostic]:
    """Every alarm name that is cut or garbled in a mail's subject."""
    for subject in evidence.alarms:
        name = subject.piece.name
        if not subject.knows("name") or not tells_people(evidence, subject):
            continue
        span = subject.at("name")
        if not name.isascii() or not name.isprintable():
            title = f"{called(subject)} has characters that are not ASCII"
            yield finding(CODE, LEVEL, title, span, "a mail's subject garbles them", "rename it")
        elif len(name) > MAX_ALARM_NAME:
            title = f"{called(subject)} has a name of {len(name)} characters"
            label = f"a page's subject holds {MAX_ALARM_NAME}"
            yield finding(CODE, LEVEL, title, span, label, "shorten the key")

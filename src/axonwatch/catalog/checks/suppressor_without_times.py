"""A suppressor without its two times: CloudWatch wants both."""

from __future__ import annotations

from collections.abc import Iterator

from axonwatch.catalog.evidence import Evidence, called, finding
from axonwatch.diagnostics import Diagnostic, Level

CODE = "suppressor-without-times"
LEVEL = Level.ERROR


def check(evidence: Evidence) -> Iterator[Diagnostic]:
    """Every composite of a template that has a suppressor and lacks a wait or extension period."""
    for subject, alarm in evidence.composite_alarms if evidence.template else ():
        if not alarm.suppressor or not subject.knows("suppressor"):
            continue
        lacking = [fact for fact in ("wait", "extension") if fact not in subject.places]
        if lacking:
            words = " and ".join(f"`{subject.word(fact)}`" for fact in lacking)
            title = f"{called(subject)} has a suppressor and no {words}"
            cure = f"add {words}, for example 60 seconds"
            yield finding(CODE, LEVEL, title, subject.at("suppressor"), "", cure)

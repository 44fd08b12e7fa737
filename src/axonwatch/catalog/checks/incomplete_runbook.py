"""A runbook that lacks a section, holds a promise, or was not reviewed for a year.

Its reader has it open at 03:00 for the first time: Meaning, Impact, Is it real?, Look at, Do,
Escalate, When it is a false alarm, and the day of its last review.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta

from axonwatch.catalog.evidence import Evidence, finding
from axonwatch.catalog.runbooks import runbook_places
from axonwatch.diagnostics import Diagnostic, Level, Span

SECTIONS = (
    "Meaning",
    "Impact",
    "Is it real?",
    "Look at",
    "Do",
    "Escalate",
    "When it is a false alarm",
)
YEAR = timedelta(days=365)
_REVIEWED = re.compile(r"^Reviewed: (\S+)", re.MULTILINE)
_PROMISE = re.compile(r"\b(TODO|TBD|FIXME|XXX)\b")

CODE = "incomplete-runbook"
LEVEL = Level.WARNING


def check(evidence: Evidence) -> Iterator[Diagnostic]:
    """Every runbook that leaves its reader alone."""
    for place in runbook_places(evidence):
        headings = {line[3:].strip() for line in place.text.split("\n") if line.startswith("## ")}
        lacking = [one for one in SECTIONS if one not in headings]
        if lacking:
            words = ", ".join(f"`## {one}`" for one in lacking)
            title = f"the runbook `{place.name}` lacks {words}"
            yield finding(CODE, LEVEL, title, place.span(0, 0), "", "write the section")
        for match in _PROMISE.finditer(place.text):
            title = f"the runbook `{place.name}` says `{match[0]}`"
            span = place.span(match.start(), match.end())
            yield finding(CODE, LEVEL, title, span, "", "write what is meant, or delete it")
        yield from _review(place.name, place.text, evidence.today, place.span)


def _review(
    name: str, text: str, today: date, span: Callable[[int, int], Span]
) -> Iterator[Diagnostic]:
    match = _REVIEWED.search(text)
    if match is None:
        title = f"the runbook `{name}` does not say when it was reviewed"
        cure = f"end it with `Reviewed: {today}`"
        yield finding(CODE, LEVEL, title, span(0, 0), "", cure)
        return
    place = span(match.start(), match.end())
    try:
        reviewed = date.fromisoformat(match[1])
    except ValueError:
        title = f"`{match[1]}` is not a date"
        yield finding(CODE, LEVEL, title, place, "", f"write `Reviewed: {today}`")
        return
    if today - reviewed > YEAR:
        title = f"the runbook `{name}` was last reviewed on {reviewed}"
        cure = "read it as if you were paged, correct it, and write today's date"
        yield finding(CODE, LEVEL, title, place, "more than a year ago", cure)

"""A filter pattern that no line of AxonFlow can match: silent for ever, and it looks healthy.

Judged on one example of each line that the source can write, so only for literal words: a regular
expression may ask for values that the examples do not have.
"""

from __future__ import annotations

from collections.abc import Iterator

from axonwatch.catalog.evidence import Evidence, finding
from axonwatch.catalog.log_lines import known_lines
from axonwatch.diagnostics import Diagnostic, Level
from axonwatch.syntax.filter_pattern import Message, parse_filter_pattern
from axonwatch.syntax.text import SyntaxFault

CODE = "dead-pattern"
LEVEL = Level.WARNING


def check(evidence: Evidence) -> Iterator[Diagnostic]:
    """Every metric filter over an AxonFlow service's log that matches none of its lines."""
    if evidence.loaded is None:
        return
    groups = {one.log_group: one.component for one in evidence.loaded.companion.inventory.services}
    lines = {
        component: [Message(line) for line in known_lines(component)]
        for component in groups.values()
    }
    for subject in evidence.metric_filters:
        if "%" in subject.piece.pattern:
            continue
        known = lines.get(groups.get(subject.piece.log_group, ""), [])
        try:
            pattern = parse_filter_pattern(subject.piece.pattern)
        except SyntaxFault:
            continue
        if known and not any(pattern.match(message) for message in known):
            title = f"no line that the service writes matches `{subject.piece.metric}`"
            label = "matches none of the known lines"
            cure = "correct the words; if the line is new, ignore this and say where it comes from"
            yield finding(CODE, LEVEL, title, subject.at("pattern"), label, cure)

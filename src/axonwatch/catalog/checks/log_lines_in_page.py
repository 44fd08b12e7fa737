"""Log lines go out by mail and SMS: they can hold secrets and users' own text."""

from __future__ import annotations

from collections.abc import Iterator

from axonwatch.catalog.evidence import Evidence, called, finding
from axonwatch.diagnostics import Diagnostic, Level

CODE = "log-lines-in-page"
LEVEL = Level.WARNING


def check(evidence: Evidence) -> Iterator[Diagnostic]:
    """Every log alarm that puts log lines into its notification."""
    for subject, alarm in evidence.log_alarms:
        if alarm.log_line_count > 0 and subject.knows("log_lines"):
            title = f"{called(subject)} sends {alarm.log_line_count} log lines with its page"
            label = "mail and SMS are not private; log lines can hold keys and users' text"
            key = "ActionLogLineCount" if evidence.template else "log_lines"
            cure = f"set `{key}` to 0, and let the page name a saved query"
            yield finding(CODE, LEVEL, title, subject.at("log_lines"), label, cure)

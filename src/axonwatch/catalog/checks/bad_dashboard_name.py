"""A dashboard name that CloudWatch refuses: letters, digits, - and _, at most 255."""

from __future__ import annotations

import re
from collections.abc import Iterator

from axonwatch.catalog.evidence import Evidence, finding
from axonwatch.diagnostics import Diagnostic, Level

_NAME = re.compile(r"[A-Za-z0-9_-]{1,255}")

CODE = "bad-dashboard-name"
LEVEL = Level.ERROR


def check(evidence: Evidence) -> Iterator[Diagnostic]:
    """Every dashboard with such a name."""
    for subject in evidence.dashboards:
        name = subject.piece.name
        if "${" not in name and not _NAME.fullmatch(name):
            title = f"`{name}` is not a name for a dashboard"
            cure = "letters, digits, `-` and `_`; at most 255"
            yield finding(CODE, LEVEL, title, subject.at("name", "title"), "", cure)

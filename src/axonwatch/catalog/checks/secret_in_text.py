"""A secret in a text that goes out: a description, a runbook, a dashboard. Cannot be ignored."""

from __future__ import annotations

import re
from collections.abc import Iterator

from axonwatch.catalog.evidence import Evidence, finding
from axonwatch.catalog.runbooks import runbook_places
from axonwatch.diagnostics import Diagnostic, Level, Span
from axonwatch.model.dashboards import TextWidget
from axonwatch.model.masking import mask

CODE = "secret-in-text"
LEVEL = Level.WARNING
IGNORABLE = False

# What `mask` writes in place of a secret. An address to write to is none, and in prose a word may
# follow `password:`; only an assignment is taken for one there.
_STAND_IN = re.compile(r"<([a-z][a-z0-9-]*):[0-9a-f]{4}>")
_PUBLIC = {"email", "secret", "token"}
_ASSIGNED = re.compile(r"(?i)\b(?:password|passwd|pwd|secret|token)=[^\s<$*{\[`'\"]{4,}")


def check(evidence: Evidence) -> Iterator[Diagnostic]:
    """Every text with a secret in it; the finding never shows the secret."""
    for subject in evidence.alarms:
        text = subject.piece.description
        yield from _judge(text, subject.at("description", "summary"), f"alarm `{subject.key}`")
    for dashboard in evidence.dashboards:
        for index, widget in enumerate(dashboard.piece.widgets):
            if isinstance(widget, TextWidget):
                span = dashboard.at(f"widget {index}", "body")
                yield from _judge(widget.markdown, span, f"dashboard `{dashboard.piece.key}`")
    for place in runbook_places(evidence):
        yield from _judge(place.text, place.span(0, 0), f"runbook `{place.name}`")


def _judge(text: str, span: Span, what: str) -> Iterator[Diagnostic]:
    before = _STAND_IN.findall(text)
    kinds = sorted({kind for kind in _STAND_IN.findall(mask(text)) if kind not in before})
    kinds = [kind for kind in kinds if kind not in _PUBLIC]
    if _ASSIGNED.search(text):
        kinds.append("password")
    if kinds:
        title = f"the text of {what} holds what looks like a secret: {', '.join(kinds)}"
        label = "mail and SMS are not private"
        cure = "take it out, and change the secret"
        yield finding(CODE, LEVEL, title, span, label, cure)

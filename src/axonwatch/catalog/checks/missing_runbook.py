"""An alarm that wakes someone and does not say what to do."""

from __future__ import annotations

import re
from collections.abc import Iterator

from axonwatch.catalog.evidence import Evidence, called, finding, tells_people
from axonwatch.diagnostics import Diagnostic, Level

_LINK = re.compile(r"https?://|runbook|playbook|wiki", re.IGNORECASE)

CODE = "missing-runbook"
LEVEL = Level.WARNING


def check(evidence: Evidence) -> Iterator[Diagnostic]:
    """Every runbook that does not exist; in templates, every description without a link to one."""
    if evidence.loaded is not None:
        paths = {one.path for one in evidence.loaded.companion.runbooks}
        for subject in evidence.alarms:
            about = subject.piece.about
            if about is not None and about.runbook not in paths:
                title = f"there is no runbook `{about.runbook}`"
                cure = "write it: Meaning, Impact, Is it real?, Look at, Do, Escalate, Reviewed"
                span = subject.at("runbook")
                yield finding(CODE, LEVEL, title, span, f"named by {called(subject)}", cure)
        return
    for subject in evidence.alarms:
        actions = subject.piece.actions
        tells = bool(actions.alarm) and actions.enabled and tells_people(evidence, subject)
        if tells and subject.knows("description") and not _LINK.search(subject.piece.description):
            title = f"{called(subject)} names no runbook"
            label = "the description is all that the page says"
            cure = "say what it means, and where it is written what to do"
            span = subject.at("description")
            yield finding(CODE, Level.INFO, title, span, label, cure)

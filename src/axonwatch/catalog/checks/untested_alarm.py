"""An alarm that no scenario names: nobody has seen it fire, or stay quiet."""

from __future__ import annotations

import re
from collections.abc import Iterator

from axonwatch.catalog.evidence import Evidence, finding
from axonwatch.catalog.scenario_files import scenario_texts
from axonwatch.diagnostics import Diagnostic, Level

CODE = "untested-alarm"
LEVEL = Level.WARNING


def check(evidence: Evidence) -> Iterator[Diagnostic]:
    """Every alarm of the definitions that no scenario file names."""
    if evidence.loaded is None:
        return
    texts = scenario_texts(evidence.loaded.project)
    if texts is None:
        return
    words = set(re.findall(r"[A-Za-z0-9_./-]+", texts))
    for subject in evidence.alarms:
        spellings = {subject.key, subject.piece.name}
        if not spellings & words:
            title = f"no scenario names `{subject.key}`"
            label = "never seen to fire, nor to stay quiet"
            cure = "add it to `expect` of a scenario in scenarios/"
            yield finding(CODE, LEVEL, title, subject.origin, label, cure)

"""A runbook or page that names a saved query, an alarm or a dashboard which does not exist."""

from __future__ import annotations

import re
from collections.abc import Iterator

from axonwatch.catalog.evidence import Evidence, finding
from axonwatch.catalog.runbooks import runbook_places
from axonwatch.catalog.schema_check import correction
from axonwatch.diagnostics import Diagnostic, Level

_QUERY = re.compile(r"\baxonwatch query (?!-)([a-z][a-z0-9-]+)")
_ALARM = re.compile(r"(?<![\w/.:-])([a-z][a-z_]*)/([a-z0-9]+(?:-[a-z0-9]+)*)(?![\w/.-])")
_DASHBOARD = re.compile(r"\bdashboard `([a-z_-]+)`")

CODE = "dead-reference"
LEVEL = Level.WARNING
NEEDS_ALL = True


def check(evidence: Evidence) -> Iterator[Diagnostic]:
    """Every name in a runbook, and every `look` and `dashboard` of an alarm, that means nothing."""
    if evidence.loaded is None:
        return
    queries = [subject.piece.name for subject in evidence.queries]
    boards = [subject.piece.key for subject in evidence.dashboards]
    alarms = {subject.key for subject in evidence.alarms} | evidence.loaded.left_out
    components = {path.partition("/")[0] for path in alarms}
    for place in runbook_places(evidence):
        for pattern, kind, known in (
            (_QUERY, "saved query", queries),
            (_DASHBOARD, "dashboard", [*boards, *(b.replace("_", "-") for b in boards)]),
        ):
            for match in pattern.finditer(place.text):
                if match[1] not in known:
                    title = f"there is no {kind} `{match[1]}`"
                    span = place.span(match.start(1), match.end(1))
                    yield finding(CODE, LEVEL, title, span, "", correction(match[1], known))
        for match in _ALARM.finditer(place.text):
            if match[1] in components and match[0] not in alarms and match[1] != match[2]:
                title = f"there is no alarm `{match[0]}`"
                span = place.span(match.start(), match.end())
                yield finding(CODE, LEVEL, title, span, "", correction(match[0], alarms))
    for subject in evidence.alarms:
        about = subject.piece.about
        if about is not None and about.look and about.look not in queries:
            title = f"there is no saved query `{about.look}`"
            cure = correction(about.look, queries)
            yield finding(CODE, LEVEL, title, subject.at("look"), "the page names it", cure)
        if about is not None and "dashboard" in subject.places and about.dashboard not in boards:
            title = f"there is no dashboard `{about.dashboard}`"
            cure = correction(about.dashboard or "", boards)
            yield finding(CODE, LEVEL, title, subject.at("dashboard"), "the page links it", cure)

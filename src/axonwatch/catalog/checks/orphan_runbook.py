"""A runbook that no alarm names: nobody is led to it, and nobody keeps it true."""

from __future__ import annotations

from collections.abc import Iterator

from axonwatch.catalog.evidence import Evidence, finding
from axonwatch.catalog.nodes import ScalarNode
from axonwatch.catalog.runbooks import runbook_places
from axonwatch.diagnostics import Diagnostic, Level

CODE = "orphan-runbook"
LEVEL = Level.WARNING
NEEDS_ALL = True


def check(evidence: Evidence) -> Iterator[Diagnostic]:
    """Every runbook without an alarm; those of alarms that are left out keep theirs.

    A project without runbooks of its own reads ours: what it does not need of them is no fault.
    """
    if evidence.loaded is None:
        return
    project = evidence.loaded.project
    if project.runbooks.parent != project.root:
        return
    documents = evidence.loaded.documents
    named = {
        node.text
        for entity in (*documents.alarms, *documents.composites)
        if isinstance(node := entity.node.get("runbook"), ScalarNode)
    }
    for place in runbook_places(evidence):
        if place.path not in named and place.name.lower() != "readme":
            title = f"no alarm names the runbook `{place.name}`"
            yield finding(CODE, LEVEL, title, place.span(0, 0), "", "delete it, or name it")

"""Runbooks as checks read them: their text, with places."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from axonwatch.catalog.evidence import Evidence
from axonwatch.catalog.nodes import SourceText
from axonwatch.diagnostics import Span


@dataclass(frozen=True)
class RunbookPlace:
    """One runbook: `path` is what alarms call it, `source` knows where it stands."""

    name: str
    path: str
    source: SourceText

    @property
    def text(self) -> str:
        """The Markdown."""
        return self.source.text

    def span(self, start: int, end: int) -> Span:
        """The span of a stretch of the text."""
        return self.source.span(start, end)


def runbook_places(evidence: Evidence) -> Iterator[RunbookPlace]:
    """The runbooks of the definitions; a template has none."""
    if evidence.loaded is None:
        return
    files = evidence.loaded.documents.runbook_files
    for one in evidence.loaded.companion.runbooks:
        yield RunbookPlace(one.name, one.path, SourceText(files.get(one.path, one.path), one.text))

"""An alarm whose actions are switched off."""

from __future__ import annotations

from collections.abc import Iterator

from axonwatch.catalog.evidence import Evidence
from axonwatch.catalog.page_path.proof import prove
from axonwatch.diagnostics import Diagnostic, Level

CODE = "actions-disabled"
LEVEL = Level.WARNING


def check(evidence: Evidence) -> Iterator[Diagnostic]:
    """Every such place on a page's path."""
    if evidence.template is not None:
        yield from (one for one in prove(evidence.template) if one.code == CODE)

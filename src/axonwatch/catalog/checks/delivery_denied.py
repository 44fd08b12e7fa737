"""A function or queue on a page's path that does not let the message in."""

from __future__ import annotations

from collections.abc import Iterator

from axonwatch.catalog.evidence import Evidence
from axonwatch.catalog.page_path.proof import prove
from axonwatch.diagnostics import Diagnostic, Level

CODE = "delivery-denied"
LEVEL = Level.WARNING


def check(evidence: Evidence) -> Iterator[Diagnostic]:
    """Every such place on a page's path."""
    if evidence.template is not None:
        yield from (one for one in prove(evidence.template) if one.code == CODE)

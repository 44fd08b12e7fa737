"""`arn:aws:` on a page's path of a template that is meant for other partitions too."""

from __future__ import annotations

from collections.abc import Iterator

from axonwatch.catalog.evidence import Evidence
from axonwatch.catalog.page_path.proof import prove
from axonwatch.diagnostics import Diagnostic, Level

CODE = "fixed-partition"
LEVEL = Level.WARNING


def check(evidence: Evidence) -> Iterator[Diagnostic]:
    """Every such place on a page's path."""
    if evidence.template is not None:
        yield from (one for one in prove(evidence.template) if one.code == CODE)

"""A topic encrypted with a key that the publisher cannot use: the alarm turns red, nobody is told.

CloudWatch calls KMS itself: `alias/aws/sns` never works, and kms:ViaService does not help.
"""

from __future__ import annotations

from collections.abc import Iterator

from axonwatch.catalog.evidence import Evidence
from axonwatch.catalog.page_path.proof import prove
from axonwatch.diagnostics import Diagnostic, Level

CODE = "key-denied"
LEVEL = Level.WARNING


def check(evidence: Evidence) -> Iterator[Diagnostic]:
    """Every such place on a page's path."""
    if evidence.template is not None:
        yield from (one for one in prove(evidence.template) if one.code == CODE)

"""Faults of the languages as findings: a code with a page keeps it, others take the check's."""

from __future__ import annotations

from functools import cache

from axonwatch.catalog.project import check_pages
from axonwatch.diagnostics import Diagnostic, Level, Span
from axonwatch.syntax.text import SyntaxFault


@cache
def _pages() -> frozenset[str]:
    """The codes that have a page of their own."""
    folder = check_pages()
    return frozenset(page.stem for page in folder.glob("*.md")) if folder.is_dir() else frozenset()


def fault_finding(
    code: str, level: Level, fault: SyntaxFault, span: Span, *, about: str = ""
) -> Diagnostic:
    """The finding of a fault; `code` is the check's, for faults that have no page of their own."""
    own = fault.code if fault.code in _pages() else code
    label = fault.label or (f"in {about}" if about else "")
    return Diagnostic(own, level, fault.title, span, label, fault.help)

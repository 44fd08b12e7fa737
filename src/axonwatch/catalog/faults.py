"""Faults of the languages as findings: a code with a page keeps it, others take the check's."""

from __future__ import annotations

from functools import cache

from axonwatch.catalog.project import check_pages
from axonwatch.diagnostics import Diagnostic, Level, Span
from axonwatch.syntax.text import SyntaxFault

# What to write where a language's own fault has no cure of its own.
_CURES = {
    "bad-rule": "join ALARM(x), OK(x) or INSUFFICIENT_DATA(x) by AND, OR and NOT, with brackets",
    "bad-filter-pattern": "write words in quotes, `{ $.field = value }`, or `[a, b, ...]`",
    "bad-mute": "write `cron(minute hour day month weekday)` or `at(2026-12-24T18:00)`",
    "bad-expression": "write metric math over the ids of the metrics",
    "bad-query": "write a Logs Insights query: commands joined by `|`",
}


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
    cure = fault.help or _CURES.get(code, "")
    return Diagnostic(own, level, fault.title, span, label, cure)

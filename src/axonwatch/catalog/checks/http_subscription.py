"""A subscriber over plain HTTP: anyone on the way can read the page."""

from __future__ import annotations

from collections.abc import Iterator

from axonwatch.catalog.evidence import Evidence, finding
from axonwatch.catalog.page_path.proof import prove
from axonwatch.diagnostics import Diagnostic, Level

CODE = "http-subscription"
LEVEL = Level.WARNING


def check(evidence: Evidence) -> Iterator[Diagnostic]:
    """Every such place on a page's path."""
    if evidence.template is not None:
        yield from (one for one in prove(evidence.template) if one.code == CODE)
    if evidence.loaded is not None:
        stack = evidence.loaded.stack
        for topic in stack.notifications.topics:
            for one in topic.subscriptions:
                if one.endpoint.startswith("http://"):
                    title = f"pages go to `{one.endpoint}` over plain HTTP"
                    span = stack.subscriptions[f"{topic.severity} {one.endpoint}"]
                    yield finding(CODE, LEVEL, title, span, "anyone can read them", "use https")

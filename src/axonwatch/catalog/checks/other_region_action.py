"""An alarm action in another region: an alarm reaches topics of its own region only."""

from __future__ import annotations

from collections.abc import Iterator

from axonwatch.catalog.evidence import Evidence, finding
from axonwatch.catalog.page_path.proof import prove
from axonwatch.diagnostics import Diagnostic, Level

CODE = "other-region-action"
LEVEL = Level.WARNING


def check(evidence: Evidence) -> Iterator[Diagnostic]:
    """Every such place on a page's path."""
    if evidence.template is not None:
        yield from (one for one in prove(evidence.template) if one.code == CODE)
    if evidence.loaded is not None:
        region = evidence.loaded.companion.inventory.region
        for topic in evidence.loaded.companion.notifications.topics:
            parts = (topic.arn or "").split(":")
            if len(parts) > 5 and parts[3] != region:
                title = f"the topic of severity `{topic.severity}` is in {parts[3]}"
                label = f"the alarms are in {region}, and reach topics of their own region only"
                span = evidence.loaded.stack.subscriptions[f"{topic.severity} topic"]
                yield finding(CODE, LEVEL, title, span, label, f"name a topic in {region}")

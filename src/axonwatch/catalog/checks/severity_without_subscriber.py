"""A severity that nobody is subscribed to: its alarms tell nobody. It cannot be ignored."""

from __future__ import annotations

from collections.abc import Iterator

from axonwatch.catalog.evidence import Evidence, finding
from axonwatch.diagnostics import Diagnostic, Level

CODE = "severity-without-subscriber"
LEVEL = Level.WARNING
IGNORABLE = False


def check(evidence: Evidence) -> Iterator[Diagnostic]:
    """Every severity of stack.yaml that alarms use, without subscribers or a topic of its own."""
    if evidence.loaded is None:
        return
    stack = evidence.loaded.stack
    chats = {severity for severity, _, _ in stack.notifications.chat}
    used = {one.piece.about.severity for one in evidence.alarms if one.piece.about}
    for topic in stack.notifications.topics:
        if (
            topic.subscriptions
            or topic.arn
            or topic.severity in chats
            or topic.severity not in used
        ):
            continue
        title = f"nobody is subscribed to severity `{topic.severity}`"
        cure = f"add `severities: {topic.severity}: subscribe: [{{email: you@example.com}}]`"
        span = stack.subscriptions.get(str(topic.severity), stack.node.key_span("main_stack"))
        yield finding(CODE, LEVEL, title, span, "its alarms tell nobody", cure)

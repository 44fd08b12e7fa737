"""stack.yaml: the main stack, who is told, and what is overridden or switched off."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from axonwatch.catalog.definitions.bench import Features, flag, text, texts
from axonwatch.catalog.nodes import Entry, ListNode, MapNode, Node, ScalarNode
from axonwatch.catalog.schema_check import check_schema
from axonwatch.catalog.source import read_yaml
from axonwatch.diagnostics import InvalidInput, Span
from axonwatch.model.alarms import Severity
from axonwatch.model.notifications import Notifications, Subscription, Topic
from axonwatch.model.stack import Names

CHATS = ("slack", "teams")


@dataclass(frozen=True)
class Switched:
    """A definition that stack.yaml switches off."""

    path: str
    reason: str
    span: Span


@dataclass(frozen=True)
class StackFile:
    """What stack.yaml says. `override` holds nodes, so that errors in them have their place."""

    main_stack: str
    region: str | None
    inventory: str
    notifications: Notifications
    features: Features
    override: Mapping[str, Entry]
    off: tuple[Switched, ...]
    overlay: ScalarNode | None
    tags: tuple[tuple[str, str], ...]
    runbook_url: str | None
    node: MapNode
    subscriptions: Mapping[str, Span] = field(default_factory=dict)

    @property
    def names(self) -> Names:
        """The names of the companion."""
        return Names(self.main_stack)

    def at(self, key: str) -> Span:
        """Where a key's value stands."""
        return self.node.value_span(key)


def read_stack_file(path: Path, *, root: Path) -> StackFile:
    """Read stack.yaml. Raises InvalidInput with every finding."""
    node = read_yaml(path, root=root)
    findings = check_schema("stack", node)
    if findings or not isinstance(node, MapNode):
        raise InvalidInput(findings)
    names = Names(text(node, "main_stack"))
    features = node.get("features")
    switches = {
        name: flag(features, name, default=True)
        for name in ("log_alarms", "mute_rules", "query_parameters", "warm_up")
        if isinstance(features, MapNode)
    }
    override = node.get("override")
    tags = node.get("tags")
    overlay = node.get("overlay")
    notifications, spans = _notifications(node, names)
    return StackFile(
        main_stack=names.stack,
        region=text(node, "region") or None,
        inventory=text(node, "inventory", "inventory.json"),
        notifications=notifications,
        features=Features(**switches),
        override=override.entries if isinstance(override, MapNode) else {},
        off=tuple(_switched(node.get("off"))),
        overlay=overlay if isinstance(overlay, ScalarNode) else None,
        tags=tuple((key, text(tags, key)) for key in tags.entries)
        if isinstance(tags, MapNode)
        else (),
        runbook_url=text(node, "runbook_url") or None,
        node=node,
        subscriptions=spans,
    )


def _switched(node: Node | None) -> list[Switched]:
    if isinstance(node, ListNode):
        return [Switched(one.text, "", one.span) for one in texts(node)]
    if isinstance(node, MapNode):
        return [Switched(key, text(node, key), entry.key.span) for key, entry in node.items()]
    return []


def _notifications(node: MapNode, names: Names) -> tuple[Notifications, dict[str, Span]]:
    severities = node.get("severities")
    events = node.get("events")
    topics: list[Topic] = []
    chat: list[tuple[Severity, str, str]] = []
    spans: dict[str, Span] = {}
    for severity in Severity:
        about = severities.get(severity) if isinstance(severities, MapNode) else None
        arn = None
        subscriptions = []
        if isinstance(severities, MapNode) and isinstance(about, MapNode):
            spans[str(severity)] = severities.key_span(severity)
            spans[f"{severity} topic"] = about.value_span("topic_arn")
            arn = text(about, "topic_arn") or None
            for protocol, endpoint in _subscribers(about.get("subscribe")):
                spans[f"{severity} {endpoint.text}"] = endpoint.span
                if protocol in CHATS:
                    chat.append((severity, protocol, endpoint.text))
                else:
                    subscriptions.append(Subscription(protocol, endpoint.text))
        topics.append(Topic(severity, names.topic(severity), tuple(subscriptions), arn))
    switches = events if isinstance(events, MapNode) else None
    notifications = Notifications(
        topics=tuple(topics),
        rds_events=switches is None or flag(switches, "rds", default=True),
        ecs_deployment_events=switches is None or flag(switches, "ecs_deployments", default=True),
        chat=tuple(chat),
    )
    return notifications, spans


def _subscribers(node: Node | None) -> Iterator[tuple[str, ScalarNode]]:
    for item in node.items if isinstance(node, ListNode) else ():
        for protocol, entry in item.items() if isinstance(item, MapNode) else ():
            if isinstance(entry.value, ScalarNode):
                yield protocol, entry.value

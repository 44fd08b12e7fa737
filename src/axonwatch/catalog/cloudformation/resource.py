"""A resource of a template: its properties as values, each with its place."""

from __future__ import annotations

from dataclasses import dataclass

from axonwatch.catalog.cloudformation.resolve import Resolver
from axonwatch.catalog.cloudformation.values import Absent, Unknown, Value, items
from axonwatch.catalog.nodes import ListNode, MapNode, Node, ScalarNode
from axonwatch.diagnostics import Span


@dataclass(frozen=True, eq=False)
class Resource:
    """One entry of `Resources`. `condition` names the condition it depends on, if any."""

    id: str
    type: str
    key: ScalarNode
    node: MapNode
    resolver: Resolver
    condition: str | None = None

    @property
    def origin(self) -> Span:
        """Where its logical id is written."""
        return self.key.span

    @property
    def properties(self) -> MapNode | None:
        """The node of its properties; None if there are none, or if they are one intrinsic."""
        node = self.node.get("Properties")
        return node if isinstance(node, MapNode) else None

    def node_of(self, *path: str) -> Node | None:
        """The node at a path of properties."""
        node: Node | None = self.properties
        for step in path:
            node = node.get(step) if isinstance(node, MapNode) else None
        return node

    def get(self, *path: str) -> Value:
        """The value at a path of properties; None if it is not written."""
        node: Node | None = self.properties
        for index, step in enumerate(path):
            if not isinstance(node, MapNode):
                return None
            if len(node.entries) == 1 and next(iter(node.entries)).startswith(("Fn::", "Ref")):
                return self._within(node, path[index:])
            node = node.get(step)
        value = self.resolver.value(node) if node is not None else None
        return None if isinstance(value, Absent) else value

    def _within(self, node: MapNode, rest: tuple[str, ...]) -> Value:
        value = self.resolver.value(node)
        for step in rest:
            if not isinstance(value, dict):
                return value if isinstance(value, Unknown) else None
            value = value.get(step)
        return value

    def at(self, *path: str) -> Span:
        """Where the value at a path stands, or its key if the value has several lines.

        The logical id if it is not written.
        """
        node = self.node_of(*path)
        if node is None:
            return self.origin
        above = self.node_of(*path[:-1])
        if isinstance(above, MapNode) and node.span.end_line > node.span.line:
            return above.key_span(path[-1])
        return node.span

    def texts(self, *path: str) -> tuple[list[str], bool]:
        """The texts of a list, and whether that is all of it."""
        value = self.get(*path)
        if isinstance(value, Unknown):
            return [], False
        found = [item for item in items(value) if isinstance(item, str)]
        return found, len(found) == len(items(value))

    def item_nodes(self, *path: str) -> tuple[Node, ...]:
        """The nodes of a list property."""
        node = self.node_of(*path)
        return node.items if isinstance(node, ListNode) else ()


def read_resources(root: MapNode, resolver: Resolver) -> dict[str, Resource]:
    """The resources of a template by logical id; what has not their form is passed over."""
    section = root.get("Resources")
    found = {}
    for name, entry in section.items() if isinstance(section, MapNode) else ():
        node = entry.value
        kind = node.get("Type") if isinstance(node, MapNode) else None
        if not isinstance(node, MapNode) or not isinstance(kind, ScalarNode):
            continue
        condition = node.get("Condition")
        found[name] = Resource(
            name,
            kind.text,
            entry.key,
            node,
            resolver,
            condition.text if isinstance(condition, ScalarNode) else None,
        )
    return found

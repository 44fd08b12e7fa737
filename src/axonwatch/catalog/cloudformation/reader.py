"""Properties of one resource, read with their places, and with a note of what is not known."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from axonwatch.catalog.cloudformation.resource import Resource
from axonwatch.catalog.cloudformation.values import (
    Unknown,
    Value,
    boolean,
    is_symbolic,
    number,
    whole,
)
from axonwatch.catalog.nodes import ScalarNode
from axonwatch.catalog.subject import Piece, Subject, literal_text
from axonwatch.diagnostics import Span
from axonwatch.model.alarms import Actions


class Reader:
    """The facts of one resource."""

    def __init__(self, resource: Resource) -> None:
        self.resource = resource
        self.unknown: set[str] = set()
        self.assumed: set[str] = set()
        self.places: dict[str, Span] = {}
        self.texts: dict[str, ScalarNode] = {}

    def raw(self, fact: str, *path: str) -> Value:
        """The value, or None; its place is kept, and whether it is known."""
        before = self.resource.resolver.assumed
        value = self.resource.get(*path)
        if self.resource.resolver.assumed > before:
            self.assumed.add(fact)
        if self.resource.node_of(*path) is not None:
            self.places[fact] = self.resource.at(*path)
        if isinstance(value, Unknown):
            self.unknown.add(fact)
            return None
        return value

    def text(self, fact: str, *path: str, default: str = "") -> str:
        """The text; one with references in it is kept, and noted as not known."""
        value = self.raw(fact, *path)
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            return default
        written = str(value)
        if is_symbolic(written):
            self.unknown.add(fact)
        node = literal_text(self.resource.node_of(*path), written)
        if node is not None:
            self.texts[fact] = node
        return written

    def _typed(self, fact: str, path: tuple[str, ...], read: Callable[[Value], object]) -> Value:
        value = self.raw(fact, *path)
        result = read(value)
        if result is None and value is not None:
            self.unknown.add(fact)
        return result  # type: ignore[return-value]

    def number(self, fact: str, *path: str) -> float | None:
        """The number, if it is one."""
        value = self._typed(fact, path, number)
        return value if isinstance(value, float) else None

    def whole(self, fact: str, *path: str) -> int | None:
        """The whole number, if it is one."""
        value = self._typed(fact, path, whole)
        return value if isinstance(value, int) else None

    def flag(self, fact: str, *path: str) -> bool | None:
        """The boolean, if it is one."""
        value = self._typed(fact, path, boolean)
        return value if isinstance(value, bool) else None

    def actions(self) -> Actions:
        """The actions of all states."""
        lists = {}
        for fact, key in (
            ("actions", "AlarmActions"),
            ("ok_actions", "OKActions"),
            ("insufficient_actions", "InsufficientDataActions"),
        ):
            self.raw(fact, key)
            lists[fact], complete = self.resource.texts(key)
            if not complete:
                self.unknown.add(fact)
        enabled = self.flag("actions_enabled", "ActionsEnabled")
        return Actions(
            tuple(lists["actions"]),
            tuple(lists["ok_actions"]),
            tuple(lists["insufficient_actions"]),
            enabled=enabled is not False,
        )

    def subject(self, piece: Piece, words: Mapping[str, str]) -> Subject[Piece]:
        """The piece with its places and with what is not known of it."""
        return Subject(
            piece,
            self.resource.id,
            self.resource.origin,
            self.places,
            words,
            frozenset(self.unknown),
            self.texts,
            frozenset(self.assumed),
        )

    def name(self, *path: str) -> str:
        """The name; CloudFormation makes one of the logical id if none is given."""
        written = self.text("name", *path)
        return written or self.resource.id

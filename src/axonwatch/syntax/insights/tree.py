"""Walks over trees, without recursion: a long query is no deep stack."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from axonwatch.syntax.insights.nodes import Attribute, Field, Index, Node, Query


def walk(node: object, *, queries: bool = True) -> Iterator[Node]:
    """All nodes below a node, itself first, in the text's order; inner queries if wanted."""
    waiting: list[object] = [node]
    first = True
    while waiting:
        one = waiting.pop()
        if isinstance(one, tuple):
            waiting += reversed(one)
        elif isinstance(one, Node) and (first or queries or not isinstance(one, Query)):
            yield one
            parts = [getattr(one, part.name) for part in dataclasses.fields(one)]
            waiting += reversed(parts)
        first = False


def walk_commands(query: Query) -> Iterator[Node]:
    """The commands of a query and of the queries inside it."""
    for node in walk(query):
        if isinstance(node, Query):
            yield from node.commands


def walk_paths(node: object) -> Iterator[tuple[tuple[str, ...], Node]]:
    """The names that a node reads, with keys and indexes behind them; inner queries left out."""
    waiting: list[object] = [node]
    first = True
    while waiting:
        one = waiting.pop()
        if isinstance(one, (Attribute, Index)):
            keys: list[str] = []
            base: object = one
            while isinstance(base, (Attribute, Index)):
                keys.insert(0, base.name if isinstance(base, Attribute) else str(base.position))
                base = base.base
            if isinstance(base, Field):
                yield (*base.segments, *keys), one
            else:
                waiting.append(base)
        elif isinstance(one, Field):
            yield one.segments, one
        elif isinstance(one, tuple):
            waiting += reversed(one)
        elif isinstance(one, Node) and (first or not isinstance(one, Query)):
            parts = [getattr(one, part.name) for part in dataclasses.fields(one)]
            waiting += reversed(parts)
        first = False

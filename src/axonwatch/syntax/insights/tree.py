"""Walks over trees, without recursion: a long query is no deep stack."""

from __future__ import annotations

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
            waiting += reversed(one.inner())
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
            waiting += reversed(one.inner())
        first = False


def draw_tree(node: Node) -> str:
    """The tree for people: a node on each line, its parts indented, its span behind it."""
    lines: list[str] = []
    waiting: list[tuple[int, str, object]] = [(0, "", node)]
    while waiting:
        depth, label, one = waiting.pop()
        head = f"{'  ' * depth}{label}"
        if isinstance(one, Node):
            plain, inner = [], []
            for name in one.told:
                value = getattr(one, name)
                if value in (None, ()):
                    continue
                is_tree = isinstance(value, Node) or (
                    isinstance(value, tuple) and isinstance(value[0], (Node, tuple))
                )
                if is_tree:
                    inner.append((depth + 1, f"{name}: ", value))
                else:
                    plain.append(f"{name}={value!r}")
            about = f" {' '.join(plain)}" if plain else ""
            place = f"  [{one.span.start}:{one.span.end}]"
            lines.append(f"{head}{type(one).__name__}{about}{place}")
            waiting += reversed(inner)
        elif isinstance(one, tuple):
            lines.append(head.rstrip())
            waiting += reversed([(depth + 1, "- ", part) for part in one])
        else:
            lines.append(f"{head}{one!r}")
    return "\n".join(lines)

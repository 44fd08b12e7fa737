"""Which fields the commands of a query compute with, so that they are taken out at once.

Fields that are only shown are not among them: these are taken out last, of the rows that are left.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from axonwatch.query.sql.document import Pointers, pointers_of
from axonwatch.syntax.insights import command_nodes as c
from axonwatch.syntax.insights import nodes as n
from axonwatch.syntax.insights.regex import read_regex
from axonwatch.syntax.insights.tree import walk, walk_paths


@dataclass
class Needs:
    """`discovered`: places in the event; `inside`: places in maps and lists, by their names."""

    discovered: set[Pointers] = field(default_factory=set)
    inside: dict[str, set[Pointers]] = field(default_factory=dict)


def find_needs(query: n.Query) -> Needs:
    """What the query computes with before its first stats or join, that included."""
    needs = Needs()
    given = set(_given_names(query))
    for command in query.commands:
        for segments in _names(command):
            for length in range(1, len(segments)):
                prefix = ".".join(segments[:length])
                if prefix in given:
                    needs.inside.setdefault(prefix, set()).add(pointers_of(segments[length:]))
            prefixes = {".".join(segments[:length]) for length in range(1, len(segments) + 1)}
            name = ".".join(segments)
            if not prefixes & given and (name.startswith("@@") or not name.startswith("@")):
                needs.discovered.add(pointers_of(name.removeprefix("@").split(".")))
        if isinstance(command, (c.Stats, c.Join)):
            break
    return needs


# Aggregates for which two events of the same time are a first and a second.
_BY_ORDER = frozenset({"earliest", "latest", "rate"})


def ignores_order(query: n.Query) -> bool:
    """Whether the order of the events in their files can make no difference to the answer.

    Claimed only of queries that pick and compute, and then group: reading is cheaper then.
    """
    for node in walk(query):
        if isinstance(node, n.Query) and node is not query:
            return False
        if isinstance(node, n.Field) and node.name.lower() == "@ptr":
            return False
    for command in query.commands:
        if isinstance(command, c.Stats):
            calls = (node for node in walk(command) if isinstance(node, n.Call))
            return all(call.function.lower() not in _BY_ORDER for call in calls)
        if isinstance(command, c.ParseRegex) and command.multi:
            return False
        if not isinstance(command, (c.Fields, c.Filter, c.ParseGlob, c.ParseRegex)):
            return False
    return False


def _given_names(query: n.Query) -> Iterator[str]:
    for node in walk(query, queries=False):
        if isinstance(node, n.Alias):
            yield node.name
        elif isinstance(node, c.ParseRegex):
            yield from read_regex(node.pattern.pattern, node.pattern.span).names


def _names(command: n.Node) -> Iterator[tuple[str, ...]]:
    if isinstance(command, (c.Fields, c.Display)):
        nodes: Iterable[object] = [
            item.expression
            for item in command.items
            if item.alias is not None or not isinstance(item.expression, n.Field)
        ]
    else:
        nodes = [command]
    for node in nodes:
        for segments, _ in walk_paths(node):
            yield segments

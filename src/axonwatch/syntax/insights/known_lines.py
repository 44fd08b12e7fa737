"""Warnings about fields and texts that no line of a log group has, where its lines are known.

`check` hands in what it knows (`LogFacts`); without it nothing is said. A claim ends with the first
command after which a name may come from elsewhere.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from axonwatch.syntax.insights import command_nodes as c
from axonwatch.syntax.insights import nodes as n
from axonwatch.syntax.insights.regex import branches, read_regex
from axonwatch.syntax.insights.tree import walk, walk_paths
from axonwatch.syntax.text import SyntaxFault

# What neither brings names along nor takes the event away.
_PLAIN = (c.Fields, c.Display, c.Filter, c.ParseGlob, c.ParseRegex, c.Sort, c.Limit, c.Dedup)
_NEAR = 0.8


@dataclass(frozen=True)
class LogFacts:
    """What is known of a group's lines.

    `fields` are those that lines can have, None: unknown; under the `open` ones there may be others
    as well. `prefixed`: JSON stands behind a date or other text, so that nothing is discovered in
    it. `spelled` gives a text as lines spell it, where they do not hold it but a twin of it.
    """

    fields: frozenset[str] | None = None
    prefixed: bool = False
    open: frozenset[str] = frozenset()
    spelled: Callable[[str], str | None] | None = None


def doubt_names_and_texts(query: n.Query, facts: LogFacts) -> Iterator[SyntaxFault]:
    """A warning for each field, and each text in @message, that no line has."""
    if facts.fields is not None or facts.prefixed:
        yield from _fields(query, facts)
    if facts.spelled is not None:
        yield from _texts(query, facts.spelled)


def _fields(query: n.Query, facts: LogFacts) -> Iterator[SyntaxFault]:
    made = {node.name for node in walk(query) if isinstance(node, n.Alias)}
    said: set[str] = set()
    for command in query.commands:
        if not isinstance(command, (*_PLAIN, c.Stats)):
            return
        for segments, node in walk_paths(command):
            name = ".".join(segments)
            prefixes = {".".join(segments[:length]) for length in range(1, len(segments) + 1)}
            system = name.startswith("@") and not name.startswith("@@")
            if system or prefixes & made or name in said:
                continue
            fault = _prefixed(name, node) if facts.prefixed else _unknown(name, node, facts)
            if fault is not None:
                said.add(name)
                yield fault
        if isinstance(command, c.Stats):
            return
        if isinstance(command, c.ParseRegex):
            made |= set(read_regex(command.pattern.pattern, command.pattern.span).names)


def _prefixed(name: str, node: n.Node) -> SyntaxFault:
    return SyntaxFault(
        "prefixed-json",
        f"`{name}` is not discovered: the JSON stands behind other text",
        node.span,
        label="missing in these events",
        help="take it out: `parse @message /(?<body>\\{.*\\})/ | fields jsonParse(body) as j`",
    )


def _unknown(name: str, node: n.Node, facts: LogFacts) -> SyntaxFault | None:
    if facts.fields is None or name in facts.fields:
        return None
    near = difflib.get_close_matches(name, sorted(facts.fields), n=1, cutoff=_NEAR)
    if not near and any(name.startswith(f"{one}.") for one in facts.open):
        return None
    return SyntaxFault(
        "unknown-field",
        f"no line of this group has a field `{name}`",
        node.span,
        label="missing in every event",
        help=f"did you mean `{near[0]}`?" if near else "",
    )


def _texts(query: n.Query, spelled: Callable[[str], str | None]) -> Iterator[SyntaxFault]:
    for command in query.commands:
        if not isinstance(command, (*_PLAIN, c.Stats)):
            return
        for node in walk(command, queries=False):
            for text, place in _sought(node):
                known = spelled(text)
                if known is not None:
                    yield SyntaxFault(
                        "unknown-text",
                        f"no known line of this group holds `{text}`",
                        place.span,
                        label="matches nothing",
                        help=f"did you mean `{known}`?",
                    )


def _sought(node: n.Node) -> Iterator[tuple[str, n.Node]]:
    """The texts that a condition or a parse wants to find in @message, and where it says so."""
    match node:
        case n.Like(n.Field() as field, n.String() as pattern, False) if field.name == "@message":
            yield pattern.value, pattern
        case n.Like(n.Field() as field, n.Regex() as pattern, False) if field.name == "@message":
            yield from _required(pattern)
        case c.ParseGlob(subject, pattern) if _is_message(subject):
            yield from ((piece, pattern) for piece in pattern.value.split("*"))
        case c.ParseRegex(subject, pattern) if _is_message(subject):
            yield from _required(pattern)


def _is_message(subject: n.Expression | None) -> bool:
    return subject is None or (isinstance(subject, n.Field) and subject.name == "@message")


def _required(pattern: n.Regex) -> Iterator[tuple[str, n.Node]]:
    for branch in branches(pattern.pattern):
        yield from ((text, pattern) for text in read_regex(branch, pattern.span).required)

"""The tree that files are read into: plain values, each knowing its place in the file.

Made by `catalog.source` (YAML) and `catalog.json_source` (JSON); read by everything in `catalog`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias

from axonwatch.diagnostics import Span

Plain: TypeAlias = "bool | int | float | str | list[Plain] | dict[str, Plain] | None"


class SourceText:
    """A file's text, and the way from offsets in it to lines and columns."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.text = text

    @cached_property
    def lines(self) -> list[str]:
        """The lines without their ends."""
        return self.text.split("\n")

    @cached_property
    def _starts(self) -> list[int]:
        starts = [0]
        for line in self.lines:
            starts.append(starts[-1] + len(line) + 1)
        return starts

    def place(self, offset: int) -> tuple[int, int]:
        """Line and column, both from 1, of an offset."""
        line = bisect_right(self._starts, offset) - 1
        return line + 1, offset - self._starts[line] + 1

    def span(self, start: int, end: int) -> Span:
        """The span of a stretch of offsets; at least one character wide."""
        line, column = self.place(start)
        end_line, end_column = self.place(max(start, end))
        if (end_line, end_column) <= (line, column):
            end_line, end_column = line, column + 1
        return Span(self.file, line, column, end_line, end_column)


@dataclass(frozen=True, eq=False)
class Node:
    """What every node has: its stretch of the source."""

    source: SourceText = field(repr=False)
    start: int
    end: int

    @cached_property
    def span(self) -> Span:
        """Where the node stands."""
        return self.source.span(self.start, self.end)


@dataclass(frozen=True, eq=False)
class ScalarNode(Node):
    """A string, number, boolean or null; `text` is what was written, its quoting undone.

    `style` is YAML's: empty for plain, a quote, or `|` and `>` for block scalars.
    """

    value: str | int | float | bool | None
    text: str
    style: str = ""

    def span_of(self, start: int, end: int) -> Span:
        """Where the characters `start` to `end` of the value stand in the file."""
        places = self._places
        first = min(max(start, 0), len(places) - 1)
        last = min(max(end - 1, first), len(places) - 1)
        width = 0 if first == len(places) - 1 else 1
        return self.source.span(places[first], places[last] + max(width, 1))

    @cached_property
    def _places(self) -> list[int]:
        """For each character of the value its offset in the file, and one for the end."""
        raw = self.source.text
        if self.style in {"|", ">"}:
            return self._block_places(raw)
        at = self.start + (1 if self.style else 0)
        stop = self.end - (1 if self.style else 0)
        places = []
        for wanted in self.text:
            at = min(at, stop)
            if at < stop and raw[at] == wanted:
                places.append(at)
                at += 2 if self.style == "'" and wanted == "'" else 1
                continue
            if self.style == '"' and at < stop and raw[at] == "\\":
                places.append(at)
                at += {"x": 4, "u": 6, "U": 10}.get(raw[at + 1], 2)
                continue
            places.append(at)
            while at < stop and raw[at] in " \t\r\n":  # a fold
                at += 1
        places.append(min(at, stop))
        return places

    def _block_places(self, raw: str) -> list[int]:
        at = raw.find("\n", self.start, self.end) + 1
        if at == 0:
            return [self.start]
        body = raw[at : self.end].split("\n")
        indent = max(_lead(body) - _lead(self.text.split("\n")), 0)
        places: list[int] = []
        line = 0
        offset = at
        column = indent
        for wanted in self.text:
            here = body[line] if line < len(body) else ""
            if wanted == "\n" or (self.style == ">" and wanted == " " and column >= len(here)):
                places.append(min(offset + len(here), self.end))
                if column >= len(here) and line < len(body):
                    offset += len(here) + 1
                    line += 1
                    column = indent
                continue
            while column >= len(here) and line + 1 < len(body):
                offset += len(here) + 1
                line += 1
                here = body[line]
                column = indent
            places.append(min(offset + column, self.end))
            column += 1
        places.append(min(offset + column, self.end))
        return places


def _lead(lines: list[str]) -> int:
    """How many spaces the first line that is not blank begins with."""
    return next((len(li) - len(li.lstrip(" ")) for li in lines if li.strip()), 0)


@dataclass(frozen=True, eq=False)
class Entry:
    """A key of a mapping and its value."""

    key: ScalarNode
    value: Node


@dataclass(frozen=True, eq=False)
class MapNode(Node):
    """A mapping with string keys, in the order of the file."""

    entries: dict[str, Entry]

    def __contains__(self, key: str) -> bool:
        """Whether the mapping has `key`."""
        return key in self.entries

    def get(self, key: str) -> Node | None:
        """The value of `key`, or None."""
        entry = self.entries.get(key)
        return entry.value if entry else None

    def key_span(self, key: str) -> Span:
        """Where `key` itself is written; the mapping's span if it has no such key."""
        entry = self.entries.get(key)
        return entry.key.span if entry else self.span

    def value_span(self, key: str) -> Span:
        """Where the value of `key` stands; the mapping's span if it has no such key."""
        entry = self.entries.get(key)
        return entry.value.span if entry else self.span

    def items(self) -> Iterator[tuple[str, Entry]]:
        """Keys with their entries."""
        return iter(self.entries.items())


@dataclass(frozen=True, eq=False)
class ListNode(Node):
    """A sequence."""

    items: tuple[Node, ...]


def plain(node: Node | None) -> Plain:
    """The node's value without places: dicts, lists and scalars."""
    if isinstance(node, MapNode):
        return {key: plain(entry.value) for key, entry in node.entries.items()}
    if isinstance(node, ListNode):
        return [plain(item) for item in node.items]
    if isinstance(node, ScalarNode):
        return node.value
    return None


def find(node: Node, path: tuple[str | int, ...]) -> Node:
    """The node at a path of keys and indexes; the nearest one above if it does not exist."""
    for step in path:
        below: Node | None = None
        if isinstance(node, MapNode) and isinstance(step, str):
            below = node.get(step)
        elif isinstance(node, ListNode) and isinstance(step, int) and step < len(node.items):
            below = node.items[step]
        if below is None:
            return node
        node = below
    return node

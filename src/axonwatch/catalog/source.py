"""YAML 1.2 (core schema) with the place of every node, read safely.

PyYAML's C parser gives events; we compose the tree ourselves, so that duplicate keys are seen,
aliases cannot explode, depth is bounded and no tag makes anything but a string, number, boolean
or null. Everything that is wrong is a finding with its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from axonwatch.catalog.nodes import Entry, ListNode, MapNode, Node, ScalarNode, SourceText
from axonwatch.catalog.reading import forbidden_characters, read_text, refuse
from axonwatch.diagnostics import Diagnostic, InvalidInput, Label, Level, Span

MAX_DEPTH = 64
MAX_EXPANDED = 10_000
MAX_DIGITS = 40

Event: TypeAlias = Any  # PyYAML types its marks as optional; its own parsers always set them

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INT = re.compile(r"[-+]?[0-9]+")
_OCTAL = re.compile(r"0o[0-7]+")
_HEX = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_WORDS: Mapping[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_STANDARD_TAGS = {
    f"tag:yaml.org,2002:{name}": name for name in ("str", "int", "float", "bool", "null")
} | {"!": "str"}


def _start(event: Event) -> int:
    return int(event.start_mark.index)


def _end(event: Event) -> int:
    return int(event.end_mark.index)


class _Abandoned(Exception):
    """The text is beyond repair; the finding is already noted."""


def read_yaml(path: Path, *, root: Path | None = None) -> Node:
    """The tree of a YAML file. Raises InvalidInput with every finding."""
    source = read_text(path, root=root)
    node, findings = parse_yaml(source)
    if findings or node is None:
        raise InvalidInput(findings)
    return node


def parse_yaml(
    source: SourceText, *, intrinsics: bool = False
) -> tuple[Node | None, tuple[Diagnostic, ...]]:
    """The tree of a text and what is wrong with it; None if there is no tree to speak of.

    With `intrinsics`, CloudFormation's short forms (`!Ref x`) become their long ones.
    """
    hidden = forbidden_characters(source)
    if hidden:
        return None, tuple(hidden)
    composer = _Composer(source, intrinsics=intrinsics)
    return composer.compose(), tuple(composer.findings)


class _Composer:
    """Events to nodes."""

    def __init__(self, source: SourceText, *, intrinsics: bool) -> None:
        self.source = source
        self.intrinsics = intrinsics
        self.findings: list[Diagnostic] = []
        self.anchors: dict[str, tuple[Node, int]] = {}
        self.open_anchors: list[str] = []
        self.aliased = 0

    def compose(self) -> Node | None:
        try:
            events = iter(yaml.parse(self.source.text, Loader=_LOADER))
            return self._document(events)
        except _Abandoned:
            return None
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
            if "nesting depth" in str(error.problem):
                self._too_deep(self._point(line, column))
            else:
                self._fault(error.problem or "this is not YAML", self._point(line, column))
        except yaml.reader.ReaderError as error:
            self._fault("this character is not allowed", self.source.span(error.position, 0))
        except RecursionError:  # pragma: no cover - the depth limit comes first
            self._fault("nested too deeply", Span.point(self.source.file))
        return None

    def _too_deep(self, span: Span) -> None:
        title = f"nested more than {MAX_DEPTH} levels deep"
        self._refuse("too-deep", title, span, "one level too many", "write it flatter")

    def _point(self, line: int, column: int) -> Span:
        return Span.point(self.source.file, line, column)

    def _fault(self, label: str, span: Span) -> None:
        cure = "indentation and quotes are the usual causes; values with `: ` or ` #` need quotes"
        self.findings.append(
            refuse("broken-yaml", f"`{self.source.file}` is not valid YAML", span, label, cure)
        )

    def _document(self, events: Iterator[Event]) -> Node | None:
        root: Node | None = None
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                if root is not None:
                    span = self.source.span(_start(event), _end(event))
                    cure = "write the second document into a file of its own"
                    title = "a file holds one document"
                    self._refuse("second-document", title, span, "the second begins", cure)
                    raise _Abandoned
            elif isinstance(event, yaml.NodeEvent):
                root, _ = self._node(event, events, 1)
        return root or ScalarNode(self.source, 0, 0, None, "")

    def _refuse(self, code: str, title: str, span: Span, label: str = "", help: str = "") -> None:
        self.findings.append(refuse(code, title, span, label, help))

    def _span(self, event: Event) -> Span:
        return self.source.span(_start(event), _end(event))

    def _node(self, event: Event, events: Iterator[Event], depth: int) -> tuple[Node, int]:
        """The node that begins with `event`, and how many nodes it is with aliases expanded."""
        if depth > MAX_DEPTH:
            self._too_deep(self._span(event))
            raise _Abandoned
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        anchor = event.anchor
        if anchor:
            self.open_anchors.append(anchor)
        if isinstance(event, yaml.ScalarEvent):
            node: Node = self._scalar(event)
            size = 1
        elif isinstance(event, yaml.SequenceStartEvent):
            node, size = self._list(event, events, depth)
        else:
            node, size = self._map(event, events, depth)
        if event.tag and not isinstance(event, yaml.ScalarEvent):
            node = self._tagged(event, node)
        if anchor:
            self.open_anchors.remove(anchor)
            self.anchors[anchor] = (node, size)
        return node, size

    def _alias(self, event: Event) -> tuple[Node, int]:
        if event.anchor in self.open_anchors:
            title = f"`*{event.anchor}` stands inside the node that `&{event.anchor}` names"
            cure = "write the inner value out"
            self._refuse("recursive-alias", title, self._span(event), "refers to itself", cure)
            raise _Abandoned
        if event.anchor not in self.anchors:
            title = f"`*{event.anchor}` names no anchor"
            cure = f"write `&{event.anchor}` before the node that is meant"
            self._refuse("unknown-anchor", title, self._span(event), "no such anchor above", cure)
            raise _Abandoned
        node, size = self.anchors[event.anchor]
        self.aliased += size
        if self.aliased > MAX_EXPANDED:
            title = f"aliases expand to more than {MAX_EXPANDED:,} nodes"
            cure = "write values out instead of repeating aliases of aliases"
            self._refuse("alias-bomb", title, self._span(event), "the limit is passed here", cure)
            raise _Abandoned
        return node, size

    def _list(self, event: Event, events: Iterator[Event], depth: int) -> tuple[Node, int]:
        items: list[Node] = []
        size = 1
        for inner in events:
            if isinstance(inner, yaml.SequenceEndEvent):
                end = max(_end(inner), _end(event))
                return ListNode(self.source, _start(event), end, tuple(items)), size
            item, count = self._node(inner, events, depth + 1)
            items.append(item)
            size += count
        raise _Abandoned  # pragma: no cover - the parser closes what it opens

    def _map(self, event: Event, events: Iterator[Event], depth: int) -> tuple[Node, int]:
        entries: dict[str, Entry] = {}
        size = 1
        for inner in events:
            if isinstance(inner, yaml.MappingEndEvent):
                end = max(_end(inner), _end(event))
                return MapNode(self.source, _start(event), end, entries), size
            key, key_size = self._node(inner, events, depth + 1)
            value, value_size = self._node(next(events), events, depth + 1)
            size += key_size + value_size
            if not isinstance(key, ScalarNode) or key.text == "<<":
                label = "a merge key" if isinstance(key, ScalarNode) else "not a word"
                cure = "write the keys out; merge keys and lists as keys are not read"
                self._refuse("odd-key", "a key is a plain word", key.span, label, cure)
                continue
            if key.text in entries:
                first = Label(entries[key.text].key.span, "first written here")
                title = f"the key `{key.text}` is written twice"
                cure = "delete one of the two; YAML would silently take the second"
                found = Diagnostic(
                    "duplicate-key", Level.ERROR, title, key.span, "written again", cure, (first,)
                )
                self.findings.append(found)
                continue
            entries[key.text] = Entry(key, value)
        raise _Abandoned  # pragma: no cover - the parser closes what it opens

    def _tagged(self, event: Event, node: Node) -> Node:
        name = event.tag.removeprefix("!")
        if event.tag in {"tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"}:
            return node
        if self.intrinsics and event.tag.startswith("!") and name.isalnum():
            long = name if name in {"Ref", "Condition"} else f"Fn::{name}"
            if long == "Fn::GetAtt" and isinstance(node, ScalarNode):
                head, _, tail = node.text.partition(".")
                parts = tuple(
                    ScalarNode(node.source, node.start, node.end, part, part)
                    for part in (head, tail)
                )
                node = ListNode(node.source, node.start, node.end, parts)
            at = _start(event)
            key = ScalarNode(self.source, at, at + len(event.tag), long, long)
            return MapNode(self.source, at, node.end, {long: Entry(key, node)})
        start = _start(event)
        width = len(event.tag) if event.tag.startswith("!") else 2
        self._refuse(
            "yaml-tag",
            f"the tag `{event.tag.replace('tag:yaml.org,2002:', '!!')}` is not allowed",
            self.source.span(start, start + width),
            "a tag",
            "delete it: strings, numbers, booleans, lists and mappings need none",
        )
        return node

    def _scalar(self, event: Event) -> Node:
        start, end = _start(event), _end(event)
        text: str = event.value
        style = event.style or ""
        if event.tag:
            tag = self.source.text.find(text[:1] or "\n", start) if not style else start
            start = max(start, tag)
        kind = _STANDARD_TAGS.get(event.tag or "")
        if event.tag and kind is None:
            node = ScalarNode(self.source, start, end, text, text, style)
            return self._tagged(event, node)
        if style or kind == "str":
            return ScalarNode(self.source, start, end, text, text, style)
        return ScalarNode(self.source, start, end, self._resolve(text, event), text)

    def _resolve(self, text: str, event: Event) -> str | int | float | bool | None:
        """A plain scalar by YAML 1.2's core schema: `no` and `12:30` are text."""
        if text in _WORDS:
            return _WORDS[text]
        if text[0] not in "+-.0123456789":
            return text
        if _NOT_FINITE.fullmatch(text):
            title = f"`{text}` is not a number that can be used here"
            self._refuse("odd-number", title, self._span(event), "not finite", "write a number")
            return text
        numeric = any(form.fullmatch(text) for form in (_INT, _OCTAL, _HEX, _FLOAT))
        if not numeric:
            return text
        if len(text) > MAX_DIGITS:
            title = f"a number of {len(text):,} characters"
            cure = f"at most {MAX_DIGITS}; put quotes around it if it is text"
            self._refuse("odd-number", title, self._span(event), "too long for a number", cure)
            return text
        if _INT.fullmatch(text):
            return int(text)
        if _OCTAL.fullmatch(text):
            return int(text, 0)
        if _HEX.fullmatch(text):
            return int(text, 0)
        value = float(text)
        if value in {float("inf"), float("-inf")}:
            title = f"`{text}` is too large for a number"
            self._refuse("odd-number", title, self._span(event), "not finite", "write a number")
            return text
        return value

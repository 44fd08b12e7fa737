"""JSON with the place of every node: for inventories, recorded templates and the like.

The same tree as `catalog.source` makes of YAML. A scanner of our own, because `json` keeps no
places; duplicate keys, depth and numbers are judged as in YAML.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from axonwatch.catalog.nodes import Entry, ListNode, MapNode, Node, ScalarNode, SourceText
from axonwatch.catalog.reading import read_text, refuse
from axonwatch.catalog.source import MAX_DEPTH, MAX_DIGITS
from axonwatch.diagnostics import Diagnostic, InvalidInput, Label, Level

_SPACE = re.compile(r"[ \t\n\r]*")
_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]|\\.)*"', re.DOTALL)
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_SURROGATE = re.compile("[\ud800-\udfff]")
_WORDS = {"true": True, "false": False, "null": None}


class _Fault(Exception):
    def __init__(self, code: str, title: str, at: int, label: str) -> None:
        super().__init__(title)
        self.code, self.title, self.at, self.label = code, title, at, label


def read_json(path: Path, *, root: Path | None = None) -> Node:
    """The tree of a JSON file. Raises InvalidInput with every finding."""
    node, findings = parse_json(read_text(path, root=root))
    if findings or node is None:
        raise InvalidInput(findings)
    return node


def parse_json(source: SourceText) -> tuple[Node | None, tuple[Diagnostic, ...]]:
    """The tree of a text and what is wrong with it; None if there is no tree to speak of."""
    scanner = _Scanner(source)
    try:
        node = scanner.value(scanner.skip(0), 1)
        rest = scanner.skip(node.end)
        if rest < len(source.text):
            scanner.broken(rest, "nothing may follow the end of the document")
    except _Fault as fault:
        span = source.span(fault.at, fault.at + 1)
        cure = "correct it here; a missing or doubled comma above is the usual cause"
        scanner.findings.append(refuse(fault.code, fault.title, span, fault.label, cure))
        return None, tuple(scanner.findings)
    return node, tuple(scanner.findings)


class _Scanner:
    def __init__(self, source: SourceText) -> None:
        self.source = source
        self.text = source.text
        self.findings: list[Diagnostic] = []

    def broken(self, at: int, label: str) -> None:
        raise _Fault("broken-json", f"`{self.source.file}` is not valid JSON", at, label)

    def skip(self, at: int) -> int:
        match = _SPACE.match(self.text, at)
        return match.end() if match else at

    def value(self, at: int, depth: int) -> Node:
        if depth > MAX_DEPTH:
            title = f"nested more than {MAX_DEPTH} levels deep"
            raise _Fault("too-deep", title, at, "level 65 begins here")
        first = self.text[at : at + 1]
        if first == "{":
            return self._object(at, depth)
        if first == "[":
            return self._array(at, depth)
        if first == '"':
            return self._string(at)
        for word, value in _WORDS.items():
            if self.text.startswith(word, at):
                return ScalarNode(self.source, at, at + len(word), value, word)
        return self._number(at)

    def _number(self, at: int) -> ScalarNode:
        match = _NUMBER.match(self.text, at)
        if not match:
            self.broken(at, "a value is missing" if at < len(self.text) else "the file ends here")
            raise AssertionError
        text = match[0]
        if len(text) > MAX_DIGITS:
            raise _Fault("odd-number", f"a number of {len(text):,} characters", at, "too long")
        value: int | float = float(text) if match[1] or match[2] else int(text)
        if value in {float("inf"), float("-inf")}:
            raise _Fault("odd-number", f"`{text}` is too large for a number", at, "not finite")
        return ScalarNode(self.source, at, match.end(), value, text)

    def _string(self, at: int) -> ScalarNode:
        match = _STRING.match(self.text, at)
        if not match:
            self.broken(at, "a string begins here and does not end")
            raise AssertionError
        try:
            text: str = json.loads(match[0])
        except ValueError:
            self.broken(at, "a string with an escape that JSON does not have")
            raise AssertionError from None
        if _SURROGATE.search(text):
            title = "a string holds half of a surrogate pair"
            raise _Fault("hidden-character", title, at, "this string")
        return ScalarNode(self.source, at, match.end(), text, text, '"')

    def _array(self, at: int, depth: int) -> ListNode:
        items: list[Node] = []
        here = self.skip(at + 1)
        if self.text[here : here + 1] == "]":
            return ListNode(self.source, at, here + 1, ())
        while True:
            item = self.value(here, depth + 1)
            items.append(item)
            here = self.skip(item.end)
            mark = self.text[here : here + 1]
            if mark == "]":
                return ListNode(self.source, at, here + 1, tuple(items))
            if mark != ",":
                self.broken(here, "expected `,` or `]`")
            here = self.skip(here + 1)

    def _object(self, at: int, depth: int) -> MapNode:
        entries: dict[str, Entry] = {}
        here = self.skip(at + 1)
        if self.text[here : here + 1] == "}":
            return MapNode(self.source, at, here + 1, entries)
        while True:
            if self.text[here : here + 1] != '"':
                self.broken(here, "expected a key in double quotes")
            key = self._string(here)
            here = self.skip(key.end)
            if self.text[here : here + 1] != ":":
                self.broken(here, "expected `:`")
            value = self.value(self.skip(here + 1), depth + 1)
            self._add(entries, key, value)
            here = self.skip(value.end)
            mark = self.text[here : here + 1]
            if mark == "}":
                return MapNode(self.source, at, here + 1, entries)
            if mark != ",":
                self.broken(here, "expected `,` or `}`")
            here = self.skip(here + 1)

    def _add(self, entries: dict[str, Entry], key: ScalarNode, value: Node) -> None:
        if key.text not in entries:
            entries[key.text] = Entry(key, value)
            return
        first = Label(entries[key.text].key.span, "first written here")
        title = f"the key `{key.text}` is written twice"
        self.findings.append(
            Diagnostic(
                "duplicate-key",
                Level.ERROR,
                title,
                key.span,
                "written again",
                "delete one of the two",
                (first,),
            )
        )

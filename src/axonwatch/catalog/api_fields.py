"""Fields of an answer that the AWS CLI printed as JSON, read with their places.

A `Fields` wraps one object; every reader notes what is wrong and gives something harmless, so that
all findings of a file come at once.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Sequence
from enum import StrEnum
from typing import TypeVar

from axonwatch.catalog.nodes import ListNode, MapNode, Node, ScalarNode
from axonwatch.catalog.reading import refuse
from axonwatch.diagnostics import Diagnostic, Span

Choice = TypeVar("Choice", bound=StrEnum)


class Fields:
    """One object of an answer; `owner` is how messages name it (alarm `x`)."""

    def __init__(self, node: MapNode, owner: str, findings: list[Diagnostic]) -> None:
        self.node = node
        self.owner = owner
        self.findings = findings

    def fault(self, code: str, title: str, span: Span, label: str = "", help: str = "") -> None:
        """Note what is wrong."""
        self.findings.append(refuse(code, f"{self.owner}: {title}", span, label, help))

    def has(self, key: str) -> bool:
        """Whether the field is there and not null."""
        found = self.node.get(key)
        return found is not None and not (isinstance(found, ScalarNode) and found.value is None)

    def text(self, key: str, *, required: bool = False) -> str | None:
        """A text, or None; an empty one counts as absent."""
        found = self._scalar(key, required=required)
        if found == "" and required:
            self.fault("missing-field", f"`{key}` is empty", self.node.value_span(key))
        if found is None or found == "":
            return None
        if isinstance(found, str):
            return found
        self._wrong_type(key, "a text")
        return None

    def number(self, key: str, *, required: bool = False) -> float | None:
        """A finite number, or None."""
        found = self._scalar(key, required=required)
        if found is None:
            return None
        if isinstance(found, bool) or not isinstance(found, int | float):
            self._wrong_type(key, "a number")
            return None
        if not math.isfinite(found):
            self.fault("not-a-number", f"`{key}` is not finite", self.node.value_span(key))
            return None
        return float(found)

    def whole(self, key: str, *, least: int = 1, required: bool = False) -> int | None:
        """A whole number of at least `least`, or None."""
        found = self.number(key, required=required)
        if found is None:
            return None
        if found != int(found) or found < least:
            title = f"`{key}` must be a whole number of at least {least}"
            self.fault("bad-number", title, self.node.value_span(key), f"is {found:g}")
            return None
        return int(found)

    def flag(self, key: str, *, default: bool) -> bool:
        """True or false."""
        found = self._scalar(key)
        if found is None:
            return default
        if isinstance(found, bool):
            return found
        self._wrong_type(key, "true or false")
        return default

    def choice(self, key: str, kind: type[Choice], default: Choice | None) -> Choice | None:
        """One of an enumeration's words; `default` None makes the field required."""
        text = self.text(key, required=default is None)
        if text is None:
            return default
        words = [str(member) for member in kind]
        if text in words:
            return kind(text)
        near = difflib.get_close_matches(text, words, n=1)
        cure = f"write `{near[0]}`" if near else "one of " + ", ".join(words)
        self.fault("unknown-word", f"`{key}` is `{text}`", self.node.value_span(key), help=cure)
        return default

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; empty without the field."""
        values = [item.value for item in self._items(key) if isinstance(item, ScalarNode)]
        return tuple(value for value in values if isinstance(value, str))

    def below(self, key: str) -> Fields | None:
        """An object inside, or None."""
        found = self.node.get(key)
        if isinstance(found, MapNode):
            return Fields(found, self.owner, self.findings)
        if self.has(key):
            self._wrong_type(key, "an object")
        return None

    def list(self, key: str) -> Sequence[Fields]:
        """The objects of a list; empty without the field."""
        found = []
        for item in self._items(key):
            if isinstance(item, MapNode):
                found.append(Fields(item, self.owner, self.findings))
            else:
                self.fault("wrong-type", f"`{key}` must hold objects", item.span)
        return found

    def _items(self, key: str) -> Sequence[Node]:
        found = self.node.get(key)
        if isinstance(found, ListNode):
            return found.items
        if self.has(key):
            self._wrong_type(key, "a list")
        return ()

    def _scalar(self, key: str, *, required: bool = False) -> str | float | bool | None:
        found = self.node.get(key)
        value = found.value if isinstance(found, ScalarNode) else None
        if value is None and found is not None and not isinstance(found, ScalarNode):
            self._wrong_type(key, "a plain value")
        elif value is None and required:
            self.fault("missing-field", f"`{key}` is missing", self.node.span, "in this object")
        return value

    def _wrong_type(self, key: str, wanted: str) -> None:
        self.fault("wrong-type", f"`{key}` must be {wanted}", self.node.value_span(key))

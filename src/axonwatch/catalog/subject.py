"""What checks look at: a piece of the model, and where each of its facts stands in a file.

The same for our definitions and for any CloudFormation template, so that one rule serves both.
`unknown` holds the facts that a template does not tell (an unresolved parameter, a condition):
a check says nothing about those.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from axonwatch.catalog.nodes import MapNode, Node, ScalarNode
from axonwatch.diagnostics import Span
from axonwatch.model.alarms import Alarm, MetricFilter, MuteRule
from axonwatch.model.dashboards import Dashboard
from axonwatch.model.queries import SavedQuery

Piece = TypeVar("Piece", Alarm, MetricFilter, MuteRule, Dashboard, SavedQuery)


@dataclass(frozen=True)
class Subject(Generic[Piece]):
    """A piece of the model with its places.

    `places` maps a fact (`threshold`, `period`, `expression e1`) to the span of its value, `words`
    to what the file calls it (`when`, or `Threshold`). `texts` hold the nodes of expressions,
    rules, queries and patterns, so that a place in the text is a place in the file. `key` is
    `component/key` in definitions and the logical id in templates; `assumed` are facts that rest on
    the default of a parameter.
    """

    piece: Piece
    key: str
    origin: Span
    places: Mapping[str, Span] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    unknown: frozenset[str] = frozenset()
    texts: Mapping[str, ScalarNode] = field(default_factory=dict)
    assumed: frozenset[str] = frozenset()

    def at(self, *facts: str) -> Span:
        """Where the first of `facts` that is written stands; else where the piece begins."""
        return next((self.places[fact] for fact in facts if fact in self.places), self.origin)

    def knows(self, *facts: str) -> bool:
        """Whether every one of `facts` is known, and rests on no default of a parameter."""
        return not (self.unknown | self.assumed).intersection(facts)

    def word(self, fact: str) -> str:
        """What the file calls a fact."""
        return self.words.get(fact, fact)


LANGUAGES = ("expression", "rule", "query", "pattern", "schedule")


def texts_of(node: MapNode, words: Mapping[str, str]) -> dict[str, ScalarNode]:
    """The nodes of the facts that are written in a language of CloudWatch's."""
    found = {}
    for fact in LANGUAGES:
        written = node.get(words.get(fact, ""))
        if isinstance(written, ScalarNode):
            found[fact] = written
    return found


def literal_text(node: Node | None, value: object) -> ScalarNode | None:
    """The scalar that says `value` word for word: a plain one, or the one inside `Fn::Sub`."""
    if isinstance(node, MapNode) and len(node.entries) == 1 and "Fn::Sub" in node:
        node = node.get("Fn::Sub")
    return node if isinstance(node, ScalarNode) and node.text == value else None

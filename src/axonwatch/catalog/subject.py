"""What checks look at: a piece of the model, and where each of its facts stands in a file.

The same for our definitions and for any CloudFormation template, so that one rule serves both.
`unknown` holds the facts that a template does not tell (an unresolved parameter, a condition):
a check says nothing about those.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from axonwatch.diagnostics import Span
from axonwatch.model.alarms import Alarm, MetricFilter, MuteRule
from axonwatch.model.dashboards import Dashboard
from axonwatch.model.queries import SavedQuery

Piece = TypeVar("Piece", Alarm, MetricFilter, MuteRule, Dashboard, SavedQuery)


@dataclass(frozen=True)
class Subject(Generic[Piece]):
    """A piece of the model with its places.

    `places` maps a fact (`threshold`, `period`, `expression e1`) to the span of its value, `words`
    to what the file calls it (`when`, or `Threshold`). `key` is `component/key` in definitions and
    the logical id in templates; `ignores` the codes that its own metadata switches off.
    """

    piece: Piece
    key: str
    origin: Span
    places: Mapping[str, Span] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    unknown: frozenset[str] = frozenset()
    facts: Mapping[str, str] = field(default_factory=dict)

    def at(self, *facts: str) -> Span:
        """Where the first of `facts` that is written stands; else where the piece begins."""
        return next((self.places[fact] for fact in facts if fact in self.places), self.origin)

    def knows(self, *facts: str) -> bool:
        """Whether every one of `facts` is known."""
        return not self.unknown.intersection(facts)

    def word(self, fact: str) -> str:
        """What the file calls a fact."""
        return self.words.get(fact, fact)

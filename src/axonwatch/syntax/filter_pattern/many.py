"""Many patterns over the same events at once: all their terms are looked for in one pass.

A recording has tens of thousands of events and a group tens of filters; almost no event matches
almost any of them. RE2's sets find every term of every pattern in one walk over the text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import re2

from axonwatch.syntax.filter_pattern.message import Message
from axonwatch.syntax.filter_pattern.pattern import FilterPattern, Match, Term, TermsPattern
from axonwatch.syntax.filter_pattern.regex import Re2

_MAX_MEMORY = 64 << 20
_MATCHED = Match()


class ManyPatterns:
    """Patterns, by their index in the sequence given."""

    def __init__(self, patterns: Sequence[FilterPattern]) -> None:
        self._ids: dict[str, int] = {}
        self._set = _new_set()
        self._others: list[tuple[int, FilterPattern]] = []
        self._always: list[tuple[int, frozenset[int], frozenset[int]]] = []
        # term -> the patterns that this term alone may make match
        self._asking: dict[int, list[tuple[int, frozenset[int], frozenset[int]]]] = {}
        for index, pattern in enumerate(patterns):
            if isinstance(pattern, TermsPattern):
                self._add(index, pattern)
            else:
                self._others.append((index, pattern))
        if self._ids:
            self._set.Compile()

    def _add(self, index: int, pattern: TermsPattern) -> None:
        needed = frozenset(self._id(term) for term in pattern.required if not term.excluded)
        barred = frozenset(self._id(term) for term in pattern.required if term.excluded)
        plan = (index, needed, barred)
        if pattern.optional:
            for term in {self._id(term) for term in pattern.optional}:
                self._asking.setdefault(term, []).append((index, frozenset(), frozenset()))
        elif needed:
            self._asking.setdefault(min(needed), []).append(plan)
        else:
            self._always.append(plan)

    def _id(self, term: Term) -> int:
        spelled = term.regex.pattern if term.regex is not None else re2.escape(term.text)
        if spelled not in self._ids:
            self._ids[spelled] = self._set.Add(spelled)
        return self._ids[spelled]

    def matches(self, message: Message) -> Iterator[tuple[int, Match]]:
        """The patterns that the event matches, with what each match holds."""
        present = self._present(message.text) if self._ids else ()
        if present:
            seen: set[int] = set()
            for term in present:
                for index, needed, barred in self._asking.get(term, ()):
                    if index not in seen and needed.issubset(present):
                        if barred.isdisjoint(present):
                            yield index, _MATCHED
                        seen.add(index)
        for index, _, barred in self._always:
            if barred.isdisjoint(present):
                yield index, _MATCHED
        for index, pattern in self._others:
            match = pattern.match(message)
            if match is not None:
                yield index, match

    def _present(self, text: str) -> Sequence[int]:
        found: Sequence[int]
        try:
            found = self._set.Match(text)
        except UnicodeEncodeError:  # half a surrogate pair: a cut character
            found = self._set.Match(text.encode("utf-8", "replace"))
        return found


def _new_set() -> Re2:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MAX_MEMORY
    return re2.Set.SearchSet(options)

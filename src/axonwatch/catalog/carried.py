"""Ignores of the definitions, handed on with the pieces: a template is checked by the same rules.

Whether an ignore is of use is judged where it is written, so the template's copy names its origin.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import TypeVar

from axonwatch.catalog.codes import OTHER_CODES
from axonwatch.catalog.subject import Subject
from axonwatch.catalog.suppression import Ignore, block_end, ignores_of_text
from axonwatch.diagnostics import Span
from axonwatch.model.alarms import Alarm, MetricFilter, MuteRule
from axonwatch.model.dashboards import Dashboard
from axonwatch.model.ignored import Ignored
from axonwatch.model.queries import SavedQuery

_Piece = TypeVar("_Piece", Alarm, MetricFilter, MuteRule, Dashboard, SavedQuery)


@dataclass(frozen=True)
class Carrier:
    """The ignores of all files, and where stack.yaml overrides an alarm, by `component/key`."""

    ignores: tuple[Ignore, ...]
    sources: Mapping[str, str]
    overrides: Mapping[str, Span]

    def laden(self, subjects: Iterable[Subject[_Piece]]) -> list[Subject[_Piece]]:
        """The subjects, each with the ignores that speak of its lines."""
        if not self.ignores:
            return list(subjects)
        return [self._with_ignores(one) for one in subjects]

    def _with_ignores(self, subject: Subject[_Piece]) -> Subject[_Piece]:
        ranges = list(self._lines(subject))
        ignored = [
            _handed_on(one)
            for one in self.ignores
            if any(
                one.file == file and one.first <= last and first <= one.last
                for file, first, last in ranges
            )
        ]
        if not ignored:
            return subject
        unique = tuple(dict.fromkeys(ignored))
        return replace(subject, piece=replace(subject.piece, ignored=unique))

    def _lines(self, subject: Subject[_Piece]) -> Iterator[tuple[str, int, int]]:
        """The lines of a piece: all of a file that holds nothing else, else its block."""
        file = subject.origin.file
        lines = self.sources.get(file, "").split("\n")
        if isinstance(subject.piece, SavedQuery | Dashboard):
            yield file, 1, len(lines)
        elif subject.origin.line <= len(lines):
            yield file, subject.origin.line, block_end(lines, subject.origin.line)
        override = self.overrides.get(subject.key)
        if override is not None:
            lines = self.sources.get(override.file, "").split("\n")
            if override.line <= len(lines):
                yield override.file, override.line, block_end(lines, override.line)


def carrier_of(sources: Mapping[str, str], overrides: Mapping[str, Span]) -> Carrier:
    """What carries the ignores of some files, but those of codes that only definitions have."""
    found = [
        one
        for file, text in sources.items()
        if not file.endswith(".md")
        for one in ignores_of_text(file, text)
    ]
    return Carrier(
        tuple(one for one in found if one.code not in OTHER_CODES and not one.malformed),
        sources,
        overrides,
    )


def _handed_on(one: Ignore) -> Ignored:
    file = one.file if not PurePath(one.file).is_absolute() else PurePath(one.file).name
    until = one.until.isoformat() if one.until is not None else ""
    return Ignored(one.code, one.reason, until, file)

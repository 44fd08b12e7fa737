"""A finding that someone has looked at; a piece of the companion takes it into its template."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Ignored:
    """A check's code that is ignored for a piece. `until` is the last day, or empty for ever.

    `origin` is the file in which the comment stands: a line would change with every edit above it.
    """

    code: str
    reason: str
    until: str
    origin: str

"""Three answers, because a template does not tell everything: yes, no, and not known."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum


class Verdict(IntEnum):
    """NO is a claim; MAYBE is none."""

    NO = 0
    MAYBE = 1
    YES = 2

    def inverse(self) -> Verdict:
        """The opposite; MAYBE stays."""
        return Verdict(2 - self)


def all_of(verdicts: Iterable[Verdict]) -> Verdict:
    """YES if every one is; NO if any is."""
    return min(verdicts, default=Verdict.YES)


def any_of(verdicts: Iterable[Verdict]) -> Verdict:
    """YES if any is; NO if every one is."""
    return max(verdicts, default=Verdict.NO)

"""What all parsers share: a stretch of text, and the fault that a parser raises.

A parser knows offsets into its own text only; the catalog maps them into the YAML file around it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class TextSpan:
    """Offsets into a text, in characters; the end is exclusive."""

    start: int
    end: int

    def join(self, other: TextSpan) -> TextSpan:
        """The smallest span that covers both."""
        return TextSpan(min(self.start, other.start), max(self.end, other.end))


class SyntaxFault(Exception):
    """A text that its language, or we, refuse.

    `code` names the bad thing (`unknown-function`), `title` is the problem, `label` what stands at
    `span`, `help` what to write instead.
    """

    def __init__(
        self, code: str, title: str, span: TextSpan, *, label: str = "", help: str = ""
    ) -> None:
        super().__init__(title)
        self.code = code
        self.title = title
        self.span = span
        self.label = label
        self.help = help


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """Line and column, both from 1, of an offset into `text`."""
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1

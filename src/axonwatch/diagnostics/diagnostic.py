"""One finding: a code, a title, a place in a file, and what to do.

Everything above may make one; only `diagnostics.render` turns it into text.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Level(StrEnum):
    """How bad a finding is; an ERROR makes the definitions invalid (exit code 2)."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, order=True)
class Span:
    """A stretch of a file. Lines and columns count from 1; the end column is exclusive."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int

    @classmethod
    def point(cls, file: str, line: int = 1, column: int = 1) -> Span:
        """A span of one character."""
        return cls(file, line, column, line, column + 1)

    def __str__(self) -> str:
        """The clickable form `file:line:column`."""
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True)
class Label:
    """A span and the few words that say what is there."""

    span: Span
    text: str


@dataclass(frozen=True)
class Diagnostic:
    """A finding.

    `code` is a kebab-case name of the bad thing, `title` the problem in lower case without a full
    stop, `label` what stands at `span`, `help` what to do; `others` are further places of interest.
    `span` is None only when the finding belongs to no file (a missing folder, standard input).
    """

    code: str
    level: Level
    title: str
    span: Span | None = None
    label: str = ""
    help: str = ""
    others: tuple[Label, ...] = field(default=())

    @property
    def see(self) -> str:
        """The page about this code."""
        return f"docs/checks/{self.code}.md"

"""Where a deployment shows itself: notes on standard error, one progress bar, questions.

Implements the `Screen` of `live.stacks`. Nothing is asked where nobody can answer.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import click

from axonwatch.cli.output import note, progress

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


@dataclass
class Terminal:
    """The terminal that axonwatch runs in."""

    _all: bool = False
    _bar: Progress | None = field(default=None, repr=False)
    _task: TaskID | None = None

    @property
    def can_ask(self) -> bool:
        """Whether somebody sits at both ends."""
        return sys.stdin.isatty() and sys.stderr.isatty()

    def note(self, text: str) -> None:
        """A line on standard error."""
        self._end_bar()
        note(text)

    def ask(self, question: str) -> bool:
        """Yes, no, or yes to all that follows."""
        self._end_bar()
        if self._all:
            return True
        choices = click.Choice(["y", "n", "a"])
        answer = click.prompt(
            f"{question} (yes, no, all)", type=choices, default="n", show_choices=False, err=True
        )
        self._all = answer == "a"
        return answer in {"y", "a"}

    def progress(self, done: int, total: int, text: str) -> None:
        """Move the bar; it is gone when all is done."""
        if self._bar is None:
            self._bar = progress()
            self._bar.start()
            self._task = self._bar.add_task(text, total=total or None)
        if self._task is not None:
            self._bar.update(self._task, completed=done, description=text)
        if total and done >= total:
            self._end_bar()

    def _end_bar(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

"""What every command prints with: results on standard output, everything else on standard error.

Colours only on a terminal and without NO_COLOR; a table that is piped is never cut.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

WIDE = 10_000
# DEL and C1, which JSON leaves as they are; marks of direction; halves of surrogate pairs.
_STEERING = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def wants_colour(stream: TextIO) -> bool:
    """Whether `stream` takes colours: a terminal, and neither NO_COLOR nor a dumb one."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return bool(os.environ.get("FORCE_COLOR")) or stream.isatty()


def console(stream: TextIO | None = None) -> Console:
    """A rich console on `stream` (standard output by default)."""
    from rich.console import Console

    target = stream or sys.stdout
    colour = wants_colour(target)
    return Console(
        file=target,
        no_color=not colour,
        force_terminal=colour or None,
        highlight=False,
        soft_wrap=not target.isatty(),
        width=None if target.isatty() else WIDE,
    )


def json_text(value: object, *, indent: int | None = None) -> str:
    """JSON in which nothing can steer a terminal: what does is written as an escape."""
    return _STEERING.sub(
        lambda found: f"\\u{ord(found[0]):04x}",
        json.dumps(value, ensure_ascii=False, indent=indent),
    )


def print_json(value: object) -> None:
    """One JSON document on standard output."""
    sys.stdout.write(json_text(value, indent=2) + "\n")


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, title: str = "") -> None:
    """A plain table: aligned, headed, without a frame when piped."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    out = console()
    table = Table(
        title=title or None,
        box=box.SIMPLE_HEAD if sys.stdout.isatty() else None,
        title_justify="left",
        pad_edge=False,
    )
    for column in columns:
        table.add_column(Text(column), overflow="fold", no_wrap=not sys.stdout.isatty())
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    out.print(table)


def note(text: str) -> None:
    """A line on standard error: progress in words, hints, what was used."""
    sys.stderr.write(text + "\n")


def progress() -> Progress:
    """A progress display on standard error; silent when that is no terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True, no_color=not wants_colour(sys.stderr)),
        transient=True,
        disable=not sys.stderr.isatty(),
    )

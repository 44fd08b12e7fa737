"""Errors and warnings of queries: as JSON, or with the line and a caret under the place."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from axonwatch.cli.output import print_json, wants_colour
from axonwatch.diagnostics import Diagnostic, Level, Span
from axonwatch.errors import AxonwatchError
from axonwatch.model.masking import visible
from axonwatch.syntax.text import SyntaxFault, line_and_column

if TYPE_CHECKING:
    from axonwatch.model.queries import SavedQuery


def print_fault(fault: SyntaxFault, text: str) -> None:
    """The error that scripts read: code, message, line and column, both from 1."""
    line, column = line_and_column(text, fault.span.start)
    message = f"{fault.title}; {fault.help}" if fault.help else fault.title
    body = {"code": fault.code, "message": message, "line": line, "column": column}
    print_json({"error": body})


def print_error(error: AxonwatchError) -> None:
    """An error that has no place in the query."""
    message = f"{error.message}; {error.help}" if error.help else error.message
    code = str(getattr(error, "code", "")) or "usage"
    print_json({"error": {"code": code, "message": message, "line": None, "column": None}})


def show_fault(
    fault: SyntaxFault, text: str, saved: SavedQuery | None, level: Level = Level.ERROR
) -> None:
    """The fault for people, on standard error: in the query's file if it has one."""
    from axonwatch.diagnostics.render import render_text

    span = _file_span(fault, text, saved)
    if span is not None:
        # As `check` names it, whose page says more.
        code = "bad-query" if level is Level.ERROR else "doubtful-query"
        finding = Diagnostic(code, level, fault.title, span, fault.label, fault.help)
        sys.stderr.write(render_text([finding], color=wants_colour(sys.stderr)))
        return
    line, column = line_and_column(text, fault.span.start)
    shown = text.split("\n")[line - 1] if text else ""
    width = max(min(fault.span.end - fault.span.start, len(shown) - column + 1), 1)
    bar = " " * len(str(line))
    prefix = visible(shown[: column - 1])
    parts = [
        f"{level}[{fault.code}]: {visible(fault.title)}",
        f"{bar}--> query:{line}:{column}",
        f"{bar} |",
        f"{line} | {visible(shown)}",
        f"{bar} | {' ' * len(prefix)}{'^' * width} {visible(fault.label)}".rstrip(),
    ]
    if fault.help:
        parts += [f"{bar} |", f"{bar} = help: {visible(fault.help)}"]
    sys.stderr.write("\n".join(parts) + "\n")


def _file_span(fault: SyntaxFault, text: str, saved: SavedQuery | None) -> Span | None:
    """Where the fault lies in the file of a saved query, if the line can be found there."""
    if saved is None or saved.text_origin is None:
        return None
    origin = saved.text_origin
    line, column = line_and_column(text, fault.span.start)
    wanted = text.split("\n")[line - 1]
    try:
        lines = Path(origin.file).read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError):
        return None
    for place in range(origin.line - 1 + line - 1, min(origin.line + line + 1, len(lines))):
        at = lines[place].find(wanted) if wanted.strip() else -1
        if at >= 0:
            start = at + column
            width = max(min(fault.span.end - fault.span.start, len(wanted) - column + 1), 1)
            return Span(origin.file, place + 1, start, place + 1, start + width)
    return None

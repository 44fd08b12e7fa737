"""Recorded input on the command line: series files, moments, and refusals as JSON.

Shared by `evaluate`, `why`, `replay` and `backtest`.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from axonwatch.cli.output import note
from axonwatch.diagnostics import InvalidInput
from axonwatch.errors import AxonwatchError, UsageError

if TYPE_CHECKING:
    from axonwatch.simulate.series.series import SeriesStore

_ALARM = re.compile(r"alarm `([^`]*)`: ")  # how findings about what was described begin


def read_store(path: Path) -> SeriesStore:
    """The series of a JSON file. Raises UsageError or Refusal."""
    from axonwatch.simulate.series.api_json import read_series

    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"`{path}` is not UTF-8 text") from None
    except OSError as error:
        reason = (error.strerror or "unreadable").lower()
        raise UsageError(f"cannot read `{path}`: {reason}") from None
    return read_series(text, name=path.name)


def read_time(option: str, text: str) -> int:
    """The seconds of a time given for an option. Raises UsageError."""
    from axonwatch.simulate.moments import parse_moment

    try:
        return parse_moment(text)
    except ValueError as wrong:
        raise UsageError(f"{option}: {wrong}") from None


def refusing(run: Callable[[], int], *, as_json: bool) -> int:
    """With --json a refusal is a JSON document on standard output too."""
    if not as_json:
        return run()
    try:
        return run()
    except AxonwatchError as error:
        if error.exit_code != 2:  # anything else is not about the input
            raise
        sys.stdout.write(json.dumps({"error": _fields(error)}, ensure_ascii=False) + "\n")
        note(f"error: {error.message}")
        return error.exit_code


def _fields(error: AxonwatchError) -> dict[str, object]:
    from axonwatch.simulate.refusal import Refusal

    if isinstance(error, Refusal):
        return dict(error.fields())
    if isinstance(error, InvalidInput):
        first = error.diagnostics[0]
        found: dict[str, object] = {"code": first.code, "message": first.title}
        named = _ALARM.match(first.title)
        if named is not None:
            found["alarm"] = named[1]
        if first.span is not None:
            found |= {
                "file": first.span.file, "line": first.span.line, "column": first.span.column,
            }  # fmt: skip
        more = [other.title for other in error.diagnostics[1:]]
        return found | ({"more": more} if more else {})
    found = {"code": "wrong-usage", "message": error.message}
    return found | ({"help": error.help} if error.help else {})

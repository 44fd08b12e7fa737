"""Log events as the simulator takes them, and the two doors through which `cli` brings them in.

`simulate` reads no log file and runs no query by itself: reading and Logs Insights are the query
wing's, and wings do not import each other (docs/adr/0007).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol


class LogEvent(NamedTuple):
    """One event of a log group; `time` in milliseconds since 1970."""

    time: int
    message: str
    stream: str = ""


class LogReader(Protocol):
    """Reads a file of log events, whatever its shape (JSON lines, gz, CLI output, raw lines)."""

    def __call__(self, path: Path) -> Iterable[LogEvent]:
        """The events, in the order of the file. Raises InvalidInput or CouldNotRun."""
        ...


class QueryRunner(Protocol):
    """Runs Logs Insights queries over the log groups that it was opened for."""

    def __call__(
        self, query: str, log_groups: Sequence[str], start: int, end: int
    ) -> Sequence[Mapping[str, str]]:
        """The rows of a query over [start, end), both in milliseconds; an absent value no key.

        Raises SyntaxFault for a query that the engine refuses.
        """
        ...

"""What reading a scenario file needs at every step: its place, names, doors and findings."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from pathlib import Path
from typing import TypeVar

from axonwatch.catalog.nodes import ScalarNode
from axonwatch.catalog.reading import display_path, inside
from axonwatch.diagnostics import Diagnostic, Level, Span
from axonwatch.diagnostics.findings import TakesFindings
from axonwatch.errors import AxonwatchError
from axonwatch.simulate.recordings.addresses import Addresses
from axonwatch.simulate.recordings.log_events import LogEvent, LogReader
from axonwatch.simulate.series.files import Table, read_rows
from axonwatch.syntax.text import SyntaxFault

Found = TypeVar("Found")
# The columns of a Parquet file, and its rows as text.
TableReader = Callable[[Path], tuple[Sequence[str], Sequence[Sequence[str]]]]
# The events of several log files, each as `LogReader` gives them.
LogsReader = Callable[[Sequence[Path]], Sequence[Sequence[LogEvent]]]


@dataclass(frozen=True)
class Doors:
    """What `cli` wires in: readers of log files and of Parquet files, both the query wing's.

    `read_logs` reads several at once, where that is cheaper.
    """

    read_log: LogReader
    read_table: TableReader
    read_logs: LogsReader | None = None


@dataclass
class Context(TakesFindings):
    """One scenario file while it is read. `start` is that of the test at hand."""

    file: Path
    root: Path
    addresses: Addresses
    doors: Doors
    findings: list[Diagnostic] = field(default_factory=list)
    start: int = 0
    cache: dict[Path, object] = field(default_factory=dict)
    level: Level = Level.ERROR

    def fault(self, fault: SyntaxFault, node: ScalarNode) -> None:
        """Note a fault of a small language inside a scalar."""
        span = node.span_of(fault.span.start, fault.span.end)
        self.findings.append(self.diagnostic(fault, span))

    def diagnostic(self, fault: SyntaxFault, span: Span) -> Diagnostic:
        """A fault as a finding at a place."""
        return Diagnostic(fault.code, self.level, fault.title, span, fault.label, fault.help)

    def path(self, node: ScalarNode, base: Path | None = None) -> Path | None:
        """The file that a scalar names, relative to the scenario; a finding if it leads out."""
        folder = (base or self.file.parent).resolve()
        try:
            steps = folder.relative_to(self.root.resolve()).as_posix()
        except ValueError:
            steps = "."
        absolute = Path(node.text).is_absolute()
        found = None if absolute else inside(self.root, f"{steps}/{node.text}")
        if found is None:
            self.error(
                "path-outside",
                f"`{node.text}` leads out of the project",
                node.span,
                "not below the folder of stack.yaml",
                "copy what the scenario needs beside it",
            )
        elif not found.exists():
            self.error(
                "unreadable-file", f"there is no `{node.text}`", node.span, "no such file or folder"
            )
            return None
        return found

    def shown(self, path: Path) -> str:
        """The path as messages show it."""
        return display_path(path, self.root)

    def read_table(self, path: Path, zone: tzinfo) -> Table:
        """The rows of a Parquet file. Raises InvalidInput."""
        columns, rows = self.doors.read_table(path)
        return read_rows(columns, enumerate(rows, 1), self.shown(path), zone)

    def prefetch(self, paths: Sequence[Path]) -> None:
        """Read log files that will be asked for; what is wrong with one is told when it is."""
        new = [path for path in dict.fromkeys(paths) if path not in self.cache]
        if self.doors.read_logs is not None and len(new) > 1:
            with contextlib.suppress(AxonwatchError):
                self.cache.update(zip(new, self.doors.read_logs(new), strict=True))

    def once(self, path: Path, read: Callable[[], Found]) -> Found:
        """What a file holds, read only once however many tests use it."""
        if path not in self.cache:
            self.cache[path] = read()
        return self.cache[path]  # type: ignore[return-value]  # what this path's reader gave

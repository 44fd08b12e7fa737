"""What a query gives: rows as GetQueryResults gives them, and what was read for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from axonwatch.syntax.text import SyntaxFault


@dataclass(frozen=True)
class Statistics:
    """How much was read. `bytes_estimated`: the bytes of a large input are not counted one by one.

    Records are events: `scanned` those in the time range, `matched` those that passed the filters.
    """

    records_matched: int
    records_scanned: int
    bytes_scanned: int
    bytes_estimated: bool = False

    def as_json(self) -> dict[str, int]:
        """The keys of GetQueryResults."""
        return {
            "recordsMatched": self.records_matched,
            "recordsScanned": self.records_scanned,
            "bytesScanned": self.bytes_scanned,
        }


@dataclass(frozen=True)
class QueryResult:
    """Columns in order, and rows in which a missing value is a missing key."""

    columns: tuple[str, ...]
    rows: tuple[dict[str, str], ...]
    statistics: Statistics
    warnings: tuple[SyntaxFault, ...] = field(default=())


def sparse_rows(
    columns: Sequence[str], rows: Sequence[tuple[object, ...]]
) -> tuple[dict[str, str], ...]:
    """Rows without the values that are missing."""
    return tuple(
        {
            column: str(value)
            for column, value in zip(columns, row, strict=True)
            if value is not None
        }
        for row in rows
    )

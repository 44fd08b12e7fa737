"""Lookup tables: CSV with a header, as the service takes them.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Lookup.html
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass

from axonwatch.query.duck import duckdb
from axonwatch.query.sources import LogInputRefused
from axonwatch.query.sql.context import Table

MAXIMUM_BYTES = 10_000_000


@dataclass(frozen=True)
class LookupTable:
    """A table's columns, and its cells column by column."""

    name: str
    columns: tuple[str, ...]
    cells: tuple[tuple[str | None, ...], ...]

    def column(self, name: str) -> tuple[str, ...]:
        """The cells of a column that are there."""
        return tuple(cell for cell in self.cells[self.columns.index(name)] if cell is not None)


def read_table(name: str, text: str) -> LookupTable:
    """The table that a CSV text holds."""
    if len(text.encode("utf-8", "surrogatepass")) > MAXIMUM_BYTES:
        raise _refused(name, "is larger than 10 MB, which the service refuses")
    try:
        rows = [row for row in csv.reader(io.StringIO(text.removeprefix("\ufeff"))) if row]
    except csv.Error as error:
        raise _refused(name, f"is not CSV: {error}") from error
    if not rows:
        raise _refused(name, "has no header")
    header = tuple(column.strip() for column in rows[0])
    if len(set(header)) != len(header) or not all(header):
        raise _refused(name, "has a header with an empty or repeated column")
    cells = tuple(
        tuple(row[place] if place < len(row) else None for row in rows[1:])
        for place in range(len(header))
    )
    return LookupTable(name, header, cells)


def _refused(name: str, what: str) -> LogInputRefused:
    return LogInputRefused("invalid-lookup", name, f"the lookup table `{name}` {what}")


def create_tables(
    connection: duckdb.DuckDBPyConnection, tables: Mapping[str, LookupTable]
) -> dict[str, Table]:
    """Put the tables into a connection: columns v1, v2, .. and `line`, all under our own names."""
    made = {}
    for number, (name, table) in enumerate(tables.items()):
        sql = f"lookup_{number}"
        names = [f"v{place + 1}" for place in range(len(table.columns))]
        picked = ", ".join(f"unnest(?::VARCHAR[]) AS {column}" for column in names)
        connection.execute(
            f"CREATE OR REPLACE TABLE {sql} AS SELECT {picked}, unnest(?::BIGINT[]) AS line",
            [*[list(cells) for cells in table.cells], list(range(len(table.cells[0])))],
        )
        made[name] = Table(sql, table.columns)
    return made

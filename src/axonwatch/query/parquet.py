"""Parquet files of recorded series, as text: the simulator's reader judges the values."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from axonwatch.errors import UsageError
from axonwatch.query.connection import Limits, open_connection, quote_text
from axonwatch.query.duck import duckdb

MAX_ROWS = 5_000_000


def read_parquet(path: Path) -> tuple[Sequence[str], Sequence[Sequence[str]]]:
    """The columns and the rows of a file; an absent value is an empty text. Raises UsageError."""
    source = path.resolve()
    with tempfile.TemporaryDirectory(prefix="axonwatch-") as folder:
        connection = open_connection([source], Path(folder), Limits())
        try:
            # Times without a zone stay as they are; those with one are printed in UTC.
            found = connection.execute(
                f"SELECT COLUMNS(*)::VARCHAR FROM read_parquet({quote_text(str(source))}) "
                f"LIMIT {MAX_ROWS + 1}"
            )
            columns = [column[0] for column in found.description or ()]
            rows = found.fetchall()
        except duckdb.Error as error:
            why = str(error).splitlines()[0]
            raise UsageError(f"`{path}` is not a Parquet file: {why}") from None
        finally:
            connection.close()
    if len(rows) > MAX_ROWS:
        raise UsageError(f"`{path}` has more than {MAX_ROWS:,} rows")
    return columns, [["" if cell is None else cell for cell in row] for row in rows]

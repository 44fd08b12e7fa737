"""The only door to DuckDB: in memory, bounded, and shut.

A connection reads the files that it is opened for and nothing else: no other file, no network, no
extension, no ATTACH, no write; its configuration is locked before the first query runs. The order
of the settings matters: `enable_external_access` must come after what it would forbid, and
`lock_configuration` last.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from axonwatch.query.duck import duckdb

MEGABYTE = 1_000_000
GIGABYTE = 1_000_000_000


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one query may use.

    `max_bytes` bounds what is read, after unpacking; `memory_bytes` DuckDB's own memory, beyond
    which it spills to the temporary folder, up to `spill_bytes`; `threads` 0 means one per core,
    `seconds` 0 that a statement may take as long as it needs.
    """

    max_bytes: int = 10 * GIGABYTE
    memory_bytes: int = 256 * MEGABYTE
    spill_bytes: int = 20 * GIGABYTE
    threads: int = 0
    seconds: float = 0


def open_connection(
    files: Sequence[Path],
    folder: Path,
    limits: Limits,
    prepare: Callable[[duckdb.DuckDBPyConnection], None] | None = None,
) -> duckdb.DuckDBPyConnection:
    """A shut connection that may read `files`, and spill into `folder`.

    `prepare` is called while settings can still be changed: for functions, tables, time zone.
    """
    connection = duckdb.connect(
        ":memory:",
        config={
            "threads": limits.threads or min(os.cpu_count() or 1, 8),
            "memory_limit": f"{limits.memory_bytes}B",
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "allow_community_extensions": False,
            "enable_external_file_cache": False,
            "temp_directory": str(folder),
            "max_temp_directory_size": f"{limits.spill_bytes}B",
        },
    )
    if prepare is not None:
        prepare(connection)
    allowed = ", ".join(quote_text(str(path)) for path in files)
    connection.execute(f"SET allowed_paths = [{allowed}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


def quote_text(text: str) -> str:
    """An SQL string literal."""
    return "'" + text.replace("'", "''") + "'"

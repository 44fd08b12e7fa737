"""DuckDB's engine alone: what its Python package adds on top costs more to import than it to open.

The package's own layer (relations, data frames, expressions) is not used here. ADR 0044.
"""

from __future__ import annotations

try:
    import _duckdb as duckdb
except ImportError:  # a release that keeps its engine elsewhere
    import duckdb  # type: ignore[no-redef]

__all__ = ["duckdb"]

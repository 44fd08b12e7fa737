"""Parquet files of series: columns, rows as text, refusals."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from axonwatch.errors import UsageError
from axonwatch.query import parquet
from axonwatch.query.connection import quote_text
from axonwatch.query.parquet import read_parquet


def write(path: Path, select: str) -> Path:
    duckdb.sql(f"COPY ({select}) TO {quote_text(str(path))} (FORMAT PARQUET)")
    return path


def test_columns_and_rows_as_text(tmp_path: Path) -> None:
    path = write(
        tmp_path / "cpu.parquet",
        "SELECT TIMESTAMP '2026-01-01 00:00:00' AS timestamp, 5.5 AS value "
        "UNION ALL SELECT TIMESTAMP '2026-01-01 00:05:00', NULL ORDER BY 1",
    )
    assert read_parquet(path) == (
        ["timestamp", "value"],
        [["2026-01-01 00:00:00", "5.5"], ["2026-01-01 00:05:00", ""]],
    )


def test_times_with_a_zone_are_printed_in_utc(tmp_path: Path) -> None:
    select = "SELECT TIMESTAMPTZ '2026-01-01 01:00:00+01' AS timestamp, 1 AS value"
    _, ((stamp, _),) = read_parquet(write(tmp_path / "a.parquet", select))
    assert stamp.replace(" ", "T").startswith("2026-01-01T00:00:00")
    assert stamp.endswith(("+00", "Z"))


def test_another_kind_of_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    path.write_text("timestamp,value\n")
    with pytest.raises(UsageError, match="is not a Parquet file"):
        read_parquet(path)


def test_too_many_rows_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "MAX_ROWS", 3)
    path = write(tmp_path / "a.parquet", "SELECT range AS timestamp, 1 AS value FROM range(4)")
    with pytest.raises(UsageError, match="has more than 3 rows"):
        read_parquet(path)


def test_only_the_file_itself_can_be_read(tmp_path: Path) -> None:
    """A name is text to the engine, whatever stands in it."""
    path = write(tmp_path / "it's; drop.parquet", "SELECT 1 AS timestamp, 2 AS value")
    assert read_parquet(path)[1] == [["1", "2"]]

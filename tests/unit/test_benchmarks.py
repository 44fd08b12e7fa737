"""The benchmark runs small: the data is the same each time, the answers are compared."""

from __future__ import annotations

import itertools
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from benchmarks import generate
from benchmarks.bench_queries import numbers, same

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("lines", [generate.documented, generate.as_written])
def test_the_data_is_the_same_each_time(lines: object) -> None:
    assert callable(lines)
    one, two = (list(itertools.islice(lines(random.Random(1), mixed=True), 500)) for _ in "ab")  # noqa: S311
    assert one == two


def test_a_file_is_made_once_and_of_its_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BENCH_DIR", str(tmp_path))
    file = generate.events_file("documented", 1)
    assert 1_000_000 <= file.stat().st_size < 6_000_000
    before = file.stat().st_mtime_ns
    assert generate.events_file("documented", 1) == file
    assert file.stat().st_mtime_ns == before


def test_answers_are_compared_as_rows_in_any_order() -> None:
    rows = numbers([["2026-01-01 00:00:00.000", "a", "1.5"], [None, "", 2]])
    assert same(rows, numbers([["", None, 2.0], [1767225600000, "a", 1.5]]))
    assert not same(rows, numbers([[None, None, 3], [1767225600000, "a", 1.5]]))
    assert not same(rows, rows[:1])


@pytest.mark.slow
def test_it_runs_small(tmp_path: Path) -> None:
    environment = {**os.environ, "BENCH_DIR": str(tmp_path), "BENCH_MB": "2", "BENCH_RUNS": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "queries"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "answers: equal to the hand-written SQL's on all questions" in done.stdout, done.stderr

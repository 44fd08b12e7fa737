"""docs/incidents.md is what its generator writes, and says what the definitions promise."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "incidents.md"
MOST_PAGES = 2
MOST_SECONDS = 180


def rows() -> list[list[str]]:
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    begin = lines.index("|---|---|---|---|---|---|---|") + 1
    end = lines.index("", begin)
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[begin:end]]


@pytest.mark.slow
def test_the_table_of_the_recorded_runs_is_current() -> None:
    command = [sys.executable, str(ROOT / "docs" / "generate_incidents.py"), "--check"]
    assert subprocess.run(command, check=False, cwd=ROOT).returncode == 0, (
        "run `python docs/generate_incidents.py` and commit docs/incidents.md"
    )


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0])
def test_a_run_is_told_in_time_and_not_too_often(row: list[str]) -> None:
    run, _, first, delay, pages, _, false = row
    assert false == "none"
    assert pages.count("`") // 2 <= MOST_PAGES
    if run == "quiet":
        assert (first, pages) == ("none", "none")
    else:
        assert int(delay.removesuffix(" s")) <= MOST_SECONDS


@pytest.mark.slow
def test_other_names_sizes_and_beginnings_change_nothing() -> None:
    words = ["other clients", "one agent", "four of each", "begins 60", "quiet minutes"]
    command = [sys.executable, str(ROOT / "docs" / "vary_incidents.py"), *words]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    table = [line.strip("| ").split(" | ") for line in done.stdout.splitlines()[2:]]
    assert len(table) == len(words)
    for name, replays, _, most_pages, *wrong in table:
        assert int(replays) >= len(rows()), name
        assert int(most_pages) <= MOST_PAGES, name
        assert wrong == ["none"] * 4, name


def test_the_page_says_that_the_thresholds_were_fitted_to_these_runs() -> None:
    assert "chosen with these runs at hand" in PAGE.read_text(encoding="utf-8")

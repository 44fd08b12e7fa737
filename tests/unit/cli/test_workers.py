"""Pieces of work on several processors: in order, whole, and gone when something breaks."""

from __future__ import annotations

import multiprocessing
import os
from functools import partial

import pytest

from axonwatch.cli.workers import run_all


def square(number: int) -> tuple[int, int]:
    return number * number, os.getpid()


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_results_come_in_order(workers: int) -> None:
    found = list(run_all([partial(square, n) for n in range(20)], workers=workers))
    assert [value for value, _ in found] == [n * n for n in range(20)]
    pids = {pid for _, pid in found}
    assert (os.getpid() in pids) is (workers == 1)
    assert len(pids) <= workers


def test_one_piece_needs_no_worker() -> None:
    assert list(run_all([partial(square, 3)], workers=4)) == [(9, os.getpid())]


def test_no_work() -> None:
    assert list(run_all([])) == []


def test_without_fork_everything_runs_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(multiprocessing, "get_all_start_methods", lambda: ["spawn"])
    found = list(run_all([partial(square, n) for n in range(3)], workers=2))
    assert {pid for _, pid in found} == {os.getpid()}


def test_who_stops_early_leaves_no_worker_behind() -> None:
    results = run_all([partial(square, n) for n in range(50)], workers=2)
    next(results)
    results.close()  # type: ignore[attr-defined]  # it is a generator
    assert multiprocessing.active_children() == []

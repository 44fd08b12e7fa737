"""Independent pieces of one command's work, on several processors.

Workers are forked once everything is loaded, so that they start at once and share what was read.
Where there is no fork, or one processor, the pieces run one after the other; the results are the
same, in the same order.
"""

from __future__ import annotations

import multiprocessing
import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from typing import TypeVar

Found = TypeVar("Found")
MOST_WORKERS = 4
_work: list[Callable[[], object]] = []  # what a forked worker finds its pieces in


def worker_count(asked: int = 0) -> int:
    """How many workers there are: as many as asked, or one a processor, at most four."""
    count = asked or min(os.cpu_count() or 1, MOST_WORKERS)
    return count if "fork" in multiprocessing.get_all_start_methods() else 1


def run_all(work: Sequence[Callable[[], Found]], *, workers: int = 0) -> Iterator[Found]:
    """The results of all pieces, in their order; they must be picklable, and raise nothing.

    `workers` 0 means one a processor, at most four.
    """
    count = min(worker_count(workers), len(work))
    if count < 2:
        for piece in work:
            yield piece()
        return
    _work[:] = work
    fork = multiprocessing.get_context("fork")
    with warnings.catch_warnings():
        # Python 3.12 warns of a fork beside other threads; numpy's idle ones survive it.
        warnings.simplefilter("ignore", DeprecationWarning)
        with ProcessPoolExecutor(count, mp_context=fork) as pool:
            futures: list[Future[object]] = [pool.submit(_run, i) for i in range(len(work))]
            try:
                for future in futures:
                    yield future.result()  # type: ignore[misc]  # what `work` gives
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise


def _run(index: int) -> object:
    return _work[index]()

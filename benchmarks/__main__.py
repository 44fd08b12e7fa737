"""Run every benchmark: each module `bench_*.py` here has a `main()` that prints its own table.

`python -m benchmarks [NAME ...]` runs those whose name begins so. BENCH_MB (1000) and BENCH_RUNS
(5) set size and repeats; BENCH_DIR keeps the data between runs.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path


def main() -> int:
    wanted = tuple(sys.argv[1:])
    missed = 0
    for file in sorted(Path(__file__).parent.glob("bench_*.py")):
        name = file.stem.removeprefix("bench_")
        if not wanted or name.startswith(wanted):
            missed += importlib.import_module(f"benchmarks.{file.stem}").main()
    return min(missed, 1)


if __name__ == "__main__":
    sys.exit(main())

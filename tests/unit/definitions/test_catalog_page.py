"""docs/catalog.md is what its generator writes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_the_table_of_all_alarms_is_current() -> None:
    command = [sys.executable, str(ROOT / "docs" / "generate_catalog.py"), "--check"]
    assert subprocess.run(command, check=False).returncode == 0, (
        "run `python docs/generate_catalog.py` and commit docs/catalog.md"
    )

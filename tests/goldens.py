"""Golden files: what a command or a template was, to be compared with what it is.

`make golden` (GOLDEN=write) is the only way to rewrite them.
"""

from __future__ import annotations

import os
from pathlib import Path

GOLDEN = Path(__file__).parent / "golden"


def assert_golden(name: str, text: str) -> None:
    """Compare `text` with the golden file `name`, or write it when asked to."""
    path = GOLDEN / name
    if os.environ.get("GOLDEN") == "write":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return
    assert path.is_file(), f"no golden file {name}; write it with `make golden`"
    assert text == path.read_text(encoding="utf-8"), f"{name} differs; see `make golden`"

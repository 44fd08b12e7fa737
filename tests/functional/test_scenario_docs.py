"""docs/scenarios.md: every block that names a file is a scenario that passes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from axonwatch.cli.main import main
from axonwatch.simulate.series import notation

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "scenarios.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```yaml (scenarios/\S+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(("name", "text"), BLOCKS, ids=[name for name, _ in BLOCKS])
def test_a_block_is_a_scenario_that_passes(
    name: str, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / Path(name).name
    path.write_text(text, encoding="utf-8")
    monkeypatch.chdir(ROOT)
    assert main(["test", str(path), "--no-coverage"]) == 0


def test_there_are_some() -> None:
    assert len(BLOCKS) >= 2


def test_the_notation_is_the_one_that_is_read() -> None:
    described = (notation.__doc__ or "").split("\n\n")[1]
    assert described in PAGE

"""What a wrong scenario file says: the whole message, with place, label and cure."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.goldens import assert_golden
from tests.unit.simulate.scenario_samples import CASES, addresses, read_lines, read_no_table

from axonwatch.diagnostics.render import render_text
from axonwatch.simulate.scenario_context import Doors
from axonwatch.simulate.scenario_reader import read_scenario

BAD = sorted((CASES / "bad").glob("*.yaml"))


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_a_bad_scenario_says_where_and_what_to_do(path: Path) -> None:
    found = read_scenario(
        path, root=CASES / "bad", addresses=addresses(), doors=Doors(read_lines, read_no_table)
    )
    assert found.findings
    text = render_text(found.findings, color=False, root=CASES / "bad")
    assert_golden(f"scenarios/{path.stem}.txt", text)

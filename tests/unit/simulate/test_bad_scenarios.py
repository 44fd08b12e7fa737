"""What a wrong scenario file says: the whole message, with place, label and cure."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.goldens import assert_golden
from tests.unit.simulate.scenario_samples import CASES, addresses, read_lines, read_no_table

from axonwatch import simulate
from axonwatch.catalog.pages import all_pages
from axonwatch.diagnostics.render import render_text
from axonwatch.simulate.scenarios.context import Doors
from axonwatch.simulate.scenarios.reader import read_scenario

SIMULATE = Path(simulate.__path__[0])
MODULES = [
    *(SIMULATE / "scenarios").glob("*.py"),
    *(
        SIMULATE / name
        for name in ("recordings/addresses.py", "series/notation.py", "series/files.py")
    ),
]
BAD = sorted((CASES / "bad").glob("*.yaml"))


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_a_bad_scenario_says_where_and_what_to_do(path: Path) -> None:
    found = read_scenario(
        path, root=CASES / "bad", addresses=addresses(), doors=Doors(read_lines, read_no_table)
    )
    assert found.findings
    text = render_text(found.findings, color=False, root=CASES / "bad")
    assert_golden(f"scenarios/{path.stem}.txt", text)


def test_every_code_of_a_scenario_has_a_page() -> None:
    spelled = re.compile(
        r'(?:error|fault|invalid|refuse|UnknownName|Diagnostic|SyntaxFault)\(\s*"([a-z]+(?:-[a-z]+)+)"'
    )
    codes = {code for path in MODULES for code in spelled.findall(path.read_text("utf-8"))}
    assert {"bad-series", "short-series", "bad-time", "test-failed", "bad-expectation"} <= codes
    assert codes - {page.code for page in all_pages()} == set()

"""Every case under tests/cases/alarm_state and tests/cases/composite."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.simulate.alarm_cases import actions, load_cases, name_of, run_case, transitions

from axonwatch.simulate.evaluation import states


@pytest.mark.parametrize("long", [2_000, 0], ids=["plain", "vectorised"])
@pytest.mark.parametrize("case", load_cases("alarm_state") + load_cases("composite"), ids=name_of)
def test_case(case: dict[str, Any], long: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(states, "LONG", long)
    found = run_case(case)
    expected = case.get("states", {})
    assert {name: transitions(found, name) for name in expected} == expected
    if "actions" in case:
        assert actions(found) == case["actions"]

"""Every case under tests/cases/evaluate_cli: files in, `axonwatch evaluate --json` out.

The spelling is that of `tests/unit/simulate/alarm_cases.py`. `described` gives ALARMS.json as it
is, `alarms_text` and `series_text` give a file's text. Of what comes out, `states`, `actions`,
`values` (the newest window of alarm `a`, oldest first) and `reason` (its newest) are compared;
`error` are words that the one error must hold.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.unit.simulate.alarm_cases import (
    described,
    load_cases,
    minute,
    moment,
    name_of,
    series_of,
    values_of,
)

from axonwatch.cli.main import main
from axonwatch.simulate.moments import iso, parse_moment


@pytest.mark.parametrize("case", load_cases("evaluate_cli"), ids=name_of)
def test_case(case: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    alarms, series = tmp_path / "alarms.json", tmp_path / "series.json"
    alarms.write_text(case.get("alarms_text") or json.dumps(_described(case)))
    series.write_text(case.get("series_text") or json.dumps(_series(case)))
    code = main(["evaluate", str(alarms), "--series", str(series), "--json", *_options(case)])
    out = capsys.readouterr().out
    found = json.loads(out, parse_constant=pytest.fail)  # NaN and Infinity are no JSON
    if "error" in case:
        assert (code, list(found)) == (2, ["error"])
        text = json.dumps(found["error"], ensure_ascii=False)
        assert [word for word in case["error"] if word not in text] == []
        return
    assert code == 0, out
    _compare(case, found)


def _described(case: dict[str, Any]) -> dict[str, Any]:
    given: dict[str, Any] = case.get("described") or described(case)
    return given


def _series(case: dict[str, Any]) -> list[dict[str, Any]]:
    given = case.get("series", {})
    if isinstance(given, list):
        return given
    return [series_of(name, one) for name, one in given.items()]


def _options(case: dict[str, Any]) -> list[str]:
    found = ["--start", iso(moment(case.get("from", 1))), "--end", iso(moment(case.get("to", 1)))]
    if case.get("span") is False:
        found = []
    for option, key in (("--range", "range"), ("--initial-state", "initial")):
        found += [option, case[key]] if key in case else []
    return [*found, *(["--every"] if case.get("every") or "values" in case else [])]


def _compare(case: dict[str, Any], found: dict[str, Any]) -> None:
    named = [a["AlarmName"] for kind in _described(case).values() for a in kind]
    assert list(found["alarms"]) == named
    states = case.get("states", {})
    assert {name: _states(found["alarms"][name]) for name in states} == states
    if "actions" in case:
        ran = [f"{_minute(a['time'])} {a['alarm']} {a['state']}" for a in found["actions"]]
        assert ", ".join(ran) == case["actions"]
    if "values" in case:
        window = found["alarms"]["a"][-1]["datapoints"]
        assert [point["value"] for point in window] == values_of(case["values"])
    if "stamps" in case:
        window = found["alarms"]["a"][-1]["datapoints"]
        assert [point["timestamp"] for point in window] == case["stamps"]
    if "reason" in case:
        assert found["alarms"]["a"][-1]["reason"] == case["reason"]


def _minute(time: str) -> str:
    return minute(parse_moment(time))


def _states(entries: list[dict[str, Any]]) -> str:
    return ", ".join(f"{_minute(entry['time'])} {entry['state']}" for entry in entries)

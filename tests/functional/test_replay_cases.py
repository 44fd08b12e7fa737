"""Every case under tests/cases/replay_cli: a template and logs in, `axonwatch replay --json` out.

`filters` are metric filters of the group `app` unless they say another `group`; `alarms` are as in
`tests/unit/simulate/alarm_cases.py`, over the sum of a filter's metric; `logs` are events by group
and minute; `log_alarms` are a template's own properties; `found` is every alarm's transitions, `without_input` those that had nothing to read.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.unit.simulate.alarm_cases import (
    EPOCH,
    load_cases,
    metric_alarm,
    minute,
    moment,
    name_of,
    series_of,
)

from axonwatch.cli.main import main
from axonwatch.simulate.moments import iso, parse_moment


@pytest.mark.parametrize("case", load_cases("replay_cli"), ids=name_of)
def test_case(case: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["replay", *_words(case, tmp_path), "--json"])
    found = json.loads(capsys.readouterr().out)
    if "error" in case:
        assert (code, list(found)) == (2, ["error"])
        assert [word for word in case["error"] if word not in json.dumps(found["error"])] == []
        return
    assert code == 0, found
    states = {
        name: ", ".join(f"{minute(parse_moment(e['time']))} {e['state']}" for e in entries)
        for name, entries in found["alarms"].items()
    }
    assert states == case["found"]
    assert found["without_input"] == case.get("without_input", [])
    if "actions" in case:
        ran = [f"{minute(parse_moment(a['time']))} {a['alarm']}" for a in found["actions"]]
        assert ", ".join(ran) == case["actions"]


def _words(case: dict[str, Any], folder: Path) -> list[str]:
    template = folder / "template.json"
    template.write_text(json.dumps({"Resources": _resources(case)}))
    found = ["--template", str(template)]
    for number, (group, events) in enumerate(case.get("logs", {}).items()):
        path = folder / f"{number}.jsonl"
        path.write_text("".join(_event(at, text) for at, text in events))
        found += ["--local", f"{group}={path}"]
    if "series" in case:
        path = folder / "series.json"
        path.write_text(json.dumps([series_of(n, one) for n, one in case["series"].items()]))
        found += ["--series", str(path)]
    for option, key in (("--start", "from"), ("--end", "to")):
        found += [option, iso(moment(case[key]))] if key in case else []
    return found


def _event(at: float, text: str) -> str:
    return json.dumps({"timestamp": (EPOCH + int(at * 60)) * 1000, "message": text}) + "\n"


def _resources(case: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for number, one in enumerate(case.get("filters", [])):
        made = {"MetricNamespace": "N", "MetricName": one.get("metric", "m")}
        made |= {"MetricValue": str(one.get("value", "1"))}
        made |= {key: one[key] for key in ("DefaultValue", "Dimensions") if key in one}
        found[f"Filter{number}"] = {
            "Type": "AWS::Logs::MetricFilter",
            "Properties": {
                "LogGroupName": one.get("group", "app"),
                "FilterPattern": one["pattern"],
                "MetricTransformations": [made],
            },
        }
    for name, given in case.get("alarms", {}).items():
        alarm = metric_alarm(name, {"when": "> 0", "metric": "m", "stat": "Sum"} | given)
        found[f"Alarm{name}"] = {"Type": "AWS::CloudWatch::Alarm", "Properties": alarm}
    for name, fields in case.get("log_alarms", {}).items():
        log_alarm = {"AlarmName": name, **fields}
        found[f"Alarm{name}"] = {"Type": "AWS::CloudWatch::LogAlarm", "Properties": log_alarm}
    for name, rule in case.get("composites", {}).items():
        fields = {"AlarmName": name, "AlarmRule": rule}
        found[f"Alarm{name}"] = {"Type": "AWS::CloudWatch::CompositeAlarm", "Properties": fields}
    return found

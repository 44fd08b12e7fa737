"""Definitions with odd values in any place end in findings, never in a traceback."""

from __future__ import annotations

import random
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.unit.catalog.cases import BASE, TODAY
from tests.unit.catalog.test_definitions_page import FILES

from axonwatch.catalog.checking import check_definitions
from axonwatch.catalog.nodes import SourceText, plain
from axonwatch.catalog.project import find_project
from axonwatch.catalog.source import parse_yaml
from axonwatch.diagnostics import InvalidInput
from axonwatch.diagnostics.render import render_text

ODD: Mapping[str, list[Any]] = {
    "when": ["> 5", "above band 2", "> 5 ms", ">= 9999999999", "< desired_count", "> 1e308", "> -0"],
    "for": ["1 of 1", "5 of 3", "3 of 10080", "0 of 1", "999 of 99999"],
    "rule": [
        "ALARM(x)", "TRUE", "ALARM(slow) AND", "AT_LEAST(2, ALARM, (slow, refused))", '"',
        "ALARM(incident)", "OK(database/busy) OR INSUFFICIENT_DATA(hung) AND ALARM(refused)",
        "AT_LEAST(1, ALARM, ())",
    ],
    "pattern": ["{ $.a = 1 }", "[a,b]", "%a%", "?x -y", "{", "x" * 1024],
    "expression": [
        "reads", 'SEARCH("x")', "FILL(reads, 0)", "SUM(METRICS())", "reads/0", "AVG(latency)",
        "[reads, latency]", "a + b", "ANOMALY_DETECTION_BAND(reads)", "IF(", "1",
    ],
    "statistic": ["p99", "p101", "tm90", "TM(1%:2%)", "Sum", "IQM", "SampleCount"],
    "metric": ["CPUUtilization", "readlatency", "ReadLatenc", "RequestCount", "EBSIOBalance%"],
    "period": ["10s", "90s", "1h", "1d", "7d", "0s"],
    "component": ["agent", "load_balancer", "service", "paging", "nope"],
    "query": ["refusals", "nope", "fields @x | stats count(*) by bin(1m)"],
    "schedule": ["cron(0 3 * * *)", "cron(x)", "at(2026-01-01T00:00)", "at(x)"],
    "thresholds": [["busy"], ["nope"], ["incident"], ["hung"]],
    "alarms": ["all", "page"],
    "width": [1, 24, 25, 0],
    "suppressed_by": ["slow", "nope", "incident"],
    "off": [["database/slow"], {"database/refused": "x"}, ["nope"]],
    "features": [{"log_alarms": False}, {"query_parameters": False}, {"warm_up": False}],
    "severities": [{}, {"page": {"topic_arn": "arn:aws:sns:eu-west-1:111122223333:x"}}],
    "summary": ["{threshold}", "{percent}", "{nope}", "{capacity}", "x"],
    "text": ["{dashboard:nope}", "{stack}"],
    "log_groups": [["agent", "nope"], ["database"], ["orchestrator"]],
    "every": ["1m", "0s", "1d"],
    "look_back": ["1m", "9d"],
    "delay": ["0s", "9d"],
    "warm_up": ["5m", "1s"],
    "first": [["x" * 150, "y" * 150]],
    "override": [{"database/slow": {"metric": "CPUUtilization", "statistic": "Average"}}],
    "filter": ["nope", "refused"],
}  # fmt: skip


def damage(value: object, chance: random.Random) -> object:
    if isinstance(value, dict):
        return {
            key: chance.choice(ODD[key])
            if key in ODD and chance.random() < 0.08
            else damage(inner, chance)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [damage(inner, chance) for inner in value]
    return value


@pytest.mark.parametrize("seed", range(40))
def test_odd_values_end_in_findings(seed: int, tmp_path: Path) -> None:
    shutil.copytree(BASE, tmp_path, dirs_exist_ok=True)
    chance = random.Random(seed)  # noqa: S311 - no secrets are made
    for name, text in FILES:
        node, _ = parse_yaml(SourceText(name, text))
        damaged = damage(plain(node), chance)
        written = yaml.safe_dump(damaged, allow_unicode=True, sort_keys=False)
        (tmp_path / name).write_text(written, encoding="utf-8")
    try:
        findings = check_definitions(find_project(stack_file=tmp_path / "stack.yaml"), today=TODAY)
    except InvalidInput as invalid:
        findings = list(invalid.diagnostics)
    assert isinstance(render_text(findings, root=tmp_path), str)
    assert all(one.help for one in findings), [one.title for one in findings if not one.help]

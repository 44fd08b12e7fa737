"""`axonwatch test`, whole commands over a small project: words in, exit code, text and files out."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from axonwatch.cli.main import main

PROJECT = Path(__file__).parents[1] / "cases" / "scenarios" / "project"
PASSES = """\
component: database
tests:
  - name: a leak is told
    series: {DatabaseConnections: 60x9 390x9}
    expect: {connections-high: ALARM by 13m}
  - name: a spike is not
    series: {DatabaseConnections: 60x9 390 60x9}
    expect: {connections-high: never ALARM}
"""
FAILS = """\
component: database
tests:
  - name: too few
    series: {DatabaseConnections: 60x9 390 390 60x9}
    expect:
      connections-high: ALARM by 13m
"""
INVALID = """\
component: database
tests:
  - name: misspelled
    sries: {DatabaseConnections: 60x9}
  - name: sound
    series: {DatabaseConnections: 60x9}
    expect: {connections-high: never ALARM}
"""
QUERY = """\
title: Odd lines
description: How many odd lines there are.
log_groups: [agent]
query: |
  filter @message like /odd/ | stats count(*) as lines
tests:
  - name: odd lines are counted
    events: {agent: [{at: 0s, message: odd}, {at: 1s, message: even}, {at: 2s, message: odd one}]}
    rows: [{lines: 2}]
"""


class Run:
    """A project of its own, and a command's outcome."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._capsys = capsys

    def put(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def __call__(self, *words: str) -> tuple[int, str, str]:
        code = main(["test", *words])
        found = self._capsys.readouterr()
        return code, found.out, found.err


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    folder = tmp_path / "project"
    shutil.copytree(PROJECT, folder)
    monkeypatch.chdir(folder)
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    return Run(folder, capsys)


def test_all_pass(run: Run) -> None:
    run.put("scenarios/leaks.yaml", PASSES)
    code, out, err = run("--no-coverage")
    assert (code, out) == (0, "ok   scenarios/leaks.yaml  2\n")
    assert err.startswith("2 tests, 2 passed in ")


def test_verbose_names_each_test(run: Run) -> None:
    run.put("scenarios/leaks.yaml", PASSES)
    _, out, _ = run("--no-coverage", "-v")
    assert out.splitlines()[0].startswith("ok   scenarios/leaks.yaml:3  a leak is told  ")


def test_a_failure_is_told_with_its_reason_and_ends_with_1(run: Run) -> None:
    run.put("scenarios/leaks.yaml", PASSES)
    run.put("scenarios/few.yaml", FAILS)
    code, out, err = run("--no-coverage")
    assert code == 1
    assert out == (
        """\
FAIL scenarios/few.yaml:3  "too few"
  alarm     axonflow-prod-database-connections-high  alarms/database.yaml:4
  asked at  scenarios/few.yaml:6
  at        00:13 (13m into the test)
  expected  ALARM
  actual    OK from the start
  because   2 of the last 5 datapoints were at or above 324; the alarm needs 3 of 5

    00:08    60   ok
    00:09    60   ok
    00:10   390   breaching
    00:11   390   breaching
    00:12    60   ok

  help      to alarm on 2 of 5, set `for: 2 of 5` at alarms/database.yaml:10

ok   scenarios/leaks.yaml  2
"""
    )
    assert err.startswith("3 tests, 2 passed, 1 failed in ")


def test_an_invalid_scenario_ends_with_2_and_the_others_run(run: Run) -> None:
    run.put("scenarios/leaks.yaml", PASSES)
    run.put("scenarios/odd.yaml", INVALID)
    code, out, err = run("--no-coverage")
    assert code == 2
    assert "ok   scenarios/leaks.yaml  2" in out
    assert "error[unknown-key]" in err
    assert "scenarios/odd.yaml:4:5" in err


def test_files_and_folders_may_be_named(run: Run) -> None:
    run.put("scenarios/leaks.yaml", PASSES)
    few = run.put("scenarios/more/few.yaml", FAILS)
    assert run("scenarios/leaks.yaml")[:2] == (0, "ok   scenarios/leaks.yaml  2\n")
    assert run("scenarios/more")[0] == 1
    assert run(str(few))[0] == 1
    assert main(["test", "scenarios/none.yaml"]) == 2


def test_run_selects_by_file_and_name(run: Run) -> None:
    run.put("scenarios/leaks.yaml", PASSES)
    run.put("scenarios/few.yaml", FAILS)
    assert run("--run", "leaks.*spike")[1] == "ok   scenarios/leaks.yaml  1\n"
    assert run("--run", "spike", "--run", "leak is")[1] == "ok   scenarios/leaks.yaml  2\n"
    code, _, err = run("--run", "nothing like it")
    assert code == 2
    assert "there are no tests that match nothing like it" in err
    code, _, err = run("--run", "(")
    assert code == 2
    assert "is not a regular expression" in err


def test_saved_queries_have_tests_of_their_own(run: Run) -> None:
    run.put("log_insights/odd.yaml", QUERY)
    assert run("--no-coverage")[:2] == (0, "ok   log_insights/odd.yaml  1\n")
    run.put("log_insights/odd.yaml", QUERY.replace("{lines: 2}", "{lines: 3}"))
    code, out, _ = run("--no-coverage")
    assert code == 1
    assert out == (
        'FAIL log_insights/odd.yaml:7  "odd lines are counted"\n'
        "  query     odd\n"
        "  1 row expected, 1 found\n"
        "  - lines=3\n"
        "  + lines=2\n\n"
    )


def test_coverage_names_what_no_test_has_seen(run: Run) -> None:
    run.put("scenarios/leaks.yaml", PASSES)
    code, out, _ = run()
    assert code == 0
    assert "coverage 17 % (4 of 23:" in out
    assert "  database/cpu-high never reached ALARM\n" in out


def test_a_coverage_threshold_may_fail_a_run(run: Run) -> None:
    run.put("scenarios/leaks.yaml", PASSES)
    assert run("--coverage-threshold", "17")[0] == 0
    assert run("--coverage-threshold", "18")[0] == 1
    assert run("--coverage-threshold", "18", "--no-coverage", "--run", "leak")[0] == 1
    assert main(["test", "--coverage-threshold", "101"]) == 2


def test_partial_runs_are_not_measured(run: Run) -> None:
    run.put("scenarios/leaks.yaml", PASSES)
    assert "coverage" not in run("--run", "leak")[1]


def test_json(run: Run) -> None:
    run.put("scenarios/few.yaml", FAILS)
    run.put("scenarios/odd.yaml", INVALID)
    code, out, _ = run("--json")
    document = json.loads(out)
    assert code == 2
    assert [(t["file"], t["status"]) for t in document["tests"]] == [
        ("scenarios/few.yaml", "failed"),
    ]
    assert document["invalid"][0]["code"] == "unknown-key"
    assert document["coverage"]["percent"] < 100


def test_github(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run.put("scenarios/few.yaml", FAILS)
    _, out, _ = run("--format", "github")
    assert out.startswith("::error file=scenarios/few.yaml,line=6")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    _, out, _ = run("--no-coverage")
    assert out.startswith("FAIL scenarios/few.yaml:3")
    assert "\n::error file=scenarios/few.yaml,line=6" in out


def test_junit_and_reports(run: Run) -> None:
    run.put("scenarios/few.yaml", FAILS)
    _, out, _ = run("--format", "junit")
    ET.fromstring(out.encode("utf-8"))  # noqa: S314 - our own
    code, out, _ = run("--junit", "a.xml", "--report", "b.json", "--report", "c.md")
    assert code == 1
    assert "FAIL scenarios/few.yaml:3" in out
    assert "<testsuites" in (run.folder / "a.xml").read_text()
    assert json.loads((run.folder / "b.json").read_text())["tests"][0]["status"] == "failed"
    assert "| **failed** | too few |" in (run.folder / "c.md").read_text()
    assert run("--report", "a.html")[0] == 2
    code, _, err = run("--report", "scenarios/few.yaml/a.xml")
    assert code == 3
    assert err.count("error: cannot write `scenarios/few.yaml/a.xml`") == 1


def test_workers_change_nothing(run: Run) -> None:
    for number in range(5):
        run.put(f"scenarios/{number}.yaml", PASSES if number % 2 else FAILS)

    def outcome(jobs: str) -> tuple[int, Any]:
        code, out, _ = run("--json", "--jobs", jobs)
        document = json.loads(out)
        for one in document["tests"]:
            one["seconds"] = 0
        return code, document

    assert outcome("1") == outcome("3")


def test_other_sources_of_alarms(run: Run) -> None:
    run.put("scenarios/leaks.yaml", PASSES.replace("connections-high", "axonflow-prod-high"))
    run.put(
        "alarms.json",
        json.dumps(
            {
                "MetricAlarms": [
                    {
                        "AlarmName": "axonflow-prod-high",
                        "Namespace": "AWS/RDS",
                        "MetricName": "DatabaseConnections",
                        "Dimensions": [
                            {"Name": "DBInstanceIdentifier", "Value": "axonflow-prod-db"}
                        ],
                        "Statistic": "Maximum",
                        "Period": 60,
                        "EvaluationPeriods": 3,
                        "Threshold": 300,
                        "ComparisonOperator": "GreaterThanThreshold",
                    }
                ]
            }
        ),
    )
    assert run("--alarms", "alarms.json", "--no-coverage")[:2] == (
        0,
        "ok   scenarios/leaks.yaml  2\n",
    )
    assert run("--alarms", "alarms.json", "--template", "alarms.json")[0] == 2


def test_no_tests_at_all(run: Run) -> None:
    code, _, err = run()
    assert code == 2
    assert "there are no tests" in err


def test_wrong_definitions_are_told_before_any_test(run: Run) -> None:
    run.put("scenarios/leaks.yaml", PASSES)
    path = run.folder / "alarms" / "database.yaml"
    path.write_text(path.read_text().replace(">= 80% of max_connections", "many"))
    code, out, err = run()
    assert (code, out) == (2, "")
    assert "alarms/database.yaml:9" in err


def test_watch_runs_again_when_a_file_changes(run: Run) -> None:
    path = run.put("scenarios/leaks.yaml", PASSES)
    words = [sys.executable, "-m", "axonwatch", "test", "--watch", "--no-coverage", "--jobs", "1"]
    env = {**os.environ, "PYTHONUNBUFFERED": "1"}
    output = run.folder.parent / "output"
    with output.open("wb") as sink:
        process = subprocess.Popen(
            words, stdout=sink, stderr=subprocess.STDOUT, cwd=run.folder, env=env
        )
    try:
        _wait_for(output, "watching; Ctrl-C ends", 1)
        path.write_text(FAILS)
        _wait_for(output, "watching; Ctrl-C ends", 2)
        path.write_text(INVALID)
        _wait_for(output, "watching; Ctrl-C ends", 3)
    finally:
        process.terminate()
        process.wait(20)
    text = output.read_text()
    assert "ok   scenarios/leaks.yaml  2" in text
    assert 'FAIL scenarios/leaks.yaml:3  "too few"' in text
    assert "error[unknown-key]" in text


def _wait_for(output: Path, word: str, times: int) -> None:
    deadline = time.monotonic() + 60
    while output.read_text().count(word) < times:
        assert time.monotonic() < deadline, output.read_text()
        time.sleep(0.1)

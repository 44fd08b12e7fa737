"""Scenario tests run: what passes, what fails and what it says, and whether the verdict is sure."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.goldens import assert_golden
from tests.unit.simulate.scenario_samples import (
    CASES,
    PREFIX,
    addresses,
    messages,
    one_test,
    read_file,
    run_text,
    suite,
)

from axonwatch.model.alarms import CompositeAlarm
from axonwatch.simulate.scenarios.report import case_of, heading
from axonwatch.simulate.scenarios.runner import run_test
from axonwatch.simulate.scenarios.scenario import ScenarioTest

PASSING = read_file(CASES / "passing.yaml")
FAILING = read_file(CASES / "failing.yaml")


def test_the_files_of_cases_are_valid() -> None:
    assert messages(PASSING) == messages(FAILING) == ""


@pytest.mark.parametrize("test", PASSING.tests, ids=lambda test: test.name)
def test_passing(test: ScenarioTest) -> None:
    result = run_test(test, suite())
    assert case_of(result, addresses().short).text == ""
    assert result.passed


def test_what_failed_tests_say() -> None:
    cases = [case_of(run_test(test, suite()), addresses().short) for test in FAILING.tests]
    assert {case.status for case in cases} == {"failed"}
    assert_golden(
        "scenarios/failing.txt", "\n".join(f"{heading(case)}\n{case.text}" for case in cases)
    )


def test_a_verdict_that_depends_on_how_far_cloudwatch_looks_back_is_flagged() -> None:
    unsure = [test.name for test in PASSING.tests if run_test(test, suite()).depends_on_range]
    assert unsure == ["a deployment holds the page back, and lets it go"]


def test_a_test_that_cannot_be_run_says_why(tmp_path: Path) -> None:
    test = one_test("series: {CPUUtilization: 1x9}\nexpect: {cpu-high: never ALARM}", tmp_path)
    alarms = [
        replace(one, rule=f'ALARM("{PREFIX}database-nothing")')
        if isinstance(one, CompositeAlarm)
        else one
        for one in suite().alarms
    ]
    result = run_test(test, replace(suite(), alarms=alarms))
    assert not result.passed
    case = case_of(result, addresses().short)
    assert case.status == "refused"
    assert "axonflow-prod-database-nothing" in case.text
    assert [one.code for one in case.findings] == ["test-refused"]


def test_a_log_alarm_is_not_evaluated_without_a_query_engine(tmp_path: Path) -> None:
    text = 'logs: {agent: [{every: 10s, message: "odd"}]}\nend: 9m\nexpect: '
    test = one_test(text + "{odd-lines: not evaluated}", tmp_path)
    assert run_test(test, replace(suite(), open_logs=None)).passed
    assert not run_test(test, suite()).passed


def test_a_series_takes_the_place_of_what_a_filter_makes(tmp_path: Path) -> None:
    text = """
series: {filter/refused: 0x20}
logs: {agent: [{every: 20s, message: ":5432: connect: connection refused"}]}
expect: {refused: never ALARM}
"""
    assert run_text(text, tmp_path).passed
    assert not run_text(text.replace("series: {filter/refused: 0x20}", "end: 20m"), tmp_path).passed


def test_a_refusal_of_one_alarm_names_it(tmp_path: Path) -> None:
    """A query that cannot be read stops the test: its verdicts would mean nothing."""
    test = one_test("logs: {agent: [{every: 1m, message: a}]}\nend: 9m", tmp_path)
    alarms = [
        replace(one, query="filter ((") if one.name.endswith("odd-lines") else one  # type: ignore[call-arg]
        for one in suite().alarms
    ]
    result = run_test(test, replace(suite(), alarms=alarms))
    assert result.refused.startswith("the query of log alarm `axonflow-prod-database-odd-lines`")

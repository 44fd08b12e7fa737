"""Results of tests in every form."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from tests.goldens import assert_golden
from tests.unit.simulate.scenario_samples import CASES, addresses, read_file, run_text, suite

from axonwatch.diagnostics import Diagnostic, Level, Span
from axonwatch.diagnostics.render import render_github
from axonwatch.simulate.scenarios.coverage import Coverage
from axonwatch.simulate.scenarios.report import (
    Case,
    as_json,
    as_junit,
    as_markdown,
    case_of,
    coverage_lines,
    summary,
)
from axonwatch.simulate.scenarios.runner import run_test

SHORT = addresses().short
CHOSEN = ("three of five fire, and it recovers", "two of three are not enough", "a page too early")


@cache
def seen() -> tuple[tuple[Case, ...], Coverage]:
    """A few cases, as if each took a quarter of a second, and one that could not be run."""
    coverage = Coverage(suite().alarms)
    cases = []
    for file in ("passing.yaml", "failing.yaml"):
        for test in read_file(CASES / file).tests:
            if test.name in CHOSEN:
                result = run_test(test, suite())
                coverage.add(result)
                cases.append(replace(case_of(result, SHORT), seconds=0.25))
    span = Span("log_insights/errors.yaml", 12, 5, 12, 9)
    refused = Diagnostic("test-refused", Level.ERROR, "expected a command", span)
    cases.append(
        Case(
            "log_insights/errors.yaml",
            'a query | with \x1b[1m "odd" <words>',
            span,
            0.5,
            "refused",
            "  refused   expected a command\n",
            findings=(refused,),
        )
    )
    cases.append(replace(cases[0], unsure=True, name="the same, unsure"))
    return tuple(cases), coverage


def test_junit() -> None:
    text = as_junit(seen()[0])
    assert_golden("scenarios/report.xml", text)
    root = ET.fromstring(text)  # noqa: S314 - our own
    assert [suite.get("tests") for suite in root] == ["2", "2", "1"]
    assert [suite.get("failures") for suite in root] == ["0", "2", "0"]
    assert [suite.get("errors") for suite in root] == ["0", "0", "1"]


def test_junit_has_no_character_that_xml_cannot_write() -> None:
    bad = "".join(map(chr, (0, 8, 11, 27, 31, 0xD800, 0xFFFE, 0xFFFF))) + "\U0001f600é"
    case = replace(seen()[0][0], name=bad, status="failed", text=bad)
    root = ET.fromstring(as_junit([case]).encode("utf-8"))  # noqa: S314 - our own
    found = root.find(".//failure")
    assert found is not None
    assert found.text == "\ufffd" * 8 + "\U0001f600é"


def test_markdown() -> None:
    cases, coverage = seen()
    assert_golden("scenarios/report.md", as_markdown(cases, coverage, SHORT, 1.25))
    assert "## Coverage" not in as_markdown(cases, None, SHORT, 1.25)


def test_markdown_cannot_be_broken_out_of() -> None:
    case = replace(seen()[0][1], name="<img src=x> a|b", text="  ```\n  <b>\n")
    text = as_markdown([case], None, SHORT, 1.25)
    assert "<img" not in text
    assert "| &lt;img src=x&gt; a\\|b |" in text
    assert "\n````\n  ```\n  <b>\n````\n" in text


def test_json() -> None:
    cases, coverage = seen()
    document = json.loads(json.dumps(as_json(cases, coverage, SHORT)))
    assert document["schema_version"] == 1
    assert list(document) == ["schema_version", "tests", "invalid", "coverage"]
    failed = document["tests"][1]
    assert failed["status"] == "failed"
    assert failed["depends_on_range"] is False
    (failure,) = failed["failures"]
    assert failure["alarm"] == "axonflow-prod-database-connections-high"
    assert failure["datapoints"][2] == {
        "timestamp": "2026-01-01T00:10:00Z",
        "value": 390.0,
        "mark": "breaching",
    }
    gaps = document["coverage"]["gaps"]
    assert {"alarm": "database/cpu-high", "what": "never reached ALARM"} in gaps
    assert document["coverage"]["total"] == 23


def test_json_names_invalid_files() -> None:
    finding = Diagnostic("unknown-key", Level.ERROR, "no key `sries`", Span("a.yaml", 3, 5, 3, 9))
    document = as_json([], None, SHORT, [finding])
    assert document["invalid"] == [
        {"code": "unknown-key", "title": "no key `sries`", "place": "a.yaml:3:5"}
    ]
    assert "coverage" not in document


def test_annotations_for_github() -> None:
    lines = render_github([f for case in seen()[0] for f in case.findings]).splitlines()
    assert lines[0].startswith("::error file=tests/cases/scenarios/failing.yaml,line=7")
    assert "the alarm needs 3 of 5" in lines[0]
    assert len(lines) == 4  # one for each failure, two of which are of one test


@pytest.mark.parametrize(
    ("statuses", "said"),
    [
        ((), "0 tests in 0.30 s"),
        (("passed",), "1 test, 1 passed in 0.30 s"),
        (("passed", "failed", "refused"), "3 tests, 1 passed, 1 failed, 1 refused in 0.30 s"),
    ],
)
def test_summary(statuses: tuple[str, ...], said: str) -> None:
    cases = [replace(seen()[0][0], status=status) for status in statuses]
    assert summary(cases, 0.3) == said


def test_log_lines_in_reports_are_masked(tmp_path: Path) -> None:
    """What a page's text holds comes from outside: it may hold a person's number."""
    line = "odd 4111 1111 1111 1111"
    text = f"""
logs: {{agent: [{{every: 10s, message: "{line}"}}]}}
end: 9m
tickets: [{{alarm: odd-lines, contains: "{line} is not there"}}]
"""
    result = run_text(text, tmp_path)
    case = case_of(result, SHORT)
    assert case.status == "failed"
    assert "4111" not in case.text


def test_coverage_in_full() -> None:
    coverage = Coverage(suite().alarms)
    for test in read_file(CASES / "passing.yaml").tests:
        coverage.add(run_test(test, suite()))
    assert coverage_lines(coverage, SHORT)[1:] == []

"""Scenarios over the small project of `tests/cases/scenarios/project`, read and run in tests."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from axonwatch.catalog.load import Loaded, load_companion
from axonwatch.catalog.project import find_project
from axonwatch.cli.engines import open_logs
from axonwatch.diagnostics import InvalidInput, Span
from axonwatch.diagnostics.render import render_text
from axonwatch.model.alarms import Severity
from axonwatch.simulate.recordings.addresses import Addresses
from axonwatch.simulate.recordings.log_events import LogEvent
from axonwatch.simulate.scenarios.context import Doors
from axonwatch.simulate.scenarios.reader import ScenarioFile, read_scenario
from axonwatch.simulate.scenarios.runner import ScenarioResult, Suite, run_test
from axonwatch.simulate.scenarios.scenario import ScenarioTest

CASES = Path(__file__).parents[2] / "cases" / "scenarios"
PROJECT = CASES / "project"
PREFIX = "axonflow-prod-"


def read_lines(path: Path) -> Iterator[LogEvent]:
    """JSON lines; the query wing's reader is tried in functional tests."""
    for line in path.read_text(encoding="utf-8").splitlines():
        event = json.loads(line)
        yield LogEvent(event["timestamp"], event["message"], event.get("logStream", ""))


def read_no_table(path: Path) -> tuple[list[str], list[list[str]]]:
    del path
    return ["timestamp", "value"], [["2026-01-01 00:00:00", "5"], ["2026-01-01 00:01:00", ""]]


@cache
def loaded() -> Loaded:
    found = load_companion(find_project(stack_file=PROJECT / "stack.yaml"))
    assert found.errors == ()
    return found


def addresses() -> Addresses:
    return Addresses.of_companion(loaded().companion)


def suite() -> Suite:
    companion = loaded().companion
    subjects = {one.piece.name: one for one in loaded().alarms}

    def place(name: str, fact: str) -> tuple[Span, str] | None:
        found = subjects[name]
        return (found.origin, "") if fact == "name" else (found.at(fact), found.word(fact))

    return Suite(
        companion.alarms,
        companion.metric_filters,
        companion.mute_rules,
        severities={companion.names.topic_arn(s, partition="aws", region="us-east-1"): s for s in Severity},
        place=place,
        short=addresses().short,
        open_logs=open_logs,
    )  # fmt: skip


def read_file(path: Path) -> ScenarioFile:
    return read_scenario(
        path, root=PROJECT, addresses=addresses(), doors=Doors(read_lines, read_no_table)
    )


def read_text(text: str, folder: Path) -> ScenarioFile:
    """A scenario of which `text` is the one test, without its name; in a folder of its own.

    Where it says not what it expects, that is of no interest.
    """
    if not re.search(r"^(expect|pages|tickets|recoveries):", text, re.MULTILINE):
        text += "\nexpect: {others: always OK}"
    lines = [f"    {line}" for line in text.strip("\n").split("\n")]
    whole = "component: database\ntests:\n  - name: one\n" + "\n".join(lines) + "\n"
    path = folder / "scenario.yaml"
    path.write_text(whole, encoding="utf-8")
    return read_scenario(
        path, root=folder, addresses=addresses(), doors=Doors(read_lines, read_no_table)
    )


def one_test(text: str, folder: Path) -> ScenarioTest:
    found = read_text(text, folder)
    if found.findings:
        raise InvalidInput(found.findings)
    (test,) = found.tests
    return test


def run_text(text: str, folder: Path) -> ScenarioResult:
    return run_test(one_test(text, folder), suite())


def messages(found: ScenarioFile) -> str:
    return render_text(found.findings, color=False, root=PROJECT)

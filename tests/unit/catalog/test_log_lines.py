"""The log schema knows every line that AxonFlow writes, and no other."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path

import jsonschema
import pytest

from axonwatch.catalog.log_lines import (
    LogFamily,
    can_hold,
    can_match,
    entry_schema,
    families,
    family_of,
    known_lines,
    log_schema,
    spelled,
)

SHARED = os.environ.get("AXONWATCH_SHARED")


@pytest.mark.parametrize("family", families(), ids=lambda family: family.name)
def test_an_example_belongs_to_its_family(family: LogFamily) -> None:
    assert family in families()
    for example in family.examples:
        for service in family.services:
            found = family_of(example, service)
            assert found is not None
            assert found.services[0] in ("agent", "orchestrator")


def test_names_are_unique_and_examples_are_there() -> None:
    names = [family.name for family in families()]
    assert len(names) == len(set(names))
    assert [family.name for family in families() if not family.examples] == []


def test_documented_entries_keep_to_the_documented_schema() -> None:
    validator = jsonschema.Draft7Validator(entry_schema())
    for entries in log_schema()["entries"].values():
        for entry in entries:
            validator.validate(json.loads(entry))


def test_what_the_documentation_invents_is_in_no_line() -> None:
    assert not can_hold("policy_decision=deny")
    assert not can_hold("authentication_failed")
    assert not can_hold("pii_detected=true")
    assert can_hold("Failing over from", "orchestrator")
    assert not can_hold("Failing over from", "agent")
    assert can_match(r"responded with status: 5\d\d", "agent")
    assert not can_match(r"responded with status: 7\d\d", "agent")


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("Request blocked by static policy", None),
        ("request blocked by static policy", "Request blocked by static policy"),
        ("Request bloked by static policy", "Request blocked by static policy"),
        ("client-4711", None),
        ("Something that nobody writes", None),
        ("abc", None),
    ],
)
def test_a_text_is_mended_only_where_a_line_is_near(text: str, known: str | None) -> None:
    assert spelled(text, frozenset({"agent"})) == known


def test_lines_of_both_shapes_are_known() -> None:
    assert any(line.startswith("{") for line in known_lines("agent"))
    assert sum(1 for _ in known_lines()) > 250


def test_a_continuation_has_no_family() -> None:
    assert family_of("\tgoroutine 1 [running]:", "agent") is None
    assert family_of("</html>\r", "orchestrator") is None


@pytest.mark.slow
@pytest.mark.skipif(SHARED is None, reason="AXONWATCH_SHARED names no folder with recorded runs")
@pytest.mark.parametrize("service", ["agent", "orchestrator"])
def test_every_dated_line_of_the_recorded_runs_has_a_family(service: str) -> None:
    unknown, dated = [], 0
    for file in sorted(Path(str(SHARED)).glob(f"data/axonflow/*/{service}.jsonl.gz")):
        with gzip.open(file, "rt", encoding="utf-8", newline="\n") as lines:
            for line in lines:
                message = json.loads(line)["message"]
                if not message[:4].isdigit():
                    continue
                dated += 1
                if family_of(message, service) is None:
                    unknown.append(message)
    assert dated > 30_000
    assert len(unknown) < 100, unknown[:5]  # forged, or cut by a line break in a claimed client

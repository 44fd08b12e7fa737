"""The saved queries against what the client and the providers of the recorded runs counted.

Where the log cannot know (bad tokens leave no line, lines can be forged without a key, a killed
agent leaves requests without an end), the difference is written down here, and exact.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from tests.unit.log_insights.judge import Row, ask, milliseconds

SHARED = os.environ.get("AXONWATCH_SHARED")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        SHARED is None, reason="AXONWATCH_SHARED names no folder with recorded runs"
    ),
]
RUNS = (
    "none",
    "db-outage",
    "llm-provider-outage",
    "policy-block-storm",
    "auth-failure-storm",
    "latency-regression",
    "deploy",
    "extras",
)
FORGED = {"auth-failure-storm": 56}
KILLED = {"deploy": (3, 1, 0)}


def folder(run: str) -> Path:
    return Path(str(SHARED)) / "data" / "axonflow" / run


@cache
def truth(run: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder(run) / "truth.json").read_text())
    return found


def rows(name: str, run: str) -> list[Row]:
    return ask(name, folder(run) / "agent.jsonl.gz", folder(run) / "orchestrator.jsonl.gz")


def sent(run: str, *kinds: str) -> int:
    by_kind = truth(run)["requests"]["by_outcome_sent_as"]
    return sum(by_kind.get(kind, {"n": 0})["n"] for kind in kinds)


@pytest.mark.parametrize("run", RUNS)
def test_traffic(run: str) -> None:
    found = rows("agent-traffic", run)
    totals = [sum(int(row[name]) for row in found) for name in ("requests", "prechecks", "audits")]
    counted = truth(run)["requests"]["by_kind"]
    unheard = KILLED.get(run, (0, 0, 0))
    assert [t + u for t, u in zip(totals, unheard, strict=True)] == [
        counted["request"],
        counted["precheck"],
        counted["audit"],
    ]
    by_minute = {milliseconds(row["minute"]): int(row["requests"]) for row in found}
    for minute, counts in truth(run)["per_minute"].items():
        assert abs(by_minute.get(int(minute), 0) - counts.get("request", 0)) <= 4


@pytest.mark.parametrize("run", RUNS)
def test_outcomes(run: str) -> None:
    found = {row["outcome"]: int(row["requests"]) for row in rows("agent-outcomes", run)}
    requests = truth(run)["requests"]
    refused = sent(run, "bad_licence", "v1_key", "empty_client_id", "forge_client_id")
    refused += sent(run, "unknown_client", "wrong_key")
    if run == "extras":
        refused += 28  # the burst ran into the whitelist's rate limit
    assert found.get("auth_failed", 0) == refused + FORGED.get(run, 0)
    assert found.get("no_key", 0) == sent(run, "missing_header")
    assert found.get("tenant_mismatch", 0) == sent(run, "tenant_mismatch")
    assert found.get("bad_request", 0) == sent(run, "malformed_json")
    gateway_blocks = requests["by_type"]["gateway"]["blocked"]
    blocked = sum(kind["blocked"] for kind in requests["by_type"].values()) - gateway_blocks
    assert found.get("blocked", 0) == blocked
    assert found.get("orchestrator_unreachable", 0) == sum(
        count for error, count in requests["errors"].items() if "orchestrator connection" in error
    )
    silent = sent(run, "bad_token", "jwt_no_user_id_panic", "short_key_panic")
    if run not in KILLED:
        assert sum(found.values()) - FORGED.get(run, 0) == requests["by_kind"]["request"] - silent


@pytest.mark.parametrize("run", RUNS)
def test_provider_failures(run: str) -> None:
    found = {row["provider"]: int(row["failures"]) for row in rows("provider-failures", run)}
    counted = {
        name: calls["calls"] - calls["ok"]
        for name, calls in truth(run)["providers"].items()
        if calls["calls"] != calls["ok"]
    }
    if (
        run == "deploy"
    ):  # the agent went away in the middle of calls that the providers had answered
        assert found == {"anthropic": 2, "openai": 2}
    else:
        assert found == counted


@pytest.mark.parametrize("run", RUNS)
def test_blocked_requests(run: str) -> None:
    found: Counter[Any] = Counter()
    for row in rows("blocked-requests", run):
        found[row["user"], row["reason"]] += int(row["requests"])
    counted = {
        (user, reason): count
        for user, reasons in truth(run)["requests"]["block_reasons_by_user"].items()
        for reason, count in reasons.items()
    }
    extra = {key: count for key, count in found.items() if counted.get(key, 0) < count}
    assert extra == {}


@pytest.mark.parametrize("run", ["deploy", "extras"])
def test_starts(run: str) -> None:
    found = {(row["service"], row["task"]): int(row["starts"]) for row in rows("restarts", run)}
    streams = truth(run)["streams"]
    assert set(found) == {(s.split("/")[0], s) for task in streams.values() for s in task}
    assert set(found.values()) == {1}


@pytest.mark.parametrize("run", [run for run in RUNS if run not in ("db-outage", "extras")])
def test_no_database_symptom_without_an_outage(run: str) -> None:
    assert rows("database-symptoms", run) == []


def test_the_outage_is_within_its_window() -> None:
    begun = next(e["ms"] for e in truth("db-outage")["events"] if e["what"] == "db_stop_immediate")
    ended = next(e["done_ms"] for e in truth("db-outage")["events"] if e["what"] == "db_start")
    found = {row["symptom"]: row for row in rows("database-symptoms", "db-outage")}
    assert milliseconds(found["refused"]["first"]) - begun < 2000
    assert milliseconds(found["refused"]["last"]) <= ended + 1000

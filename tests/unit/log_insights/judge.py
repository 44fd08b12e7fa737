"""Runs a saved query and holds its rows against the oracle."""

from __future__ import annotations

import contextlib
import io
import json
import math
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from axonwatch.catalog.load import load_companion
from axonwatch.catalog.project import find_project
from axonwatch.cli.main import main
from axonwatch.model.queries import SavedQuery
from axonwatch.query.engine import run_query
from axonwatch.query.events import LogGroup

ROOT = Path(__file__).parents[3]

AGENT = "/ecs/axonflow-prod/agent"
ORCHESTRATOR = "/ecs/axonflow-prod/orchestrator"
Row = dict[str, str]
Answer = dict[Any, Any]


@cache
def _saved() -> dict[str, SavedQuery]:
    return {one.name: one for one in load_companion(find_project(ROOT)).companion.queries}


def ask(name: str, agent: Path, orchestrator: Path) -> list[Row]:
    """The rows of a saved query over both groups' files."""
    saved = _saved()[name]
    files = {AGENT: agent, ORCHESTRATOR: orchestrator}
    result = run_query(
        saved.text,
        [LogGroup(group, (str(files[group]),)) for group in saved.log_groups],
        parameters={p.name: p.default for p in saved.parameters if p.default is not None},
        queried=len(saved.log_groups),
    )
    return [dict(row) for row in result.rows]


def ask_command(name: str, agent: Path, orchestrator: Path) -> list[Row]:
    """The same by `axonwatch query NAME --json`, its output held to the contract's form."""
    output, errors = io.StringIO(), io.StringIO()
    arguments = ["query", name, "--json", "--local", f"{AGENT}={agent}"]
    arguments += ["--local", f"{ORCHESTRATOR}={orchestrator}"]
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors):
        code = main(arguments)
    assert code == 0, output.getvalue() + errors.getvalue()
    found: dict[str, Any] = json.loads(output.getvalue())
    assert set(found) == {"columns", "rows", "statistics"}
    assert set(found["statistics"]) == {"recordsMatched", "recordsScanned", "bytesScanned"}
    for row in found["rows"]:
        assert all(isinstance(value, str) for value in row.values()), row
        assert set(row) <= {*found["columns"], "@ptr"}
    rows: list[Row] = found["rows"]
    return rows


def milliseconds(text: str) -> int:
    """Epoch milliseconds of a result's time."""
    moment = datetime.strptime(text, "%Y-%m-%d %H:%M:%S.%f").replace(tzinfo=UTC)
    return round(moment.timestamp() * 1000)


def near(found: float, exact: float) -> bool:
    return math.isclose(found, exact, rel_tol=0.02, abs_tol=1e-9)


def _counts(*keys: str, count: str) -> Callable[[list[Row]], Answer]:
    def read(rows: list[Row]) -> Answer:
        found = {
            tuple(row.get(key) for key in keys) if len(keys) > 1 else row.get(keys[0]): int(
                row[count]
            )
            for row in rows
        }
        assert len(found) == len(rows), "a key stands in two rows"
        return found

    return read


def _judge_traffic(rows: list[Row], expected: Answer) -> None:
    found = {
        milliseconds(row["minute"]): [
            int(row[name]) for name in ("requests", "prechecks", "audits")
        ]
        for row in rows
    }
    assert found == expected


def _judge_policy_latency(rows: list[Row], expected: Answer) -> None:
    if not expected:
        assert all(float(row.get("evaluations", 0)) == 0 for row in rows)
        return
    (row,) = rows
    exact = expected["all"]
    assert int(row["evaluations"]) == exact[0]
    for name, value in zip(("p50_ms", "p95_ms", "p99_ms", "max_ms"), exact[1:], strict=True):
        assert near(float(row[name]), value), (name, row[name], value)


def _judge_stage_latency(rows: list[Row], expected: Answer) -> None:
    assert {row["stage"] for row in rows} == set(expected)
    for row in rows:
        count, p50, p95, _ = expected[row["stage"]]
        assert int(row["requests"]) == count
        assert near(float(row["p50_ms"]), p50)
        assert near(float(row["p95_ms"]), p95)


def _judge_spans(key: str, count: str) -> Callable[[list[Row], Answer], None]:
    def judge(rows: list[Row], expected: Answer) -> None:
        found = {
            row[key]: [int(row[count]), milliseconds(row["first"]), milliseconds(row["last"])]
            for row in rows
        }
        assert found == expected

    return judge


def _judge_failover(rows: list[Row], expected: Answer) -> None:
    pairs = {
        (row["from"], row["to"]): int(row["failovers"]) for row in rows if int(row["failovers"])
    }
    assert pairs == expected["pairs"]
    assert sum(int(row["exhausted"]) for row in rows) == expected["exhausted"]


def _judge_freshness(rows: list[Row], expected: Answer) -> None:
    found = {row["task"]: float(row["age_s"]) for row in rows}
    assert found.keys() == expected.keys()
    assert all(math.isclose(found[task], expected[task], abs_tol=1e-6) for task in found)


def _judge_errors(rows: list[Row], expected: Answer) -> None:
    found = _counts("task", count="errors")(rows)
    for task, least in expected.items():
        assert found.get(task, 0) >= least, (task, found, expected)


def _judge_cost(rows: list[Row], expected: Answer) -> None:
    assert sum(int(row["lines"]) for row in rows) == expected["lines"]
    assert sum(int(row["bytes"]) for row in rows) == expected["bytes"]
    assert len({row["family"] for row in rows}) == len(rows)


def _equal(read: Callable[[list[Row]], Answer]) -> Callable[[list[Row], Answer], None]:
    def judge(rows: list[Row], expected: Answer) -> None:
        assert read(rows) == expected

    return judge


JUDGES: dict[str, Callable[[list[Row], Answer], None]] = {
    "agent-traffic": _judge_traffic,
    "agent-outcomes": _equal(_counts("outcome", count="requests")),
    "policy-latency": _judge_policy_latency,
    "stage-latency": _judge_stage_latency,
    "provider-failures": _judge_spans("provider", "failures"),
    "provider-failover": _judge_failover,
    "database-symptoms": _judge_spans("symptom", "lines"),
    "policy-freshness": _judge_freshness,
    "blocked-requests": _equal(_counts("user", "reason", count="requests")),
    "auth-failures": _equal(_counts("client", "cause", count="requests")),
    "restarts": _equal(_counts("service", "task", count="starts")),
    "errors-by-task": _judge_errors,
    "audit-loss": _equal(_counts("symptom", count="lines")),
    "connector-failures": _equal(_counts("connector", count="failures")),
    "log-cost": _judge_cost,
}

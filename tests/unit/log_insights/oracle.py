"""What each saved query must answer, counted in plain Python.

Independent of the queries and of the engine: it looks at lines with string methods and small
expressions of its own. `answers(agent, orchestrator)` returns, by query name, a mapping of a row's
key to its counts.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

Event = Mapping[str, Any]
Answer = dict[Any, Any]

_UNITS = {"h": 3_600_000.0, "m": 60_000.0, "s": 1000.0, "ms": 1.0, "µs": 0.001, "ns": 0.000001}
_DATED = re.compile(r"(\[[A-Z0-9_]+\] )?\d{4}/\d\d/\d\d \d\d:\d\d:\d\d(\.\d+)? ")


def entry(event: Event) -> dict[str, Any]:
    """The documented JSON entry that an event is, if it is one."""
    try:
        found = json.loads(event["message"])
    except ValueError:
        return {}
    return found if isinstance(found, dict) and isinstance(found.get("message"), str) else {}


def fields_of(found: Mapping[str, Any]) -> dict[str, Any]:
    inner = found.get("fields")
    return inner if isinstance(inner, dict) else {}


def milliseconds(duration: str) -> float:
    """A Go duration such as `1m39.87s`."""
    parts = re.findall(r"(\d+(?:\.\d+)?)(ns|µs|ms|h|m|s)", duration)
    return sum(float(number) * _UNITS[unit] for number, unit in parts)


def percentile(values: list[float], p: float) -> float:
    """Exact, with linear interpolation."""
    ordered = sorted(values)
    at = (len(ordered) - 1) * p / 100
    low = int(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (at - low)


def after(text: str, mark: str) -> str:
    """What stands after the first `mark`; empty if it is not there."""
    return text.partition(mark)[2]


def agent_traffic(agent: list[Event]) -> Answer:
    rows: Answer = defaultdict(lambda: [0, 0, 0])
    for event in agent:
        message, found = event["message"], entry(event)
        minute = event["timestamp"] // 60_000 * 60_000
        if "Incoming request from" in message or found.get("message") == "Processing request":
            rows[minute][0] += 1
        if "Pre-check request received" in message:
            rows[minute][1] += 1
        if "Audit LLM call request received" in message:
            rows[minute][2] += 1
    return dict(rows)


def _outcome(event: Event) -> str | None:
    message, found = event["message"], entry(event)
    if found:
        return _documented_outcome(found)
    if "[DEBUG]" in message or "Request body: " in message:
        return None
    status = after(message, "Orchestrator responded with status: ")
    if status:
        code = int(status[:3])
        return (
            "answered"
            if code == 200
            else "orchestrator_blocked"
            if code == 403
            else "orchestrator_error"
            if code >= 500
            else "orchestrator_refused"
        )
    for mark, outcome in (
        ("Orchestrator forward failed: orchestrator connection failed", "orchestrator_unreachable"),
        ("Request blocked by static policy for user ", "blocked"),
        ("License validation failed for client", "auth_failed"),
        ("❌ Missing X-License-Key header", "no_key"),
        ("❌ TENANT MISMATCH", "tenant_mismatch"),
        ("❌ Request body parse failed", "bad_request"),
    ):
        if mark in message:
            return outcome
    return None


def _documented_outcome(found: Mapping[str, Any]) -> str | None:
    inner = fields_of(found)
    text = found["message"]
    if text in {"Request completed", "Request failed"}:
        return "answered" if inner["status_code"] == 200 else "orchestrator_error"
    if text == "Orchestrator forward failed":
        return "orchestrator_unreachable"
    if text == "Request blocked by policy":
        return "blocked"
    if text == "Authentication failed":
        named = {"license key required": "no_key", "tenant mismatch": "tenant_mismatch"}
        return named.get(inner["error"], "auth_failed")
    return None


def agent_outcomes(agent: list[Event]) -> Answer:
    return dict(Counter(filter(None, map(_outcome, agent))))


def _policy_times(agent: list[Event]) -> list[float]:
    times = []
    for event in agent:
        found = entry(event)
        if found.get("message") == "Policy evaluated":
            times.append(float(fields_of(found)["duration_ms"]))
        elif "[TIMING] Policy evaluation: " in event["message"]:
            times.append(milliseconds(after(event["message"], "Policy evaluation: ")))
    return times


def _latency(times: list[float], *percentiles: int) -> list[float]:
    return [len(times), *(percentile(times, p) for p in percentiles), max(times)]


def policy_latency(agent: list[Event]) -> Answer:
    times = _policy_times(agent)
    return {"all": _latency(times, 50, 95, 99)} if times else {}


def stage_latency(agent: list[Event]) -> Answer:
    marks = {
        "[TIMING] Request parse: ": "parse",
        "[TIMING] Client validation: ": "client",
        "[TIMING] User token validation: ": "user",
        "[TIMING] Tenant isolation check: ": "tenant",
        "[TIMING] Policy evaluation: ": "policy",
        "Orchestrator responded successfully (time: ": "orchestrator",
    }
    times: dict[str, list[float]] = defaultdict(list)
    for event in agent:
        found = entry(event)
        documented = {"Client validated": "client", "Policy evaluated": "policy"}
        if found.get("message") in documented:
            times[documented[found["message"]]].append(float(fields_of(found)["duration_ms"]))
            continue
        for mark, stage in marks.items():
            if mark in event["message"]:
                times[stage].append(milliseconds(after(event["message"], mark)))
    return {stage: _latency(found, 50, 95) for stage, found in times.items()}


def provider_failures(orchestrator: list[Event]) -> Answer:
    rows: Answer = {}

    def count(provider: str, event: Event) -> None:
        row = rows.setdefault(provider, [0, event["timestamp"], event["timestamp"]])
        row[0] += 1
        row[1] = min(row[1], event["timestamp"])
        row[2] = max(row[2], event["timestamp"])

    for event in orchestrator:
        message, found = event["message"], entry(event)
        if found.get("message") == "LLM provider failover":
            count(fields_of(found)["from"], event)
        elif found.get("message") == "LLM provider call failed":
            count(fields_of(found)["provider"], event)
        elif "Failing over from " in message:
            count(after(message, "Failing over from ").split()[0].lower(), event)
        elif " API error" in message and (
            "[LLM] COMPLETED: " in message
            or ("[LLM] Step '" in message and "LLM call FAILED" in message)
            or "[PlanningEngine] " in message
        ):
            count(message.partition(" API error")[0].split()[-1].lower(), event)
    return rows


def provider_failover(orchestrator: list[Event]) -> Answer:
    pairs: Counter[Any] = Counter()
    exhausted = 0
    ends = (
        "primary provider failed and no fallback",
        "all providers failed",
        "no providers available",
    )
    for event in orchestrator:
        message, found = event["message"], entry(event)
        if found.get("message") == "LLM provider failover":
            pairs[fields_of(found)["from"], fields_of(found)["to"]] += 1
        elif found.get("message") == "LLM provider call failed":
            exhausted += fields_of(found)["error"].startswith(ends)
        elif "Failing over from " in message:
            words = after(message, "Failing over from ").split()
            pairs[words[0], words[2]] += 1
        elif "[LLM] COMPLETED: " in message and "context canceled" not in message:
            exhausted += after(message, "err=").startswith(ends)
    return {"pairs": dict(pairs), "exhausted": exhausted}


def database_symptoms(events: Iterable[Event]) -> Answer:
    rows: Answer = {}
    lost = (
        "refresh failed",
        "Database ",
        "effective policies",
        "policy evaluation error",
        "Failed to ",
    )
    for event in events:
        message = event["message"]
        if (
            ":5432: connect: connection refused" in message
            or "database error: connection refused" in message
        ):
            symptom = "refused"
        elif "terminating connection" in message or "driver: bad connection" in message:
            symptom = "terminated"
        elif ":5432: i/o timeout" in message or (
            "context deadline exceeded" in message
            and " API error" not in message
            and any(mark in message for mark in lost)
        ):
            symptom = "timed out"
        elif "the database system is " in message:
            symptom = "starting up"
        else:
            continue
        row = rows.setdefault(symptom, [0, event["timestamp"], event["timestamp"]])
        row[0] += 1
        row[1] = min(row[1], event["timestamp"])
        row[2] = max(row[2], event["timestamp"])
    return rows


def policy_freshness(orchestrator: list[Event]) -> Answer:
    rows: Answer = {}
    for event in orchestrator:
        found = entry(event)
        if found.get("message") == "Policies refreshed":
            age = fields_of(found)["age_ms"] / 1000
        elif "last refresh: " in event["message"]:
            age = milliseconds(after(event["message"], "last refresh: ")) / 1000
        else:
            continue
        rows[event["logStream"]] = max(rows.get(event["logStream"], 0.0), age)
    return rows


def blocked_requests(agent: list[Event]) -> Answer:
    rows: Counter[Any] = Counter()
    for event in agent:
        found = entry(event)
        if found.get("message") == "Request blocked by policy":
            rows[fields_of(found)["user"], fields_of(found)["reason"]] += 1
            continue
        text = after(event["message"], "Request blocked by static policy for user ")
        if text:
            user, _, reason = text.partition(": ")
            rows[user, reason] += 1
    return dict(rows)


def auth_failures(agent: list[Event]) -> Answer:
    rows: Counter[Any] = Counter()
    for event in agent:
        found = entry(event)
        if found.get("message") == "Authentication failed":
            rows[found["client_id"], fields_of(found)["error"]] += 1
            continue
        text = after(event["message"], "License validation failed for client '")
        if "': " in text:
            client, _, cause = text.rpartition("': ")
            rows[client, cause] += 1
    return dict(rows)


def restarts(events: Iterable[Event]) -> Answer:
    rows: Counter[Any] = Counter()
    for event in events:
        if "AxonFlow Agent starting on port" in event["message"]:
            rows["agent", event["logStream"]] += 1
        if "Starting AxonFlow Orchestrator" in event["message"]:
            rows["orchestrator", event["logStream"]] += 1
    return dict(rows)


def audit_loss(events: Iterable[Event]) -> Answer:
    families = (
        "Failed to insert audit entry",
        "Failed to write audit batch",
        "Failed to write to fallback",
        "Failed to queue audit",
        "Failed to queue context",
        "Failed to queue policy violation",
        "Failed to log policy violation",
    )
    rows: Counter[str] = Counter()
    for event in events:
        for family in families:
            rows[family] += family in event["message"]
    return {family: lines for family, lines in rows.items() if lines}


def connector_failures(agent: list[Event]) -> Answer:
    rows: Counter[str] = Counter()
    for event in agent:
        text = after(event["message"], "[MCP] Query failed: ") or after(
            event["message"], "[MCP] Execute failed: "
        )
        if text:
            name = re.match(r"([A-Za-z0-9_-]+)\.(?:Query|Execute)", text)
            rows[name[1] if name else "unknown"] += 1
    return dict(rows)


def log_cost(events: Iterable[Event]) -> Answer:
    """Only the sums: families are the query's own."""
    lines, size = 0, 0
    for event in events:
        lines += 1
        size += len(event["message"].encode())
    return {"lines": lines, "bytes": size}


def errors_by_task(events: Iterable[Event]) -> Answer:
    """Lower bounds by stream: families that no one would leave out."""
    rows: Counter[str] = Counter()
    for event in events:
        message = event["message"]
        dated = _DATED.match(message)
        rest = message[dated.end() :] if dated else ""
        if (
            rest.startswith(
                (
                    "❌",
                    "Failed to write",
                    "Failed to insert",
                    "Database write failed",
                    "http: panic",
                )
            )
            or entry(event).get("level") == "ERROR"
        ):
            rows[event["logStream"]] += 1
    return dict(rows)


def answers(agent: list[Event], orchestrator: list[Event]) -> dict[str, Answer]:
    both = [*agent, *orchestrator]
    one: dict[str, tuple[Callable[[list[Event]], Answer], list[Event]]] = {
        "agent-traffic": (agent_traffic, agent),
        "agent-outcomes": (agent_outcomes, agent),
        "policy-latency": (policy_latency, agent),
        "stage-latency": (stage_latency, agent),
        "provider-failures": (provider_failures, orchestrator),
        "provider-failover": (provider_failover, orchestrator),
        "database-symptoms": (database_symptoms, both),
        "policy-freshness": (policy_freshness, orchestrator),
        "blocked-requests": (blocked_requests, agent),
        "auth-failures": (auth_failures, agent),
        "restarts": (restarts, both),
        "errors-by-task": (errors_by_task, both),
        "audit-loss": (audit_loss, both),
        "connector-failures": (connector_failures, agent),
        "log-cost": (log_cost, both),
    }
    return {name: count(events) for name, (count, events) in one.items()}

"""A small generator of logs, both shapes, every incident: for queries to be held against the oracle.

Only the line formats are AxonFlow's; what happens is drawn by chance from a seed.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

INCIDENTS = ("none", "database", "provider", "blocks", "auth", "latency")
SHAPES = ("documented", "as-written")
Say = Callable[[str], None]
START = 1_767_225_600_000
_REASONS = (
    "SQL injection attempt detected: Detects UNION SELECT statements (pattern: union_select)",
    "Social Security Number detected - automatic redaction required",
    "Blocked by system policy: Users Table Access",
)
_CAUSES = (
    "V1 license format is deprecated. Please migrate to V2 format. See docs/LICENSE_MIGRATION.md",
    "client ID required",
    "license invalid or expired: signature mismatch",
    "rate limit exceeded: 501 requests/minute (limit: 500)",
)
_CLIENTS = ("north", "O'Hara & Sons", 'say "hi"', "south-web", "x': y", "línea", "")
_DATABASE = (
    "dial tcp 10.0.20.5:5432: connect: connection refused",
    "dial tcp 10.0.20.5:5432: i/o timeout",
    "pq: the database system is starting up",
    "pq: terminating connection due to administrator command",
    "driver: bad connection",
)
_PROVIDER = (
    "anthropic API error (status 529, type overloaded_error): Overloaded",
    "OpenAI API error (status 503): <html>\r",
    'ollama API error: Post "http://ollama:11434": EOF',
)


def duration(seconds: float) -> str:
    """Go's text of a duration."""
    if seconds >= 60:
        return f"{int(seconds // 60)}m{seconds % 60:.9g}s"
    for unit, factor in (("s", 1), ("ms", 1e3), ("µs", 1e6)):
        if seconds * factor >= 1:
            return f"{seconds * factor:.9g}{unit}"
    return f"{seconds * 1e9:.0f}ns"


class Made:
    """One stretch of made logs."""

    def __init__(self, shape: str, incident: str, seed: int, requests: int = 300) -> None:
        self.chance = random.Random(f"{shape} {incident} {seed}")  # noqa: S311  # a test's seed
        self.shape, self.incident = shape, incident
        self.events: dict[str, list[dict[str, Any]]] = {"agent": [], "orchestrator": []}
        at = START
        for number in range(requests):
            at += self.chance.randrange(4000)
            self.hot = incident != "none" and requests * 0.4 <= number < requests * 0.7
            getattr(self, f"_{shape.replace('-', '_')}")(at)

    def write(self, folder: Path) -> tuple[Path, Path]:
        """Both files."""
        files = []
        for service, events in self.events.items():
            file = folder / f"{service}.jsonl"
            file.write_text(
                "".join(json.dumps(event, ensure_ascii=False) + "\n" for event in events),
                encoding="utf-8",
            )
            files.append(file)
        return files[0], files[1]

    def _put(self, service: str, at: float, message: str) -> None:
        stream = f"{service}/{service}/{self.task}"
        self.events[service].append({"timestamp": int(at), "message": message, "logStream": stream})

    def _line(self, service: str, at: float, text: str, tag: str = "") -> None:
        seconds = int(at) // 1000 % 86_400
        clock = f"2026/01/01 {seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
        micros = ".123456" if service == "orchestrator" and not tag else ""
        self._put(service, at, f"{tag}{clock}{micros} {text}")

    def _is(self, incident: str, share: float, otherwise: float = 0.01) -> bool:
        hot = self.hot and self.incident == incident
        return self.chance.random() < (share if hot else otherwise)

    def _took(self, median: float) -> float:
        slow = 60 if self.hot and self.incident == "latency" else 1
        return median * slow * self.chance.lognormvariate(0, 1.2)

    def _as_written(self, at: float) -> None:
        self.task = str(self.chance.randrange(3))

        def line(text: str) -> None:
            self._line("agent", at, text)

        def other(text: str, tag: str = "") -> None:
            self._line("orchestrator", at, text, tag)

        self._background(at, line, other)
        if self.chance.random() < 0.15:
            self._gateway(line)
        else:
            self._request(at, line, other)

    def _background(self, at: float, line: Say, other: Any) -> None:
        pick = self.chance.choice

        if self.chance.random() < 0.05:
            starts = {
                "agent": "🚀 AxonFlow Agent starting on port 8080 (status: starting)",
                "orchestrator": "Starting AxonFlow Orchestrator...",
            }
            service = pick(("agent", "orchestrator"))
            self._line(service, at, starts[service])
        other(
            f"Policy engine health: 11 policies loaded, last refresh: {duration(self._took(9))} ago"
        )
        if self._is("database", 0.5, 0):
            error = pick(_DATABASE)
            line(f"Database write failed after 3 attempts: {error}")
            line(f"⚠️ [Audit] Failed to queue audit: {error}")
            other(f"Failed to write audit batch: {error}")
            other(f"Database health check failed: {error}")
            line(f"[MCP] Query failed: crm_db.Query: query execution failed (cause: {error})")
        elif self.chance.random() < 0.1:
            line(
                "Database write failed after 3 attempts: pq: there is no unique or exclusion constraint"
            )
            other("Failed to insert audit entry: pq: current transaction is aborted")
            line("[MCP] Execute failed: context deadline exceeded")
            line(
                "[MCP] TenantConnectorRegistry lookup failed for 'crm_db' (tenant: ): connector config not found, falling back to static registry"
            )

    def _gateway(self, line: Say) -> None:
        refused = self.chance.random() < 0.3
        line("📋 [Gateway Mode] Pre-check request received")
        line(
            "❌ [Pre-check] Missing X-License-Key header"
            if refused
            else "✅ [Pre-check] Completed in 6ms - contextID=1, approved=true"
        )
        line("📝 [Gateway Mode] Audit LLM call request received")

    def _request(self, at: float, line: Say, other: Any) -> None:
        pick = self.chance.choice
        client = pick(_CLIENTS)
        line("📨 Incoming request from 10.0.1.21:36307 - Method: POST, Path: /api/request")
        if self._is("auth", 0.1):
            line(
                "http: panic serving 10.0.1.21:60637: interface conversion: interface {} is nil, not float64"
            )
            self._put("agent", at, "goroutine 1304 [running]:")
            self._put("agent", at, "\t/usr/local/go/src/net/http/server.go:1897 +0xbd")
            return
        line(f"[TIMING] Request parse: {duration(self._took(9e-5))}")
        if self._is("auth", 0.1):
            line("❌ Request body parse failed: unexpected EOF")
            return
        line(
            f"   Request body: ClientID='{client}', RequestType='sql', Query='why ❌ TENANT MISMATCH: or ⛔ blocked?'"
        )
        if self._is("auth", 0.2):
            line("❌ Missing X-License-Key header")
            return
        if self._is("auth", 0.5):
            line(f"❌ License validation failed for client '{client}': {pick(_CAUSES)}")
            return
        line(f"[TIMING] Client validation: {duration(self._took(5e-4))}")
        line(f"[TIMING] User token validation: {duration(self._took(3e-5))}")
        if self._is("auth", 0.2):
            line(f"❌ TENANT MISMATCH: User TenantID='a' does not match Client TenantID='{client}'")
            return
        line(f"[TIMING] Tenant isolation check: {duration(self._took(1e-6))}")
        line(f"[TIMING] Policy evaluation: {duration(self._took(3e-4))}")
        if self._is("blocks", 0.6, 0.03):
            line(
                f"Request blocked by static policy for user u{self.chance.randrange(5)}@acme.example: {pick(_REASONS)}"
            )
            return
        line(
            f"[TIMING] Total processing time: {duration(0.01)} (parse: 1µs, client: 1ms, user: 1µs, tenant: 1µs, policy: 1ms, ratelimit: 0s)"
        )
        if self.chance.random() < 0.02:
            line(
                '❌ ERROR: Failed to call orchestrator at http://o:8081: Post "http://o:8081": EOF'
            )
            line(
                '❌ Orchestrator forward failed: orchestrator connection failed: Post "http://o:8081": EOF (time: 4.1s)'
            )
            return
        status = self._model_call(other)
        line(
            f"✅ Orchestrator responded with status: {403 if self.chance.random() < 0.02 else status}"
        )
        line(f"✅ Orchestrator responded successfully (time: {duration(self._took(0.7))})")
        line(
            '[DEBUG] Actual JSON being sent: {"data":"License validation failed for client \'z\': no"}'
        )

    def _model_call(self, other: Any) -> int:
        pick = self.chance.choice
        if not self._is("provider", 0.7):
            other(
                f"[LLM] COMPLETED: provider=anthropic, latency={duration(self._took(0.6))}, err=<nil>"
            )
            return 200
        if self.chance.random() < 0.4:
            other("Failing over from anthropic to openai", "[UNIFIED_ROUTER] ")
            other("[LLM] COMPLETED: provider=openai, latency=1s, err=<nil>")
            return 200
        prefix = pick(("primary provider failed and no fallback: ", "all providers failed: "))
        error = prefix + pick(_PROVIDER)
        if self.chance.random() < 0.3:
            other(f"[LLM] Step 'a': LLM call FAILED - {error}")
            other(f"[Step] Step 'a' FAILED after 1s: LLM call failed: {error}")
            other(f"[Parallel] Step a failed: LLM call failed: {error}")
            other(f"[PlanRequest] Execution failed: LLM call failed: {error}")
            return 500
        other(f"[LLM] COMPLETED: provider=unknown, latency=1s, err={error}")
        self._put("orchestrator", self.events["orchestrator"][-1]["timestamp"], "</html>\r")
        return 500

    def _documented(self, at: float) -> None:
        pick = self.chance.choice
        self.task = str(self.chance.randrange(3))
        client = pick(_CLIENTS)

        def entry(service: str, level: str, message: str, **fields: Any) -> None:
            found = {
                "timestamp": "2026-01-01T00:00:00.5Z",
                "level": level,
                "component": service,
                "instance_id": "unknown",
                "container": "ip",
                "client_id": client,
                "request_id": "req_1",
                "message": message,
                "fields": fields,
            }
            self._put(service, at, json.dumps(found, separators=(",", ":"), ensure_ascii=False))

        if self.chance.random() < 0.3:
            down = self._is("database", 0.9, 0)
            if down:
                entry(
                    "orchestrator",
                    "ERROR",
                    "Database health check failed",
                    error=pick(_DATABASE[:2]),
                )
                entry("agent", "ERROR", "Policy refresh failed", error="context deadline exceeded")
            else:
                entry(
                    "orchestrator",
                    "INFO",
                    "Policies refreshed",
                    policies=14,
                    age_ms=self.chance.randrange(30_000),
                )
        entry("agent", "INFO", "Processing request", path="/api/request")
        if self._is("auth", 0.7):
            entry(
                "agent",
                "ERROR",
                "Authentication failed",
                status_code=401,
                error=pick(("license key required", "invalid license key", "tenant mismatch")),
            )
            return
        entry(
            "agent", "DEBUG", "Client validated", tier="ENT", duration_ms=round(self._took(0.5), 3)
        )
        blocked = self._is("blocks", 0.6, 0.03)
        entry(
            "agent",
            "INFO",
            "Policy evaluated",
            duration_ms=round(self._took(2.5), 3),
            blocked=blocked,
        )
        if blocked:
            entry(
                "agent",
                "WARN",
                "Request blocked by policy",
                status_code=403,
                policy="p",
                reason=pick(_REASONS),
                user="u@acme.example",
            )
            return
        if self.chance.random() < 0.02:
            entry(
                "agent",
                "ERROR",
                "Orchestrator forward failed",
                status_code=500,
                error="connection refused",
            )
            return
        if self._is("provider", 0.3):
            entry(
                "orchestrator",
                "WARN",
                "LLM provider failover",
                **{"from": "bedrock", "to": "openai"},
            )
        if self._is("provider", 0.5):
            error = "all providers failed: OpenAI API error (status 500)"
            entry(
                "orchestrator",
                "ERROR",
                "LLM provider call failed",
                provider="openai",
                status_code=500,
                error=error,
            )
            entry("agent", "ERROR", "Request failed", status_code=500, error=error, duration_ms=900)
            return
        entry(
            "orchestrator",
            "INFO",
            "LLM provider call completed",
            provider="openai",
            duration_ms=700,
        )
        entry("agent", "INFO", "Request completed", status_code=200, duration_ms=900)

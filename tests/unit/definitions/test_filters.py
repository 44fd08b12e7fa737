"""Metric filters against real lines: what each must count, and the look-alikes that it must not.

The lines are from the eight recorded runs, or follow AxonFlow's source where no run has them.
"""

from __future__ import annotations

import pytest

from axonwatch.model.companion import Companion
from axonwatch.syntax.filter_pattern import Message, parse_filter_pattern

REGEX_FILTERS_A_GROUP = (
    5  # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
)

COUNTED = [
    ("agent-calls", "2026/11/23 15:41:52 📨 Incoming request from 10.0.1.21:36307 - Method: POST, Path: /api/request"),
    ("agent-calls", "2026/11/23 15:41:56 📋 [Gateway Mode] Pre-check request received"),
    ("agent-answers-failed", "2026/11/23 15:43:17 ✅ Orchestrator responded with status: 500"),
    ("agent-answers-failed", '2026/11/23 15:44:38 ❌ Orchestrator forward failed: orchestrator connection failed: Post "http://o.local:8081/api/v1/plan": EOF (time: 4.09163291s)'),
    ("agent-blocks", "2026/11/23 15:42:19 Request blocked by static policy for user chloe.ivanov@umbrella-care.example: Administrative access required: Access to users table requires admin privileges"),
    ("agent-blocks", "2026/11/23 15:42:48 ⛔ [Pre-check] Request blocked: SQL injection attempt detected: Detects UNION SELECT statements used to extract data (pattern: union_select)"),
    ("agent-auth-failures", "2026/11/23 15:43:37 ❌ License validation failed for client 'acme-support': V1 license format is deprecated. Please migrate to V2 format. See docs/LICENSE_MIGRATION.md"),
    ("agent-auth-failures", "2026/11/23 15:47:29 ❌ TENANT MISMATCH: User TenantID='hooli-travel' does not match Client TenantID='initech-hr'"),
    ("agent-auth-failures", "2026/11/23 15:47:31 ❌ Missing X-License-Key header"),
    ("agent-auth-failures", "2026/11/23 15:47:31 ❌ [Pre-check] User token validation failed: invalid token"),
    ("agent-panics", "2026/11/23 15:47:36 http: panic serving 10.0.1.21:60637: interface conversion: interface {} is nil, not float64"),
    ("agent-fatal-starts", '2026/11/23 15:43:09 ❌ Failed to connect to database after 5 attempts: pq: password authentication failed for user "axonflow"'),
    ("agent-fatal-starts", "2026/11/23 15:43:09 Database migrations failed. Exiting to prevent incomplete setup."),
    ("agent-policies-skipped", "2026/11/23 15:46:56 ⚠️ Tier-aware policy evaluation error: failed to get effective policies: dial tcp 10.0.20.5:5432: connect: connection refused"),
    ("agent-policies-fallback", "2026/11/23 16:02:24 Falling back to static policy engine"),
    ("agent-policy-evaluations", "2026/11/23 15:41:52 [TIMING] Policy evaluation: 370.128µs"),
    ("agent-policy-slow", "2026/11/23 15:41:55 [TIMING] Policy evaluation: 304.918706ms"),
    ("agent-policy-slow", "2026/11/23 15:41:55 [TIMING] Policy evaluation: 10ms"),
    ("agent-policy-slow", "2026/11/23 15:41:55 [TIMING] Policy evaluation: 1.5s"),
    ("agent-policy-slow", "2026/11/23 15:41:55 [TIMING] Policy evaluation: 1m39.87s"),
    ("agent-audit-lost", "2026/11/23 15:46:25 ⚠️ [Audit] Failed to queue audit: dial tcp 10.0.20.5:5432: connect: connection refused"),
    ("agent-audit-lost", "2026/11/23 15:46:25 Worker 2: Failed to write to fallback: open /var/lib/axonflow/audit: permission denied"),
    ("agent-database-refused", "2026/11/23 15:46:16 Database write failed (attempt 1/3), retrying in 100ms: dial tcp 10.0.20.5:5432: connect: connection refused"),
    ("agent-database-refused", "2026/11/23 15:48:19 Policy refresh failed: pq: the database system is starting up"),
    ("agent-database-refused", "2026/11/23 15:48:19 Policy refresh failed: dial tcp 10.0.20.5:5432: i/o timeout"),
    ("agent-database-refused", "2026/11/23 15:48:19 Policy refresh failed: pq: sorry, too many clients already"),
    ("agent-lookups-started", "2026/11/23 15:41:52 🔐 Validating license for client 'initech-hr' with key 'AXON-V2-...74a7...'"),
    ("agent-lookups-ended", "2026/11/23 15:41:52 ✅ License validated successfully for client 'initech-hr' (Tier: ENT)"),
    ("agent-lookups-ended", "2026/11/23 15:43:37 ❌ License validation failed for client 'acme-support': client ID required"),
    ("agent-lookups-slow", "2026/11/23 15:49:34 [TIMING] Client validation: 1.002s"),
    ("agent-lookups-slow", "2026/11/23 15:49:34 [TIMING] Client validation: 5.0003s"),
    ("agent-lookups-hung", "2026/11/23 15:49:34 [TIMING] Client validation: 48.836430344s"),
    ("agent-lookups-hung", "2026/11/23 15:49:34 [TIMING] Client validation: 6s"),
    ("agent-lookups-hung", "2026/11/23 15:49:34 [TIMING] Client validation: 1m39.87s"),
    ("orchestrator-heartbeats", "2026/11/23 15:41:59.774385 Policy engine health: 11 policies loaded, last refresh: 20.000314796s ago"),
    ("orchestrator-policies-old", "2026/11/23 15:47:19.660960 Policy engine health: 11 policies loaded, last refresh: 1m9.999265588s ago"),
    ("orchestrator-policies-old", "2026/11/23 15:47:19.660960 Policy engine health: 11 policies loaded, last refresh: 1h2m3s ago"),
    ("orchestrator-policies-in-memory", "2026/11/23 15:43:10.090471 Falling back to in-memory dynamic policy engine"),
    ("orchestrator-database-refused", "2026/11/23 15:46:17.049830 Failed to record policy metrics: dial tcp 10.0.20.5:5432: connect: connection refused"),
    ("orchestrator-llm-calls", "2026/11/23 15:41:52.778252 [LLM] CALLING: Routing to LLM provider (skip_llm=false)"),
    ("orchestrator-llm-answers", "2026/11/23 15:41:53.126045 [LLM] COMPLETED: provider=anthropic, latency=228.435126ms, err=<nil>"),
    ("orchestrator-llm-errors", "2026/11/23 15:48:15.596990 [LLM] COMPLETED: provider=unknown, latency=335.719533ms, err=primary provider failed and no fallback: OpenAI API error (status 503): <html>\r"),
    ("orchestrator-llm-slow", "2026/11/23 15:51:23.478653 [LLM] COMPLETED: provider=unknown, latency=2m0.000526814s, err=primary provider failed"),
    ("orchestrator-llm-slow", "2026/11/23 15:51:23.478653 [LLM] COMPLETED: provider=anthropic, latency=5.0001s, err=<nil>"),
    ("orchestrator-llm-slow", "2026/11/23 15:51:23.478653 [LLM] COMPLETED: provider=anthropic, latency=12.7s, err=<nil>"),
    ("orchestrator-failovers", "[UNIFIED_ROUTER] 2026/11/23 15:46:17 Failing over from anthropic to openai"),
    ("orchestrator-providers-unhealthy", "[LLM_BOOTSTRAP] 2026/11/23 15:47:39 Health check: 1 healthy, 1 unhealthy"),
    ("orchestrator-providers-unhealthy", "[LLM_BOOTSTRAP] 2026/11/23 15:47:39 Health check: 0 healthy, 10 unhealthy"),
    ("orchestrator-connector-calls", "2026/11/23 15:42:01.220792 [MCPRouter] Agent MCP query succeeded - connector: axonflow_rds, rows: 5, agent_duration: 1ms, total_duration: 4.328807ms"),
    ("orchestrator-connector-failures", "2026/11/23 15:43:57.888852 [MCPRouter] Agent MCP query failed: Query execution failed (duration: 1.056994ms)"),
    ("orchestrator-audit-lost", "2026/11/23 15:42:44.784919 Failed to write audit batch: pq: Could not complete operation in a failed transaction"),
]  # fmt: skip

NOT_COUNTED = [
    ("agent-blocks", "2026/11/23 15:41:52 ✅ Policy evaluation complete: Blocked=false, TriggeredPolicies=0"),
    ("agent-answers-failed", "2026/11/23 15:43:17 ✅ Orchestrator responded with status: 403"),
    ("agent-answers-failed", "2026/11/23 15:43:17 ✅ Orchestrator responded successfully (time: 4.09163291s)"),
    ("agent-auth-failures", "2026/11/23 15:43:37 [V2-DEBUG] License validation SUCCESS: ServiceName='', Tier='Community', OrgID='', Perms=[]"),
    ("agent-auth-failures", "2026/11/23 15:43:37 License validation failed: the agent's own, at its start"),
    ("agent-database-refused", '2026/11/23 15:44:38 ❌ Orchestrator forward failed: Post "http://o.local:8081/": dial tcp 10.0.10.118:8081: connect: connection refused (time: 1ms)'),
    ("agent-database-refused", "2026/11/23 15:42:19 Database write failed after 3 attempts: pq: there is no unique or exclusion constraint matching the ON CONFLICT specification"),
    ("agent-audit-lost", "2026/11/23 15:42:19 Database write failed after 3 attempts: pq: there is no unique or exclusion constraint matching the ON CONFLICT specification"),
    ("agent-policy-slow", "2026/11/23 15:41:52 [TIMING] Policy evaluation: 305.370128µs"),
    ("agent-policy-slow", "2026/11/23 15:41:52 [TIMING] Policy evaluation: 9.999ms"),
    ("agent-policy-slow", "2026/11/23 15:41:52 [TIMING] Policy evaluation: 850ns"),
    ("agent-lookups-slow", "2026/11/23 15:49:34 [TIMING] Client validation: 999.9ms"),
    ("agent-lookups-slow", "2026/11/23 15:49:34 [TIMING] Client validation: 45.2µs"),
    ("agent-lookups-hung", "2026/11/23 15:49:34 [TIMING] Client validation: 5.000312s"),
    ("agent-lookups-hung", "2026/11/23 15:49:34 [TIMING] Client validation: 650ms"),
    ("orchestrator-policies-old", "2026/11/23 15:42:09.774724 Policy engine health: 11 policies loaded, last refresh: 30.000540345s ago"),
    ("orchestrator-policies-old", "2026/11/23 15:42:09.774724 Policy engine health: 11 policies loaded, last refresh: 1ms ago"),
    ("orchestrator-llm-errors", "2026/11/23 15:41:53.126045 [LLM] COMPLETED: provider=anthropic, latency=228.435126ms, err=<nil>"),
    ("orchestrator-llm-errors", "2026/11/23 15:41:53.126045 [PlanRequest] Execution failed: no fallback: anthropic API error (status 529)"),
    ("orchestrator-llm-slow", "2026/11/23 15:41:53.126045 [LLM] COMPLETED: provider=anthropic, latency=4.999s, err=<nil>"),
    ("orchestrator-llm-slow", "2026/11/23 15:41:53.126045 [LLM] COMPLETED: provider=anthropic, latency=528.435126ms, err=<nil>"),
    ("orchestrator-providers-unhealthy", "[LLM_BOOTSTRAP] 2026/11/23 15:47:39 Health check: 2 healthy, 0 unhealthy"),
    ("orchestrator-connector-failures", "2026/11/23 15:42:01.220792 [MCPRouter] Agent MCP query succeeded - connector: axonflow_rds, rows: 5, agent_duration: 1ms, total_duration: 4.3ms"),
]  # fmt: skip


def pattern_of(companion: Companion, key: str) -> str:
    return next(one.pattern for one in companion.metric_filters if one.metric == key)


@pytest.mark.parametrize(("key", "line"), COUNTED)
def test_counts(companion: Companion, key: str, line: str) -> None:
    assert parse_filter_pattern(pattern_of(companion, key)).match(Message(line)) is not None


@pytest.mark.parametrize(("key", "line"), NOT_COUNTED)
def test_leaves_out(companion: Companion, key: str, line: str) -> None:
    assert parse_filter_pattern(pattern_of(companion, key)).match(Message(line)) is None


def test_every_filter_has_a_line_that_it_counts(companion: Companion) -> None:
    assert {one.metric for one in companion.metric_filters} == {key for key, _ in COUNTED}


def test_every_filter_is_read_by_an_alarm(companion: Companion) -> None:
    """Each costs 0.30 USD a month."""
    read = {
        stat.metric.name
        for alarm in companion.metric_alarms
        for stat in (alarm.stat, *(query.stat for query in alarm.queries))
        if stat and stat.metric.namespace == companion.names.metric_namespace
    }
    assert {one.metric for one in companion.metric_filters} - read == set()


def test_a_log_group_has_at_most_five_filters_with_a_regular_expression(
    companion: Companion,
) -> None:
    by_group: dict[str, int] = {}
    for one in companion.metric_filters:
        by_group[one.log_group] = by_group.get(one.log_group, 0) + ("%" in one.pattern)
    assert max(by_group.values()) <= REGEX_FILTERS_A_GROUP


def test_quiet_minutes_count_as_zero(companion: Companion) -> None:
    assert {one.default for one in companion.metric_filters} == {0}

"""What no emulator answers, or answers wrongly, through botocore's Stubber: AWS's own shapes.

Alarm history, query definitions, StopQuery, the statistics of a query, pages of rows, expressions
and percentiles of GetMetricData, a log alarm's scheduled query. The Stubber holds requests and
answers against botocore's models of the services.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.stub import ANY, Stubber
from tests.fakes.account import arn, described, loaded

from axonwatch.live.clients import Aws, Target, connect
from axonwatch.live.drifting.difference import Kind
from axonwatch.live.drifting.views import query_drift
from axonwatch.live.graphs import data_queries, read_series
from axonwatch.live.logs import Question, Runner
from axonwatch.live.status import read_status
from axonwatch.live.verification.alarms import verify_alarms
from axonwatch.live.verification.result import Verdict
from axonwatch.model.alarms import MetricAlarm
from axonwatch.model.links import Window

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
HOUR = Window(NOW - timedelta(hours=1), NOW)
STORAGE = "axonflow-prod-database-storage-low"
GROUP = "/ecs/axonflow-prod/agent"
ID = "12ab3456-12ab-123a-789e-1234567890ab"


@pytest.fixture
def aws(fake_credentials: None) -> Aws:
    del fake_credentials
    return connect(Target("us-east-1"))


@pytest.fixture
def cloudwatch(aws: Aws) -> Iterator[Stubber]:
    with Stubber(aws._client("cloudwatch")) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture
def logs(aws: Aws) -> Iterator[Stubber]:
    with Stubber(aws._client("logs")) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def statistics(scanned: float) -> dict[str, float]:
    return {"recordsMatched": 2.0, "recordsScanned": 9.0, "bytesScanned": scanned}


def rows(*values: str) -> list[list[dict[str, str]]]:
    return [[{"field": "n", "value": one}, {"field": "@ptr", "value": one}] for one in values]


def started(logs: Stubber) -> Question:
    logs.add_response(
        "start_query",
        {"queryId": ID},
        {
            "logGroupNames": [GROUP],
            "queryString": "stats count() as n",
            "startTime": int(HOUR.start.timestamp()),
            "endTime": int(HOUR.end.timestamp()),
        },
    )
    return Question("stats count() as n", (GROUP,), HOUR)


def test_a_query_is_followed_to_its_end_over_all_its_pages(
    aws: Aws, logs: Stubber, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    question = started(logs)
    one = {"queryId": ID}
    logs.add_response("get_query_results", {"status": "Scheduled"}, one)
    logs.add_response(
        "get_query_results", {"status": "Running", "statistics": statistics(5.0)}, one
    )
    page = {"status": "Complete", "results": rows("1", "2"), "statistics": statistics(7e9)}
    logs.add_response("get_query_results", page | {"nextToken": "more"}, one)
    logs.add_response(
        "get_query_results", page | {"results": rows("3")}, one | {"nextToken": "more"}
    )
    seen: list[int] = []
    runner = Runner(aws, told=lambda read: seen.append(read.bytes))
    runner.watch.sleep = lambda _: None
    run = runner.run(question)
    assert [row["n"] for row in run.rows] == ["1", "2", "3"]
    assert (run.statistics.bytes, run.statistics.scanned) == (7_000_000_000, 9)
    assert seen == [0, 5, 7_000_000_000]


def test_a_query_that_became_dear_is_stopped_and_keeps_its_rows(aws: Aws, logs: Stubber) -> None:
    question = started(logs)
    one = {"queryId": ID}
    running = {"status": "Running", "results": rows("1"), "statistics": statistics(900e9)}
    logs.add_response("get_query_results", running, one)
    logs.add_response("stop_query", {"success": True}, one)
    logs.add_response("get_query_results", running | {"status": "Cancelled"}, one)
    run = Runner(aws, max_cost=1.0).run(question)
    assert (run.status, [row["n"] for row in run.rows]) == ("Cancelled", ["1"])
    assert run.stopped == "it has cost $4.50 of $1.00"


def test_a_query_that_ended_meanwhile_needs_no_stopping(aws: Aws, logs: Stubber) -> None:
    question = started(logs)
    one = {"queryId": ID}
    logs.add_response(
        "get_query_results", {"status": "Running", "statistics": statistics(900e9)}, one
    )
    said = "The query cannot be stopped, because it has already ended"
    logs.add_client_error("stop_query", "InvalidParameterException", said, 400)
    done = {"status": "Complete", "results": rows("1"), "statistics": statistics(900e9)}
    logs.add_response("get_query_results", done, one)
    run = Runner(aws, max_cost=1.0).run(question)
    assert "may still be running" not in run.stopped


def test_the_last_page_comes_out_of_the_history(aws: Aws, cloudwatch: Stubber) -> None:
    alarm = next(a for a in loaded().companion.alarms if a.name == STORAGE)
    _, one = described(alarm, StateValue="ALARM", StateTransitionedTimestamp=NOW)
    cloudwatch.add_response("describe_alarms", {"MetricAlarms": [one]})
    cloudwatch.add_response(
        "describe_alarm_history",
        {
            "AlarmHistoryItems": [
                {
                    "AlarmName": STORAGE,
                    "AlarmType": "MetricAlarm",
                    "Timestamp": NOW,
                    "HistoryItemType": "Action",
                    "HistorySummary": "Successfully executed action "
                    + arn("sns", "axonflow-prod-alerts-page"),
                    "HistoryData": '{"actionState":"Succeeded"}',
                }
            ]
        },
    )
    (found,) = read_status(aws, [alarm], mute_rules=False).alarms
    assert found.last_page == NOW


def test_saved_queries_are_compared_over_all_pages(aws: Aws, logs: Stubber) -> None:
    companion = loaded().companion
    names = companion.names
    there: list[dict[str, Any]] = [
        {
            "queryDefinitionId": ID,
            "name": names.saved_query(query.folder, query.name),
            "queryString": query.text,
            "logGroupNames": list(query.log_groups),
            "parameters": [
                {"name": one.name, **({"defaultValue": one.default} if one.default else {})}
                for one in query.parameters
            ],
        }
        for query in companion.queries
    ]
    asked = {"queryDefinitionNamePrefix": f"{names.stack}/"}
    bent = there[0] | {"queryString": "fields @message"}
    logs.add_response(
        "describe_query_definitions", {"queryDefinitions": [bent], "nextToken": "more"}, asked
    )
    rest = [*there[1:], there[1] | {"name": f"{names.stack}/mine/own"}]
    logs.add_response(
        "describe_query_definitions", {"queryDefinitions": rest}, asked | {"nextToken": "more"}
    )
    found = {one.name: one.kind for one in query_drift(aws, companion)}
    assert found == {
        there[0]["name"]: Kind.CHANGED,
        f"{names.stack}/mine/own": Kind.EXTRA,
    }


def test_a_graph_asks_for_expressions_and_percentiles_as_the_alarm_has_them(
    aws: Aws, cloudwatch: Stubber
) -> None:
    alarms = [a for a in loaded().companion.alarms if isinstance(a, MetricAlarm)]
    whole = [
        next(a for a in alarms if any(query.expression for query in a.queries)),
        next(a for a in alarms if a.stat and a.stat.stat.startswith("p")),
    ]
    for alarm in whole:
        cloudwatch.add_response(
            "get_metric_data",
            {
                "MetricDataResults": [
                    {"Id": "r", "Label": "rate", "Timestamps": [NOW], "Values": [1.5]}
                ]
            },
            {
                "MetricDataQueries": data_queries(alarm),
                "StartTime": HOUR.start,
                "EndTime": HOUR.end,
                "ScanBy": "TimestampAscending",
            },
        )
        (series,) = read_series(aws, alarm, HOUR)
        assert (series.label, series.values) == ("rate", (1.5,))


@pytest.mark.parametrize(
    ("ran", "said"),
    [
        ({}, "its scheduled query ended as InvalidQuery"),
        (
            {"lastTriggeredTime": int(NOW.timestamp() * 1000)},
            "its scheduled query ended as InvalidQuery at 2026-11-24 12:00 UTC",
        ),
    ],
)
def test_a_log_alarms_query_that_fails_is_a_fault(
    aws: Aws, cloudwatch: Stubber, logs: Stubber, ran: dict[str, Any], said: str
) -> None:
    companion = loaded().companion
    log_alarm = companion.log_alarms[0]
    _, one = described(log_alarm)
    cloudwatch.add_response("describe_alarms", {"LogAlarms": [one]})
    cloudwatch.add_response("describe_alarm_history", {"AlarmHistoryItems": []})
    logs.add_response(
        "get_scheduled_query",
        {"lastExecutionStatus": "InvalidQuery", "state": "ENABLED", **ran},
        {"identifier": ANY},
    )
    faults = [
        result
        for result in verify_alarms(aws, replace(companion, alarms=(log_alarm,)))
        if result.verdict is Verdict.FAULT
    ]
    assert [(result.code, result.text) for result in faults] == [("log-alarm-query-fails", said)]

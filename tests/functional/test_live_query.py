"""`axonwatch query` on the account: price, rows, forms, limits, Ctrl-C."""

from __future__ import annotations

import csv
import io
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from tests.fakes.account import Account
from tests.fakes.aws import client_error

from axonwatch.live.faults import Unreachable

Run = Callable[..., tuple[int, str, str]]
AGENT = "/ecs/axonflow-prod/agent"
CACHE = "redis://:hunter22@cache:6379"


def row(**fields: str) -> list[dict[str, str]]:
    return [
        {"field": name.replace("ptr", "@ptr"), "value": value} for name, value in fields.items()
    ]


@pytest.fixture(autouse=True)
def rows(account: Account) -> None:
    account.rows = [row(minute="10:00", requests="12", ptr="p1"), row(minute="10:01", ptr="p2")]
    account.scanned = 2_500_000_000.0


def test_a_saved_query_runs_over_its_own_groups(account: Account, run: Run) -> None:
    code, out, err = run("query", "agent-traffic", "--since", "1h", "--tz", "UTC")
    assert code == 0
    assert [line.split() for line in out.splitlines()] == [
        ["minute", "requests"],
        ["10:00", "12"],
        ["10:01"],
    ]
    (asked,) = account.asked("logs:StartQuery")
    assert asked["logGroupNames"] == [AGENT]
    assert asked["endTime"] - asked["startTime"] == 3600
    assert "UTC (1h)" in err
    assert "will scan about 1.0 MB, under $0.0001" in err
    assert "2 rows; 1 of 5 events matched, 2.5 GB scanned, $0.01, 0.0 s" in err


def test_json_has_the_form_of_the_contract(run: Run) -> None:
    code, out, _ = run("query", "agent-traffic", "--json")
    assert code == 0
    assert json.loads(out) == {
        "columns": ["minute", "requests", "@ptr"],
        "rows": [
            {"minute": "10:00", "requests": "12", "@ptr": "p1"},
            {"minute": "10:01", "@ptr": "p2"},
        ],
        "statistics": {"recordsMatched": 1, "recordsScanned": 5, "bytesScanned": 2_500_000_000},
    }


def test_csv_and_jsonl(run: Run) -> None:
    _, out, _ = run("query", "agent-traffic", "-o", "csv")
    assert list(csv.reader(io.StringIO(out))) == [
        ["minute", "requests"],
        ["10:00", "12"],
        ["10:01", ""],
    ]
    _, out, _ = run("query", "agent-traffic", "-o", "jsonl")
    assert json.loads(out.splitlines()[1]) == {"minute": "10:01", "@ptr": "p2"}


def test_a_text_needs_its_groups(account: Account, run: Run) -> None:
    code, _, err = run("query", "fields @message | limit 5")
    assert code == 2
    assert "which log groups?" in err
    code, _, _ = run("query", "fields @message | limit 5", "--log-group", "agent")
    assert code == 0
    assert account.asked("logs:StartQuery")[0]["logGroupNames"] == [AGENT]
    run("query", "fields @message", "--log-group", "/my/own", "--log-group", "orchestrator")
    assert account.asked("logs:StartQuery")[1]["logGroupNames"] == [
        "/my/own",
        "/ecs/axonflow-prod/orchestrator",
    ]


def test_parameters_are_filled_in(account: Account, run: Run) -> None:
    text = "filter client = '{{client}}'"
    code, _, err = run("query", text, "--log-group", "agent")
    assert code == 2
    assert "no value for `client`" in err
    run("query", text, "--log-group", "agent", "--param", "client=shop")
    assert account.asked("logs:StartQuery")[0]["queryString"] == "filter client = 'shop'"


def test_secrets_are_masked_where_a_person_reads(account: Account, run: Run) -> None:
    account.rows = [row(line=f"connected: {CACHE} \x1b[2J")]
    _, out, _ = run("query", "agent-traffic", "--mask")
    assert "hunter22" not in out
    assert r"\x1b[2J" in out
    _, out, _ = run("query", "agent-traffic", "--json")
    assert "hunter22" in out  # exact for machines, as with --local


def test_what_costs_too_much_is_refused_before_it_starts(account: Account, run: Run) -> None:
    account.logged_bytes = 400_000_000_000.0
    code, _, err = run("query", "agent-traffic", "--max-cost", "0.50")
    assert code == 3
    assert "it would cost about $2.00, more than --max-cost $0.50" in err
    assert account.asked("logs:StartQuery") == []


def test_what_is_dear_is_not_run_unasked(account: Account, run: Run) -> None:
    account.logged_bytes = 400_000_000_000.0
    code, _, err = run("query", "agent-traffic")
    assert code == 3
    assert "nobody is there to agree" in err
    assert "--max-cost 2.40" in err
    code, _, _ = run("query", "agent-traffic", "--max-cost", "2.40")
    assert code == 0


@pytest.mark.parametrize(
    ("denied", "said"),
    [
        (
            {"cloudwatch:GetMetricData"},
            "price not known beforehand: needs cloudwatch:GetMetricData",
        ),
        (set(), "price not known beforehand: CloudWatch has no figures"),
    ],
)
def test_a_price_that_is_not_known_does_not_hold_it_up(
    account: Account, run: Run, denied: set[str], said: str
) -> None:
    account.denied = denied
    if not denied:
        account.on("cloudwatch", "GetMetricData", {"MetricDataResults": []})
    code, _, err = run("query", "agent-traffic")
    assert code == 0
    assert said in err


def test_ctrl_c_stops_the_query_and_prints_what_there_is(account: Account, run: Run) -> None:
    def pressed(_: dict[str, Any]) -> Any:
        raise KeyboardInterrupt

    cancelled = {"status": "Cancelled", "results": account.rows, "statistics": {}}
    account.on("logs", "GetQueryResults", pressed, cancelled)
    code, out, err = run("query", "agent-traffic")
    assert code == 130
    assert "10:00" in out
    assert "stopped: interrupted" in err
    assert account.asked("logs:StopQuery") == [{"queryId": "q-1"}]


def test_a_query_that_became_dear_is_stopped(account: Account, run: Run) -> None:
    running = {"status": "Running", "statistics": {"bytesScanned": 900_000_000_000.0}}
    cancelled = {"status": "Cancelled", "results": [], "statistics": {}}
    account.on("logs", "GetQueryResults", running, cancelled)
    code, _, err = run("query", "agent-traffic", "--max-cost", "1")
    assert code == 3
    assert "stopped: it has cost $4.50 of $1.00" in err


def test_a_network_cut_in_mid_query_loses_nothing(
    account: Account, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    whole = account._results({})
    account.on("logs", "GetQueryResults", Unreachable("cut"), Unreachable("cut"), whole)
    code, out, _ = run("query", "agent-traffic")
    assert code == 0
    assert "10:00" in out


def test_a_network_that_stays_away_names_the_query(
    account: Account, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    account.on("logs", "GetQueryResults", Unreachable("cut"))
    code, out, err = run("query", "agent-traffic")
    assert (code, out) == (3, "")
    assert "aws logs get-query-results --query-id q-1" in err


def test_what_cloudwatch_refuses_is_wrong_usage(account: Account, run: Run) -> None:
    account.on("logs", "StartQuery", client_error("MalformedQueryException", "unexpected |"))
    code, _, err = run("query", "| |", "--log-group", "agent")
    assert code == 2
    assert "CloudWatch does not take the query" in err
    code, out, _ = run("query", "| |", "--log-group", "agent", "--json")
    assert code == 2
    assert "unexpected |" in json.loads(out)["error"]["message"]


def test_a_link_runs_nothing(account: Account, run: Run) -> None:
    code, out, _ = run("query", "agent-traffic", "--around", "03:12", "--link")
    assert code == 0
    assert out.startswith(
        "https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1#"
    )
    assert not set("~()'") & set(out)
    assert account.calls == []


@pytest.mark.parametrize(
    "words",
    [
        ["--explain"],
        ["--keep-missing"],
        ["--max-bytes", "5"],
        ["--lookup", "a=b.csv"],
        ["--now", "2026-11-24T00:00:00Z"],
    ],
)
def test_what_only_local_files_know_is_refused_by_name(run: Run, words: list[str]) -> None:
    code, _, err = run("query", "agent-traffic", *words)
    assert code == 2
    assert f"{words[0]} goes with --local only" in err


def test_following_prints_what_is_new_until_ctrl_c(
    account: Account, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = []

    def sleep(_: float) -> None:
        looks.append(1)
        if len(looks) == 1:
            account.rows = [*account.rows, row(minute="10:02", requests="7", ptr="p3")]
        if len(looks) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(time, "sleep", sleep)
    code, out, err = run("query", "agent-traffic", "--tail", "-o", "jsonl")
    assert code == 0
    assert [json.loads(line)["minute"] for line in out.splitlines()] == ["10:00", "10:01", "10:02"]
    assert "7.5 GB scanned, $0.04 in all" in err


def test_a_cut_at_ten_thousand_is_said(account: Account, run: Run) -> None:
    results = {
        "status": "Complete",
        "results": [row(n=str(n)) for n in range(10_000)],
        "statistics": {"recordsMatched": 25_000.0},
    }
    account.on("logs", "GetQueryResults", results)
    _, _, err = run("query", "agent-traffic", "-o", "jsonl")
    assert "cut at 10,000 rows; --limit gives 100,000" in err


def test_another_region_is_refused(account: Account, run: Run) -> None:
    account.region = "eu-west-1"
    code, _, err = run("query", "agent-traffic", "--region", "eu-west-1")
    assert code == 3
    assert "the inventory is of us-east-1, but the calls go to eu-west-1" in err
    assert account.calls == []

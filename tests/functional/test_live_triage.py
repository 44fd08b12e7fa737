from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.fakes.account import NOW, Account
from tests.fakes.aws import ACCOUNT, client_error

from axonwatch.errors import AxonwatchError
from axonwatch.live.faults import Unreachable
from axonwatch.live.graphs import sparkline

Run = Callable[..., tuple[int, str, str]]
INCIDENT = "axonflow-prod-database-incident"
CHILD = "axonflow-prod-database-refused"


def row(**fields: str) -> list[dict[str, str]]:
    return [{"field": name, "value": value} for name, value in fields.items()]


@pytest.fixture
def burning(account: Account) -> Account:
    since = NOW - timedelta(minutes=7)
    account.alarm(INCIDENT, StateValue="ALARM", StateTransitionedTimestamp=since)
    account.alarm(
        CHILD, StateValue="ALARM", StateTransitionedTimestamp=since, StateReason="2 | of 3"
    )
    account.rows = [
        row(symptom="refused", lines="155", last="redis://:hunter22@c:6379 | `x`\n# not a title")
    ]
    account.scanned = 50_000_000.0
    return account


def test_one_command_at_three_in_the_morning(burning: Account, run: Run) -> None:
    code, out, err = run("triage", "database/incident")
    assert code == 0
    assert out.startswith(f"# ALARM: {INCIDENT}\n\npage, database: the database does not answer\n")
    assert f"| {CHILD} | ALARM |" in out
    assert "### database-symptoms: Is the database the cause?" in out
    assert "| symptom | lines | last |" in out
    assert "axonflow-prod-agent-service" in out
    assert "## Links" in out
    assert "# database-incident" in out  # the runbook
    assert "200.0 MB scanned, $0.001)" in out
    assert "query database-symptoms ..." in err
    del burning


def test_the_window_begins_before_the_alarm_changed(burning: Account, run: Run) -> None:
    run("triage", "database/incident")
    (asked, *_) = burning.asked("logs:StartQuery")
    since = NOW - timedelta(minutes=37)
    assert asked["startTime"] == int(since.timestamp())
    run("triage", "database/incident", "--around", "03:12", "--tz", "UTC")
    asked = burning.asked("logs:StartQuery")[-1]
    assert asked["endTime"] - asked["startTime"] <= 1800


def test_what_others_wrote_cannot_format_or_leak(burning: Account, run: Run) -> None:
    _, out, _ = run("triage", "database/incident")
    assert "hunter22" not in out
    assert "\n# not a title" not in out
    cells = next(line for line in out.splitlines() if line.startswith("| `refused`"))
    assert len(re.findall(r"(?<!\\)\|", cells)) == 4
    assert r"`2 \| of 3`" in out
    assert ACCOUNT not in out
    del burning


def test_links_survive_mail_and_markdown(burning: Account, run: Run) -> None:
    _, out, _ = run("triage", "database/incident")
    links = re.findall(r"\]\((https://[^\s]+?)\)(?:\s|$)", out)
    assert len(links) > 5
    assert all("(" not in link and ")" not in link for link in links)
    del burning


def test_a_metric_alarm_has_its_graph(account: Account, run: Run) -> None:
    _, out, _ = run("triage", "connections-high")
    graph = out.split("## Graph")[1].split("##")[0]
    assert "▁" in graph
    assert "last 3, 1 to 3" in graph
    assert "threshold 324 (GreaterThanOrEqualToThreshold)" in graph
    del account


def test_a_deployment_inside_of_the_window_stands_out(burning: Account, run: Run) -> None:
    real = burning.table["ecs:DescribeServices"][0]
    assert callable(real)

    def fresh(given: dict[str, Any]) -> Any:
        answer = real(given)
        answer["services"][0]["deployments"].append(
            {"status": "PRIMARY", "rolloutState": "IN_PROGRESS", "createdAt": NOW}
        )
        return answer

    burning.on("ecs", "DescribeServices", fresh)
    _, out, _ = run("triage", "database/incident")
    assert "**in this window** | IN_PROGRESS" in out


@pytest.mark.parametrize(
    ("denied", "said"),
    [
        ("cloudwatch:DescribeAlarms", "- alarm states: needs cloudwatch:DescribeAlarms"),
        ("ecs:DescribeServices", "- last deployment: needs ecs:DescribeServices"),
        ("logs:StartQuery", "needs logs:StartQuery ([open]("),
        ("cloudwatch:GetMetricData", "- the queries' price beforehand: needs cloudwatch:Get"),
    ],
)
def test_a_part_that_may_not_be_read_says_so_and_the_rest_is_there(
    burning: Account, run: Run, denied: str, said: str
) -> None:
    burning.denied = {denied}
    code, out, _ = run("triage", "database/incident")
    assert code == 0
    assert said in out
    assert "## Links" in out


def test_queries_stop_at_their_price(burning: Account, run: Run) -> None:
    burning.logged_bytes = 10**12
    _, out, _ = run("triage", "database/incident", "--max-cost", "0.5")
    assert "more than --max-cost $0.50" in out
    assert burning.asked("logs:StartQuery") == []
    _, out, _ = run("triage", "database/incident", "--no-queries")
    assert "not run ([open](" in out


def test_a_query_that_fails_does_not_end_the_rest(burning: Account, run: Run) -> None:
    burning.on("logs", "StartQuery", client_error("ResourceNotFoundException"))
    code, out, _ = run("triage", "database/incident")
    assert code == 0
    assert "does not exist" in out


def test_a_query_that_ends_badly_does_not_end_the_rest(burning: Account, run: Run) -> None:
    burning.on("logs", "GetQueryResults", {"status": "Failed", "results": [], "statistics": {}})
    code, out, _ = run("triage", "database/incident")
    assert code == 0
    assert "the query ended as Failed" in out
    assert "## Links" in out


@pytest.mark.parametrize("lost", [client_error("ExpiredToken"), Unreachable("cut")])
def test_what_was_read_before_the_network_went_is_shown(
    burning: Account, run: Run, monkeypatch: pytest.MonkeyPatch, lost: AxonwatchError
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    burning.on("logs", "GetQueryResults", burning._results({}), lost)
    code, out, err = run("triage", "database/incident")
    assert code == 3
    assert "aws logs" in err, "it says how to find the query that ran"
    assert "- state: ALARM" in out
    assert "- the rest: " in out


def test_expired_credentials_end_it(burning: Account, run: Run) -> None:
    burning.on("cloudwatch", "DescribeAlarms", client_error("ExpiredToken"))
    code, out, err = run("triage", "database/incident")
    assert (code, out) == (3, "")
    assert "aws sso login" in err


def test_it_may_be_written_to_a_file(burning: Account, run: Run, tmp_path: Path) -> None:
    target = tmp_path / "triage.md"
    code, out, _ = run("triage", "database/incident", "--out", str(target))
    assert (code, out) == (0, "")
    assert target.read_text(encoding="utf-8").startswith("# ALARM")
    del burning


def test_every_alarm_can_be_triaged(account: Account, run: Run) -> None:
    for alarm in account.companion.alarms:
        code, out, err = run("triage", alarm.name, "--no-queries")
        assert code == 0, err
        assert out.startswith(f"# OK: {alarm.name}")


@pytest.mark.parametrize(
    ("values", "threshold", "bars"),
    [
        ([0, 7], None, "▁█"),
        ([1, 1, 1], None, "▄▄▄"),
        ([0, 1], 7, "▁▂"),
        ([], 1, ""),
    ],
)
def test_sparklines(values: list[float], threshold: float | None, bars: str) -> None:
    assert sparkline(values, threshold) == bars


def test_a_long_series_is_drawn_short_and_keeps_its_peak() -> None:
    values = [0.0] * 500
    values[123] = 9.0
    drawn = sparkline(values)
    assert len(drawn) <= 60
    assert drawn.count("█") == 1


def test_times_are_utc(burning: Account, run: Run) -> None:
    _, out, _ = run("triage", "database/incident")
    stamp = datetime.now(UTC).strftime("%Y-%m-%d")
    assert f"Window: {stamp}" in out or "UTC" in out
    del burning

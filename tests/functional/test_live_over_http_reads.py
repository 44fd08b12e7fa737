"""`triage`, `query`, `drift`, `mute`, `cost`, `preview` and `backtest` over real HTTP against moto.

As `test_live_over_http.py`, which says what moto does not do.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.fakes.aws import ACCOUNT
from tests.fakes.project import Project, publish

from axonwatch.cli.main import main
from axonwatch.model.alarms import CompositeAlarm, LogAlarm, MetricAlarm
from axonwatch.model.metrics import Dimension, Metric

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")
Run = Callable[..., tuple[int, str, str]]
STORAGE = "axonflow-prod-database-storage-low"
AGENT_VIEW = "axonflow-prod-agent"
BROKEN = "AWS failed to answer, after all retries"


# query


def test_a_query_gives_its_rows_in_every_form(over_http: Run) -> None:
    text = "fields @timestamp, @message | sort @timestamp desc | limit 3"
    words = ("query", text, "--log-group", "agent", "--since", "1h")
    code, out, err = over_http(*words, "--json")
    assert code == 0, err
    assert [row["@message"] for row in json.loads(out)["rows"]] == ["line 4", "line 3", "line 2"]
    code, out, _ = over_http(*words, "-o", "csv")
    assert [row["@message"] for row in csv.DictReader(io.StringIO(out))] == [
        "line 4",
        "line 3",
        "line 2",
    ]
    code, out, err = over_http(*words)
    assert "@ptr" not in out
    assert "3 rows; " in err


def test_a_query_is_priced_by_what_the_groups_took_in(over_http: Run, project: Project) -> None:
    group = "/ecs/axonflow-prod/orchestrator"
    metric = Metric("AWS/Logs", "IncomingBytes", (Dimension("LogGroupName", group),))
    publish(project, [metric], [timedelta(minutes=9)], value=400e9)
    words = ("query", "fields @message", "--log-group", "orchestrator", "--since", "1h")
    code, _, err = over_http(*words)
    assert code == 3
    assert "it would cost about $2.00, and nobody is there to agree" in err
    code, _, err = over_http(*words, "--max-cost", "2.4")
    assert code == 0
    assert "will scan about 400.0 GB, $2.00" in err
    code, _, err = over_http("cost", "--measure")
    assert code == 0
    assert "not added up" not in err, "the volume was measured"


def test_a_log_group_that_is_not_there_is_named(over_http: Run) -> None:
    code, out, err = over_http("query", "fields @message", "--log-group", "/ecs/nobody")
    assert (code, out) == (3, "")
    assert "log group `/ecs/nobody` does not exist in us-east-1" in err


def test_a_saved_query_is_taken_as_it_is_written(over_http: Run) -> None:
    """All of them: `verify --only logs` in `test_live_over_http.py`. Moto ignores stats."""
    code, out, err = over_http("query", "agent-traffic", "--since", "1h", "--json")
    assert code == 0, err
    assert len(json.loads(out)["rows"]) == 5


# triage


def test_triage_reads_state_graph_queries_and_deployment(over_http: Run, project: Project) -> None:
    with project.state(STORAGE, "ALARM", "9.1E9 was less than the threshold"):
        code, out, _ = over_http("triage", "storage-low", "--since", "20m")
    assert code == 0
    assert out.startswith(f"# ALARM: {STORAGE}\n")
    assert "`9.1E9 was less than the threshold`" in out
    assert "## Graph" in out
    assert "no data in this window" not in out
    assert "axonflow-prod-agent-service" in out, "the last deployment"
    assert f"- muted alarms: {BROKEN}" in out, "moto has none"
    assert "# database-storage-low" in out, "the runbook"


def test_triage_of_an_alarm_that_is_gone_still_has_children_and_queries(
    over_http: Run, project: Project
) -> None:
    """Moto takes no composite: as if it had been deleted by hand."""
    child = "axonflow-prod-agent-logs-stopped"
    with project.state(child, "ALARM", "no data"):
        code, out, _ = over_http("triage", "agent/service-down")
    assert code == 0
    assert "# gone: axonflow-prod-agent-service-down" in out
    assert f"| {child} | ALARM |" in out
    assert "### restarts: " in out
    assert "| @ptr" not in out


# drift


def differences(over_http: Run) -> dict[tuple[str, str], dict[str, Any]]:
    code, out, _ = over_http("drift", "--json")
    assert code == 1, "moto lacks composites"
    return {(one["what"], one["name"]): one for one in json.loads(out)["differences"]}


def test_what_was_put_is_no_drift_but_for_what_moto_loses(over_http: Run, project: Project) -> None:
    found = differences(over_http)
    missing = {name for (what, name), one in found.items() if one["kind"] == "missing"}
    alarms = project.companion.alarms
    assert missing == {a.name for a in alarms if isinstance(a, CompositeAlarm | LogAlarm)}
    unknown = {what for (what, _), one in found.items() if one["kind"] == "unknown"}
    assert unknown == {"saved query", "mute rule"}
    changed = [one for one in found.values() if one["kind"] == "changed"]
    warm = {a.name for a in alarms if isinstance(a, MetricAlarm) and a.warm_up}
    assert {one["name"] for one in changed} == warm
    names = {field["name"] for one in changed for field in one["fields"]}
    assert names == {"warm-up minutes"}


def test_what_was_changed_by_hand_is_drift(over_http: Run, project: Project) -> None:
    cloudwatch, logs = project.on("cloudwatch"), project.on("logs")
    body = cloudwatch.get_dashboard(DashboardName=AGENT_VIEW)["DashboardBody"]
    bent = json.loads(body)
    bent["widgets"][1]["properties"]["title"] = "Mine"
    one = project.companion.metric_filters[0]
    kept = logs.describe_metric_filters(logGroupName=one.log_group, filterNamePrefix=one.name)
    (filter_,) = kept["metricFilters"]
    again = {
        key: filter_[key]
        for key in ("filterName", "logGroupName", "filterPattern", "metricTransformations")
    }
    cloudwatch.put_dashboard(DashboardName=AGENT_VIEW, DashboardBody=json.dumps(bent))
    logs.put_metric_filter(**again | {"filterPattern": "mine"})
    try:
        with project.changed(STORAGE, Threshold=1.0):
            found = differences(over_http)
    finally:
        cloudwatch.put_dashboard(DashboardName=AGENT_VIEW, DashboardBody=body)
        logs.put_metric_filter(**again)
    (field,) = found["alarm", STORAGE]["fields"]
    assert (field["name"], field["found"]) == ("threshold", "1.0")
    assert ("dashboard", AGENT_VIEW) in found
    assert found["metric filter", one.name]["fields"] == [
        {"name": "pattern", "wanted": one.pattern, "found": "mine"}
    ]
    assert ("dashboard", AGENT_VIEW) not in differences(over_http)


def test_a_subscriber_who_left_is_drift(over_http: Run, project: Project) -> None:
    topic = f"arn:aws:sns:us-east-1:{ACCOUNT}:axonflow-prod-alerts-ticket"
    sns = project.on("sns")
    (one,) = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    sns.unsubscribe(SubscriptionArn=one["SubscriptionArn"])
    try:
        found = differences(over_http)
    finally:
        sns.subscribe(TopicArn=topic, Protocol="email", Endpoint=one["Endpoint"])
    (field,) = found["topic", "axonflow-prod-alerts-ticket"]["fields"]
    assert (field["name"], field["found"]) == ("subscriber", "nothing")


def test_fixing_takes_no_alarm_of_others_over(over_http: Run, project: Project) -> None:
    """The alarms are here, but of no stack: CloudFormation would fail half-way, so it is refused."""
    code, _, err = over_http("drift", "--fix", "--yes")
    assert code == 3
    assert "alarm(s) that `axonflow-prod-observability" in err
    assert "would create exist already" in err
    assert "--change-set-type IMPORT" in err
    stacks = project.on("cloudformation").describe_stacks()["Stacks"]
    assert "axonflow-prod-observability-agent" not in {one["StackName"] for one in stacks}


# mute: moto has no mute rules, so that what is shown is one clear error and nothing changed


@pytest.mark.parametrize(
    "words",
    [
        ("mute", "storage-low", "--for", "2h", "--why", "drill"),
        ("mute", "--list"),
        ("unmute", "storage-low"),
    ],
)
def test_a_mute_that_the_service_fails_to_answer_is_one_error(
    over_http: Run, words: tuple[str, ...]
) -> None:
    code, out, err = over_http(*words)
    assert (code, out) == (3, "")
    assert err.count("error: ") == 1
    assert f"error: {BROKEN}: cloudwatch:" in err
    assert "features" not in err, "a failure is no missing feature"


def test_an_alarm_that_is_not_there_is_not_muted(over_http: Run) -> None:
    code, _, err = over_http("mute", "agent/service-down", "--for", "2h", "--why", "drill")
    assert code == 3
    assert "the account has no alarm `axonflow-prod-agent-service-down`" in err


# preview and backtest


def test_the_preview_shows_the_accounts_own_series(over_http: Run, tmp_path: Path) -> None:
    code, _, err = over_http("preview", "--live", "--since", "15m", "--out", str(tmp_path / "page"))
    assert code == 0, err
    read, filled = (int(word) for word in err.split("read ")[1].split() if word.isdigit())
    assert read > filled > 50
    page = (tmp_path / "page" / "preview.html").read_text()
    assert page.count('"traces"') > 20
    assert "axonflow-prod-on-call" in page


def test_a_series_is_not_taken_from_another_account(
    over_http: Run, project: Project, tmp_path: Path
) -> None:
    """What was read is kept for an hour, of one account and address only."""
    words = ("backtest", "database/cpu-high", "--since", "10m")
    assert over_http(*words)[0] == 0
    code, _, err = over_http(*words)
    assert (code, "as read less than an hour ago" in err) == (0, True)
    other = project.url.replace("127.0.0.1", "localhost")
    place = ["--stack-file", str(project.folder / "stack.yaml"), "--endpoint-url", other]
    assert main([*words, *place]) == 0
    kept = list((tmp_path / "cache" / "axonwatch").iterdir())
    assert len(kept) == 2


def test_an_account_without_data_is_said_to_have_none(over_http: Run, tmp_path: Path) -> None:
    for words in (
        ("preview", "--live", "--since", "1m", "--out", str(tmp_path / "page")),
        ("backtest", "database/cpu-high", "--since", "1m"),
    ):
        code, out, err = over_http(*words)
        assert (code, out) == (3, "")
        assert "the account has no datapoint of the last 1m" in err
    assert not (tmp_path / "page").exists()
    assert not (tmp_path / "cache").exists(), "nothing is kept of it"


def test_a_percentile_that_moto_cannot_give_ends_it_in_one_error(
    over_http: Run, tmp_path: Path
) -> None:
    code, _, err = over_http("preview", "--live", "--since", "6h", "--out", str(tmp_path / "page"))
    assert code == 3
    assert f"error: {BROKEN}: cloudwatch:GetMetricData" in err
    assert not (tmp_path / "page").exists()


def test_a_backtest_reads_the_accounts_own_series(over_http: Run) -> None:
    code, out, err = over_http("backtest", "database/cpu-high", "--since", "10m")
    assert code == 0, err
    row = next(line for line in out.splitlines() if "database/cpu-high" in line)
    assert row.split()[-3] == "0", "1 % of CPU is no alarm"

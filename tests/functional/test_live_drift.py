from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from tests.fakes.account import Account, arn
from tests.fakes.aws import ACCOUNT, client_error

from axonwatch.live.drifting.difference import differing

Run = Callable[..., tuple[int, str, str]]
STORAGE = "axonflow-prod-database-storage-low"
INCIDENT = "axonflow-prod-database-incident"


def changes(run: Run) -> list[dict[str, Any]]:
    code, out, _ = run("drift", "--json")
    found: list[dict[str, Any]] = json.loads(out)["differences"]
    assert code == (1 if found else 0)
    return found


def only(run: Run) -> dict[str, Any]:
    found = changes(run)
    assert len(found) == 1, found
    return found[0]


def test_what_was_deployed_does_not_differ(run: Run) -> None:
    code, out, _ = run("drift")
    assert (code, out) == (0, "the account is as the definitions say\n")


@pytest.mark.parametrize(
    ("name", "change", "field", "found"),
    [
        (STORAGE, {"Threshold": 1.0}, "threshold", "1.0"),
        (STORAGE, {"EvaluationPeriods": 9}, "datapoints", " of 9"),
        (STORAGE, {"TreatMissingData": "breaching"}, "missing data", "breaching"),
        (STORAGE, {"ActionsEnabled": False}, "actions enabled", "False"),
        (STORAGE, {"AlarmActions": []}, "actions in ALARM[0]", "nothing"),
        (STORAGE, {"Period": 3600}, "metric.period", "3600"),
        (STORAGE, {"AlarmDescription": "mine"}, "description", "mine"),
        (INCIDENT, {"AlarmRule": 'ALARM("x")'}, "rule", 'ALARM("x")'),
        (INCIDENT, {"ActionsSuppressor": "y", "ActionsSuppressorWaitPeriod": 1,
                    "ActionsSuppressorExtensionPeriod": 1}, "suppressed by", "y"),
    ],
)  # fmt: skip
def test_a_property_changed_by_hand(
    account: Account, run: Run, *, name: str, change: dict[str, Any], field: str, found: str
) -> None:
    account.alarm(name, **change)
    difference = only(run)
    assert (difference["what"], difference["name"], difference["kind"]) == (
        "alarm",
        name,
        "changed",
    )
    fields = {one["name"]: one["found"] for one in difference["fields"]}
    assert found in fields[field]


def test_the_text_shows_both_sides(account: Account, run: Run) -> None:
    account.alarm(STORAGE, ActionsEnabled=False)
    code, out, err = run("drift")
    assert code == 1
    assert out.splitlines() == [
        f"~ alarm {STORAGE}",
        "    actions enabled",
        "      - True",
        "      + False",
        "1 changed (- is what the definitions say, + is what the account has)",
    ]
    assert "axonwatch drift --fix" in err


def test_a_rule_written_otherwise_is_the_same_rule(account: Account, run: Run) -> None:
    _, one = account.alarms[INCIDENT]
    spelled = one["AlarmRule"]
    for name in account.alarms:
        spelled = spelled.replace(f'"{name}"', arn("cloudwatch", f"alarm:{name}"))
    account.alarm(INCIDENT, AlarmRule=f" {spelled}\n")
    assert changes(run) == []


def test_one_metric_in_the_form_of_a_list_is_the_same_alarm(account: Account, run: Run) -> None:
    kind, one = account.alarms[STORAGE]
    stat = one.get("Statistic") or one.get("ExtendedStatistic")
    rest = {
        key: value
        for key, value in one.items()
        if key not in {"Namespace", "MetricName", "Dimensions", "Period", "Statistic"}
    }
    rest["Metrics"] = [
        {
            "Id": "m1",
            "ReturnData": True,
            "MetricStat": {
                "Metric": {k: one[k] for k in ("Namespace", "MetricName", "Dimensions")},
                "Period": one["Period"],
                "Stat": stat,
            },
        }
    ]
    account.alarms[STORAGE] = (kind, rest)
    assert changes(run) == []


def test_alarms_deleted_by_hand(account: Account, run: Run) -> None:
    for name in sorted(account.alarms)[::2]:
        del account.alarms[name]
    found = changes(run)
    assert {one["kind"] for one in found} == {"missing"}
    gone = len(account.companion.alarms) - len(account.alarms)
    assert len(found) == gone
    _, out, _ = run("drift")
    assert f"- ... and {gone - 5} more alarms like these (--json has all)" in out
    assert len(out.splitlines()) == 7


def test_an_alarm_that_no_definition_has_any_more(account: Account, run: Run) -> None:
    old = {
        "ResourceType": "AWS::CloudWatch::Alarm",
        "LogicalResourceId": "Old",
        "PhysicalResourceId": "axonflow-prod-agent-old",
        "ResourceStatus": "CREATE_COMPLETE",
        "LastUpdatedTimestamp": "2026-11-24T12:00:00Z",
    }
    account.on(
        "cloudformation",
        "ListStackResources",
        lambda given: {
            "StackResourceSummaries": [old]
            if given["StackName"] == "axonflow-prod-observability"
            else []
        },
    )
    difference = only(run)
    assert (difference["kind"], difference["name"]) == ("extra", "axonflow-prod-agent-old")


def test_a_widget_moved_by_hand(account: Account, run: Run) -> None:
    name = "axonflow-prod-database"
    body = json.loads(account.dashboards[name])
    graph = next(w for w in body["widgets"] if w["properties"].get("title"))
    graph["height"] += 3
    account.dashboards[name] = json.dumps(body)
    difference = only(run)
    assert difference["what"] == "dashboard"
    title = graph["properties"]["title"]
    assert difference["fields"][0]["name"] == f"widgets.{title}.height"


def test_a_dashboard_that_is_gone(account: Account, run: Run) -> None:
    del account.dashboards["axonflow-prod-on-call"]
    assert only(run)["kind"] == "missing"


@pytest.mark.parametrize(
    ("operation", "key", "change", "field"),
    [
        ("DescribeQueryDefinitions", "queryDefinitions", {"queryString": "fields x"}, "text"),
        ("DescribeQueryDefinitions", "queryDefinitions", {"logGroupNames": []}, "log groups[0]"),
        ("DescribeMetricFilters", "metricFilters", {"filterPattern": "ERROR"}, "pattern"),
    ],
)
def test_a_query_or_filter_changed_by_hand(
    account: Account, run: Run, *, operation: str, key: str, change: dict[str, Any], field: str
) -> None:
    real = account.table[f"logs:{operation}"][0]
    assert callable(real)
    seen: list[Any] = []

    def changed(given: dict[str, Any]) -> Any:
        answer = real(given)
        if not seen and answer.get(key):
            seen.append(answer[key][0])
            answer[key][0] = answer[key][0] | change
        return answer

    account.on("logs", operation, changed)
    assert field in {one["name"] for one in only(run)["fields"]}


def test_a_query_made_by_hand_under_our_folder(account: Account, run: Run) -> None:
    real = account._definitions

    def more(given: dict[str, Any]) -> Any:
        answer = real(given)
        answer["queryDefinitions"].append({"name": "axonflow-prod/mine", "queryString": "limit 1"})
        return answer

    account.on("logs", "DescribeQueryDefinitions", more)
    assert only(run)["kind"] == "extra"


def test_a_subscriber_added_by_hand(account: Account, run: Run) -> None:
    topic = arn("sns", "axonflow-prod-alerts-page")
    account.subscribers[topic].append(
        {
            "Protocol": "email",
            "Endpoint": "friend@example.org",
            "SubscriptionArn": f"{topic}:2",
            "TopicArn": topic,
        }
    )
    fields = only(run)["fields"]
    assert fields[0]["wanted"] == "nothing"
    assert "friend@example.org" not in fields[0]["found"]


def test_a_mute_rule_changed_by_hand(account: Account, run: Run) -> None:
    rule = account.companion.mute_rules[0]
    account.mutes[rule.name]["Rule"]["Schedule"]["Duration"] = "P15D"
    assert only(run)["fields"][0]["found"] == "P15D"
    del account.mutes[rule.name]
    assert only(run)["kind"] == "missing"


def test_what_may_not_be_compared_is_unknown_and_no_drift(account: Account, run: Run) -> None:
    account.denied = {"cloudwatch:GetDashboard", "sns:ListSubscriptionsByTopic"}
    code, out, _ = run("drift")
    assert code == 0
    assert "? dashboard all: needs cloudwatch:GetDashboard" in out
    assert "2 unknown" in out


def test_when_nothing_can_be_compared_it_could_not_run(account: Account, run: Run) -> None:
    account.refuses = lambda _: True
    code, _, err = run("drift")
    assert code == 3
    assert "nothing could be compared" in err


def test_a_missing_companion_names_each_thing(account: Account, run: Run) -> None:
    account.alarms.clear()
    account.dashboards.clear()
    account.mutes.clear()
    account.subscribers.clear()
    account.on("logs", "DescribeMetricFilters", client_error("ResourceNotFoundException"))
    account.on("logs", "DescribeQueryDefinitions", {"queryDefinitions": []})
    kinds = {one["kind"] for one in changes(run)}
    assert kinds == {"missing"}


def test_the_account_id_is_in_no_output(account: Account, run: Run) -> None:
    account.alarm(STORAGE, AlarmActions=[arn("sns", "other")])
    _, out, err = run("drift")
    assert "other" in out
    assert ACCOUNT not in out + err


def test_an_item_taken_out_of_a_list_is_one_difference() -> None:
    wanted = {"alarms": [f"a{n}" for n in range(60)]}
    found = {"alarms": [f"a{n}" for n in range(60) if n != 7] + ["mine"]}
    assert [(one.name, one.wanted, one.found) for one in differing(wanted, found)] == [
        ("alarms[7]", "a7", "nothing"),
        ("alarms[59]", "nothing", "mine"),
    ]
    assert list(differing({"x": [1, 2.0]}, {"x": [1.0, 2]})) == []


def test_numbers_are_compared_as_numbers_and_lists_by_place() -> None:
    assert list(differing({"a": 1, "b": [1, 2]}, {"a": 1.0, "b": [1, 2]})) == []
    found = list(differing({"b": [1, {"c": 2}]}, {"b": [1, {"c": 3}, 4]}))
    assert [(one.name, one.wanted, one.found) for one in found] == [
        ("b[1].c", "2", "3"),
        ("b[2]", "nothing", "4"),
    ]


def test_fixing_goes_through_the_stack(
    account: Account, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from axonwatch.cli import deploy as module

    asked: dict[str, Any] = {}

    def deployed(**options: Any) -> int:
        asked.update(options)
        return 0

    monkeypatch.setattr(module.deploy, "callback", deployed)
    account.alarm(STORAGE, ActionsEnabled=False)
    code, _, _ = run("drift", "--fix", "--yes", "--region", "us-east-1")
    assert code == 0
    assert asked["revert_drift"] is True
    assert asked["yes"] is True
    assert asked["region"] == "us-east-1"

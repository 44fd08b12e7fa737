from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.fakes.account import NOW, Account, action, arn
from tests.fakes.aws import ACCOUNT, client_error

Run = Callable[..., tuple[int, str, str]]
STORAGE = "axonflow-prod-database-storage-low"
INCIDENT = "axonflow-prod-database-incident"
CHILD = "axonflow-prod-database-refused"
TICKET = "axonflow-prod-database-cpu-high"


def in_alarm(account: Account, name: str, **more: Any) -> None:
    account.alarm(name, StateValue="ALARM", StateTransitionedTimestamp=NOW, **more)


def test_a_quiet_account_pages_nobody(run: Run) -> None:
    code, out, err = run("status")
    assert (code, err) == (0, "us-east-1, as user/test\n")
    assert out.endswith("OK\n0 alarms page now\n")


def test_what_pages_comes_first_with_reason_and_runbook(account: Account, run: Run) -> None:
    in_alarm(account, STORAGE, StateReason="1 out of the last 3 datapoints [9.1E9]")
    account.history[STORAGE] = [action("sent", when=NOW)]
    in_alarm(account, CHILD)
    account.alarm(TICKET, StateValue="INSUFFICIENT_DATA")
    code, out, _ = run("status")
    assert code == 1
    lines = out.splitlines()
    assert lines[0].startswith("! ALARM for ")
    assert lines[0].endswith(f"page  {STORAGE}")
    assert "why      1 out of the last 3 datapoints [9.1E9]" in out
    assert f"told     {NOW:%Y-%m-%d %H:%M:%S} UTC" in out
    assert "runbook  runbooks/database-storage-low.md" in out
    assert "silent   tells nobody by itself" in out
    assert "2 in ALARM, 1 without data" in out
    assert out.endswith("1 alarm pages now\n")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"ActionsEnabled": False}, "actions are disabled"),
        (
            {
                "ActionsSuppressedBy": "Alarm",
                "ActionsSuppressor": arn("cloudwatch", "alarm:axonflow-prod-service-deploying"),
            },
            "suppressed by axonflow-prod-service-deploying (Alarm)",
        ),
    ],
)
def test_what_is_silenced_does_not_page(
    account: Account, run: Run, change: dict[str, Any], why: str
) -> None:
    in_alarm(account, INCIDENT, **change)
    code, out, _ = run("status")
    assert code == 0
    assert f"silent   {why}" in out


def test_a_muted_alarm_is_named_with_its_rule(account: Account, run: Run) -> None:
    in_alarm(account, STORAGE)
    run("mute", "database/storage-low", "--for", "2h", "--why", "drill")
    code, out, _ = run("status")
    assert code == 0
    assert "silent   muted by axonflow-prod-mute-by-hand-database-storage-low" in out


def test_an_action_that_failed_is_trouble(account: Account, run: Run) -> None:
    in_alarm(account, STORAGE)
    account.history[STORAGE] = [action("not authorized to perform: SNS:Publish", failed=True)]
    _, out, _ = run("status")
    assert "trouble  Failed to execute action" in out
    assert "not authorized to perform: SNS:Publish" in out


def test_half_of_the_alarms_deleted_is_no_green(account: Account, run: Run) -> None:
    names = sorted(account.alarms)
    for name in names[::2]:
        del account.alarms[name]
    code, out, _ = run("status")
    assert code == 1
    gone = len(names[::2])
    assert f"{gone} gone" in out
    assert f"and {gone - 5} more" in out
    assert "axonwatch deploy --revert-drift" in out
    assert len(out.splitlines()) < 10


def test_a_companion_that_was_never_deployed_is_one_message(account: Account, run: Run) -> None:
    account.alarms.clear()
    code, out, _ = run("status")
    assert code == 1
    assert out.startswith(
        "x none of the companion's alarms is there; deploy it: axonwatch deploy\n"
    )


def test_json_holds_everything(account: Account, run: Run) -> None:
    in_alarm(account, STORAGE, StateReason="password=hunter22")
    code, out, _ = run("status", "--json")
    record = json.loads(out)
    assert code == 1
    assert record["paging"] == [STORAGE]
    assert record["schema_version"] == 1
    assert len(record["alarms"]) == len(account.companion.alarms)
    assert record["alarms"][0]["since"] == NOW.isoformat()
    assert "hunter22" not in out


def test_no_account_id_is_shown(account: Account, run: Run) -> None:
    reason = f"{arn('cloudwatch', 'alarm:x')} transitioned to ALARM"
    in_alarm(account, INCIDENT, StateReason=reason)
    for more in ((), ("--json",)):
        _, out, err = run("status", *more)
        assert "transitioned to ALARM" in out
        assert ACCOUNT not in out + err


def test_a_terminal_escape_in_a_reason_is_shown(account: Account, run: Run) -> None:
    in_alarm(account, STORAGE, StateReason="\x1b]0;owned\x07")
    _, out, _ = run("status")
    assert r"\x1b]0;owned\x07" in out
    assert "\x1b" not in out


@pytest.mark.parametrize(
    ("denied", "said"),
    [
        ("cloudwatch:ListAlarmMuteRules", "muted alarms: needs cloudwatch:ListAlarmMuteRules"),
        ("cloudwatch:DescribeAlarmHistory", "last page: needs cloudwatch:DescribeAlarmHistory"),
    ],
)
def test_a_column_that_may_not_be_read_stays_unknown(
    account: Account, run: Run, denied: str, said: str
) -> None:
    in_alarm(account, STORAGE)
    account.denied = {denied}
    code, out, err = run("status")
    assert code == 1
    assert f"unknown: {said}" in err
    assert STORAGE in out


def test_without_the_states_themselves_there_is_no_answer(account: Account, run: Run) -> None:
    account.denied = {"cloudwatch:DescribeAlarms"}
    code, out, err = run("status")
    assert (code, out) == (3, "")
    assert "cloudwatch:DescribeAlarms was denied" in err
    assert "add `cloudwatch:DescribeAlarms` to the role" in err


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("UnknownOperationException", "this region does not know mute rules"),
        ("InternalFailure", "AWS failed to answer"),
    ],
)
def test_a_region_without_mute_rules_is_told(
    account: Account, run: Run, code: str, said: str
) -> None:
    account.on("cloudwatch", "ListAlarmMuteRules", client_error(code))
    exit_code, _, err = run("status")
    assert exit_code == 0
    assert said in err


def test_five_thousand_alarms_are_asked_for_in_hundreds(account: Account) -> None:
    from axonwatch.live.status import read_status
    from axonwatch.model.alarms import CompositeAlarm

    alarms = [CompositeAlarm(name=f"axonflow-prod-x-{n}", rule="FALSE") for n in range(5000)]
    began = time.perf_counter()
    found = read_status(account, alarms)
    assert len(found.gone) == 5000
    asked = account.asked("cloudwatch:DescribeAlarms")
    assert len(asked) == 50
    assert max(len(one["AlarmNames"]) for one in asked) == 100
    assert time.perf_counter() - began < 10


def test_all_kinds_of_alarms_are_asked_for(account: Account, run: Run) -> None:
    run("status")
    for asked in account.asked("cloudwatch:DescribeAlarms"):
        assert asked["AlarmTypes"] == ["MetricAlarm", "CompositeAlarm", "LogAlarm"]


def test_an_older_region_that_refuses_log_alarms_is_asked_without(
    account: Account, run: Run
) -> None:
    real = account._describe_alarms

    def older(given: dict[str, Any]) -> Any:
        if "LogAlarm" in given["AlarmTypes"]:
            return client_error("ValidationError", "AlarmTypes: LogAlarm is not valid")
        answer = real(given)
        answer.pop("LogAlarms")
        return answer

    account.on("cloudwatch", "DescribeAlarms", older)
    code, out, _ = run("status")
    assert code == 1  # the log alarm is not there
    assert "1 gone" in out


def test_a_gate_waits_until_nothing_pages(
    account: Account, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_alarm(account, STORAGE)
    monkeypatch.setattr(time, "sleep", lambda _: account.alarm(STORAGE, StateValue="OK"))
    code, out, err = run("status", "--until-ok", "10m")
    assert (code, out) == (0, "nothing pages\n")
    assert f"waiting, at most 10m: {STORAGE}" in err


def test_a_gate_has_a_limit(account: Account, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    in_alarm(account, STORAGE)
    clock = iter(range(0, 10_000, 40))
    monkeypatch.setattr(time, "sleep", lambda _: None)
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))
    code, _, err = run("status", "--until-ok", "1m")
    assert code == 1
    assert "still not clear after 1m" in err


def test_watching_ends_with_ctrl_c_and_the_last_exit_code(
    account: Account, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_alarm(account, STORAGE)

    def pressed(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(time, "sleep", pressed)
    code, out, _ = run("status", "--watch", "30s")
    assert code == 1
    assert STORAGE in out


def test_a_wrong_duration_is_wrong_usage(run: Run) -> None:
    code, _, err = run("status", "--watch", "often")
    assert code == 2
    assert "`often` is not a duration" in err


def test_ages_are_short(account: Account, run: Run) -> None:
    account.alarm(
        STORAGE,
        StateValue="ALARM",
        StateTransitionedTimestamp=datetime.now(UTC) - timedelta(hours=27, minutes=5, seconds=9),
    )
    _, out, _ = run("status")
    assert "ALARM for 1d3h5m" in out

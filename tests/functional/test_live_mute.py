from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.fakes.account import Account
from tests.fakes.aws import client_error

from axonwatch.live.mute import iso_duration, mute
from axonwatch.model.alarms import Alarm

Run = Callable[..., tuple[int, str, str]]
RULE = "axonflow-prod-mute-by-hand-database-storage-low"
ALARM = "axonflow-prod-database-storage-low"


def put(account: Account) -> dict[str, Any]:
    (asked,) = account.asked("cloudwatch:PutAlarmMuteRule")
    return asked


def test_a_mute_has_a_length_a_reason_and_one_alarm(account: Account, run: Run) -> None:
    code, out, _ = run("mute", "storage-low", "--for", "2h", "--why", "failover test, J.D.")
    assert code == 0
    asked = put(account)
    assert asked["Name"] == RULE
    assert asked["Description"] == "failover test, J.D."
    assert asked["MuteTargets"] == {"AlarmNames": [ALARM]}
    schedule = asked["Rule"]["Schedule"]
    assert schedule["Timezone"] == "UTC"
    assert schedule["Expression"].startswith("at(20")
    assert f"{ALARM} is muted until " in out
    assert "axonwatch unmute storage-low" in out


def test_it_is_muted_at_once_and_not_shorter_than_asked(account: Account) -> None:
    alarm = next(a for a in account.companion.alarms if a.name == ALARM)
    now = datetime(2026, 11, 24, 12, 0, 31, tzinfo=UTC)
    made = mute(account, account.companion.names, alarm, 7200, "x", now=now)
    schedule = put(account)["Rule"]["Schedule"]
    assert schedule["Expression"] == "at(2026-11-24T12:00)"
    assert schedule["Duration"] == "PT2H1M"
    assert made.until == now + timedelta(hours=2)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(60, "PT1M"), (61, "PT2M"), (7200, "PT2H"), (90_000, "P1DT1H"), (172_800, "P2D")],
)
def test_lengths(seconds: int, text: str) -> None:
    assert iso_duration(seconds) == text


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--for", "2h"], "needs its length and its reason"),
        (["--why", "x"], "needs its length and its reason"),
        (["--for", "16d", "--why", "x"], "1 minute to 15 days"),
        (["--for", "30s", "--why", "x"], "1 minute to 15 days"),
        (["--for", "2h", "--why", "  "], "needs its reason"),
        (["--for", "soon", "--why", "x"], "is not a duration"),
    ],
)
def test_a_mute_without_length_or_reason_is_refused(
    account: Account, run: Run, words: list[str], said: str
) -> None:
    code, _, err = run("mute", "storage-low", *words)
    assert code == 2
    assert said in err
    assert account.asked("cloudwatch:PutAlarmMuteRule") == []


def test_an_alarm_that_is_not_there_is_not_muted(account: Account, run: Run) -> None:
    del account.alarms[ALARM]
    code, _, err = run("mute", "storage-low", "--for", "2h", "--why", "x")
    assert code == 3
    assert f"the account has no alarm `{ALARM}`" in err


def test_what_is_muted_is_listed_with_why_and_until(run: Run) -> None:
    run("mute", "storage-low", "--for", "2h", "--why", "drill\x1b[2J")
    code, out, _ = run("mute", "--list")
    assert code == 0
    first = out.splitlines()[1]
    assert first.startswith("ACTIVE ")
    assert ALARM in first
    assert r"drill\x1b[2J" in first
    assert "again and again" in out
    _, out, _ = run("mute", "--list", "--json")
    assert json.loads(out)[0]["alarms"] == ALARM


def test_a_mute_ends_early(account: Account, run: Run) -> None:
    run("mute", "storage-low", "--for", "2h", "--why", "x")
    code, out, _ = run("unmute", "storage-low")
    assert code == 0
    assert RULE not in account.mutes
    assert "is no longer muted" in out


def test_what_the_definitions_mute_is_not_ended_by_hand(account: Account, run: Run) -> None:
    rule = account.companion.mute_rules[0]
    name = rule.alarm_names[0]
    code, _, err = run("unmute", name)
    assert code == 3
    assert f"it is muted by {rule.name}" in err
    assert rule.name in account.mutes


def test_what_is_not_muted_cannot_be_unmuted(run: Run) -> None:
    code, _, err = run("unmute", "storage-low")
    assert code == 3
    assert "was not muted by hand" in err


@pytest.mark.parametrize("operation", ["PutAlarmMuteRule", "ListAlarmMuteRules"])
def test_a_region_without_mute_rules_says_what_else_works(
    account: Account, run: Run, operation: str
) -> None:
    account.on("cloudwatch", operation, client_error("UnknownOperationException"))
    words = (
        ["--list"] if operation.startswith("List") else ["storage-low", "--for", "2h", "--why", "x"]
    )
    code, _, err = run("mute", *words)
    assert code == 3
    assert "mute rules do not work here" in err
    assert "mute_rules: false" in err


@pytest.mark.parametrize("code", ["ThrottlingException", "InternalFailure"])
def test_a_region_that_only_fails_for_now_is_not_said_to_lack_mute_rules(
    account: Account, run: Run, code: str
) -> None:
    account.on("cloudwatch", "ListAlarmMuteRules", client_error(code))
    exit_code, _, err = run("mute", "--list")
    assert exit_code == 3
    assert "do not work here" not in err
    assert "features" not in err


def test_a_denied_mute_names_the_action(account: Account, run: Run) -> None:
    account.denied = {"cloudwatch:PutAlarmMuteRule"}
    code, _, err = run("mute", "storage-low", "--for", "2h", "--why", "x")
    assert code == 3
    assert "cloudwatch:PutAlarmMuteRule was denied" in err


def test_every_alarm_can_be_muted_under_a_name_of_its_own(account: Account) -> None:
    from axonwatch.live.mute import rule_name

    alarms: tuple[Alarm, ...] = account.companion.alarms
    names = {rule_name(account.companion.names, alarm) for alarm in alarms}
    assert len(names) == len(alarms)
    assert max(map(len, names)) <= 255


def test_which_alarm_must_be_said(run: Run) -> None:
    code, _, err = run("mute")
    assert code == 2
    assert "which alarm?" in err

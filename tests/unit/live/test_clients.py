from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from botocore.stub import Stubber
from tests.fakes.aws import ACCOUNT, FakeAws

from axonwatch.catalog.inventory import read_inventory
from axonwatch.errors import CouldNotRun, NoCredentials, UsageError
from axonwatch.live import accounts
from axonwatch.live.clients import Aws, Identity, Target, connect, ensure_account, iam_action
from axonwatch.model.inventory import Inventory

ROOT = Path(__file__).parents[3]


@pytest.fixture
def inventory() -> Inventory:
    return read_inventory(ROOT / "inventory.json")


@pytest.fixture
def aws(fake_credentials: None) -> Aws:
    del fake_credentials
    return connect(Target("us-east-1"))


def test_an_account_is_known_again_and_its_id_is_not_kept() -> None:
    check = accounts.make_account_check(ACCOUNT)
    assert accounts.is_same_account(check, ACCOUNT)
    assert not accounts.is_same_account(check, "210987654321")
    assert ACCOUNT not in check
    assert check != accounts.make_account_check(ACCOUNT)


@pytest.mark.parametrize("check", ["", "nonsense", "scrypt:zz:00", "md5:00:00", "scrypt:00:00"])
def test_an_unreadable_check_matches_no_account(check: str) -> None:
    assert not accounts.is_same_account(check, ACCOUNT)


def test_another_account_is_refused_before_any_other_call(inventory: Inventory) -> None:
    mine = replace(inventory, account_check=accounts.make_account_check("210987654321"))
    with pytest.raises(CouldNotRun, match="another account") as refused:
        ensure_account(FakeAws(), mine)
    assert ACCOUNT not in str(refused.value)


def test_another_region_is_refused(inventory: Inventory) -> None:
    with pytest.raises(CouldNotRun, match="the inventory is of us-east-1"):
        ensure_account(FakeAws(region="eu-west-1"), inventory)


def test_the_same_account_and_an_inventory_without_check_pass(inventory: Inventory) -> None:
    ensure_account(FakeAws(), inventory)
    ensure_account(
        FakeAws(), replace(inventory, account_check=accounts.make_account_check(ACCOUNT))
    )


@pytest.mark.parametrize(
    ("arn", "principal"),
    [
        ("arn:aws:iam::1:user/jane", "user/jane"),
        ("arn:aws:sts::1:assumed-role/oncall/jane@example", "role/oncall (jane@example)"),
        ("arn:aws:iam::1:root", "root"),
    ],
)
def test_a_principal_is_named_without_the_account(arn: str, principal: str) -> None:
    assert Identity("1", arn).principal == principal


def test_iam_speaks_of_the_load_balancers_otherwise_than_botocore() -> None:
    assert iam_action("elbv2", "DescribeListeners") == "elasticloadbalancing:DescribeListeners"
    assert iam_action("logs", "StartQuery") == "logs:StartQuery"


@pytest.mark.parametrize(
    ("region", "partition"),
    [
        ("us-east-1", "aws"),
        ("cn-north-1", "aws-cn"),
        ("us-gov-west-1", "aws-us-gov"),
        ("eusc-de-east-1", "aws-eusc"),
    ],
)
def test_a_region_has_its_partition_and_its_endpoint_is_aws(
    region: str, partition: str, fake_credentials: None
) -> None:
    del fake_credentials
    made = connect(Target(region))
    assert made.partition == partition
    assert not made.is_foreign


def test_an_emulator_is_foreign_however_it_was_named(
    fake_credentials: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    del fake_credentials
    assert connect(Target("us-east-1", endpoint_url="http://127.0.0.1:4566")).is_foreign
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://user:hunter2@localhost:4566")
    made = connect(Target("us-east-1"))
    assert made.is_foreign
    assert "hunter2" not in made.endpoint


def test_without_credentials_region_or_profile_the_cause_is_named() -> None:
    with pytest.raises(NoCredentials, match="no credentials"):
        _ = connect(Target("us-east-1")).identity
    with pytest.raises(UsageError, match="no region is set"):
        connect(Target())
    with pytest.raises(UsageError, match="is not a region"):
        connect(Target("evil.example.com/"))
    with pytest.raises(NoCredentials, match='no profile "nope"'):
        connect(Target("us-east-1", profile="nope"))


def pages(aws: Aws, answers: list[tuple[dict[str, Any], dict[str, Any]]]) -> list[Any]:
    with Stubber(aws._client("cloudwatch")) as stub:
        for asked, answer in answers:
            stub.add_response("list_alarm_mute_rules", answer, asked)
        found = list(aws.pages("cloudwatch", "ListAlarmMuteRules", "AlarmMuteRuleSummaries"))
        stub.assert_no_pending_responses()
    return found


def test_all_pages_are_read_where_botocore_has_no_paginator(aws: Aws) -> None:
    one, two = {"AlarmMuteRuleArn": "a"}, {"AlarmMuteRuleArn": "b"}
    found = pages(
        aws,
        [
            ({}, {"AlarmMuteRuleSummaries": [one], "NextToken": "x"}),
            ({"NextToken": "x"}, {"AlarmMuteRuleSummaries": [], "NextToken": "y"}),
            ({"NextToken": "y"}, {"AlarmMuteRuleSummaries": [two]}),
        ],
    )
    assert found == [one, two]


def test_a_page_that_repeats_itself_ends_the_run(aws: Aws) -> None:
    again = {"AlarmMuteRuleSummaries": [{"AlarmMuteRuleArn": "a"}], "NextToken": "x"}
    with pytest.raises(CouldNotRun):
        pages(aws, [({}, again), ({"NextToken": "x"}, again)])

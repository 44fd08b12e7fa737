"""The 22 states of CloudFormation that a deployment meets: outcome, message, calls made."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from tests.fakes.aws import FakeAws, client_error
from tests.fakes.cloudformation import NAME, STACK, Clock, Script, Terminal, change, change_set

from axonwatch.errors import CallDenied, CouldNotRun, NoCredentials, UsageError
from axonwatch.live.changeset import (
    DeploymentFailed,
    Options,
    Outcome,
    deploy,
    preview,
    resume,
)
from axonwatch.live.clients import ensure_account
from axonwatch.live.drafts import Body
from axonwatch.live.foresight import is_permitted
from axonwatch.live.plan import Change, needed_capabilities
from axonwatch.live.teardown import destroy

MADE = ["CreateChangeSet", "ExecuteChangeSet"]
DROPPED = ["CreateChangeSet", "DeleteChangeSet"]
YES = Options(yes=True)


def template(**resources: Any) -> str:
    return json.dumps({"Resources": resources})


def alarm(name: str = "axonflow-prod-a", **properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::CloudWatch::Alarm", "Properties": {"AlarmName": name, **properties}}


BODY = Body(NAME, template(A=alarm()), origins={"A": "alarms/agent.yaml:12"})


class Case:
    """A scripted account and a terminal."""

    def __init__(
        self, *statuses: Any, answers: bool = True, can_ask: bool = True, **stack: Any
    ) -> None:
        self.script = Script(*statuses, **stack)
        self.screen = Terminal(answers=answers, can_ask=can_ask)
        self.clock = Clock()

    def deploy(self, body: Body = BODY, options: Options = YES, **watch: Any) -> Outcome:
        return deploy(self.script.aws, body, self.screen, options, self.clock.watch(**watch))

    def fails(self, kind: type[Exception], body: Body = BODY, options: Options = YES) -> str:
        with pytest.raises(kind) as failed:
            self.deploy(body, options)
        return f"{failed.value}\n{getattr(failed.value, 'help', '')}"

    @property
    def calls(self) -> list[str]:
        return self.script.calls

    def asked(self, operation: str) -> list[dict[str, Any]]:
        return self.script.aws.asked(f"cloudformation:{operation}")


# 1. nothing to change


@pytest.mark.parametrize(
    "reason",
    [
        "The submitted information didn't contain changes. Submit different information.",
        "No updates are to be performed.",
        "The change set contains no changes to apply",
    ],
)
def test_01_nothing_to_change_is_a_success_and_leaves_no_change_set(reason: str) -> None:
    case = Case("UPDATE_COMPLETE")
    case.script.on(
        "cloudformation", "DescribeChangeSet", change_set(status="FAILED", StatusReason=reason)
    )
    case.script.on(
        "cloudwatch", "DescribeAlarms", {"MetricAlarms": [{"AlarmName": "axonflow-prod-a"}]}
    )
    assert case.deploy() is Outcome.UNCHANGED
    assert case.calls == DROPPED
    assert case.screen.notes == []


def test_01_an_empty_change_set_that_did_not_fail_is_nothing_too() -> None:
    case = Case("UPDATE_COMPLETE")
    case.script.on("cloudformation", "DescribeChangeSet", change_set())
    assert case.deploy() is Outcome.UNCHANGED
    assert case.calls == DROPPED


def test_01_a_template_that_is_refused_is_not_taken_for_nothing() -> None:
    case = Case("UPDATE_COMPLETE")
    refused = change_set(status="FAILED", StatusReason="Transform failed")
    case.script.on("cloudformation", "DescribeChangeSet", refused)
    assert "Transform failed" in case.fails(CouldNotRun)
    assert case.calls == DROPPED


# 2. a creation that failed


@pytest.mark.parametrize("status", ["ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED"])
def test_02_a_failed_creation_is_explained_deleted_and_made_anew(status: str) -> None:
    case = Case(status, "DELETE_IN_PROGRESS", None, "REVIEW_IN_PROGRESS", "CREATE_COMPLETE")
    case.script.event("A", "CREATE_FAILED", "Alarm period is wrong").event(
        "B", "CREATE_FAILED", "Resource creation cancelled"
    )
    assert case.deploy(options=Options()) is Outcome.CREATED
    assert case.calls == ["DeleteStack", *MADE]
    assert "AWS::CloudWatch::Alarm A: Alarm period is wrong" in case.screen.text
    assert f"Delete the failed `{NAME}` and create it anew?" in case.screen.asked
    assert case.asked("CreateChangeSet")[0]["ChangeSetType"] == "CREATE"


def test_02_it_is_kept_if_the_user_says_no() -> None:
    case = Case("ROLLBACK_COMPLETE", answers=False)
    assert "was kept" in case.fails(CouldNotRun, options=Options())
    assert case.calls == []


def test_02_it_is_kept_if_it_is_protected() -> None:
    case = Case("ROLLBACK_COMPLETE", EnableTerminationProtection=True)
    assert "update-termination-protection" in case.fails(CouldNotRun)
    assert case.calls == []


def test_02_it_is_kept_if_it_holds_something_that_was_retained() -> None:
    case = Case("ROLLBACK_COMPLETE")
    left = {
        "LogicalResourceId": "Key",
        "PhysicalResourceId": "1234-key",
        "ResourceType": "AWS::KMS::Key",
        "ResourceStatus": "DELETE_SKIPPED",
        "LastUpdatedTimestamp": "2026-11-24T12:00:00Z",
    }
    case.script.on("cloudformation", "ListStackResources", {"StackResourceSummaries": [left]})
    assert "still holds 1234-key" in case.fails(CouldNotRun)
    assert case.calls == []


def test_02_a_grave_that_cannot_be_dug_is_told() -> None:
    case = Case("ROLLBACK_FAILED", "DELETE_IN_PROGRESS", "DELETE_FAILED")
    assert "could not be deleted: DELETE_FAILED" in case.fails(CouldNotRun)


# 3. a review stack left behind


def test_03_a_stack_in_review_is_created_into() -> None:
    case = Case("REVIEW_IN_PROGRESS", "REVIEW_IN_PROGRESS", "CREATE_IN_PROGRESS", "CREATE_COMPLETE")
    assert case.deploy() is Outcome.CREATED
    assert case.asked("CreateChangeSet")[0]["ChangeSetType"] == "CREATE"
    assert case.calls == MADE


def test_03_a_stale_look_that_saw_no_stack_is_corrected() -> None:
    case = Case(None, "UPDATE_COMPLETE", "UPDATE_IN_PROGRESS", "UPDATE_COMPLETE")
    stale = client_error(
        "ValidationError",
        f"Stack [{NAME}] already exists and cannot be created again with the changeSet [x].",
    )
    case.script.on("cloudformation", "CreateChangeSet", stale, {"Id": "x"})
    assert case.deploy() is Outcome.UPDATED
    assert [c["ChangeSetType"] for c in case.asked("CreateChangeSet")] == ["CREATE", "UPDATE"]


def test_03_a_declined_creation_leaves_no_empty_stack() -> None:
    case = Case(None, "REVIEW_IN_PROGRESS", answers=False)
    assert case.deploy(options=Options()) is Outcome.DECLINED
    assert case.calls == [*DROPPED, "DeleteStack"]


def test_03_a_review_stack_with_somebody_elses_change_set_is_left() -> None:
    case = Case("REVIEW_IN_PROGRESS", answers=False)
    others = {"Summaries": [{"ChangeSetName": "theirs"}]}
    case.script.on("cloudformation", "ListChangeSets", others)
    assert case.deploy(options=Options()) is Outcome.DECLINED
    assert case.calls == DROPPED


# 4. a rollback that failed


def test_04_a_stuck_rollback_names_what_is_stuck_and_the_way_on() -> None:
    case = Case("UPDATE_ROLLBACK_FAILED")
    case.script.event("Topic", "UPDATE_FAILED", "Key is disabled", kind="AWS::SNS::Topic")
    said = case.fails(CouldNotRun)
    assert "stuck at AWS::SNS::Topic Topic: Key is disabled" in said
    assert "axonwatch deploy --continue-rollback [--skip Topic]" in said
    assert case.calls == []


def test_04_continuing_it_goes_on_to_the_deployment() -> None:
    case = Case(
        "UPDATE_ROLLBACK_FAILED",
        "UPDATE_ROLLBACK_IN_PROGRESS",
        "UPDATE_ROLLBACK_COMPLETE",
        "UPDATE_ROLLBACK_COMPLETE",
        "UPDATE_IN_PROGRESS",
        "UPDATE_COMPLETE",
    )
    wishes = replace(YES, continue_rollback=True, skip=("Topic",))
    assert case.deploy(options=wishes) is Outcome.UPDATED
    assert case.calls == ["ContinueUpdateRollback", *MADE]
    assert case.asked("ContinueUpdateRollback")[0]["ResourcesToSkip"] == ["Topic"]


def test_04_a_rollback_that_fails_again_is_told() -> None:
    case = Case("UPDATE_ROLLBACK_FAILED", "UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_FAILED")
    assert "failed again" in case.fails(CouldNotRun, options=replace(YES, continue_rollback=True))


# 5. a deletion that failed


def test_05_a_failed_deletion_names_what_is_stuck() -> None:
    case = Case("DELETE_FAILED")
    case.script.event("Key", "DELETE_FAILED", "in use", kind="AWS::KMS::Key")
    said = case.fails(CouldNotRun)
    assert "what is stuck: Key (in use)" in said
    assert "--retain" in said
    assert case.calls == []


# 6. and 7. another operation


@pytest.mark.parametrize(
    "status",
    ["UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"],
)
def test_06_07_another_operation_is_waited_for(status: str) -> None:
    case = Case(
        status,
        status,
        "UPDATE_COMPLETE",
        "UPDATE_COMPLETE",
        "UPDATE_IN_PROGRESS",
        "UPDATE_COMPLETE",
    )
    case.script.event(NAME, "UPDATE_IN_PROGRESS", kind=STACK, request="Console-1234")
    assert case.deploy() is Outcome.UPDATED
    assert f"is {status} (request Console-1234): waiting for it to end" in case.screen.text
    assert case.calls == MADE


def test_06_waiting_has_a_limit() -> None:
    case = Case("UPDATE_IN_PROGRESS")
    with pytest.raises(CouldNotRun, match="still not done after 60 s"):
        case.deploy(limit=60)
    assert case.calls == []


def test_07_cleaning_up_counts_as_done_for_the_result() -> None:
    case = Case("UPDATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
    assert case.deploy() is Outcome.UPDATED


# 8. and 9. answers that come late


def test_08_a_repeated_request_is_the_same_request() -> None:
    tokens = []
    for _ in range(2):
        case = Case("UPDATE_COMPLETE", LastUpdatedTime=None)
        case.script.stack = {"LastUpdatedTime": "2026-11-24T12:00:00Z"}
        preview(case.script.aws, BODY, case.screen, case.clock.watch())
        asked = case.asked("CreateChangeSet")[0]
        tokens.append((asked["ClientToken"], asked["ChangeSetName"]))
    assert tokens[0] == tokens[1]
    assert tokens[0][0] in tokens[0][1]


def test_08_a_change_set_that_an_earlier_run_left_is_replaced() -> None:
    case = Case("UPDATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_IN_PROGRESS", "UPDATE_COMPLETE")
    exists = client_error("AlreadyExistsException", "ChangeSet exists")
    case.script.on("cloudformation", "CreateChangeSet", exists, {"Id": "x"})
    assert case.deploy() is Outcome.UPDATED
    assert case.calls == ["CreateChangeSet", "DeleteChangeSet", *MADE]


def test_08_an_execution_whose_answer_was_lost_is_followed() -> None:
    case = Case("UPDATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_IN_PROGRESS", "UPDATE_COMPLETE")
    case.script.on("cloudformation", "ExecuteChangeSet", client_error("InternalFailure"))
    assert case.deploy() is Outcome.UPDATED


def test_08_an_execution_that_was_refused_is_not() -> None:
    case = Case("UPDATE_COMPLETE")
    case.script.on("cloudformation", "ExecuteChangeSet", client_error("InvalidChangeSetStatus"))
    case.fails(CouldNotRun)
    assert case.calls == [*MADE, "DeleteChangeSet"]


def test_09_a_change_set_that_is_not_seen_yet_is_looked_for_again() -> None:
    case = Case("UPDATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_IN_PROGRESS", "UPDATE_COMPLETE")
    absent = client_error("ChangeSetNotFound")
    pending = change_set(status="CREATE_PENDING")
    ready = change_set(change("Add", "A"))
    case.script.on("cloudformation", "DescribeChangeSet", absent, absent, pending, ready)
    assert case.deploy() is Outcome.UPDATED


def test_09_it_is_believed_to_be_gone_after_half_a_minute() -> None:
    case = Case("UPDATE_COMPLETE")
    case.script.on("cloudformation", "DescribeChangeSet", client_error("ChangeSetNotFound"))
    case.fails(CouldNotRun)
    assert 30 <= case.clock.now < 40


# 10. drift


def test_10_an_alarm_deleted_by_hand_is_told_when_nothing_else_changes() -> None:
    case = Case("UPDATE_COMPLETE")
    case.script.on("cloudformation", "DescribeChangeSet", change_set())
    assert case.deploy() is Outcome.UNCHANGED
    assert "1 alarm(s) of the stack are gone: `axonflow-prod-a`" in case.screen.text
    assert "--revert-drift" in case.screen.text


def test_10_it_is_told_beside_other_changes_too() -> None:
    case = Case("UPDATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_IN_PROGRESS", "UPDATE_COMPLETE")
    case.script.on("cloudformation", "DescribeChangeSet", change_set(change("Add", "B")))
    body = Body(NAME, template(A=alarm(), B=alarm("axonflow-prod-b")))
    assert case.deploy(body) is Outcome.UPDATED
    assert "gone: `axonflow-prod-a`" in case.screen.text


def test_10_reverting_drift_is_asked_of_the_change_set() -> None:
    case = Case("UPDATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_IN_PROGRESS", "UPDATE_COMPLETE")
    assert case.deploy(options=replace(YES, revert_drift=True)) is Outcome.UPDATED
    assert case.asked("CreateChangeSet")[0]["DeploymentMode"] == "REVERT_DRIFT"


# 11. name clash


def test_11_an_alarm_that_exists_already_is_found_before_anything_is_executed() -> None:
    case = Case(None, None)
    there = {"MetricAlarms": [{"AlarmName": "axonflow-prod-a"}]}
    case.script.on("cloudwatch", "DescribeAlarms", there)
    assert "would create exist already: `axonflow-prod-a`" in case.fails(CouldNotRun)
    assert "ExecuteChangeSet" not in case.calls
    assert case.calls[:2] == DROPPED


def test_11_without_the_right_to_look_it_goes_on_and_says_so() -> None:
    case = Case(None, "REVIEW_IN_PROGRESS", "CREATE_COMPLETE")
    case.script.aws.denied.add("cloudwatch:DescribeAlarms")
    assert case.deploy() is Outcome.CREATED
    assert "name clashes were not looked for" in case.screen.text


# 12. throttling, and 13. an expired token, in mid-wait


@pytest.mark.parametrize("code", ["ThrottlingException", "InternalFailure"])
def test_12_a_failed_look_never_ends_the_wait(code: str) -> None:
    late = client_error(code)
    case = Case(
        None, "REVIEW_IN_PROGRESS", late, late, late, "CREATE_IN_PROGRESS", "CREATE_COMPLETE"
    )
    assert case.deploy() is Outcome.CREATED
    assert case.screen.text.count("cannot look right now") == 1


def test_13_an_expired_token_says_that_it_goes_on_and_how_to_follow() -> None:
    expired = client_error("ExpiredToken")
    case = Case(None, "REVIEW_IN_PROGRESS", "CREATE_IN_PROGRESS", expired)
    said = case.fails(CouldNotRun)
    assert "goes on in AWS" in said
    assert "aws sso login --profile ops, then run: axonwatch deploy --resume" in said
    assert "DeleteChangeSet" not in case.calls


def test_13_an_expired_token_before_the_execution_is_only_that() -> None:
    case = Case("UPDATE_COMPLETE")
    case.script.on("cloudformation", "ExecuteChangeSet", client_error("ExpiredToken"))
    case.fails(NoCredentials)


def test_13_resuming_follows_to_the_end() -> None:
    case = Case("CREATE_IN_PROGRESS", "CREATE_IN_PROGRESS", "CREATE_COMPLETE")
    found = resume(case.script.aws, NAME, case.screen, case.clock.watch())
    assert found is Outcome.CREATED
    assert case.calls == []


def test_13_resuming_tells_the_cause_of_what_failed_meanwhile() -> None:
    case = Case("UPDATE_ROLLBACK_COMPLETE")
    case.script.event("A", "UPDATE_FAILED", "bad period")
    with pytest.raises(DeploymentFailed, match="bad period"):
        resume(case.script.aws, NAME, case.screen, case.clock.watch())


# 14. Ctrl-C


def test_14_an_interruption_before_the_execution_takes_the_change_set_away() -> None:
    case = Case(None, "REVIEW_IN_PROGRESS")

    def stop(_: dict[str, Any]) -> None:
        raise KeyboardInterrupt

    case.script.on("cloudwatch", "DescribeAlarms", stop)
    with pytest.raises(KeyboardInterrupt):
        case.deploy()
    assert case.calls == [*DROPPED, "DeleteStack"]


def test_14_an_interruption_while_the_change_set_is_made_takes_it_away() -> None:
    case = Case(None, "REVIEW_IN_PROGRESS")

    def stop(_: dict[str, Any]) -> None:
        raise KeyboardInterrupt

    case.script.on("cloudformation", "DescribeChangeSet", stop)
    with pytest.raises(KeyboardInterrupt):
        case.deploy()
    assert case.calls == [*DROPPED, "DeleteStack"]


def test_14_an_interruption_afterwards_says_that_it_goes_on() -> None:
    case = Case(None, "REVIEW_IN_PROGRESS", "CREATE_IN_PROGRESS", KeyboardInterrupt)
    with pytest.raises(KeyboardInterrupt):
        case.deploy()
    assert case.calls == MADE
    assert "goes on in AWS. Follow it: axonwatch deploy --resume" in case.screen.text


# 15. the limit of waiting


def test_15_a_limit_ends_the_wait_with_the_state_as_it_is() -> None:
    case = Case(None, "REVIEW_IN_PROGRESS", "CREATE_IN_PROGRESS")
    with pytest.raises(CouldNotRun, match="still not done after 7200 s") as slow:
        case.deploy(limit=7200)
    assert "--resume" in slow.value.help


# 16. size


def test_16_a_body_is_measured_in_bytes_as_sent() -> None:
    body = Body(NAME, template(A=alarm(AlarmDescription="ü" * 25_700)).replace("\\u00fc", "ü"))
    assert len(body.text) < 51_200 < body.size
    case = Case(None)
    said = case.fails(CouldNotRun, body)
    assert "of 51,200 bytes; the largest: A (" in said
    assert case.script.aws.calls == []


def test_16_a_body_that_is_nearly_too_large_is_told() -> None:
    case = Case(None, "REVIEW_IN_PROGRESS", "CREATE_COMPLETE")
    case.deploy(Body(NAME, template(A=alarm(AlarmDescription="x" * 46_000))))
    assert "of 51,200 bytes" in case.screen.text


# 17. IAM

ROLE = {
    "Type": "AWS::IAM::Role",
    "Properties": {
        "RoleName": "axonflow-prod-role-log-alarms",
        "AssumeRolePolicyDocument": {
            "Statement": [{"Effect": "Allow", "Principal": {"Service": ["logs.amazonaws.com"]}}]
        },
        "Policies": [
            {
                "PolicyDocument": {
                    "Statement": {"Effect": "Allow", "Action": ["logs:StartQuery"], "Resource": "*"}
                }
            }
        ],
    },
}


def test_17_iam_is_acknowledged_only_where_there_is_some() -> None:
    assert needed_capabilities({"Resources": {"A": alarm()}}) == []
    assert needed_capabilities({"Resources": {"R": ROLE}}) == ["CAPABILITY_NAMED_IAM"]
    unnamed = {"Type": "AWS::IAM::Role", "Properties": {}}
    assert needed_capabilities({"Resources": {"R": unnamed}}) == ["CAPABILITY_IAM"]


def test_17_who_is_trusted_with_what_is_shown_before_asking() -> None:
    case = Case(None, "REVIEW_IN_PROGRESS", "CREATE_COMPLETE")
    case.script.on(
        "cloudformation", "DescribeChangeSet", change_set(change("Add", "R", "AWS::IAM::Role"))
    )
    case.deploy(Body(NAME, template(R=ROLE)), Options())
    assert "IAM R, for logs.amazonaws.com, may logs:StartQuery" in case.screen.text
    assert case.asked("CreateChangeSet")[0]["Capabilities"] == ["CAPABILITY_NAMED_IAM"]
    assert "AUTO_EXPAND" not in repr(case.script.aws.calls)


def test_17_without_iam_no_capability_is_given() -> None:
    case = Case(None, "REVIEW_IN_PROGRESS", "CREATE_COMPLETE")
    case.deploy()
    assert "Capabilities" not in case.asked("CreateChangeSet")[0]


# 18. termination protection


def test_18_a_protected_stack_is_not_destroyed() -> None:
    case = Case("UPDATE_COMPLETE", EnableTerminationProtection=True)
    with pytest.raises(CouldNotRun, match="is protected") as refused:
        destroy(case.script.aws, NAME, case.screen, yes=True, watch=case.clock.watch())
    assert "--no-enable-termination-protection" in refused.value.help
    assert case.calls == []


# 19. stack policy

POLICY = {
    "Statement": [
        {"Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*"},
        {
            "Effect": "Deny",
            "Action": ["Update:Delete", "Update:Replace"],
            "Principal": "*",
            "Resource": "LogicalResourceId/Page*",
        },
    ]
}


@pytest.mark.parametrize(
    ("action", "logical", "replaces", "allowed"),
    [
        ("Modify", "PageTopic", "False", True),
        ("Modify", "PageTopic", "True", False),
        ("Remove", "PageTopic", "", False),
        ("Remove", "TicketTopic", "", True),
        ("Add", "PageTopic", "", True),
    ],
)
def test_19_a_stack_policy_is_read(action: str, logical: str, replaces: str, allowed: bool) -> None:
    assert is_permitted(POLICY, Change(action, "AWS::SNS::Topic", logical, "", replaces)) is allowed


def test_19_a_policy_may_speak_of_types_and_of_all_but_some() -> None:
    by_type = {
        "Statement": [
            {"Effect": "Allow", "Action": "Update:*", "NotResource": "LogicalResourceId/Key"},
            {
                "Effect": "Deny",
                "NotAction": "Update:Modify",
                "Resource": "*",
                "Condition": {"StringEquals": {"ResourceType": ["AWS::SNS::Topic"]}},
            },
        ]
    }
    assert not is_permitted(by_type, Change("Modify", "AWS::KMS::Key", "Key"))
    assert is_permitted(by_type, Change("Modify", "AWS::SNS::Topic", "T"))
    assert not is_permitted(by_type, Change("Remove", "AWS::SNS::Topic", "T"))
    assert is_permitted(by_type, Change("Remove", "AWS::CloudWatch::Alarm", "A"))


def test_19_what_it_forbids_is_named_before_anything_is_executed() -> None:
    case = Case("UPDATE_COMPLETE")
    case.script.on(
        "cloudformation",
        "DescribeChangeSet",
        change_set(change("Remove", "PageTopic", "AWS::SNS::Topic")),
    )
    case.script.on("cloudformation", "GetStackPolicy", {"StackPolicyBody": json.dumps(POLICY)})
    assert "forbids to change PageTopic" in case.fails(CouldNotRun)
    assert case.calls == DROPPED


# 20. export locks: the companion imports and exports nothing (tests of `deploy`); a lock still tells


def test_20_a_lock_of_somebody_else_is_told_as_the_cause() -> None:
    case = Case(
        "UPDATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE"
    )
    case.script.event("A", "UPDATE_FAILED", "Export X cannot be deleted as it is in use by Y")
    assert "in use by Y" in case.fails(DeploymentFailed)


# 21. region


def test_21_another_region_or_account_is_refused_before_any_write() -> None:
    from pathlib import Path

    from axonwatch.catalog.inventory import read_inventory

    inventory = read_inventory(Path(__file__).parents[3] / "inventory.json")
    aws = FakeAws(region="eu-west-1")
    with pytest.raises(CouldNotRun, match="the inventory is of us-east-1"):
        ensure_account(aws, inventory)
    assert aws.calls == []


# 22. the root cause


def test_22_the_first_cause_is_told_with_the_place_of_its_definition() -> None:
    case = Case(None, "REVIEW_IN_PROGRESS", "CREATE_IN_PROGRESS", "ROLLBACK_COMPLETE")
    script = case.script
    script.event(NAME, "CREATE_IN_PROGRESS", kind=STACK)
    script.event("B", "CREATE_COMPLETE")
    script.event("A", "CREATE_FAILED", "Period must be a multiple of 60")
    script.event("C", "CREATE_FAILED", "Resource creation cancelled")
    script.event(
        NAME, "ROLLBACK_IN_PROGRESS", "The following resource(s) failed to create: [A]", STACK
    )
    said = case.fails(DeploymentFailed)
    assert (
        f"`{NAME}` is ROLLBACK_COMPLETE. First cause: AWS::CloudWatch::Alarm A "
        "(defined at alarms/agent.yaml:12): Period must be a multiple of 60"
    ) in said
    assert "cancelled" not in said


def test_22_causes_of_earlier_operations_are_not_taken_for_this_one() -> None:
    case = Case("UPDATE_ROLLBACK_COMPLETE")
    case.script.event("Old", "UPDATE_FAILED", "last month", request="t1")
    case.script.event("New", "UPDATE_FAILED", "today", request="t2")
    with pytest.raises(DeploymentFailed, match="today"):
        resume(case.script.aws, NAME, case.screen, case.clock.watch())


# beside the table


def test_nobody_there_to_ask_is_wrong_usage_and_changes_nothing() -> None:
    case = Case("UPDATE_COMPLETE", can_ask=False)
    assert "add --yes" in case.fails(UsageError, options=Options())
    assert case.script.aws.calls == []


def test_an_old_success_is_not_taken_for_the_new_one() -> None:
    case = Case("UPDATE_COMPLETE")
    case.script.stack = {"LastUpdatedTime": "2026-11-24T12:00:00Z"}
    case.script.statuses = [*["UPDATE_COMPLETE"] * 5, "UPDATE_IN_PROGRESS", "UPDATE_COMPLETE"]
    assert case.deploy() is Outcome.UPDATED
    assert case.script.statuses == ["UPDATE_COMPLETE"]


def test_progress_counts_resources_once() -> None:
    case = Case(None, "REVIEW_IN_PROGRESS", "CREATE_IN_PROGRESS", "CREATE_COMPLETE")
    case.script.on(
        "cloudformation", "DescribeChangeSet", change_set(change("Add", "A"), change("Add", "B"))
    )
    for status in ("CREATE_IN_PROGRESS", "CREATE_COMPLETE"):
        case.script.event("A", status)
    case.script.event("B", "CREATE_COMPLETE")
    # The mark is set at the newest event: what comes after counts.
    case.script.on(
        "cloudformation",
        "DescribeStackEvents",
        {"StackEvents": []},
        {"StackEvents": case.script.events[::-1]},
    )
    case.deploy()
    assert case.screen.progressed[-1][:2] == (2, 2)


def test_without_the_right_to_events_it_is_followed_by_the_stack_alone() -> None:
    case = Case(None, "REVIEW_IN_PROGRESS", "CREATE_IN_PROGRESS", "CREATE_COMPLETE")
    case.script.aws.denied.add("cloudformation:DescribeStackEvents")
    assert case.deploy() is Outcome.CREATED
    assert "progress is not shown" in case.screen.text


def test_all_pages_of_a_change_set_are_shown() -> None:
    case = Case("UPDATE_COMPLETE", answers=False)
    first = change_set(change("Add", "A"), NextToken="x")
    case.script.on("cloudformation", "DescribeChangeSet", first, change_set(change("Add", "B")))
    case.deploy(options=Options())
    assert "2 to add" in case.screen.text


def test_a_plan_says_what_is_replaced_and_whose_history_is_lost() -> None:
    case = Case("UPDATE_COMPLETE", answers=False)
    target = {"Target": {"Attribute": "Properties", "Name": "Threshold"}}
    case.script.on(
        "cloudformation",
        "DescribeChangeSet",
        change_set(
            change("Modify", "A", PhysicalResourceId="alarm-a", Details=[target]),
            change("Remove", "B", PhysicalResourceId="alarm-b"),
            change("Modify", "C", PhysicalResourceId="alarm-c", Replacement="True"),
        ),
    )
    case.deploy(options=Options())
    assert case.screen.notes[-5:] == [
        f"{NAME}: 2 to change, 1 to remove",
        "  ~ AWS::CloudWatch::Alarm alarm-a: Threshold",
        "  - AWS::CloudWatch::Alarm alarm-b",
        "  ~ AWS::CloudWatch::Alarm alarm-c (replaced)",
        "  these alarms lose their history: alarm-b, alarm-c",
    ]


def test_a_preview_changes_nothing() -> None:
    case = Case(None, "REVIEW_IN_PROGRESS")
    plan = preview(case.script.aws, BODY, case.screen, case.clock.watch())
    assert plan is not None
    assert plan.summary() == "1 to add"
    assert case.calls == [*DROPPED, "DeleteStack"]


def test_a_preview_of_a_busy_stack_does_not_wait() -> None:
    case = Case("UPDATE_IN_PROGRESS")
    with pytest.raises(CouldNotRun, match="is UPDATE_IN_PROGRESS"):
        preview(case.script.aws, BODY, case.screen, case.clock.watch())


def test_a_denied_change_set_names_the_action() -> None:
    case = Case("UPDATE_COMPLETE")
    case.script.aws.denied.add("cloudformation:CreateChangeSet")
    assert "cloudformation:CreateChangeSet was denied" in case.fails(CallDenied)


# destroy


def test_destroying_asks_follows_and_ends() -> None:
    case = Case("UPDATE_COMPLETE", "DELETE_IN_PROGRESS", "DELETE_COMPLETE")
    found = destroy(case.script.aws, NAME, case.screen, watch=case.clock.watch())
    assert found is Outcome.DELETED
    assert "alarms with their history" in case.screen.asked[0]
    assert case.calls == ["DeleteStack"]


def test_destroying_what_is_not_there_is_nothing() -> None:
    case = Case(None)
    assert destroy(case.script.aws, NAME, case.screen) is Outcome.UNCHANGED


def test_destroying_can_be_declined_and_needs_somebody_to_agree() -> None:
    case = Case("UPDATE_COMPLETE", answers=False)
    assert destroy(case.script.aws, NAME, case.screen) is Outcome.DECLINED
    silent = Case("UPDATE_COMPLETE", can_ask=False)
    with pytest.raises(UsageError):
        destroy(silent.script.aws, NAME, silent.screen)
    assert case.calls == silent.calls == []


def test_a_deletion_that_is_stuck_names_what_and_can_leave_it_behind() -> None:
    case = Case("UPDATE_COMPLETE", "DELETE_IN_PROGRESS", "DELETE_FAILED")
    case.script.event("Key", "DELETE_FAILED", "pending", kind="AWS::KMS::Key")
    with pytest.raises(CouldNotRun, match="what is stuck: Key \\(pending\\)"):
        destroy(case.script.aws, NAME, case.screen, yes=True, watch=case.clock.watch())
    again = Case("DELETE_FAILED", "DELETE_IN_PROGRESS", None)
    found = destroy(
        again.script.aws, NAME, again.screen, yes=True, retain=["Key"], watch=again.clock.watch()
    )
    assert found is Outcome.DELETED
    assert again.asked("DeleteStack")[0]["RetainResources"] == ["Key"]


def test_nothing_is_retained_before_a_deletion_has_failed() -> None:
    case = Case("UPDATE_COMPLETE")
    with pytest.raises(UsageError):
        destroy(case.script.aws, NAME, case.screen, yes=True, retain=["Key"])


def test_an_interrupted_deletion_goes_on() -> None:
    case = Case("UPDATE_COMPLETE", "DELETE_IN_PROGRESS", KeyboardInterrupt)
    with pytest.raises(KeyboardInterrupt):
        destroy(case.script.aws, NAME, case.screen, yes=True, watch=case.clock.watch())
    assert "goes on in AWS" in case.screen.text

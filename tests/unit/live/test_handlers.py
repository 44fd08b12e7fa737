"""What CloudFormation needs in the deployer's name, against AWS's own tables.

cfn-lint carries AWS's schemas of the resource types (with the permissions of their handlers) and
the service authorization reference (which action knows which kind of resource). No emulator asks
for permissions, so that these tables are the nearest to a proof there is without an account.
"""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from importlib import resources
from typing import Any

import pytest
from tests.fakes.account import loaded
from tests.fakes.deployed import templates, templates_of

from axonwatch.live.handlers import HANDLERS, handlers_of
from axonwatch.live.policy import COMMANDS, in_your_name, resources_of
from axonwatch.model.alarms import Severity
from axonwatch.model.companion import Companion
from axonwatch.model.notifications import Subscription

cfnlint = pytest.importorskip("cfnlint", reason="AWS's schemas come with cfn-lint (group dev)")
OPERATIONS = ("create", "read", "update", "delete")


def table(*path: str) -> Any:
    return json.loads((resources.files("cfnlint") / "data").joinpath(*path).read_text())


@cache
def index() -> dict[str, str]:
    found: dict[str, str] = table("schemas", "providers", "us-east-1.json")
    return found


def published(kind: str) -> set[str]:
    """The permissions of a type's handlers, out of AWS's schema."""
    handlers = table("schemas", "resources", f"{index()[kind]}.json")["handlers"]
    return {
        action
        for operation in OPERATIONS
        for action in handlers.get(operation, {}).get("permissions", ())
    }


def everything() -> Companion:
    """The companion with chat of both kinds and a function that is told."""
    companion = loaded().companion
    function = Subscription("lambda", "arn:aws:lambda:us-east-1:111122223333:function:told")
    topics = tuple(
        replace(one, subscriptions=(*one.subscriptions, function))
        for one in companion.notifications.topics
    )
    chat = (
        (Severity.PAGE, "slack", "T0001/C0001"),
        (Severity.TICKET, "teams", "tenant-1/team-1/19:x@thread.tacv2"),
    )
    return replace(
        companion, notifications=replace(companion.notifications, topics=topics, chat=chat)
    )


def kinds(found: tuple[dict[str, Any], ...]) -> set[str]:
    return {one["Type"] for template in found for one in template["Resources"].values()}


def test_the_table_has_the_types_of_our_templates_and_no_other() -> None:
    assert kinds(templates_of(everything())) == set(HANDLERS)
    assert kinds(templates()) == set(handlers_of(loaded().companion))


def test_what_is_switched_off_needs_no_permission() -> None:
    companion = loaded().companion
    quiet = replace(
        companion,
        alarms=tuple(one for one in companion.alarms if one not in companion.log_alarms),
        mute_rules=(),
        notifications=replace(
            companion.notifications, rds_events=False, ecs_deployment_events=False
        ),
    )
    assert kinds(templates_of(quiet)) == set(handlers_of(quiet))
    asked = {grant.action.partition(":")[0] for grant in in_your_name(quiet)}
    assert asked == {"cloudwatch", "logs", "sns", "sqs", "kms"}


@pytest.mark.parametrize("kind", sorted(HANDLERS))
def test_a_types_actions_are_those_that_aws_publishes(kind: str) -> None:
    handler = HANDLERS[kind]
    assert set(handler.grants) | set(handler.unneeded) == published(kind)
    assert not set(handler.grants) & set(handler.unneeded)


@cache
def actions() -> dict[str, Any]:
    found: dict[str, Any] = table("AdditionalSpecs", "Policies.json")
    return found


GRANTS = sorted(
    {(grant.action, grant.on) for grants in COMMANDS.values() for grant in grants}
    | {(grant.action, grant.on) for grant in in_your_name()}
)


@pytest.mark.parametrize(("action", "on"), GRANTS)
def test_an_action_exists_and_is_granted_on_a_resource_that_it_knows(action: str, on: str) -> None:
    """An action without kinds of resources is denied by a statement that names one."""
    service, _, name = action.partition(":")
    known = actions()[service]
    assert name.lower() in known["Actions"], f"{action} is no action"
    allowed = known["Actions"][name.lower()].get("Resources", [])
    allowed = [allowed] if isinstance(allowed, str) else allowed
    found = resources_of(on, everything())
    assert found
    if found == ["*"]:
        return
    assert allowed, f"{action} takes no resource: it must be granted on *"
    formats = [
        form
        for kind in allowed
        for form in known["Resources"].get(kind.lower(), {}).get("ARNFormats", ())
    ]
    # A word may stand for ARNs of several kinds: the action knows one of them.
    assert any(fits(form, resource) for form in formats for resource in found), (formats, found)


def fits(form: str, resource: str) -> bool:
    """Whether an ARN of ours may be one of this form: the same words before the name."""
    if form.split(":")[2] != resource.split(":")[2]:
        return False
    wanted, given = (one.split(":", 5)[5] for one in (form, resource))
    head = wanted.replace(".*", "").split("$")[0]
    return given.startswith(head) or head.startswith(given.rstrip("*"))


def test_stack_names_that_cloudformation_makes_up_are_within_the_policy() -> None:
    """A managed policy without a name of its own is called STACK-LogicalId-random."""
    companion = loaded().companion
    (roles,) = [one for one in resources_of("roles", companion) if ":policy/" in one]
    prefix = roles.rpartition("policy/")[2].rstrip("*")
    assert all(stack.startswith(prefix) for stack in companion.names.stacks)

"""What would make a change set fail, found before it is executed: name clashes, stack policy."""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Iterator, Mapping
from typing import Any

from axonwatch.errors import CallDenied, CouldNotRun
from axonwatch.live.alarms import alarm_names
from axonwatch.live.clients import Calls
from axonwatch.live.faults import NotFound
from axonwatch.live.plan import Change, Plan

ALARMS = (
    "AWS::CloudWatch::Alarm",
    "AWS::CloudWatch::CompositeAlarm",
    "AWS::CloudWatch::LogAlarm",
)
POLICY_ACTIONS = {"Modify": "Update:Modify", "Remove": "Update:Delete"}


def foresee(aws: Calls, plan: Plan, template: Mapping[str, Any]) -> Iterator[str]:
    """Notes on what could not be looked at. Raises CouldNotRun for what is sure to fail."""
    try:
        _refuse_clashes(aws, plan, template)
    except CallDenied as denied:
        yield f"note: name clashes were not looked for: {denied.message}"
    if not plan.creates:
        try:
            _refuse_forbidden(aws, plan)
        except CallDenied as denied:
            yield f"note: the stack policy was not read: {denied.message}"


def _names(template: Mapping[str, Any]) -> dict[str, str]:
    """Alarm names that the template spells out, by logical id."""
    return {
        logical: resource["Properties"]["AlarmName"]
        for logical, resource in template.get("Resources", {}).items()
        if resource.get("Type") in ALARMS
        and isinstance(resource.get("Properties", {}).get("AlarmName"), str)
    }


def _refuse_clashes(aws: Calls, plan: Plan, template: Mapping[str, Any]) -> None:
    added = {c.logical for c in plan.changes if c.action == "Add"}
    wanted = [name for logical, name in _names(template).items() if logical in added]
    clashes = sorted(alarm_names(aws, wanted)) if wanted else []
    if clashes:
        listed = ", ".join(f"`{name}`" for name in clashes[:5])
        raise CouldNotRun(
            f"{len(clashes)} alarm(s) that `{plan.stack}` would create exist already: {listed}",
            help="delete or rename them, or take them in: aws cloudformation create-change-set "
            "--change-set-type IMPORT",
        )


def gone_alarms(
    aws: Calls, template: Mapping[str, Any], *, added: frozenset[str] = frozenset()
) -> list[str]:
    """Alarms that the template names and the account does not have; none if we may not look.

    Those with the logical ids `added` are only about to be made.
    """
    wanted = [name for logical, name in _names(template).items() if logical not in added]
    try:
        there = alarm_names(aws, wanted) if wanted else set()
    except CallDenied:
        return []
    return sorted(set(wanted) - there)


def _refuse_forbidden(aws: Calls, plan: Plan) -> None:
    try:
        answer = aws.call(
            "cloudformation", "GetStackPolicy", about=f"stack `{plan.stack}`", StackName=plan.stack
        )
    except NotFound:
        return
    text = answer.get("StackPolicyBody")
    if not text:
        return
    forbidden = [change for change in plan.changes if not is_permitted(json.loads(text), change)]
    if forbidden:
        raise CouldNotRun(
            f"the stack policy of `{plan.stack}` forbids to change "
            + ", ".join(change.logical for change in forbidden),
            help="change the policy with: aws cloudformation set-stack-policy",
        )


def is_permitted(policy: Mapping[str, Any], change: Change) -> bool:
    """Whether a stack policy lets a change through: Deny wins, nothing said is a Deny.

    Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/protect-stack-resources.html
    """
    action = POLICY_ACTIONS.get(change.action)
    if action is None:
        return True  # an addition is never held up
    if change.replaces == "True":
        action = "Update:Replace"
    allowed = False
    statements = policy.get("Statement", [])
    for statement in statements if isinstance(statements, list) else [statements]:
        if _speaks_of(statement, action, change):
            if statement.get("Effect") == "Deny":
                return False
            allowed = True
    return allowed


def _speaks_of(statement: Mapping[str, Any], action: str, change: Change) -> bool:
    actions = _listed(statement.get("Action"))
    if actions and not any(fnmatch.fnmatchcase(action, pattern) for pattern in actions):
        return False
    if action in _listed(statement.get("NotAction")):
        return False
    resource = f"LogicalResourceId/{change.logical}"
    patterns = _listed(statement.get("Resource"))
    if patterns and not any(fnmatch.fnmatchcase(resource, pattern) for pattern in patterns):
        return False
    if any(fnmatch.fnmatchcase(resource, p) for p in _listed(statement.get("NotResource"))):
        return False
    condition = statement.get("Condition", {})
    for test, wanted in condition.items():
        kinds = _listed(wanted.get("ResourceType"))
        if not any(_matches(test, change.kind, kind) for kind in kinds):
            return False
    return True


def _matches(test: str, kind: str, wanted: str) -> bool:
    return fnmatch.fnmatchcase(kind, wanted) if test == "StringLike" else kind == wanted


def _listed(value: object) -> list[str]:
    if value is None:
        return []
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]

"""Change sets of ours: made, awaited, read with all their pages, and taken away again.

A name is a hash of what is asked for, so that a repeated request finds its own change set.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from axonwatch.errors import AxonwatchError, CouldNotRun
from axonwatch.live.clients import Answer, Calls
from axonwatch.live.faults import NotFound, Refused
from axonwatch.live.plan import Plan, describe_plan, is_empty, needed_capabilities
from axonwatch.live.stacks import UNBORN, StackState, Watch, describe

NOT_FOUND_PATIENCE = 30.0


@dataclass(frozen=True)
class Body:
    """A template to deploy. `origins` says where a logical id is defined, as `file:line`."""

    stack: str
    text: str
    tags: tuple[tuple[str, str], ...] = ()
    origins: Mapping[str, str] = field(default_factory=dict)

    @property
    def template(self) -> dict[str, Any]:
        """The template, parsed."""
        parsed: dict[str, Any] = json.loads(self.text)
        return parsed

    @property
    def size(self) -> int:
        """Bytes as they are sent: UTF-8, not characters."""
        return len(self.text.encode())


def make_plan(
    aws: Calls,
    body: Body,
    state: StackState | None,
    watch: Watch,
    *,
    revert_drift: bool = False,
) -> Plan | None:
    """A change set, ready to be executed; None if there is nothing to change.

    Raises CouldNotRun if CloudFormation refuses the template; nothing of ours is left then.
    """
    creates = state is None or state.status in UNBORN
    seed = [body.text, repr(body.tags), state.changed if state and not creates else "new"]
    token = hashlib.sha256("\0".join([*seed, str(revert_drift)]).encode()).hexdigest()[:24]
    name = f"axonwatch-{token}"
    wanted: dict[str, object] = {
        "StackName": body.stack,
        "ChangeSetName": name,
        "ChangeSetType": "CREATE" if creates else "UPDATE",
        "TemplateBody": body.text,
        "ClientToken": token,
        "Description": "made by axonwatch deploy",
    }
    if body.tags:
        wanted["Tags"] = [{"Key": key, "Value": value} for key, value in body.tags]
    capabilities = needed_capabilities(body.template)
    if capabilities:
        wanted["Capabilities"] = capabilities
    if revert_drift:
        wanted["DeploymentMode"] = "REVERT_DRIFT"
    draft = Plan(body.stack, name, token, creates=creates, born_here=state is None)
    try:
        _create(aws, wanted, draft)
        answer, changes = _await_change_set(aws, draft, watch)
    except (AxonwatchError, KeyboardInterrupt):
        discard(aws, draft)
        raise
    plan = describe_plan(draft, answer, changes, body.template)
    if answer["Status"] == "FAILED":
        discard(aws, draft)
        if is_empty(answer, changes):
            return None
        raise CouldNotRun(
            f"CloudFormation refused the change set of `{body.stack}`: "
            f"{answer.get('StatusReason', 'no reason given')}",
            help="nothing was changed",
        )
    if not plan.changes:
        discard(aws, draft)
        return None
    return plan


def _create(aws: Calls, wanted: dict[str, object], draft: Plan) -> None:
    """Create the change set; one of ours that an interrupted run left is taken away first."""
    about = f"stack `{draft.stack}`"
    for attempt in range(3):
        try:
            aws.call("cloudformation", "CreateChangeSet", about=about, **wanted)
        except Refused as refused:
            if refused.code in {"AlreadyExistsException", "AlreadyExists"} and attempt < 2:
                _delete_change_set(aws, draft)
                continue
            stale = "already exists and cannot be created again" in refused.message
            if stale and draft.creates and attempt < 2:
                # DescribeStacks is eventually consistent: the stack is there after all.
                wanted["ChangeSetType"] = "UPDATE"
                continue
            if isinstance(refused, NotFound) and not draft.creates and attempt < 2:
                wanted["ChangeSetType"] = "CREATE"
                continue
            raise
        return


def _await_change_set(aws: Calls, draft: Plan, watch: Watch) -> tuple[Answer, list[Answer]]:
    """The change set once it is ready or refused, with all pages of its changes."""
    given = watch.clock()
    for _ in watch.rounds():
        try:
            answer = _describe_change_set(aws, draft)
        except NotFound:
            # Seen right after it was created; believe it only after a while.
            if watch.clock() - given > NOT_FOUND_PATIENCE:
                raise
            continue
        if answer["Status"] in {"CREATE_PENDING", "CREATE_IN_PROGRESS"}:
            continue
        changes = list(answer.get("Changes") or ())
        page = answer
        while page.get("NextToken"):
            page = _describe_change_set(aws, draft, NextToken=page["NextToken"])
            changes += page.get("Changes") or ()
        return answer, changes
    raise CouldNotRun(
        f"the change set of `{draft.stack}` was not ready in {round(watch.limit)} s",
        help="run it again; a longer limit: --wait 2h",
    )


def _describe_change_set(aws: Calls, draft: Plan, **more: object) -> Answer:
    return aws.call(
        "cloudformation",
        "DescribeChangeSet",
        about=f"change set `{draft.change_set}`",
        StackName=draft.stack,
        ChangeSetName=draft.change_set,
        **more,
    )


def _delete_change_set(aws: Calls, draft: Plan) -> None:
    aws.call(
        "cloudformation",
        "DeleteChangeSet",
        about=f"change set `{draft.change_set}`",
        StackName=draft.stack,
        ChangeSetName=draft.change_set,
    )


def discard(aws: Calls, plan: Plan) -> str:
    """Delete our change set, and the empty stack that it was made in; what is left, or nothing.

    Never raises: the reason why we clean up matters more.
    """
    left = f"the change set `{plan.change_set}`"
    try:
        _delete_change_set(aws, plan)
        if not plan.creates:
            return ""
        left = f"the empty stack `{plan.stack}`"
        state = describe(aws, plan.stack)
        if state is None:
            return ""
        if state.status != "REVIEW_IN_PROGRESS":
            return f"`{plan.stack}` is {state.status}"
        if plan.born_here or not _other_change_sets(aws, plan):
            about = f"stack `{plan.stack}`"
            aws.call("cloudformation", "DeleteStack", about=about, StackName=state.id)
    except AxonwatchError as stuck:
        return f"{left} is still there: {stuck.message}"
    return ""


def _other_change_sets(aws: Calls, plan: Plan) -> bool:
    """Whether somebody else's change set waits in a stack that is in review."""
    return any(
        entry["ChangeSetName"] != plan.change_set
        for entry in aws.pages(
            "cloudformation",
            "ListChangeSets",
            "Summaries",
            about=f"stack `{plan.stack}`",
            StackName=plan.stack,
        )
    )

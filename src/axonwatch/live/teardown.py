"""Deleting a companion stack: asked first, followed to the end, and what is stuck named."""

from __future__ import annotations

from collections.abc import Sequence

from axonwatch.errors import CouldNotRun, UsageError
from axonwatch.live.changeset import Outcome
from axonwatch.live.clients import Calls
from axonwatch.live.readiness import undeleted, unprotect
from axonwatch.live.stacks import (
    Follower,
    Screen,
    Watch,
    describe,
    is_busy,
    wait_until_idle,
)


def destroy(
    aws: Calls,
    name: str,
    screen: Screen,
    *,
    yes: bool = False,
    retain: Sequence[str] = (),
    watch: Watch | None = None,
) -> Outcome:
    """Delete a stack by name. `retain` are logical ids to leave behind, once a deletion failed.

    Raises CouldNotRun when it is protected, or stuck, naming what is stuck.
    """
    watch = watch or Watch()
    state = describe(aws, name)
    if state is not None and is_busy(state.status):
        state = wait_until_idle(aws, state, screen, watch)
    if state is None or state.status == "DELETE_COMPLETE":
        return Outcome.UNCHANGED
    if state.protected:
        raise CouldNotRun(f"`{name}` is protected against deletion", help=unprotect(name))
    if retain and state.status != "DELETE_FAILED":
        raise UsageError(
            "--retain is for a stack whose deletion failed",
            help=f"`{name}` is {state.status}: run it without --retain first",
        )
    count = _count(aws, state.id, name)
    if not yes:
        if not screen.can_ask:
            raise UsageError("nobody is there to agree", help="add --yes if you mean it")
        question = f"Delete `{name}` with its {count} resources, alarms with their history?"
        if not screen.ask(question):
            return Outcome.DECLINED
    follower = Follower(aws, screen, watch, state.id, name, total=count, before=state)
    follower.mark()
    wanted: dict[str, object] = {"StackName": state.id}
    if retain:
        wanted["RetainResources"] = list(retain)
    aws.call("cloudformation", "DeleteStack", about=f"stack `{name}`", **wanted)
    try:
        after = follower.follow(lambda now: now is None or not is_busy(now.status))
    except KeyboardInterrupt:
        screen.note(f"the deletion of `{name}` goes on in AWS")
        raise
    if after is None or after.status == "DELETE_COMPLETE":
        return Outcome.DELETED
    stuck = "; ".join(undeleted(aws, after)) or after.reason or "see its events"
    raise CouldNotRun(
        f"`{name}` is {after.status}; what is stuck: {stuck}",
        help="mend it and run `axonwatch destroy` again, or leave it behind with --retain ID",
    )


def _count(aws: Calls, stack_id: str, name: str) -> int:
    return sum(
        1
        for entry in aws.pages(
            "cloudformation",
            "ListStackResources",
            "StackResourceSummaries",
            about=f"stack `{name}`",
            StackName=stack_id,
        )
        if entry.get("ResourceStatus") != "DELETE_COMPLETE"
    )

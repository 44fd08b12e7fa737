"""Bringing a stack into a state that a change set can be made for, or saying why that is not so."""

from __future__ import annotations

from typing import Protocol

from axonwatch.errors import CouldNotRun, UsageError
from axonwatch.live.clients import Calls
from axonwatch.live.stacks import (
    BORN_DEAD,
    STACK,
    Follower,
    Screen,
    StackState,
    Watch,
    describe,
    events,
    first_cause,
    is_busy,
    say_cause,
    wait_until_idle,
)
from axonwatch.model.masking import hide_accounts


class Wishes(Protocol):
    """What of the command line matters here."""

    @property
    def yes(self) -> bool:
        """Agreed beforehand."""

    @property
    def continue_rollback(self) -> bool:
        """Continue a rollback that failed."""

    @property
    def skip(self) -> tuple[str, ...]:
        """Logical ids to skip in that rollback."""


def make_ready(
    aws: Calls, name: str, screen: Screen, wishes: Wishes, watch: Watch
) -> StackState | None:
    """The stack in a state that can be changed; None if it is to be created.

    Waits for an operation of somebody else, offers to delete a stack whose creation failed.
    Raises CouldNotRun for a state that only a person can mend.
    """
    state = describe(aws, name)
    if state is not None and is_busy(state.status):
        state = wait_until_idle(aws, state, screen, watch)
    if state is None or state.status == "DELETE_COMPLETE":
        return None
    if state.status in BORN_DEAD:
        return _bury(aws, state, screen, wishes, watch)
    if state.status == "UPDATE_ROLLBACK_FAILED":
        return _continue_rollback(aws, state, screen, wishes, watch)
    if state.status == "DELETE_FAILED":
        stuck = ", ".join(undeleted(aws, state)) or "see its events"
        raise CouldNotRun(
            f"`{name}` could not be deleted earlier; what is stuck: {stuck}",
            help="run `axonwatch destroy` again; --retain ID keeps one and lets the stack go",
        )
    if state.status.endswith("ROLLBACK_FAILED"):
        raise CouldNotRun(
            f"`{name}` is {state.status}: {state.reason or 'no reason given'}",
            help="mend it in the CloudFormation console first",
        )
    return state


def _bury(
    aws: Calls, state: StackState, screen: Screen, wishes: Wishes, watch: Watch
) -> StackState | None:
    """Delete a stack whose creation failed, if nothing in it is to be kept and the user agrees."""
    cause = say_cause(first_cause(events(aws, state.id)), {})
    screen.note(f"`{state.name}` is {state.status}. Its creation failed by: {cause}")
    if state.protected:
        raise CouldNotRun(
            f"`{state.name}` must be deleted first, and is protected against it",
            help=unprotect(state.name),
        )
    kept = _retained(aws, state)
    if kept:
        raise CouldNotRun(
            f"`{state.name}` still holds {', '.join(kept[:5])}"
            + (f" and {len(kept) - 5} more" if len(kept) > 5 else "")
            + ", which is not deleted with it",
            help="delete the stack by hand once you know that you do not need them",
        )
    if not wishes.yes:
        if not screen.can_ask:
            raise UsageError("the failed stack must be deleted first", help="agree with --yes")
        if not screen.ask(f"Delete the failed `{state.name}` and create it anew?"):
            raise CouldNotRun("the failed stack was kept", help="nothing was changed")
    aws.call("cloudformation", "DeleteStack", about=f"stack `{state.name}`", StackName=state.id)
    follower = Follower(aws, screen, watch, state.id, state.name, before=state)
    after = follower.follow(lambda now: now is None or not is_busy(now.status))
    if after is not None and after.status != "DELETE_COMPLETE":
        raise CouldNotRun(
            f"the failed `{state.name}` could not be deleted: {after.status}",
            help="run: axonwatch destroy",
        )
    return None


def _retained(aws: Calls, state: StackState) -> list[str]:
    """What is left of a stack whose creation was undone: kept on purpose."""
    if state.status != "ROLLBACK_COMPLETE":
        return []
    return [
        hide_accounts(str(entry["PhysicalResourceId"]))
        for entry in aws.pages(
            "cloudformation",
            "ListStackResources",
            "StackResourceSummaries",
            about=f"stack `{state.name}`",
            StackName=state.id,
        )
        if entry.get("ResourceStatus") not in {"DELETE_COMPLETE", None}
        and entry.get("PhysicalResourceId")
    ]


def _continue_rollback(
    aws: Calls, state: StackState, screen: Screen, wishes: Wishes, watch: Watch
) -> StackState | None:
    stuck = first_cause(events(aws, state.id))
    if not wishes.continue_rollback:
        raise CouldNotRun(
            f"`{state.name}` is UPDATE_ROLLBACK_FAILED; stuck at {say_cause(stuck, {})}",
            help="run: axonwatch deploy --continue-rollback"
            + (f" [--skip {stuck.logical}]" if stuck else ""),
        )
    wanted: dict[str, object] = {"StackName": state.id}
    if wishes.skip:
        wanted["ResourcesToSkip"] = list(wishes.skip)
    follower = Follower(aws, screen, watch, state.id, state.name, before=state)
    follower.mark()
    aws.call("cloudformation", "ContinueUpdateRollback", about=f"stack `{state.name}`", **wanted)
    after = follower.follow(lambda now: now is None or not is_busy(now.status))
    if after is None or after.status != "UPDATE_ROLLBACK_COMPLETE":
        cause = say_cause(follower.cause(), {})
        raise CouldNotRun(
            f"the rollback of `{state.name}` failed again: {cause}",
            help="skip what is stuck: axonwatch deploy --continue-rollback --skip LOGICAL_ID",
        )
    return after


def undeleted(aws: Calls, state: StackState) -> list[str]:
    """The resources that keep a stack from being deleted."""
    return [
        f"{e.logical} ({e.reason})" if e.reason else e.logical
        for e in events(aws, state.id)
        if e.status == "DELETE_FAILED" and e.kind != STACK
    ]


def unprotect(name: str) -> str:
    """The command that lifts termination protection."""
    return (
        "if you mean it: aws cloudformation update-termination-protection "
        f"--no-enable-termination-protection --stack-name {name}"
    )

"""Deploying a template through a change set: make it, show it, ask, execute, follow, explain.

`cli.deploy` gives the bodies (`live.drafts.Body`) and the screen. Whatever state CloudFormation is
in, the outcome is told as it is: what goes on is not called failed, what failed is not called done.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum

from axonwatch.errors import AxonwatchError, CouldNotRun, UsageError
from axonwatch.live.clients import Calls
from axonwatch.live.drafts import Body, discard, make_plan
from axonwatch.live.faults import Refused, Unreachable
from axonwatch.live.foresight import foresee, gone_alarms
from axonwatch.live.plan import Plan
from axonwatch.live.readiness import make_ready
from axonwatch.live.stacks import (
    SUCCEEDED,
    Follower,
    Screen,
    StackState,
    Watch,
    describe,
    is_busy,
    say_cause,
)

MAX_BODY = 51_200
WARN_BODY = 45_000


class Outcome(StrEnum):
    """How a deployment ended, when it did not fail."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    DECLINED = "declined"
    DELETED = "deleted"


@dataclass(frozen=True)
class Options:
    """The command line's wishes."""

    yes: bool = False
    continue_rollback: bool = False
    skip: tuple[str, ...] = ()
    revert_drift: bool = False


class DeploymentFailed(CouldNotRun):
    """CloudFormation undid, or could not do, what was asked; the first cause is in the message."""


def deploy(
    aws: Calls, body: Body, screen: Screen, options: Options, watch: Watch | None = None
) -> Outcome:
    """Bring a stack to a template.

    Raises DeploymentFailed with the first real cause, CouldNotRun when the world said no,
    UsageError if nobody can be asked, and KeyboardInterrupt after cleaning up.
    """
    watch = watch or Watch()
    check_size(body, screen)
    if not options.yes and not screen.can_ask:
        raise UsageError(
            "a deployment asks before it changes anything, and nobody is there to answer",
            help="add --yes, or look first with: axonwatch diff",
        )
    state = make_ready(aws, body.stack, screen, options, watch)
    plan = make_plan(aws, body, state, watch, revert_drift=options.revert_drift)
    try:
        if plan is None:
            _tell_gone(aws, body, screen, options)
            return Outcome.UNCHANGED
        for text in foresee(aws, plan, body.template):
            screen.note(text)
        if not plan.creates:
            _tell_gone(aws, body, screen, options, plan)
        if not _is_agreed(plan, screen, options):
            _clean_up(aws, plan, screen)
            return Outcome.DECLINED
        follower = _start(aws, plan, screen, watch)
    except (AxonwatchError, KeyboardInterrupt):
        if plan is not None:
            _clean_up(aws, plan, screen)
        raise
    return _finish(follower, body)


def preview(aws: Calls, body: Body, screen: Screen, watch: Watch | None = None) -> Plan | None:
    """What a deployment would change, without changing anything; None if nothing.

    A change set is made and deleted again. Raises CouldNotRun.
    """
    watch = watch or Watch()
    check_size(body, screen)
    state = describe(aws, body.stack)
    if state is not None and is_busy(state.status):
        raise CouldNotRun(
            f"`{body.stack}` is {state.status}", help="wait until it ends, then run it again"
        )
    plan = make_plan(aws, body, state, watch)
    if plan is not None:
        _clean_up(aws, plan, screen)
    return plan


def resume(aws: Calls, stack: str, screen: Screen, watch: Watch | None = None) -> Outcome:
    """Follow an operation that goes on from before. Raises as `deploy`."""
    watch = watch or Watch()
    state = describe(aws, stack)
    if state is None:
        raise CouldNotRun(f"there is no stack `{stack}`", help="start with: axonwatch deploy")
    return _finish(Follower(aws, screen, watch, state.id, stack), Body(stack, "{}"))


def check_size(body: Body, screen: Screen) -> None:
    """Refuse a body that CloudFormation takes from a bucket only. Raises CouldNotRun."""
    if body.size <= WARN_BODY:
        return
    parts = body.template.get("Resources", {})
    sizes = {key: len(json.dumps(value).encode()) for key, value in parts.items()}
    largest = sorted(sizes, key=lambda key: -sizes[key])[:3]
    named = ", ".join(f"{key} ({sizes[key]:,} bytes)" for key in largest)
    text = f"the template of `{body.stack}` has {body.size:,} of {MAX_BODY:,} bytes"
    if body.size > MAX_BODY:
        raise CouldNotRun(f"{text}; the largest: {named}", help="make the largest smaller")
    screen.note(f"note: {text}; the largest: {named}")


def _clean_up(aws: Calls, plan: Plan, screen: Screen) -> None:
    """Take our change set away; if it is being executed already, say how to go on."""
    left = discard(aws, plan)
    if not left:
        return
    try:
        state = describe(aws, plan.stack)
    except AxonwatchError:
        state = None  # the reason why we clean up matters more
    goes_on = state is not None and is_busy(state.status)
    screen.note(_goes_on_text(plan.stack) if goes_on else f"note: {left}")


def _is_agreed(plan: Plan, screen: Screen, options: Options) -> bool:
    for line in plan.lines():
        screen.note(line)
    return options.yes or screen.ask(f"{plan.question()} Go ahead?")


def _start(aws: Calls, plan: Plan, screen: Screen, watch: Watch) -> Follower:
    before = describe(aws, plan.stack)
    stack_id = before.id if before else plan.stack
    follower = Follower(aws, screen, watch, stack_id, plan.stack, len(plan.changes), before)
    follower.mark()
    try:
        aws.call(
            "cloudformation",
            "ExecuteChangeSet",
            about=f"stack `{plan.stack}`",
            StackName=plan.stack,
            ChangeSetName=plan.change_set,
            ClientRequestToken=plan.token,
        )
    except (Refused, Unreachable):
        # The answer may have been lost on its way: then the operation has begun all the same.
        state = describe(aws, plan.stack)
        if state is None or not is_busy(state.status):
            raise
    return follower


def _finish(follower: Follower, body: Body) -> Outcome:
    """Follow to the end. Raises DeploymentFailed with the first cause."""
    try:
        state = follower.follow(
            lambda now: now is None or now.status in SUCCEEDED or not _goes_on(now)
        )
    except KeyboardInterrupt:
        follower.screen.note(_goes_on_text(body.stack))
        raise
    if state is not None and state.status in SUCCEEDED:
        is_new = state.status.startswith("CREATE")
        return Outcome.CREATED if is_new else Outcome.UPDATED
    status = state.status if state else "gone"
    raise DeploymentFailed(
        f"`{body.stack}` is {status}. First cause: {say_cause(follower.cause(), body.origins)}",
        help=_way_out(status, body.stack),
    )


def _goes_on_text(stack: str) -> str:
    return (
        f"`{stack}` goes on in AWS. Follow it: axonwatch deploy --resume. Undo an update: "
        f"aws cloudformation cancel-update-stack --stack-name {stack}"
    )


def _goes_on(state: StackState) -> bool:
    """Whether the operation is still under way; cleaning up comes after its end."""
    cleaning = state.status.endswith("_CLEANUP_IN_PROGRESS")
    return is_busy(state.status) and not cleaning


def _way_out(status: str, stack: str) -> str:
    if status == "UPDATE_ROLLBACK_FAILED":
        return "run: axonwatch deploy --continue-rollback"
    if status.startswith("UPDATE_ROLLBACK"):
        return f"the old `{stack}` is back as it was; correct the cause and deploy again"
    if status.startswith(("ROLLBACK", "CREATE_FAILED")):
        return "correct the cause and deploy again: the failed stack is then deleted first"
    return f"look at: aws cloudformation describe-stack-events --stack-name {stack}"


def _tell_gone(
    aws: Calls, body: Body, screen: Screen, options: Options, plan: Plan | None = None
) -> None:
    """A template does not bring back an alarm that somebody deleted by hand: say so."""
    if options.revert_drift:
        return
    added = frozenset(c.logical for c in plan.changes if c.action == "Add") if plan else frozenset()
    gone = gone_alarms(aws, body.template, added=added)
    if gone:
        listed = ", ".join(f"`{name}`" for name in gone[:5]) + (" ..." if len(gone) > 5 else "")
        screen.note(
            f"{len(gone)} alarm(s) of the stack are gone: {listed}. A deployment does not bring "
            "back what was deleted by hand; run: axonwatch deploy --revert-drift"
        )

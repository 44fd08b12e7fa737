"""CloudFormation stacks as they are: status, events, the first real cause of a failure.

Read by `live.changeset` (deploy) and `live.teardown` (destroy); nothing here changes anything.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from axonwatch.errors import CallDenied, CouldNotRun, NoCredentials
from axonwatch.live.clients import Answer, Calls
from axonwatch.live.faults import NotFound, Refused, Unreachable
from axonwatch.model.masking import for_person, hide_accounts

STACK = "AWS::CloudFormation::Stack"
# Creation failed: the stack can only be deleted.
BORN_DEAD = frozenset({"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED"})
# For CloudFormation there is no stack yet.
UNBORN = frozenset({"REVIEW_IN_PROGRESS", "DELETE_COMPLETE"})
SUCCEEDED = frozenset(
    {
        "CREATE_COMPLETE",
        "UPDATE_COMPLETE",
        "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
        "IMPORT_COMPLETE",
    }
)


def is_busy(status: str) -> bool:
    """Whether an operation is under way that a new one must wait for."""
    return status.endswith("_IN_PROGRESS") and status != "REVIEW_IN_PROGRESS"


@dataclass(frozen=True)
class StackState:
    """A stack at a moment; `id` outlives its name."""

    name: str
    id: str
    status: str
    reason: str = ""
    protected: bool = False
    changed: str = ""


@dataclass(frozen=True)
class Event:
    """One line of a stack's history."""

    id: str
    stack: str
    logical: str
    kind: str
    status: str
    reason: str = ""
    token: str = ""

    @property
    def is_failure(self) -> bool:
        """Whether something failed of itself, not because something else did."""
        follows = ("cancelled", "canceled", "the following resource(s) failed")
        return self.status.endswith("_FAILED") and not any(
            word in self.reason.lower() for word in follows
        )


class Screen(Protocol):
    """Where a deployment shows itself, and whom it asks."""

    @property
    def can_ask(self) -> bool:
        """Whether there is somebody to ask."""

    def note(self, text: str) -> None:
        """Say something."""

    def ask(self, question: str) -> bool:
        """A yes or no."""

    def progress(self, done: int, total: int, text: str) -> None:
        """How far it is."""


@dataclass
class Watch:
    """How waiting is done: seconds between looks, a limit, and a clock that tests turn."""

    every: float = 2.0
    limit: float = 3600.0
    sleep: Callable[[float], None] = field(default=time.sleep)
    clock: Callable[[], float] = field(default=time.monotonic)

    def rounds(self) -> Iterator[bool]:
        """True until the limit is over; sleeps between two looks."""
        end = self.clock() + self.limit
        while self.clock() < end:
            yield True
            self.sleep(self.every)


def describe(aws: Calls, name: str) -> StackState | None:
    """The stack of this name or id; None if there is none."""
    try:
        answer = aws.call(
            "cloudformation", "DescribeStacks", about=f"stack `{name}`", StackName=name
        )
    except NotFound:
        return None
    stacks = answer.get("Stacks") or ()
    if not stacks:
        return None
    one: Answer = stacks[0]
    return StackState(
        name=str(one["StackName"]),
        id=str(one.get("StackId", name)),
        status=str(one["StackStatus"]),
        reason=str(one.get("StackStatusReason", "")),
        protected=bool(one.get("EnableTerminationProtection")),
        changed=str(one.get("LastUpdatedTime", one.get("CreationTime", ""))),
    )


def events(aws: Calls, stack_id: str, *, until: str = "") -> Iterator[Event]:
    """The stack's events, newest first, down to the event with id `until`; read as needed."""
    for entry in aws.pages(
        "cloudformation",
        "DescribeStackEvents",
        "StackEvents",
        about=f"stack `{stack_id.split('/')[1] if '/' in stack_id else stack_id}`",
        StackName=stack_id,
    ):
        if entry["EventId"] == until:
            return
        yield Event(
            id=str(entry["EventId"]),
            stack=str(entry["StackName"]),
            logical=str(entry.get("LogicalResourceId", "")),
            kind=str(entry.get("ResourceType", "")),
            status=str(entry.get("ResourceStatus", "")),
            reason=str(entry.get("ResourceStatusReason", "")),
            token=str(entry.get("ClientRequestToken", "")),
        )


def first_cause(history: Iterable[Event]) -> Event | None:
    """The first thing that failed by itself, of events that are newest first.

    Of the newest operation only: what failed last month is no cause of today.
    """
    cause: Event | None = None
    token = ""
    for event in history:
        token = token or event.token
        if token and event.token and event.token != token:
            break
        if event.is_failure and event.kind != STACK:
            cause = event
    return cause


def say_cause(event: Event | None, origins: Mapping[str, str]) -> str:
    """A cause in words, with the place in our definitions if it has one."""
    if event is None:
        return "CloudFormation names no cause"
    place = f" (defined at {origins[event.logical]})" if event.logical in origins else ""
    reason = hide_accounts(for_person(event.reason)) or event.status
    return f"{event.kind} {event.logical}{place}: {reason}"


@dataclass
class Follower:
    """Follows one operation of a stack to its end, whatever happens to the connection.

    `before` is the stack as it was when the operation was asked for: DescribeStacks is eventually
    consistent, and an old UPDATE_COMPLETE must not be taken for the new one.
    """

    aws: Calls
    screen: Screen
    watch: Watch
    stack_id: str
    name: str
    total: int = 0
    before: StackState | None = None
    listens: bool = True
    history: list[Event] = field(default_factory=list)
    _begun: bool = False
    _seen: str = ""
    _done: set[str] = field(default_factory=set)

    def mark(self) -> None:
        """Remember the newest event, so that only later ones count."""
        try:
            newest = next(events(self.aws, self.stack_id), None)
        except (NotFound, CallDenied):
            return
        self._seen = newest.id if newest else ""

    def follow(self, ends: Callable[[StackState | None], bool]) -> StackState | None:
        """The stack's state once the operation has begun and `ends` says so.

        A failed look never ends the wait. Raises CouldNotRun when credentials expire or the limit
        is over: the operation itself goes on in AWS.
        """
        failed_looks = 0
        for _ in self.watch.rounds():
            try:
                if self.listens:
                    self.read()
                state = describe(self.aws, self.stack_id)
            except NoCredentials as expired:
                raise CouldNotRun(
                    f"{expired.message}; the operation on `{self.name}` goes on in AWS",
                    help=f"{expired.help}, then run: axonwatch deploy --resume",
                ) from expired
            except (Refused, Unreachable) as failed:
                failed_looks += 1
                if failed_looks == 1:
                    self.screen.note(f"cannot look right now ({failed.message}); still waiting ...")
                continue
            failed_looks = 0
            if self._has_begun(state) and ends(state):
                return state
        raise CouldNotRun(
            f"`{self.name}` is still not done after {round(self.watch.limit)} s",
            help="it goes on in AWS; run `axonwatch deploy --resume` to follow it",
        )

    def _has_begun(self, state: StackState | None) -> bool:
        if not self._begun:
            self._begun = (
                self.before is None
                or state is None
                or (state.status, state.changed) != (self.before.status, self.before.changed)
                or any(event.kind == STACK for event in self.history)
            )
        return self._begun

    def read(self) -> None:
        """Read new events and show them."""
        try:
            fresh = list(events(self.aws, self.stack_id, until=self._seen))
        except NotFound:
            return
        except CallDenied as denied:
            self.listens = False
            self.screen.note(f"progress is not shown: {denied.message}")
            return
        if fresh:
            self._seen = fresh[0].id
        self.history = fresh + self.history
        for event in reversed(fresh):
            if event.kind == STACK:
                continue
            if event.is_failure:
                self.screen.note(f"failed: {say_cause(event, {})}")
            if event.status.endswith(("_COMPLETE", "_FAILED", "_SKIPPED")):
                self._done.add(event.logical)
            done = min(len(self._done), self.total) if self.total else len(self._done)
            self.screen.progress(done, self.total, f"{event.logical} {event.status}")

    def cause(self) -> Event | None:
        """The first thing that failed by itself, in what was followed or in the whole history."""
        found = first_cause(self.history)
        if found is not None:
            return found
        try:
            return first_cause(events(self.aws, self.stack_id))
        except (NotFound, CallDenied, Refused, Unreachable):
            return None


def wait_until_idle(
    aws: Calls, state: StackState, screen: Screen, watch: Watch
) -> StackState | None:
    """Wait for somebody else's operation. Raises CouldNotRun when the limit is over."""
    who = ""
    try:
        newest = next(events(aws, state.id), None)
        who = f" (request {newest.token})" if newest and newest.token else ""
    except (NotFound, CallDenied, Refused, Unreachable):
        pass
    screen.note(f"`{state.name}` is {state.status}{who}: waiting for it to end ...")
    follower = Follower(aws, screen, watch, state.id, state.name, listens=False)
    return follower.follow(lambda now: now is None or not is_busy(now.status))

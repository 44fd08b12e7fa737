"""CloudFormation as a script: one stack, its statuses look by look, its events, its change set.

On top of `FakeAws`: every answer has the shape that AWS documents. The clock is turned by sleeping.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.fakes.aws import FakeAws, client_error

from axonwatch.errors import AxonwatchError
from axonwatch.live.stacks import Watch

NAME = "axonflow-prod-observability"
STACK_ID = f"arn:aws:cloudformation:us-east-1:123456789012:stack/{NAME}/1f2e"
START = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
STACK = "AWS::CloudFormation::Stack"
ALARM = "AWS::CloudWatch::Alarm"
Look = str | None | AxonwatchError | type[KeyboardInterrupt]


@dataclass
class Terminal:
    """A screen that answers as it is told, and remembers all it was shown."""

    answers: bool = True
    can_ask: bool = True
    notes: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    progressed: list[tuple[int, int, str]] = field(default_factory=list)

    def note(self, text: str) -> None:
        """Remember."""
        self.notes.append(text)

    def ask(self, question: str) -> bool:
        """Answer."""
        self.asked.append(question)
        return self.answers

    def progress(self, done: int, total: int, text: str) -> None:
        """Remember."""
        self.progressed.append((done, total, text))

    @property
    def text(self) -> str:
        """All notes."""
        return "\n".join(self.notes)


@dataclass
class Clock:
    """Time that passes only by sleeping."""

    now: float = 0.0

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds

    def read(self) -> float:
        """The time."""
        return self.now

    def watch(self, **more: Any) -> Watch:
        """Waiting by this clock."""
        return Watch(sleep=self.sleep, clock=self.read, **more)


class Script:
    """What CloudFormation will say. `statuses` are those of successive looks; the last stays."""

    def __init__(self, *statuses: Look, **stack: Any) -> None:
        self.aws = FakeAws()
        self.statuses: list[Look] = list(statuses)
        self.stack = stack
        self.events: list[dict[str, Any]] = []
        self.looks = 0
        self.on = self.aws.on
        self.on("cloudformation", "DescribeStacks", self._describe)
        self.on(
            "cloudformation", "DescribeStackEvents", lambda _: {"StackEvents": self.events[::-1]}
        )
        self.on("cloudformation", "CreateChangeSet", {"Id": "x", "StackId": STACK_ID})
        self.on("cloudformation", "DescribeChangeSet", change_set(change("Add", "A")))
        self.on("cloudformation", "DeleteChangeSet", {})
        self.on("cloudformation", "ListChangeSets", {"Summaries": []})
        self.on("cloudformation", "ExecuteChangeSet", {})
        self.on("cloudformation", "DeleteStack", {})
        self.on("cloudformation", "GetStackPolicy", {})
        self.on("cloudformation", "ListStackResources", {"StackResourceSummaries": []})
        self.on("cloudformation", "ContinueUpdateRollback", {})
        self.on("cloudwatch", "DescribeAlarms", {})

    def _describe(self, given: dict[str, Any]) -> Any:
        del given
        look = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        self.looks += 1
        if look is None:
            return client_error("ValidationError", f"Stack with id {NAME} does not exist")
        if isinstance(look, AxonwatchError):
            return look
        if isinstance(look, type):
            raise look
        one = {
            "StackName": NAME,
            "StackId": STACK_ID,
            "StackStatus": look,
            "CreationTime": START,
            "LastUpdatedTime": START + timedelta(seconds=self.looks),
            **self.stack,
        }
        return {"Stacks": [one]}

    def event(
        self, logical: str, status: str, reason: str = "", kind: str = ALARM, request: str = ""
    ) -> Script:
        """One more event, the newest."""
        self.events.append(
            {
                "StackId": STACK_ID,
                "EventId": f"e{len(self.events)}",
                "StackName": NAME,
                "LogicalResourceId": logical,
                "ResourceType": kind,
                "ResourceStatus": status,
                "Timestamp": START,
                **({"ResourceStatusReason": reason} if reason else {}),
                **({"ClientRequestToken": request} if request else {}),
            }
        )
        return self

    @property
    def calls(self) -> list[str]:
        """What was called to change anything, in order."""
        changing = ("Create", "Delete", "Execute", "Continue", "Set", "Put")
        names = [action.split(":")[1] for action, _ in self.aws.calls]
        return [name for name in names if name.startswith(changing)]


def change(action: str, logical: str, kind: str = ALARM, **more: Any) -> dict[str, Any]:
    """One entry of a change set."""
    return {
        "Type": "Resource",
        "ResourceChange": {
            "Action": action,
            "LogicalResourceId": logical,
            "ResourceType": kind,
            **more,
        },
    }


def change_set(
    *changes: dict[str, Any], status: str = "CREATE_COMPLETE", **more: Any
) -> dict[str, Any]:
    """A described change set."""
    return {"Status": status, "Changes": list(changes), **more}

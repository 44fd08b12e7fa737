"""A test page through the real path: an alarm is set to ALARM, its action runs, and it is set back.

Never a composite: a forced composite may stay as it is until a child changes. The proof that the
page arrived is the message itself in a queue, or what SNS counts as delivered.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from axonwatch.errors import AxonwatchError, CallDenied, CouldNotRun, UsageError
from axonwatch.live.alarms import describe_alarms
from axonwatch.live.clients import Answer, Calls
from axonwatch.live.faults import NotFound, Refused, Unreachable
from axonwatch.live.stacks import Watch
from axonwatch.model.alarms import Alarm, CompositeAlarm, Severity, State

MARK = "TEST PAGE by axonwatch, nothing is wrong"
NOT_IN_QUEUE = "is it subscribed to the topic, and does its policy let sns.amazonaws.com send?"


@dataclass(frozen=True)
class Candidate:
    """An alarm that can carry the test: it exists, is enabled, and not in ALARM."""

    name: str
    state: str
    topics: tuple[str, ...]


@dataclass(frozen=True)
class Proof:
    """What is known of the delivery. None of the counts where nothing was to be learned.

    `awaited` tells that the message was looked for in a queue: then its absence is a failure.
    """

    message: str = ""
    awaited: bool = False
    delivered: int | None = None
    failed: int | None = None
    notes: tuple[str, ...] = ()

    @property
    def has_arrived(self) -> bool | None:
        """True or False where it is known."""
        if self.awaited or self.message:
            return bool(self.message)
        if (self.delivered or 0) > 0:
            return True
        return False if (self.failed or 0) > 0 else None


def candidates(aws: Calls, alarms: Sequence[Alarm], severity: Severity) -> list[Candidate]:
    """The alarms of a severity that can carry a test, those that are OK first."""
    of_severity = [
        alarm
        for alarm in alarms
        if not isinstance(alarm, CompositeAlarm)
        and alarm.about is not None
        and alarm.about.severity is severity
    ]
    found = []
    for _, one in describe_alarms(aws, [alarm.name for alarm in of_severity]):
        topics = tuple(t for t in one.get("AlarmActions") or () if ":sns:" in t)
        if topics and one.get("ActionsEnabled", True) and one["StateValue"] != State.ALARM:
            found.append(Candidate(str(one["AlarmName"]), str(one["StateValue"]), topics))
    return sorted(found, key=lambda one: (one.state != State.OK, one.name))


def named(aws: Calls, alarm: Alarm) -> Candidate:
    """The alarm that the user named. Raises UsageError or CouldNotRun if it cannot carry a test."""
    if isinstance(alarm, CompositeAlarm):
        raise UsageError(
            f"`{alarm.name}` is a composite: forced into ALARM it may stay there",
            help="name one of its children that has an action of its own, or none at all",
        )
    found = [one for _, one in describe_alarms(aws, [alarm.name])]
    if not found:
        raise CouldNotRun(f"the account has no alarm `{alarm.name}`", help="axonwatch deploy")
    one = found[0]
    topics = tuple(t for t in one.get("AlarmActions") or () if ":sns:" in t)
    if not topics or not one.get("ActionsEnabled", True):
        raise CouldNotRun(
            f"`{alarm.name}` tells no topic", help="`axonwatch verify --only alarms` says why"
        )
    if one["StateValue"] == State.ALARM:
        raise CouldNotRun(
            f"`{alarm.name}` is in ALARM already: setting it again tells nobody",
            help="name another with --alarm",
        )
    return Candidate(alarm.name, str(one["StateValue"]), topics)


@dataclass
class Drill:
    """One test page. `tell` is told each step."""

    aws: Calls
    tell: Callable[[str], None]
    watch: Watch = field(default_factory=lambda: Watch(every=5.0, limit=180.0))

    def run(self, candidate: Candidate, why: str, queue_url: str | None) -> Proof:
        """Force, prove, set back; set back whatever happens, Ctrl-C too.

        Raises CallDenied without cloudwatch:SetAlarmState.
        """
        started = datetime.now(UTC)
        stamp = f"{started:%Y%m%dT%H%M%SZ}"
        reason = f"{MARK} ({stamp}): {why}"[:1023]
        refused = False
        try:
            try:
                self._set(candidate.name, State.ALARM, reason)
            except (CallDenied, NotFound):
                refused = True
                raise
            self.tell(f"{candidate.name} was set to ALARM")
            message = self._await_message(queue_url, stamp) if queue_url else ""
        finally:
            # A lost answer, or Ctrl-C, may have forced it all the same.
            if not refused:
                self._set_back(candidate)
        if message:
            return Proof(message, awaited=True)
        if queue_url:
            waited = f"{round(self.watch.limit)} s"
            note = f"no message of this test came into the queue within {waited}: {NOT_IN_QUEUE}"
            return Proof(awaited=True, notes=(note,))
        return self._await_counts(candidate, started)

    def _set(self, name: str, state: str, reason: str) -> None:
        self.aws.call(
            "cloudwatch",
            "SetAlarmState",
            about=f"alarm `{name}`",
            AlarmName=name,
            StateValue=state,
            StateReason=reason,
        )

    def _set_back(self, candidate: Candidate) -> None:
        """To what it was. CloudWatch would do so itself at its next evaluation, in a minute."""
        for _ in range(3):
            try:
                self._set(candidate.name, candidate.state, f"{MARK}: over")
            except (Refused, Unreachable):
                continue
            except AxonwatchError as stuck:
                self.tell(f"{candidate.name} was not set back: {stuck.message}")
                break
            self.tell(f"{candidate.name} was set back to {candidate.state}")
            return
        self.tell(f"CloudWatch sets {candidate.name} back itself at its next evaluation")

    def _await_message(self, queue_url: str, stamp: str) -> str:
        """The test's own message out of a queue that is subscribed; empty if none came."""
        self.tell("waiting for the message in the queue ...")
        for _ in self.watch.rounds():
            answer = self.aws.call(
                "sqs",
                "ReceiveMessage",
                about="the queue",
                QueueUrl=queue_url,
                MaxNumberOfMessages=10,
                WaitTimeSeconds=1,
                VisibilityTimeout=5,
            )
            for message in answer.get("Messages") or ():
                body = str(message.get("Body", ""))
                if stamp in body:
                    self._take(queue_url, message)
                    return _inner(body)
        return ""

    def _take(self, queue_url: str, message: Answer) -> None:
        """Our own message is taken out; everybody else's stays."""
        try:
            self.aws.call(
                "sqs",
                "DeleteMessage",
                about="the queue",
                QueueUrl=queue_url,
                ReceiptHandle=message["ReceiptHandle"],
            )
        except (CallDenied, Refused, Unreachable) as stays:
            self.tell(f"the test's message stays in the queue: {stays.message}")

    def _await_counts(self, candidate: Candidate, started: datetime) -> Proof:
        """What SNS counts as delivered; its figures come minutes late."""
        self.tell("waiting for SNS's own count of deliveries (some minutes) ...")
        proof = Proof()
        for _ in self.watch.rounds():
            try:
                delivered, failed = _counts(self.aws, candidate.topics, started)
            except CallDenied as denied:
                return Proof(notes=(f"not proved: needs {denied.action}",))
            except (NotFound, Refused, Unreachable):
                continue
            proof = Proof(delivered=delivered, failed=failed)
            if proof.has_arrived is not None:
                return proof
        note = "SNS has counted nothing yet; mail is not in its delivery logs: look in the mailbox"
        return Proof(delivered=proof.delivered, failed=proof.failed, notes=(note,))


def _counts(aws: Calls, topics: Sequence[str], started: datetime) -> tuple[int, int]:
    names = ("NumberOfNotificationsDelivered", "NumberOfNotificationsFailed")
    queries = [
        {
            "Id": f"q{index}",
            "MetricStat": {
                "Metric": {
                    "Namespace": "AWS/SNS",
                    "MetricName": name,
                    "Dimensions": [{"Name": "TopicName", "Value": topic.rsplit(":", 1)[-1]}],
                },
                "Period": 60,
                "Stat": "Sum",
            },
        }
        for index, (topic, name) in enumerate((t, n) for t in topics for n in names)
    ]
    sums = [0.0, 0.0]
    for answer in aws.answers(
        "cloudwatch",
        "GetMetricData",
        about="the topic's deliveries",
        MetricDataQueries=queries,
        StartTime=started.replace(second=0, microsecond=0),
        EndTime=datetime.now(UTC) + timedelta(minutes=1),
    ):
        for result in answer.get("MetricDataResults") or ():
            sums[int(str(result["Id"])[1:]) % 2] += sum(result.get("Values") or ())
    return round(sums[0]), round(sums[1])


def _inner(body: str) -> str:
    """The alarm's message out of SNS's envelope, if it has one."""
    try:
        parsed = json.loads(body)
    except ValueError:
        return body
    return str(parsed["Message"]) if isinstance(parsed, dict) and "Message" in parsed else body


def say_topics(candidate: Candidate) -> Iterator[str]:
    """The topics' names."""
    yield from (topic.rsplit(":", 1)[-1] for topic in candidate.topics)

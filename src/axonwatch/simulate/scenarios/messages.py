"""The messages that a test expects, held against those that went out: each list is exact."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import SequenceMatcher

from axonwatch.model.alarms import Severity
from axonwatch.simulate.evaluation.actions import Action
from axonwatch.simulate.scenarios.scenario import Channel, ExpectedMessage, ExpectedMessages
from axonwatch.simulate.scenarios.verdicts import Failure, Place

TextOf = Callable[[Action], str]  # subject and mail of an action
ShowTime = Callable[[int], str]


def channel_of(
    channel: Channel, actions: Iterable[Action], severities: Mapping[str, Severity]
) -> list[Action]:
    """The actions that send a message of a channel, in order.

    `severities` are those of topics by ARN; a topic that nobody told us of counts as one that
    pages.
    """
    return [
        action
        for action in actions
        if action.state is channel.state
        and not action.repeated
        and any(
            channel.severity in {None, severities.get(target, Severity.PAGE)}
            for target in action.targets
            if ":sns:" in target
        )
    ]


def judge_messages(
    expected: ExpectedMessages,
    sent: Sequence[Action],
    *,
    short: Callable[[str], str],
    text_of: TextOf,
    show: ShowTime,
    place: Place,
    end: int,
) -> list[Failure]:
    """Every difference between the messages expected and those sent until `end`."""
    wanted = [message.alarm for message in expected.messages]
    found = [action.alarm.name for action in sent]
    noun = str(expected.channel).removesuffix("s").replace("recoverie", "recovery")
    failures: list[Failure] = []

    def fail(message: ExpectedMessage | None, action: Action | None, **parts: str) -> None:
        name = message.alarm if message else action.alarm.name if action else ""
        where = place(name, "name")
        moment = action.time if action else end
        if action is None and message is not None and message.end is not None:
            moment = message.end
        failures.append(
            Failure(
                span=message.span if message else expected.span,
                subject=name,
                moment=moment,
                expected=parts["expected"],
                actual=parts["actual"],
                because=parts["because"],
                place=where[0] if where else None,
            )
        )

    for tag, i1, i2, j1, j2 in SequenceMatcher(None, wanted, found, autojunk=False).get_opcodes():
        if tag == "equal":
            pairs = zip(expected.messages[i1:i2], sent[j1:j2], strict=True)
            for message, action in pairs:
                _judge_one(message, action, fail, text_of, show)
            continue
        for message in expected.messages[i1:i2]:
            early = message.end is not None
            when = f" by {show(message.end)}" if early and message.end is not None else ""
            others = ", ".join(f"{short(a.alarm.name)} at {show(a.time)}" for a in sent) or "none"
            fail(
                message,
                None,
                expected=f"a {noun}{when}",
                actual="none in this order",
                because=f"{expected.channel} that went out: {others}",
            )
        for action in sent[j1:j2]:
            reason = action.evaluation.reason
            fail(
                None,
                action,
                expected=f"no {noun}" + ("" if not wanted else " here"),
                actual=f"a {noun} at {show(action.time)}",
                because=reason,
            )
    return failures


def _judge_one(
    message: ExpectedMessage,
    action: Action,
    fail: Callable[..., None],
    text_of: TextOf,
    show: ShowTime,
) -> None:
    early = message.start is not None and action.time < message.start
    late = message.end is not None and action.time > message.end
    if early or late:
        bound = message.start if early else message.end
        word = "not before" if early else "by"
        if message.start == message.end:
            word = "at"
        fail(
            message,
            action,
            expected=f"{word} {show(bound or 0)}",
            actual=f"at {show(action.time)}",
            because=action.evaluation.reason,
        )
    if message.contains:
        text = text_of(action)
        for part in message.contains:
            if part not in text:
                fail(
                    message,
                    action,
                    expected=f"the text holds `{part}`",
                    actual="it does not",
                    because=f"the message reads: {_first_lines(text)}",
                )


def _first_lines(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return " / ".join(lines[:6]) + (" / ..." if len(lines) > 6 else "")

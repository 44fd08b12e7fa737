"""Whether the alarms themselves are there, enabled, in working order, and get their word out."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from axonwatch.live.alarms import describe_alarms
from axonwatch.live.clients import Answer, Calls
from axonwatch.live.status import last_actions
from axonwatch.live.verification.result import Result, attempt, fault, fine
from axonwatch.model.companion import Companion

MATTER = "alarm"
FAILED = "Failed to execute action"
# Failed actions older than this are no longer news.
NEWS = timedelta(days=14)
MAX_HISTORIES = 25


def verify_alarms(
    aws: Calls, companion: Companion, *, now: datetime | None = None
) -> Iterator[Result]:
    """Results for each alarm. Raises CallDenied without cloudwatch:DescribeAlarms."""
    there = {
        str(one["AlarmName"]): one
        for _, one in describe_alarms(aws, [alarm.name for alarm in companion.alarms])
    }
    for alarm in companion.alarms:
        one = there.get(alarm.name)
        if one is None:
            yield fault(
                MATTER,
                alarm.name,
                "missing-alarm",
                "the account does not have it",
                "run: axonwatch deploy; if it was deployed: axonwatch deploy --revert-drift",
            )
            continue
        yield from _one(one, expects_actions=bool(alarm.actions.alarm))
    yield from attempt(
        MATTER, "actions of late", lambda: _actions(aws, there, now or datetime.now(UTC))
    )
    yield from attempt(MATTER, "scheduled queries", lambda: _scheduled(aws, there))


def _one(one: Answer, *, expects_actions: bool) -> Iterator[Result]:
    name = str(one["AlarmName"])
    if expects_actions and not one.get("ActionsEnabled", True):
        yield fault(
            MATTER,
            name,
            "actions-disabled",
            "its actions are switched off: it tells nobody",
            f"aws cloudwatch enable-alarm-actions --alarm-names {name}; to silence it for a while "
            "use `axonwatch mute`",
        )
        return
    if expects_actions and not one.get("AlarmActions"):
        yield fault(
            MATTER,
            name,
            "no-action",
            "it has no action: it tells nobody",
            "run: axonwatch deploy --revert-drift",
        )
        return
    trouble = str(one.get("EvaluationState") or "")
    if trouble:
        yield fault(
            MATTER,
            name,
            "evaluation-trouble",
            f"CloudWatch reports {trouble}: {one.get('StateReason', '')}",
            "look at the alarm's reason in the console; a log alarm's role may be at fault",
        )
        return
    yield fine(MATTER, name)


def _actions(aws: Calls, there: dict[str, Answer], now: datetime) -> Iterator[Result]:
    """Whether the newest word of the alarms that changed last got out."""
    changed = [
        (moment, name)
        for name, one in there.items()
        if one.get("AlarmActions")
        and (moment := one.get("StateTransitionedTimestamp") or one.get("StateUpdatedTimestamp"))
    ]
    looked = 0
    for _, name in sorted(changed, key=lambda pair: str(pair[0]), reverse=True)[:MAX_HISTORIES]:
        looked += 1
        for moment, text in last_actions(aws, name):
            if now - moment > NEWS:
                break
            if FAILED in text:
                yield fault(
                    MATTER,
                    name,
                    "failing-action",
                    f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC: {text}",
                    "the topic's or its key's policy, or a topic that is gone; see `paging` here",
                )
                return
            break
    yield fine(MATTER, "actions of late", f"of {looked} alarms, none has failed")


def _scheduled(aws: Calls, there: dict[str, Answer]) -> Iterator[Result]:
    """Whether the queries of log alarms ran."""
    for name, one in there.items():
        arn = str((one.get("ScheduledQueryConfiguration") or {}).get("QueryARN") or "")
        if not arn:
            continue
        answer = aws.call("logs", "GetScheduledQuery", about=f"query of `{name}`", identifier=arn)
        status = str(answer.get("lastExecutionStatus") or "")
        if status in {"Failed", "InvalidQuery", "Timeout"}:
            ran = ""
            # It has none before the first run; `answer[...]` would call that a cut answer.
            with contextlib.suppress(TypeError, ValueError, OSError, OverflowError):
                stamp = float(answer.get("lastTriggeredTime"))  # type: ignore[arg-type]
                stamp /= 1000 if stamp > 10**11 else 1
                ran = f" at {datetime.fromtimestamp(stamp, tz=UTC):%Y-%m-%d %H:%M} UTC"
            yield fault(
                MATTER,
                name,
                "log-alarm-query-fails",
                f"its scheduled query ended as {status}{ran}",
                "its role must let logs.amazonaws.com and cloudwatch.amazonaws.com run queries",
            )
        elif str(answer.get("state") or "ENABLED") == "DISABLED":
            text = "its scheduled query is switched off"
            yield fault(MATTER, name, "log-alarm-query-off", text, "deploy it again")
        else:
            yield fine(MATTER, name, f"its scheduled query: {status or 'not run yet'}")

"""Topics with their subscribers, and mute rules, against what the account has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from axonwatch.live.clients import Answer, Calls
from axonwatch.live.drifting.difference import Difference, Field, Kind, compare
from axonwatch.live.faults import NotFound
from axonwatch.live.mute import iso_duration
from axonwatch.live.verification.topics import topic_arn
from axonwatch.model.alarms import MuteRule
from axonwatch.model.companion import Companion
from axonwatch.model.masking import mask

ABSENT = "the account does not have it"


def topic_drift(aws: Calls, companion: Companion) -> Iterator[Difference]:
    """Differences of topics: gone, or with other subscribers than stack.yaml names."""
    for topic in companion.notifications.topics:
        arn = topic_arn(aws, companion, topic)
        name = arn.rsplit(":", 1)[-1]
        try:
            listed = list(
                aws.pages(
                    "sns",
                    "ListSubscriptionsByTopic",
                    "Subscriptions",
                    about=f"topic `{name}`",
                    TopicArn=arn,
                )
            )
        except NotFound:
            yield Difference("topic", name, Kind.MISSING, why=ABSENT)
            continue
        wanted = {f"{s.protocol} {s.endpoint}" for s in topic.subscriptions}
        there = {f"{one['Protocol']} {one['Endpoint']}" for one in listed}
        fields = [
            *(Field("subscriber", mask(one), "nothing") for one in sorted(wanted - there)),
            # A topic of the user's own has subscribers that are not ours to name.
            *(
                Field("subscriber", "nothing", mask(one))
                for one in (sorted(there - wanted) if topic.arn is None else ())
            ),
        ]
        if fields:
            yield Difference("topic", name, Kind.CHANGED, tuple(fields))


def mute_drift(aws: Calls, companion: Companion) -> Iterator[Difference]:
    """Differences of the mute rules that the definitions make."""
    for rule in companion.mute_rules:
        try:
            found = aws.call(
                "cloudwatch",
                "GetAlarmMuteRule",
                about=f"mute rule `{rule.name}`",
                AlarmMuteRuleName=rule.name,
            )
        except NotFound:
            yield Difference("mute rule", rule.name, Kind.MISSING, why=ABSENT)
            continue
        yield from compare("mute rule", rule.name, _wanted(rule), _found(found))


def _wanted(rule: MuteRule) -> dict[str, Any]:
    return {
        "schedule": rule.schedule,
        "duration": iso_duration(rule.duration),
        "time zone": rule.timezone,
        "alarms": sorted(rule.alarm_names),
    }


def _found(found: Answer) -> dict[str, Any]:
    schedule: Answer = (found.get("Rule") or {}).get("Schedule") or {}
    return {
        "schedule": schedule.get("Expression"),
        "duration": schedule.get("Duration"),
        "time zone": schedule.get("Timezone") or "UTC",
        "alarms": sorted((found.get("MuteTargets") or {}).get("AlarmNames") or ()),
    }

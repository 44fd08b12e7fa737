"""Muting an alarm by hand for a while, with a reason, so that nobody disables its actions.

A mute rule of our own per alarm: its name says by whom it was made, its description why.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from axonwatch.errors import CouldNotRun, UsageError
from axonwatch.live.alarms import alarm_names
from axonwatch.live.clients import Answer, Calls
from axonwatch.live.faults import NotFound, Refused, Unsupported
from axonwatch.live.status import active_rules
from axonwatch.model.alarms import Alarm
from axonwatch.model.stack import Names

# Sources: API_PutAlarmMuteRule: PT1M to P15D.
SHORTEST = 60
LONGEST = 15 * 86_400
BY_HAND = "by-hand"


@dataclass(frozen=True)
class Mute:
    """A mute rule as it stands."""

    name: str
    alarms: tuple[str, ...]
    why: str
    until: datetime | None
    status: str
    is_ours: bool


def rule_name(names: Names, alarm: Alarm) -> str:
    """The name of the rule that mutes one alarm by hand."""
    key = f"{alarm.about.component}-{alarm.about.key}" if alarm.about else alarm.name
    return names.mute_rule(f"{BY_HAND}-{key.replace('_', '-')}")


def iso_duration(seconds: int) -> str:
    """As in `PT2H30M` or `P1DT1H`; whole minutes."""
    minutes = -(-seconds // 60)
    days, rest = divmod(minutes, 1440)
    hours, rest = divmod(rest, 60)
    clock = (f"{hours}H" if hours else "") + (f"{rest}M" if rest else "")
    return "P" + (f"{days}D" if days else "") + (f"T{clock}" if clock else "")


def mute(
    aws: Calls, names: Names, alarm: Alarm, seconds: int, why: str, *, now: datetime | None = None
) -> Mute:
    """Mute an alarm from now on. Raises UsageError, CouldNotRun, CallDenied."""
    if not SHORTEST <= seconds <= LONGEST:
        raise UsageError("a mute lasts from 1 minute to 15 days", help="as in: --for 2h")
    if not why.strip():
        raise UsageError("a mute needs its reason", help='as in: --why "failover test, J.D."')
    if not alarm_names(aws, [alarm.name]):
        raise CouldNotRun(
            f"the account has no alarm `{alarm.name}`", help="deploy it first: axonwatch deploy"
        )
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    # `at` has minutes only: begin with the minute that runs, end not earlier than asked for.
    begin = moment.replace(second=0, microsecond=0)
    until = moment + timedelta(seconds=seconds)
    length = round((until - begin).total_seconds())
    name = rule_name(names, alarm)
    _call(
        aws,
        "PutAlarmMuteRule",
        name,
        Name=name,
        Description=why.strip()[:1024],
        Rule={
            "Schedule": {
                "Expression": f"at({begin:%Y-%m-%dT%H:%M})",
                "Duration": iso_duration(length),
                "Timezone": "UTC",
            }
        },
        MuteTargets={"AlarmNames": [alarm.name]},
    )
    return Mute(name, (alarm.name,), why, until, "ACTIVE", is_ours=True)


def unmute(aws: Calls, names: Names, alarm: Alarm) -> str:
    """End a mute that was made by hand; its rule's name. Raises CouldNotRun if there is none."""
    name = rule_name(names, alarm)
    try:
        _call(aws, "GetAlarmMuteRule", name, AlarmMuteRuleName=name)
    except NotFound as absent:
        others = [m.name for m in read_mutes(aws, names) if alarm.name in m.alarms]
        hint = (
            f"it is muted by {', '.join(others)}, which the definitions make: change `mutes`"
            if others
            else "`axonwatch mute --list` shows what is muted"
        )
        raise CouldNotRun(f"`{alarm.name}` was not muted by hand", help=hint) from absent
    _call(aws, "DeleteAlarmMuteRule", name, AlarmMuteRuleName=name)
    return name


def read_mutes(aws: Calls, names: Names) -> list[Mute]:
    """Every mute rule that is active or scheduled and speaks of our alarms."""
    found = []
    try:
        for rule in active_rules(aws, ("ACTIVE", "SCHEDULED")):
            alarms = tuple(rule.get("MuteTargets", {}).get("AlarmNames", ()))
            if any(alarm.startswith(f"{names.stack}-") for alarm in alarms):
                found.append(_mute(rule, alarms, names))
    except Unsupported as unsupported:
        raise _without_the_feature(unsupported) from unsupported
    return sorted(found, key=lambda one: (one.status, one.name))


def _mute(rule: Answer, alarms: tuple[str, ...], names: Names) -> Mute:
    name = str(rule["Name"])
    return Mute(
        name=name,
        alarms=alarms,
        why=str(rule.get("Description", "")),
        until=_end(rule.get("Rule", {}).get("Schedule", {})),
        status=str(rule.get("Status", "")),
        is_ours=name.startswith(names.mute_rule(BY_HAND)),
    )


def _end(schedule: dict[str, Any]) -> datetime | None:
    """When a single mute ends; None for one that comes again."""
    at = re.fullmatch(r"at\((\d{4}-\d\d-\d\dT\d\d:\d\d)\)", str(schedule.get("Expression", "")))
    parts = re.fullmatch(
        r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?", str(schedule.get("Duration", ""))
    )
    if at is None or parts is None or schedule.get("Timezone", "UTC") != "UTC":
        return None
    days, hours, minutes = (int(part or 0) for part in parts.groups())
    begin = datetime.fromisoformat(at[1]).replace(tzinfo=UTC)
    return begin + timedelta(days=days, hours=hours, minutes=minutes)


def _call(aws: Calls, operation: str, name: str, **given: object) -> Answer:
    try:
        return aws.call("cloudwatch", operation, about=f"mute rule `{name}`", **given)
    except Unsupported as unsupported:
        raise _without_the_feature(unsupported) from unsupported


def _without_the_feature(refused: Refused) -> CouldNotRun:
    return CouldNotRun(
        f"mute rules do not work here: {refused.message}",
        help="a suppressor in a composite alarm works everywhere; set `features: "
        "{mute_rules: false}` in stack.yaml",
    )

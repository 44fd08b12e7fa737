"""The companion's alarms as they stand: state, since when, why, who was told, muted, suppressed.

What may not be read stays unknown, with the permission that is missing; what is gone is named.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from axonwatch.errors import CallDenied
from axonwatch.live.alarms import describe_alarms
from axonwatch.live.clients import Answer, Calls
from axonwatch.live.faults import NotFound, Refused, Unsupported
from axonwatch.model.alarms import Alarm, Severity, State

SUCCESS = "Successfully executed action"
_ORDER = {"ALARM": 0, "gone": 1, "INSUFFICIENT_DATA": 2, "OK": 3}


@dataclass(frozen=True)
class AlarmStatus:
    """One alarm now. `state` is `gone` for one that the account does not have.

    `last_page` is None when nobody was told, or when it was not looked for.
    """

    name: str
    severity: Severity
    component: str
    runbook: str
    state: str
    notifies: bool = True
    since: datetime | None = None
    reason: str = ""
    actions_enabled: bool = True
    muted_by: str = ""
    suppressed_by: str = ""
    trouble: str = ""
    last_page: datetime | None = None

    @property
    def silenced_by(self) -> str:
        """Why nobody is told although it is in ALARM; empty if somebody is."""
        if not self.notifies:
            return "tells nobody by itself"
        if not self.actions_enabled:
            return "actions are disabled"
        if self.muted_by:
            return f"muted by {self.muted_by}"
        return f"suppressed by {self.suppressed_by}" if self.suppressed_by else ""

    @property
    def pages(self) -> bool:
        """Whether it wakes somebody now."""
        return self.severity is Severity.PAGE and self.state == State.ALARM and not self.silenced_by


@dataclass(frozen=True)
class Status:
    """All alarms, the worst first, and what could not be read."""

    alarms: tuple[AlarmStatus, ...]
    unknown: tuple[str, ...] = ()

    @property
    def paging(self) -> tuple[AlarmStatus, ...]:
        """Those that wake somebody now."""
        return tuple(one for one in self.alarms if one.pages)

    @property
    def gone(self) -> tuple[AlarmStatus, ...]:
        """Those that the account does not have."""
        return tuple(one for one in self.alarms if one.state == "gone")


def read_status(aws: Calls, alarms: Sequence[Alarm], *, mute_rules: bool = True) -> Status:
    """The status of `alarms`. `mute_rules` False does not ask for mute rules.

    Raises CallDenied only without cloudwatch:DescribeAlarms, without which there is no answer.
    """
    there = {
        str(one["AlarmName"]): (kind, one)
        for kind, one in describe_alarms(aws, [alarm.name for alarm in alarms])
    }
    unknown: list[str] = []
    mutes = _active_mutes(aws, unknown) if mute_rules else {}
    found = [_status(alarm, there.get(alarm.name), mutes) for alarm in alarms]
    found = _with_last_pages(aws, found, unknown)
    found.sort(key=_rank)
    return Status(tuple(found), tuple(unknown))


def _rank(one: AlarmStatus) -> tuple[int, bool, bool, str]:
    return (
        _ORDER.get(one.state, 2),
        one.severity is not Severity.PAGE,
        bool(one.silenced_by),
        one.name,
    )


def _status(
    alarm: Alarm, found: tuple[str, Answer] | None, mutes: Mapping[str, str]
) -> AlarmStatus:
    about = alarm.about
    severity = about.severity if about else Severity.PAGE
    component = about.component if about else ""
    runbook = about.runbook if about else ""
    notifies = bool(alarm.actions.alarm)
    if found is None:
        return AlarmStatus(alarm.name, severity, component, runbook, "gone", notifies)
    _, one = found
    return AlarmStatus(
        name=alarm.name,
        severity=severity,
        component=component,
        runbook=runbook,
        state=str(one["StateValue"]),
        notifies=bool(one.get("AlarmActions")),
        since=_moment(one.get("StateTransitionedTimestamp") or one.get("StateUpdatedTimestamp")),
        reason=str(one.get("StateReason", "")),
        actions_enabled=bool(one.get("ActionsEnabled", True)),
        muted_by=mutes.get(alarm.name, ""),
        suppressed_by=_suppressor(one),
        trouble=str(one.get("EvaluationState", "")),
    )


def _suppressor(one: Answer) -> str:
    by = str(one.get("ActionsSuppressedBy") or "")
    if not by:
        return ""
    suppressor = str(one.get("ActionsSuppressor") or "").rsplit(":", 1)[-1]
    return f"{suppressor} ({by})" if suppressor else by


def _moment(value: Any) -> datetime | None:  # noqa: ANN401 - botocore gives datetimes, fakes texts
    if value is None:
        return None
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _active_mutes(aws: Calls, unknown: list[str]) -> dict[str, str]:
    """Muted alarms and the rule that mutes them now."""
    muted: dict[str, str] = {}
    try:
        for rule in active_rules(aws):
            for name in rule.get("MuteTargets", {}).get("AlarmNames", ()):
                muted.setdefault(name, str(rule["Name"]))
    except CallDenied as denied:
        unknown.append(f"muted alarms: needs {denied.action}")
    except Unsupported:
        unknown.append("muted alarms: this region does not know mute rules")
    except Refused as refused:
        unknown.append(f"muted alarms: {refused.message}")
    return muted


def active_rules(aws: Calls, statuses: Sequence[str] = ("ACTIVE",)) -> Iterable[Answer]:
    """The mute rules in these statuses, whole. Raises CallDenied, Refused."""
    for summary in aws.pages(
        "cloudwatch",
        "ListAlarmMuteRules",
        "AlarmMuteRuleSummaries",
        about="mute rules",
        Statuses=list(statuses),
    ):
        name = re.split(r"[:/]", str(summary["AlarmMuteRuleArn"]))[-1]
        try:
            yield aws.call(
                "cloudwatch",
                "GetAlarmMuteRule",
                about=f"mute rule `{name}`",
                AlarmMuteRuleName=name,
            )
        except NotFound:
            continue  # it ended meanwhile


def _with_last_pages(
    aws: Calls, found: Sequence[AlarmStatus], unknown: list[str]
) -> list[AlarmStatus]:
    """Who was told last, for alarms that are in ALARM: a call for each."""
    result = []
    may_ask = True
    for one in found:
        if one.state == State.ALARM and one.notifies and may_ask:
            try:
                result.append(_with_page(one, last_actions(aws, one.name)))
                continue
            except CallDenied as denied:
                unknown.append(f"last page: needs {denied.action}")
                may_ask = False
            except (NotFound, Refused) as refused:
                unknown.append(f"last page: {refused.message}")
                may_ask = False
        result.append(one)
    return result


def _with_page(one: AlarmStatus, actions: Sequence[tuple[datetime, str]]) -> AlarmStatus:
    told = [moment for moment, text in actions if SUCCESS in text]
    failed = [text for _, text in actions if "Failed to execute action" in text]
    values = {**one.__dict__, "last_page": told[0] if told else None}
    if failed and not told:
        values["trouble"] = failed[0]
    return AlarmStatus(**values)


def last_actions(aws: Calls, name: str, limit: int = 10) -> list[tuple[datetime, str]]:
    """The newest actions of an alarm, newest first: (when, what AWS says of it)."""
    answer = aws.call(
        "cloudwatch",
        "DescribeAlarmHistory",
        about=f"alarm `{name}`",
        AlarmName=name,
        AlarmTypes=["MetricAlarm", "CompositeAlarm", "LogAlarm"],
        HistoryItemType="Action",
        MaxRecords=limit,
        ScanBy="TimestampDescending",
    )
    items = []
    for item in answer.get("AlarmHistoryItems") or ():
        moment = _moment(item.get("Timestamp"))
        if moment is not None:
            text = str(item.get("HistorySummary", ""))
            items.append((moment, f"{text} {_error(item)}".strip()))
    return items


def _error(item: Answer) -> str:
    """The error that an action met, out of its history data."""
    try:
        data = json.loads(item.get("HistoryData") or "{}")
    except ValueError:
        return ""
    return str(data.get("error") or "") if isinstance(data, dict) else ""

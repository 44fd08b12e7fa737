"""Builds the companion in as few stacks as its size allows.

Alarms and all that carries their pages come first, in the companion stack; dashboards and saved
queries take the room that is left, there or in the views stack. A body must stay below what
CloudFormation takes without a bucket, because a bucket is one more thing to set up and to secure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import aws_cdk as cdk
import cdk_monitoring_constructs as monitoring
from aws_cdk import aws_cloudwatch as cloudwatch

from axonwatch.deploy.alarms import Foreman, logical_id
from axonwatch.deploy.chat import add_chat
from axonwatch.deploy.events import add_events
from axonwatch.deploy.log_alarms import LogRoles, add_roles, log_alarm_properties, metric_filter
from axonwatch.deploy.mutes import mute_properties
from axonwatch.deploy.order import needs, size_of, sorted_alarms
from axonwatch.deploy.topics import Channels, add_channels, close_queues
from axonwatch.deploy.views import View, views
from axonwatch.diagnostics import Span
from axonwatch.model.alarms import Alarm, CompositeAlarm, LogAlarm, MetricAlarm, MuteRule
from axonwatch.model.companion import Companion

# Bytes of each stack's body as it stands now, by stack name.
Measure: TypeAlias = Callable[[], Mapping[str, int]]
# The frame of an empty stack: its description and braces.
_EMPTY = 200
# A topic's ARN as stacks other than the first write it, beyond what stands for it while we build.
_TOPIC_ARN = 80


@dataclass
class Site:
    """A stack that is being filled: the room that is left, and which definition went where."""

    stack: cdk.Stack
    foreman: Foreman
    room: int
    origins: dict[str, Span] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The stack's name."""
        return str(self.stack.stack_name)


class Builder:
    """Fills stacks one after the other; nothing stands in an earlier one than what it names."""

    def __init__(self, app: cdk.App, companion: Companion, limit: int, measure: Measure) -> None:
        self.app = app
        self.companion = companion
        self.limit = limit
        self.measure = measure
        self.names = companion.names
        self.sites: list[Site] = []
        self._resources: dict[str, cdk.CfnResource] = {}
        self._place_of: dict[str, int] = {}
        self._alarm_stacks = 1
        self._view_stacks = 0

    @property
    def facade(self) -> monitoring.MonitoringFacade:
        """cdk-monitoring-constructs' own: for whoever extends the app with monitors."""
        return self.sites[0].foreman.facade

    def build(self) -> None:
        """Everything: first what pages, then what people look at."""
        channels, roles = self._open_companion_stack()
        self._take_stock()
        for alarm in sorted_alarms(self.companion):
            self._place_alarm(alarm, channels, roles)
        for rule in self.companion.mute_rules:
            self._place_mute(rule)
        self._take_stock()
        for view in views(self.companion):
            self._place_view(view, channels)

    def _open_companion_stack(self) -> tuple[Channels, LogRoles | None]:
        """Topics, events, chat, metric filters and roles: what later stacks refer to by name."""
        stack = self._new_stack(self.names.companion_stack)
        channels = add_channels(stack, self.names, self.companion.notifications)
        add_events(stack, self.companion, channels)
        add_chat(stack, self.companion, channels)
        close_queues(stack, channels)
        for source in self.companion.metric_filters:
            metric_filter(stack, self.names.stack, source)
        roles = add_roles(stack, self.companion.log_alarms)
        self.sites.append(Site(stack, Foreman(stack, self.names.stack, channels), self.limit))
        return channels, roles

    def _place_alarm(self, alarm: Alarm, channels: Channels, roles: LogRoles | None) -> None:
        site = self.sites[-1]
        needed = [name for name in needs(alarm) if name in self._resources]
        name = site.foreman.logical_id(alarm.name)
        size = size_of(_properties(site.foreman, alarm, roles), name, *needed)
        size += _TOPIC_ARN * len(alarm.actions.alarm + alarm.actions.ok)
        # Log alarms come first of all, because their roles are of the first stack.
        if size > site.room and not isinstance(alarm, LogAlarm):
            self._alarm_stacks += 1
            site = self._open(self.names.alarms_stack(self._alarm_stacks), channels)
        site.room -= size
        resource = _make(site.foreman, alarm, roles)
        if alarm.origin is not None:
            site.origins[name] = alarm.origin
        self._resources[alarm.name] = resource
        self._place_of[alarm.name] = len(self.sites) - 1
        self._depend(resource, needed, len(self.sites) - 1)

    def _place_mute(self, rule: MuteRule) -> None:
        """A mute rule stands with the last of its alarms, or after it."""
        named = [name for name in rule.alarm_names if name in self._resources]
        place = max((self._place_of[name] for name in named), default=0)
        properties = mute_properties(rule)
        name = logical_id(rule.name.removeprefix(f"{self.names.stack}-"))
        size = size_of(properties, name, *named)
        while size > self.sites[place].room and place < len(self.sites) - 1:
            place += 1
        site = self.sites[place]
        site.room -= size
        made = cloudwatch.CfnAlarmMuteRule(site.stack, name, **properties)
        if rule.origin is not None:
            site.origins[name] = rule.origin
        self._depend(made, named, place)

    def _place_view(self, view: View, channels: Channels) -> None:
        site = next((site for site in self.sites if view.size < site.room), None)
        if site is None:
            self._view_stacks += 1
            first = self._view_stacks == 1
            name = (
                self.names.views_stack if first else self.names.more_views_stack(self._view_stacks)
            )
            site = self._open(name, channels)
        site.room -= view.size
        view.make(site.stack)
        if view.origin is not None:
            site.origins[view.id] = view.origin

    def _depend(self, resource: cdk.CfnResource, names: list[str], place: int) -> None:
        """Within a stack by resource; what earlier stacks hold is there already."""
        for name in names:
            if self._place_of[name] == place:
                resource.add_resource_dependency(self._resources[name])

    def _open(self, name: str, channels: Channels) -> Site:
        stack = self._new_stack(name)
        stack.add_stack_dependency(self.sites[-1].stack)
        foreman = Foreman(stack, self.names.stack, channels.elsewhere())
        site = Site(stack, foreman, self.limit - _EMPTY)
        self.sites.append(site)
        return site

    def _take_stock(self) -> None:
        """What is built so far is measured, not guessed."""
        sizes = self.measure()
        for site in self.sites:
            site.room = self.limit - sizes[site.name]

    def _new_stack(self, name: str) -> cdk.Stack:
        """A stack of the companion: no bootstrap, no assets, the account left open."""
        return cdk.Stack(
            self.app,
            name,
            stack_name=name,
            description=f"Watches {self.names.stack}: alarms, dashboards, queries (axonwatch)",
            synthesizer=cdk.LegacyStackSynthesizer(),
            env=cdk.Environment(region=self.companion.inventory.region),
            tags=dict(self.companion.tags) or None,
        )


def _properties(foreman: Foreman, alarm: Alarm, roles: LogRoles | None) -> dict[str, Any]:
    match alarm:
        case MetricAlarm() | CompositeAlarm():
            return foreman.properties(alarm)
        case LogAlarm() if roles is not None:
            return log_alarm_properties(alarm, roles) | foreman.actions(alarm.actions)
        case _:
            message = f"{alarm.name} is no kind of alarm that can be deployed"
            raise TypeError(message)


def _make(foreman: Foreman, alarm: Alarm, roles: LogRoles | None) -> cdk.CfnResource:
    if isinstance(alarm, MetricAlarm | CompositeAlarm):
        return foreman.make(alarm)
    return cloudwatch.CfnLogAlarm(
        foreman.stack, foreman.logical_id(alarm.name), **_properties(foreman, alarm, roles)
    )

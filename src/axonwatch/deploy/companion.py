"""Builds the companion: a stack for what carries pages, one for each large part, one for views.

A body must stay below what CloudFormation takes without a bucket, and a hundred alarms do not fit
in one. Where an alarm stands follows from its part alone, never from what else there is: an alarm
that moved from one stack to another would meet its own name there. See docs/adr/0021.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import aws_cdk as cdk
import cdk_monitoring_constructs as monitoring
from aws_cdk import aws_cloudwatch as cloudwatch

from axonwatch.deploy.alarms import Foreman
from axonwatch.deploy.chat import add_chat
from axonwatch.deploy.events import add_events
from axonwatch.deploy.ignores import note_ignores
from axonwatch.deploy.log_alarms import LogRoles, add_roles, log_alarm_properties, metric_filter
from axonwatch.deploy.mutes import mute_properties
from axonwatch.deploy.topics import Channels, add_channels, close_queues
from axonwatch.deploy.views import View, views
from axonwatch.diagnostics import Span
from axonwatch.model.alarms import Alarm, CompositeAlarm, LogAlarm, MetricAlarm, MetricFilter
from axonwatch.model.companion import Companion
from axonwatch.model.stack import INCIDENTS, PARTS_WITH_STACK
from axonwatch.syntax.alarm_rule import alarm_name, children, parse_rule

# Bytes of each stack's body as it stands now, by stack name.
Measure: TypeAlias = Callable[[], Mapping[str, int]]
# Alarms of parts without a stack of their own stand in the companion stack.
COMPANION, VIEWS = "", "views"
# Components whose alarms are about the whole: they stand with the composites.
WHOLE = ("service",)
# The frame of an empty stack: its description and braces.
_EMPTY = 200


@dataclass
class Site:
    """A stack being filled: the room that is left, and which definition went where."""

    stack: cdk.Stack
    foreman: Foreman
    room: int
    origins: dict[str, Span] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The stack's name."""
        return str(self.stack.stack_name)


class Builder:
    """Makes the stacks of one companion, in the order of their deployment."""

    def __init__(self, app: cdk.App, companion: Companion, limit: int, measure: Measure) -> None:
        self.app = app
        self.companion = companion
        self.limit = limit
        self.measure = measure
        self.names = companion.names
        self._sites: dict[str, Site] = {}
        self._resources: dict[str, cdk.CfnResource] = {}

    @property
    def sites(self) -> list[Site]:
        """The stacks, each after those that it needs."""
        return list(self._sites.values())

    @property
    def facade(self) -> monitoring.MonitoringFacade:
        """cdk-monitoring-constructs' own: for whoever extends the app with monitors."""
        return self._sites[COMPANION].foreman.facade

    def build(self) -> None:
        """First what carries pages, then what pages, then what people look at."""
        self._open_companion()
        for part in (*PARTS_WITH_STACK, INCIDENTS):
            self._open_part(part)
        self._order_composites()
        sizes = self.measure()
        for site in self.sites:
            site.room = self.limit - sizes[site.name]
        for view in views(self.companion):
            self._place(view)

    def _open_companion(self) -> None:
        """Topics, events, chat and roles, and every alarm whose part has no stack of its own."""
        stack = self._new_stack(self.names.companion_stack)
        channels = add_channels(stack, self.names, self.companion.notifications)
        add_events(stack, self.companion, channels)
        add_chat(stack, self.companion, channels)
        close_queues(stack, channels)
        roles = add_roles(stack, self.companion.log_alarms)
        site = self._site(COMPANION, stack, channels)
        self._fill(site, COMPANION, roles)

    def _open_part(self, part: str) -> None:
        """The stack of a part, if it has anything."""
        channels = self._sites[COMPANION].foreman.channels.elsewhere()
        has_mutes = part == INCIDENTS and self.companion.mute_rules
        if not has_mutes and not any(self._of(part)):
            return
        site = self._site(part, self._new_stack(self.names.part_stack(part)), channels)
        self._fill(site, part, None)
        if has_mutes:
            self._mute(site)

    def _fill(self, site: Site, part: str, roles: LogRoles | None) -> None:
        """Metric filters and alarms of a part."""
        for piece in self._of(part):
            name = site.foreman.logical_id(piece.name)
            if isinstance(piece, MetricFilter):
                made: cdk.CfnResource = metric_filter(site.stack, name, piece)
            else:
                made = self._resources[piece.name] = _make(site.foreman, piece, roles)
            note_ignores(made, piece.ignored)
            if piece.origin is not None:
                site.origins[name] = piece.origin

    def _of(self, part: str) -> Iterable[Alarm | MetricFilter]:
        for source in self.companion.metric_filters:
            if self._part_of_filter(source) == part:
                yield source
        for alarm in self.companion.alarms:
            if part_of_alarm(alarm) == part:
                yield alarm

    def _part_of_filter(self, source: MetricFilter) -> str:
        """The service whose log it reads."""
        for service in self.companion.inventory.services:
            if service.log_group == source.log_group and service.component in PARTS_WITH_STACK:
                return service.component
        return COMPANION

    def _mute(self, site: Site) -> None:
        """Mute rules name their alarms, which must be there."""
        for rule in self.companion.mute_rules:
            name = site.foreman.logical_id(rule.name)
            made = cloudwatch.CfnAlarmMuteRule(site.stack, name, **mute_properties(rule))
            note_ignores(made, rule.ignored)
            self._depend(made, rule.alarm_names, site)
            if rule.origin is not None:
                site.origins[name] = rule.origin

    def _order_composites(self) -> None:
        """A composite is made after its children and its suppressor: it names, not refers."""
        for alarm in self.companion.composite_alarms:
            needed = [child.name for child in children(parse_rule(alarm.rule))]
            if alarm.suppressor is not None:
                needed.append(alarm_name(alarm.suppressor))
            self._depend(self._resources[alarm.name], needed, self._sites[INCIDENTS])

    def _depend(self, made: cdk.CfnResource, names: Iterable[str], site: Site) -> None:
        """Within a stack; what earlier stacks hold is there already."""
        for name in dict.fromkeys(names):
            needed = self._resources.get(name)
            if needed is not None and cdk.Stack.of(needed).stack_name == site.name:
                made.add_resource_dependency(needed)

    def _place(self, view: View) -> None:
        """A dashboard beside its part's alarms if there is room, all else in the views' stack."""
        site = self._sites.get(view.part) if view.part else None
        if site is None or view.size >= site.room:
            site = self._views_site(view.size)
        site.room -= view.size
        view.make(site.stack)
        if view.origin is not None:
            site.origins[view.id] = view.origin

    def _views_site(self, size: int) -> Site:
        number = 1
        while (site := self._sites.get(f"{VIEWS}{number}")) is not None and size >= site.room:
            number += 1
        if site is None:
            name = self.names.views_stack if number == 1 else self.names.more_views_stack(number)
            channels = self._sites[COMPANION].foreman.channels
            site = self._site(f"{VIEWS}{number}", self._new_stack(name), channels)
        return site

    def _site(self, part: str, stack: cdk.Stack, channels: Channels) -> Site:
        if self._sites:
            stack.add_stack_dependency(self.sites[-1].stack)
        foreman = Foreman(stack, self.names.stack, channels)
        self._sites[part] = Site(stack, foreman, self.limit - _EMPTY)
        return self._sites[part]

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


def part_of_alarm(alarm: Alarm) -> str:
    """The part in whose stack an alarm stands.

    Composites come last, because they name alarms of all parts; log alarms stand in the companion
    stack, because their roles have names that only CloudFormation knows.
    """
    component = alarm.about.component if alarm.about is not None else ""
    if isinstance(alarm, CompositeAlarm) or component in WHOLE:
        return INCIDENTS
    if isinstance(alarm, LogAlarm) or component not in PARTS_WITH_STACK:
        return COMPANION
    return component


def _make(foreman: Foreman, alarm: Alarm, roles: LogRoles | None) -> cdk.CfnResource:
    match alarm:
        case MetricAlarm() | CompositeAlarm():
            return foreman.make(alarm)
        case LogAlarm() if roles is not None:
            return cloudwatch.CfnLogAlarm(
                foreman.stack,
                foreman.logical_id(alarm.name),
                **log_alarm_properties(alarm, roles),
                **foreman.actions(alarm.actions),
            )
        case _:
            message = f"{alarm.name} is no kind of alarm that can be deployed"
            raise TypeError(message)

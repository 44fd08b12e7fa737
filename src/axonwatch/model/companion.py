"""All that a companion stack holds, as one value: what the catalog makes and every wing reads."""

from __future__ import annotations

from dataclasses import dataclass, field

from axonwatch.model.alarms import (
    Alarm,
    CompositeAlarm,
    LogAlarm,
    MetricAlarm,
    MetricFilter,
    MuteRule,
)
from axonwatch.model.dashboards import Dashboard
from axonwatch.model.inventory import Inventory
from axonwatch.model.notifications import Notifications
from axonwatch.model.queries import SavedQuery
from axonwatch.model.stack import Names


@dataclass(frozen=True)
class Runbook:
    """A runbook page: its name is the alarm's `component-key`; Markdown."""

    name: str
    path: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Companion:
    """Everything of one companion. `alarms` keep the order of their definitions."""

    names: Names
    inventory: Inventory
    notifications: Notifications
    alarms: tuple[Alarm, ...] = ()
    metric_filters: tuple[MetricFilter, ...] = ()
    mute_rules: tuple[MuteRule, ...] = ()
    dashboards: tuple[Dashboard, ...] = ()
    queries: tuple[SavedQuery, ...] = ()
    runbooks: tuple[Runbook, ...] = ()
    tags: tuple[tuple[str, str], ...] = field(default=())

    @property
    def metric_alarms(self) -> tuple[MetricAlarm, ...]:
        """The metric alarms."""
        return tuple(a for a in self.alarms if isinstance(a, MetricAlarm))

    @property
    def composite_alarms(self) -> tuple[CompositeAlarm, ...]:
        """The composite alarms."""
        return tuple(a for a in self.alarms if isinstance(a, CompositeAlarm))

    @property
    def log_alarms(self) -> tuple[LogAlarm, ...]:
        """The log alarms."""
        return tuple(a for a in self.alarms if isinstance(a, LogAlarm))

    def query(self, name: str) -> SavedQuery:
        """A saved query by its short name. Raises KeyError."""
        for query in self.queries:
            if query.name == name:
                return query
        raise KeyError(name)

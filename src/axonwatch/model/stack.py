"""Names: the only author of every name of the main stack's companion.

`[StackName]-[ResourceType]-[Identifier]`, as the main stack's own naming rule says. Alarm names are
ASCII and at most 62 characters, so that the subject of a page holds them whole.
"""

from __future__ import annotations

from dataclasses import dataclass

from axonwatch.model.alarms import Severity

COMPANION_SUFFIX = "observability"
MAX_ALARM_NAME = 62
METRIC_NAMESPACE_ROOT = "Axonwatch"

# The account in ARNs that are made without asking AWS; `deploy` writes references in their place.
OFFLINE_ACCOUNT = "111122223333"


@dataclass(frozen=True)
class Names:
    """Every name of the companion of one main stack."""

    stack: str

    @property
    def companion_stack(self) -> str:
        """The companion stack."""
        return f"{self.stack}-{COMPANION_SUFFIX}"

    @property
    def views_stack(self) -> str:
        """The second companion stack: dashboards and queries that the first has no room for."""
        return f"{self.companion_stack}-views"

    def alarm(self, component: str, key: str) -> str:
        """An alarm: `axonflow-prod-database-connections-high`."""
        return f"{self.stack}-{component.replace('_', '-')}-{key}"

    def topic(self, severity: Severity) -> str:
        """The topic of a severity: `axonflow-prod-alerts-page`."""
        return f"{self.stack}-alerts-{severity}"

    def topic_arn(
        self,
        severity: Severity,
        *,
        partition: str,
        region: str,
        account: str = OFFLINE_ACCOUNT,
    ) -> str:
        """The ARN of a severity's topic; without an account that of offline evaluation."""
        return f"arn:{partition}:sns:{region}:{account}:{self.topic(severity)}"

    def dead_letters(self, severity: Severity) -> str:
        """The queue that keeps undelivered messages of a topic."""
        return f"{self.stack}-undelivered-{severity}"

    def dashboard(self, key: str) -> str:
        """A dashboard: `axonflow-prod-on-call`."""
        return f"{self.stack}-{key.replace('_', '-')}"

    def saved_query(self, folder: str, name: str) -> str:
        """A saved query as the console shows it: `axonflow-prod/database/database-symptoms`."""
        return "/".join(part for part in (self.stack, folder, name) if part)

    def metric_filter(self, key: str) -> str:
        """A metric filter: `axonflow-prod-filter-database-refused`."""
        return f"{self.stack}-filter-{key}"

    def mute_rule(self, key: str) -> str:
        """A mute rule: `axonflow-prod-mute-backup`."""
        return f"{self.stack}-mute-{key}"

    def event_rule(self, key: str) -> str:
        """An event rule or event subscription: `axonflow-prod-events-database`."""
        return f"{self.stack}-events-{key}"

    def log_alarm_role(self) -> str:
        """The role under which log alarms run their queries."""
        return f"{self.stack}-role-log-alarms"

    @property
    def metric_namespace(self) -> str:
        """The namespace of the metrics that our metric filters publish."""
        return f"{METRIC_NAMESPACE_ROOT}/{self.stack}"

    def log_group(self, component: str) -> str:
        """A service's log group, by the main stack's rule: `/ecs/axonflow-prod/agent`."""
        return f"/ecs/{self.stack}/{component}"

"""Names: the only author of every name of the main stack and of its companion.

`[StackName]-[ResourceType]-[Identifier]`, as the main stack's own naming rule says. Alarm names are
ASCII and at most 62 characters, so that the subject of a page holds them whole. `Names` are the
companion's; `MainNames` are those of the reference main stack, cut where AWS allows fewer.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from axonwatch.model.alarms import Severity

COMPANION_SUFFIX = "observability"
MAX_ALARM_NAME = 62
METRIC_NAMESPACE_ROOT = "Axonwatch"
# Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html
MAX_LOAD_BALANCER_NAME = 32
# Source: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html
MAX_DATABASE_IDENTIFIER = 63
MAX_ROLE_NAME = 64
# The common name of a certificate holds 64 characters; the longest region's rest takes 33.
MAX_DOMAIN_LABEL = 31
_DIGEST = 4
# Parts of the main stack whose alarms stand in a companion stack of their own, and the stack of
# composites and of all that is about the whole; in the order of their deployment.
PARTS_WITH_STACK = ("agent", "orchestrator", "database")
INCIDENTS = "incidents"
MAX_VIEWS_STACKS = 4

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
        """The stack of saved queries and of the dashboards that have no room beside alarms."""
        return f"{self.companion_stack}-views"

    def part_stack(self, part: str) -> str:
        """The stack of one part's alarms: `axonflow-prod-observability-agent`."""
        return f"{self.companion_stack}-{part.replace('_', '-')}"

    def more_views_stack(self, number: int) -> str:
        """The stack of views that the views stack has no room for, from number 2 on."""
        return f"{self.views_stack}-{number}"

    @property
    def stacks(self) -> tuple[str, ...]:
        """Every stack that a companion may have, in the order of deployment."""
        more = [self.more_views_stack(number) for number in range(2, MAX_VIEWS_STACKS + 1)]
        parts = [self.part_stack(part) for part in (*PARTS_WITH_STACK, INCIDENTS)]
        return (self.companion_stack, *parts, self.views_stack, *more)

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

    def chat(self, severity: Severity, identifier: str) -> str:
        """A chat channel's configuration: `axonflow-prod-chat-page-3fa2b1c0`."""
        return f"{self.stack}-chat-{severity}-{identifier}"

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


@dataclass(frozen=True)
class MainNames:
    """Every name of the reference main stack, after the seed's examples (`axonflow-prod-alb`).

    A name that AWS would refuse as too long keeps the head of the stack's name and gets four hex
    digits of its digest, so that two long stacks never share one.
    """

    stack: str

    def _name(self, identifier: str, limit: int = 255) -> str:
        whole = f"{self.stack}-{identifier}"
        if len(whole) <= limit:
            return whole
        digest = hashlib.sha256(self.stack.encode()).hexdigest()[:_DIGEST]
        head = self.stack[: limit - len(identifier) - _DIGEST - 2].rstrip("-")
        return f"{head}-{digest}-{identifier}"

    @property
    def cluster(self) -> str:
        """The ECS cluster."""
        return self._name("cluster")

    def service(self, component: str) -> str:
        """An ECS service: `axonflow-prod-agent-service`."""
        return self._name(f"{component}-service")

    def task_family(self, component: str) -> str:
        """A family of task definitions."""
        return self._name(f"{component}-task")

    def security_group(self, component: str) -> str:
        """A security group: `axonflow-prod-agent-sg`."""
        return self._name(f"{component}-sg")

    @property
    def load_balancer(self) -> str:
        """The ALB, at most 32 characters."""
        return self._name("alb", MAX_LOAD_BALANCER_NAME)

    @property
    def target_group(self) -> str:
        """The agent's target group, at most 32 characters."""
        return self._name("agent", MAX_LOAD_BALANCER_NAME)

    @property
    def database(self) -> str:
        """The RDS instance: lower case, no two hyphens together, at most 63 characters."""
        return re.sub("-+", "-", self._name("db", MAX_DATABASE_IDENTIFIER).lower())

    @property
    def database_subnets(self) -> str:
        """The DB subnet group."""
        return self._name("db-subnets").lower()

    @property
    def database_parameters(self) -> str:
        """The DB parameter group."""
        return self._name("db-parameters").lower()

    @property
    def secret(self) -> str:
        """The secret that holds the database password."""
        return self._name("db-secret")

    def role(self, identifier: str) -> str:
        """An IAM role, at most 64 characters: `axonflow-prod-task-role`."""
        return self._name(f"{identifier}-role", MAX_ROLE_NAME)

    def log_group(self, component: str) -> str:
        """A service's log group: `/ecs/axonflow-prod/agent`."""
        return Names(self.stack).log_group(component)

    @property
    def backup_plan(self) -> str:
        """The plan of AWS Backup, in the hardened stack."""
        return self._name("backup-plan", 50)

    def setting(self, component: str, variable: str) -> str:
        """A container's variable in Parameter Store, in the hardened stack."""
        return f"/{self.stack}/{component}/{variable}"

    @property
    def certificate_label(self) -> str:
        """The first label of the certificate's domain, short enough for any region."""
        name = self.stack.lower()
        if len(name) <= MAX_DOMAIN_LABEL:
            return name
        digest = hashlib.sha256(self.stack.encode()).hexdigest()[:_DIGEST]
        return f"{name[: MAX_DOMAIN_LABEL - _DIGEST - 1].rstrip('-')}-{digest}"

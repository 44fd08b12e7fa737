"""Who is told: topics by severity, their subscriptions, and the event rules that feed them."""

from __future__ import annotations

from dataclasses import dataclass, field

from axonwatch.model.alarms import Severity


@dataclass(frozen=True)
class Subscription:
    """A subscriber: an SNS protocol (`email`, `https`, `sms`, `lambda`, `sqs`) and its endpoint."""

    protocol: str
    endpoint: str


@dataclass(frozen=True)
class Topic:
    """A topic of one severity. `arn` is set when the user brings an own one: we then make none."""

    severity: Severity
    name: str
    subscriptions: tuple[Subscription, ...] = ()
    arn: str | None = None


@dataclass(frozen=True)
class Notifications:
    """All that carries pages. `chat` are Slack or Teams channel configurations by severity."""

    topics: tuple[Topic, ...] = ()
    rds_events: bool = True
    ecs_deployment_events: bool = True
    chat: tuple[tuple[Severity, str, str], ...] = field(default=())

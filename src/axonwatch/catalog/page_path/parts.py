"""The topics of a template with all that decides whether a page passes through them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from axonwatch.catalog.cloudformation.resource import Resource
from axonwatch.catalog.cloudformation.values import Unknown, Value, boolean, items, reference
from axonwatch.catalog.nodes import MapNode, Node
from axonwatch.catalog.page_path.policy import Home, statements
from axonwatch.catalog.page_path.subscribers import Subscriber, lets_no_alarm_through
from axonwatch.catalog.template import Template
from axonwatch.diagnostics import Span

TOPIC = "AWS::SNS::Topic"
_REGION_IN_ARN = re.compile(
    r"arn:[^:]*:(?:cloudwatch|sns|events|rds|kms):([a-z]{2,4}(?:-[a-z]+)+-\d):"
)
_ROOT = re.compile(r"arn:[^:]*:iam::(\d{12}):root")


@dataclass(frozen=True)
class Policy:
    """A policy document and its place. `certain` is False if it is there in some cases only."""

    document: Value
    span: Span
    certain: bool = True


@dataclass
class TopicParts:
    """One topic."""

    resource: Resource
    policies: list[Policy] = field(default_factory=list)
    subscribers: list[Subscriber] = field(default_factory=list)
    has_unknown_subscribers: bool = False

    @property
    def arn(self) -> str:
        """How the template refers to it."""
        return f"${{{self.resource.id}}}"

    @property
    def is_fifo(self) -> bool:
        """Whether it is a FIFO topic, which alarms cannot publish to."""
        name = self.resource.get("TopicName")
        named = isinstance(name, str) and name.endswith(".fifo")
        return named or boolean(self.resource.get("FifoTopic")) is True


def topic_of(template: Template, target: str) -> str | None:
    """The logical id of the topic that an ARN or reference of a template means."""
    name = reference(target)
    if name is not None:
        resource = template.resources.get(name)
        is_topic = resource is not None and resource.type == TOPIC
        attribute = target.removeprefix("${").removesuffix("}").partition(".")[2]
        return name if is_topic and attribute in {"", "TopicArn", "Arn"} else None
    if ":sns:" in target:
        last = target.rsplit(":", 1)[-1]
        for resource in template.resources.values():
            if resource.type == TOPIC and resource.get("TopicName") == last and "${" not in last:
                return resource.id
            if last == f"${{{resource.id}.TopicName}}":
                return resource.id
    return None


def read_topics(template: Template) -> dict[str, TopicParts]:
    """All topics by logical id."""
    topics = {one.id: TopicParts(one) for one in template.resources.values() if one.type == TOPIC}
    for resource in template.resources.values():
        if resource.type in {"AWS::SNS::TopicPolicy", "AWS::SNS::TopicInlinePolicy"}:
            _add_policy(template, resource, topics)
        elif resource.type == "AWS::SNS::Subscription":
            _add_subscription(template, resource, topics)
    for topic in topics.values():
        for one in items(topic.resource.get("Subscription")):
            if isinstance(one, dict):
                span = topic.resource.at("Subscription")
                protocol, endpoint = one.get("Protocol"), one.get("Endpoint")
                topic.subscribers.append(Subscriber(str(protocol), str(endpoint), span))
            else:
                topic.has_unknown_subscribers = True
    for name in _named_elsewhere(template):
        if name in topics:
            topics[name].has_unknown_subscribers = True
    return topics


def _add_policy(template: Template, resource: Resource, topics: dict[str, TopicParts]) -> None:
    key = "Topics" if resource.type == "AWS::SNS::TopicPolicy" else "TopicArn"
    value = resource.get(key)
    policy = Policy(resource.get("PolicyDocument"), resource.at("PolicyDocument"))
    named = [topic_of(template, one) for one in items(value) if isinstance(one, str)]
    unknown = isinstance(value, Unknown) or any(isinstance(one, Unknown) for one in items(value))
    for topic in topics.values():
        if topic.resource.id in named:
            same = resource.condition in {None, topic.resource.condition}
            topic.policies.append(Policy(policy.document, policy.span, same))
        elif unknown:
            topic.policies.append(Policy(Unknown(), policy.span, certain=False))


def _add_subscription(
    template: Template, resource: Resource, topics: dict[str, TopicParts]
) -> None:
    target = resource.get("TopicArn")
    name = topic_of(template, target) if isinstance(target, str) else None
    if name is None:
        if not isinstance(target, str):
            for topic in topics.values():
                topic.has_unknown_subscribers = True
        return
    protocol, endpoint = resource.get("Protocol"), resource.get("Endpoint")
    span = resource.at("Endpoint")
    is_deaf = lets_no_alarm_through(resource.get("FilterPolicy"), resource.get("FilterPolicyScope"))
    topics[name].subscribers.append(Subscriber(str(protocol), str(endpoint), span, is_deaf))


# Resource types that name a topic without subscribing anybody to it.
_NO_SUBSCRIBERS = (
    "AWS::SNS::TopicPolicy",
    "AWS::SNS::TopicInlinePolicy",
    "AWS::CloudWatch::",
    "AWS::KMS::",
    "AWS::IAM::",
    "AWS::Events::Rule",
    "AWS::RDS::EventSubscription",
    "AWS::SQS::QueuePolicy",
    "AWS::SNS::Topic",
    "AWS::SNS::Subscription",
)


def _exports(template: Template) -> Iterator[Node]:
    """The outputs that other stacks may import; a plain output subscribes nobody."""
    outputs = template.root.get("Outputs")
    for _, entry in outputs.items() if isinstance(outputs, MapNode) else ():
        if isinstance(entry.value, MapNode) and "Export" in entry.value:
            yield entry.value


def _named_elsewhere(template: Template) -> Iterator[str]:
    """Logical ids that exports or other kinds of resources name: they may subscribe somebody."""
    nodes = [node for one in (template, *template.siblings) for node in _exports(one)]
    nodes += [
        resource.node
        for resource in template.resources.values()
        if not resource.type.startswith(_NO_SUBSCRIBERS)
        and resource.type != "AWS::SNS::Subscription"
    ]
    for node in nodes:
        text = node.source.text[node.start : node.end]
        for name, resource in template.resources.items():
            if resource.type == TOPIC and re.search(rf"\b{re.escape(name)}\b", text):
                yield name


_ON_THE_PATH = (
    "AWS::CloudWatch::Alarm",
    "AWS::CloudWatch::CompositeAlarm",
    "AWS::CloudWatch::LogAlarm",
    "AWS::SNS::",
    "AWS::KMS::",
    "AWS::Events::",
    "AWS::RDS::EventSubscription",
)


def read_home(template: Template) -> Home:
    """What the template's policies, actions and principals say of its own account and region."""
    text = "\n".join(
        one.node.source.text[one.node.start : one.node.end]
        for one in template.resources.values()
        if one.type.startswith(_ON_THE_PATH)
    )
    accounts = set()
    for resource in template.resources.values():
        if resource.type == "AWS::KMS::Key":
            for statement in statements(resource.get("KeyPolicy")):
                principal = statement.get("Principal") if isinstance(statement, dict) else None
                for one in items(principal.get("AWS") if isinstance(principal, dict) else None):
                    match = _ROOT.fullmatch(one) if isinstance(one, str) else None
                    accounts |= {match[1]} if match else set()
    names_region = "AWS::Region" in text
    literal = _REGION_IN_ARN.findall(text)
    common = {region for region in literal if literal.count(region) > len(literal) / 2}
    return Home(
        accounts=frozenset(accounts),
        names_account="AWS::AccountId" in text,
        names_region=names_region or "AWS::AccountId" in text,
        regions=frozenset() if names_region else frozenset(common if len(literal) > 1 else ()),
    )

"""Walk every page's path in a template, and name each place where it surely ends.

From an alarm's action to the topic, its policy, its key and its subscribers; the same for the
event rules and RDS event subscriptions that publish to a topic. What a template does not tell is
passed over in silence.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from axonwatch.catalog.cloudformation.resolve import Resolver
from axonwatch.catalog.cloudformation.resource import Resource, read_resources
from axonwatch.catalog.cloudformation.values import Unknown, boolean, items
from axonwatch.catalog.page_path.arns import fixed_places
from axonwatch.catalog.page_path.keys import locked_out
from axonwatch.catalog.page_path.parts import TopicParts, read_home, read_topics, topic_of
from axonwatch.catalog.page_path.policy import (
    ACCOUNT,
    PARTITION,
    REGION,
    Home,
    Request,
    decide,
    names_action,
    names_principal,
    statements,
)
from axonwatch.catalog.page_path.subscribers import Refusal, refusal, refused_action
from axonwatch.catalog.page_path.verdict import Verdict
from axonwatch.catalog.template import Template
from axonwatch.diagnostics import Diagnostic, Level, Span

ALARMS = "cloudwatch.amazonaws.com"
EVENTS = "events.amazonaws.com"
RDS = "events.rds.amazonaws.com"
_KINDS = (
    "AWS::CloudWatch::Alarm",
    "AWS::CloudWatch::CompositeAlarm",
    "AWS::CloudWatch::LogAlarm",
)


@lru_cache(maxsize=8)
def prove(template: Template) -> tuple[Diagnostic, ...]:
    """Every place in the template where a page ends, be it one of its own or of a sibling's."""
    found = dict.fromkeys(_Proof(template).walk())
    return tuple(one for one in found if one.span is None or one.span.file == template.file)


class _Proof:
    def __init__(self, template: Template) -> None:
        self.template = _together(template)
        self.topics = read_topics(self.template)
        self.home: Home = read_home(self.template)

    def walk(self) -> Iterator[Diagnostic]:
        used: dict[str, list[Resource]] = {}
        for resource in self.template.resources.values():
            if resource.type in _KINDS:
                for name in self._alarm_topics(resource):
                    used.setdefault(name, []).append(resource)
                yield from self._alarm(resource)
            elif resource.type == "AWS::Events::Rule":
                yield from self._rule(resource)
            elif resource.type == "AWS::RDS::EventSubscription":
                yield from self._rds(resource)
        for name, alarms in used.items():
            yield from self._alarms_publish(self.topics[name], alarms)
            yield from self._subscribers(self.topics[name], alarms[0].id)
        yield from fixed_places(self.template, self.home)

    def _alarms_publish(self, topic: TopicParts, alarms: list[Resource]) -> Iterator[Diagnostic]:
        """Whether alarms may publish to a topic; if any alarm may, whether each by its name may."""
        found = list(self._publish(topic, ALARMS, f"CloudWatch (alarm `{alarms[0].id}`)"))
        named = [one for one in alarms if isinstance(one.get("AlarmName"), str)]
        if not found and any(":alarm:" in str(policy.document) for policy in topic.policies):
            for one in named:
                found = list(self._publish(topic, ALARMS, f"CloudWatch (alarm `{one.id}`)", one))
                if found:
                    break
        yield from found

    def _alarm_topics(self, resource: Resource) -> Iterator[str]:
        for key in ("AlarmActions", "OKActions", "InsufficientDataActions"):
            targets, _ = resource.texts(key)
            for target in targets:
                name = topic_of(self.template, target)
                if name is not None:
                    yield name

    def _alarm(self, resource: Resource) -> Iterator[Diagnostic]:
        told = {
            key: resource.texts(key)
            for key in ("AlarmActions", "OKActions", "InsufficientDataActions")
        }
        tells = any(targets for targets, _ in told.values())
        if boolean(resource.get("ActionsEnabled")) is False and tells:
            title = f"alarm `{resource.id}` has its actions switched off: it tells nobody"
            span = resource.at("ActionsEnabled")
            yield _found("actions-disabled", title, span, "no action runs", "delete the line")
        alarm_targets, complete = told["AlarmActions"]
        # Insufficient data alone is a thing to tell: of a heartbeat, or of a composite's child.
        over = told["OKActions"][0] and not alarm_targets and complete
        written = resource.node_of("AlarmActions")
        if over and (written is None or resource.get("AlarmActions") == []):
            title = f"alarm `{resource.id}` tells only that it is over, never that it began"
            cure = "name the topic in `AlarmActions` too"
            span = resource.at("OKActions")
            yield _found("ok-only-actions", title, span, "only OKActions", cure)
        for key, (targets, _) in told.items():
            for target in targets:
                refused = refused_action(self.template, target, self.home, resource.at(key))
                if refused is not None:
                    yield _refused(refused)
        first = next((key for key, (targets, _) in told.items() if targets), "")
        for key, (targets, _) in told.items():
            for target in targets:
                name = topic_of(self.template, target)
                fifo = self.topics[name].is_fifo if name else target.endswith(".fifo")
                if fifo and (name or ":sns:" in target) and key == first:
                    title = f"alarm `{resource.id}` names a FIFO topic, which no alarm can use"
                    cure = "name a standard topic"
                    yield _found("fifo-action", title, resource.at(key), "a FIFO topic", cure)

    def _publish(
        self, topic: TopicParts, service: str, who: str, alarm: Resource | None = None
    ) -> Iterator[Diagnostic]:
        """Whether a service may publish to a topic, and use its key."""
        request = self._request(topic, service, alarm)
        if topic.policies:
            certain = [policy for policy in topic.policies if policy.certain]
            verdicts = [decide(policy.document, request, self.home) for policy in topic.policies]
            if all(verdict is Verdict.NO for verdict in verdicts) and certain:
                yield self._denied(topic, certain[0].document, certain[0].span, service, who)
        elif service == EVENTS:
            title = f"the topic `{topic.resource.id}` does not let {who} publish"
            label = "without a policy a topic lets no event rule in"
            yield _found("publish-denied", title, topic.resource.origin, label, _cure(service))
        locked = locked_out(self.template, topic.resource, request, self.home, who)
        if locked is not None:
            code = "key-denied"
            if service == EVENTS and self._fails_by_condition(topic):
                code = "event-condition"
            yield _found(code, locked.title, locked.span, locked.label, locked.help)

    def _fails_by_condition(self, topic: TopicParts) -> bool:
        """Whether the key lets events in, but for a condition that EventBridge cannot meet."""
        for resource in self.template.resources.values():
            if resource.type != "AWS::KMS::Key" or resource.id not in str(
                topic.resource.get("KmsMasterKeyId")
            ):
                continue
            for statement in statements(resource.get("KeyPolicy")):
                if not isinstance(statement, dict) or statement.get("Condition") is None:
                    continue
                if names_principal(statement, EVENTS) is Verdict.YES:
                    return True
        return False

    def _denied(
        self, topic: TopicParts, document: object, span: Span, service: str, who: str
    ) -> Diagnostic:
        """Why the policy says no, as near as it can be told."""
        name = topic.resource.id
        listed = document.get("Statement") if isinstance(document, dict) else None
        for statement in items(listed):
            if not isinstance(statement, dict) or statement.get("Effect") != "Allow":
                continue
            speaks = names_principal(statement, service) is Verdict.YES
            if not speaks or names_action(statement, "sns:Publish") is Verdict.NO:
                continue
            if statement.get("Condition") is not None and service == EVENTS:
                title = f"the topic `{name}` lets {who} in under a condition it cannot meet"
                label = "EventBridge sends no aws:SourceAccount or aws:SourceArn to a topic"
                cure = "take the condition out, and give events a topic of their own"
                return _found("event-condition", title, span, label, cure)
            part = "its condition" if statement.get("Condition") is not None else "its resource"
            if self._denies(document, service, topic):
                part = "a Deny statement"
            title = f"the topic `{name}` does not let {who} publish"
            label = f"the policy speaks of {service}, but {part} does not fit"
            return _found("publish-denied", title, span, label, _condition_cure(part))
        title = f"the topic `{name}` does not let {who} publish"
        label = f"no statement allows {service} sns:Publish"
        return _found("publish-denied", title, span, label, _cure(service))

    def _denies(self, document: object, service: str, topic: TopicParts) -> bool:
        listed = document.get("Statement") if isinstance(document, dict) else None
        allows = [s for s in items(listed) if isinstance(s, dict) and s.get("Effect") == "Allow"]
        return decide({"Statement": list(allows)}, self._request(topic, service), self.home) is (
            Verdict.YES
        )

    def _request(self, topic: TopicParts, service: str, alarm: Resource | None = None) -> Request:
        prefix = f"arn:{PARTITION}"
        name = alarm.get("AlarmName") if alarm is not None else "${alarm}"
        sources = {
            ALARMS: f"{prefix}:cloudwatch:{REGION}:{ACCOUNT}:alarm:{name}",
            RDS: f"{prefix}:rds:{REGION}:{ACCOUNT}:${{source}}",
        }
        keys = {
            "aws:sourceaccount": ACCOUNT,
            "aws:sourceowner": ACCOUNT,
            "aws:securetransport": "true",
            "aws:principalisawsservice": "true",
        }
        if service in sources:
            keys["aws:sourcearn"] = sources[service]
            absent = frozenset({"kms:viaservice", "aws:principalorgid"})
        else:
            keys.pop("aws:sourceaccount")
            keys.pop("aws:sourceowner")
            absent = frozenset({"aws:sourcearn", "aws:sourceaccount", "kms:viaservice"})
        return Request(service, "sns:Publish", topic.arn, keys, absent)

    def _rule(self, resource: Resource) -> Iterator[Diagnostic]:
        for target in items(resource.get("Targets")):
            if not isinstance(target, dict) or not isinstance(target.get("Arn"), str):
                continue
            name = topic_of(self.template, str(target["Arn"]))
            if name is None:
                continue
            role = target.get("RoleArn")
            if role is not None and not isinstance(role, Unknown):
                title = f"the event rule `{resource.id}` gives its topic target a role"
                label = "AWS says that delivery to an encrypted topic may then fail"
                cure = "take RoleArn out: the topic's policy lets events in"
                yield _found("event-role", title, resource.at("Targets"), label, cure)
            yield from self._publish(
                self.topics[name], EVENTS, f"EventBridge (rule `{resource.id}`)"
            )

    def _rds(self, resource: Resource) -> Iterator[Diagnostic]:
        target = resource.get("SnsTopicArn")
        name = topic_of(self.template, target) if isinstance(target, str) else None
        if name is not None:
            who = f"RDS (event subscription `{resource.id}`)"
            if self.topics[name].policies:
                yield from self._publish(self.topics[name], RDS, who)

    def _subscribers(self, topic: TopicParts, alarm: str) -> Iterator[Diagnostic]:
        name = topic.resource.id
        for one in topic.subscribers:
            if one.protocol == "http" or one.endpoint.startswith("http://"):
                title = f"the topic `{name}` sends its pages over plain HTTP"
                label, cure = "anybody on the way can read it", "use https"
                yield _found("http-subscription", title, one.span, label, cure)
            refused = refusal(self.template, one, name, self.home)
            if refused is not None:
                yield _refused(refused)
        unknown = topic.has_unknown_subscribers or self.template.has_macros
        if not unknown and all(one.is_deaf for one in topic.subscribers):
            title = f"nobody in the template is subscribed to the topic `{name}`"
            label = f"alarm `{alarm}` pages it"
            cure = "add a subscription, or say in an ignore who subscribes elsewhere"
            if topic.subscribers:
                title = f"no subscription of the topic `{name}` lets a page through its filter"
                label = f"alarm `{alarm}` pages it, and alarms send no message attributes"
                cure = "take FilterPolicy out, or set FilterPolicyScope to MessageBody"
            yield _found("topic-without-subscriber", title, topic.resource.origin, label, cure)


def _together(template: Template) -> Template:
    """The template with the resources of its siblings, all without the defaults of parameters.

    What a parameter will be nobody knows. A sibling's resource whose id is taken is left out, but
    for alarms: nothing on a page's path refers to those.
    """
    resources: dict[str, Resource] = {}
    for number, one in enumerate((template, *template.siblings)):
        found = read_resources(one.root, Resolver(one.root, defaults=False))
        for name, resource in found.items():
            if name not in resources:
                resources[name] = resource
            elif resource.type in _KINDS:
                resources[f"{name} {number}"] = resource
    has_macros = template.has_macros or any(one.has_macros for one in template.siblings)
    return replace(template, resources=resources, has_macros=has_macros)


def _found(code: str, title: str, span: Span, label: str = "", help: str = "") -> Diagnostic:
    return Diagnostic(code, Level.WARNING, title, span, label, help)


def _refused(one: Refusal) -> Diagnostic:
    return _found("delivery-denied", one.title, one.span, one.label, one.help)


def _cure(service: str) -> str:
    return f"allow {service} sns:Publish in the topic's policy"


def _condition_cure(part: str) -> str:
    if part == "a Deny statement":
        return "let the Deny speak of aws:SecureTransport `false` only"
    if part == "its resource":
        return "name this topic as the statement's Resource"
    return "use aws:SourceAccount with !Ref AWS::AccountId"

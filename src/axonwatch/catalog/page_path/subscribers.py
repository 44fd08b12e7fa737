"""The last step of a page: does the function or queue that subscribes let the message in?

Functions and queues of the template only; what a permission elsewhere allows nobody can tell here.
A filter over message attributes lets no alarm through: CloudWatch sends none.
"""

from __future__ import annotations

from dataclasses import dataclass

from axonwatch.catalog.cloudformation.resource import Resource
from axonwatch.catalog.cloudformation.values import (
    Unknown,
    Value,
    boolean,
    is_known,
    items,
    reference,
)
from axonwatch.catalog.page_path.keys import locked_out
from axonwatch.catalog.page_path.policy import Home, Request, decide, match_text
from axonwatch.catalog.page_path.verdict import Verdict
from axonwatch.catalog.template import Template
from axonwatch.diagnostics import Span

FUNCTION, QUEUE = "AWS::Lambda::Function", "AWS::SQS::Queue"
SNS, ALARMS = "sns.amazonaws.com", "lambda.alarms.cloudwatch.amazonaws.com"
_QUEUE_POLICIES = ("AWS::SQS::QueuePolicy", "AWS::SQS::QueueInlinePolicy")


@dataclass(frozen=True)
class Subscriber:
    """One subscription. `is_deaf` if its filter surely lets no alarm through."""

    protocol: str
    endpoint: str
    span: Span
    is_deaf: bool = False


@dataclass(frozen=True)
class Refusal:
    """Why a message does not come in, and where that stands."""

    title: str
    label: str
    help: str
    span: Span


def lets_no_alarm_through(filter_policy: Value, scope: Value) -> bool:
    """Whether a FilterPolicy asks for a message attribute."""
    by_attributes = scope is None or scope == "MessageAttributes"
    if not by_attributes or not isinstance(filter_policy, dict):
        return False
    return any(
        key != "$or" and is_known(wanted) and not any(_absence(one) for one in items(wanted))
        for key, wanted in filter_policy.items()
    )


def _absence(matcher: Value) -> bool:
    return isinstance(matcher, dict) and boolean(matcher.get("exists")) is False


def refusal(template: Template, one: Subscriber, topic: str, home: Home) -> Refusal | None:
    """Why a subscriber of the template surely does not let SNS in; None if it does, or may."""
    resource = _resource(template, one.endpoint)
    if resource is None or template.has_macros:
        return None
    if resource.type == FUNCTION and one.protocol == "lambda":
        return _function(template, resource, (SNS, f"${{{topic}}}"), home, one.span)
    if resource.type == QUEUE and one.protocol == "sqs":
        return _queue(template, resource, topic, home, one.span)
    return None


def refused_action(template: Template, target: str, home: Home, span: Span) -> Refusal | None:
    """Why a function of the template surely does not let an alarm invoke it."""
    resource = _resource(template, target)
    if resource is None or resource.type != FUNCTION or template.has_macros:
        return None
    return _function(template, resource, (ALARMS, ""), home, span)


def _resource(template: Template, endpoint: str) -> Resource | None:
    name = reference(endpoint)
    return template.resources.get(name) if name is not None else None


def _function(
    template: Template, function: Resource, who: tuple[str, str], home: Home, span: Span
) -> Refusal | None:
    service, source = who
    for one in template.resources.values():
        if one.type != "AWS::Lambda::Permission" or not _speaks_of(template, one, function):
            continue
        principal, given = one.get("Principal"), one.get("SourceArn")
        fits = not isinstance(principal, str) or principal in {service, "*"} or "${" in principal
        other = source and isinstance(given, str) and match_text(given, source, home) is Verdict.NO
        if fits and not other:
            return None
    caller = "SNS" if service == SNS else "CloudWatch alarms"
    title = f"the function `{function.id}` does not let {caller} invoke it"
    cure = f"add an AWS::Lambda::Permission for {service}"
    return Refusal(title, "no permission of the template fits", cure, span)


def _speaks_of(template: Template, permission: Resource, function: Resource) -> bool:
    """Whether a permission is, or may be, about a function."""
    name = permission.get("FunctionName")
    if not isinstance(name, str):
        return True
    if "${" not in name:
        return name.rpartition(":")[2] == function.get("FunctionName")
    named = template.resources.get(reference(name) or "")
    return named is None or named is function or named.type != FUNCTION


def _queue(
    template: Template, queue: Resource, topic: str, home: Home, span: Span
) -> Refusal | None:
    keys = {
        "aws:sourcearn": f"${{{topic}}}",
        "aws:securetransport": "true",
        "aws:principalisawsservice": "true",
    }
    request = Request(SNS, "sqs:SendMessage", f"${{{queue.id}.Arn}}", keys)
    verdicts = [
        decide(one.get("PolicyDocument"), request, home)
        for one in template.resources.values()
        if one.type in _QUEUE_POLICIES and _is_policy_of(one, queue)
    ]
    if all(verdict is Verdict.NO for verdict in verdicts):
        title = f"the queue `{queue.id}` does not let SNS send to it"
        label = "no policy of the template allows it"
        cure = "allow sns.amazonaws.com sqs:SendMessage in an AWS::SQS::QueuePolicy"
        return Refusal(title, label, cure, span)
    if str(queue.get("KmsMasterKeyId")).endswith("alias/aws/sqs"):
        title = f"the queue `{queue.id}` is encrypted with `alias/aws/sqs`, which SNS cannot use"
        label = "AWS's own key lets no other service in, and its policy cannot be changed"
        cure = "use SqsManagedSseEnabled, or a key whose policy lets sns.amazonaws.com in"
        return Refusal(title, label, cure, queue.at("KmsMasterKeyId"))
    absent = frozenset({"kms:viaservice"})
    asked = Request(SNS, "", "", {**keys}, absent)
    locked = locked_out(template, queue, asked, home, "SNS")
    if locked is None:
        return None
    return Refusal(locked.title, locked.label, locked.help, locked.span)


def _is_policy_of(policy: Resource, queue: Resource) -> bool:
    """Whether a policy is, or may be, of a queue."""
    value = policy.get("Queues" if policy.type == _QUEUE_POLICIES[0] else "Queue")
    names = items(value)
    return isinstance(value, Unknown) or any(
        not isinstance(one, str) or reference(one) in {queue.id, None} for one in names
    )

"""Whether a page can arrive: topics, confirmed subscribers, the policies of topic and key.

The decision on a policy is the same as in `check --template` (`catalog.page_path`), here with the
account's own values in place of references.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from axonwatch.catalog.page_path.policy import Home, Request, decide
from axonwatch.catalog.page_path.verdict import Verdict
from axonwatch.live.clients import Answer, Calls
from axonwatch.live.faults import NotFound
from axonwatch.live.verification.result import Result, attempt, fault, fine
from axonwatch.model.companion import Companion
from axonwatch.model.masking import mask
from axonwatch.model.notifications import Topic

MATTER = "paging"
ALARMS = "cloudwatch.amazonaws.com"
KEY_ACTIONS = ("kms:Decrypt", "kms:GenerateDataKey")


def topic_arn(aws: Calls, companion: Companion, topic: Topic) -> str:
    """The ARN of a topic: the user's own, or ours in this account."""
    return topic.arn or companion.names.topic_arn(
        topic.severity,
        partition=aws.partition,
        region=aws.region,
        account=aws.identity.account,
    )


def verify_topics(aws: Calls, companion: Companion) -> Iterator[Result]:
    """Results for each severity's topic."""
    for topic in companion.notifications.topics:
        arn = topic_arn(aws, companion, topic)
        name = arn.rsplit(":", 1)[-1]
        yield from attempt(MATTER, name, lambda arn=arn, name=name: _topic(aws, arn, name))  # type: ignore[misc]
        yield from attempt(
            MATTER,
            f"{name}: subscribers",
            lambda arn=arn, name=name, topic=topic: _subscribers(aws, arn, name, topic),  # type: ignore[misc]
        )


def _topic(aws: Calls, arn: str, name: str) -> Iterator[Result]:
    if arn.split(":")[3] != aws.region:
        yield fault(
            MATTER,
            name,
            "topic-elsewhere",
            f"the topic is in {arn.split(':')[3]}, the alarms are in {aws.region}",
            "an alarm tells topics of its own region only: name one there",
        )
        return
    try:
        answer = aws.call("sns", "GetTopicAttributes", about=f"topic `{name}`", TopicArn=arn)
    except NotFound:
        text = "the topic does not exist: every page is lost"
        yield fault(MATTER, name, "missing-topic", text, "deploy it: axonwatch deploy")
        return
    attributes: Answer = answer.get("Attributes") or {}
    request = _request(aws, arn, "sns:Publish", arn)
    home = Home()
    policy = json.loads(attributes.get("Policy") or "{}")
    if decide(policy, request, home) is Verdict.NO:
        yield fault(
            MATTER,
            name,
            "topic-refuses-cloudwatch",
            "the topic's policy does not let CloudWatch publish: alarms turn red, nobody is told",
            f"allow {ALARMS} sns:Publish on it, or deploy again: axonwatch deploy --revert-drift",
        )
    else:
        yield fine(MATTER, name, "CloudWatch may publish")
    key = str(attributes.get("KmsMasterKeyId") or "")
    if key:
        yield from attempt(MATTER, f"{name}: key", lambda: _key(aws, arn, name, key))


def _request(aws: Calls, topic: str, action: str, resource: str) -> Request:
    account = aws.identity.account
    alarm = f"arn:{aws.partition}:cloudwatch:{aws.region}:{account}:alarm:${{alarm}}"
    del topic
    keys = {
        "aws:sourceaccount": account,
        "aws:sourceowner": account,
        "aws:sourcearn": alarm,
        "aws:securetransport": "true",
    }
    return Request(ALARMS, action, resource, keys, frozenset({"kms:viaservice"}))


def _key(aws: Calls, topic: str, name: str, key: str) -> Iterator[Result]:
    subject = f"{name}: key"
    if key.endswith("alias/aws/sns"):
        yield fault(
            MATTER,
            subject,
            "aws-managed-key",
            "`alias/aws/sns` lets CloudWatch not in: every page is lost",
            "encrypt the topic with a key of your own that lets CloudWatch use it",
        )
        return
    about = f"key of `{name}`"
    described = aws.call("kms", "DescribeKey", about=about, KeyId=key)["KeyMetadata"]
    state = str(described.get("KeyState", ""))
    if state and state != "Enabled":
        text = f"the key is {state}: every page is lost"
        yield fault(MATTER, subject, "key-not-enabled", text, "enable it, or cancel its deletion")
        return
    answer = aws.call(
        "kms", "GetKeyPolicy", about=about, KeyId=str(described["Arn"]), PolicyName="default"
    )
    policy = json.loads(answer.get("Policy") or "{}")
    for action in KEY_ACTIONS:
        if decide(policy, _request(aws, topic, action, "*"), Home()) is Verdict.NO:
            yield fault(
                MATTER,
                subject,
                "key-refuses-cloudwatch",
                f"the key's policy does not let CloudWatch use {action}: every page is lost",
                f"allow {ALARMS} kms:Decrypt and kms:GenerateDataKey*",
            )
            return
    yield fine(MATTER, subject, "CloudWatch may use it")


def _subscribers(aws: Calls, arn: str, name: str, topic: Topic) -> Iterator[Result]:
    subject = f"{name}: subscribers"
    listed = list(
        aws.pages(
            "sns",
            "ListSubscriptionsByTopic",
            "Subscriptions",
            about=f"topic `{name}`",
            TopicArn=arn,
        )
    )
    if not listed:
        yield fault(
            MATTER,
            subject,
            "no-subscriber",
            f"nobody is subscribed: a {topic.severity} reaches no one",
            f"name somebody in stack.yaml (severities: {topic.severity}: subscribe:), then deploy",
        )
        return
    confirmed = [one for one in listed if _is_confirmed(one)]
    for one in listed:
        if not _is_confirmed(one):
            yield fault(
                MATTER,
                subject,
                "unconfirmed-subscriber",
                f"{_endpoint(one)} has not confirmed its subscription",
                "open the link in the mail that SNS sent; it is valid for three days",
            )
    wanted = {(s.protocol, s.endpoint) for s in topic.subscriptions}
    there = {(str(one["Protocol"]), str(one["Endpoint"])) for one in listed}
    for protocol, endpoint in sorted(wanted - there):
        yield fault(
            MATTER,
            subject,
            "missing-subscriber",
            f"{protocol} {mask(endpoint)} is in stack.yaml and not subscribed",
            "it was not deployed, or has unsubscribed by the link in a mail: axonwatch deploy",
        )
    if confirmed and len(confirmed) == len(listed) and wanted <= there:
        yield fine(MATTER, subject, _count(confirmed))


def _is_confirmed(one: Answer) -> bool:
    return str(one.get("SubscriptionArn", "")).startswith("arn:")


def _endpoint(one: Answer) -> str:
    return f"{one['Protocol']} {mask(str(one['Endpoint']))}"


def _count(confirmed: Sequence[Answer]) -> str:
    number = len(confirmed)
    return f"{number} confirmed subscriber{'s' * (number != 1)}"

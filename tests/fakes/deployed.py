"""The companion's synthesized templates, put into an emulated AWS by the services' own APIs.

The emulators' CloudFormation drops most of what the companion is made of (moto every alarm,
LocalStack dashboards and metric filters), while their APIs take it. So the very templates that
`axonwatch deploy` sends are resolved here and put resource by resource; what the emulator refuses
is not passed over in silence but listed in `refused`, for the tests to name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from tests.fakes.account import loaded
from tests.fakes.aws import ACCOUNT

from axonwatch.deploy.synthesis import synthesize_companion
from axonwatch.model.companion import Companion

REGION = "us-east-1"
# What no command but `deploy` and `destroy` asks for; CloudFormation itself is tested elsewhere.
LEFT_OUT = {
    "AWS::IAM::Role",
    "AWS::IAM::ManagedPolicy",
    "AWS::Events::Rule",
    "AWS::RDS::EventSubscription",
}
Properties = Mapping[str, Any]


@cache
def templates() -> tuple[dict[str, Any], ...]:
    """The templates of the repository's own companion, in the order of their deployment."""
    return templates_of(loaded().companion)


def templates_of(companion: Companion) -> tuple[dict[str, Any], ...]:
    """The templates of a companion."""
    return tuple(json.loads(one.body) for one in synthesize_companion(companion))


def client(service: str, url: str) -> Any:
    """A client that tries once and says what it met."""
    config = Config(retries={"mode": "standard", "total_max_attempts": 1})
    # A session of its own: the default one remembers the credentials of an earlier test.
    make: Any = boto3.Session().client  # typed by literal service names only
    return make(service, endpoint_url=url, region_name=REGION, config=config)


@dataclass
class Deployed:
    """What was put: physical ids by logical id, and what the emulator does not take, by type."""

    url: str
    account: str = ACCOUNT
    ids: dict[str, str] = field(default_factory=dict)
    arns: dict[str, str] = field(default_factory=dict)
    made: dict[str, list[str]] = field(default_factory=dict)
    refused: dict[str, list[str]] = field(default_factory=dict)
    _clients: dict[str, Any] = field(default_factory=dict)

    @property
    def pseudo(self) -> dict[str, str]:
        """The parameters that every template has."""
        return {
            "AWS::Partition": "aws",
            "AWS::Region": REGION,
            "AWS::AccountId": self.account,
        }

    def names(self, *kinds: str) -> set[str]:
        """The physical names of what was made of these types."""
        return {self.ids[one] for kind in kinds for one in self.made.get(f"AWS::{kind}", ())}

    def missing(self, *kinds: str) -> set[str]:
        """The names of what the emulator refused, of these types."""
        return {name for kind in kinds for name in self.refused.get(f"AWS::{kind}", ())}

    def on(self, service: str) -> Any:
        """A client of the emulator."""
        if service not in self._clients:
            self._clients[service] = client(service, self.url)
        return self._clients[service]

    def put(self, template: Mapping[str, Any]) -> None:
        """Put every resource of a template, those that others refer to first."""
        resources = template["Resources"]
        for kind, (make, name_of) in MAKERS.items():
            for logical, resource in resources.items():
                if resource["Type"] != kind:
                    continue
                properties = self.resolved(resource.get("Properties", {}))
                name = name_of(properties)
                if kind in self.refused:
                    self.refused[kind].append(name)
                    continue
                try:
                    self.ids[logical] = make(self, logical, properties) or name
                except ClientError as error:
                    # An emulator answers a call that it lacks with one of these.
                    status = error.response["ResponseMetadata"]["HTTPStatusCode"]
                    if status not in {500, 501}:
                        raise
                    self.refused[kind] = [name]
                    continue
                self.made.setdefault(kind, []).append(logical)
        unknown = {one["Type"] for one in resources.values()} - set(MAKERS) - LEFT_OUT
        assert not unknown, f"nobody puts {unknown}"

    def resolved(self, value: Any) -> Any:
        """A template's value with its intrinsic functions carried out."""
        if isinstance(value, list):
            return [self.resolved(one) for one in value]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            ((function, given),) = value.items()
            match function:
                case "Ref":
                    return self.pseudo.get(given) or self.ids.get(given, given)
                case "Fn::GetAtt":
                    return self.arns.get(given[0], f"{given[0]}.{given[1]}")
                case "Fn::Join":
                    return given[0].join(str(self.resolved(one)) for one in given[1])
                case "Fn::Sub":
                    return self._substituted(given)
        return {key: self.resolved(one) for key, one in value.items()}

    def _substituted(self, given: Any) -> str:
        text, own = (given, {}) if isinstance(given, str) else (given[0], self.resolved(given[1]))
        known = {**self.pseudo, **self.ids, **own}
        filled = re.sub(r"\$\{([^!}]+)\}", lambda match: str(known[match[1]]), text)
        return filled.replace("${!", "${")


def deploy_by_api(
    url: str,
    *,
    of: tuple[dict[str, Any], ...] | None = None,
    account: str = ACCOUNT,
) -> Deployed:
    """Put the whole companion, and the log groups that it reads, into the emulator at `url`."""
    deployed = Deployed(url, account)
    companion = loaded().companion
    groups = {service.log_group for service in companion.inventory.services}
    groups |= {one.log_group for one in companion.metric_filters}
    logs = deployed.on("logs")
    there = {one["logGroupName"] for one in logs.describe_log_groups()["logGroups"]}
    for group in sorted(groups - there):
        logs.create_log_group(logGroupName=group)
    for template in of or templates():
        deployed.put(template)
    return deployed


def _key(to: Deployed, logical: str, given: Properties) -> str:
    made = to.on("kms").create_key(
        Description=given["Description"], Policy=json.dumps(given["KeyPolicy"])
    )["KeyMetadata"]
    to.arns[logical] = made["Arn"]
    return str(made["KeyId"])


def _topic(to: Deployed, logical: str, given: Properties) -> str:
    attributes = {key: given[key] for key in ("DisplayName", "KmsMasterKeyId") if key in given}
    arn = to.on("sns").create_topic(Name=given["TopicName"], Attributes=attributes)["TopicArn"]
    to.arns[logical] = arn
    return str(arn)


def _topic_policy(to: Deployed, logical: str, given: Properties) -> str:
    for topic in given["Topics"]:
        to.on("sns").set_topic_attributes(
            TopicArn=topic,
            AttributeName="Policy",
            AttributeValue=json.dumps(given["PolicyDocument"]),
        )
    return logical


def _queue(to: Deployed, logical: str, given: Properties) -> str:
    sqs = to.on("sqs")
    url = sqs.create_queue(QueueName=given["QueueName"])["QueueUrl"]
    to.arns[logical] = f"arn:aws:sqs:{REGION}:{to.account}:{given['QueueName']}"
    return str(url)


def _queue_policy(to: Deployed, logical: str, given: Properties) -> str:
    for queue in given["Queues"]:
        to.on("sqs").set_queue_attributes(
            QueueUrl=queue, Attributes={"Policy": json.dumps(given["PolicyDocument"])}
        )
    return logical


def _subscription(to: Deployed, logical: str, given: Properties) -> str:
    del logical
    made = to.on("sns").subscribe(
        TopicArn=given["TopicArn"],
        Protocol=given["Protocol"],
        Endpoint=given["Endpoint"],
        ReturnSubscriptionArn=True,
    )
    return str(made["SubscriptionArn"])


def _by(operation: str) -> Callable[[Deployed, str, Properties], str]:
    """CloudWatch's properties have the same names in a template and in its API."""

    def make(to: Deployed, logical: str, given: Properties) -> str:
        del logical
        getattr(to.on("cloudwatch"), operation)(**given)
        return ""

    return make


def _query(to: Deployed, logical: str, given: Properties) -> str:
    made = to.on("logs").put_query_definition(
        name=given["Name"],
        queryString=given["QueryString"],
        logGroupNames=given["LogGroupNames"],
    )
    del logical
    return str(made["queryDefinitionId"])


def _filter(to: Deployed, logical: str, given: Properties) -> str:
    del logical
    to.on("logs").put_metric_filter(
        logGroupName=given["LogGroupName"],
        filterName=given["FilterName"],
        filterPattern=given["FilterPattern"],
        metricTransformations=[_transformation(one) for one in given["MetricTransformations"]],
    )
    return ""


def _transformation(given: Properties) -> dict[str, Any]:
    made = {key[0].lower() + key[1:]: value for key, value in given.items()}
    if "Dimensions" in given:
        made["dimensions"] = {one["Key"]: one["Value"] for one in given["Dimensions"]}
    return made


def _named(key: str) -> Callable[[Properties], str]:
    return lambda given: str(given.get(key, ""))


Maker = tuple[Callable[[Deployed, str, Properties], str], Callable[[Properties], str]]
MAKERS: Mapping[str, Maker] = {
    "AWS::KMS::Key": (_key, _named("Description")),
    "AWS::SQS::Queue": (_queue, _named("QueueName")),
    "AWS::SNS::Topic": (_topic, _named("TopicName")),
    "AWS::SNS::TopicPolicy": (_topic_policy, _named("Topics")),
    "AWS::SQS::QueuePolicy": (_queue_policy, _named("Queues")),
    "AWS::SNS::Subscription": (_subscription, _named("Endpoint")),
    "AWS::Logs::MetricFilter": (_filter, _named("FilterName")),
    "AWS::Logs::QueryDefinition": (_query, _named("Name")),
    "AWS::CloudWatch::Alarm": (_by("put_metric_alarm"), _named("AlarmName")),
    "AWS::CloudWatch::CompositeAlarm": (_by("put_composite_alarm"), _named("AlarmName")),
    "AWS::CloudWatch::LogAlarm": (_by("put_log_alarm"), _named("AlarmName")),
    "AWS::CloudWatch::AlarmMuteRule": (_by("put_alarm_mute_rule"), _named("Name")),
    "AWS::CloudWatch::Dashboard": (_by("put_dashboard"), _named("DashboardName")),
}

"""ARNs on a page's path that are fixed to a region or a partition.

An alarm reaches topics of its own region only, and no ARN of another partition. A template does not
say where it is deployed; but it may contradict itself, and that is what is reported.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from axonwatch.catalog.cloudformation.values import Value, items
from axonwatch.catalog.page_path.policy import Home, split_arn, statements
from axonwatch.catalog.template import Template
from axonwatch.diagnostics import Diagnostic, Level, Span

_ACTIONS = ("AlarmActions", "OKActions", "InsufficientDataActions")
_OTHER_PARTITION = re.compile(
    r"\b(cn-north-1|cn-northwest-1|us-gov-(?:east|west)-1)\b|arn:(aws-[a-z-]+):"
)


@dataclass(frozen=True)
class _Fixed:
    text: str
    owner: str
    span: Span
    is_action: bool


def fixed_places(template: Template, home: Home) -> Iterator[Diagnostic]:
    """Every ARN of a page's path that contradicts the rest of the template."""
    text = template.root.source.text
    elsewhere = _OTHER_PARTITION.search(text)
    arns = list(_arns(template))
    neutral = any(fixed.text.startswith("arn:${AWS::Partition}:") for fixed in arns)
    for fixed in arns:
        parts = split_arn(fixed.text)
        if len(parts) < 6:
            continue
        _, partition, service, region, owner = parts[:5]
        if fixed.is_action and service == "sns" and region and "$" not in region:
            yield from _region(fixed, region, template, home)
        if partition == "aws" and owner != "aws":
            why = ""
            if elsewhere:
                why = f"the template also names `{elsewhere[1] or elsewhere[2]}`"
            elif neutral:
                why = "other ARNs of the template leave the partition open"
            if why:
                title = f"`{fixed.owner}` names `arn:aws:`, which other partitions do not have"
                cure = "write `arn:${AWS::Partition}:` with Fn::Sub"
                yield Diagnostic("fixed-partition", Level.WARNING, title, fixed.span, why, cure)


def _region(fixed: _Fixed, region: str, template: Template, home: Home) -> Iterator[Diagnostic]:
    parts = [split_arn(one.text) for one in _arns(template)]
    others = {one[3] for one in parts if len(one) > 5 and one[3] not in {"", "*", region}}
    if not (home.names_region or others):
        return
    title = f"alarm `{fixed.owner}` names a topic in {region}"
    label = "an alarm reaches topics of its own region only"
    cure = "use a topic of this stack, or `${AWS::Region}` in the ARN"
    yield Diagnostic("other-region-action", Level.WARNING, title, fixed.span, label, cure)


def _arns(template: Template) -> Iterator[_Fixed]:
    for resource in template.resources.values():
        if resource.type.startswith("AWS::CloudWatch::"):
            for key in _ACTIONS:
                for target in resource.texts(key)[0]:
                    yield _Fixed(target, resource.id, resource.at(key), is_action=True)
        elif resource.type == "AWS::SNS::TopicPolicy":
            document, span = resource.get("PolicyDocument"), resource.at("PolicyDocument")
            for text in _texts(document):
                yield _Fixed(text, resource.id, span, is_action=False)
        elif resource.type == "AWS::KMS::Key":
            document, span = resource.get("KeyPolicy"), resource.at("KeyPolicy")
            for text in _texts(document):
                yield _Fixed(text, resource.id, span, is_action=False)


def _texts(document: Value) -> Iterator[str]:
    """The ARNs of a policy: principals, resources and condition values."""
    waiting: list[Value] = list(statements(document))
    while waiting:
        value = waiting.pop(0)
        if isinstance(value, dict):
            waiting += value.values()
        elif isinstance(value, list):
            waiting += items(value)
        elif isinstance(value, str) and value.startswith("arn:"):
            yield value

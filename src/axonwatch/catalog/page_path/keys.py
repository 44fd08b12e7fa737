"""The key of a topic: may the publisher encrypt with it?"""

from __future__ import annotations

from dataclasses import dataclass

from axonwatch.catalog.cloudformation.resource import Resource
from axonwatch.catalog.cloudformation.values import Unknown, boolean, reference
from axonwatch.catalog.page_path.policy import Home, Request, decide
from axonwatch.catalog.page_path.verdict import Verdict
from axonwatch.catalog.template import Template
from axonwatch.diagnostics import Span

KEY = "AWS::KMS::Key"
ACTIONS = ("kms:Decrypt", "kms:GenerateDataKey")


@dataclass(frozen=True)
class Locked:
    """Why a publisher cannot use a key, and where that stands."""

    title: str
    label: str
    help: str
    span: Span


def locked_out(
    template: Template, topic: Resource, request: Request, home: Home, who: str
) -> Locked | None:
    """Why `request.service` surely cannot use the topic's key; None if it can, or may."""
    value = topic.get("KmsMasterKeyId")
    span = topic.at("KmsMasterKeyId")
    if value is None or isinstance(value, Unknown) or not isinstance(value, str):
        return None
    if value.endswith("alias/aws/sns"):
        return Locked(
            f"the topic `{topic.id}` is encrypted with `alias/aws/sns`, which {who} cannot use",
            "AWS's own key lets no other service in, and its policy cannot be changed",
            "make an AWS::KMS::Key whose policy lets the service Decrypt and GenerateDataKey*",
            span,
        )
    key = _key_of(template, value)
    if key is None:
        return None
    if key.get("KeyPolicy") is None:
        title = f"the key `{key.id}` has no policy, so {who} cannot use it"
        label = "the default policy speaks of the account's own users only"
        return Locked(title, label, _cure(request.service), key.origin)
    if boolean(key.get("Enabled")) is False:
        title = f"the key `{key.id}` is disabled: every page fails"
        return Locked(title, "", "enable it", key.at("Enabled"))
    for action in ACTIONS:
        wanted = Request(request.service, action, "*", request.keys, request.absent)
        if decide(key.get("KeyPolicy"), wanted, home) is Verdict.NO:
            star = "*" if action.endswith("DataKey") else ""
            title = f"the key `{key.id}` does not let {who} use {action}{star}"
            label = f"{request.service} encrypts what it publishes"
            return Locked(title, label, _cure(request.service), key.at("KeyPolicy"))
    return None


def _cure(service: str) -> str:
    return f"allow {service} kms:Decrypt and kms:GenerateDataKey* in the key's policy"


def _key_of(
    template: Template, value: str, passed: frozenset[str] = frozenset()
) -> Resource | None:
    """The key that an id, ARN, reference or alias of the template means; `passed` are aliases."""
    if value in passed:
        return None
    passed |= {value}
    name = reference(value)
    resource = template.resources.get(name) if name is not None else None
    if resource is not None and resource.type == KEY:
        return resource
    if resource is not None and resource.type == "AWS::KMS::Alias":
        target = resource.get("TargetKeyId")
        return _key_of(template, target, passed) if isinstance(target, str) else None
    if value.startswith("alias/"):
        for one in template.resources.values():
            if one.type == "AWS::KMS::Alias" and one.get("AliasName") == value:
                target = one.get("TargetKeyId")
                return _key_of(template, target, passed) if isinstance(target, str) else None
    return None

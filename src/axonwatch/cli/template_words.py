"""What a template's references become when it is deployed: partition, region, account, topics.

A template that was read keeps `${AWS::Region}` and `${TicketTopic}` where a value is not known
until then. To be evaluated offline, its alarms get the same made-up account as our definitions.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

from axonwatch.model.stack import OFFLINE_ACCOUNT

if TYPE_CHECKING:
    from axonwatch.catalog.template import Template
    from axonwatch.model.inventory import Inventory

Piece = TypeVar("Piece")
_REFERENCE = re.compile(r"\$\{([A-Za-z0-9:]+)\}")
_CERTIFICATE = re.compile(r"arn:[^:/]*:acm:[^:/]*:[^:/]*:certificate/")


def words_of(template: Template, inventory: Inventory) -> dict[str, str]:
    """What each reference stands for."""
    found = {
        "AWS::Partition": inventory.partition,
        "AWS::Region": inventory.region,
        "AWS::AccountId": OFFLINE_ACCOUNT,
    }
    prefix = f"arn:{inventory.partition}:sns:{inventory.region}:{OFFLINE_ACCOUNT}:"
    for resource in template.resources.values():
        if resource.type == "AWS::SNS::Topic":
            name = resource.get("TopicName")
            found[resource.id] = prefix + (name if isinstance(name, str) else resource.id)
    return found


def fill(piece: Piece, words: Mapping[str, str]) -> Piece:
    """A piece of the model with every known reference in its texts replaced.

    A certificate is known by its id, as in the inventory, which keeps no account.
    """
    filled: Piece = _fill(piece, words)
    return filled


def _fill(value: Any, words: Mapping[str, str]) -> Any:  # noqa: ANN401 - any field of the model
    if type(value) is str:  # a state or a comparison is no text
        text = _REFERENCE.sub(lambda match: words.get(match[1], match[0]), value)
        return _CERTIFICATE.sub("", text)
    if isinstance(value, tuple):
        return tuple(_fill(one, words) for one in value)
    if is_dataclass(value) and not isinstance(value, type):
        changed = {one.name: _fill(getattr(value, one.name), words) for one in fields(value)}
        return replace(value, **changed)
    return value

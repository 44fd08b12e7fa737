"""Ignores of the definitions as metadata of the resources that they speak of.

`axonwatch check --template` then finds in our templates what `axonwatch check` finds in them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import aws_cdk as cdk

from axonwatch.model.ignored import Ignored

METADATA = "axonwatch"


def note_ignores(made: cdk.CfnResource, ignored: Iterable[Ignored]) -> None:
    """Write them into the metadata of a resource, which CloudFormation keeps and does not read."""
    listed = ignores(ignored)
    if listed:
        made.add_metadata(METADATA, {"ignore": listed})


def ignores(ignored: Iterable[Ignored]) -> list[dict[str, Any]]:
    """The list as `check --template` reads it."""
    return [
        {
            "code": one.code,
            "reason": one.reason,
            **({"until": one.until} if one.until else {}),
            "from": one.origin,
        }
        for one in ignored
    ]

"""Policy documents: their frame, and who may assume a role. Used by every module with a policy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


def document(statements: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """A policy document."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def trust(*services: str, condition: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Let services assume a role, each in a statement of its own."""
    return document(
        {
            "Effect": "Allow",
            "Principal": {"Service": service},
            "Action": "sts:AssumeRole",
            **({"Condition": condition} if condition else {}),
        }
        for service in services
    )

"""Templates of the real definitions and of the reference, made once for all tests of this folder.

Node starts with the first import of `axonwatch.deploy` and lives as long as the session.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest

from axonwatch.catalog.load import load_companion
from axonwatch.catalog.project import Project, packaged_root
from axonwatch.deploy.reference.stack import ReferenceOptions
from axonwatch.deploy.synthesis import (
    StackTemplate,
    synthesize_companion,
    synthesize_reference,
)
from axonwatch.model.companion import Companion


@cache
def _companion() -> Companion:
    root = packaged_root()
    return load_companion(Project(root, root / "stack.yaml", packaged=True)).companion


@cache
def _templates() -> tuple[StackTemplate, ...]:
    return synthesize_companion(_companion())


@cache
def _reference(*, hardened: bool) -> str:
    return synthesize_reference(ReferenceOptions("axonflow-prod", hardened=hardened)).body


@pytest.fixture
def companion() -> Companion:
    """The companion of the definitions in this repository."""
    return _companion()


@pytest.fixture
def templates() -> tuple[StackTemplate, ...]:
    """Its templates."""
    return _templates()


@pytest.fixture
def resources(templates: tuple[StackTemplate, ...]) -> dict[str, Any]:
    """Resources of all its templates by `<stack>/<logical id>`."""
    return {
        f"{template.stack_name}/{name}": resource
        for template in templates
        for name, resource in json.loads(template.body)["Resources"].items()
    }


@pytest.fixture
def reference() -> dict[str, Any]:
    """The reference main stack's template."""
    return dict(json.loads(_reference(hardened=False)))


@pytest.fixture
def hardened() -> dict[str, Any]:
    """The hardened one's."""
    return dict(json.loads(_reference(hardened=True)))

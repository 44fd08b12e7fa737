"""The definitions as the catalog loads them, once for all tests here."""

from __future__ import annotations

from pathlib import Path

import pytest

from axonwatch.catalog.load import load_companion
from axonwatch.catalog.project import find_project
from axonwatch.model.companion import Companion

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def companion() -> Companion:
    return load_companion(find_project(ROOT)).companion

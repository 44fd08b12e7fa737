"""Slips in names that AWS defines: wrong case, wrong namespace, a letter too many.

A claim is made only where it is sure, or says how sure: AWS publishes more than any list holds.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from axonwatch.catalog.metrics import Catalogue


@cache
def _namespaces() -> Mapping[str, Any]:
    path = resources.files("axonwatch.catalog") / "data" / "aws_names.json"
    loaded: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))["namespaces"]
    return loaded


def metric_names(namespace: str, catalogue: Catalogue) -> frozenset[str]:
    """The metrics of a namespace that we know; empty if we do not know the namespace."""
    ours = {name for space, name in catalogue.by_name if space == namespace}
    return frozenset(ours | set(_namespaces().get(namespace, {}).get("metrics", ())))


def dimension_names(namespace: str) -> frozenset[str]:
    """The dimensions of a namespace that we know."""
    return frozenset(_namespaces().get(namespace, {}).get("dimensions", ()))


def other_case(word: str, known: frozenset[str]) -> str | None:
    """The known name that differs from `word` in case only."""
    if word in known:
        return None
    return next((name for name in sorted(known) if name.lower() == word.lower()), None)


def other_namespace(namespace: str, metric: str) -> str | None:
    """Where a metric is published that people look for in `namespace`."""
    found = _namespaces().get(namespace, {}).get("elsewhere", {}).get(metric)
    return str(found) if found else None


def other_namespace_case(namespace: str, catalogue: Catalogue) -> str | None:
    """The namespace that differs from `namespace` in case only."""
    known = frozenset(catalogue.namespaces) | frozenset(_namespaces())
    return other_case(namespace, known)


def misspelling(word: str, known: frozenset[str]) -> str | None:
    """The known name that `word` looks like; digits must be the same, and the likeness close."""
    if word in known or len(word) < 6:
        return None
    same_digits = [k for k in known if re.sub(r"\D", "", k) == re.sub(r"\D", "", word)]
    return next(iter(difflib.get_close_matches(word, same_digits, n=1, cutoff=0.92)), None)

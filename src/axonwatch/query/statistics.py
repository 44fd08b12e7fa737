"""What was read, taken from DuckDB's own profile of a statement: no second reading of large logs.

The profile is a tree of operators with the rows that each gave. Where it is not a plain chain from
one reading up to the first grouping or cut, nothing is concluded.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

_THROUGH = {"FILTER", "PROJECTION", "STREAMING_WINDOW"}


@dataclass(frozen=True)
class Counts:
    """Rows of the reading, and rows that went up from it unhindered."""

    scanned: int
    matched: int


def profile_counts(profile: str) -> Counts | None:
    """The counts that a profile shows; None if it does not show them plainly."""
    try:
        tree = json.loads(profile)
    except ValueError:
        return None
    roots = tree.get("operator") if isinstance(tree, dict) else None
    chains: list[list[dict[str, Any]]] = []
    for root in roots or []:
        _chains(root, [], chains)
    readings = [chain for chain in chains if "READ" in str(chain[-1].get("name", ""))]
    if not readings:
        return None
    chain = list(reversed(readings[0]))
    scanned = matched = _rows(chain[0])
    for operator in chain[1:]:
        if operator.get("type") not in _THROUGH:
            break
        matched = _rows(operator)
    return Counts(scanned, matched)


def _chains(
    node: dict[str, Any], above: list[dict[str, Any]], found: list[list[dict[str, Any]]]
) -> None:
    below = node.get("children") or []
    chain = [*above, node]
    if not below:
        found.append(chain)
    for child in below:
        _chains(child, chain, found)


def _rows(operator: dict[str, Any]) -> int:
    return int(operator.get("intermediate_rows", operator.get("operator_cardinality", 0)))

"""`--set key=value`: the keys that there are, and the values read as what they are."""

from __future__ import annotations

import difflib
import types
import typing
from collections.abc import Iterable, Mapping
from dataclasses import fields

from axonwatch.errors import UsageError
from axonwatch.live.discovery.found import Value, example
from axonwatch.model.inventory import Database, LoadBalancer, Service

COMPONENTS = ("agent", "orchestrator")
_TOP: Mapping[str, object] = {
    "cluster": str,
    "tier": str,
    "monthly_requests": int | None,
    "container_insights": bool,
}


def keys() -> dict[str, object]:
    """Every key that may be given by hand, with its type."""
    known = dict(_TOP)
    parts: list[tuple[str, type]] = [
        *((component, Service) for component in COMPONENTS),
        ("load_balancer", LoadBalancer),
        ("database", Database),
    ]
    for part, kind in parts:
        types_of = typing.get_type_hints(kind)
        for one in fields(kind):
            if one.name != "component":
                known[f"{part}.{one.name}"] = types_of[one.name]
    return known


def read_by_hand(given: Iterable[str]) -> dict[str, Value]:
    """The values of `key=value` words. Raises UsageError for the first that cannot be."""
    known = keys()
    values: dict[str, Value] = {}
    for word in given:
        key, sign, text = word.partition("=")
        key = key.strip()
        if not sign:
            raise UsageError(
                f"`--set {word}` has no value", help=f"as in: --set {example('database.iops')}"
            )
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            raise UsageError(
                f"there is no value `{key}` to set",
                help=f"a similar one exists: `{near[0]}`"
                if near
                else "one of: " + ", ".join(known),
            )
        values[key] = _read(key, text.strip(), known[key])
    return values


def _read(key: str, text: str, kind: object) -> Value:
    options = typing.get_args(kind) if isinstance(kind, types.UnionType) else (kind,)
    if types.NoneType in options and text.lower() in {"", "null", "none"}:
        return None
    if bool in options:
        if text.lower() not in {"true", "false"}:
            raise UsageError(f"`{key}` is true or false, not `{text}`")
        return text.lower() == "true"
    if int in options:
        if not text.isascii() or not text.isdigit():
            raise UsageError(
                f"`{key}` is a whole number, not `{text}`",
                help="sizes are in bytes, throughput in bytes a second",
            )
        return int(text)
    if not text:
        raise UsageError(f"`{key}` must not be empty")
    return text

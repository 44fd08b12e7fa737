"""A difference between definitions and account, and how values are compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What is different."""

    MISSING = "missing"
    EXTRA = "extra"
    CHANGED = "changed"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Field:
    """One value that differs."""

    name: str
    wanted: str
    found: str


@dataclass(frozen=True)
class Difference:
    """One thing that differs. `why` says more of what is missing, extra or unknown."""

    what: str
    name: str
    kind: Kind
    fields: tuple[Field, ...] = ()
    why: str = ""


def compare(
    what: str, name: str, wanted: Mapping[str, Any], found: Mapping[str, Any]
) -> Iterator[Difference]:
    """A difference of two flat or nested values, if there is one."""
    fields = tuple(differing(wanted, found))
    if fields:
        yield Difference(what, name, Kind.CHANGED, fields)


def differing(wanted: Any, found: Any, path: str = "") -> Iterator[Field]:  # noqa: ANN401 - JSON
    """Every leaf that differs, with its path."""
    if isinstance(wanted, Mapping) and isinstance(found, Mapping):
        for key in dict.fromkeys([*wanted, *found]):
            inner = f"{path}.{key}" if path else str(key)
            yield from differing(wanted.get(key, _ABSENT), found.get(key, _ABSENT), inner)
    elif _is_list(wanted) and _is_list(found):
        for index in range(max(len(wanted), len(found))):
            one = wanted[index] if index < len(wanted) else _ABSENT
            other = found[index] if index < len(found) else _ABSENT
            yield from differing(one, other, f"{path}[{index}]")
    elif not _same(wanted, found):
        yield Field(path, shown(wanted), shown(found))


_ABSENT = object()
LONG = 200


def _is_list(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _same(one: object, other: object) -> bool:
    if isinstance(one, int | float) and isinstance(other, int | float):
        return float(one) == float(other)
    return one == other


def shown(value: object) -> str:
    """A value in a line."""
    if value is _ABSENT or value is None:
        return "nothing"
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= LONG else f"{text[: LONG - 3]}..."

"""A difference between definitions and account, and how values are compared."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
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
        yield from _differing_items(wanted, found, path)
    elif not _same(wanted, found):
        yield Field(path, shown(wanted), shown(found))


def _differing_items(wanted: Sequence[Any], found: Sequence[Any], path: str) -> Iterator[Field]:
    """Items by what they hold, not by their place: one taken away is one difference."""
    match = SequenceMatcher(
        None, [_key(one) for one in wanted], [_key(one) for one in found], False
    )
    for same, first, last, begin, end in match.get_opcodes():
        if same == "equal":
            continue
        for offset in range(max(last - first, end - begin)):
            one = wanted[first + offset] if first + offset < last else _ABSENT
            other = found[begin + offset] if begin + offset < end else _ABSENT
            place = first + offset if one is not _ABSENT else begin + offset
            yield from differing(one, other, f"{path}[{place}]")


def _key(value: object) -> str:
    return json.dumps(value, sort_keys=True, default=str)


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

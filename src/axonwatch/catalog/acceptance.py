"""A quick yes to documents that keep to their schema, without jsonschema.

Importing jsonschema and asking it costs more than most commands do besides, and most documents are
right. A schema is compiled once to plain functions that answer as jsonschema does; where they do
not know (a keyword that is not here), and wherever the answer is no, jsonschema decides, and says
why. `tests/unit/catalog/test_acceptance.py` holds the two against each other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeAlias

Json: TypeAlias = Any  # what a document or a schema holds, down to any depth
Accepts: TypeAlias = Callable[[Json], bool]

_SAYS_NOTHING = frozenset(
    {"$id", "$schema", "definitions", "description", "examples", "title", "default"}
)
_KINDS: Mapping[str, Accepts] = {
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: _is_number(value) and value == value // 1,
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "null": lambda value: value is None,
}


class _UnsureError(Exception):
    """Nothing here knows."""


def accepts(rules: Accepts, document: Json) -> bool:
    """Whether a document surely keeps to a compiled schema."""
    try:
        return rules(document)
    except _UnsureError:
        return False


def compile_schema(schema: Mapping[str, Json]) -> Accepts:
    """The rules of a schema, to be asked through `accepts`."""
    known: dict[str, Accepts] = {}

    def of(part: Json) -> Accepts:
        if not isinstance(part, Mapping):
            return _unsure
        if "$ref" in part:
            return of_reference(part["$ref"])
        rules = [rule_of(key, part) for key in part if key not in _SAYS_NOTHING]
        return _unsure if _unsure in rules else partial(_keeps_all, tuple(rules))

    def of_reference(name: str) -> Accepts:
        target = str(name).removeprefix("#/definitions/")
        if target not in schema.get("definitions", {}):
            return _unsure
        if target not in known:
            known[target] = partial(_keeps_later, known, target)  # it may hold itself
            known[target] = of(schema["definitions"][target])
        return known[target]

    def rule_of(key: str, part: Mapping[str, Json]) -> Accepts:
        wanted = part[key]
        match key:
            case "properties":
                return partial(_keeps_named, {name: of(below) for name, below in wanted.items()})
            case "additionalProperties":
                others = _nothing if wanted is False else of(wanted)
                named = frozenset(part.get("properties", ()))
                return partial(_keeps_others, named, others)
            case "propertyNames":
                return partial(_keeps_keys, of(wanted))
            case "items":
                return partial(_keeps_items, of(wanted))
            case "anyOf":
                return partial(_keeps_any, tuple(of(choice) for choice in wanted))
            case "oneOf":
                return partial(_keeps_one, tuple(of(choice) for choice in wanted))
        return _rule(key, wanted)

    return of(schema)


def _rule(key: str, wanted: Json) -> Accepts:
    """A rule about the value itself."""
    match key:
        case "type":
            kinds = [_KINDS[name] for name in ([wanted] if isinstance(wanted, str) else wanted)]
            return kinds[0] if len(kinds) == 1 else partial(_keeps_any, tuple(kinds))
        case "enum" if all(isinstance(one, str) for one in wanted):
            return lambda value: isinstance(value, str) and value in wanted
        case "required":
            return lambda value: not isinstance(value, dict) or all(k in value for k in wanted)
        case "pattern":
            find = re.compile(wanted).search
            return lambda value: not isinstance(value, str) or find(value) is not None
        case "minLength":
            return lambda value: not isinstance(value, str) or len(value) >= wanted
        case "maxLength":
            return lambda value: not isinstance(value, str) or len(value) <= wanted
        case "minItems":
            return lambda value: not isinstance(value, list) or len(value) >= wanted
        case "maxItems":
            return lambda value: not isinstance(value, list) or len(value) <= wanted
        case "minProperties":
            return lambda value: not isinstance(value, dict) or len(value) >= wanted
        case "maxProperties":
            return lambda value: not isinstance(value, dict) or len(value) <= wanted
        case "minimum":
            return lambda value: not _is_number(value) or not value < wanted
        case "maximum":
            return lambda value: not _is_number(value) or not value > wanted
        case "uniqueItems":
            return _is_unique
    return _unsure


def _unsure(_: Json) -> bool:
    raise _UnsureError


def _nothing(_: Json) -> bool:
    return False


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _keeps_all(rules: tuple[Accepts, ...], value: Json) -> bool:
    return all(rule(value) for rule in rules)


def _keeps_later(known: Mapping[str, Accepts], target: str, value: Json) -> bool:
    return known[target](value)


def _keeps_any(choices: tuple[Accepts, ...], value: Json) -> bool:
    return any(choice(value) for choice in choices)


def _keeps_one(choices: tuple[Accepts, ...], value: Json) -> bool:
    return sum(choice(value) for choice in choices) == 1


def _keeps_named(named: Mapping[str, Accepts], value: Json) -> bool:
    if not isinstance(value, dict):
        return True
    return all(key not in named or named[key](below) for key, below in value.items())


def _keeps_others(named: frozenset[str], others: Accepts, value: Json) -> bool:
    if not isinstance(value, dict):
        return True
    return all(key in named or others(below) for key, below in value.items())


def _keeps_keys(keys: Accepts, value: Json) -> bool:
    return not isinstance(value, dict) or all(map(keys, value))


def _keeps_items(items: Accepts, value: Json) -> bool:
    return not isinstance(value, list) or all(map(items, value))


def _is_unique(value: Json) -> bool:
    if not isinstance(value, list):
        return True
    if not all(isinstance(one, str) for one in value):
        raise _UnsureError
    return len(set(value)) == len(value)

"""The quick yes says yes exactly where jsonschema finds nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from axonwatch.catalog.acceptance import accepts, compile_schema
from axonwatch.catalog.nodes import plain
from axonwatch.catalog.source import read_yaml

ROOT = Path(__file__).parents[3]
SCHEMAS = {
    path.name.partition(".")[0]: json.loads(path.read_text(encoding="utf-8"))
    for path in (resources.files("axonwatch.catalog") / "schema").iterdir()
    if path.name.endswith(".schema.json")
}
FOLDERS = ("alarms", "dashboards", "log_insights", "scenarios")
STRANGE: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    1.5,
    2.0,
    "",
    "x",
    "5m",
    [],
    ["a", "a"],
    [1, 1],
    {},
    {"x": 1},
)


def documents() -> Iterator[tuple[str, Any]]:
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).glob("*.yaml")):
            yield folder, plain(read_yaml(path, root=ROOT))
    yield "stack", plain(read_yaml(ROOT / "stack.yaml", root=ROOT))


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every (container, key) of a document."""
    keys = value.keys() if isinstance(value, dict) else range(len(value))
    for key in list(keys):
        yield value, key
        if isinstance(value[key], dict | list):
            yield from places(value[key])


def agree(document: Any) -> int:
    """How many schemas accept a document; each answers as jsonschema does."""
    count = 0
    for name, schema in SCHEMAS.items():
        quick = accepts(compile_schema(schema), document)
        if quick:
            assert Draft7Validator(schema).is_valid(document), (name, document)
        count += quick
    return count


def test_our_own_documents_are_accepted_by_a_schema_without_jsonschema() -> None:
    for folder, document in documents():
        assert agree(document) >= 1, folder


@pytest.mark.parametrize("strange", STRANGE, ids=repr)
def test_a_document_with_one_strange_value_is_accepted_only_where_it_is_valid(strange: Any) -> None:
    for schema in SCHEMAS.values():
        rules, validator = compile_schema(schema), Draft7Validator(schema)
        for _, document in list(documents())[::9]:
            if not validator.is_valid(document):
                continue
            for at in range(0, len(list(places(document))), 23):
                broken = deepcopy(document)
                container, key = list(places(broken))[at]
                container[key] = deepcopy(strange)
                assert accepts(rules, broken) is validator.is_valid(broken), (key, strange)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from([0.5, 1.0]) | st.text("ab", max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", max_size=2), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
RULES = st.one_of(
    st.fixed_dictionaries({"type": st.sampled_from(["string", "integer", "number", "object", "array", "null"])}),
    st.fixed_dictionaries({"enum": st.just(["a", "b"])}),
    st.fixed_dictionaries({"minimum": st.integers(-1, 1), "maximum": st.just(2)}),
    st.fixed_dictionaries({"minLength": st.just(1), "pattern": st.just("^a")}),
    st.fixed_dictionaries({"uniqueItems": st.just(True), "maxItems": st.just(2)}),
    st.fixed_dictionaries({"required": st.just(["a"]), "maxProperties": st.just(2)}),
    st.fixed_dictionaries({"const": st.just("a")}),
)  # fmt: skip
PARTS = st.recursive(
    RULES,
    lambda inner: st.one_of(
        st.fixed_dictionaries({"oneOf": st.lists(inner, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"anyOf": st.lists(inner, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"items": inner, "minItems": st.just(1)}),
        st.fixed_dictionaries({"properties": st.fixed_dictionaries({"a": inner}), "additionalProperties": inner}),
        st.fixed_dictionaries({"propertyNames": inner, "patternProperties": st.fixed_dictionaries({"^a": inner})}),
    ),
    max_leaves=5,
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(PARTS, VALUES)
def test_it_accepts_nothing_that_jsonschema_refuses(schema: dict[str, Any], value: Any) -> None:
    if accepts(compile_schema(schema), value):
        assert Draft7Validator(schema).is_valid(value)


def test_a_keyword_that_it_does_not_know_is_left_to_jsonschema() -> None:
    assert not accepts(compile_schema({"const": "a"}), "a")


def test_a_definition_may_hold_itself() -> None:
    schema = {
        "definitions": {"tree": {"type": "array", "items": {"$ref": "#/definitions/tree"}}},
        "$ref": "#/definitions/tree",
    }
    rules = compile_schema(schema)
    assert accepts(rules, [[], [[]]])
    assert not accepts(rules, [[], [1]])

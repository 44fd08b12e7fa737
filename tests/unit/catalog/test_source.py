"""YAML and JSON are read with places, and safely: every attack is one finding with its place."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from axonwatch.catalog.json_source import parse_json
from axonwatch.catalog.nodes import MapNode, ScalarNode, SourceText, plain
from axonwatch.catalog.source import parse_yaml

LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(8)
)

ATTACKS = {
    "billion laughs": (LAUGHS, "alias-bomb", 5),
    "a thousand brackets": ("x: " + "[" * 1000, "too-deep", 1),
    "duplicate keys": ("a: 1\nb: 2\na: 3\n", "duplicate-key", 3),
    "recursive list": ("x: &a [*a]\n", "recursive-alias", 1),
    "recursive mapping": ("x: &a {y: *a}\n", "recursive-alias", 1),
    "unknown alias": ("x: *nobody\n", "unknown-anchor", 1),
    "int of 5,000 digits": ("x: " + "9" * 5000, "odd-number", 1),
    "hexadecimal of 5,000 digits": ("x: 0x" + "f" * 5000, "odd-number", 1),
    "not a number": ("x: .nan\n", "odd-number", 1),
    "infinity": ("x: -.inf\n", "odd-number", 1),
    "float out of range": ("x: 1e999\n", "odd-number", 1),
    "python object": ("x: !!python/object/apply:os.system [ls]\n", "yaml-tag", 1),
    "own tag": ("x: !thing y\n", "yaml-tag", 1),
    "binary tag": ("x: !!binary aGk=\n", "yaml-tag", 1),
    "timestamp tag": ("x: !!timestamp 2026-01-01\n", "yaml-tag", 1),
    "tag on a list": ("x: !!set {a, b}\n", "yaml-tag", 1),
    "bidirectional control": ("a: 1\nx: a\u202eb\n", "hidden-character", 2),
    "isolate": ("x: a\u2066b\n", "hidden-character", 1),
    "NUL": ("a: 1\nb: \x00\n", "hidden-character", 2),
    "escape": ("x: \x1b[2J\n", "hidden-character", 1),
    "lone surrogate": ('x: "\\ud800"\n', "broken-yaml", 1),
    "tab": ("a:\n\tb: 1\n", "broken-yaml", 2),
    "open bracket": ("a: [1, 2\nb: 3\n", "broken-yaml", 2),
    "colon in text": ("a: one: two\n", "broken-yaml", 1),
    "second document": ("a: 1\n---\nb: 2\n", "second-document", 2),
    "merge key": ("a: 1\n<<: {b: 2}\n", "odd-key", 2),
    "list as key": ("? [a, b]\n: 1\n", "odd-key", 1),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_refused_with_its_place(name: str) -> None:
    text, code, line = ATTACKS[name]
    _, findings = parse_yaml(SourceText("x.yaml", text))
    assert findings, name
    assert findings[0].code == code
    assert findings[0].span is not None
    assert findings[0].span.line == line
    assert findings[0].help


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("12:30:45", "12:30:45"),
        ("017", 17),
        ("0o17", 15),
        ("0x1F", 31),
        ("2026-01-01", "2026-01-01"),
        ("1_000", "1_000"),
        ("+5", 5),
        ("-0.5e3", -500.0),
        (".5", 0.5),
        ("1.", 1.0),
        ("true", True),
        ("FALSE", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("'5'", "5"),
        ('"true"', "true"),
        ("!!str 5", "5"),
        ("p99", "p99"),
        ("-", None),
        ("5m", "5m"),
        (".", "."),
    ],
)
def test_scalars_are_those_of_yaml_1_2(text: str, value: object) -> None:
    if text == "-":
        return
    node, findings = parse_yaml(SourceText("x.yaml", f"x: {text}\n"))
    assert findings == ()
    got = plain(node)
    assert isinstance(got, dict)
    assert got["x"] == value
    assert type(got["x"]) is type(value)


SCALARS = """\
plain: some words  # comment
folded plain: one
  two
single: 'it''s here'
double: "a\\tb \\u00e9 \\"q\\" end"
literal: |
  first "line"

    indented
  last
stripped: |-
  x
kept: >
  one
  two

  three
numbered: |2
    two spaces
  none
unicode: é😀z
"""


def test_each_character_of_a_scalar_knows_its_place_in_the_file() -> None:
    source = SourceText("x.yaml", SCALARS)
    node, findings = parse_yaml(source)
    assert findings == ()
    assert isinstance(node, MapNode)
    lines = SCALARS.split("\n")
    for key, entry in node.items():
        scalar = entry.value
        assert isinstance(scalar, ScalarNode)
        for at, character in enumerate(scalar.text):
            span = scalar.span_of(at, at + 1)
            written = lines[span.line - 1][span.column - 1 : span.column]
            if character.isalpha() and written != "\\":
                assert written == character, (key, at)


def test_a_place_in_a_block_is_a_place_in_the_file() -> None:
    node, _ = parse_yaml(SourceText("x.yaml", "q: |\n    fields a\n    | filter b\n"))
    assert isinstance(node, MapNode)
    query = node.get("q")
    assert isinstance(query, ScalarNode)
    at = query.text.index("filter")
    assert str(query.span_of(at, at + 6)) == "x.yaml:3:7"


JSON_ATTACKS = {
    "comma": ('{"a": 1,}', "broken-json"),
    "no comma": ('{"a": 1 "b": 2}', "broken-json"),
    "trailing": ("{} x", "broken-json"),
    "open": ('{"a": ', "broken-json"),
    "open string": ('{"a": "b', "broken-json"),
    "duplicate": ('{"a": 1, "a": 2}', "duplicate-key"),
    "deep": ("[" * 1000, "too-deep"),
    "number": ('{"a": ' + "9" * 5000 + "}", "odd-number"),
    "float": ('{"a": 1e999}', "odd-number"),
    "surrogate": ('{"a": "\\ud800"}', "hidden-character"),
    "constant": ('{"a": NaN}', "broken-json"),
    "bad escape": ('{"a": "\\x"}', "broken-json"),
}


@pytest.mark.parametrize("name", JSON_ATTACKS)
def test_json_is_refused_with_its_place(name: str) -> None:
    text, code = JSON_ATTACKS[name]
    _, findings = parse_json(SourceText("x.json", text))
    assert [one.code for one in findings] == [code]
    assert findings[0].span is not None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**12), 10**12) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(json_values)
def test_json_is_read_as_json_reads_it(value: object) -> None:
    text = json.dumps(value, indent=1)
    node, findings = parse_json(SourceText("x.json", text))
    assert findings == ()
    assert plain(node) == value


@given(st.text(max_size=200))
def test_no_text_ends_in_a_traceback(text: str) -> None:
    for parse in (parse_yaml, parse_json):
        node, findings = parse(SourceText("x", text))
        assert node is not None or findings

"""The filter pattern language, from cases that are data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from axonwatch.syntax.filter_pattern import (
    ManyPatterns,
    Message,
    parse_filter_pattern,
    parse_selector,
)
from axonwatch.syntax.filter_pattern.value import matches_wildcard
from axonwatch.syntax.text import SyntaxFault

CASES = Path(__file__).parents[2] / "cases" / "filter_pattern"


def read(name: str) -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = yaml.safe_load((CASES / name).read_text())
    return cases


@pytest.mark.parametrize(
    ("pattern", "message", "matches"),
    [
        pytest.param(case["pattern"], str(message), answer == "match", id=f"{case['pattern']} {answer} {message}")
        for case in read("matches.yaml")
        for answer in ("match", "reject")
        for message in case.get(answer, [])
    ],
)  # fmt: skip
def test_matches(pattern: str, message: str, matches: bool) -> None:
    assert (parse_filter_pattern(pattern).match(Message(message)) is not None) is matches


@pytest.mark.parametrize("case", read("refused.yaml"), ids=lambda case: case["pattern"])
def test_refused_with_place_and_cure(case: dict[str, Any]) -> None:
    pattern = case["pattern"]
    with pytest.raises(SyntaxFault) as refusal:
        parse_filter_pattern(pattern)
    fault = refusal.value
    assert fault.code == "bad-filter-pattern"
    assert (fault.title, fault.help) == (case["title"], case["help"])
    assert pattern[fault.span.start : fault.span.end] == case["at"]
    assert fault.label


def test_a_pattern_of_1025_characters_is_too_long() -> None:
    with pytest.raises(SyntaxFault, match="at most 1024"):
        parse_filter_pattern("x" * 1025)


def test_deep_parentheses_are_refused_before_python_gives_up() -> None:
    with pytest.raises(SyntaxFault, match="at most 50 nested"):
        parse_filter_pattern("{" + "(" * 400 + "$.a = 1" + ")" * 400 + "}")


def test_a_deep_event_is_no_match() -> None:
    deep = '{"a":' * 100_000 + "1" + "}" * 100_000
    assert parse_filter_pattern("{ $.a IS TRUE }").match(Message(deep)) is None


@pytest.mark.parametrize(
    ("selector", "value"),
    [
        ("$.latency", "12.50"),
        ("$.user.id", "7"),
        ("$.flag", "true"),
        ("$.tags[1]", "b"),
        ("$.['a.b']", "dotted"),
        ("$.none", None),
        ("$.missing", None),
        ("$.user", None),
        ("$.tags[9]", None),
    ],
)
def test_values_of_a_json_match(selector: str, value: str | None) -> None:
    text = (
        '{"latency":12.50,"user":{"id":7},"flag":true,"tags":["a","b"],"a.b":"dotted","none":null}'
    )
    match = parse_filter_pattern("{ $.latency > 1 }").match(Message(text))
    assert match is not None
    assert match.value(parse_selector(selector)) == value


def test_fields_of_a_delimited_match() -> None:
    line = '10.0.0.1 - ann [10/Oct/2000 -0700] "GET /x HTTP/1.0" 404 15'
    match = parse_filter_pattern("[ip, ..., request, status=4*, bytes]").match(Message(line))
    assert match is not None
    assert {name: match.value(name) for name in ("ip", "request", "status", "bytes", "3", "4")} == {
        "ip": "10.0.0.1",
        "request": "GET /x HTTP/1.0",
        "status": "404",
        "bytes": "15",
        "3": "ann",
        "4": "10/Oct/2000 -0700",
    }


def test_the_last_field_takes_the_rest_of_the_line() -> None:
    match = parse_filter_pattern("[first, rest]").match(Message('a b "c d"  '))
    assert match is not None
    assert match.value("rest") == 'b "c d"'


def test_a_metric_takes_its_value_from_one_field() -> None:
    with pytest.raises(SyntaxFault, match="one field"):
        parse_selector("$.a[*]")


def test_optional_terms_that_are_ignored_are_kept_for_checks() -> None:
    pattern = parse_filter_pattern("?a ?b c")
    assert [term.text for term in pattern.ignored] == ["a", "b"]  # type: ignore[union-attr]


@given(st.text(alphabet="ab*", max_size=8), st.text(alphabet="ab", max_size=8))
def test_wildcards_are_what_fnmatch_says(pattern: str, text: str) -> None:
    from fnmatch import fnmatchcase

    assert matches_wildcard(pattern, text) is fnmatchcase(text, pattern)


@given(st.text(alphabet="ab \"'-?%[]{}$.=&|()*1,\\x!<>", max_size=24), st.text(max_size=24))
def test_any_text_is_a_pattern_or_a_fault_in_its_bounds(pattern: str, message: str) -> None:
    try:
        parsed = parse_filter_pattern(pattern)
    except SyntaxFault as fault:
        assert 0 <= fault.span.start < fault.span.end <= len(pattern) + 1  # noqa: PT017
    else:
        parsed.match(Message(message))


KINDS = [
    "",
    '""',
    "ab",
    '"a b" -c',
    "-ab",
    "?ab ?c",
    "?ab c -b",
    "%a+b|c$%",
    "%^a% b -%c%",
    "[x=a*, ...]",
    "{ $.a = 1 }",
]


@given(st.lists(st.text(alphabet="abc \ud800\n", max_size=8), max_size=6))
def test_many_patterns_at_once_find_what_each_finds_alone(messages: list[str]) -> None:
    patterns = [parse_filter_pattern(text) for text in KINDS]
    together = ManyPatterns(patterns)
    for text in [*messages, '{"a": 1}', "abc"]:
        message = Message(text)
        found = sorted(index for index, _ in together.matches(message))
        assert found == [i for i, one in enumerate(patterns) if one.match(message) is not None]


def test_all_patterns_of_the_definitions_parse() -> None:
    for path in sorted((Path(__file__).parents[3] / "alarms").glob("*.yaml")):
        for one in (yaml.safe_load(path.read_text()) or {}).get("filters", {}).values():
            parse_filter_pattern(one["pattern"])

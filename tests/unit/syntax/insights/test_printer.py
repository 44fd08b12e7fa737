"""A printed query parses to the tree that was printed."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from tests.unit.syntax.insights import trees

from axonwatch.syntax.insights import nodes as n
from axonwatch.syntax.insights.parser import MAXIMUM_LENGTH, parse_query
from axonwatch.syntax.insights.printer import print_query


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(trees.queries)
def test_parse_of_print_is_the_tree(query: n.Query) -> None:
    text = print_query(query)
    if len(text) <= MAXIMUM_LENGTH:
        assert parse_query(text) == query


@pytest.mark.slow
@settings(max_examples=5_000, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(trees.queries)
def test_parse_of_print_is_the_tree_many_times(query: n.Query) -> None:
    text = print_query(query)
    if len(text) <= MAXIMUM_LENGTH:
        assert parse_query(text) == query


@pytest.mark.parametrize(
    ("given_text", "printed"),
    [
        ("FIELDS a ,b  as  c", "fields a, b as c"),
        ("filter a=1 and(b=2 or c=3)", "filter a = 1 and (b = 2 or c = 3)"),
        ("filter ! (a = 1)", "filter not a = 1"),
        ("filter !ispresent(a)", "filter not ispresent(a)"),
        ("fields (a-b)-c, a-(b-c)", "fields a - b - c, a - (b - c)"),
        ("fields -(-a), 2^-1, (-2)^2", "fields --a, 2 ^ -1, (-2) ^ 2"),
        ("fields `foo-bar`, `a b`.c, @`x:y`", "fields `foo-bar`, `a b`.c, @`x:y`"),
        ("fields 'it\\'s'", 'fields "it\'s"'),
        ("parse @message /a\\/b/ as x", "parse @message /a\\/b/ as x"),
        ("sort a desc,b | limit 5", "sort a desc, b\n| limit 5"),
        ("filter a in (SOURCE '/g'|fields a)", 'filter a in (SOURCE "/g" | fields a)'),
    ],
)
def test_printing_is_canonical(given_text: str, printed: str) -> None:
    assert print_query(parse_query(given_text)) == printed

"""parse with patterns that begin with a text: found by that text, and as RE2 alone would find it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import re2
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from axonwatch.query.engine import run_query
from axonwatch.query.events import LogGroup
from axonwatch.syntax.insights.regex import read_regex
from axonwatch.syntax.text import TextSpan

_texts = st.text(alphabet="aab é\n", max_size=10)
_heads = st.sampled_from(
    [
        "aab",
        "aba",
        "aaa",
        "ab a",
        "éab",
        "(?s)aab",
        "(?:aab)",
        "(?<h>aab)",
        "aab+",
        "^aab",
        r"\baab",
    ]
)
_groups = st.sampled_from(
    ["(?<x>a+)", "(?<x>[ab]*)", "(?<x>.)", "(?<x>b|é)", "(?<x>.*?)", "(?<x>a)?"]
)
_ends = st.sampled_from(["", "b", "a$", r"\b", "$", "(?<y>b)", "é"])


def _found(pattern: str, text: str) -> dict[str, str]:
    """The groups of RE2's own first match; groups of nothing that may be absent are left out."""
    facts = read_regex(pattern, TextSpan(0, len(pattern)))
    match = re2.search(facts.pattern, text)
    found = {}
    for place, group in enumerate(facts.groups, start=1):
        value = match.group(place) if match else None
        if value or (value == "" and group.shortest == 0 and not group.optional):
            found[str(group.name)] = value
    return found


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30
)
@given(texts=st.lists(_texts, min_size=1, max_size=60), head=_heads, group=_groups, end=_ends)
def test_it_finds_what_re2_finds(
    tmp_path: Path, texts: list[str], head: str, group: str, end: str
) -> None:
    pattern = head + group + end
    file = tmp_path / "events.jsonl"
    file.write_text(
        "".join(
            json.dumps({"timestamp": place, "message": text}) + "\n"
            for place, text in enumerate(texts)
        )
    )
    names = sorted(read_regex(pattern, TextSpan(0, len(pattern))).names)
    query = f"parse @message /{pattern}/ | sort @timestamp | display {', '.join(names)}"
    rows = [dict(row) for row in run_query(query, [LogGroup("/g", (str(file),))]).rows]
    assert rows == [_found(pattern, text) for text in texts]


@pytest.mark.parametrize(
    ("pattern", "prefix"),
    [
        (r"from (?<ip>\d)", "from "),
        ("(?<a>ab)c", "abc"),
        ("ab+c", "ab"),
        ("a?bc", ""),
        ("abc|abd", ""),
        ("(?:abc)d", "abcd"),
        ("(?i)abc", ""),
        ("ab(?i)c", ""),
        ("^abc", ""),
        (r"\babc", ""),
        (r"\[x\] (?<y>\d)", "[x] "),
        ("[a]bc", ""),
        (r"\Qabc\E", ""),
        ("(?s)abc", "abc"),
    ],
)
def test_a_prefix_is_claimed_only_where_it_is_sure(pattern: str, prefix: str) -> None:
    assert read_regex(pattern, TextSpan(0, len(pattern))).prefix == prefix

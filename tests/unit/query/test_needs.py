"""Where the order of events may be given up for speed: only where no answer can show it."""

from __future__ import annotations

import pytest

from axonwatch.query.sql.needs import ignores_order
from axonwatch.syntax.insights.parser import parse_query


@pytest.mark.parametrize(
    ("text", "ignored"),
    [
        ("stats count(*) by level", True),
        (
            "filter a = 1 | parse @message 'x * y' as v | stats avg(v), max(@timestamp) by bin(5m)",
            True,
        ),
        ("stats sum(a) as s by b | sort s | limit 3", True),
        ("fields @message", False),
        ("filter a = 1 | sort a | limit 3", False),
        ("stats earliest(a) by b", False),
        ("stats LATEST(a) by b", False),
        ("stats rate(a, 1s) by b", False),
        ("stats max(@ptr)", False),
        ("dedup a | stats count(*)", False),
        ("limit 10 | stats count(*)", False),
        ("parse @message /(?<v>x)/ multi | stats count(*)", False),
    ],
)
def test_order_is_ignored_only_by_what_counts_all(text: str, ignored: bool) -> None:
    assert ignores_order(parse_query(text)) is ignored

from __future__ import annotations

import pytest

from axonwatch.syntax.metric_math.insights_query import Condition, InsightsQuery, parse_insights
from axonwatch.syntax.text import SyntaxFault


def test_a_whole_query() -> None:
    found = parse_insights(
        'SELECT max(CPUUtilization) FROM SCHEMA("AWS/ECS", ClusterName, ServiceName) '
        "WHERE ClusterName = 'a''".replace("''", "'")
        + " AND ServiceName != 'b' "
        "GROUP BY ServiceName ORDER BY AVG() DESC LIMIT 3"
    )
    assert found == InsightsQuery(
        "MAX",
        "CPUUtilization",
        "AWS/ECS",
        ("ClusterName", "ServiceName"),
        (Condition("ClusterName", "a", equal=True), Condition("ServiceName", "b", equal=False)),
        ("ServiceName",),
        ("AVG", True),
        3,
    )


def test_the_shortest_query() -> None:
    assert parse_insights('SELECT SUM(x) FROM "My Namespace"') == InsightsQuery(
        "SUM", "x", "My Namespace"
    )


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("SELECT MEDIAN(x) FROM N", 7),
        ("SELECT AVG(x)", 13),
        ("SELECT AVG(x) FROM N WHERE a > 'b'", 29),
        ("SELECT AVG(x) FROM N WHERE a = b", 31),
        ("SELECT AVG(x) FROM N LIMIT many", 27),
        ("SELECT AVG(x) FROM N nonsense", 21),
    ],
)
def test_faults_have_their_place(text: str, start: int) -> None:
    with pytest.raises(SyntaxFault) as caught:
        parse_insights(text)
    assert caught.value.span.start == start

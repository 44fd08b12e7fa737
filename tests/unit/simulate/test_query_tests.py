"""Saved queries' own tests: rows expected against rows found."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from axonwatch.model.queries import QueryTest
from axonwatch.simulate.scenarios.query_tests import judge_rows

Rows = Sequence[dict[str, str]]


def expect(rows: Rows, *, ordered: bool = False) -> QueryTest:
    return QueryTest(name="one", events=(), rows=tuple(rows), ordered=ordered)


A, B, C = {"x": "a", "n": "1"}, {"x": "b", "n": "2"}, {"x": "c", "n": "3"}


@pytest.mark.parametrize(
    ("wanted", "found", "ordered"),
    [
        ([], [], False),
        ([A, B], [B, A], False),
        ([A, B], [A, B], True),
        ([{"x": "a"}], [A], False),  # fewer columns than found
        ([{"n": "1.0"}], [A], False),  # numbers are numbers
        ([{"n": "0.1"}], [{"n": "0.10000000001"}], False),
        ([A, A], [A, A], False),
        ([{"x": "a"}, {"x": "a", "n": "1"}], [A, {"x": "a", "n": "2"}], False),
    ],
)
def test_the_same(wanted: Rows, found: Rows, ordered: bool) -> None:
    assert judge_rows(expect(wanted, ordered=ordered), found) == ""


@pytest.mark.parametrize(
    ("wanted", "found", "ordered", "said"),
    [
        ([A], [], False, "1 row expected, 0 found\n- x=a  n=1"),
        ([], [A], False, "0 rows expected, 1 found\n+ x=a  n=1"),
        ([A, A], [A], False, "2 rows expected, 1 found\n- x=a  n=1"),
        ([{"y": ""}], [A], False, "1 row expected, 1 found\n- y=\n+ x=a  n=1"),
        (
            [A, B],
            [B, A],
            True,
            "2 rows expected, 2 found\n- x=a  n=1\n- x=b  n=2\n+ x=b  n=2\n+ x=a  n=1",
        ),
        ([A, B, C], [A], True, "3 rows expected, 1 found\n- x=b  n=2\n- x=c  n=3"),
        ([A], [A, B], True, "1 row expected, 2 found\n+ x=b  n=2"),
        ([], [{"x": "a", "@ptr": "123"}], False, "0 rows expected, 1 found\n+ x=a"),
    ],
)
def test_what_differs(wanted: Rows, found: Rows, ordered: bool, said: str) -> None:
    assert judge_rows(expect(wanted, ordered=ordered), found) == said


def test_long_differences_are_cut() -> None:
    said = judge_rows(expect([]), [A] * 8)
    assert said.splitlines()[-1] == "+ 3 more"
    assert len(said.splitlines()) == 7

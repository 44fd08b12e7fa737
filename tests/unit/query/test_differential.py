"""Random queries over random events: DuckDB's answers and plain Python's are the same."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn
from tests.unit.query import oracle
from tests.unit.query.questions import AGGREGATES, Question

from axonwatch.query.engine import run_query
from axonwatch.query.events import LogGroup

START = 1_767_225_600_000
NAMES = ["a", "b", "n", "t", "m.k"]
_values = st.one_of(
    st.sampled_from(oracle.TEXTS),
    st.sampled_from([0, 1, 2, 9, 10, -3, 2.5, 0.5]),
    st.booleans(),
    st.none(),
)
_events = st.lists(st.dictionaries(st.sampled_from(NAMES), _values), max_size=8)


def _message(event: Mapping[str, object]) -> str:
    inner = {"k": event["m.k"]} if "m.k" in event else {}
    return json.dumps({key: value for key, value in event.items() if key != "m.k"} | {"m": inner})


def _value(raw: object) -> oracle.Value:
    """What discovery makes of a JSON value: a number is its spelling."""
    return str(raw) if isinstance(raw, int | float) and not isinstance(raw, bool) else raw  # type: ignore[return-value]


@st.composite
def questions(draw: DrawFn) -> tuple[list[str], Question]:
    """Messages, oldest first, and a query over them with its answer."""
    events = draw(_events)
    rows = [{key: _value(value) for key, value in event.items()} for event in reversed(events)]
    question = Question(rows, dict.fromkeys(NAMES, False))
    for place in range(draw(st.integers(0, 2))):
        question.fields(draw(oracle.pieces(question.names)), f"x{place}")
    for _ in range(draw(st.integers(0, 2))):
        question.filter(draw(oracle.conditions(question.names)))
    if draw(st.booleans()):
        _group(draw, question)
    elif not question.columns:
        question.fields(draw(oracle.pieces(question.names)), "x")
    names = st.sampled_from(sorted(question.names))
    if draw(st.booleans()):
        keys = st.tuples(names, st.booleans())
        question.sort(draw(st.lists(keys, min_size=1, max_size=2, unique_by=lambda key: key[0])))
    if draw(st.integers(0, 3)) == 0:
        question.dedup(draw(st.lists(names, min_size=1, max_size=2, unique=True)))
    question.limit(draw(st.sampled_from([1, 2, 1000])))
    return [_message(event) for event in events], question


def _group(draw: DrawFn, question: Question) -> None:
    piece = oracle.pieces(question.names)
    wanted = draw(
        st.lists(
            st.one_of(
                st.just(("count", None)),
                st.tuples(st.sampled_from(sorted(AGGREGATES)), piece),
            ),
            min_size=1,
            max_size=3,
        )
    )
    question.stats(wanted, draw(st.lists(piece, max_size=2)))
    # Groups have an order only in their keys; their own order is not asked here.
    question.sort([(name, False) for name in question.columns])
    if draw(st.booleans()):
        question.filter(draw(oracle.conditions(question.names)))


def _same(ours: str | None, theirs: str | None) -> bool:
    if ours == theirs or ours is None or theirs is None:
        return ours == theirs
    one, two = oracle.number(ours), oracle.number(theirs)
    return one is not None and two is not None and math.isclose(one, two, rel_tol=1e-9)


def check(folder: Path, messages: list[str], question: Question) -> None:
    path = folder / "events.jsonl"
    lines = [
        json.dumps({"timestamp": START + place, "message": message}) + "\n"
        for place, message in enumerate(messages)
    ]
    path.write_text("".join(lines), encoding="utf-8")
    expected = question.answer()
    result = run_query(question.text, [LogGroup("g", (str(path),))])
    note(f"query: {question.text}\nevents: {messages}\nours: {result.rows}\npython: {expected}")
    assert result.columns == tuple(question.columns)
    assert len(result.rows) == len(expected)
    for one, two in zip(result.rows, expected, strict=True):
        assert all(_same(one.get(name), two.get(name)) for name in question.columns), (one, two)


_quiet = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large]


@settings(max_examples=60, deadline=None, suppress_health_check=_quiet)
@given(asked=questions())
def test_random_queries_have_the_answers_of_plain_python(
    tmp_path: Path, asked: tuple[list[str], Question]
) -> None:
    check(tmp_path, *asked)


@pytest.mark.slow
@settings(max_examples=4000, deadline=None, suppress_health_check=_quiet)
@given(asked=questions())
def test_thousands_of_random_queries_have_the_answers_of_plain_python(
    tmp_path: Path, asked: tuple[list[str], Question]
) -> None:
    check(tmp_path, *asked)

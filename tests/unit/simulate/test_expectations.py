"""Sentences about alarms, judged against timelines."""

from __future__ import annotations

import pytest

from axonwatch.durations import parse_duration
from axonwatch.model.alarms import State
from axonwatch.simulate.scenarios.expectations import Timeline, judge, parse_expectation, state_at

OK, ALARM, NONE = State.OK, State.ALARM, State.INSUFFICIENT_DATA
START, END = 0, 1800
FIRES: Timeline = ((0, OK), (480, ALARM), (900, OK), (1200, ALARM))
QUIET: Timeline = ((0, OK),)
ALWAYS: Timeline = ((0, ALARM),)


@pytest.mark.parametrize(
    ("sentence", "timeline", "holds"),
    [
        ("ALARM at 8m", FIRES, True),
        ("ALARM at 7m59s", FIRES, False),
        ("OK at 15m", FIRES, True),
        ("ALARM at 30m", FIRES, True),
        ("ALARM by 8m", FIRES, True),
        ("ALARM by 7m", FIRES, False),
        ("ALARM by 30m", QUIET, False),
        ("ALARM by 1m", ALWAYS, True),
        ("ALARM between 7m and 9m", FIRES, True),
        ("ALARM between 9m and 10m", FIRES, False),  # the first is too early
        ("ALARM between 4m and 7m", FIRES, False),
        ("OK again by 15m", FIRES, True),
        ("OK again by 14m", FIRES, False),
        ("OK again by 30m", QUIET, False),  # it was never anything else
        ("OK again between 16m and 20m", FIRES, False),
        ("ALARM again by 20m", FIRES, True),
        ("never ALARM", QUIET, True),
        ("never ALARM", FIRES, False),
        ("never ALARM until 7m", FIRES, True),
        ("never ALARM until 8m", FIRES, False),  # both ends are inside
        ("never ALARM from 15m to 19m", FIRES, True),
        ("never ALARM after 14m to 19m", FIRES, False),
        ("never INSUFFICIENT_DATA", FIRES, True),
        ("always OK until 7m", FIRES, True),
        ("always OK", FIRES, False),
        ("always ALARM", ALWAYS, True),
        ("always ALARM from 8m to 14m", FIRES, True),
        ("not evaluated", FIRES, False),
    ],
)
def test_sentences(sentence: str, timeline: Timeline, holds: bool) -> None:
    expectation = parse_expectation(sentence, "a", parse_duration)
    assert judge(expectation, timeline, START, END).holds is holds


def test_an_alarm_that_was_not_evaluated_is_never_as_expected() -> None:
    for sentence in ("never ALARM", "always OK", "OK at 5m"):
        outcome = judge(parse_expectation(sentence, "a", parse_duration), None, START, END)
        assert not outcome.holds
        assert outcome.note == "the scenario gives it nothing to read"
    assert judge(parse_expectation("not evaluated", "a", parse_duration), None, START, END).holds


@pytest.mark.parametrize(
    ("sentence", "timeline", "moment", "actual", "expected"),
    [
        ("ALARM by 7m", FIRES, 420, OK, "ALARM"),
        ("ALARM between 9m and 10m", FIRES, 480, ALARM, "ALARM not yet"),
        ("never ALARM from 9m", FIRES, 540, ALARM, "never ALARM"),
        ("always OK", FIRES, 480, ALARM, "OK"),
        ("OK at 9m", FIRES, 540, ALARM, "OK"),
    ],
)
def test_where_a_sentence_fails(
    sentence: str, timeline: Timeline, moment: int, actual: State, expected: str
) -> None:
    outcome = judge(parse_expectation(sentence, "a", parse_duration), timeline, START, END)
    assert (outcome.moment, outcome.actual, outcome.expected) == (moment, actual, expected)


def test_a_moment_before_the_first_entry_has_its_state() -> None:
    assert state_at(((60, ALARM), (120, OK)), 0) is ALARM

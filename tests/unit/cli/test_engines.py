"""One query engine for the log alarms of one test after the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import pytest

from axonwatch.cli import engines
from axonwatch.cli.engines import log_engine, open_logs
from axonwatch.query import session
from axonwatch.query.connection import Limits
from axonwatch.query.events import LogGroup
from axonwatch.simulate.recordings.log_events import LogEvent
from axonwatch.simulate.scenarios.runner import OpenLogs

COUNT = "filter @message like /boom/ | stats count(*) as n"
HOUR = (0, 3_600_000)


def events(*messages: str) -> tuple[LogEvent, ...]:
    return tuple(LogEvent(1000 * at, text, "s") for at, text in enumerate(messages))


def count(open_test: OpenLogs, given: Mapping[str, Sequence[LogEvent]], asked: str) -> list[str]:
    with open_test(given) as run:
        return [row["n"] for row in run(COUNT, (asked,), *HOUR)]


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many groups each session was opened with."""
    found: list[int] = []
    real = session.open_session

    @contextmanager
    def open_session(groups: Sequence[LogGroup], *, limits: Limits) -> Iterator[session.Session]:
        found.append(len(groups))
        with real(groups, limits=limits) as one:
            yield one

    monkeypatch.setattr(session, "open_session", open_session)
    return found


def test_each_test_sees_its_own_events_over_one_connection(opened: list[int]) -> None:
    first = {"/a": events("boom", "boom", "no"), "/b": events("no")}
    second = {"/b": events("boom"), "/a": events("fine")}
    third = {"/c": events("boom " * 200)}
    with log_engine() as open_test:
        assert count(open_test, first, "/a") == ["2"]
        assert count(open_test, second, "/a") == []
        assert count(open_test, second, "/b") == ["1"]
        assert count(open_test, third, "/c") == ["1"]
        assert count(open_test, first, "/a") == ["2"]
    assert opened == [engines._SLOTS]


def test_a_silent_group_beside_others_has_no_rows(opened: list[int]) -> None:
    with log_engine() as open_test:
        assert count(open_test, {"/a": events("boom"), "/b": events("boom")}, "/b") == ["1"]
        assert count(open_test, {"/a": events("boom"), "/b": ()}, "/b") == []
        assert count(open_test, {"/a": (), "/b": ()}, "/b") == []
    assert len(opened) == 1


def test_nothing_is_opened_without_an_event_in_the_window(opened: list[int]) -> None:
    given = {"/a": events("boom")}
    with log_engine() as open_test, open_test(given) as run:
        assert run(COUNT, ("/a",), 3_600_000, 7_200_000) == ()
    assert opened == []


def test_more_groups_than_files_open_another_connection(opened: list[int]) -> None:
    many = {f"/g{number}": events("boom") for number in range(engines._SLOTS + 3)}
    with log_engine() as open_test:
        assert count(open_test, {"/a": events("boom")}, "/a") == ["1"]
        assert count(open_test, many, "/g9") == ["1"]
        assert count(open_test, {"/a": events("boom", "boom")}, "/a") == ["2"]
    assert opened == [engines._SLOTS, engines._SLOTS + 3]


def test_a_query_that_the_engine_had_to_read_line_by_line_leaves_no_trace(
    opened: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    with log_engine() as open_test:
        assert count(open_test, {"/a": events("boom")}, "/a") == ["1"]
        monkeypatch.setattr(session.Session, "is_clean", property(lambda _: True))
        assert count(open_test, {"/a": events("boom", "boom")}, "/a") == ["2"]
    assert len(opened) == 2


def test_one_test_alone_may_open_its_own() -> None:
    with open_logs({"/a": events("boom")}) as run:
        assert run(COUNT, ("/a",), *HOUR) == ({"n": "1"},)

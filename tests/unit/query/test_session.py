"""Several queries over one connection: each sees its own groups and times only."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from axonwatch.query.events import LogGroup
from axonwatch.query.session import Request, Session, open_session
from axonwatch.syntax.text import SyntaxFault

COUNT = "stats count(*) as n"


def write(folder: Path, name: str, events: Sequence[tuple[int, str]]) -> LogGroup:
    path = folder / f"{name}.jsonl"
    path.write_text(
        "".join(json.dumps({"timestamp": time, "message": text}) + "\n" for time, text in events)
    )
    return LogGroup(name, (str(path),))


def groups(folder: Path) -> list[LogGroup]:
    return [
        write(folder, "a", [(1_000, "x one"), (2_000, "y two"), (3_000, "x three")]),
        write(folder, "b", [(1_000, '{"level": "error", "ms": 5}'), (2_000, '{"level": "info"}')]),
        write(folder, "c", []),
    ]


def rows(session: Session, text: str, *names: str, **more: object) -> list[Mapping[str, str]]:
    return list(session.run(Request(text=text, groups=names, now_ms=10_000, **more)))  # type: ignore[arg-type]


def test_queries_see_their_own_groups(tmp_path: Path) -> None:
    with open_session(groups(tmp_path)) as session:
        assert rows(session, COUNT, "a") == [{"n": "3"}]
        assert rows(session, COUNT, "b") == [{"n": "2"}]
        assert rows(session, COUNT, "a", "b", queried=2) == [{"n": "5"}]
        assert rows(session, COUNT, "a", "b", queried=1) == [{"n": "3"}]
        assert rows(session, f"filter level = 'error' | {COUNT}", "b") == [{"n": "1"}]


def test_no_group_is_queried_where_none_of_the_querys_own_was_given(tmp_path: Path) -> None:
    with open_session(groups(tmp_path)) as session:
        assert rows(session, COUNT, "a", queried=0) == []
        assert rows(session, "fields queryTimeRange() as r", "a", queried=0) == []
        assert rows(session, f"SOURCE 'a' | {COUNT}", "a", queried=0) == [{"n": "3"}]


def test_a_silent_group(tmp_path: Path) -> None:
    with open_session(groups(tmp_path)) as session:
        assert rows(session, "fields @message", "c") == []


def test_times_are_inclusive(tmp_path: Path) -> None:
    with open_session(groups(tmp_path)) as session:
        assert rows(session, COUNT, "a", start_ms=1_000, end_ms=2_000) == [{"n": "2"}]
        assert rows(session, COUNT, "a", start_ms=2_001, end_ms=2_999) in ([], [{"n": "0"}])


def test_a_group_is_known_to_a_query_by_another_name(tmp_path: Path) -> None:
    names = {"a": "/ecs/x", "b": "/aws/lambda/x"}
    with open_session(groups(tmp_path)) as session:
        for key, name in names.items():
            (found,) = rows(session, "display @log | limit 1", key, names=names)
            assert found["@log"].endswith(name)


def test_functions_are_registered_once_whoever_needs_them(tmp_path: Path) -> None:
    text = 'parse @message "* *" as first, rest | filter first like /x/ | stats count(*) as n'
    with open_session(groups(tmp_path)) as session:
        assert rows(session, text, "a") == rows(session, text, "a") == [{"n": "2"}]


def test_faults_are_raised_and_the_session_goes_on(tmp_path: Path) -> None:
    with open_session(groups(tmp_path)) as session:
        with pytest.raises(SyntaxFault):
            rows(session, "filtr x", "a")
        assert rows(session, COUNT, "a") == [{"n": "3"}]


def test_a_parameter_stands_in_the_text(tmp_path: Path) -> None:
    text = "filter @message like /{{word}}/ | stats count(*) as n"
    with open_session(groups(tmp_path)) as session:
        assert rows(session, text, "a", parameters={"word": "three"}) == [{"n": "1"}]


def test_an_event_of_many_fields_is_read_whole(tmp_path: Path) -> None:
    wide = json.dumps({f"f{i}": i for i in range(300)})
    with open_session([write(tmp_path, "w", [(1, wide)])]) as session:
        assert rows(session, COUNT, "w") == [{"n": "1"}]
        assert rows(session, "fields f150", "w") == [{"f150": "150"}]

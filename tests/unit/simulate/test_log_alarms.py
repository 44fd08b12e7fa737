"""Log alarms through the door to the query engine: which rows become which values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import pytest

from axonwatch.model.alarms import Actions, Comparison, LogAlarm
from axonwatch.simulate.recordings.log_alarms import LogAlarms, contributor_columns
from axonwatch.simulate.refusal import Refusal
from axonwatch.syntax.text import SyntaxFault, TextSpan

ALARM = LogAlarm(
    name="odd",
    query="fields @message\n| limit 5\n",
    log_groups=("/ecs/a", "/ecs/b"),
    aggregation="count(*) by host",
    comparison=Comparison.GT,
    threshold=2.0,
    results_to_evaluate=1,
    results_to_alarm=1,
    start_offset=300,
    end_offset=60,
    actions=Actions(),
)
Rows = Sequence[Mapping[str, str]]


@dataclass
class Engine:
    """Answers every query with the same rows, and remembers what it was asked."""

    rows: Rows
    asked: list[tuple[str, Sequence[str], int, int]] = field(default_factory=list)

    def __call__(self, query: str, log_groups: Sequence[str], start: int, end: int) -> Rows:
        self.asked.append((query, log_groups, start, end))
        return self.rows


@pytest.mark.parametrize(
    ("aggregation", "columns"),
    [
        ("count(*)", ()),
        ("avg(latency) by host", ("host",)),
        ("avg(latency) BY host, az | sort desc", ("host", "az")),
        ("sum(by) by `a b` , c|limit 2", ("a b", "c")),
        ('max(strlen("x by y")) as high by host', ("host",)),
        ("count(*) by bin(5m)", ("bin(5m)",)),
        ("count(*) by concat(a, b), bin(5m) as minute", ("concat(a, b)", "minute")),
        ("count(*) by ", ()),
    ],
)
def test_contributor_columns(aggregation: str, columns: tuple[str, ...]) -> None:
    assert contributor_columns(aggregation) == columns


def test_the_aggregation_is_appended_and_the_window_counts_from_the_run() -> None:
    engine = Engine([{"host": "a", "count(*)": "3"}, {"host": "b", "count(*)": "0.5"}])
    result = LogAlarms(engine).run(ALARM, 10_000)
    assert engine.asked == [
        (
            "fields @message\n| limit 5\n| stats count(*) by host",
            ("/ecs/a", "/ecs/b"),
            9_700_000,
            9_940_000,
        )
    ]
    assert result.values == (("host=a", 3.0), ("host=b", 0.5))
    assert result.lines == ()


def test_without_by_there_is_one_contributor_without_a_name() -> None:
    one = replace(ALARM, aggregation="count(*)")
    assert LogAlarms(Engine([{"count(*)": "7", "@ptr": "12"}])).run(one, 600).values == (("", 7.0),)


def test_what_is_no_number_is_no_value() -> None:
    rows = [{"host": "a", "max(x)": ""}, {"host": "b", "max(x)": "high"}]
    assert LogAlarms(Engine(rows)).run(ALARM, 600).values == ()


def test_log_lines_are_asked_for_by_the_query_itself() -> None:
    engine = Engine(
        [{"@message": "first"}, {"a": "1", "b": "2", "@ptr": "x"}, {"@message": "third"}]
    )
    result = LogAlarms(engine).run(replace(ALARM, log_line_count=2), 600)
    assert result.lines == ("first", "1 2")
    assert engine.asked[1][0] == ALARM.query


def test_a_query_that_does_not_parse_is_refused_with_the_alarm_s_name() -> None:
    def broken(query: str, log_groups: Sequence[str], start: int, end: int) -> Rows:
        del query, log_groups, start, end
        raise SyntaxFault("bad-query", "expected a command", TextSpan(0, 1), help="write `fields`")

    with pytest.raises(Refusal) as caught:
        LogAlarms(broken).run(ALARM, 600)
    assert caught.value.message == "the query of log alarm `odd`: expected a command"
    assert (caught.value.alarm, caught.value.help) == ("odd", "write `fields`")

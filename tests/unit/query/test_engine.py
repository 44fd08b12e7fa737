"""run_query and what it tells: statistics, warnings, limits, inputs that are not clean."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from axonwatch.errors import CouldNotRun
from axonwatch.query import engine
from axonwatch.query.connection import Limits
from axonwatch.query.engine import Options, explain_query, read_time, run_query
from axonwatch.query.events import LogGroup
from axonwatch.query.lookups import read_table
from axonwatch.query.sampling import Sample, size_of, take_sample
from axonwatch.query.sources import LogInputRefused
from axonwatch.query.statistics import profile_counts
from axonwatch.syntax.text import SyntaxFault

START = 1_767_225_600_000


def group_of(path: Path, *messages: str, name: str = "/g") -> LogGroup:
    lines = [
        json.dumps({"timestamp": START + place, "message": message})
        for place, message in enumerate(messages)
    ]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return LogGroup(name, (str(path),))


def test_statistics_are_of_the_time_range(tmp_path: Path) -> None:
    group = group_of(tmp_path / "e.jsonl", "a", "bb", "ccc")
    result = run_query("filter @message = 'bb'", [group], start_ms=START + 1)
    assert result.statistics.as_json() == {
        "recordsMatched": 1,
        "recordsScanned": 2,
        "bytesScanned": 5,
    }


@pytest.mark.parametrize(
    ("query", "matched", "scanned"),
    [
        ("join left=a right=b where a.k = b.k (SOURCE '/h')", 3, 5),
        ("filter k in (SOURCE '/h' | fields k)", 1, 5),
        ("SOURCE '/h' | stats count(*)", 2, 2),
        ("SOURCE '/g' start=1767225600000 end=1767225600001 | stats count(*)", 2, 2),
        ("filter k > 1 | stats count(*)", 2, 3),
    ],
)
def test_statistics_count_all_that_was_read(
    tmp_path: Path, query: str, matched: int, scanned: int
) -> None:
    groups = [
        group_of(tmp_path / "g.jsonl", *[json.dumps({"k": k}) for k in (1, 2, 3)]),
        group_of(tmp_path / "h.jsonl", *[json.dumps({"k": k}) for k in (1, 9)], name="/h"),
    ]
    found = run_query(query, groups, now_ms=0).statistics
    assert (found.records_matched, found.records_scanned) == (matched, scanned)
    assert found.bytes_scanned == scanned * len('{"k": 1}')


def test_large_inputs_are_counted_by_the_profile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    messages = [f'{{"a": {place % 10}}}' for place in range(5000)]
    group = group_of(tmp_path / "e.jsonl", *messages)
    monkeypatch.setattr(engine, "LARGE_BYTES", -1)
    result = run_query("filter a = 3 | stats count(*) as n", [group])
    assert result.rows == ({"n": "500"},)
    statistics = result.statistics
    assert (statistics.records_matched, statistics.records_scanned) == (500, 5000)
    assert statistics.bytes_estimated
    assert statistics.bytes_scanned == pytest.approx(sum(map(len, messages)), rel=0.05)


def test_large_inputs_give_ten_thousand_newest_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = group_of(tmp_path / "e.jsonl", *[str(place) for place in range(12_000)])
    monkeypatch.setattr(engine, "LARGE_BYTES", -1)
    result = run_query("fields @message", [group])
    assert len(result.rows) == 10_000
    assert result.rows[0] == {"@message": "11999"}
    assert result.rows[-1] == {"@message": "2000"}
    assert "silent-limit" in [warning.code for warning in result.warnings]


def test_ten_thousand_rows_are_said_to_be_cut_only_if_there_are_more(tmp_path: Path) -> None:
    group = group_of(tmp_path / "e.jsonl", *[str(place) for place in range(10_000)])
    result = run_query("stats count(*) as n by @message", [group])
    assert len(result.rows) == 10_000
    assert result.warnings == ()


def test_lines_that_look_like_json_do_not_fail_a_trusting_plan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = ['{"a": 1}'] * 3000
    group = group_of(tmp_path / "e.jsonl", *good, *['{"a": "x"y"}', '{"a": 1}}'] * 5, *good)
    monkeypatch.setattr(engine, "LARGE_BYTES", -1)
    sample = Sample(1, 0.5, is_sound=True)
    monkeypatch.setattr(engine, "take_sample", lambda _groups, _size: sample)
    result = run_query("stats count(*) as all, count(a) as with_a, sum(a) as s", [group])
    assert result.rows == ({"all": "6010", "with_a": "6000", "s": "6000"},)


def test_a_sample_sees_whether_json_is_json(tmp_path: Path) -> None:
    clean = group_of(tmp_path / "1.jsonl", '{"a": 1}', "text", "2026 {not json}")
    broken = group_of(tmp_path / "2.jsonl", '{"a": 1}', "{'a': 1}")
    raw = tmp_path / "3.log"
    raw.write_text("text\n", encoding="utf-8")
    assert take_sample([clean], 1).is_sound
    assert not take_sample([broken], 1).is_sound
    assert take_sample([LogGroup("r", (str(raw),))], 1).share is None


def test_the_size_of_packed_and_unknown_inputs(tmp_path: Path) -> None:
    packed = tmp_path / "e.jsonl.gz"
    packed.write_bytes(gzip.compress(b"x" * 100))
    size = size_of([LogGroup("g", (str(packed),))])
    assert size == packed.stat().st_size * 10
    assert size_of([LogGroup("g", ("-",))]) is None


def test_lines_of_any_kind_make_no_query_fail(tmp_path: Path) -> None:
    path = tmp_path / "e.jsonl"
    lines = [
        b'{"timestamp": 1, "message": "{\\"a\\": 1"}',
        b'{"timestamp": 2, "message": "\\u0000\\u0001 {\\"a\\": \\"\\\\ud800\\"}"}',
        b'{"timestamp": 3, "message": "{\\"a\\": \\"\\\\ud800\\"}"}',
        b'{"timestamp": 4, "message": "{\\"a\\": 1e999, \\"b\\": [[[[[[]]]]]]}"}',
        b'{"timestamp": 5, "message": "' + b"[" * 2000 + b'"}',
        b'{"timestamp": 6, "message": "{\\"a\\": \\"\\\\u0000x\\"}"}',
        b"\xff\xfe broken",
        b'{"timestamp": 7, "mess',
        b"",
        b'{"timestamp": 8, "message": "{\\"' + b"k" * 100_000 + b'\\": 1}"}',
        b'{"timestamp": -9223372036854775808, "message": "old"}',
        b'{"timestamp": 9223372036854775807, "message": "new"}',
    ]
    path.write_bytes(b"\n".join(lines) + b"\n")
    group = LogGroup("/g", (str(path),))
    for text in [
        "fields a, b, a.b.c, a[0], jsonParse(@message) as j, @timestamp | sort a desc",
        "stats count(*), max(a), min(a), values(a), countDistinct(a) by a, b",
        "parse @message logfmt as m | parse @message csv as c, d | display m.a, c, d | sort c",
        "fields jsonArraySize(b), jsonStringify(b), formatDate(@timestamp, '%Y'), bin(1mo)",
        "fields datefloor(toLong('9223372036854775807'), 1h), dateceil(@timestamp, 5h), -toLong(a)",
        "fields toInt(a), toLong(a), hexToDec(a), decToHex(a), fromMillis(a), ipv4ToNumber(a)",
        "expand b | unnest b into e | dedup a | limit 5",
        "parse @message /(?<x>[^ ]*)/ multi | stats count(*) by x",
        "stats count(*) by bin(1h), datefloor(@timestamp, 1w), dateceil(@timestamp, 1q)",
    ]:
        run_query(text, [group], now_ms=0)
    assert run_query("stats count(*) as n", [group]).rows == ({"n": "11"},)


def test_a_query_that_takes_too_long_is_stopped(tmp_path: Path) -> None:
    group = group_of(tmp_path / "e.jsonl", *["x"] * 30_000)
    text = "join left=a right=b where a.@message = b.@message (SOURCE '/g') | stats count(*)"
    with pytest.raises(CouldNotRun, match="took longer"):
        run_query(text, [group], limits=Limits(seconds=0.05, threads=1))


def test_a_join_with_too_many_rows_on_the_right_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from axonwatch.query.sql import enriching

    monkeypatch.setattr(enriching, "JOIN_ROWS", 2)
    group = group_of(tmp_path / "e.jsonl", "a", "b", "c")
    text = "join left=l right=r where l.@message = r.@message (SOURCE '/g')"
    with pytest.raises(SyntaxFault) as caught:
        run_query(text, [group])
    assert caught.value.code == "join-too-large"


def test_spans_point_into_the_text_with_its_parameters(tmp_path: Path) -> None:
    group = group_of(tmp_path / "e.jsonl", "a")
    text = 'filter @message = "{{long_name}}" | sortt x'
    with pytest.raises(SyntaxFault) as caught:
        run_query(text, [group], parameters={"long_name": "v"})
    span = caught.value.span
    assert text[span.start : span.end] == "sortt"


def test_a_fault_inside_a_parameter_points_at_the_parameter(tmp_path: Path) -> None:
    group = group_of(tmp_path / "e.jsonl", "a")
    text = "filter @message = {{value}} | limit 5"
    with pytest.raises(SyntaxFault) as caught:
        run_query(text, [group], parameters={"value": "lower(x)"})
    span = caught.value.span
    assert text[span.start : span.end] == "{{value}}"


def test_several_groups_can_be_queried(tmp_path: Path) -> None:
    groups = [
        group_of(tmp_path / "1.jsonl", "a", name="/1"),
        group_of(tmp_path / "2.jsonl", "b", name="/2"),
        group_of(tmp_path / "3.jsonl", "c", name="/3"),
    ]
    assert run_query("stats count(*) as n", groups, queried=2).rows == ({"n": "2"},)


def test_explain_gives_tree_and_sql_without_running(tmp_path: Path) -> None:
    group = group_of(tmp_path / "e.jsonl", "a")
    plan = explain_query("filter a = 1 | stats count(*) as n by b", [group], Options(now_ms=0))
    assert plan.columns == ("b", "n")
    assert plan.tree.startswith("Query")
    assert plan.sql.count("events_0") == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "has no header"),
        ("a,a\n1,2\n", "empty or repeated column"),
        ("a,,c\n", "empty or repeated column"),
        ("a\n" + "x" * 10_000_001, "larger than 10 MB"),
    ],
    ids=["empty", "repeated", "nameless", "large"],
)
def test_bad_lookup_tables_are_refused(text: str, words: str) -> None:
    with pytest.raises(LogInputRefused, match=words):
        read_table("t", text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("now", 5_000_000),
        ("-1h", 5_000_000 - 3_600_000),
        ("-3600s", 5_000_000 - 3_600_000),
        ("0s", 5_000_000),
        ("1767225600", 1_767_225_600_000),
        ("1767225600123", 1_767_225_600_123),
        ("2026-01-01T00:00:00Z", 1_767_225_600_000),
        ("2026-01-01T01:00:00+01:00", 1_767_225_600_000),
        ("2026-01-01", 1_767_225_600_000),
    ],
)
def test_times_of_source(text: str, expected: int) -> None:
    assert read_time(text, 5_000_000) == expected


@pytest.mark.parametrize("profile", ["", "{}", '{"operator": []}', "[]", '{"operator": [{}]}'])
def test_a_profile_that_is_not_understood_counts_nothing(profile: str) -> None:
    assert profile_counts(profile) is None


@pytest.mark.parametrize(
    ("start", "each", "join"),
    [("filter ", "f{0} = 1", " or "), ("stats ", "max(f{0})", ", "), ("fields ", "f{0} * 2", ", ")],
)
def test_a_query_of_many_fields_is_planned_in_few_layers(
    tmp_path: Path, start: str, each: str, join: str
) -> None:
    group = group_of(tmp_path / "a.jsonl", '{"f1": 1}')
    text = start + join.join(each.format(number) for number in range(300))
    plan = explain_query(text, [group], Options(now_ms=0))
    assert plan.sql.count("SELECT") < 20  # 300 layers took 15 seconds to plan


@pytest.mark.parametrize("large", [False, True])
def test_json_behind_other_text_is_told_where_only_its_fields_are_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, large: bool
) -> None:
    if large:
        monkeypatch.setattr(engine, "LARGE_BYTES", -1)
    file = tmp_path / "events.jsonl"
    prefixed = {"timestamp": 1, "message": '2026/01/01 00:00:00 {"level":"ERROR"}'}
    file.write_text(json.dumps(prefixed) + "\n")
    groups = [LogGroup("/g", (str(file),))]
    text = "filter level = 'ERROR' | stats count(*) as n"
    assert [w.code for w in run_query(text, groups).warnings] == ["prefixed-json"]
    both = "filter level = 'ERROR' or @message like 'ERROR' | stats count(*) as n"
    assert run_query(both, groups).warnings == ()
    file.write_text(json.dumps({"timestamp": 1, "message": '{"level":"ERROR"}'}) + "\n")
    assert run_query(text, groups).warnings == ()

"""Log groups become views that hold every line of every file."""

from __future__ import annotations

import gzip
import io
import json
import os
import sys
from pathlib import Path

import duckdb
import pytest

from axonwatch.errors import CouldNotRun
from axonwatch.query.connection import Limits
from axonwatch.query.events import Answer, Events, LogGroup, open_events
from axonwatch.query.sources import LogInputRefused

GROUP = "/ecs/app"
GOOD = b'{"timestamp": 1, "message": "a"}'


def read(
    *paths: Path | str, name: str = GROUP, limits: Limits | None = None
) -> list[tuple[object, ...]]:
    """Time, stream and message of every event, in order."""
    with open_events([LogGroup(name, tuple(map(str, paths)))], limits=limits) as events:
        return events.run(
            f"SELECT ts, stream, message FROM {events.relation(name)} ORDER BY seq"
        ).rows


def messages(*paths: Path | str) -> list[object]:
    return [row[2] for row in read(*paths)]


def write(path: Path, *lines: bytes, end: bytes = b"\n") -> Path:
    path.write_bytes(b"".join(line + end for line in lines))
    return path


# -- the view --------------------------------------------------------------------------------------


def test_an_export_of_events_becomes_a_view(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text(
        '{"timestamp": 5, "message": "one", "logStream": "s"}\n'
        '{"timestamp": 6, "message": "two", "ingestionTime": 7}\n'
    )
    with open_events([LogGroup(GROUP, (str(file),))]) as events:
        answer = events.run(f"SELECT * FROM {events.relation(GROUP)} ORDER BY seq")
        assert not events.is_clean
    assert answer == Answer(
        ("ts", "ingest", "stream", "log", "message", "seq"),
        ("BIGINT", "BIGINT", "VARCHAR", "VARCHAR", "VARCHAR", "BIGINT"),
        [
            (5, None, "s", "000000000000:/ecs/app", "one", 1),
            (6, 7, None, "000000000000:/ecs/app", "two", 2),
        ],
    )


def test_several_groups_and_several_files_of_one(tmp_path: Path) -> None:
    first = write(tmp_path / "1.jsonl", b'{"timestamp": 1, "message": "a"}')
    second = write(tmp_path / "2.jsonl", b'{"timestamp": 2, "message": "b"}')
    groups = [
        LogGroup("/ecs/one", (str(first),)),
        LogGroup("/ecs/two", (str(second),)),
        LogGroup("/ecs/one", (str(second),)),
    ]
    with open_events(groups) as events:
        assert [group.name for group in events.groups] == ["/ecs/one", "/ecs/two"]
        one, two = (events.relation(name) for name in ("/ecs/one", "/ecs/two"))
        assert events.run(f"SELECT message, seq FROM {one} ORDER BY seq").rows == [
            ("a", 1),
            ("b", 2),
        ]
        assert events.run(f"SELECT message FROM {two}").rows == [("b",)]


def test_the_kind_of_a_group_is_in_its_name() -> None:
    assert LogGroup("/aws/lambda/f", ()).is_lambda
    assert not LogGroup("/ecs/aws/lambda/f", ()).is_lambda


def test_a_group_name_is_never_sql(tmp_path: Path) -> None:
    file = write(tmp_path / "it's; DROP.jsonl", GOOD)
    name = "a'); DROP VIEW events_0; --"
    with open_events([LogGroup(name, (str(file),))]) as events:
        rows = events.run(f"SELECT log, message FROM {events.relation(name)}").rows
    assert rows == [(f"000000000000:{name}", "a")]


# -- shapes ----------------------------------------------------------------------------------------


def test_what_the_command_line_of_aws_prints(tmp_path: Path) -> None:
    events = [
        {
            "logStreamName": "s",
            "timestamp": n,
            "message": f"m {n} ]}}",
            "ingestionTime": n + 1,
            "eventId": "1",
        }
        for n in range(3)
    ]
    document = {"events": events, "searchedLogStreams": [{"logStreamName": "s"}], "nextToken": "t"}
    expected = [(n, "s", f"m {n} ]}}") for n in range(3)]
    for name, text in (
        ("pretty", json.dumps(document, indent=4)),
        ("flat", json.dumps(document)),
        ("list", json.dumps(events, indent=2)),
        ("token-first", json.dumps({"nextToken": "t", "events": events})),
    ):
        (tmp_path / name).write_text(text)
        assert read(tmp_path / name) == expected, name
    (tmp_path / "pages").write_text(json.dumps(document, indent=4) + "\n" + json.dumps(document))
    assert read(tmp_path / "pages") == expected * 2


def test_a_document_without_events(tmp_path: Path) -> None:
    (tmp_path / "none").write_text('{"events": [], "searchedLogStreams": []}')
    assert read(tmp_path / "none") == []


@pytest.mark.parametrize(
    "line",
    [
        '[{"a": 1}]',
        '{"events": [{"type": "x"}], "id": 7}',
        '{"events": [], "id": 7}',
        "[1, 2]",
        "[{",
    ],
)
def test_lines_that_only_look_like_a_document(tmp_path: Path, line: str) -> None:
    (tmp_path / "app.json").write_text(f"{line}\n{line}\n")
    assert messages(tmp_path / "app.json") == [line, line]


def test_a_document_that_ends_too_early_keeps_what_is_there(tmp_path: Path) -> None:
    text = '{"events": [\n{"timestamp": 1, "message": "a"},\n{"timestamp": 2, "mess'
    (tmp_path / "cut").write_text(text)
    assert messages(tmp_path / "cut") == ["a", '{"timestamp": 2, "mess']


def test_a_large_document_is_read_in_pieces(tmp_path: Path) -> None:
    events = [{"timestamp": n, "message": "x" * 1000 + str(n)} for n in range(4000)]
    (tmp_path / "big").write_text(json.dumps({"events": events}))
    rows = read(tmp_path / "big")
    assert len(rows) == 4000
    assert rows[-1] == (3999, None, "x" * 1000 + "3999")


def test_an_export_to_s3(tmp_path: Path) -> None:
    folder = tmp_path / "export" / "task-id" / "agent-agent-1"
    folder.mkdir(parents=True)
    (tmp_path / "export" / "aws-logs-write-test").write_text("Permission Check Successful")
    lines = (
        "2026-01-01T00:00:00.123Z 2026/01/01 00:00:00 one\n"
        '2026-01-01T00:00:01.000Z {"level":"INFO"}\n'
        "2026-01-01T00:00:02.000Z first line\nsecond line\n"
    )
    (folder / "000000.gz").write_bytes(gzip.compress(lines.encode()))
    assert read(tmp_path / "export") == [
        (1767225600123, "agent-agent-1", "2026/01/01 00:00:00 one"),
        (1767225601000, "agent-agent-1", '{"level":"INFO"}'),
        (1767225602000, "agent-agent-1", "first line\nsecond line"),
    ]


def test_raw_lines_take_their_own_time(tmp_path: Path) -> None:
    file = tmp_path / "agent.log"
    file.write_text(
        "no date yet\n"
        "2026/01/01 00:00:00 agent\n"
        "2026/01/01 00:00:00.123456 orchestrator\n"
        "[UNIFIED_ROUTER] 2026/01/01 00:00:01 component\n"
        "\tgoroutine 1 [running]:\n"
        "2026-01-01T00:00:02.5Z iso\n"
        "2026-01-01 01:00:03,250 +01:00 comma and zone\n"
        '{"timestamp":"2026-01-01T00:00:04.000000001Z","message":"json"}\n'
        '{"level":"INFO","time":1767225605,"msg":"seconds"}\n'
        '{"level":"INFO","ts":1767225606123,"msg":"milliseconds"}\n'
        "2026/13/45 00:00:00 no date at all\n"
    )
    start = 1767225600000
    assert [row[0] for row in read(file)] == [
        start,
        start,
        start + 123,
        start + 1000,
        start + 1000,
        start + 2500,
        start + 3250,
        start + 4000,
        start + 5000,
        start + 6123,
        start + 6123,
    ]
    assert {row[1] for row in read(file)} == {"agent.log"}


def test_raw_lines_without_any_time_take_the_file_s(tmp_path: Path) -> None:
    file = write(tmp_path / "x.log", b"one", b"two")
    os.utime(file, (1767225600.5, 1767225600.5))
    assert read(file) == [(1767225600500, "x.log", "one"), (1767225600500, "x.log", "two")]


def test_many_lines_without_a_time_are_not_kept_waiting(tmp_path: Path) -> None:
    file = write(tmp_path / "x.log", *[b"line"] * 10_001, b"2026/01/01 00:00:00 late")
    os.utime(file, (5, 5))
    times = [row[0] for row in read(file)]
    assert times == [5000] * 10_001 + [1767225600000]


def test_a_log_of_json_lines_is_raw_even_if_it_has_a_message(tmp_path: Path) -> None:
    line = '{"timestamp":"2026-01-01T00:00:00.5Z","level":"INFO","message":"m","fields":{"a":1}}'
    (tmp_path / "app.json").write_text(line + "\n")
    assert read(tmp_path / "app.json") == [(1767225600500, "app.json", line)]


def test_packed_files_and_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(GOOD + b"\n") + gzip.compress(GOOD + b"\n"))
    assert messages(tmp_path / "a.jsonl.gz") == ["a", "a"]
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(GOOD + b"\nnot an event\n")))
    assert messages("-") == ["a", "not an event"]
    packed = gzip.compress(b"2026/01/01 00:00:00 raw\n")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(packed)))
    assert read("-") == [(1767225600000, "standard input", "2026/01/01 00:00:00 raw")]


def test_a_pipe_is_read_once(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    if os.fork() == 0:  # pragma: no cover  # the writer
        with pipe.open("wb") as file:
            file.write(GOOD + b"\n")
        os._exit(0)
    assert messages(pipe) == ["a"]
    os.wait()


def test_folders_globs_and_links(tmp_path: Path) -> None:
    (tmp_path / "in" / "deep").mkdir(parents=True)
    write(tmp_path / "in" / "1.jsonl", b'{"timestamp": 1, "message": "one"}')
    write(tmp_path / "in" / "deep" / "2.jsonl", b'{"timestamp": 2, "message": "two"}')
    write(tmp_path / "in" / ".hidden", b"hidden")
    (tmp_path / "link.jsonl").symlink_to(tmp_path / "in" / "1.jsonl")
    assert messages(tmp_path / "in") == ["one", "two"]
    assert messages(tmp_path / "in" / "*.jsonl") == ["one"]
    assert messages(tmp_path / "in" / "**" / "*.jsonl") == ["one", "two"]
    assert messages(tmp_path / "link.jsonl") == ["one"]


# -- nothing is lost -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b'{"timestamp": 1, "message": "a\xff\xfeb"}', "a\ufffd\ufffdb"),
        (b'{"timestamp": 1, "message": "a\x00b"}', "a\x00b"),
        (b'{"timestamp": 1, "message": "a\\u0000b"}', "a\x00b"),
        (b'{"timestamp": 1, "message": "a\x01b"}', "a\x01b"),
        (b'{"timestamp": 1, "message": "a\\ud800b"}', "a\ufffdb"),
        (b'{"timestamp": 1, "message": "a\\ud83d\\ude00b"}', "a\U0001f600b"),
        (b'{"timestamp": 1, "message": "cut sho', '{"timestamp": 1, "message": "cut sho'),
        (b"plain text", "plain text"),
        (b"[1, 2]", "[1, 2]"),
        (b"12", "12"),
        (b"null", "null"),
        (b'{"timestamp": 1}', '{"timestamp": 1}'),
        (b'{"timestamp": 1, "message": null}', '{"timestamp": 1, "message": null}'),
        (b'{"message": "no time"}', "no time"),
        (b'{"timestamp": "2026-01-01T00:00:00Z", "message": "iso"}', "iso"),
        (b'{"timestamp": 99999999999999999999, "message": "far"}', "far"),
        (b'{"timestamp": NaN, "message": "nan"}', "nan"),
        (b'{"timestamp": 1, "message": {"b": 1, "a": [2]}}', '{"b":1,"a":[2]}'),
        (b'{"timestamp": 1, "message": "x", "message": "y"}', None),
        (GOOD + GOOD, None),
        (GOOD + b",", None),
        (b"/* c */" + GOOD, None),
        (b"\x1e" + GOOD, None),
        (b'{"timestamp": 1, "message": "' + b"x" * 3_000_000 + b'"}', "x" * 3_000_000),
        (b'{"timestamp": 1, "message": "' + b"x" * 40_000_000 + b'"}', "x" * 40_000_000),
        (b'{"timestamp": 1, "message": "m", "z": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "m"),
        (b"[" * 100_000, None),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_no_line_of_an_export_is_lost(tmp_path: Path, line: bytes, message: str | None) -> None:
    file = write(tmp_path / "a.jsonl", GOOD, line, GOOD)
    assert messages(file) == ["a", line.decode() if message is None else message, "a"]


def test_the_same_lines_in_a_query_that_needs_no_message(tmp_path: Path) -> None:
    file = write(tmp_path / "a.jsonl", GOOD, b'{"timestamp": 7}', b'{"message": "x"}', b"{}")
    with open_events([LogGroup(GROUP, (str(file),))]) as events:
        view = events.relation(GROUP)
        assert events.run(f"SELECT count(*) FROM {view}").rows == [(4,)]
        assert events.run(f"SELECT ts FROM {view} ORDER BY seq").rows == [(1,), (7,), (7,), (7,)]


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_raw_lines_of_any_bytes(tmp_path: Path, end: bytes) -> None:
    lines = [
        b"2026/01/01 00:00:00 a",
        b"",
        b"\x00nul",
        b"one\x01two",
        b"\xff\xfe",
        b"x" * 3_000_000,
        b"a\rb",
    ]
    file = write(tmp_path / "raw", *lines, end=end)
    assert messages(file) == [line.decode("utf-8", "replace") for line in lines]


def test_line_ends_of_an_export(tmp_path: Path) -> None:
    assert messages(write(tmp_path / "crlf", GOOD, GOOD, end=b"\r\n")) == ["a", "a"]
    assert messages(write(tmp_path / "bom", b"\xef\xbb\xbf" + GOOD, GOOD)) == ["a", "a"]
    (tmp_path / "open").write_bytes(GOOD + b"\n" + GOOD)
    assert messages(tmp_path / "open") == ["a", "a"]
    assert messages(write(tmp_path / "blank", GOOD, b"", b"  ", GOOD)) == ["a", "a"]
    (tmp_path / "empty").write_bytes(b"")
    assert messages(tmp_path / "empty") == []
    assert messages(tmp_path / "empty", tmp_path / "open") == ["a", "a"]


def test_a_broken_line_far_down_is_found(tmp_path: Path) -> None:
    lines = [b'{"timestamp": %d, "message": "m%d"}' % (n, n) for n in range(200_000)]
    lines[150_000] = b"broken"
    file = write(tmp_path / "a.jsonl", *lines)
    with open_events([LogGroup(GROUP, (str(file),))]) as events:
        view = events.relation(GROUP)
        found = events.run(f"SELECT ts, message FROM {view} WHERE message NOT LIKE 'm%'").rows
        assert found == [(149_999, "broken")]
        assert events.is_clean
        assert events.run(f"SELECT count(*), max(seq) FROM {view}").rows == [(200_000, 200_000)]


def test_parts_without_a_broken_line_stay_as_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("axonwatch.query.copies._PART", 2000)
    lines = [b'{"timestamp": %d, "message": "m%d"}' % (n, n) for n in range(1000)]
    lines[500:500] = [b"broken", b'{"message": "no time"}', b'{"timestamp": 7}']
    lines.append(b'{"timestamp": 1000, "mess')
    file = write(tmp_path / "a.jsonl", *lines)
    rows = read(file)
    assert len(rows) == 1004
    assert [row[2] for row in rows[499:504]] == [
        "m499",
        "broken",
        "no time",
        '{"timestamp": 7}',
        "m500",
    ]
    assert [row[0] for row in rows[499:504]] == [499, 499, 499, 7, 500]
    assert rows[-1] == (999, None, '{"timestamp": 1000, "mess')


def test_progress_is_told_while_files_are_copied(tmp_path: Path) -> None:
    (tmp_path / "a.gz").write_bytes(gzip.compress((GOOD + b"\n") * 100_000))
    heard: list[int] = []
    groups = [LogGroup(GROUP, (str(tmp_path / "a.gz"),))]
    with open_events(groups, progress=lambda _, size: heard.append(size)):
        assert sum(heard) == 100_000 * (len(GOOD) + 1)


# -- refusals --------------------------------------------------------------------------------------


def refusal(*paths: Path | str, limits: Limits | None = None) -> LogInputRefused:
    with pytest.raises(LogInputRefused) as caught:
        read(*paths, limits=limits)
    assert caught.value.exit_code == 2
    return caught.value


def test_what_does_not_exist_is_named(tmp_path: Path) -> None:
    assert refusal(tmp_path / "no").message == f"`{tmp_path / 'no'}` does not exist"
    assert refusal(tmp_path / "*.log").message == f"`{tmp_path / '*.log'}` matches no file"
    (tmp_path / "void").mkdir()
    assert refusal(tmp_path / "void").message == f"no file in folder `{tmp_path / 'void'}`"


def test_devices_and_other_packers_are_refused(tmp_path: Path) -> None:
    assert refusal("/dev/zero").code == "not-a-log"
    for name, head in (
        ("zstd", b"\x28\xb5\x2f\xfd"),
        ("zip", b"PK\x03\x04"),
        ("Parquet", b"PAR1\x15"),
    ):
        (tmp_path / name).write_bytes(head + b"rest")
        assert refusal(tmp_path / name).message == f"`{tmp_path / name}` is {name}"


def test_a_packed_file_that_was_cut_names_its_last_whole_line(tmp_path: Path) -> None:
    whole = gzip.compress(
        b"".join(b'{"timestamp": %d, "message": "m"}\n' % n for n in range(20_000))
    )
    file = tmp_path / "a.jsonl.gz"
    file.write_bytes(whole[: len(whole) // 2])
    found = refusal(file)
    assert found.code == "cut-gzip"
    assert found.message.startswith(f"`{file}` ends too early; its last whole line is ")
    last = int(found.message.rsplit(" ", 1)[1].replace(",", ""))
    assert 5_000 < last < 15_000
    file.write_bytes(whole[:-4] + b"\0\0\0\0")
    assert "is broken" in refusal(file).message
    file.write_bytes(whole[:4])
    assert "no line of it is whole" in refusal(file).message
    file.write_bytes(whole + b"\0" * 512)
    assert len(read(file)) == 20_000


def test_a_bomb_is_refused_before_it_goes_off(tmp_path: Path) -> None:
    file = tmp_path / "bomb.gz"
    with gzip.open(file, "wb", compresslevel=9) as bomb:
        for _ in range(64):
            bomb.write(b"\0" * 1_000_000)
    assert refusal(file).code == "gzip-bomb"


def test_more_bytes_than_allowed(tmp_path: Path) -> None:
    file = write(tmp_path / "a.jsonl", *[GOOD] * 1000)
    assert refusal(file, limits=Limits(max_bytes=10_000)).code == "too-many-bytes"
    assert len(read(file, limits=Limits(max_bytes=40_000))) == 1000
    assert refusal(file, file, limits=Limits(max_bytes=40_000)).code == "too-many-bytes"


def test_a_line_without_end(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * 65_000_000)
    assert refusal(tmp_path / "a").code == "endless-line"


# -- the connection is shut ------------------------------------------------------------------------


@pytest.fixture
def shut(tmp_path: Path) -> Events:
    file = write(tmp_path / "a.jsonl", GOOD)
    write(tmp_path / "other.jsonl", GOOD)
    return Events([LogGroup(GROUP, (str(file),))], Limits(), None, None)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM read_json('{folder}/other.jsonl')",
        "SELECT * FROM glob('/etc/*')",
        "SELECT * FROM '{folder}/other.jsonl'",
        "SELECT getenv('HOME')",
    ],
)
def test_a_select_reads_nothing_else(shut: Events, tmp_path: Path, sql: str) -> None:
    with shut, pytest.raises(duckdb.Error):
        shut.run(sql.format(folder=tmp_path))


@pytest.mark.parametrize(
    "sql",
    [
        "COPY (SELECT 1) TO '{folder}/a.jsonl'",
        "ATTACH '{folder}/x.db'",
        "INSTALL httpfs",
        "SET memory_limit = '4GB'",
        "SELECT 1; SELECT 2",
        "CREATE TABLE t (a INT)",
        "PRAGMA database_list",
        "",
    ],
)
def test_only_one_select_is_run(shut: Events, tmp_path: Path, sql: str) -> None:
    with shut, pytest.raises(AssertionError, match="exactly one SELECT"):
        shut.run(sql.format(folder=tmp_path))


@pytest.mark.parametrize(
    "sql", ["ATTACH '{folder}/x.db'", "INSTALL httpfs", "LOAD httpfs", "SET threads = 4"]
)
def test_the_connection_itself_is_locked(shut: Events, tmp_path: Path, sql: str) -> None:
    with shut, pytest.raises(duckdb.Error):
        shut.connection.execute(sql.format(folder=tmp_path))


def test_a_statement_ends_in_time(tmp_path: Path) -> None:
    file = write(tmp_path / "a.jsonl", GOOD)
    groups = [LogGroup(GROUP, (str(file),))]
    sql = (
        "SELECT count(*) FROM range(1000000000) a, range(1000) b WHERE hash(a.range + b.range) = 1"
    )
    with (
        open_events(groups, limits=Limits(seconds=0.3)) as events,
        pytest.raises(CouldNotRun, match="longer than"),
    ):
        events.run(sql)


def test_memory_is_bounded(tmp_path: Path) -> None:
    file = write(tmp_path / "a.jsonl", GOOD)
    groups = [LogGroup(GROUP, (str(file),))]
    limits = Limits(memory_bytes=50_000_000, spill_bytes=1_000_000)
    sql = "SELECT list(range) FROM range(100000000)"
    with open_events(groups, limits=limits) as events, pytest.raises(CouldNotRun, match="memory"):
        events.run(sql)


def test_copies_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "t"))
    (tmp_path / "t").mkdir()
    raw = write(tmp_path / "raw", b"x")
    read(raw)
    refusal(raw, tmp_path / "no")
    assert list((tmp_path / "t").iterdir()) == []


def test_what_is_prepared_is_there_on_both_ways(tmp_path: Path) -> None:
    file = write(tmp_path / "a.jsonl", GOOD, b"broken")
    opened: list[int] = []

    def prepare(connection: duckdb.DuckDBPyConnection) -> None:
        opened.append(1)
        connection.execute("CREATE TABLE lookup AS SELECT 'a' AS k, 'found' AS v")

    with open_events([LogGroup(GROUP, (str(file),))], prepare=prepare) as events:
        rows = events.run(
            f"SELECT v FROM {events.relation(GROUP)} LEFT JOIN lookup ON message = k ORDER BY seq"
        ).rows
    assert rows == [("found",), (None,)]
    assert len(opened) == 2


def test_a_mark_of_byte_order_is_no_part_of_the_first_line(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(b'\xef\xbb\xbf{"timestamp":"2026-01-01T00:00:00Z","a":1}\n\xef\xbb\xbfx\n')
    with open_events([LogGroup("g", (str(path),))]) as events:
        rows = events.run(f"SELECT ts, message FROM {events.relation('g')} ORDER BY seq").rows
    assert rows[0] == (1_767_225_600_000, '{"timestamp":"2026-01-01T00:00:00Z","a":1}')
    assert rows[1][1] == "\ufeffx"


def test_only_ascii_blanks_make_a_line_of_an_export_blank(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    event = b'{"timestamp":1,"message":"m"}'
    blanks = [b"", b" ", b"\t", b"\r", b"\x0c"]
    kept = [b"\xc2\xa0", b"\x1c", b"\xe2\x80\xa8", b"\0"]
    path.write_bytes(b"\n".join([event, *blanks, *kept, event]))
    with open_events([LogGroup("g", (str(path),))]) as events:
        rows = events.run(f"SELECT message FROM {events.relation('g')} ORDER BY seq").rows
    assert [row[0] for row in rows] == ["m", "\xa0", "\x1c", "\u2028", "\0", "m"]

"""`axonwatch query --local`: to the letter of the contract, and what a person sees."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from tests.unit.query.cases import MALFORMED, Case, assert_rows, documented_cases, write_groups

from axonwatch.cli.main import main

AGENT = "/ecs/axonflow-prod/agent"


def events_file(path: Path, *messages: str) -> Path:
    lines = [
        {"timestamp": 1_767_225_600_000 + 1000 * place, "message": message, "logStream": "s"}
        for place, message in enumerate(messages)
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


@pytest.fixture
def events(tmp_path: Path) -> Path:
    return events_file(tmp_path / "events.jsonl", '{"a": 1}', '{"a": 2}', "text \x1b[31mred\x1b[0m")


@pytest.mark.parametrize("case", documented_cases(), ids=lambda case: case.name)
def test_documented_cases_by_the_command_line(
    case: Case, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["query", case.query, "--json"]
    for name, path in write_groups(case, tmp_path):
        arguments += ["--local", f"{name}={path}"]
    for name, text in case.options["lookups"].items():
        table = tmp_path / f"{name}.csv"
        table.write_text(text, encoding="utf-8")
        arguments += ["--lookup", f"{name}={table}"]
    for option in ("start", "end", "now"):
        if case.options[f"{option}_ms"] is not None:
            arguments += [f"--{option}", str(case.options[f"{option}_ms"])]
    code = main(arguments)
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    if case.error:
        assert code == 2
        assert set(answer) == {"error"}
        assert set(answer["error"]) == {"code", "message", "line", "column"}
        assert case.error == MALFORMED
        return
    assert code == 0
    assert set(answer) == {"columns", "rows", "statistics"}
    assert set(answer["statistics"]) == {"recordsMatched", "recordsScanned", "bytesScanned"}
    assert_rows(case, answer["columns"], answer["rows"])


def test_statistics_count_events_and_bytes(
    events: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["query", "filter a > 1 | fields a", "--json", "--local", str(events)]) == 0
    size = len('{"a": 1}') + len('{"a": 2}') + len("text \x1b[31mred\x1b[0m")
    assert json.loads(capsys.readouterr().out)["statistics"] == {
        "recordsMatched": 1,
        "recordsScanned": 3,
        "bytesScanned": size,
    }


@pytest.mark.parametrize(
    ("start", "end", "count"),
    [
        ("1767225601000", "1767225602000", "2"),
        ("2026-01-01T00:00:01Z", "2026-01-01T01:00:01+01:00", "1"),
        ("2026-01-01T00:00:00.001Z", "1767225600999", None),
    ],
)
def test_times_are_iso_or_milliseconds_and_both_ends_count(
    start: str, end: str, count: str | None, events: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["query", "stats count(*) as n", "--json", "--local", str(events)]
    assert main([*arguments, "--start", start, "--end", end]) == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert rows == ([] if count is None else [{"n": count}])


def test_since_counts_back_from_now(events: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["query", "stats count(*) as n", "--json", "--local", str(events)]
    assert main([*arguments, "--since", "1s", "--now", "2026-01-01T00:00:02Z", "--tz", "UTC"]) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out)["rows"] == [{"n": "2"}]
    assert "2026-01-01 00:00:01 to 00:00:02 UTC (1s)" in captured.err


def test_several_paths_may_follow_local(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = events_file(tmp_path / "1.jsonl", "x")
    two = events_file(tmp_path / "2.jsonl", "y", "z")
    text = "SOURCE logGroups(namePrefix: ['/']) | stats count(*) as n by @log"
    assert main(["query", text, "--json", "--local", f"/a={one}", f"/b={two}"]) == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert [row["n"] for row in rows] == ["1", "2"]


def test_a_group_may_have_several_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = events_file(tmp_path / "1.jsonl", "x")
    two = events_file(tmp_path / "2.jsonl", "y", "z")
    arguments = ["--json", "--local", f"/a={one}", "--local", f"/a={two}"]
    assert main(["query", "stats count(*) as n", *arguments]) == 0
    assert json.loads(capsys.readouterr().out)["rows"] == [{"n": "3"}]


def test_a_fault_is_json_with_its_place(events: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "fields a\n| filter lower(a) = 'x'"
    assert main(["query", text, "--json", "--local", str(events)]) == 2
    captured = capsys.readouterr()
    assert json.loads(captured.out) == {
        "error": {
            "code": "unknown-function",
            "message": "`lower` is not a Logs Insights function; write `tolower`",
            "line": 2,
            "column": 10,
        }
    }
    assert captured.err == ""


def test_a_fault_is_text_with_a_caret(events: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "fields a\n| filter lower(a) = 'x'"
    assert main(["query", text, "--local", str(events)]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == (
        "error[unknown-function]: `lower` is not a Logs Insights function\n"
        " --> query:2:10\n"
        "  |\n"
        "2 | | filter lower(a) = 'x'\n"
        "  |          ^^^^^ not a function\n"
        "  |\n"
        "  = help: write `tolower`\n"
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["no-such-query", "--local", "x"], "there is no saved query `no-such-query`"),
        (["agent-outcome", "--local", "x"], "did you mean `agent-outcomes`?"),
        (["diff", "--local", "EVENTS"], "`diff` needs `pattern` before it"),
        (["fields a", "--local", "/nowhere/x.jsonl"], "does not exist"),
        (["fields a", "--local", "EVENTS", "--start", "yesterday"], "no time for --start"),
        (["fields a", "--local", "EVENTS", "--start", "2026-01-01T00:00"], "has no time zone"),
        (["fields a", "--local", "EVENTS", "--start", "2", "--end", "1"], "--start is after --end"),
        (["fields a", "--local", "EVENTS", "--param", "x"], "is no --param"),
        (["fields a", "--local", "EVENTS", "--lookup", "t=/nowhere.csv"], "cannot read"),
        (["fields {{x}}", "--local", "EVENTS"], "the parameter `x` has no value"),
    ],
)
@pytest.mark.parametrize("form", [[], ["--json"]], ids=["text", "json"])
def test_what_cannot_be_run_is_said_once(
    form: list[str],
    arguments: list[str],
    words: str,
    events: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    given = [str(events) if one == "EVENTS" else one for one in arguments]
    assert main(["query", *given, *form]) == 2
    captured = capsys.readouterr()
    if form:
        assert words in json.loads(captured.out)["error"]["message"]
    else:
        assert captured.out == ""
        assert words in captured.err


def test_words_without_quotes_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["query", "fields", "a"]) == 2
    assert "one word too many" in capsys.readouterr().err


@pytest.mark.parametrize("form", ["json", "jsonl", "csv"])
def test_no_form_lets_a_line_steer_the_terminal(
    form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    said = "a\x1b]0;t\x07b\x9b2Jc\x7fd\u202ee"
    path = events_file(tmp_path / "e.jsonl", said)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert main(["query", "fields @message as m", "--local", str(path), "-o", form]) == 0
    out = capsys.readouterr().out
    assert not set(out) & set("\x1b\x07\x9b\x7f\u202e")
    if form == "jsonl":
        assert json.loads(out) == {"m": said}


def test_a_parameter_that_is_not_used_is_told(
    events: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    query = "fields a | filter a = {{x}} | limit 5"
    given = ["--param", "x=1", "--param", "y=2"]
    assert main(["query", query, "--local", str(events), *given]) == 0
    assert "note: the query has no parameter `y`" in capsys.readouterr().err


def test_table_shows_terminal_escapes_instead_of_obeying_them(
    events: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["query", "fields @timestamp, @message | limit 1", "--local", str(events)]) == 0
    captured = capsys.readouterr()
    assert "\x1b" not in captured.out
    assert "text \\x1b[31mred\\x1b[0m" in captured.out
    assert "2026-01-01 00:00:02.000" in captured.out
    assert "1 row; 3 of 3 events matched" in captured.err


def test_jsonl_is_a_row_a_line(events: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "fields a | sort @timestamp asc"
    assert main(["query", text, "-o", "jsonl", "--local", str(events)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [json.loads(line) for line in lines] == [{"a": "1"}, {"a": "2"}, {}]


def test_csv_has_a_header_and_can_disarm_formulas(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = events_file(tmp_path / "e.jsonl", "=1+1", "-5", 'a,"b"')
    text = "fields @message, strlen(@message) as n | sort @timestamp asc"
    assert main(["query", text, "-o", "csv", "--csv-safe", "--local", str(path)]) == 0
    rows = list(csv.reader(io.StringIO(capsys.readouterr().out)))
    assert rows == [["@message", "n"], ["'=1+1", "4"], ["-5", "2"], ['a,"b"', "5"]]


def test_explain_shows_the_tree_and_one_select(
    events: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "filter a > 1 | stats count(*) as n"
    assert main(["query", text, "--explain", "--local", str(events)]) == 0
    tree, _, sql = capsys.readouterr().out.partition("\n\n")
    assert tree.startswith("Query")
    assert "Comparison operator='>'" in tree
    assert sql.startswith("SELECT ")


def test_masking_hides_secrets_where_a_person_reads(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = events_file(tmp_path / "e.jsonl", "redis://:hunter22@cache:6379")
    assert main(["query", "fields @message | limit 1", "--mask", "--local", str(path)]) == 0
    assert "hunter22" not in capsys.readouterr().out
    assert main(["query", "fields @message | limit 1", "--json", "--local", str(path)]) == 0
    assert "hunter22" in capsys.readouterr().out


def test_a_saved_query_takes_its_groups_by_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    agent = events_file(
        tmp_path / "a.jsonl", "2026/01/01 00:00:01 ✅ Orchestrator responded with status: 200"
    )
    other = events_file(tmp_path / "o.jsonl", "nothing")
    groups = ["--local", f"/ecs/axonflow-prod/orchestrator={other}", "--local", f"{AGENT}={agent}"]
    assert main(["query", "agent-outcomes", "--json", *groups]) == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert rows == [{"outcome": "answered", "requests": "1"}]


def test_a_saved_query_of_another_group_says_which(
    events: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["query", "agent-outcomes", "--local", f"/x={events}"]) == 2
    assert f"give --local {AGENT}=PATH" in capsys.readouterr().err


def test_standard_input_can_be_queried(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Fed:
        buffer = io.BytesIO(b"one\ntwo\n")

    monkeypatch.setattr("sys.stdin", Fed())
    assert main(["query", "stats count(*) as n", "--json", "--local", "-"]) == 0
    assert json.loads(capsys.readouterr().out)["rows"] == [{"n": "2"}]

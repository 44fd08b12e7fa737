"""`axonwatch evaluate` and `axonwatch why`, whole commands: words in, exit code and text out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from axonwatch.cli.main import main

ALARMS: dict[str, Any] = {
    "MetricAlarms": [
        {
            "AlarmName": "cpu-high",
            "AlarmArn": "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:cpu-high",
            "ActionsEnabled": True,
            "AlarmActions": ["arn:aws:sns:eu-west-1:111122223333:page"],
            "Namespace": "N",
            "MetricName": "cpu",
            "Dimensions": [{"Name": "b", "Value": "2"}, {"Name": "a", "Value": "1"}],
            "Statistic": "Average",
            "Period": 60,
            "EvaluationPeriods": 2,
            "Threshold": 90,
            "ComparisonOperator": "GreaterThanThreshold",
        }
    ],
    "CompositeAlarms": [{"AlarmName": "incident", "AlarmRule": 'ALARM("cpu-high")'}],
}
SERIES = [
    {
        "namespace": "N",
        "metric": "cpu",
        "dimensions": {"a": "1", "b": "2"},
        "period": 60,
        "timestamps": [f"2026-01-01T00:0{at}:00Z" for at in range(5)],
        "values": [10, 95, 95, 10, 10],
    }
]


class Run:
    """A folder with the two files, and the command's outcome."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._capsys = capsys
        self.put("alarms.json", ALARMS)
        self.put("series.json", SERIES)

    def put(self, name: str, value: object) -> None:
        (self.folder / name).write_text(value if isinstance(value, str) else json.dumps(value))

    def __call__(self, *words: str) -> tuple[int, str, str]:
        code = main(words)
        found = self._capsys.readouterr()
        return code, found.out, found.err

    def evaluate(self, *words: str) -> tuple[int, Any, str]:
        code, out, err = self(
            "evaluate", "alarms.json", "--series", "series.json", "--json", *words
        )
        return code, json.loads(out), err


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.chdir(tmp_path)
    return Run(tmp_path, capsys)


def states(found: Any, name: str) -> list[tuple[str, str]]:
    return [(entry["time"][11:16], entry["state"]) for entry in found["alarms"][name]]


def test_transitions_and_actions(run: Run) -> None:
    code, found, err = run.evaluate()
    assert code == 0
    assert err == ""
    assert states(found, "cpu-high") == [("00:01", "OK"), ("00:03", "ALARM"), ("00:04", "OK")]
    assert states(found, "incident") == [("00:01", "OK"), ("00:03", "ALARM"), ("00:04", "OK")]
    assert found["actions"] == [
        {
            "time": "2026-01-01T00:03:00Z",
            "alarm": "cpu-high",
            "state": "ALARM",
            "targets": ["arn:aws:sns:eu-west-1:111122223333:page"],
        }
    ]
    entry = found["alarms"]["cpu-high"][1]
    assert list(entry) == ["time", "state", "reason", "datapoints"]
    assert entry["datapoints"][-1] == {
        "timestamp": "2026-01-01T00:02:00Z",
        "value": 95.0,
        "breaching": True,
        "counted": True,
    }
    assert found["alarms"]["incident"][1]["reason"].startswith(
        "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:cpu-high transitioned to ALARM"
    )


def test_one_entry_a_tick(run: Run) -> None:
    _, found, _ = run.evaluate(
        "--every", "--start", "2026-01-01T00:00:00Z", "--end", "1767226200000"
    )
    assert len(found["alarms"]["cpu-high"]) == 11
    assert len(found["alarms"]["incident"]) == 11


def test_the_range_and_the_initial_state(run: Run) -> None:
    words = ["--range", "N", "--initial-state", "OK", "--end", "2026-01-01T00:08:00Z"]
    _, found, _ = run.evaluate(*words)
    assert states(found, "cpu-high") == [
        ("00:03", "ALARM"),
        ("00:04", "OK"),
        ("00:07", "INSUFFICIENT_DATA"),
    ]
    _, found, _ = run.evaluate("--min-look-back", "6m", "--end", "2026-01-01T00:11:00Z")
    assert states(found, "cpu-high")[-1] == ("00:11", "INSUFFICIENT_DATA")


def test_an_alarm_without_any_data_has_its_key(run: Run) -> None:
    run.put("series.json", [])
    words = ["--start", "2026-01-01T00:00:00Z", "--end", "2026-01-01T00:05:00Z"]
    _, found, _ = run.evaluate(*words)
    assert found["alarms"]["cpu-high"] == []
    assert found["actions"] == []


def broken(**changes: Any) -> dict[str, Any]:
    math = {
        "AlarmName": "ratio",
        "EvaluationPeriods": 1,
        "Threshold": 1,
        "ComparisonOperator": "GreaterThanThreshold",
        "Metrics": [{"Id": "e1", "Expression": changes.pop("Expression", "1"), "ReturnData": True}],
    }
    return {**ALARMS, "MetricAlarms": [*ALARMS["MetricAlarms"], math | changes]}


@pytest.mark.parametrize(
    ("alarms", "code", "named"),
    [
        (broken(Expression="SEARCH('x', 'Sum')"), "barred-function", ["ratio", "SEARCH"]),
        (broken(Expression="TIME_SERIES(sum(1))"), "lower-case-function", ["ratio", "sum"]),
        (broken(Expression="1"), "scalar-result", ["ratio", "e1"]),
        (broken(Expression="TIME_SERIES(zz)"), "unknown-id", ["ratio", "zz"]),
        (broken(Metrics=[{"Id": "e1", "Expression": "TIME_SERIES(1)"}, {"Id": "e2", "Expression": "TIME_SERIES(2)"}]), "two-returned", ["ratio", "e2"]),
        ({**ALARMS, "CompositeAlarms": [{"AlarmName": "c", "AlarmRule": "ALARM(c)"}]}, "composite-cycle", ["c"]),
        ({**ALARMS, "CompositeAlarms": [{"AlarmName": "c", "AlarmRule": "ALARM(cpu-high"}]}, "unexpected-token", ["c"]),
    ],
)  # fmt: skip
def test_what_is_refused(run: Run, alarms: Any, code: str, named: list[str]) -> None:
    run.put("alarms.json", alarms)
    exit_code, found, err = run.evaluate()
    assert exit_code == 2
    assert list(found) == ["error"]
    assert found["error"]["code"] == code
    for name in named:
        assert name in found["error"].values() or f"`{name}`" in found["error"]["message"]
    assert err.startswith("error: ")


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("alarms.json", "{", "broken-json"),
        ("alarms.json", "{}", "no-alarms"),
        ("series.json", "[", "broken-json"),
        ("series.json", '[{"values": [NaN]}]', "not-a-number"),
        ("series.json", "{}", "wrong-type"),
    ],
)
def test_broken_files(run: Run, name: str, text: str, code: str) -> None:
    run.put(name, text)
    exit_code, found, _ = run.evaluate()
    assert (exit_code, found["error"]["code"]) == (2, code)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--start", "noon"], "--start: `noon` is not a time such as 2026-01-01T00:00:00Z"),
        (["--end", "2025-01-01T00:00:00Z"], "--end is before --start"),
        (["--range", "0"], "--range: `0` is no evaluation range"),
        (["--range", "n+2"], "--range: `n+2` is no evaluation range"),
        (
            ["--min-look-back", "soon"],
            "--min-look-back: `soon` is not a duration such as 90s, 5m, 1h30m or 2d",
        ),
    ],
)
def test_wrong_words(run: Run, words: list[str], message: str) -> None:
    exit_code, found, _ = run.evaluate(*words)
    assert (exit_code, found["error"]["message"]) == (2, message)


def test_a_file_that_is_not_there(run: Run) -> None:
    code, out, err = run("evaluate", "alarms.json", "--series", "none.json")
    assert (code, out) == (2, "")
    assert err.startswith("error: cannot read `none.json`")


def test_without_points_the_span_must_be_given(run: Run) -> None:
    run.put("series.json", [])
    exit_code, found, _ = run.evaluate()
    assert exit_code == 2
    assert "--start and --end" in found["error"]["message"]


def test_log_alarms_are_left_out_with_what_stands_on_them(run: Run) -> None:
    log = {
        "AlarmName": "l",
        "ScheduledQueryConfiguration": {
            "QueryString": "fields @message",
            "AggregationExpression": "count(*)",
            "ScheduleConfiguration": {"ScheduleExpression": "rate(5 minutes)"},
        },
        "QueryResultsToEvaluate": 1,
        "Threshold": 0,
        "ComparisonOperator": "GreaterThanThreshold",
    }
    composites = [*ALARMS["CompositeAlarms"], {"AlarmName": "both", "AlarmRule": "ALARM(l)"}]
    run.put("alarms.json", {**ALARMS, "LogAlarms": [log], "CompositeAlarms": composites})
    code, found, err = run.evaluate()
    assert code == 0
    assert list(found["alarms"]) == ["cpu-high", "incident"]
    assert "left out: 1 log alarms" in err


def test_a_target_in_another_region_is_reported(run: Run) -> None:
    alarm = ALARMS["MetricAlarms"][0] | {"AlarmActions": ["arn:aws:sns:us-east-1:1:page"]}
    run.put("alarms.json", {"MetricAlarms": [alarm]})
    _, _, err = run.evaluate()
    assert "arn:aws:sns:us-east-1:1:page is in us-east-1, the alarm is in eu-west-1" in err


def test_the_table(run: Run) -> None:
    code, out, err = run("evaluate", "alarms.json", "--series", "series.json")
    assert code == 0
    assert "cpu-high  ALARM" in out
    assert "2 alarms, 6 entries, 1 notified" in err


WHY = ["--alarms", "alarms.json", "--series", "series.json"]


def test_why(run: Run) -> None:
    code, out, _ = run("why", "cpu-high", "--at", "00:03", *WHY)
    assert code == 0
    assert out == (
        "cpu-high became ALARM at 2026-01-01T00:03:00Z, because 2 of 2 datapoints that count "
        "breach (> 90.0) and 2 of 2 must.\n"
        "\n"
        "  Threshold Crossed: 2 datapoints [95.0 (01/01/26 00:02:00), 95.0 (01/01/26 00:01:00)] "
        "were greater than the threshold (90.0).\n"
        "\n"
        "  2025-12-31T23:59:00Z   -                            missing\n"
        "  2026-01-01T00:00:00Z  10  ###                       ok\n"
        "  2026-01-01T00:01:00Z  95  ########################  breaching  counts\n"
        "  2026-01-01T00:02:00Z  95  ########################  breaching  counts\n"
        "  M of N: 2 of 2 must breach; 2 do\n"
        "  rule: the newest datapoints have no gap, so they alone decide\n"
    )


def test_why_as_json(run: Run) -> None:
    code, out, _ = run("why", "cpu-high", "--at", "2026-01-01T00:05:00Z", *WHY, "--json")
    found = json.loads(out)
    assert code == 0
    assert found["state"] == "OK"
    assert found["sentence"].startswith("cpu-high was OK at 2026-01-01T00:05:00Z (since ")


def test_why_by_the_end_of_a_name(run: Run) -> None:
    code, out, _ = run("why", "high", "--at", "00:02", *WHY)
    assert code == 0
    assert out.startswith("cpu-high was OK")


def test_why_of_a_name_that_is_not_there(run: Run) -> None:
    code, _, err = run("why", "cpu-hihg", "--at", "00:02", *WHY)
    assert code == 2
    assert err == "error: no alarm `cpu-hihg`\n  = help: did you mean `cpu-high`?\n"


def test_why_before_the_first_tick(run: Run) -> None:
    code, _, err = run("why", "cpu-high", "--at", "2025-12-31T00:00:00Z", *WHY)
    assert (code, err) == (2, "error: `2025-12-31T00:00:00Z` is before the first tick\n")


def test_why_after_the_series_ends(run: Run) -> None:
    code, out, _ = run("why", "cpu-high", "--at", "02:00", *WHY)
    assert code == 0
    assert out.startswith("cpu-high was INSUFFICIENT_DATA at 2026-01-01T02:00:00Z (since ")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--at", "25:99"], "error: --at: `25:99` is no time of day\n"),
        (
            ["--at", "00:04", "--end", "2026-01-01T00:03:00Z"],
            "error: `00:04` is after the last tick\n",
        ),
    ],
)
def test_why_at_no_moment(run: Run, words: list[str], message: str) -> None:
    code, _, err = run("why", "cpu-high", *words, *WHY)
    assert (code, err.partition("  = help")[0]) == (2, message)


@pytest.mark.parametrize(
    ("missing", "at", "because"),
    [
        (
            "breaching",
            "00:09",
            (
                "0 of 0 datapoints that count breach (> 90.0, the 3 missing count as breaching) and "
                "3 of 3 must."
            ),
        ),
        (
            "notBreaching",
            "00:07",
            (
                "1 of 1 datapoint that counts breaches (> 90.0, the 2 missing count as not breaching) "
                "and 3 of 3 must."
            ),
        ),
        (
            "missing",
            "00:05",
            (
                "1 of 1 datapoint that counts breaches (> 90.0, 2 more are missing) and 3 of 3 must, "
                "but everything since the oldest breaching datapoint is breaching or missing: it "
                "alarms early."
            ),
        ),
        (
            "ignore",
            "00:05",
            (
                "1 of 1 datapoint that counts breaches (> 90.0, 2 more are missing) and 3 of 3 must, "
                "but everything since the oldest breaching datapoint is breaching or missing: the "
                "state is kept."
            ),
        ),
    ],
)
def test_why_with_missing_datapoints(run: Run, missing: str, at: str, because: str) -> None:
    alarm = ALARMS["MetricAlarms"][0] | {"EvaluationPeriods": 3, "TreatMissingData": missing}
    one = SERIES[0] | {"timestamps": ["2026-01-01T00:02:00Z"], "values": [95]}
    run.put("alarms.json", {"MetricAlarms": [alarm]})
    run.put("series.json", [one])
    code, out, _ = run("why", "cpu-high", "--at", at, "--start", "2026-01-01T00:00:00Z", *WHY)
    assert code == 0
    assert out.partition(", because ")[2].partition("\n")[0] == because


def test_a_metric_given_by_another_statistic_only_is_missing(run: Run) -> None:
    run.put("series.json", [SERIES[0] | {"stat": "Maximum"}])
    code, found, err = run.evaluate()
    assert code == 0
    assert found["alarms"]["cpu-high"] == []
    assert err == (
        "note: alarm `cpu-high`: Average of N cpu {a=1, b=2} cannot be had from Maximum; "
        "taken as missing\n"
    )


def test_why_needs_only_what_the_alarm_stands_on(run: Run) -> None:
    quota = broken(
        Expression="TIME_SERIES(1)",
        Metrics=[{"Id": "q", "Expression": "LAMBDA('f')", "Period": 60}],
    )
    run.put("alarms.json", quota)
    assert run.evaluate()[1]["error"]["code"] == "needs-input"
    code, out, _ = run("why", "incident", "--at", "00:03", *WHY)
    assert code == 0
    assert out.startswith("incident became ALARM at 2026-01-01T00:03:00Z, because arn:aws:")

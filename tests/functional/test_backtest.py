"""`axonwatch backtest`, whole commands; on recordings of our own and on one from CloudWatch."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from axonwatch.cli.main import main

ROOT = Path(__file__).parents[2]
PROJECT = ROOT / "tests" / "cases" / "scenarios" / "project"
RECORDED = ROOT / "scenarios" / "recordings" / "cloudwatch"
START = 1_767_225_600
BUSY = [50] * 20 + [95] * 10 + [50] * 20
CPU = ("--metric", "database/CPUUtilization")


def stamp(index: int) -> str:
    return datetime.fromtimestamp(START + 300 * index, UTC).strftime("%Y-%m-%d %H:%M:%S")


class Run:
    """A small project, a recording of five-minute averages, and a command's outcome."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._capsys = capsys
        rows = [f"{stamp(i)},{value}" for i, value in enumerate(BUSY)]
        (folder / "busy.csv").write_text("timestamp,value\n" + "\n".join(rows) + "\n")
        (folder / "windows.json").write_text(json.dumps({"x/busy.csv": [[stamp(20), stamp(30)]]}))

    def __call__(self, *words: str) -> tuple[int, str, str]:
        code = main(["backtest", *words])
        found = self._capsys.readouterr()
        return code, found.out, found.err

    def json(self, *words: str) -> Any:
        code, out, _ = self(*words, "--json")
        assert code == 0
        return json.loads(out)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    folder = tmp_path / "project"
    shutil.copytree(PROJECT, folder)
    monkeypatch.chdir(folder)
    return Run(folder, capsys)


def test_a_table_with_alternatives(run: Run) -> None:
    code, out, err = run(
        "database/cpu-high", "--series", "busy.csv", *CPU,
        "--try", "for=1 of 1", "--try", "when=>= 99%", "--windows", "windows.json",
    )  # fmt: skip
    assert (code, err) == (0, "")
    rows = [line.split() for line in out.splitlines()]
    assert rows[0][:4] == ["recording", "alarm", "try", "fired"]
    assert rows[1][:6] == ["busy", "database/cpu-high", "as", "it", "is", "1"]
    assert rows[1][-10:] == ["45", "1", "of", "1", "100", "%", "100", "%", "10m", "0.00"]
    assert rows[2][2:6] == ["for=1", "of", "1", "1"]
    assert rows[3][2:5] == ["when=>=", "99%", "0"]
    assert rows[3][-6:] == ["1", "-", "0", "%", "-", "0.00"]


def test_without_windows_there_is_no_score(run: Run) -> None:
    code, out, _ = run("--series", "busy.csv", *CPU)
    assert code == 0
    assert "precision" not in out
    assert [line.split()[1] for line in out.splitlines()[1:]] == ["database/cpu-high"]


def test_json(run: Run) -> None:
    document = run.json("--series", "busy.csv", *CPU, "--windows", "windows.json")
    (recording,) = document["recordings"]
    assert recording["name"] == "busy"
    (alarm,) = recording["alarms"]
    assert (alarm["fired"], alarm["minutes_in_alarm"]) == (1, 45)
    assert alarm["in_alarm"] == [["2026-01-01T01:50:00Z", "2026-01-01T02:35:00Z"]]
    assert alarm["score"]["median_delay_seconds"] == 600


def test_series_of_json_files_are_one_recording(run: Run) -> None:
    for name, metric in (("cpu", "CPUUtilization"), ("connections", "DatabaseConnections")):
        one = {
            "namespace": "AWS/RDS",
            "metric": metric,
            "dimensions": {"DBInstanceIdentifier": "axonflow-prod-db"},
            "period": 300,
            "timestamps": [f"{stamp(i).replace(' ', 'T')}Z" for i in range(len(BUSY))],
            "values": [4 * value for value in BUSY],
        }
        (run.folder / f"{name}.json").write_text(json.dumps([one]))
    code, out, err = run("--series", "cpu.json", "--series", "connections.json")
    assert code == 0
    assert {line.split()[1] for line in out.splitlines()[1:]} == {
        "database/cpu-high",
        "database/connections-high",
        "database/connections-odd",
    }
    assert err.splitlines()[0] == (
        "note: DatabaseConnections was recorded each 300 s: "
        "each datapoint stands for every 60 s in it"
    )
    assert err.splitlines()[1].startswith("note: the band of `m1` is a stand-in")


def test_windows_in_a_zone_and_for_every_recording(run: Run) -> None:
    windows = [["2026-01-01T01:40:00Z", "2026-01-01T02:30:00Z"]]
    (run.folder / "all.json").write_text(json.dumps(windows))
    words = ("--series", "busy.csv", *CPU, "--windows", "all.json", "--zone")
    assert _score(run.json(*words, "UTC"))["recall"] == 1
    # The CSV file's times name no zone: in Berlin they are an hour earlier.
    assert _score(run.json(*words, "Europe/Berlin"))["recall"] == 0


def _score(document: Any) -> Any:
    return document["recordings"][0]["alarms"][0]["score"]


def test_a_picture(run: Run) -> None:
    code, _, err = run(
        "--series", "busy.csv", *CPU, "--svg", "out.svg", "--windows", "windows.json"
    )
    assert (code, err) == (0, "drew out.svg\n")
    root = ET.parse(run.folder / "out.svg").getroot()  # noqa: S314 - our own
    assert root.tag.endswith("svg")
    code, _, err = run("--series", "busy.csv", *CPU, "--svg", "busy.csv/out.svg")
    assert code == 3
    assert "cannot write `busy.csv/out.svg`" in err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "the series come from --series FILE or from --since"),
        (("--series", "busy.csv"), "`busy.csv` does not say which metric it holds"),
        (("--series", "none.csv", *CPU), "`none.csv` is not a file"),
        (("--series", "busy.csv", "--metric", "database/Nothing"), "--metric: "),
        (("--series", "busy.csv", *CPU, "--zone", "Mars"), "--zone: "),
        (("--series", "busy.csv", *CPU, "--try", "fro=1"), "--try `fro=1`: `fro` cannot be"),
        (("--series", "busy.csv", *CPU, "database/incident"), "`database/incident` is no metric"),
        (("--series", "busy.csv", *CPU, "database/nothing"), "there is no alarm"),
        (
            ("--series", "busy.csv", *CPU, "database/connections-high"),
            "no recording has the metrics of `database/connections-high`",
        ),
        (("--series", "busy.csv", "--metric", "agent/DeploymentCount Sum"), ""),
        (("--series", "busy.csv", *CPU, "--windows", "busy.csv"), "cannot read `busy.csv`"),
        (("--series", "busy.csv", *CPU, "--windows", "none.json"), "cannot read `none.json`"),
        (("--series", "busy.csv", *CPU, "--windows", "bad.json"), "`bad.json` holds no windows"),
        (("--series", "bad.csv", *CPU), "bad.csv"),
    ],
)
def test_refused(run: Run, words: tuple[str, ...], message: str) -> None:
    (run.folder / "bad.json").write_text('{"busy": [["soon", "later"]]}')
    (run.folder / "bad.csv").write_text("timestamp,value\nnow,1\n")
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    assert message in err


def test_an_rds_instance_that_cloudwatch_recorded(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Real five-minute averages (Numenta Anomaly Benchmark) through our own definitions."""
    monkeypatch.chdir(ROOT)
    code = main(
        [
            "backtest", "database/cpu-high", "--json",
            "--series", str(RECORDED / "rds_cpu_utilization_e47b3b.csv"),
            "--metric", "database/CPUUtilization",
            "--windows", str(RECORDED / "windows.json"),
            "--try", "when=> 25%",
        ]
    )  # fmt: skip
    assert code == 0
    (recording,) = json.loads(capsys.readouterr().out)["recordings"]
    own, lower = recording["alarms"]
    assert len(recording["windows"]) == own["score"]["windows"] == 2
    assert lower["fired"] > own["fired"]
    assert lower["score"]["recall"] >= (own["score"]["recall"] or 0)

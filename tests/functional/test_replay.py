"""`axonwatch replay`, whole commands: recorded files in, timeline and pages out."""

from __future__ import annotations

import gzip
import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from axonwatch.cli.main import main

ROOT = Path(__file__).parents[2]
PROJECT = ROOT / "tests" / "cases" / "scenarios" / "project"
PREFIX = "axonflow-prod-"
START = 1_767_225_600
REFUSED = "dial tcp 10.0.3.4:5432: connect: connection refused"


def lines(minutes: range, message: str) -> str:
    events = [
        {"timestamp": (START + 60 * minute + 5) * 1000, "message": message, "logStream": "a"}
        for minute in minutes
    ]
    return "".join(json.dumps(event) + "\n" for event in events)


def iso(minute: int) -> str:
    return datetime.fromtimestamp(START + 60 * minute, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Run:
    """A small project with the logs of an outage, and a command's outcome."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._capsys = capsys
        (folder / "agent.jsonl").write_text(
            lines(range(5, 10), REFUSED) + lines(range(24, 25), "x")
        )
        with gzip.open(folder / "orchestrator.jsonl.gz", "wt") as file:
            file.write(lines(range(25), "Policy engine health"))
        (folder / "empty.jsonl").write_text("")
        (folder / "cpu.json").write_text(json.dumps([series("CPUUtilization", [95.0] * 6)]))

    def __call__(self, *words: str) -> tuple[int, str, str]:
        code = main(["replay", *words])
        found = self._capsys.readouterr()
        return code, found.out, found.err

    def json(self, *words: str) -> Any:
        code, out, _ = self(*words, "--json")
        assert code == 0
        return json.loads(out)


def series(metric: str, values: list[float]) -> dict[str, Any]:
    return {
        "namespace": "AWS/RDS",
        "metric": metric,
        "dimensions": {"DBInstanceIdentifier": "axonflow-prod-db"},
        "period": 300,
        "timestamps": [iso(5 * i) for i in range(len(values))],
        "values": values,
    }


BOTH = ("--local", "agent=agent.jsonl", "--local", "orchestrator=orchestrator.jsonl.gz")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    folder = tmp_path / "project"
    shutil.copytree(PROJECT, folder)
    monkeypatch.chdir(folder)
    return Run(folder, capsys)


def test_the_document(run: Run) -> None:
    document = run.json(*BOTH)
    assert {"alarms", "actions", "without_input"} <= set(document)
    entry = document["alarms"][f"{PREFIX}database-refused"]
    in_alarm = [one for one in entry if one["state"] == "ALARM"]
    assert in_alarm[0]["time"] == iso(7)
    assert in_alarm[0]["reason"].startswith("Threshold Crossed: 2 out of the last")
    told = [(one["time"], one["state"]) for one in document["actions"]]
    assert (iso(7), "ALARM") in told
    assert {one["alarm"] for one in document["actions"]} == {f"{PREFIX}database-incident"}
    assert f"{PREFIX}database-cpu-high" in document["without_input"]
    assert f"{PREFIX}database-odd-lines" not in document["without_input"]


def test_series_and_logs_together(run: Run) -> None:
    document = run.json(*BOTH, "--series", "cpu.json", "--start", iso(0), "--end", iso(30))
    states = [one["state"] for one in document["alarms"][f"{PREFIX}database-cpu-high"]]
    assert "ALARM" in states
    assert f"{PREFIX}database-cpu-high" not in document["without_input"]


def test_series_alone(run: Run) -> None:
    document = run.json("--series", "cpu.json")
    assert list(document["alarms"]) == [f"{PREFIX}database-cpu-high"]


def test_a_silent_group_is_input(run: Run) -> None:
    document = run.json("--local", "orchestrator=empty.jsonl", "--start", iso(0), "--end", iso(10))
    states = [one["state"] for one in document["alarms"][f"{PREFIX}database-heartbeat-lost"]]
    assert states[-1] == "ALARM"
    assert f"{PREFIX}database-refused" in document["without_input"]


def test_groups_by_full_name_and_two_files_of_one_group(run: Run) -> None:
    (run.folder / "more.jsonl").write_text(lines(range(10, 15), REFUSED))
    name = "/ecs/axonflow-prod/agent"
    document = run.json("--local", f"{name}=agent.jsonl", "--local", f"{name}=more.jsonl")
    entry = document["alarms"][f"{PREFIX}database-refused"]
    ends = [one["time"] for one in entry if one["state"] == "OK"]
    assert ends[-1] > iso(15)


def test_bounds(run: Run) -> None:
    document = run.json(*BOTH, "--start", iso(0), "--end", iso(6))
    entry = document["alarms"][f"{PREFIX}database-refused"]
    assert "ALARM" not in [one["state"] for one in entry]
    assert run(*BOTH, "--start", iso(9), "--end", iso(3))[0] == 2
    assert run(*BOTH, "--start", "whenever")[0] == 2


def test_people_get_a_timeline_and_the_pages(run: Run) -> None:
    code, out, err = run(*BOTH, "--start", iso(3), "--initial-state", "OK")
    assert code == 0
    rows = out.split("\n---")[0].splitlines()
    assert rows[0].split() == ["in", "ALARM", "from", "until", "alarm", "told", "reason"]
    assert [row.split()[:4] for row in rows[1:3]] == [
        [iso(7), iso(14), "database/refused", "nobody"],
        [iso(7), iso(14), "database/incident", "page"],
    ]
    assert f"--- 1 of 1: page at {iso(7)}" in out
    assert 'Subject: ALARM: "axonflow-prod-database-incident" in US East (N. Virginia)' in out
    assert "the database does not answer" in out
    assert "1 page, 0 tickets" in err
    assert "without input, so not evaluated: 6 alarms: agent/deploying, " in err


def test_no_pages(run: Run) -> None:
    _, out, _ = run(*BOTH, "--no-pages")
    assert "---" not in out
    _, out, _ = run("--local", "orchestrator=orchestrator.jsonl.gz", "--start", iso(3))
    assert out == "no alarm reached ALARM\n"


def test_another_main_stack(run: Run) -> None:
    inventory = json.loads((run.folder / "inventory.json").read_text())
    text = json.dumps(inventory).replace("axonflow-prod", "axonflow-dev")
    (run.folder / "other.json").write_text(text)
    document = run.json(
        "--local", "/ecs/axonflow-dev/agent=agent.jsonl", "--inventory", "other.json"
    )
    assert "axonflow-dev-database-refused" in document["alarms"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "there is nothing to replay"),
        (("--local", "agent"), "`agent` is not of the form GROUP=PATH"),
        (("--local", "agent=none.jsonl"), "there is no file `none.jsonl`"),
        (
            ("--local", "agnt=agent.jsonl"),
            "--local agnt=agent.jsonl: there is no log group of `agnt`",
        ),
        (("--series", "none.json"), "none.json"),
        (("--local", "agent=empty.jsonl"), "--start and --end must be given"),
    ],
)
def test_refused(run: Run, words: tuple[str, ...], message: str) -> None:
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    assert message in err
    assert err.startswith("error: ")


def test_refused_as_json_too(run: Run) -> None:
    code, out, _ = run("--local", "agent=none.jsonl", "--json")
    assert code == 2
    assert json.loads(out)["error"]["code"] == "wrong-usage"


def test_log_lines_in_pages_are_masked_for_people(run: Run) -> None:
    (run.folder / "odd.jsonl").write_text(lines(range(20), "odd 4111 1111 1111 1111 \x1b[2J"))
    _, out, _ = run("--local", "agent=odd.jsonl")
    assert "database/odd-lines" in out
    assert "4111 1111" not in out
    assert "\x1b" not in out


@pytest.mark.parametrize(
    ("recording", "component"),
    [("quiet", ""), ("db-outage", "database"), ("llm-provider-outage", "llm")],
)
def test_recorded_runs_of_axonflow(
    recording: str,
    component: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The contract: no page on a quiet run but for lost audit entries; an incident is told."""
    monkeypatch.chdir(ROOT)
    folder = Path("scenarios/recordings") / recording
    code = main(
        [
            "replay", "--json",
            "--local", f"agent={folder}/agent.jsonl.gz",
            "--local", f"orchestrator={folder}/orchestrator.jsonl.gz",
            "--series", f"{folder}/alb.json",
        ]
    )  # fmt: skip
    document = json.loads(capsys.readouterr().out)
    assert code == 0
    fired = [
        name.removeprefix(PREFIX)
        for name, entries in document["alarms"].items()
        if any(one["state"] == "ALARM" for one in entries)
    ]
    if component:
        assert any(component in name for name in fired)
    else:
        assert [name for name in fired if "audit" not in name] == []

"""`axonwatch check`, `explain` and `completion` as whole commands: output, exit code, files."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from axonwatch.catalog.project import find_project
from axonwatch.cli.main import main

CASES = Path(__file__).parents[1] / "cases"
BASE = CASES / "definitions" / "good" / "base"


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(BASE, tmp_path / "shop")
    monkeypatch.chdir(tmp_path / "shop")
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    return tmp_path / "shop"


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> Ran:
    code = main(arguments)
    captured = capsys.readouterr()
    return Ran(code, captured.out, captured.err)


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.usefixtures("project")
def test_clean_definitions(capsys: pytest.CaptureFixture[str]) -> None:
    ran = run(capsys, "check")
    assert (ran.code, ran.out) == (0, "")
    assert ran.err.startswith("no findings in the definitions in ")


def test_our_own_definitions_are_clean(capsys: pytest.CaptureFixture[str]) -> None:
    root = Path(__file__).parents[2]
    ran = run(capsys, "check", "--stack-file", str(root / "stack.yaml"), "--fail-on", "info")
    assert (ran.code, ran.out) == (0, "")


def test_findings_are_exit_1(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change(project / "scenarios" / "all.yaml", "database/slow, ", "")
    ran = run(capsys, "check")
    assert ran.code == 1
    assert ran.out.startswith("warning[untested-alarm]: no scenario names `database/slow`\n")
    assert ran.err == "1 warning\n"


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--fail-on", "error"], 0),
        (["--fail-on", "warning"], 1),
        (["--fail-on", "info"], 1),
        (["--fail-on", "never"], 0),
        (["--exit-zero"], 0),
    ],
)
def test_what_counts_can_be_chosen(
    project: Path, capsys: pytest.CaptureFixture[str], options: list[str], code: int
) -> None:
    change(project / "scenarios" / "all.yaml", "database/slow, ", "")
    assert run(capsys, "check", *options).code == code


# Bad input, each with one clear error and exit code 2 (issue: the main job, what it must show).
BAD_INPUT = {
    "broken YAML": ("alarms/database.yaml", b"component: [database\n", "broken-yaml"),
    "unknown key": ("alarms/database.yaml", b"component: database\nalarm: {}\n", "unknown-key"),
    "empty file": ("alarms/agent.yaml", b"", "empty-file"),
    "10 MB file": ("alarms/agent.yaml", b"# x\n" * 2_621_440, "file-too-large"),
    "binary file": ("alarms/agent.yaml", bytes(range(256)) * 40, "not-utf8"),
    "binary file with NUL": ("alarms/agent.yaml", b"\x7fELF\x02\x01\x00\x00", "hidden-character"),
    "inventory of another stack": (
        "stack.yaml",
        b"main_stack: shop-staging\n",
        "other-inventory",
    ),
    "broken inventory": ("inventory.json", b"{", "broken-json"),
    "empty stack file": ("stack.yaml", b"", "empty-file"),
}


@pytest.mark.parametrize("name", BAD_INPUT)
def test_bad_input_is_one_clear_error(
    name: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, data, code = BAD_INPUT[name]
    (project / file).write_bytes(data)
    ran = run(capsys, "check", "--format", "concise")
    assert ran.code == 2
    first, *more = ran.out.splitlines()
    assert f"error[{code}]" in first
    assert first.startswith(f"{file}:")
    assert not [line for line in more if code not in line]
    assert "Traceback" not in ran.out + ran.err


BAD_WORDS = {
    "unknown metric": ("metric: DatabaseConnections", "metric: Connections", "unknown-metric"),
    "wrong unit": ('">= 80% of max_connections"', '"> 20 ms"', "wrong-unit"),
    "unknown limit": ("80% of max_connections", "80% of max_users", "unknown-limit"),
    "duplicate name": ("alarms:\n", "alarms:\n  slow: {}\n", "duplicate-key"),
}


@pytest.mark.parametrize("name", BAD_WORDS)
def test_bad_words_are_one_clear_error(
    name: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new, code = BAD_WORDS[name]
    change(project / "alarms" / "database.yaml", old, new)
    ran = run(capsys, "check", "--format", "concise")
    assert ran.code == 2
    assert [line.partition("error[")[2].partition("]")[0] for line in ran.out.splitlines()] == [
        code
    ]


def test_a_missing_inventory(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "inventory.json").unlink()
    ran = run(capsys, "check")
    assert ran.code == 2
    assert ran.out.startswith("error[missing-inventory]: there is no inventory `inventory.json`\n")
    assert "axonwatch init" in ran.out


def test_a_missing_stack_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ran = run(capsys, "check", "--stack-file", str(tmp_path / "none.yaml"))
    assert ran.code == 2
    assert "there is no stack file" in ran.out


def test_a_fifo_or_folder_is_no_definition(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "alarms" / "folder.yaml").mkdir()
    ran = run(capsys, "check")
    assert ran.code == 2
    assert "`alarms/folder.yaml` is not a file" in ran.out


def test_all_findings_at_once(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = project / "alarms" / "database.yaml"
    change(path, "metric: DatabaseConnections", "metric: Connections")
    change(path, "log_group: agent", "log_group: agents")
    change(project / "dashboards" / "database.yaml", "query: refusals", "query: refusal")
    change(project / "scenarios" / "all.yaml", "database/slow, ", "")
    ran = run(capsys, "check", "--format", "concise")
    assert ran.code == 2
    for code in ("unknown-metric", "unknown-log-group", "unknown-query", "untested-alarm"):
        assert f"[{code}]" in ran.out


def test_formats_and_reports(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change(project / "scenarios" / "all.yaml", "database/slow, ", "")
    ran = run(
        capsys, "check", "--format", "json", "--report", "a.sarif", "--report", "b.json",
        "--report", "c.txt",
    )  # fmt: skip
    assert json.loads(ran.out)["findings"][0]["code"] == "untested-alarm"
    assert json.loads((project / "a.sarif").read_text(encoding="utf-8"))["version"] == "2.1.0"
    assert (project / "b.json").read_text(encoding="utf-8") == ran.out
    assert (project / "c.txt").read_text(encoding="utf-8").startswith("alarms/database.yaml:28:3:")
    github = run(capsys, "check", "--format", "github")
    assert github.out.startswith("::warning file=alarms/database.yaml,line=28,col=3,")
    assert run(capsys, "check", "--report", "x.pdf").code == 2


def test_annotations_come_by_themselves_in_github_actions(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    change(project / "scenarios" / "all.yaml", "database/slow, ", "")
    ran = run(capsys, "check")
    assert "warning[untested-alarm]" in ran.out
    assert "::warning file=" in ran.out


def test_templates_are_checked_together(capsys: pytest.CaptureFixture[str]) -> None:
    folder = CASES / "templates"
    ran = run(
        capsys, "check", "--format", "concise", "--template", str(folder / "events.yaml"),
        "--template", str(folder / "autoscaling.yaml"),
    )  # fmt: skip
    assert ran.code == 1
    assert ran.out.count("\n") == 1
    assert run(capsys, "check", "--template", "nowhere.yaml").code == 2


def test_every_page_of_our_companion_can_arrive(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stacks are followed together: alarms of one page the topics of another."""
    monkeypatch.chdir(tmp_path)
    root = Path(__file__).parents[2]
    assert run(capsys, "synth", "--stack-file", str(root / "stack.yaml"), "--out", "t").code == 0
    files = sorted((tmp_path / "t").glob("*.json"))
    options = [word for file in files for word in ("--template", str(file))]
    ran = run(capsys, "check", "--format", "json", *options)
    # An alarm's ignore stands in its definition, not in the template that is made of it.
    assert {one["code"] for one in json.loads(ran.out)["findings"]} <= {"unsteady-function"}

    (main_stack,) = [file for file in files if "PageTopicPolicy" in file.read_text("utf-8")]
    text = main_stack.read_text("utf-8")
    start = text.index('"PageTopicPolicy"')
    broken = text[:start] + text[start:].replace("cloudwatch.amazonaws.com", "x.amazonaws.com", 1)
    main_stack.write_text(broken, "utf-8")
    ran = run(capsys, "check", "--format", "json", *options)
    denied = [f for f in json.loads(ran.out)["findings"] if f["code"] == "publish-denied"]
    assert [f["title"].partition(" does not let")[0] for f in denied] == ["the topic `PageTopic`"]
    assert denied[0]["span"]["file"].endswith(main_stack.name)


def test_override_off_and_overlay(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stack = project / "stack.yaml"
    stack.write_text(
        stack.read_text(encoding="utf-8")
        + "override: {database/connections-high: {when: '>= 90% of max_conections'}}\n"
        + "off: {database/nothing: it never was}\noverlay: ../elsewhere\n",
        encoding="utf-8",
    )
    ran = run(capsys, "check", "--format", "concise")
    assert ran.code == 2
    assert "stack.yaml:8:10: error[path-outside]" in ran.out
    change(stack, "overlay: ../elsewhere\n", "overlay: mine\n")
    (project / "mine" / "alarms").mkdir(parents=True)
    ran = run(capsys, "check", "--format", "concise")
    assert "stack.yaml:6:57: error[unknown-limit]" in ran.out
    assert "stack.yaml:7:7: error[unknown-alarm]" in ran.out


def test_an_overlay_replaces_what_has_the_same_key(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from axonwatch.catalog.load import load_companion

    text = (project / "alarms" / "database.yaml").read_text(encoding="utf-8")
    own = text[: text.index("  refused:\n    severity")].replace("80%", "60%")
    (project / "mine" / "alarms").mkdir(parents=True)
    (project / "mine" / "alarms" / "x.yaml").write_text(own, encoding="utf-8")
    with (project / "stack.yaml").open("a", encoding="utf-8") as file:
        file.write("overlay: mine/\noff: [database/incident]\n")
    companion = load_companion(find_project()).companion
    thresholds = {a.name: a.threshold for a in companion.metric_alarms}
    assert thresholds["shop-prod-database-connections-high"] == 243
    assert companion.composite_alarms == ()
    assert run(capsys, "check").code == 1  # `slow` tells nobody now


def test_explain(capsys: pytest.CaptureFixture[str]) -> None:
    ran = run(capsys, "explain", "short-period")
    assert ran.code == 0
    assert ran.out.startswith("# short-period\n")
    record = json.loads(run(capsys, "explain", "short-period", "--format", "json").out)
    assert record["level"] == "warning"
    everything = json.loads(run(capsys, "explain", "--all", "--format", "json").out)
    assert len(everything) >= 25
    assert "short-period" in run(capsys, "explain", "--all").out
    wrong = run(capsys, "explain", "short-perod")
    assert wrong.code == 2
    assert "did you mean `short-period`?" in wrong.err
    assert run(capsys, "explain").code == 2
    assert run(capsys, "explain", "../../etc/passwd").code == 2


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    ran = run(capsys, "completion", shell)
    assert ran.code == 0
    assert "_AXONWATCH_COMPLETE" in ran.out
    assert run(capsys, "completion", "tcsh").code == 2

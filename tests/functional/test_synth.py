"""`axonwatch reference`, `synth`, and the CDK app: argv in, files and exit codes out."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from axonwatch.cli.main import main

ROOT = Path(__file__).parents[2]
BUDGET_SECONDS = 3.0
PARTS = ["", "-agent", "-orchestrator", "-database", "-incidents", "-views"]


def run(*arguments: str, code: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """A command of axonwatch in a process of its own."""
    start = ["-c", code] if code else ["-m", "axonwatch"]
    return subprocess.run(
        [sys.executable, *start, *arguments],
        cwd=ROOT, capture_output=True, text=True, check=False, env=os.environ | environment,
    )  # fmt: skip


def test_synth_writes_the_templates_and_nothing_of_node(tmp_path: Path) -> None:
    done = run("synth", "--out", str(tmp_path))
    assert done.returncode == 0
    assert done.stderr == "", "no banner, no progress"
    names = [f"axonflow-prod-observability{part}.template.json" for part in PARTS]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names)
    lines = done.stdout.splitlines()
    assert lines[0].split() == ["stack", "resources", "bytes", "template"]
    assert [Path(line.split()[-1]).name for line in lines[1:]] == names


def test_a_second_synthesis_gives_the_same_bytes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        assert main(["synth", "--out", str(folder)]) == 0
    capsys.readouterr()
    one, two = ({p.name: p.read_bytes() for p in folder.iterdir()} for folder in folders)
    assert one == two


def test_templates_of_another_layout_are_pointed_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = tmp_path / "axonflow-prod-observability-agent-2.template.json"
    old.write_text("{}")
    assert main(["synth", "--out", str(tmp_path)]) == 0
    assert f"note: {old} is of an earlier synthesis" in capsys.readouterr().err


def test_definitions_with_errors_are_not_synthesized(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "inventory.json").write_text((ROOT / "inventory.json").read_text())
    (tmp_path / "stack.yaml").write_text("main_stack: axonflow-prod\nregion: us-east-1\n")
    (tmp_path / "alarms").mkdir()
    (tmp_path / "alarms" / "agent.yaml").write_text("component: agent\nalarms: {x: {sev: page}}\n")
    out = tmp_path / "out"
    stack_file = str(tmp_path / "stack.yaml")
    assert main(["synth", "--out", str(out), "--stack-file", stack_file]) == 2
    assert not out.exists()
    assert "alarms/agent.yaml:2" in capsys.readouterr().err


def test_what_a_region_lacks_is_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "inventory.json").write_text((ROOT / "inventory.json").read_text())
    features = ("log_alarms", "mute_rules", "query_parameters", "warm_up")
    off = "".join(f"  {name}: false\n" for name in features)
    (tmp_path / "stack.yaml").write_text(
        f"main_stack: axonflow-prod\nregion: us-east-1\nfeatures:\n{off}"
    )
    out = tmp_path / "out"
    assert main(["synth", "--out", str(out), "--stack-file", str(tmp_path / "stack.yaml")]) == 0
    capsys.readouterr()
    text = "".join(path.read_text() for path in out.iterdir())
    for word in ("LogAlarm", "AlarmMuteRule", "WarmUpConfiguration", '"Parameters"', "{{"):
        assert word not in text, word


def test_without_the_extra_the_line_to_run_is_told() -> None:
    code = (
        "import sys; sys.modules['aws_cdk'] = None\n"
        "from axonwatch.cli.main import main; sys.exit(main(['synth', '--out', 'nowhere']))"
    )
    done = run(code=code)
    assert done.returncode == 3
    assert "this command needs `aws_cdk`, which is not installed" in done.stderr
    assert "pip install 'axonwatch[deploy]'" in done.stderr
    assert not (ROOT / "nowhere").exists()


@pytest.mark.parametrize("node", ["/nowhere/node", "/bin/true"])
def test_a_node_that_is_none_is_told_in_one_line(node: str, tmp_path: Path) -> None:
    done = run("synth", "--out", str(tmp_path / "out"), JSII_NODE=node)
    assert done.returncode == 3
    assert done.stderr.splitlines() == [
        f"error: `{node}` is no Node that can be started",
        "  = help: unset JSII_NODE to use the one that comes with axonwatch[deploy]",
    ]


def test_a_folder_that_cannot_be_written_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    assert main(["synth", "--out", str(tmp_path / "file" / "x")]) == 3
    assert "cannot write to " in capsys.readouterr().err


def test_the_app_of_cdk_json_makes_the_same_templates(tmp_path: Path) -> None:
    command = json.loads((ROOT / "cdk.json").read_text())["app"].split()
    assert command[1:] == ["-m", "axonwatch.deploy.app"]
    out, app = tmp_path / "out", tmp_path / "app"
    assert main(["synth", "--out", str(out)]) == 0
    done = subprocess.run(
        [sys.executable, *command[1:]],
        cwd=ROOT, capture_output=True, text=True, check=True, env=os.environ | {"CDK_OUTDIR": str(app)},
    )  # fmt: skip
    assert done.stderr == ""
    for path in out.iterdir():
        assert json.loads((app / path.name).read_text()) == json.loads(path.read_text())
    manifest = json.loads((app / "manifest.json").read_text())
    stacks = [a for a in manifest["artifacts"].values() if a["type"] == "aws:cloudformation:stack"]
    assert len(stacks) == len(PARTS)
    assert all("assumeRoleArn" not in stack["properties"] for stack in stacks), "no bootstrap"
    assert not [a for a in manifest["artifacts"].values() if a["type"] == "cdk:asset-manifest"]


# ---- the reference stack ------------------------------------------------------------------------


def test_the_reference_goes_to_standard_output_with_its_warnings_beside(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["reference"]) == 0
    said = capsys.readouterr()
    template = json.loads(said.out)
    assert template["Outputs"]["ClusterName"]
    warnings = said.err.splitlines()
    assert all(line.startswith("warning: ") for line in warnings)
    assert "15.4, which AWS no longer creates" in warnings[0]


def test_another_version_of_postgresql_has_its_own_parameter_family(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["reference", "--engine-version", "16.8"]) == 0
    said = capsys.readouterr()
    template = json.loads(said.out)
    assert template["Parameters"]["DBEngineVersion"]["Default"] == "16.8"
    assert template["Resources"]["DBParameterGroup"]["Properties"]["Family"] == "postgres16"
    assert "no longer creates" not in said.err


def test_the_hardened_reference_asks_for_what_it_needs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["reference", "--hardened", "--out", str(tmp_path)]) == 0
    capsys.readouterr()
    template = json.loads((tmp_path / "axonflow-prod.template.json").read_text())
    assert template["Resources"]["AxonFlowDatabase"]["Properties"]["DeletionProtection"] is True
    assert "HttpListener" not in template["Resources"]
    assert "DBPassword" not in template["Parameters"]
    assert "WebAclArn" in template["Parameters"]


@pytest.mark.parametrize("stack", ["a" * 128, "AxonFlow-Production-Europe-West-1", "a--b"])
def test_names_fit_whatever_the_stack_is_called(
    stack: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["reference", "--stack", stack]) == 0
    said = capsys.readouterr()
    template = json.loads(said.out)
    names = {name: p.get("Default") for name, p in template["Parameters"].items()}
    assert len(names["LoadBalancerName"]) <= 32
    assert len(template["Resources"]["AgentTargetGroup"]["Properties"]["Name"]) <= 32
    database = names["DBIdentifier"]
    assert len(database) <= 63
    assert database == database.lower()
    assert "--" not in database
    for role in ("TaskRole", "TaskExecutionRole", "DatabaseMonitoringRole"):
        assert len(template["Resources"][role]["Properties"]["RoleName"]) <= 64
    label = template["Resources"]["Certificate"]["Properties"]["DomainName"]["Fn::Join"][1][0]
    assert len(f"{label}ap-southeast-1.axonflow.internal") <= 64
    assert ("longer than the 32 characters" in said.err) is (len(stack) > 28)


def test_two_long_names_are_never_cut_to_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    names = set()
    for stack in ("a" * 60 + "-blue", "a" * 60 + "-green"):
        assert main(["reference", "--stack", stack]) == 0
        names.add(json.loads(capsys.readouterr().out)["Parameters"]["LoadBalancerName"]["Default"])
    assert len(names) == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--stack", "9lives"], "`9lives` cannot be a stack's name"),
        (["--stack", "a" * 129], "cannot be a stack's name"),
        (["--stack", ""], "`` cannot be a stack's name"),
        (["--engine-version", "latest"], "`latest` is not a version of PostgreSQL"),
    ],
    ids=["a digit first", "too long", "empty", "a version in words"],
)
def test_what_cannot_be_is_refused(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["reference", *arguments]) == 2
    assert said in capsys.readouterr().err


def test_a_synthesis_takes_less_than_three_seconds(tmp_path: Path) -> None:
    """Of processor time, Node's too, so that a busy machine does not decide."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert run("synth", "--out", str(tmp_path)).returncode == 0
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = (after.ru_utime - before.ru_utime) + (after.ru_stime - before.ru_stime)
    assert spent < BUDGET_SECONDS

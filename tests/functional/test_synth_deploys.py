"""`axonwatch diff`, `deploy` and `destroy`, all stacks of the companion, against an emulated AWS."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import boto3
import pytest

from axonwatch.catalog.load import load_companion
from axonwatch.catalog.project import Project, packaged_root
from axonwatch.cli.main import main
from axonwatch.deploy.companion import part_of_alarm
from axonwatch.live.embedded import embedded_aws

# moto warns, in threads of its own, of each kind of resource that it does not make or delete.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")
STACKS = [
    f"axonflow-prod-observability{part}"
    for part in ("", "-agent", "-orchestrator", "-database", "-incidents", "-views")
]


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with embedded_aws() as (url, _):
        yield url


@pytest.fixture
def axonwatch(
    endpoint: str, fake_credentials: None, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    del fake_credentials

    def call(*arguments: str) -> tuple[int, str, str]:
        code = main([*arguments, "--endpoint-url", endpoint])
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


def stacks(endpoint: str) -> list[str]:
    client = boto3.client("cloudformation", endpoint_url=endpoint, region_name="us-east-1")
    return sorted(stack["StackName"] for stack in client.describe_stacks()["Stacks"])


def test_the_companion_comes_changes_and_goes(
    endpoint: str, axonwatch: Callable[..., tuple[int, str, str]]
) -> None:
    code, out, _ = axonwatch("diff", "--check")
    assert code == 1, "a deployment would change something"
    assert "+ AWS::CloudWatch::CompositeAlarm" in out
    assert stacks(endpoint) == [], "a look changes nothing"

    code, _, err = axonwatch("deploy")
    assert code == 2
    assert "nobody is there to answer" in err

    code, out, err = axonwatch("deploy", "--yes")
    assert code == 0
    assert out.splitlines() == [f"{stack}: created" for stack in STACKS]
    assert "LogAlarmPolicy, may logs:DescribeLogGroups" in err, "what IAM will allow is shown"
    assert stacks(endpoint) == sorted(STACKS)

    code, out, _ = axonwatch("deploy", "--yes")
    assert (code, out.splitlines()) == (0, [f"{stack}: unchanged" for stack in STACKS])
    code, out, _ = axonwatch("diff", "--check")
    assert (code, out.count("nothing would change")) == (0, len(STACKS))

    code, _, err = axonwatch("destroy")
    assert code == 2
    assert stacks(endpoint) == sorted(STACKS)

    code, out, _ = axonwatch("destroy", "--yes")
    assert (code, out.splitlines()) == (0, [f"{stack}: deleted" for stack in reversed(STACKS)])
    code, _, err = axonwatch("destroy", "--yes")
    assert (code, stacks(endpoint)) == (0, [])
    assert "there is no companion of `axonflow-prod`" in err


def test_a_part_that_is_switched_off_goes_from_the_account(
    endpoint: str, axonwatch: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    assert axonwatch("deploy", "--yes")[0] == 0
    root = packaged_root()
    companion = load_companion(Project(root, root / "stack.yaml")).companion
    gone = [
        f"{alarm.about.component}/{alarm.about.key}"
        for alarm in companion.alarms
        if alarm.about and part_of_alarm(alarm) == "incidents"
    ]
    (tmp_path / "inventory.json").write_text((root / "inventory.json").read_text())
    (tmp_path / "stack.yaml").write_text(
        json.dumps(
            {
                "main_stack": "axonflow-prod",
                "region": "us-east-1",
                "off": gone,
                "features": {"mute_rules": False},
            }
        )
    )
    own = ("--stack-file", str(tmp_path / "stack.yaml"))
    left = "axonflow-prod-observability-incidents"
    code, out, _ = axonwatch("diff", "--check", *own)
    assert (code, f"{left}:\n  to delete" in out) == (1, True)
    code, out, _ = axonwatch("deploy", "--yes", *own)
    assert (code, out.splitlines()[-1]) == (0, f"{left}: deleted")
    assert left not in stacks(endpoint)
    assert axonwatch("destroy", "--yes")[0] == 0
    assert stacks(endpoint) == []


def test_a_forgotten_endpoint_is_no_place_to_deploy_to(
    endpoint: str,
    fake_credentials: None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    del fake_credentials
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    assert main(["deploy", "--yes"]) == 3
    assert "which is not AWS" in capsys.readouterr().err
    assert stacks(endpoint) == []

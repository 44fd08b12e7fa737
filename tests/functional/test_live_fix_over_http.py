"""`drift --fix` over real HTTP: through moto's CloudFormation, which makes dashboards and topics.

It makes no alarm, and reverts nothing that was changed by hand (it does not know the deployment
mode REVERT_DRIFT, which `tests/unit/live/test_changeset_states.py` asks for in AWS's own model): so
what is mended here is a dashboard of older definitions.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.fakes.deployed import client
from tests.fakes.embedded_aws import embedded_aws
from tests.fakes.project import credentials

from axonwatch.cli.main import main

# moto warns, in threads of its own, of each kind of resource that it does not make or delete.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")
AGENT_VIEW = "axonflow-prod-agent"
INVENTORY = Path(__file__).parents[2] / "inventory.json"


@pytest.fixture
def deployed(tmp_path: Path, fake_credentials: None) -> Iterator[tuple[str, Path]]:
    """A companion that `deploy` brought to an account of its own."""
    del fake_credentials
    stack_file = tmp_path / "stack.yaml"
    (tmp_path / "inventory.json").write_text(INVENTORY.read_text())
    stack_file.write_text("main_stack: axonflow-prod\nregion: us-east-1\n")
    with embedded_aws() as url, credentials():
        words = ["--stack-file", str(stack_file), "--endpoint-url", url]
        assert main(["deploy", "--yes", *words]) == 0
        yield url, stack_file


def test_fixing_deploys_what_the_definitions_say_now(
    deployed: tuple[str, Path],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    url, stack_file = deployed
    stack_file.write_text(stack_file.read_text() + "off: [agent/cpu-high]\n")
    words = ["--stack-file", str(stack_file), "--endpoint-url", url]

    def changed() -> set[str]:
        capsys.readouterr()
        assert main(["drift", "--json", *words]) == 1
        found = json.loads(capsys.readouterr().out)["differences"]
        return {one["name"] for one in found if one["kind"] == "changed"}

    assert AGENT_VIEW in changed()
    assert main(["drift", "--fix", "--yes", *words]) == 0
    assert "axonflow-prod-observability-views: updated" in capsys.readouterr().out
    assert changed() == set()
    body = client("cloudwatch", url).get_dashboard(DashboardName=AGENT_VIEW)["DashboardBody"]
    assert "agent-cpu-high" not in body

"""`axonwatch init` over real HTTP, against a moto server on which a main stack was created."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.fakes import main_stack
from tests.fakes.embedded_aws import complete, embedded_aws, reset

from axonwatch.catalog.inventory import read_inventory
from axonwatch.cli.main import main
from axonwatch.live.clients import Aws, Target, connect

pytestmark = pytest.mark.filterwarnings("ignore:Tried to parse:UserWarning")
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with embedded_aws() as url:
        yield url


@pytest.fixture
def aws(server: str, fake_credentials: None) -> Aws:
    del fake_credentials
    reset(server)
    return connect(Target("us-east-1", endpoint_url=server))


@pytest.fixture
def run(server: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def init(stack: str, *more: str) -> tuple[int, str, str]:
        code = main(
            [
                *("init", "--stack", stack, "--region", "us-east-1"),
                *("--endpoint-url", server, "--out", str(tmp_path), *more),
            ]
        )
        out, err = capsys.readouterr()
        return code, out, err

    return init


def create(aws: Aws, name: str, **bent: Any) -> None:
    body = json.dumps(main_stack.template(**bent))
    aws.call("cloudformation", "CreateStack", StackName=name, TemplateBody=body)
    complete(aws, name)


def test_a_whole_stack_becomes_an_inventory(aws: Aws, run: Run, tmp_path: Path) -> None:
    create(aws, "axonflow-prod")
    code, out, err = run("axonflow-prod")
    assert code == 0, err
    inventory = read_inventory(tmp_path / "inventory.json")
    assert inventory.container_insights
    assert inventory.service("agent").maximum == 50
    assert inventory.service("orchestrator").desired == 10
    assert inventory.load_balancer.name == "axonflow-prod-alb"
    assert inventory.database.max_connections == 405
    assert "axonflow-prod-db, db.t3.medium, 100 GiB, 3,000 IOPS, 405 connections" in out
    assert "main_stack: axonflow-prod" in (tmp_path / "stack.yaml").read_text()
    assert err.startswith("us-east-1, as user/moto, at http://127.0.0.1")
    for text in (out, err, (tmp_path / "inventory.json").read_text()):
        assert "123456789012" not in text
        assert "hunter2" not in text


@pytest.mark.parametrize(
    ("name", "bent"),
    [
        ("axonflow-prod", {"named": False}),
        ("AXONFLOW-PRODUCTION-EU", {"named": False, "outputs": False}),
        ("Axonflow", {"outputs": False, "tier": "Pilot"}),
    ],
    ids=["generated names", "long, upper case, no outputs", "no outputs"],
)
def test_real_names_are_taken_as_they_are(
    aws: Aws, run: Run, tmp_path: Path, name: str, bent: dict[str, Any]
) -> None:
    create(aws, name, **bent)
    code, _, err = run(name)
    assert code == 0, err
    inventory = read_inventory(tmp_path / "inventory.json")
    assert len(inventory.load_balancer.name) <= 32
    assert inventory.load_balancer.full_name.startswith(f"app/{inventory.load_balancer.name}/")
    assert inventory.database.identifier == inventory.database.identifier.lower()


def test_stacks_of_which_one_name_begins_the_other(aws: Aws, run: Run, tmp_path: Path) -> None:
    create(aws, "axonflow-production", agent_tasks=7)
    create(aws, "axonflow-prod")
    assert run("axonflow-prod")[0] == 0
    inventory = read_inventory(tmp_path / "inventory.json")
    assert inventory.service("agent").desired == 5
    assert inventory.service("agent").log_group == "/ecs/axonflow-prod/agent"
    assert inventory.database.identifier == "axonflow-prod-db"


def test_a_stack_that_is_not_there(aws: Aws, run: Run, tmp_path: Path) -> None:
    create(aws, "axonflow-prod")
    code, out, err = run("axonflow-pord")
    assert (code, out) == (3, "")
    assert "error: there is no stack `axonflow-pord` in us-east-1" in err
    assert "a similar stack exists: `axonflow-prod`" in err
    assert list(tmp_path.iterdir()) == []


def test_values_by_hand_stay_until_they_are_forgotten(aws: Aws, run: Run, tmp_path: Path) -> None:
    create(aws, "axonflow-prod")
    assert run("axonflow-prod", "--set", "database.max_connections=380")[0] == 0
    code, _, err = run("axonflow-prod")
    assert code == 0
    assert "kept as given by hand before: database.max_connections" in err
    assert read_inventory(tmp_path / "inventory.json").database.max_connections == 380
    _, out, _ = run("axonflow-prod", "--fresh")
    assert "changed: database.max_connections 380 -> 405" in out


def test_the_users_stack_file_is_left_alone(aws: Aws, run: Run, tmp_path: Path) -> None:
    create(aws, "axonflow-prod")
    (tmp_path / "stack.yaml").write_text("main_stack: axonflow-prod # mine\n")
    assert run("axonflow-prod")[0] == 0
    assert (tmp_path / "stack.yaml").read_text() == "main_stack: axonflow-prod # mine\n"


def test_an_inventory_of_another_stack_is_not_replaced(aws: Aws, run: Run, tmp_path: Path) -> None:
    create(aws, "axonflow-prod")
    run("axonflow-prod")
    before = (tmp_path / "inventory.json").read_text()
    code, _, err = run("axonflow-test")
    assert code == 2
    assert "is of the stack `axonflow-prod`, not of `axonflow-test`" in err
    assert (tmp_path / "inventory.json").read_text() == before


def test_a_dry_run_prints_the_inventory_and_writes_nothing(
    aws: Aws, run: Run, tmp_path: Path
) -> None:
    create(aws, "axonflow-prod")
    code, out, _ = run("axonflow-prod", "--dry-run")
    assert code == 0
    assert json.loads(out)["cluster"] == "axonflow-prod-cluster"
    assert list(tmp_path.iterdir()) == []


def test_a_value_that_makes_no_inventory_is_refused(aws: Aws, run: Run, tmp_path: Path) -> None:
    create(aws, "axonflow-prod")
    code, _, err = run("axonflow-prod", "--set", "load_balancer.full_name=axonflow-prod-alb")
    assert code == 3
    assert "does not make an inventory" in err
    assert list(tmp_path.iterdir()) == []


def test_nothing_listens(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], fake_credentials: None
) -> None:
    del fake_credentials
    url = "http://127.0.0.1:1"
    where = ("--region", "us-east-1", "--endpoint-url", url, "--out", str(tmp_path))
    code = main(["init", "--stack", "x", *where])
    assert code == 3
    assert "cannot reach AWS" in capsys.readouterr().err


def test_no_credentials(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["init", "--stack", "x", "--region", "us-east-1", "--out", str(tmp_path)])
    assert code == 3
    assert "error: no credentials for us-east-1" in capsys.readouterr().err

"""`axonwatch init` over real HTTP, against the reference main stack of the seed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from axonwatch.catalog.inventory import read_inventory
from axonwatch.cli.main import main
from axonwatch.live.clients import Target, connect
from axonwatch.live.embedded import (
    add_what_moto_left_out,
    create_main_stack,
    embedded_aws,
    fit_for_moto,
    lay_ground,
)

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")
ROOT = Path(__file__).parents[2]
SCALING = {"axonflow-prod-agent-service": (5, 50), "axonflow-prod-orchestrator-service": (10, 50)}
# What an emulator makes up, what an account decides, and what moto does not keep.
NOT_THE_SEEDS = {
    *("load_balancer.full_name", "load_balancer.target_group_full_name"),
    *("load_balancer.certificate_id", "database.resource_id", "database.log_group"),
    *("database.backup_window", "account_check", "discovered_at", "given_by_hand"),
    "database.ebs_baseline_throughput",
}


def flat(value: object, path: str = "") -> dict[str, object]:
    if isinstance(value, dict):
        return {
            key: leaf
            for name, inner in value.items()
            for key, leaf in flat(inner, f"{path}.{name}".strip(".")).items()
        }
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return {
            key: leaf
            for inner in value
            for key, leaf in flat(inner, f"{path}.{inner['component']}").items()
        }
    return {path: value}


def test_the_reference_main_stack_is_the_packaged_example(
    tmp_path: Path, fake_credentials: None, capsys: pytest.CaptureFixture[str]
) -> None:
    del fake_credentials
    assert main(["reference", "--stack", "axonflow-prod", "--out", str(tmp_path)]) == 0
    body = (tmp_path / "axonflow-prod.template.json").read_text(encoding="utf-8")
    with embedded_aws() as (url, _):
        aws = connect(Target("us-east-1", endpoint_url=url))
        create_main_stack(
            aws, "axonflow-prod", fit_for_moto(body), lay_ground(aws, "axonflow-prod")
        )
        add_what_moto_left_out(aws, "axonflow-prod-cluster", SCALING)
        where = ("--region", "us-east-1", "--endpoint-url", url, "--out", str(tmp_path))
        sizes = ("--set", "agent.cpu_units=1024", "--set", "orchestrator.cpu_units=1024")
        capsys.readouterr()
        code = main(["init", "--stack", "axonflow-prod", *where, *sizes])
        assert code == 0, capsys.readouterr().err
    found = flat(json.loads((tmp_path / "inventory.json").read_text(encoding="utf-8")))
    example = flat(json.loads((ROOT / "inventory.json").read_text(encoding="utf-8")))
    assert found.keys() == example.keys()
    different = {key for key in found if found[key] != example[key]}
    assert different <= NOT_THE_SEEDS
    inventory = read_inventory(tmp_path / "inventory.json")
    assert inventory.load_balancer.full_name.startswith("app/axonflow-prod-alb/")
    assert inventory.load_balancer.certificate_id

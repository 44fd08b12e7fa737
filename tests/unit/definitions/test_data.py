"""The catalogue's data: complete, sourced, dated, and in agreement with the example inventory."""

from __future__ import annotations

import datetime as dt
import json
from importlib import resources
from typing import Any

import pytest

from axonwatch.catalog.metrics import is_statistic, load_catalogue
from axonwatch.model.companion import Companion

FILES = ["metrics.json", "instances.json", "prices.json", "tiers.json"]


def read(name: str) -> dict[str, Any]:
    path = resources.files("axonwatch.catalog") / "data" / name
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return data


@pytest.mark.parametrize("name", FILES)
def test_it_says_what_it_is_whence_and_when(name: str) -> None:
    data = read(name)
    assert data["about"]
    assert data["sources"]
    assert dt.date.fromisoformat(data["checked"]) <= dt.datetime.now(
        tz=dt.UTC
    ).date() + dt.timedelta(days=1)


def test_a_metric_has_facts_that_checks_can_use() -> None:
    for component in load_catalogue().components:
        for facts in load_catalogue().metrics(component).values():
            assert facts.description, facts.key
            assert facts.statistics, facts.key
            assert facts.interval % 60 == 0, facts.key
            assert facts.lowest is None or facts.highest is None or facts.lowest < facts.highest
            plain = [one for one in facts.statistics if not one.endswith("*")]
            assert all(is_statistic(one) for one in plain), facts.key


def test_the_seeds_wrong_spelling_is_not_in_it() -> None:
    metrics = load_catalogue().metrics("load_balancer")
    assert "UnHealthyHostCount" in metrics
    assert "UnhealthyHostCount" not in metrics


@pytest.mark.parametrize(
    ("name", "connections"),
    [("db.t3.medium", (400, 413)), ("db.t3.large", (830, 860)), ("db.r5.large", (1600, 1710))],
)
def test_connections_of_a_class_are_what_was_seen(name: str, connections: tuple[int, int]) -> None:
    data = read("instances.json")
    rule = data["postgres_max_connections"]
    memory = data["classes"][name]["memory_mib"] * 2**20
    given = memory - max(rule["kept_bytes"], rule["kept_share"] * memory)
    most = min(int(given // rule["bytes_a_connection"]), rule["most"])
    assert connections[0] <= most <= connections[1]


def test_the_example_inventory_has_its_classes_facts(companion: Companion) -> None:
    database = companion.inventory.database
    facts = read("instances.json")["classes"][database.instance_class]
    assert database.vcpus == facts["vcpus"]
    assert database.memory == facts["memory_mib"] * 2**20
    assert database.ebs_baseline_iops == facts["ebs_baseline_iops"]
    assert database.ebs_baseline_throughput == int(facts["ebs_baseline_megabytes"] * 1e6)
    assert database.burstable is facts["burstable"]
    assert (
        companion.inventory.monthly_requests
        == read("tiers.json")["tiers"]["Growth"]["monthly_requests"]
    )

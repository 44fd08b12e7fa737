"""What an RDS instance class and its storage can do: our table's facts, and AWS's formulas.

Pure: the table is `catalog/data/instances.json`, which names its sources.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

MIB = 1024**2


@dataclass(frozen=True)
class InstanceFacts:
    """Of one class. Memory in bytes, throughput in bytes a second."""

    memory: int
    vcpus: int
    ebs_iops: int
    ebs_throughput: int
    burstable: bool


@cache
def _table() -> dict[str, Any]:
    source = resources.files("axonwatch.catalog") / "data" / "instances.json"
    table: dict[str, Any] = json.loads(source.read_text("utf-8"))
    return table


def known_instance(name: str) -> InstanceFacts | None:
    """The facts of a class, or None if the table does not hold it."""
    row = _table()["classes"].get(name)
    if row is None:
        return None
    return InstanceFacts(
        memory=int(row["memory_mib"]) * MIB,
        vcpus=int(row["vcpus"]),
        ebs_iops=int(row["ebs_baseline_iops"]),
        ebs_throughput=round(float(row["ebs_baseline_megabytes"]) * 1_000_000),
        burstable=bool(row.get("burstable", False)),
    )


def class_memory(memory: int) -> int:
    """DBInstanceClassMemory: what RDS counts with, less than the class's nominal memory."""
    rule = _table()["postgres_max_connections"]
    return int(memory - max(rule["kept_bytes"], rule["kept_share"] * memory))


def default_connections(memory: int) -> int:
    """max_connections of PostgreSQL's default parameter group."""
    rule = _table()["postgres_max_connections"]
    return min(int(class_memory(memory) / rule["bytes_a_connection"]), int(rule["most"]))


_TERM = r"\{\s*DBInstanceClassMemory\s*(?:\*\s*(?P<times>\d+)\s*)?/\s*(?P<over>\d+)\s*\}|(?P<n>\d+)"
_CALL = re.compile(r"(?P<f>LEAST|GREATEST|SUM)\((?P<terms>[^()]*)\)", re.IGNORECASE)


def connections_of_formula(formula: str, memory: int) -> int | None:
    """The value of a parameter such as `LEAST({DBInstanceClassMemory/9531392},5000)`.

    None for a formula that we cannot read.
    """
    text = formula.strip()
    call = _CALL.fullmatch(text)
    values: list[int] = []
    for part in call["terms"].split(",") if call else [text]:
        term = re.fullmatch(_TERM, part.strip())
        if term is None:
            return None
        times = int(term["times"] or 1)
        values.append(int(term["n"]) if term["n"] else memory * times // int(term["over"]))
    word = call["f"].upper() if call else "SUM"
    if word == "SUM":
        return sum(values)
    return min(values) if word == "LEAST" else max(values)


def storage_gives(kind: str, gib: int, iops: int | None, megabytes: int | None) -> tuple[int, int]:
    """IOPS and MiB/s of a volume of `gib` GiB, from what AWS states and its defaults.

    Source: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html (PostgreSQL:
    gp3 has 3,000 IOPS and 125 MiB/s below 400 GiB, 12,000 and 500 from there; gp2 has 3 a GiB).
    """
    if kind == "gp3":
        base = (3000, 125) if gib < 400 else (12_000, 500)
    elif kind == "gp2":
        base = (min(max(100, 3 * gib), 64_000), 250 if gib >= 334 else 128)
    elif kind in {"io1", "io2"}:
        base = (max(1000, iops or 0), max(1, min(1000, (iops or 1000) * 256 // 1024)))
    else:
        base = (100, 10)  # magnetic
    return int(iops or base[0]), int(megabytes or base[1])

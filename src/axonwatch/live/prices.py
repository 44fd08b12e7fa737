"""List prices and sizes in words; the numbers are `catalog/data/prices.json`, with their source."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

GIGABYTE = 1_000_000_000
_STEPS = ((10**12, "TB"), (10**9, "GB"), (10**6, "MB"), (10**3, "kB"))


@dataclass(frozen=True)
class Prices:
    """The prices of a region, in USD. `is_own` tells that they are not another region's."""

    region: str
    checked: str
    is_own: bool
    rates: Mapping[str, float]
    free: Mapping[str, float]

    def scanned(self, size: float) -> float:
        """What Logs Insights asks for scanning so many bytes."""
        return size / GIGABYTE * self.rates["logs_scanned_gigabyte"]

    @property
    def remark(self) -> str:
        """Where the prices are from; empty if there is nothing to say."""
        if self.is_own:
            return ""
        return f"prices are those of {self.region} ({self.checked}); this region's may differ"


@cache
def _table() -> dict[str, Any]:
    source = resources.files("axonwatch.catalog") / "data" / "prices.json"
    table: dict[str, Any] = json.loads(source.read_text("utf-8"))
    return table


def prices_of(region: str) -> Prices:
    """The prices of a region, or those of the first region that we hold."""
    table = _table()
    regions: dict[str, dict[str, float]] = table["regions"]
    name = region if region in regions else next(iter(regions))
    return Prices(name, str(table["checked"]), name == region, regions[name], table["free"])


def money(dollars: float) -> str:
    """As in `$0.12`; small sums keep two significant digits, nothing is shown as nothing."""
    if dollars == 0:
        return "$0"
    if dollars < 0.01:
        return f"${dollars:.2g}" if dollars >= 0.0001 else "under $0.0001"
    return f"${dollars:,.2f}"


def size_in_words(size: float) -> str:
    """As in `1.2 GB`: decimal, as AWS bills."""
    for step, unit in _STEPS:
        if size >= step:
            return f"{size / step:.1f} {unit}"
    return f"{size:.0f} bytes"

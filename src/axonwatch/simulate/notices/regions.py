"""The long names of regions, as notifications write them: data with source and date."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files


@cache
def _names() -> Mapping[str, str]:
    text = files("axonwatch.simulate.notices").joinpath("regions.json").read_text(encoding="utf-8")
    names: Mapping[str, str] = json.loads(text)["names"]
    return names


def region_name(region: str) -> str:
    """`EU (Ireland)` of `eu-west-1`; a region that is not known keeps its code."""
    return _names().get(region, region)

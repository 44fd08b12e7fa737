"""The cases of tests/cases/insights: behaviour of the query language as data, and their judge.

`documented.json` came with the project, derived from AWS's pages; the YAML files are ours. A case
has a query, events, and either rows (in the columns' order; null: absent) or the error's code.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parents[2] / "cases" / "insights"
GROUP = "/ecs/app"
START = 1_767_225_600_000
MALFORMED = "MalformedQueryException"


@dataclass(frozen=True)
class Case:
    """One case; `groups` are events by log group, the first one queried."""

    name: str
    query: str
    groups: Mapping[str, Sequence[Mapping[str, object]]]
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str | None, ...], ...] = ()
    error: str = ""
    ordered: bool = False
    tolerance: float = 0.0
    options: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] | None = None


def write_groups(case: Case, folder: Path) -> list[tuple[str, Path]]:
    """The case's events as files, in its groups' order."""
    written = []
    for number, (name, events) in enumerate(case.groups.items()):
        path = folder / f"{number}.jsonl"
        path.write_text("".join(json.dumps(event) + "\n" for event in events), encoding="utf-8")
        written.append((name, path))
    return written


def documented_cases() -> list[Case]:
    """The cases that came with the project."""
    found = []
    for raw in json.loads((FOLDER / "documented.json").read_text(encoding="utf-8")):
        expected = raw["expected"]
        options = {
            "lookups": raw.get("lookup_tables", {}),
            "start_ms": raw.get("start"),
            "end_ms": raw.get("end"),
            "now_ms": raw.get("now"),
        }
        groups = {raw.get("logGroup", GROUP): raw["events"], **raw.get("log_groups", {})}
        found.append(
            Case(
                raw["name"],
                raw["query"],
                groups,
                tuple(expected["columns"]),
                tuple(tuple(row) for row in expected["rows"]),
                expected.get("error", ""),
                bool(raw.get("ordered")),
                float(raw.get("tolerance", 0)),
                options,
            )
        )
    return found


def own_cases() -> list[Case]:
    """Our cases: events are messages (text, or a mapping that becomes JSON), a second apart."""
    found = []
    for path in sorted(FOLDER.glob("*.yaml")):
        for name, raw in yaml.safe_load(path.read_text(encoding="utf-8")).items():
            found.append(_own_case(f"{path.stem}: {name}", raw))
    return found


def _own_case(name: str, raw: Mapping[str, Any]) -> Case:
    groups = {raw.get("group", GROUP): _events(raw.get("events", []))}
    groups |= {group: _events(events) for group, events in raw.get("groups", {}).items()}
    rows = raw.get("rows", [])
    columns = raw.get("columns") or list(dict.fromkeys(key for row in rows for key in row))
    options = {
        "lookups": raw.get("lookups", {}),
        "parameters": raw.get("parameters", {}),
        **{key: raw[key] for key in ("start_ms", "end_ms", "now_ms", "keep_missing") if key in raw},
    }
    return Case(
        name,
        raw["query"],
        groups,
        tuple(columns),
        tuple(tuple(_text(row.get(column)) for column in columns) for row in rows),
        raw.get("error", ""),
        raw.get("ordered", True),
        0.0,
        options,
        tuple(raw["warnings"]) if "warnings" in raw else None,
    )


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _events(raw: Sequence[Any]) -> list[dict[str, object]]:
    made = []
    for place, one in enumerate(raw):
        event: dict[str, object] = {"timestamp": START + 1000 * place, "logStream": "s1"}
        message = one
        if isinstance(one, dict) and "message" in one and one.keys() <= {"at", "message", "stream"}:
            event["timestamp"] = START + int(one.get("at", 1000 * place))
            event["logStream"] = one.get("stream", "s1")
            message = one["message"]
        text = message if isinstance(message, str) else json.dumps(message, ensure_ascii=False)
        event["message"] = text
        made.append(event)
    return made


def assert_rows(case: Case, columns: Sequence[str], rows: Sequence[Mapping[str, str]]) -> None:
    """The rows are the case's: numbers compare as numbers."""
    assert [column for column in columns if column != "@ptr"] == list(case.columns) or set(
        columns
    ) - {"@ptr"} == set(case.columns), columns
    found = [tuple(row.get(column) for column in case.columns) for row in rows]
    wanted = list(case.rows)
    if not case.ordered:
        found.sort(key=repr)
        wanted.sort(key=repr)
    assert len(found) == len(wanted), found
    for one, other in zip(found, wanted, strict=True):
        same = [_same(a, b, case.tolerance) for a, b in zip(one, other, strict=True)]
        assert all(same), f"found {found}\nwanted {wanted}"


def _same(found: str | None, wanted: str | None, tolerance: float) -> bool:
    if found == wanted:
        return True
    if found is None or wanted is None:
        return False
    try:
        return math.isclose(float(found), float(wanted), rel_tol=1e-9, abs_tol=tolerance)
    except ValueError:
        return False

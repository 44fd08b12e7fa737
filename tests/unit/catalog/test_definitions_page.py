"""Every file that docs/definitions.md shows loads, and nothing is wrong with it."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from tests.unit.catalog.cases import BASE, TODAY

from axonwatch.catalog.checking import check_definitions
from axonwatch.catalog.inventory import LIMITS
from axonwatch.catalog.page_text import PLACEHOLDERS
from axonwatch.catalog.project import find_project
from axonwatch.catalog.schema_check import schema
from axonwatch.diagnostics import Level

PAGE = (Path(__file__).parents[3] / "docs" / "definitions.md").read_text(encoding="utf-8")
FILES = re.findall(r"^```yaml (\S+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def test_the_files_of_the_page_load(tmp_path: Path) -> None:
    shutil.copytree(BASE, tmp_path, dirs_exist_ok=True)
    assert [name for name, _ in FILES] == [
        "alarms/database.yaml",
        "dashboards/database.yaml",
        "log_insights/refusals.yaml",
        "stack.yaml",
    ]
    for name, text in FILES:
        (tmp_path / name).write_text(text, encoding="utf-8")
    findings = check_definitions(find_project(stack_file=tmp_path / "stack.yaml"), today=TODAY)
    assert [one.title for one in findings if one.code not in {"untested-alarm", "lost-alarm"}] == []
    assert [one for one in findings if one.level is Level.ERROR] == []


def test_the_page_names_every_limit_placeholder_and_key() -> None:
    for limit in LIMITS:
        assert f"`{limit}`" in PAGE, limit
    for word in PLACEHOLDERS:
        assert f"{{{word}}}" in PAGE, word
    alarms = schema("alarms")["definitions"]
    for kind in ("alarm", "composite", "filter", "mute"):
        for key in alarms[kind]["properties"]:
            assert f"{key}:" in PAGE or f"`{key}" in PAGE, key
    for key in schema("stack")["properties"]:
        assert key in PAGE, key
    for key in schema("log_insights")["properties"]:
        assert key in PAGE, key

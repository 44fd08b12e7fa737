"""check knows AxonFlow's lines: fields and texts of queries that none of them has."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.catalog.cases import TODAY, lay_out

from axonwatch.catalog.checking import check_definitions
from axonwatch.catalog.project import find_project

REFUSED = "  | filter @message like /refused/\n"


@pytest.mark.parametrize(
    ("line", "title", "cure"),
    [
        ("filter levl = 'ERROR'", "no line of this group has a field `levl`", "`level`"),
        ("filter fields.duraton_ms > 5", "no line of this group has a field", "duration_ms`"),
        (
            "filter @message like /request blocked by static/",
            "no known line of this group holds `request blocked by static`",
            "`Request blocked by static`",
        ),
    ],
)
def test_what_no_line_has_is_said_with_what_lines_have(
    tmp_path: Path, line: str, title: str, cure: str
) -> None:
    change = ["log_insights/refusals.yaml", REFUSED, f"  | {line}\n"]
    lay_out({"change": [change]}, tmp_path)
    (found,) = check_definitions(find_project(stack_file=tmp_path / "stack.yaml"), today=TODAY)
    assert found.code == "doubtful-query"
    assert title in found.title
    assert cure in found.help
    assert found.span is not None
    assert found.span.line == 6


def test_values_and_other_fields_of_an_entry_are_nobodys_business(tmp_path: Path) -> None:
    line = "  | filter fields.shard = 'x' and @message like 'client-4711' and request_id like 'r'\n"
    lay_out({"change": [["log_insights/refusals.yaml", REFUSED, line]]}, tmp_path)
    assert check_definitions(find_project(stack_file=tmp_path / "stack.yaml"), today=TODAY) == []

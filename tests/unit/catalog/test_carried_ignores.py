"""Ignores of the definitions go with the pieces, so that a template is as clean as they are."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from tests.unit.catalog.cases import lay_out

from axonwatch.catalog.checking import check_template
from axonwatch.catalog.load import load_companion
from axonwatch.catalog.nodes import SourceText
from axonwatch.catalog.project import find_project
from axonwatch.catalog.template import parse_template, template_of
from axonwatch.diagnostics import InvalidInput
from axonwatch.model.companion import Companion
from axonwatch.model.ignored import Ignored

TODAY = date(2026, 11, 24)
ALARMS = "alarms/database.yaml"
SLOW = "  slow:\n"


def companion(folder: Path, *changes: tuple[str, str, str]) -> Companion:
    lay_out({"change": changes}, folder)
    return load_companion(find_project(stack_file=folder / "stack.yaml")).companion


def ignored_of(made: Companion) -> dict[str, tuple[Ignored, ...]]:
    alarms = {one.name: one.ignored for one in made.alarms}
    filters = {one.name: one.ignored for one in made.metric_filters}
    mutes = {one.name: one.ignored for one in made.mute_rules}
    views = {one.name: one.ignored for one in made.dashboards}
    queries = {one.name: one.ignored for one in made.queries}
    pieces = {**alarms, **filters, **mutes, **views, **queries}
    return {name: ignored for name, ignored in pieces.items() if ignored}


def test_without_a_comment_nothing_is_carried(tmp_path: Path) -> None:
    assert ignored_of(companion(tmp_path)) == {}


def test_a_comment_goes_with_the_alarm_that_it_stands_in(tmp_path: Path) -> None:
    comment = "  slow:  # axonwatch: ignore[short-period] until 2027-01-31 a new metric\n"
    made = companion(tmp_path, (ALARMS, SLOW, comment))
    assert ignored_of(made) == {
        "shop-prod-database-slow": (Ignored("short-period", "a new metric", "2027-01-31", ALARMS),)
    }


@pytest.mark.parametrize(
    "comment",
    ["ignore[missing-key] only definitions have this", "ignore[short-period] until soon x"],
)
def test_what_no_template_needs_stays_behind(tmp_path: Path, comment: str) -> None:
    made = companion(tmp_path, (ALARMS, SLOW, f"  slow:  # axonwatch: {comment}\n"))
    assert ignored_of(made) == {}


@pytest.mark.parametrize(
    ("file", "line", "name"),
    [
        (ALARMS, "    pattern: '\"connection refused\"'", "shop-prod-filter-refused"),
        (ALARMS, "    window: backup_window", "shop-prod-mute-backup"),
        ("dashboards/database.yaml", "title:", "shop-prod-database"),
        ("log_insights/refusals.yaml", "title:", "refusals"),
    ],
)
def test_every_kind_of_piece_takes_its_comments_along(
    tmp_path: Path, file: str, line: str, name: str
) -> None:
    indent = line[: len(line) - len(line.lstrip())]
    comment = f"{indent}# axonwatch: ignore[dead-pattern] seen\n{line}"
    made = companion(tmp_path, (file, line, comment))
    assert list(ignored_of(made)) == [name]


def test_a_comment_in_an_override_goes_with_the_alarm(tmp_path: Path) -> None:
    override = (
        "override:\n  database/slow:\n    period: 1m  # axonwatch: ignore[short-period] measured\n"
    )
    made = companion(tmp_path, ("stack.yaml", "severities:", f"{override}severities:"))
    assert list(ignored_of(made)) == ["shop-prod-database-slow"]


ALARM = """{"Type":"AWS::CloudWatch::Alarm","Properties":{"Namespace":"AWS/RDS","MetricName":\
"CPUUtilization","Statistic":"Average","Period":60,"EvaluationPeriods":1,"Threshold":200,\
"ComparisonOperator":"GreaterThanThreshold"}%s}"""
NOTED = ',"Metadata":{"axonwatch":{"ignore":[%s]}}'
KNOWN = '{"code":"threshold-out-of-range","reason":"known"}'


def found(text: str) -> list[str]:
    node, faults = parse_template(SourceText("template", text))
    if faults or node is None:
        raise InvalidInput(faults)
    return [f"{one.code} {one.title}" for one in check_template(template_of(node), today=TODAY)]


def test_in_one_line_an_ignore_covers_its_own_resource_only() -> None:
    first, second = ALARM % (NOTED % KNOWN), ALARM % ""
    text = f'{{"Resources":{{"First":{first},"Second":{second}}}}}'
    assert [("`Second`" in one) for one in found(text)] == [True]


def test_a_copy_is_not_judged_for_being_of_use() -> None:
    unused = '{"code":"short-period","reason":"known"%s}'
    text = '{"Resources":{"A":' + ALARM.replace("200", "90") % (NOTED % unused) + "}}"
    assert found(text % "") == ["unused-ignore the ignore of `short-period` covers no finding"]
    assert found(text % ',"from":"alarms/database.yaml"') == []

"""Templates as people publish them: right findings, no false claims, and never a traceback."""

from __future__ import annotations

import json
import random
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from axonwatch.catalog.checking import check_template
from axonwatch.catalog.nodes import SourceText, plain
from axonwatch.catalog.template import Template, parse_template, read_template, template_of
from axonwatch.diagnostics import InvalidInput
from axonwatch.model.alarms import CompositeAlarm, MetricAlarm

CASES = Path(__file__).parents[2] / "cases"
TEMPLATES = sorted((CASES / "templates").iterdir())
RIGHT = sorted((CASES / "page_path").glob("right*"))
MUTANTS = yaml.safe_load((CASES / "page_path" / "mutants.yaml").read_text(encoding="utf-8"))
MORE = yaml.safe_load((CASES / "page_path" / "more_mutants.yaml").read_text(encoding="utf-8"))
VARIANTS = yaml.safe_load((CASES / "page_path" / "variants.yaml").read_text(encoding="utf-8"))
TODAY = date(2026, 11, 24)


def read(text: str) -> Template:
    node, faults = parse_template(SourceText("template", text))
    if faults or node is None:
        raise InvalidInput(faults)
    return template_of(node)


def codes(text: str) -> set[str]:
    return {one.code for one in check_template(read(text), today=TODAY)}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_published_template_gives_what_its_first_line_says(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    first = re.search(r"^# finds:(.*)$", text, re.MULTILINE)
    expected = {one.strip() for one in (first[1] if first else "").split(",")} - {""}
    assert codes(text) == expected


@pytest.mark.parametrize("path", RIGHT, ids=lambda path: path.name)
def test_a_right_page_path_is_clean(path: Path) -> None:
    assert codes(path.read_text(encoding="utf-8")) == set()


def test_there_are_five_right_variants_and_twenty_mutants() -> None:
    assert len(RIGHT) >= 5
    assert [one["number"] for one in MUTANTS] == list(range(1, 21))


def changed(case: dict[str, Any]) -> str:
    """The right template with the changes of a case."""
    text = (CASES / "page_path" / "right.yaml").read_text(encoding="utf-8")
    for key in ("change", "also"):
        if key in case:
            old, new = case[key]
            assert old in text
            text = text.replace(old, new, 1)
    return text


@pytest.mark.parametrize("mutant", [*MUTANTS, *MORE], ids=lambda one: one["name"])
def test_each_mutant_of_the_page_path_is_named(mutant: dict[str, Any]) -> None:
    assert codes(changed(mutant)) == {mutant["code"]}


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda one: one["name"])
def test_no_right_variant_of_the_page_path_is_accused(variant: dict[str, Any]) -> None:
    assert codes(changed(variant)) == set()


@pytest.mark.parametrize(("export", "claimed"), [("", True), (", Export: {Name: page}", False)])
def test_only_an_exported_topic_may_have_subscribers_elsewhere(
    export: str, *, claimed: bool
) -> None:
    text = (CASES / "page_path" / "right.yaml").read_text(encoding="utf-8")
    text = text.replace("TopicArn: !Ref Page", "TopicArn: !Ref Ticket")
    text += f"Outputs:\n  Page: {{Value: !Ref Page{export}}}\n"
    assert ("topic-without-subscriber" in codes(text)) == claimed


def test_json_and_yaml_of_one_template_are_read_alike() -> None:
    text = (CASES / "page_path" / "right.yaml").read_text(encoding="utf-8")
    node, _ = parse_template(SourceText("template", text))
    again = read_template(json.loads(json.dumps(plain(node))))
    assert again.alarms == read(text).alarms


def test_intrinsic_functions_are_resolved_where_they_can_be() -> None:
    template = read_template(CASES / "templates" / "database.yaml")
    cpu = next(one.piece for one in template.subjects if one.key == "Cpu")
    assert isinstance(cpu, MetricAlarm)
    assert cpu.threshold == 90  # the same in every environment
    connections = next(one for one in template.subjects if one.key == "Connections")
    assert not connections.knows("threshold")
    assert connections.piece not in template.alarms


def test_rules_name_the_alarms_of_the_template() -> None:
    template = read_template(CASES / "templates" / "composite.yaml")
    both = next(one.piece for one in template.subjects if one.key == "Both")
    assert isinstance(both, CompositeAlarm)
    assert both.rule == 'ALARM("A") AND (ALARM(B) OR ALARM("somewhere-else"))'


def test_what_rests_on_a_default_is_evaluated_but_not_judged() -> None:
    text = """
    Parameters: {Most: {Type: Number, Default: 200}}
    Resources:
      A:
        Type: AWS::CloudWatch::Alarm
        Properties: {Namespace: AWS/RDS, MetricName: CPUUtilization, Statistic: Average, Period: 60,
          EvaluationPeriods: 1, Threshold: !Ref Most, ComparisonOperator: GreaterThanThreshold}
    """
    template = read(text)
    assert [a.threshold for a in template.alarms if isinstance(a, MetricAlarm)] == [200]
    assert codes(text) == set()
    assert codes(text.replace("!Ref Most", "200")) == {"threshold-out-of-range"}


@pytest.mark.parametrize("number", ["Infinity", "-Infinity", "NaN", "1e999", '"1e999"', "1e400"])
def test_a_number_that_is_none_places_no_widget(number: str) -> None:
    widget = f'{{"type":"text","x":{number},"y":0,"width":6,"properties":{{"markdown":"x"}}}}'
    board = {
        "Type": "AWS::CloudWatch::Dashboard",
        "Properties": {"DashboardBody": f'{{"widgets":[{widget},{widget}]}}'},
    }
    assert codes(json.dumps({"Resources": {"Board": board}})) == set()


@pytest.mark.parametrize(("threshold", "claimed"), [(0, False), (100, True)])
def test_the_sum_of_a_gauge_tells_whether_there_is_anything(
    threshold: int, *, claimed: bool
) -> None:
    text = f"""
    Resources:
      A:
        Type: AWS::CloudWatch::Alarm
        Properties: {{AlarmDescription: "https://wiki.example.com/runbook", Namespace: AWS/SQS,
          MetricName: ApproximateNumberOfMessagesVisible, Statistic: Sum, Period: 300,
          Dimensions: [{{Name: QueueName, Value: lost}}], EvaluationPeriods: 1,
          Threshold: {threshold}, ComparisonOperator: GreaterThanThreshold,
          TreatMissingData: notBreaching}}
    """
    assert codes(text) == ({"meaningless-statistic"} if claimed else set())


def _mutate(value: object, chance: random.Random, depth: int = 0) -> object:
    """Something else somewhere: another type, an intrinsic, nothing."""
    if chance.random() < 0.06:
        odd: list[object] = [
            None, 0, -1, "", "x", [], {}, True, 1e300, "${", "${A}", {"Ref": "Nobody"}, {"Fn::If": 1},
            {"Fn::Sub": ["${x}", {"x": {"Ref": "AWS::NoValue"}}]}, {"Fn::Join": []}, {"Ref": []},
            {"Fn::Select": [0, []]}, {"Fn::FindInMap": ["a", "b"]}, {"Fn::GetAtt": "A.B.C"},
            {"Fn::Split": ["", "x"]}, [[]], "arn:aws:sns:::", {"Fn::Transform": {"Name": "x"}},
        ]  # fmt: skip
        return chance.choice(odd)
    if isinstance(value, dict):
        return {
            key: _mutate(inner, chance, depth + 1)
            for key, inner in value.items()
            if depth < 2 or chance.random() > 0.05
        }
    if isinstance(value, list):
        return [_mutate(inner, chance, depth + 1) for inner in value]
    return value


@pytest.mark.parametrize("path", [*TEMPLATES, *RIGHT], ids=lambda path: path.name)
def test_a_damaged_template_never_ends_in_a_traceback(path: Path) -> None:
    node, _ = parse_template(SourceText("template", path.read_text(encoding="utf-8")))
    whole = plain(node)
    for seed in range(60):
        damaged = _mutate(whole, random.Random(seed))  # noqa: S311 - no secrets are made
        if not isinstance(damaged, dict):
            continue
        try:
            template = read_template(damaged)
        except InvalidInput:
            continue
        check_template(template, today=TODAY)
        assert isinstance(template.alarms, tuple)

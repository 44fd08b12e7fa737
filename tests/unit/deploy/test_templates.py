"""What holds for every template of the companion, whatever its definitions say."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from tests.unit.deploy import samples
from tests.unit.deploy.samples import companion as of

from axonwatch.deploy.synthesis import (
    MAX_BODY_BYTES,
    StackTemplate,
    minified,
    refuse_large,
    synthesize_companion,
)
from axonwatch.diagnostics import InvalidInput
from axonwatch.model.alarms import Severity
from axonwatch.model.companion import Companion
from axonwatch.model.dashboards import Place, TextWidget

WARN_BYTES = 45_000  # from here on a deployment says that a template is large


def test_the_stacks_come_in_the_order_of_their_deployment(
    companion: Companion, templates: tuple[StackTemplate, ...]
) -> None:
    made = [template.stack_name for template in templates]
    assert made == [name for name in companion.names.stacks if name in made]
    assert made[0] == companion.names.companion_stack


def test_each_body_is_sent_without_a_bucket(templates: tuple[StackTemplate, ...]) -> None:
    assert {t.stack_name: t.size for t in templates if t.size >= WARN_BYTES} == {}


def test_each_body_is_small_for_the_command_line_of_cdk_too(
    templates: tuple[StackTemplate, ...],
) -> None:
    """It writes a template as YAML, and counts that; JSON with line breaks is never shorter."""
    written = {t.stack_name: len(json.dumps(json.loads(t.body), indent=1)) for t in templates}
    assert {name: size for name, size in written.items() if size > MAX_BODY_BYTES} == {}


def test_bodies_are_minified_json(templates: tuple[StackTemplate, ...]) -> None:
    assert all(template.body == minified(json.loads(template.body)) for template in templates)


@pytest.mark.parametrize(
    "forbidden",
    ["Fn::ImportValue", "AWS::Lambda::Function", "AssetParameters", "BootstrapVersion",
     "cdk-hnb659fds", "AWS::CDK::Metadata", "aws:cdk:path", "arn:aws:", "Fn::Transform"],
)  # fmt: skip
def test_nothing_of_this_is_in_a_body(templates: tuple[StackTemplate, ...], forbidden: str) -> None:
    assert [t.stack_name for t in templates if forbidden in t.body] == []


def test_a_template_has_resources_and_nothing_to_answer(
    templates: tuple[StackTemplate, ...],
) -> None:
    """No parameter to fill in, no output that another stack could lock."""
    for template in templates:
        assert set(json.loads(template.body)) == {"Description", "Resources"}


def test_every_name_is_in_one_template_only(resources: dict[str, Any]) -> None:
    keys = ("AlarmName", "DashboardName", "FilterName", "TopicName", "QueueName", "Name")
    names = [
        (resource["Type"], resource["Properties"][key])
        for resource in resources.values()
        for key in keys
        if key in resource["Properties"]
    ]
    assert len(names) == len(set(names))


def test_what_a_resource_waits_for_stands_in_its_own_template(
    templates: tuple[StackTemplate, ...],
) -> None:
    for template in templates:
        parts = json.loads(template.body)["Resources"]
        for resource in parts.values():
            assert set(resource.get("DependsOn", [])) <= set(parts)


def test_no_composite_or_mute_rule_stands_before_what_it_names(
    companion: Companion, templates: tuple[StackTemplate, ...]
) -> None:
    place = {
        resource["Properties"]["AlarmName"]: (number, name)
        for number, template in enumerate(templates)
        for name, resource in json.loads(template.body)["Resources"].items()
        if "AlarmName" in resource["Properties"]
    }
    waits = {
        (number, name): set(resource.get("DependsOn", []))
        for number, template in enumerate(templates)
        for name, resource in json.loads(template.body)["Resources"].items()
    }
    for alarm in companion.composite_alarms:
        here = place[alarm.name]
        named = [name for name in place if f'"{name}"' in alarm.rule or f"({name})" in alarm.rule]
        assert named, alarm.rule
        for number, name in (place[child] for child in named):
            assert number < here[0] or (number == here[0] and name in waits[here])


def test_where_an_alarm_stands_follows_from_its_part_alone(companion: Companion) -> None:
    """Half of the definitions gone, and each alarm left is where it was."""

    def places(whole: Companion) -> dict[str, str]:
        return {
            resource["Properties"]["AlarmName"]: template.stack_name
            for template in synthesize_companion(whole)
            for resource in json.loads(template.body)["Resources"].values()
            if "AlarmName" in resource["Properties"]
        }

    before = places(companion)
    composite = {alarm.name for alarm in companion.composite_alarms}
    kept = tuple(a for n, a in enumerate(companion.alarms) if n % 2 and a.name not in composite)
    after = places(replace(companion, alarms=kept, mute_rules=()))
    assert after == {name: stack for name, stack in before.items() if name in after}


def test_the_same_definitions_give_the_same_bytes(
    companion: Companion, templates: tuple[StackTemplate, ...]
) -> None:
    assert synthesize_companion(companion) == templates


def test_every_alarm_tells_where_it_is_defined(
    companion: Companion, templates: tuple[StackTemplate, ...]
) -> None:
    spans = {span for template in templates for span in template.origins.values()}
    assert {alarm.origin for alarm in companion.alarms} <= spans
    for template in templates:
        assert set(template.origins) <= set(json.loads(template.body)["Resources"])


def test_tags_go_with_the_stack_and_not_into_every_resource() -> None:
    (template,) = synthesize_companion(of(samples.METRIC_FULL, tags=(("team", "platform"),)))
    assert template.tags == (("team", "platform"),)
    assert "platform" not in template.body


@pytest.mark.parametrize(
    ("region", "partition"),
    [("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov"), ("eusc-de-east-1", "aws-eusc")],
)
def test_a_companion_fits_its_partition(companion: Companion, region: str, partition: str) -> None:
    inventory = replace(companion.inventory, region=region, partition=partition)
    actions = {
        alarm.name: replace(
            alarm.actions,
            alarm=tuple(_moved(arn, region, partition) for arn in alarm.actions.alarm),
            ok=tuple(_moved(arn, region, partition) for arn in alarm.actions.ok),
        )
        for alarm in companion.alarms
    }
    alarms = tuple(replace(alarm, actions=actions[alarm.name]) for alarm in companion.alarms)
    moved = synthesize_companion(replace(companion, inventory=inventory, alarms=alarms))
    text = "".join(template.body for template in moved)
    assert not re.findall(r"arn:aws[a-z-]*:", text), "a partition is never spelled out"
    hosts = set(re.findall(r"[\w.-]*amazonaws\.com[\w.]*", text))
    assert {host.count(".") for host in hosts} <= {2, 3}
    assert all(host.endswith("amazonaws.com") for host in hosts), "service principals only"


def _moved(arn: str, region: str, partition: str) -> str:
    name = arn.rpartition(":")[2]
    return f"arn:{partition}:sns:{region}:111122223333:{name}"


def test_a_dashboard_without_room_stands_with_the_views() -> None:
    wordy = [
        replace(samples.METRIC_FULL, name=f"shop-prod-database-{n}", description="x" * 900,
                about=samples.about("database", Severity.TICKET))
        for n in range(27)
    ]  # fmt: skip
    text = TextWidget(place=Place(0, 0, 24, 2), markdown="y" * 9_000)
    board = replace(samples.DASHBOARD_FULL, widgets=(text,))
    made = {t.stack_name: t for t in synthesize_companion(of(*wordy, dashboards=(board,)))}
    assert "DashboardDatabase" not in made["shop-prod-observability-database"].body
    assert "DashboardDatabase" in made["shop-prod-observability-views"].body
    few = synthesize_companion(of(*wordy[:5], dashboards=(board,)))
    assert [t.stack_name for t in few if "DashboardDatabase" in t.body] == [
        "shop-prod-observability-database"
    ]


def test_views_go_on_in_a_further_stack_when_one_is_full() -> None:
    queries = tuple(
        replace(samples.QUERY_FULL, name=f"q{n}", text="fields @message " + "z" * 9_000)
        for n in range(8)
    )
    made = synthesize_companion(of(queries=queries))
    assert [t.stack_name for t in made] == [
        "shop-prod-observability",
        "shop-prod-observability-views",
        "shop-prod-observability-views-2",
    ]
    assert all(template.size < MAX_BODY_BYTES for template in made)


def test_too_many_alarms_for_one_part_are_refused_with_the_largest_named() -> None:
    wordy = [
        replace(samples.METRIC_FULL, name=f"shop-prod-agent-{n}", description="é" * 1_000,
                about=samples.about("agent"))
        for n in range(30)
    ]  # fmt: skip
    with pytest.raises(InvalidInput) as refused:
        synthesize_companion(of(*wordy))
    (finding,) = refused.value.diagnostics
    assert finding.code == "template-too-large"
    assert "`shop-prod-observability-agent` has " in finding.title
    assert "Agent" in finding.help


def test_bytes_are_counted_and_not_characters() -> None:
    body = minified({"Resources": {"A": {"Type": "x", "Properties": {"Text": "é" * 25_590}}}})
    assert len(body) < MAX_BODY_BYTES
    with pytest.raises(InvalidInput):
        refuse_large([StackTemplate("s", body)])

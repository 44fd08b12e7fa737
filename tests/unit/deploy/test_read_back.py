"""What is tested is what is deployed: the templates, read back, are the model again."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from tests.unit.deploy.test_kinds import CASES

from axonwatch.catalog.template import read_template
from axonwatch.deploy.synthesis import StackTemplate, synthesize_companion
from axonwatch.model.alarms import Actions, Alarm
from axonwatch.model.companion import Companion

# The inventory knows a certificate by its id, its metric has the ARN with the account.
CERTIFICATE = re.compile(r'\{"Fn::Sub":"arn:[^"]+:certificate/([^"]+)"\}')


def bare(alarm: Alarm) -> Alarm:
    """Without what only a definition knows, and with topics by their name."""
    actions = alarm.actions
    return replace(
        alarm,
        about=None,
        origin=None,
        actions=Actions(
            alarm=_names(actions.alarm),
            ok=_names(actions.ok),
            insufficient_data=_names(actions.insufficient_data),
            enabled=actions.enabled,
        ),
    )


def _names(targets: tuple[str, ...]) -> tuple[str, ...]:
    """`page` and `ticket`, from a reference within a template or from a topic's name."""
    return tuple(
        re.sub(r"\$\{(\w+)Topic\}|.*-alerts-(\w+)", r"\1\2", target).lower() for target in targets
    )


def read_back(templates: tuple[StackTemplate, ...]) -> dict[str, Any]:
    """Alarms, filters, mute rules and queries of all templates by kind and name."""
    found: dict[str, Any] = {"alarms": {}, "metric_filters": {}, "mute_rules": {}, "queries": {}}
    for template in templates:
        read = read_template(json.loads(CERTIFICATE.sub(r'"\1"', template.body)))
        assert not read.diagnostics
        for kind, pieces in found.items():
            pieces |= {piece.name: piece for piece in getattr(read, kind)}
    return found


def agree(companion: Companion, templates: tuple[StackTemplate, ...]) -> None:
    found = read_back(templates)
    assert set(found["alarms"]) == {alarm.name for alarm in companion.alarms}
    for alarm in companion.alarms:
        assert bare(found["alarms"][alarm.name]) == bare(alarm)
    for source in companion.metric_filters:
        assert found["metric_filters"][source.name] == replace(source, origin=None)
    for rule in companion.mute_rules:
        assert found["mute_rules"][rule.name] == replace(rule, origin=None)
    texts = {query.text: query.log_groups for query in found["queries"].values()}
    assert texts == {query.text: query.log_groups for query in companion.queries}


def test_the_definitions_of_this_repository_come_back(
    companion: Companion, templates: tuple[StackTemplate, ...]
) -> None:
    agree(companion, templates)


@pytest.mark.parametrize("kind", CASES)
def test_every_kind_comes_back_with_everything_on(kind: str) -> None:
    whole, _ = CASES[kind]
    agree(whole, synthesize_companion(whole))


def test_dashboards_come_back_with_their_widgets(
    companion: Companion, templates: tuple[StackTemplate, ...]
) -> None:
    read = {
        board.name: board
        for template in templates
        for board in read_template(json.loads(template.body)).dashboards
    }
    for board in companion.dashboards:
        back = read[board.name]
        assert [widget.place for widget in back.widgets] == [w.place for w in board.widgets]
        assert [widget.title for widget in back.widgets] == [w.title for w in board.widgets]
        assert [type(widget) for widget in back.widgets] == [type(w) for w in board.widgets]

"""Any CloudFormation template, YAML or JSON, read back into the model: what is tested is deployed.

Intrinsic functions are resolved where a template alone tells their value. Everything that it does
not tell is noted, so that checks claim nothing about it. Never raises but `InvalidInput`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from axonwatch.catalog.cloudformation.alarms import read_composite_alarm, read_metric_alarm
from axonwatch.catalog.cloudformation.dashboards import read_dashboard, read_query
from axonwatch.catalog.cloudformation.logs import (
    read_log_alarm,
    read_metric_filter,
    read_mute_rule,
)
from axonwatch.catalog.cloudformation.resolve import Resolver
from axonwatch.catalog.cloudformation.resource import Resource, read_resources
from axonwatch.catalog.json_source import parse_json
from axonwatch.catalog.nodes import MapNode, Node, SourceText
from axonwatch.catalog.reading import read_text, refuse
from axonwatch.catalog.source import parse_yaml
from axonwatch.catalog.subject import Subject
from axonwatch.diagnostics import Diagnostic, InvalidInput, Level, Span
from axonwatch.model.alarms import Alarm, CompositeAlarm, MetricFilter, MuteRule
from axonwatch.model.dashboards import Dashboard
from axonwatch.model.queries import SavedQuery
from axonwatch.syntax.alarm_rule import parse_rule
from axonwatch.syntax.text import SyntaxFault

# What an alarm must tell to be evaluated.
EVALUABLE = frozenset(
    {"source", "comparison", "window", "threshold", "datapoints", "rule", "query"}
)
_READERS = {
    "AWS::CloudWatch::Alarm": read_metric_alarm,
    "AWS::CloudWatch::CompositeAlarm": read_composite_alarm,
    "AWS::CloudWatch::LogAlarm": read_log_alarm,
}


@dataclass(frozen=True, eq=False)
class Template:
    """A template's share of CloudWatch. `subjects` hold every alarm, `alarms` what is evaluable.

    `siblings` are templates that are deployed with it: a page's path may lead through them.
    """

    file: str
    root: MapNode
    resources: Mapping[str, Resource]
    subjects: tuple[Subject[Alarm], ...] = ()
    filter_subjects: tuple[Subject[MetricFilter], ...] = ()
    mute_subjects: tuple[Subject[MuteRule], ...] = ()
    dashboard_subjects: tuple[Subject[Dashboard], ...] = ()
    query_subjects: tuple[Subject[SavedQuery], ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    parameters: frozenset[str] = frozenset()
    has_macros: bool = False
    unknown: Mapping[str, frozenset[str]] = field(default_factory=dict)
    siblings: tuple[Template, ...] = ()

    @property
    def alarms(self) -> tuple[Alarm, ...]:
        """The alarms that the template tells enough of to evaluate them."""
        return tuple(
            one.piece
            for one in self.subjects
            if not EVALUABLE & {f.split()[0] for f in one.unknown}
        )

    @property
    def metric_filters(self) -> tuple[MetricFilter, ...]:
        """The metric filters."""
        return tuple(one.piece for one in self.filter_subjects)

    @property
    def mute_rules(self) -> tuple[MuteRule, ...]:
        """The mute rules."""
        return tuple(one.piece for one in self.mute_subjects)

    @property
    def dashboards(self) -> tuple[Dashboard, ...]:
        """The dashboards."""
        return tuple(one.piece for one in self.dashboard_subjects)

    @property
    def queries(self) -> tuple[SavedQuery, ...]:
        """The saved queries."""
        return tuple(one.piece for one in self.query_subjects)


def read_template(
    source: Path | str | Mapping[str, Any], *, parameters: Mapping[str, str] | None = None
) -> Template:
    """The template of a file, or of a mapping such as CDK's `template.to_json()`.

    `parameters` give values in place of defaults. Raises InvalidInput with every finding.
    """
    if isinstance(source, Mapping):
        text = SourceText("template", json.dumps(source, indent=1, default=str))
        node, findings = parse_json(text)
    else:
        node, findings = parse_template(read_text(Path(source)))
    if findings or node is None:
        raise InvalidInput(findings or [_not_a_template(str(source), None)])
    return template_of(node, parameters)


def parse_template(source: SourceText) -> tuple[Node | None, tuple[Diagnostic, ...]]:
    """The tree of a template's text, JSON or YAML with short intrinsics."""
    if source.text.lstrip()[:1] == "{":
        node, findings = parse_json(source)
        if node is not None and not findings:
            return node, findings
        flow, faults = parse_yaml(source, intrinsics=True)  # a YAML flow mapping
        return (flow, faults) if not faults and flow is not None else (node, findings)
    return parse_yaml(source, intrinsics=True)


def _not_a_template(file: str, span: Span | None) -> Diagnostic:
    title = f"`{file}` is not a CloudFormation template"
    return refuse("not-a-template", title, span, help="a template has a mapping `Resources`")


def template_of(node: Node, parameters: Mapping[str, str] | None = None) -> Template:
    """The template that a tree holds. Raises InvalidInput if it is none."""
    file = node.source.file
    if not isinstance(node, MapNode) or not isinstance(node.get("Resources"), MapNode):
        raise InvalidInput([_not_a_template(file, Span.point(file))])
    resolver = Resolver(node, given=dict(parameters or {}))
    resources = read_resources(node, resolver)
    subjects: list[Subject[Alarm]] = []
    filters = []
    mutes = []
    dashboards = []
    queries = []
    findings = []
    for resource in resources.values():
        read = _READERS.get(resource.type)
        if read is not None:
            subjects.append(read(resource))
        elif resource.type == "AWS::Logs::MetricFilter":
            filters.append(read_metric_filter(resource))
        elif resource.type == "AWS::CloudWatch::AlarmMuteRule":
            mutes.append(read_mute_rule(resource))
        elif resource.type == "AWS::CloudWatch::Dashboard":
            dashboard, fault = read_dashboard(resource)
            dashboards.append(dashboard)
            if fault:
                title = f"the body of dashboard `{resource.id}` is not JSON: {fault}"
                span = resource.at("DashboardBody")
                cure = "CloudWatch refuses the dashboard; correct the body"
                findings.append(Diagnostic("broken-dashboard", Level.ERROR, title, span, "", cure))
        elif resource.type == "AWS::Logs::QueryDefinition":
            queries.append(read_query(resource))
    subjects = [_with_names(one, subjects) for one in subjects]
    return Template(
        file=file,
        root=node,
        resources=resources,
        subjects=tuple(subjects),
        filter_subjects=tuple(filters),
        mute_subjects=tuple(mutes),
        dashboard_subjects=tuple(dashboards),
        query_subjects=tuple(queries),
        diagnostics=tuple(findings),
        parameters=_keys(node, "Parameters"),
        has_macros=_has_macros(node),
        unknown={one.piece.name: one.unknown for one in subjects},
    )


_REFERENCE = re.compile(r"\$\{([A-Za-z0-9]+)(?:\.Arn)?\}")


def _with_names(subject: Subject[Alarm], subjects: Sequence[Subject[Alarm]]) -> Subject[Alarm]:
    """The composite with alarm names in place of references to alarms of the template."""
    alarm = subject.piece
    if not isinstance(alarm, CompositeAlarm):
        return subject
    names = {one.key: one.piece.name for one in subjects}

    def named(text: str) -> str:
        return _REFERENCE.sub(lambda match: names.get(match[1], match[0]), text)

    rule = named(alarm.rule)
    suppressor = named(alarm.suppressor) if alarm.suppressor else None
    unknown = set(subject.unknown)
    if rule and _parses(rule):
        unknown.discard("rule")
    if suppressor in names.values():
        unknown.discard("suppressor")
    piece = replace(alarm, rule=rule, suppressor=suppressor)
    return replace(subject, piece=piece, unknown=frozenset(unknown))


def _parses(rule: str) -> bool:
    try:
        parse_rule(rule)
    except SyntaxFault:
        return False
    return True


def _keys(node: MapNode, name: str) -> frozenset[str]:
    section = node.get(name)
    return frozenset(section.entries) if isinstance(section, MapNode) else frozenset()


def _has_macros(node: MapNode) -> bool:
    """Whether a transform, or `Fn::ForEach`, makes resources that the template does not show."""
    section = node.get("Resources")
    keys = section.entries if isinstance(section, MapNode) else {}
    return "Transform" in node or any(key.startswith("Fn::") for key in keys)
